#!/usr/bin/env python3
"""Test drivers.py on made-up records: it must know each kind, and report all other differences."""
import contextlib
import io
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import drivers                                                      # noqa: E402
import tap                                                          # noqa: E402

PARAMS = " 48000 S16_LE 2"


def block(what, be=0, params=PARAMS):
    """The calls of a BE with one codec"""
    arguments = params if what == "hw_params" else ""
    calls = [" BE%d-link p %s%s" % (be, what, arguments), " codec%d-0 p %s%s" % (be, what, arguments),
             " be%d p %s%s" % (be, what, arguments), " BE%d-component p %s%s" % (be, what, arguments)]
    mute = {"hw_free": "1", "prepare": "0"}.get(what)
    mutes = [" be%d p mute %s" % (be, mute), " codec%d-0 p mute %s" % (be, mute)] if mute else []
    return mutes + calls if what == "hw_free" else calls + mutes


def record(*operations):
    """A record of one sequence: names and calls of operations"""
    lines = ["card order=0", "sequence 1"]
    for name, calls in operations:
        lines += [name, *calls]
    return drivers.Record(lines)


class Drivers(unittest.TestCase):
    def compare(self, stock, ours):
        """The output, and the failures"""
        count, out = tap.Count("test"), io.StringIO()
        with contextlib.redirect_stdout(out):
            drivers.compare(count, record(*stock), record(*ours))
        return set(drivers.Differences(record(*stock), record(*ours)).kinds), count.failed

    def test_same(self):
        calls = [("H0", block("hw_params")), ("P0", block("prepare"))]
        self.assertEqual(self.compare(calls, calls), (set(), 0))

    def test_nothing(self):
        count = tap.Count("test")
        with contextlib.redirect_stdout(io.StringIO()):
            drivers.compare(count, drivers.Record([]), drivers.Record([]))
        self.assertEqual(count.failed, 1)

    def test_other_operations(self):
        self.assertEqual(self.compare([("O0", [])], [("O1", [])])[1], 1)

    def test_fixup(self):
        """Linux 6.1 calls the fixup of a BE in the middle of its hw_params"""
        first = block("hw_params")
        for be, kinds in (0, {drivers.SHARED}), (1, {drivers.SHARED, None}):
            again = first[:2] + [" BE%d-link - fixup%s" % (be, PARAMS)] + first[2:]
            stock = [("H0", first), ("H1", again)]
            self.assertEqual(self.compare(stock, [("H0", first), ("H1", [])])[0], kinds)

    def test_kinds(self):
        """For each kind: the calls before it on both, then those on stock or on ours only"""
        configured, prepared = block("hw_params"), block("hw_params") + block("prepare")
        freed = configured + block("hw_free")
        for kind, before, stock, ours in (
                (drivers.CONFIGURED_AGAIN, prepared, [], block("hw_params")),
                (drivers.PREPARED_AGAIN, configured, [], block("prepare")),
                (drivers.SHARED, configured, block("hw_params"), []),
                (drivers.FREED_EARLY, prepared, [], block("hw_free")),
                (drivers.FREED_TWICE, freed, block("hw_free"), [])):
            self.assertEqual(self.compare([("H0", before), ("x", stock)], [("H0", before), ("x", ours)]),
                             ({kind}, 0), kind)

    def test_freed_later(self):
        """A hw_free that comes early in the patched kernel may come later in stock."""
        before = block("hw_params")
        self.assertEqual(self.compare([("H0", before), ("F0", []), ("C0", block("hw_free"))],
                                      [("H0", before), ("F0", block("hw_free")), ("C0", [])]),
                         ({drivers.FREED_EARLY}, 0))

    def test_planted(self):
        """None of these differences is a kind."""
        configured, prepared = block("hw_params"), block("hw_params") + block("prepare")
        other = block("hw_params", params=" 44100 S16_LE 2")
        for before, stock, ours in (
                (prepared, [], block("prepare")),                   # prepared twice
                (configured, block("prepare"), []),                 # not prepared
                (configured, other, []),                            # not configured
                (configured, [], other),
                ([], block("hw_params"), other),
                (configured, block("hw_free"), []),                 # not freed
                ([], [], block("hw_free")),                         # freed without parameters
                (configured, block("prepare"), block("prepare")[:-1]),      # a mute is missing
                (configured, block("prepare"), block("prepare")[::-1]),     # another order
                (prepared, [" be0 p trigger START"], [" be0 p trigger RESUME"]),
                (prepared, [" be0 p trigger START", " FE0-link p trigger START"],
                 [" FE0-link p trigger START", " be0 p trigger START"]),
                (prepared, [" BE0 Mixer - power on"], []),
                (prepared, block("hw_free") + [" be0 p shutdown"], [" be0 p shutdown"] + block("hw_free"))):
            kinds, failed = self.compare([("H0", before), ("x", stock)], [("H0", before), ("x", ours)])
            self.assertIn(None, kinds, (stock, ours))
            self.assertEqual(failed, 1)


if __name__ == "__main__":
    unittest.main()
