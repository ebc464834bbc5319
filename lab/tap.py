#!/usr/bin/env python3
"""Check the TAP of tests strictly: a missing line is a failure.

tap.py guest NAME LIST LIVE CONSOLE [SUITES]
                                      a guest that ran the programs in LIST: their
                                      TAP is in LIVE, the kernel's log in CONSOLE, and
                                      in that the KUnit suites that SUITES names
tap.py program NAME TAP STATUS        one program that wrote TAP and ended with STATUS
tap.py stock NAME DIR                 guests that ran single tests which must fail, or
                                      must pass if their line has "passes: REASON":
                                      their boots are DIR/1, DIR/2, ...; prints a
                                      table, the status is 0 if all do
tap.py patched NAME DIR               the same on a patched kernel: all must pass

Prints a line for each failure and ends with "tap: N passed, N failed".
"""
import os
import re
import sys

RESULT = re.compile(r"^(ok|not ok)\s+(\d+)(?:\s+-)?\s*(.*)$")
SKIPPED = re.compile(r"#\s*(SKIP|TODO|XFAIL)\b")
PLAN = re.compile(r"^1\.\.(\d+)")
# A whole program that is left out: another BOARD may have too few blocks for it.
TOO_FEW = re.compile(r"^1\.\.0 # SKIP (NC1\w* has .*)")
# Time and task in front of a line of the kernel's log.
STAMP = re.compile(r"^\[ *\d+\.\d+\](\[ *[TC]\d+\])? ")
# The kernel's reports of its own errors.
SPLAT = re.compile(r"\bBUG:|\bWARNING:|KASAN|UBSAN|\bINFO: |\bOops\b|Internal error|Unable to handle kernel|"
                   r"Kernel panic|possible (circular|recursive|irq)|inconsistent lock state|"
                   r"sleeping function called|scheduling while atomic|bad unlock balance|"
                   r"suspicious RCU|list_(add|del) corruption|refcount_t: |Call trace:|"
                   r"invalid wait context|soft lockup|rcu: .*stall|kobject.*tried to init|"
                   r"cannot create duplicate|still in use|nobody cared|DMA-API: |"
                   r"zero-initialized flat cache")
# KASAN and DMA debugging print these lines at boot.
HARMLESS = re.compile(r"kasan: KernelAddressSanitizer initialized|Unknown kernel command line|"
                      r"DMA-API: (preallocated|debugging enabled)")


class Count:
    """Passed and failed, with a line for each failure."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def fail(self, text):
        self.failed += 1
        print("FAILED %s: %s" % (self.name, text) if not text.startswith(self.name) else "FAILED " + text)

    def check(self, good, text):
        if good:
            self.passed += 1
        else:
            self.fail(text)


def because(lines, at, after):
    """The comment next to the result in lines[at]: our own checks give it after,
    kselftests before."""
    step = 1 if after else -1
    at += step
    found = []
    while 0 <= at < len(lines) and not RESULT.match(lines[at]) and not PLAN.match(lines[at]):
        if lines[at].startswith("#"):
            found.append("\n    " + lines[at][1:].strip())
        at += step
    return "".join(found[:8] if after else found[4::-1])


def program(count, name, lines, status, after=False):
    """Check one program's TAP. STATUS is None if it did not end."""
    planned, seen, bad = None, 0, 0
    too_few = TOO_FEW.match(lines[-1]) if lines and os.environ.get("BOARD") else None
    if too_few and status == 4:
        print("left out %s, %s" % (name, too_few.group(1)))
        return
    for at, line in enumerate(lines):
        if line.startswith("Bail out!"):
            count.fail("%s: %s" % (name, line))
            bad += 1
        plan = PLAN.match(line)
        if plan:
            if planned is not None:
                count.fail("%s: two plans" % name)
            planned = int(plan.group(1))
        result = RESULT.match(line)
        if not result:
            continue
        seen += 1
        verdict, number, text = result.groups()
        if int(number) != seen:
            count.fail("%s: test %s where %d was due" % (name, number, seen))
            seen = int(number)
        # A test that was not run has not passed.
        skipped = SKIPPED.search(text)
        if verdict == "ok" and not skipped:
            count.passed += 1
        else:
            bad += 1
            count.fail("%s: %s %s%s" % (name, number, text, because(lines, at, after)))
    if planned is None:
        count.fail("%s: no plan%s" % (name, because(lines, len(lines), False)))
    elif planned == 0:
        count.fail("%s: ran no test%s" % (name, because(lines, len(lines), False)))
    elif seen != planned:
        count.fail("%s: %d of %d tests reported" % (name, seen, planned))
    if status is None:
        count.fail("%s: did not end" % name)
    elif status == 137:
        count.fail("%s: hung, killed at its limit" % name)
    elif status != 0 and not bad:
        count.fail("%s: ended with status %d without a failed test" % (name, status))


def markers(live):
    """The output and the status of each program of a guest."""
    current, lines, ended = None, {}, {}
    for line in live:
        if line.startswith("lab: begin "):
            current = line.split()[2]
            lines[current] = []
        elif line.startswith("lab: end "):
            ended[line.split()[2]] = int(line.split()[3])
            current = None
        elif current:
            lines[current].append(line)
    return lines, ended


def splats(console):
    """The errors in a kernel's log, each with the program that was running."""
    during = "boot"
    for line in console:
        if "lab: begin " in line:
            during = line.split()[-1]
        elif SPLAT.search(line) and not HARMLESS.search(line):
            yield during, line.strip()


def guest(count, listed, live, console):
    """Check all programs of a guest, and the kernel's log."""
    lines, ended = markers(live)
    for name in listed:
        if name in lines:
            program(count, name, lines[name], ended.get(name))
        else:
            count.fail("%s: was not run" % name)
    for during, text in splats(console):
        count.fail("kernel log, %s: %s" % (during, text))


def stock(name, directory, patched):
    """Print a table of tests that must fail, or must pass for a reason; True if all do. On a
    patched kernel all must pass."""
    wanted, said, boot = {}, {}, 1
    while os.path.isdir("%s/%d" % (directory, boot)):
        live, console = (read("%s/%d/%s.log" % (directory, boot, log)) for log in ("live", "console"))
        wanted.update((line.split(None, 3) + [""])[2:4] for line in live if line.startswith("lab: stands "))
        lines, ended = markers(live)
        for test in lines:
            said[test] = (lines[test], ended.get(test), [text for during, text in splats(console) if during == test])
        boot += 1
    good = bool(wanted)
    for test, remark in wanted.items():
        lines, status, log = said.get(test, ([], None, []))
        results = [RESULT.match(line) for line in lines if RESULT.match(line)]
        skipped = [result for result in results if SKIPPED.search(result.group(3))]
        refuted = [at for at, line in enumerate(lines) if line.startswith("not ok ") and not SKIPPED.search(line)]
        verdict, why = "fails, as it should", ""
        if test not in said:
            verdict = "NEVER RAN"
        elif refuted:
            why = because(lines, refuted[0], False).strip().split("\n")[-1]
        elif log:
            why = log[0]
        elif status is None:
            why = "the kernel died of it"
        elif status == 137:
            why = "hung"
        elif skipped or not results:
            verdict = "SAID NOTHING"
        else:
            verdict = "PASSES"
        if patched:
            verdict = {"PASSES": "passes", "fails, as it should": "FAILS"}.get(verdict, verdict)
        elif remark.startswith("passes: "):
            if verdict == "PASSES":
                verdict, why = "passes, as declared", remark[len("passes: "):]
            elif verdict.startswith("fails"):
                verdict = "FAILS"
        good = good and verdict.islower()
        print("%-12s %-40s %-20s %s" % (name, test, verdict, why))
    return good


def kunit(count, listed, console):
    """Check the KUnit suites in a kernel's log, in which they are indented by four."""
    suites, current = {}, None
    for line in console:
        line = STAMP.sub("", line)
        if line.startswith("    # Subtest: "):
            current = line.split()[2]
            suites[current] = []
        elif current and line.startswith("    "):
            suites[current].append(line[4:])
        elif current and RESULT.match(line):
            # The result of a suite counts only if the suite has ended.
            suites[current].append(None)
            current = None
    for name in listed:
        if name not in suites:
            count.fail("%s: was not run" % name)
        else:
            ended = suites[name][-1:] == [None]
            program(count, name, [line for line in suites[name] if line is not None], 0 if ended else None)


def read(path):
    """The lines of a file; none if it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().replace("\r", "").splitlines()
    except OSError:
        return []


def main(args):
    """Run the command."""
    if len(args) in (5, 6) and args[0] == "guest":
        count = Count(args[1])
        guest(count, [line.split()[0] for line in read(args[2])], read(args[3]), read(args[4]))
        if len(args) == 6:
            kunit(count, [line.split()[0] for line in read(args[5]) if line.strip() and line[0] != "#"], read(args[4]))
    elif len(args) == 3 and args[0] in ("stock", "patched"):
        sys.exit(0 if stock(args[1], args[2], args[0] == "patched") else 1)
    elif len(args) == 4 and args[0] == "program":
        count = Count(args[1])
        program(count, args[1], read(args[2]), int(args[3]), True)
    else:
        sys.exit(__doc__)
    print("tap: %d passed, %d failed" % (count.passed, count.failed))


if __name__ == "__main__":
    main(sys.argv[1:])
