#!/usr/bin/env python3
"""Compare costs in instructions of the stock and the patched kernel.

cost.py CELL STOCK.csv OURS.csv [STOCK OURS]
        Two files that dpcm-cost or noncoherent-instructions wrote; CELL is the
        heading of the first column. STOCK and OURS are other names for the two. Prints a
        table of instructions and their ratio, and ends with status 1 if a ratio is
        above the limit, if a number is missing on one side, or if there are none.
"""
import csv
import sys

LIMIT = 1.05


def read(path):
    """The numbers of a file: {(cell, operation): instructions}."""
    with open(path, newline="", encoding="ascii") as f:
        rows = list(csv.DictReader(f))
    return {(r["cell"], r["operation"]): int(r["instructions"]) for r in rows}


def table(cell, stock, ours, names):
    """The lines of the table, and the keys of those that are too expensive."""
    lines = ["%-12s %-10s %10s %10s  %s" % (cell, "operation", *names, "ratio")]
    above = []
    for key, base in stock.items():
        if key not in ours:
            continue
        ratio = ours[key] / base
        if ratio > LIMIT:
            above.append(key)
        lines.append("%-12s %-10s %10d %10d  %.3f%s" % (*key, base, ours[key], ratio,
                                                        "  above" if ratio > LIMIT else ""))
    return lines, above


def main(args):
    """Compare two files."""
    if len(args) not in (3, 5):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        stock, ours = read(args[1]), read(args[2])
    except (OSError, KeyError, ValueError) as why:
        print("error: no numbers: %s" % why, file=sys.stderr)
        return 1
    names = args[3:] or ["stock", "ours"]
    lines, above = table(args[0], stock, ours, names)
    print("\n".join(lines))
    lost = sorted(set(stock) ^ set(ours))
    for key in lost:
        print("only on one side: %s %s" % key)
    worst = max((ours[k] / stock[k] for k in stock if k in ours), default=0)
    print("%d numbers, %d above %.2f, the worst is %.3f of %s"
          % (len(lines) - 1, len(above), LIMIT, worst, names[0]))
    return 1 if above or lost or not stock else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
