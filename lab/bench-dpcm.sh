#!/bin/bash
# bench-dpcm.sh: the cost of DPCM in instructions, the stock core and the patched in one
# run, on the kernel without debugging. The clock counts instructions: the numbers
# are the same each time, but for a few in ten thousand of a route switch.
. "$(dirname "$0")/lib.sh"
. "$top/lab/measure.sh"

"$top/lab/packages.sh" tree kernel guest tests
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-stockdemo"
"$top/lab/selftests.sh"
lock bench-dpcm
out=$top/out/bench-dpcm
mkdir -p "$out"
rm -f "$out/$KVER"-*.csv
for flavour in stockdemo demo; do
	dir=$build/run/bench-$flavour
	measure "bench-$tag-$flavour" "$tag-$flavour" nc1-phone count "$dir" dpcm-cost 300 DPCM_COST_OUT=/out/cost.csv ||
		die "no numbers of $flavour"
done
cp "$build/run/bench-stockdemo/cost.csv" "$out/$KVER-stock.csv"
cp "$build/run/bench-demo/cost.csv" "$out/$KVER-ours.csv"
python3 "$top/lab/cost.py" "FE x BE" "$out/$KVER-stock.csv" "$out/$KVER-ours.csv"
