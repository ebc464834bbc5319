#!/usr/bin/env python3
"""Test report.py on made-up results: failures must be on the page, missing results named."""
import contextlib
import html.parser
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report                                                       # noqa: E402

FILES = {
    "out/check/static.count": "tap: 12 passed, 0 failed\n",
    "out/check/6.12-exact-nc1-phone/count": "FAILED nc-mix: 3 <four> streams\ntap: 5 passed, 1 failed\n",
    "out/check/6.1-exact-nc1-phone/count": "cut off",
    "out/check-arm64/kunit.count": "tap: 7 passed, 0 failed\n",
    "out/mutants/table.txt": "-      nothing            survived, 9 s\n"
                             "ready  the READY stage    kunit, 4 s: FAILED kunit: 2 start\n"
                             "scope  which links        survived, 80 s\n",
    "out/bench-dpcm/6.12-stock.csv": "cell,operation,instructions\n1x1,start,100\n1x1,stop,50\n",
    "out/bench-dpcm/6.12-ours.csv": "cell,operation,instructions\n1x1,start,125\n",
    "build/run/fuzz/count": "tap: 10 passed, 0 failed\n",
    "build/run/fuzz/live.log": "TAP version 13\nok 1 1000 operations\n",
    "out/timeline/d1.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


class Reader(html.parser.HTMLParser):
    """The text and attributes of a page; elements must be closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.sources, self.wrong = [], "", [], []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text += data


class Report(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def page(self, files):
        for path, text in files.items():
            path = os.path.join(self.folder.name, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        target = os.path.join(self.folder.name, "report.html")
        self.assertEqual(report.main([self.folder.name, target]), 0)
        with open(target, encoding="utf-8") as f:
            self.raw = f.read()
        reader = Reader()
        reader.feed(self.raw)
        self.assertEqual((reader.open, reader.wrong), ([], []))
        return reader

    def test_all(self):
        page = self.page(FILES)
        self.assertIn("nc-mix: 3 <four> streams", page.text)
        self.assertIn("make check ARCH=arm64", page.text)
        self.assertIn("1000 operations", page.text)
        # A file without a result is one more failure.
        self.assertIn('<tr><td>all</td><td class="n">17</td><td class="bad n">2</td></tr>', self.raw)
        self.assertIn('<td class="bad">survived, 80 s</td>', self.raw)
        self.assertIn("<td>survived, 9 s</td>", self.raw)
        self.assertIn('<td class="n">1.250</td><td class="bad">missing</td>', self.raw)
        # One file that loads nothing else.
        self.assertTrue(page.sources and all(s.startswith("data:image/") for s in page.sources))

    def test_commands(self):
        for what, command in (("", "make check"), ("arm64", "make check ARCH=arm64"), ("nc1-tablet", "make check BOARD=nc1-tablet"),
                              ("arm64-nc1-tablet", "make check ARCH=arm64 BOARD=nc1-tablet"), ("armv5", "make check-armv5")):
            self.assertEqual(report.make_check(what), command)

    def test_missing(self):
        page = self.page({"out/check-nc1-tablet/a.count": "tap: 1 passed, 0 failed\n"})
        missing = page.text[page.text.index("Not run here"):]
        for command in ("make check", "make mutants", "make check-stock", "make demo", "make timeline", "make bench-dpcm"):
            self.assertIn(command, missing)
        self.assertNotIn("BOARD", missing)

    def test_nothing(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(report.main([self.folder.name, os.path.join(self.folder.name, "x.html")]), 1)
        self.assertEqual(said.getvalue().count("\n"), 1)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "x.html")))


if __name__ == "__main__":
    unittest.main()
