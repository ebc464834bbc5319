#!/usr/bin/env python3
"""Write a page with the defects, and how many of their tests pass on which kernel.

defects.py TABLE...     tables that check-stock.sh writes

A test belongs to the defect that its name begins with: d16_join to D16. What each defect
is, the page takes from patches.rst.
"""
import collections
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATCHES = os.path.join(TOP, "Documentation/sound/soc/vendor-nc/patches.rst")
RESULT = re.compile(r"Linux (\d+\.\d+)(, patched)? +([\w-]+):(\w+) +(passes|PASSES|fails|FAILS|NEVER|SAID)")
DEFECT = re.compile(r"([DY]\d+) {2,}(.*)")

HEAD = """\
.. SPDX-License-Identifier: GPL-2.0

===========================================
The defects on each kernel: tests that pass
===========================================

``make check-stock`` runs the tests of each defect on the stock kernel and on the patched
one, and counts those that pass. ``lab/tests-stock`` says why some pass on a stock kernel.
A dash: no test of this defect is for this kernel, or it is shown in another way, as
:doc:`patches` says.

.. list-table::
   :header-rows: 1
"""


def results(tables):
    """{(kernel, whether patched): {defect: [passed, all]}}, and the kernels, newest first."""
    counts = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for table in tables:
        with open(table, encoding="utf-8") as lines:
            for found in filter(None, map(RESULT.match, lines)):
                kernel, patched, _, test, verdict = found.groups()
                count = counts[kernel, bool(patched)][test.split("_")[0].upper()]
                count[0] += verdict.lower() == "passes"
                count[1] += 1
    kernels = sorted({kernel for kernel, _ in counts}, key=lambda k: [int(n) for n in k.split(".")])
    return counts, kernels[::-1]


def row(cells):
    """A row of a list-table."""
    return "   * - " + "\n     - ".join(cells)


def main(tables):
    """Print the page."""
    if not tables:
        sys.exit(__doc__)
    counts, kernels = results(tables)
    columns = [(kernel, patched) for kernel in kernels for patched in (False, True)]
    print(HEAD)
    print(row(["number", "defect"] + ["%s %s" % (kernel, "patched" if patched else "stock") for kernel, patched in columns]))
    with open(PATCHES, encoding="utf-8") as lines:
        for number, title in (found.groups() for found in map(DEFECT.match, lines) if found):
            cells = [counts[column].get(number) for column in columns]
            print(row([number, title] + ["%d of %d" % tuple(cell) if cell else "-" for cell in cells]))


if __name__ == "__main__":
    main(sys.argv[1:])
