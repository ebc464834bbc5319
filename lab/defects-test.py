#!/usr/bin/env python3
"""Tests of defects.py, and of the table of tap.py that it reads."""
import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import defects                                                      # noqa: E402
import tap                                                          # noqa: E402

LIVE = """\
lab: stands dpcm-rows:d1_leave
lab: stands dpcm-puts:d18_early passes: for a reason
lab: begin dpcm-rows:d1_leave
1..1
%s 1 d1_leave
lab: end dpcm-rows:d1_leave 0
lab: begin dpcm-puts:d18_early
1..1
ok 1 d18_early
lab: end dpcm-puts:d18_early 0
"""


class Defects(unittest.TestCase):
    """Guests of a stock and of a patched kernel, and the page."""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.table = os.path.join(self.dir.name, "table")

    def judge(self, result, patched):
        """Whether all is well in a guest in which d1_leave has this result."""
        boot = os.path.join(self.dir.name, "1")
        os.makedirs(boot, exist_ok=True)
        with open(os.path.join(boot, "live.log"), "w", encoding="utf-8") as live:
            live.write(LIVE % result)
        with open(self.table, "a", encoding="utf-8") as table, contextlib.redirect_stdout(table):
            return tap.stock("Linux 7.3, patched" if patched else "Linux 7.3", self.dir.name, patched)

    def test_stock_has_to_fail(self):
        """A test that passes on stock is a failure, unless a reason is given."""
        self.assertTrue(self.judge("not ok", False))
        self.assertFalse(self.judge("ok", False))

    def test_patched_has_to_pass(self):
        """A test that fails on a patched kernel is a failure."""
        self.assertTrue(self.judge("ok", True))
        self.assertFalse(self.judge("not ok", True))

    def test_page(self):
        """Each number is that of the tests that passed."""
        self.judge("not ok", False)
        self.judge("ok", True)
        with contextlib.redirect_stdout(io.StringIO()) as page:
            defects.main([self.table])
        rows = page.getvalue().split("   * - ")
        cells = {found[0]: found[2:] for found in ([cell.strip() for cell in text.split("\n     - ")] for text in rows)}
        self.assertEqual(cells["number"], ["7.3 stock", "7.3 patched"])
        self.assertEqual(cells["D1"], ["0 of 1", "1 of 1"])
        self.assertEqual(cells["D18"], ["1 of 1", "1 of 1"])
        self.assertEqual(cells["D2"], ["-", "-"])


if __name__ == "__main__":
    unittest.main()
