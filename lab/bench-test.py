#!/usr/bin/env python3
"""Test bench.py on made-up numbers: growth, higher costs and bad files must be reported."""
import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench                                                        # noqa: E402

HEAD = "what,cell,operation,unit,stock,ours\n"


def flat(ours=100):
    """Numbers for all that is checked, none of which grows."""
    return HEAD + "".join("%s,%s,%s,instructions,100,%d\n" % (what, cell, operation, ours)
                          for _, what, cells, operations, _ in bench.FREE
                          for cell in cells for operation in operations)


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return path

    def run_bench(self, *args):
        """Its status and output."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = bench.main(list(args))
        return status, out.getvalue()

    def test_usage(self):
        for args in ((), ("no",), ("compare", "one")):
            self.assertEqual(self.run_bench(*args)[0], 2)

    def test_bad_files(self):
        good = self.file("good.csv", flat())
        for text in ("", "cell\n1x1\n", HEAD, HEAD + "dpcm,1x1,start,instructions,100,many\n"):
            status, said = self.run_bench("compare", good, self.file("bad.csv", text))
            self.assertEqual((status, said.count("\n")), (1, 1), said)
            self.assertTrue(said.startswith("error: "))
        self.assertEqual(self.run_bench("compare", good, os.path.join(self.folder, "none.csv"))[0], 1)

    def test_compare(self):
        old = self.file("old.csv", HEAD + "dpcm,1x1,start,instructions,1,1000\ndpcm,1x1,stop,instructions,1,1000\n")
        for new, status, words in (("start,instructions,1,1030\ndpcm,1x1,stop,instructions,1,1000", 0, "0 worse"),
                                   ("start,instructions,1,1031\ndpcm,1x1,stop,instructions,1,900", 1, "worse: dpcm 1x1 start: 1031, was 1000"),
                                   ("start,instructions,1,1000", 1, "missing: dpcm 1x1 stop")):
            got, said = self.run_bench("compare", old, self.file("new.csv", HEAD + "dpcm,1x1,%s\n" % new))
            self.assertEqual(got, status, said)
            self.assertIn(words, said)

    def test_compare_baseline(self):
        """A file of a test program has one number in a row."""
        old = self.file("old.csv", "cell,operation,instructions\n1x1,start,100\n")
        new = self.file("new.csv", "cell,operation,instructions\n1x1,start,104\n")
        self.assertEqual(self.run_bench("compare", old, old)[0], 0)
        self.assertEqual(self.run_bench("compare", old, new)[0], 1)

    def test_again(self):
        head = "cell,operation,instructions\n1x1,start,%d\n1x1,route-on,%d\n"
        first = self.file("first.csv", head % (100, 10000))
        for numbers, status in (((100, 10000), 0), ((100, 10020), 0), ((100, 10021), 1), ((101, 10000), 1)):
            self.assertEqual(self.run_bench("again", first, self.file("second.csv", head % numbers))[0], status)
        self.assertEqual(self.run_bench("again", first, self.file("second.csv", "cell,operation,instructions\n1x1,start,100\n"))[0], 1)

    def test_growth(self):
        self.assertEqual(self.run_bench("growth", self.file("a.csv", flat()))[0], 0)
        grows = flat().replace("dpcm-growth,32x1-idle,start,instructions,100,100",
                               "dpcm-growth,32x1-idle,start,instructions,100,106")
        status, said = self.run_bench("growth", self.file("b.csv", grows))
        self.assertEqual((status, said.count("above 1.05")), (1, 1), said)
        # A missing number must be reported.
        lost = flat().replace("sync-growth,buffer-65536,write-256,instructions,100,100\n", "")
        self.assertEqual(self.run_bench("growth", self.file("c.csv", lost))[0], 1)

    def test_size(self):
        for stock, ours, status in ((5, 6, 0), (5, 7, 1), (5, "", 1)):
            path = self.file("s.csv", HEAD + "irqsoff,1x1,start,us,%s,%s\n" % (stock, ours))
            self.assertEqual(self.run_bench("size", path)[0], status)

    def test_gather_and_plot(self):
        for name, value in (("stock", 200), ("ours", 100)):
            for path, unit in bench.FILES.values():
                self.file("%s-%s" % (name, path), "cell,operation,%s\n1x1,start,%d\n" % (unit, value))
            self.file("%s-upkeep/cost.csv" % name, "how,frames,prealloc,audio,maintained,calls,longest\nwrite,64,16,1000,%d,9,1\n" % value)
        target = os.path.join(self.folder, "all.csv")
        self.assertEqual(self.run_bench("gather", self.folder, target)[0], 0)
        data = bench.load(target)
        self.assertEqual(data["dpcm", "1x1", "start"], ("instructions", 200, 100))
        self.assertEqual(data["upkeep", "write-64", "bytes-16"], ("per 1000 bytes", 200, 100))
        self.assertEqual(self.run_bench("plot", target, self.folder)[0], 0)
        with open(os.path.join(self.folder, "idle-start.dat"), encoding="ascii") as f:
            self.assertEqual(f.read().splitlines()[:2], ["1 200 100", "2 nan nan"])
        os.remove(os.path.join(self.folder, "ours-code.csv"))
        self.assertEqual(self.run_bench("gather", self.folder, target)[0], 1)


if __name__ == "__main__":
    unittest.main()
