#!/usr/bin/env python3
"""Jobs for LAVA: write them from a template, and merge their logs.

lava.py jobs TEMPLATE DIR URL SEED JOBS OPS COUNT
        write DIR/job-1.yaml to job-JOBS.yaml. Each has seeds of its own, from SEED on:
        OPS random operations of dpcm-fuzz and COUNT closes and route changes of
        dpcm-stress. URL is the address of kernel and programs for the board.
lava.py merge LOG...
        merge the logs of jobs: the output of lava-run, or the log of a server. Prints a
        table by case, one by job, all failures; the last line is "N passed,
        N failed". A case that was skipped has not passed. A job that died, had no
        output or lost a result has failed.
"""
import os
import re
import sys

import yaml

from tap import HARMLESS, SPLAT

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# LAVA writes each line of a log as YAML of its own; a server puts "- " before it.
ENTRY = re.compile(r'^(?:- )?(\{.*"?lvl"?: "?(results|target)"?\b.*)')


def number(name, text):
    """A number that is 1 or more."""
    if not re.fullmatch("[1-9][0-9]*", text):
        sys.exit("error: %s=%s: a number, 1 or more" % (name, text))
    return int(text)


def jobs(template, where, url, *numbers):
    """Write the jobs."""
    seed, count, ops, closes = (number(*pair) for pair in zip(("SEED", "JOBS", "OPS", "COUNT"), numbers))
    # With fewer than five a second it is hung. A failure is repeated with ever shorter sequences.
    limit = 600 + max(ops, closes) // 5
    with open(template, encoding="utf-8") as file:
        text = file.read()
    for job in range(1, count + 1):
        # Each episode of dpcm-fuzz takes a seed, and there are at least ten.
        first = seed + (job - 1) * max(ops, 10)
        words = {"NAME": "job-%d" % job, "URL": url, "LIMIT": limit, "MINUTES": 10 + 2 * limit // 60,
                 "TESTS": "dpcm-fuzz=%d,%d dpcm-stress=%d,%d" % (ops, first, closes, first)}
        done = re.sub("@([A-Z]+)@", lambda match: str(words[match.group(1)]), text)
        with open(os.path.join(where, "job-%d.yaml" % job), "w", encoding="utf-8") as file:
            file.write(done)


class Job:
    """The log of one job."""

    def __init__(self, path):
        self.name = os.path.basename(path)
        self.cases = {}         # result by name of the case, in their order
        self.wrong = []         # other failures
        self.sizes = {}         # the number of cases that a program reports
        self.end = None         # the number of programs
        self.ended = False
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    self.line(line)
        except OSError as error:
            self.wrong.append("no log: %s" % error.strerror)
        self.whole()

    def line(self, text):
        """A line of the log."""
        found = ENTRY.match(text)
        if not found:
            return
        entry = yaml.load(found.group(1), LOADER)
        if entry["lvl"] == "target":
            message = str(entry["msg"])
            if SPLAT.search(message) and not HARMLESS.search(message):
                self.wrong.append("kernel: " + message.strip())
            return
        self.result(entry["msg"])

    def result(self, msg):
        """A result: the first definition of a job is LAVA's own."""
        case, result = msg["case"], msg["result"]
        if msg["definition"] == "lava":
            if case == "job":
                self.ended = True
                if result != "pass":
                    self.wrong.append("LAVA: %s: %s" % (msg.get("error_type"), msg.get("error_msg")))
            return
        size = int(msg.get("measurement", 0))
        if case == "end":
            self.end = size
            return
        if case in self.cases:
            self.wrong.append("%s: reported twice" % case)
        self.cases[case] = result
        if "." not in case:
            self.sizes[case] = size

    def whole(self):
        """Whether no result was lost."""
        if not self.ended:
            self.wrong.append("LAVA did not end the job")
        if self.end is None:
            self.wrong.append("the board died or was silent: the end of the tests is missing")
        elif self.end == 0 or self.end != len(self.sizes):
            self.wrong.append("%d of %d programs reported" % (len(self.sizes), self.end))
        for program, size in self.sizes.items():
            seen = sum(case.startswith(program + ".") for case in self.cases)
            if seen != size:
                self.wrong.append("%s: %d of %d cases came through" % (program, seen, size))

    def passed(self):
        """How many cases passed."""
        return sum(result == "pass" for result in self.cases.values())

    def failures(self):
        """All cases that did not pass."""
        return ["%s: %s" % (case, result) for case, result in self.cases.items() if result != "pass"] + self.wrong


def merge(paths):
    """Print the results of the jobs. True if there is no failure."""
    done = [Job(path) for path in paths]
    counts = {}
    for job in done:
        for case, result in job.cases.items():
            count = counts.setdefault(case, [0, 0])
            count[result != "pass"] += 1
    print("%8s %8s  %s" % ("passed", "failed", "case"))
    for case, count in counts.items():
        print("%8d %8d  %s" % (count[0], count[1], case))
    print("\n%8s %8s  %s" % ("passed", "failed", "job"))
    for job in done:
        print("%8d %8d  %s" % (job.passed(), len(job.failures()), job.name))
    print()
    for job in done:
        for text in job.failures():
            print("FAILED %s: %s" % (job.name, text))
    passed, failed = sum(job.passed() for job in done), sum(len(job.failures()) for job in done)
    print("%d passed, %d failed" % (passed, failed))
    return passed > 0 and failed == 0


def main(args):
    """Run the command."""
    if len(args) == 8 and args[0] == "jobs":
        jobs(*args[1:])
    elif len(args) > 1 and args[0] == "merge":
        sys.exit(0 if merge(args[1:]) else 1)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
