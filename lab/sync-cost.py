#!/usr/bin/env python3
"""Compare the cost of explicit sync on the stock and the patched kernel.

sync-cost.py STOCK.csv OURS.csv     Two files that noncoherent-cost wrote. Prints a
                                    table of bytes of cache maintenance for a byte of
                                    audio, and ends with status 1 if a number of the
                                    patched kernel is above its limit, if one is
                                    missing, or if there are none.
"""
import csv
import sys

# Pieces that end in the middle of a cache line have their own limit.
UNALIGNED = 1.35
LIMITS = {"write": 1.10, "mmap": 1.10, "mmap-forever": 1.20, "dmix": 4.00, "read": 1.10, "mmap-read": 1.10}
FRAME, LINE = 4, 64
# Bytes that may be synced in one stretch with interrupts off
LONGEST = 16384


def read(path):
    """The rows of a file: {(how, frames, prealloc): row}."""
    with open(path, newline="", encoding="ascii") as f:
        return {(r["how"], int(r["frames"]), int(r["prealloc"])): r for r in csv.DictReader(f)}


def limit(key):
    """The limit of a row."""
    how, frames, _ = key
    return LIMITS[how] if frames * FRAME % LINE == 0 else max(UNALIGNED, LIMITS[how])


def factor(row):
    """Bytes of maintenance for a byte of audio."""
    return int(row["maintained"]) / int(row["audio"])


def line(key, stock, ours):
    """One line of the table, and whether the patched kernel is below its limit."""
    shown = ["%.2f" % factor(r) if r else "-" for r in (stock, ours)]
    wrong = []
    if ours and factor(ours) > limit(key):
        wrong.append("above %.2f" % limit(key))
    if ours and int(ours["longest"]) > LONGEST:
        wrong.append("%s bytes with interrupts off" % ours["longest"])
    if not ours:
        wrong.append("no number")
    return "%-13s %6d %8d %10s %8s  %s" % (*key, *shown, ", ".join(wrong)), not wrong


def main(args):
    """Compare two files."""
    if len(args) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        stock, ours = read(args[0]), read(args[1])
    except (OSError, KeyError, ValueError) as why:
        print("error: no numbers: %s" % why, file=sys.stderr)
        return 1
    print("%-13s %6s %8s %10s %8s" % ("access", "frames", "KiB", "stock", "ours"))
    good = bool(stock)
    for key in stock | ours:
        text, fine = line(key, stock.get(key), ours.get(key))
        print(text)
        good = good and fine
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
