#!/usr/bin/env python3
"""Compare which frames of random players are heard on two kernels.

differ.py STOCK OURS    Compare the files of noncoherent-differ of two kernels. Prints a
                        line for each kind of frame and ends with status 1 if the players
                        did not do the same, or if a frame that keeps the rules is heard on
                        the stock kernel only.
"""
import sys

KINDS = {
    "k": "keeps the rules",
    "l": "committed before it was stored",
    "n": "not committed, and near",
}


def rounds(path):
    """The lines of a file: seed and letters."""
    with open(path, encoding="ascii") as f:
        return [(line.split() + [""])[:2] for line in f]


def compare(stock, ours):
    """Frames, heard on stock, on ours, on stock only, for each kind; rounds that differ."""
    table = {kind: [0, 0, 0, 0] for kind in KINDS}
    differ = [seed for (seed, theirs), (other, own) in zip(stock, ours)
              if seed != other or theirs.lower() != own.lower()]
    for (_, theirs), (_, own) in zip(stock, ours):
        for a, b in zip(theirs, own):
            row = table[b.lower()]
            row[0] += 1
            row[1] += a.isupper()
            row[2] += b.isupper()
            row[3] += a.isupper() and not b.isupper()
    return table, differ


def main(args):
    """Print the table."""
    if len(args) != 2:
        sys.exit(__doc__)
    stock, ours = rounds(args[0]), rounds(args[1])
    if not ours or len(stock) != len(ours):
        sys.exit("error: %d rounds on the stock kernel, %d on ours" % (len(stock), len(ours)))
    table, differ = compare(stock, ours)
    print("%-32s %9s %9s %9s %11s" % ("frames of %d players" % len(ours), "all", "stock", "ours", "stock only"))
    for kind, row in table.items():
        print("%-32s %9d %9d %9d %11d" % (KINDS[kind], *row))
    if differ:
        print("error: the players did not do the same in round %s" % differ[0])
    return 1 if differ or table["k"][3] or not table["k"][0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
