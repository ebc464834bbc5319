#!/usr/bin/python3
"""Test how mistakes.py judges a boot."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mistakes                                                     # noqa: E402

TESTS = "lab: begin nc-route\nok 1 playback\nlab: end nc-route 0\n"
LINE = "<3>nc1-fe 5f000100.audio-fe: /soc/audio-fe@5f000100: clocks: no clock for \"bus\"; give one that exists\n"
OTHER = LINE.replace("5f000100", "5f000200")


class Judge(unittest.TestCase):
    """Boots with and without a mistake."""

    def judge(self, dmesg, live=TESTS):
        """Whether a boot with this log and these results is right."""
        with tempfile.TemporaryDirectory() as top:
            for name, log, results in ("base", "<6>nothing\n", TESTS), ("boot", dmesg, live):
                os.mkdir(os.path.join(top, name))
                for file, text in ("dmesg", log), ("live.log", results):
                    with open(os.path.join(top, name, file), "w", encoding="utf-8") as out:
                        out.write(text)
            return mistakes.judge(os.path.join(top, "base"), os.path.join(top, "boot"))[0]

    def test_right(self):
        """No effect, or one line of a driver."""
        self.assertTrue(self.judge("<6>nothing\n"))
        self.assertTrue(self.judge(LINE, ""))

    def test_wrong(self):
        """Silent, two lines, an Oops, or no log."""
        self.assertFalse(self.judge("<6>nothing\n", TESTS.replace("ok 1", "not ok 1")))
        self.assertFalse(self.judge("<6>nothing\n", ""))
        self.assertFalse(self.judge(LINE + OTHER, ""))
        self.assertFalse(self.judge(LINE + "<1>Internal error: Oops\n", ""))
        self.assertFalse(self.judge("", ""))


if __name__ == "__main__":
    unittest.main()
