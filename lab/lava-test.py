#!/usr/bin/env python3
"""Test lava.py on made-up logs: a lost result must be reported."""
import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lava                                                         # noqa: E402


def entry(level, msg):
    """A line of the log, as a server has it."""
    return '- {"dt": "2026-11-28T01:12:02", "lvl": "%s", "msg": %s}' % (level, msg)


def case(name, result="pass", size=None):
    """A result of a test case."""
    more = "" if size is None else ', "measurement": ! "%.1f"' % size
    return entry("results", '{"case": "%s", "definition": "0_alsa"%s, "result": "%s"}' % (name, more, result))


GOOD = [
    entry("results", '{"case": "validate", "definition": "lava", "result": "pass"}'),
    entry("target", '"KASAN: kasan: KernelAddressSanitizer initialized"'),
    case("nc-mix.1_one"), case("nc-mix.2_two"), case("nc-mix", size=2),
    case("nc-rate.1_one"), case("nc-rate", size=1), case("end", size=2),
    entry("results", '{"case": "job", "definition": "lava", "result": "pass"}'),
]


def replaced(at, *lines):
    """GOOD with other lines at one place."""
    return GOOD[:at] + list(lines) + GOOD[at + 1:]


class Merge(unittest.TestCase):
    """One log, or several."""

    def merged(self, *logs):
        """The output, and whether there was no failure."""
        with tempfile.TemporaryDirectory() as where:
            paths = []
            for lines in logs:
                paths.append(os.path.join(where, "job-%d" % (len(paths) + 1)))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    file.write("\n".join(lines))
            text = io.StringIO()
            with contextlib.redirect_stdout(text):
                good = lava.merge(paths)
        return text.getvalue(), good

    def failed(self, lines, *texts):
        """Check that the log fails with these lines and no other."""
        text, good = self.merged(lines)
        self.assertFalse(good)
        self.assertEqual([line for line in text.splitlines() if line.startswith("FAILED")],
                         ["FAILED job-1: " + line for line in texts])

    def test_good(self):
        """Two jobs, one as lava-run writes it."""
        text, good = self.merged(GOOD, [line[2:] for line in GOOD])
        self.assertTrue(good)
        self.assertIn("       2        0  nc-mix.2_two\n", text)
        self.assertIn("       5        0  job-2\n", text)
        self.assertTrue(text.endswith("\n10 passed, 0 failed\n"))

    def test_failed(self):
        """A case that failed, and one that was skipped."""
        self.failed(replaced(2, case("nc-mix.1_one", "fail")), "nc-mix.1_one: fail")
        self.failed(replaced(2, case("nc-mix.1_one", "skip")), "nc-mix.1_one: skip")

    def test_lost(self):
        """A result that was lost on the serial line."""
        self.failed(replaced(2), "nc-mix: 1 of 2 cases came through")
        self.failed(replaced(6), "1 of 2 programs reported")
        self.failed(replaced(2, case("nc-mix.1_one"), case("nc-mix.1_one")), "nc-mix.1_one: reported twice")

    def test_died(self):
        """The board, LAVA or the job dies."""
        end = "the board died or was silent: the end of the tests is missing"
        self.failed(replaced(7), end)
        self.failed(GOOD[:-1], "LAVA did not end the job")
        self.failed([], "LAVA did not end the job", end)
        self.failed(replaced(8, entry("results", '{"case": "job", "definition": "lava", "result": "fail", '
                                      '"error_type": "Job", "error_msg": "timed out"}')), "LAVA: Job: timed out")

    def test_nothing(self):
        """A job without a test is no success."""
        self.failed([GOOD[0], case("end", size=0), GOOD[-1]], "0 of 0 programs reported")

    def test_kernel(self):
        """The kernel logs a warning."""
        self.failed(replaced(1, entry("target", '"WARNING: CPU: 1 PID: 2"')), "kernel: WARNING: CPU: 1 PID: 2")


class Jobs(unittest.TestCase):
    """The jobs that are written."""

    def test_seeds(self):
        """No two jobs have a seed in common."""
        with tempfile.TemporaryDirectory() as where:
            template = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lava", "job-board.yaml")
            lava.jobs(template, where, "http://farm", "7", "3", "1000", "20")
            for job, seed in (1, 7), (2, 1007), (3, 2007):
                with open(os.path.join(where, "job-%d.yaml" % job), encoding="utf-8") as file:
                    text = file.read()
                self.assertIn("TESTS: dpcm-fuzz=1000,%d dpcm-stress=20,%d " % (seed, seed), text)
                self.assertIn("url: http://farm/zImage", text)
                self.assertNotRegex(text, "@[A-Z]+@")

    def test_bad_number(self):
        """One line for a wrong number."""
        with self.assertRaises(SystemExit) as error:
            lava.jobs("none", "none", "url", "0", "2", "1", "1")
        self.assertEqual(str(error.exception), "error: SEED=0: a number, 1 or more")


if __name__ == "__main__":
    unittest.main()
