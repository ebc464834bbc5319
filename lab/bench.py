#!/usr/bin/env python3
"""Gather, check, compare and draw the numbers of make bench.

bench.py gather RUN CSV         Write all results of bench.sh in folder RUN into one file:
                                what,cell,operation,unit,stock,ours.
bench.py growth CSV             The growth of numbers with values on which they should not
                                depend. Ends with status 1 if one of the patched kernel
                                grows.
bench.py size CSV               Memory, code size and time with interrupts off, as a
                                table. Ends with status 1 if interrupts are off longer
                                than in the stock core.
bench.py compare OLD NEW        Two files of gather, or of the columns cell,operation
                                and one more: the numbers of the patched kernel that grew
                                by more than 3 %. Ends with status 1 if one did, or is
                                missing.
bench.py again FIRST SECOND     Check that two boots gave the same numbers, to the digit; those
                                of a route switch to 0.2 %: it creates files in debugfs, and
                                the number of names in one bucket there is random.
bench.py plot CSV DIR           The data of bench.gp, one file for each line.
"""
import csv
import os
import sys

# what: the file in the folder of a side, and its unit
FILES = {
    "dpcm": ("dpcm/cost.csv", "instructions"),
    "dpcm-growth": ("dpcm-growth/cost.csv", "instructions"),
    "sync": ("sync/cost.csv", "instructions"),
    "sync-coherent": ("sync-coherent/cost.csv", "instructions"),
    "sync-growth": ("sync-growth/cost.csv", "instructions"),
    "irqsoff": ("footprint/irqsoff.csv", "us"),
    "memory": ("footprint/memory.csv", "bytes"),
    "code": ("code.csv", "bytes"),
}
COLUMNS = ["what", "cell", "operation", "unit", "stock", "ours"]
# The value that grows: the file, and the cells from the lowest to the highest value
RUNNING = ["%dx1-running" % n for n in (2, 4, 8, 16, 32)]
IDLE = ["1x1"] + ["%dx1-idle" % n for n in (2, 4, 8, 16, 32)]
BES = ["1x1", "1x2", "1x4", "1x8"]
BUFFER = ["buffer-%d" % n for n in (8192, 16384, 32768, 65536)]
PREALLOC = ["prealloc-%d" % n for n in (32, 64, 128, 256)]
TRIGGERS = ["start", "stop", "pause", "release"]
ROUTES = ["route-off", "route-on"]
# Values on which the cost must not depend: name, file, cells, operations, and the highest
# ratio of the last cell to the first. A stop or pause checks whether another link requests
# that the BE runs: six instructions for each that does not run. A route switch checks for
# each FE whether it is concerned, with 150 instructions.
FREE = [
    ("FEs that run, on the same BE", "dpcm-growth", RUNNING, TRIGGERS, 1.05),
    ("FEs that run, on the same BE", "dpcm-growth", RUNNING, ROUTES, 1.20),
    ("FEs that are open but idle", "dpcm-growth", IDLE, ["start", "release", "period"], 1.05),
    ("FEs that are open but idle", "dpcm-growth", IDLE, ["stop", "pause"], 1.10),
    ("FEs that are open but idle", "dpcm-growth", IDLE[1:], ROUTES, 1.20),
    ("frames of the buffer", "sync-growth", BUFFER, ["write-256", "commit-256"], 1.05),
    ("KiB that are preallocated", "sync-growth", PREALLOC, ["write-256", "commit-256"], 1.05),
]
WORSE = 1.03
CHANCE = 0.002


class Wrong(Exception):
    """One line about a failure."""


def rows(path):
    """The rows of a file."""
    try:
        with open(path, newline="", encoding="ascii") as f:
            found = list(csv.DictReader(f))
    except (OSError, UnicodeDecodeError, csv.Error) as why:
        raise Wrong("no numbers: %s" % why) from why
    if not found or None in found[0] or "cell" not in found[0] or "operation" not in found[0]:
        raise Wrong("%s has no columns cell and operation, or no row" % path)
    return found


def number(text, path):
    """A number of that file, or None where there is none."""
    try:
        return int(text) if text else None
    except ValueError as why:
        raise Wrong("%s: %s is no number" % (path, text)) from why


def upkeep(path):
    """A file of noncoherent-cost: {(cell, operation): (unit, number)}."""
    found = {}
    with open(path, newline="", encoding="ascii") as f:
        for r in csv.DictReader(f):
            cell = "%s-%s" % (r["how"], r["frames"])
            audio = int(r["audio"])
            found[cell, "bytes-%s" % r["prealloc"]] = ("per 1000 bytes", int(r["maintained"]) * 1000 // audio)
            found[cell, "calls-%s" % r["prealloc"]] = ("calls", int(r["calls"]))
    return found


def side(run, name):
    """All that was measured on one side: {(what, cell, operation): (unit, number)}."""
    found = {}
    for what, (path, unit) in FILES.items():
        path = os.path.join(run, "%s-%s" % (name, path))
        for r in rows(path):
            found[what, r["cell"], r["operation"]] = (unit, number(r[list(r)[2]], path))
    for key, value in upkeep(os.path.join(run, "%s-upkeep" % name, "cost.csv")).items():
        found[("upkeep",) + key] = value
    return found


def gather(run, target):
    """One file of both sides."""
    try:
        stock, ours = side(run, "stock"), side(run, "ours")
    except (OSError, KeyError, ValueError) as why:
        raise Wrong("no numbers: %s" % why) from why
    with open(target, "w", newline="", encoding="ascii") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(COLUMNS)
        for key in list(ours) + [k for k in stock if k not in ours]:
            unit = (ours.get(key) or stock.get(key))[0]
            out.writerow([*key, unit, *(s[key][1] if key in s else "" for s in (stock, ours))])
    return True


def load(path):
    """A file of gather: {(what, cell, operation): (unit, stock, ours)}."""
    found = rows(path)
    if list(found[0]) != COLUMNS:
        raise Wrong("%s is not of make bench: its columns are not %s" % (path, ",".join(COLUMNS)))
    return {(r["what"], r["cell"], r["operation"]): (r["unit"], number(r["stock"], path), number(r["ours"], path))
            for r in found}


def grown(data, what, cells, operation, which):
    """From the first to the last: both numbers, or None if one is missing."""
    ends = [data.get((what, cell, operation), (None,) * 3)[which] for cell in (cells[0], cells[-1])]
    return ends if all(ends) else None


def growth(path):
    """Print the table of growth."""
    data, good = load(path), True
    print("%-30s %-10s %22s %22s" % ("from the least to the most", "operation", "stock", "ours"))
    for name, what, cells, operations, limit in FREE:
        for operation in operations:
            sides = [grown(data, what, cells, operation, which) for which in (1, 2)]
            shown = ["%d to %d, %.2f" % (*s, s[1] / s[0]) if s else "-" for s in sides]
            bad = not sides[1] or sides[1][1] / sides[1][0] > limit
            print("%-30s %-10s %22s %22s%s" % (name, operation, *shown, "  above %.2f" % limit if bad else ""))
            good = good and not bad
    return good


def size(path):
    """Print the table of memory, code size and time with interrupts off."""
    data, good = load(path), True
    print("%-8s %-14s %-12s %-6s %8s %8s" % ("what", "cell", "operation", "unit", "stock", "ours"))
    for key, (unit, stock, ours) in data.items():
        if key[0] not in ("irqsoff", "memory", "code"):
            continue
        # The tracer has a resolution of one microsecond.
        bad = ours is None or (key[0] == "irqsoff" and stock is not None and ours > stock + 1)
        print("%-8s %-14s %-12s %-6s %8s %8s%s" % (*key, unit, *("-" if n is None else n for n in (stock, ours)),
                                                    "  longer" if bad else ""))
        good = good and not bad
    return good


def ours_of(path):
    """The numbers to compare: {name: number}."""
    found = {}
    for r in rows(path):
        last = list(r)[-1]
        value = number(r[last], path)
        if value is not None:
            found[" ".join(r[c] for c in ("what", "cell", "operation") if c in r)] = value
    return found


def compare(old_path, new_path):
    """Print the numbers that grew."""
    old, new = ours_of(old_path), ours_of(new_path)
    worse = [k for k in old if k in new and new[k] > old[k] * WORSE]
    better = sum(1 for k in old if k in new and new[k] * WORSE < old[k])
    lost = [k for k in old if k not in new]
    for key in worse:
        print("worse: %s: %d, was %d, %.3f" % (key, new[key], old[key], new[key] / old[key] if old[key] else 0))
    for key in lost:
        print("missing: %s" % key)
    print("%d numbers: %d worse by more than 3 %%, %d better, %d missing, %d new" % (
        len(old), len(worse), better, len(lost), len(set(new) - set(old))))
    return bool(old) and not worse and not lost


def again(first, second):
    """Check that both files have the same numbers."""
    one, two = ours_of(first), ours_of(second)
    differ = [k for k in set(one) | set(two) if one.get(k) != two.get(k)]
    wrong = [k for k in differ if k not in one or k not in two or " route-" not in k
             or abs(one[k] - two[k]) > one[k] * CHANCE]
    for key in sorted(differ):
        print("%s: %s and %s%s" % (key, one.get(key), two.get(key), "  wrong" if key in wrong else ""))
    print("two boots: %d numbers, %d differ, %d of them by more than they may" % (len(one), len(differ), len(wrong)))
    return bool(one) and not wrong


def count_of(cell):
    """The number in a cell's name: of FEs, or of BEs if there is one FE, or a size."""
    if "x" not in cell:
        return int(cell.split("-")[-1])
    fes, bes = cell.split("-")[0].split("x")
    return int(fes) if int(fes) > 1 else int(bes)


def plot(path, folder):
    """Write a file for each line of the picture: the growing value, stock, patched."""
    data = load(path)
    for name, what, cells, operations in (
            ("running", "dpcm-growth", IDLE[:1] + RUNNING, TRIGGERS + ROUTES), ("idle", "dpcm-growth", IDLE, TRIGGERS + ROUTES),
            ("bes", "dpcm-growth", BES, TRIGGERS + ROUTES), ("buffer", "sync-growth", BUFFER, ["write-256", "commit-256"]),
            ("prealloc", "sync-growth", PREALLOC, ["write-256", "commit-256"])):
        for operation in operations:
            with open(os.path.join(folder, "%s-%s.dat" % (name, operation)), "w", encoding="ascii") as f:
                for cell in cells:
                    values = data.get((what, cell, operation), (None,) * 3)[1:]
                    f.write("%d %s\n" % (count_of(cell), " ".join("nan" if v is None else str(v) for v in values)))
    return True


COMMANDS = {"gather": (gather, 2), "growth": (growth, 1), "size": (size, 1), "compare": (compare, 2), "again": (again, 2), "plot": (plot, 2)}


def main(args):
    """Run the command."""
    command, count = COMMANDS.get(args[0] if args else "", (None, 0))
    if not command or len(args) != count + 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return 0 if command(*args[1:]) else 1
    except Wrong as why:
        print("error: %s" % why, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
