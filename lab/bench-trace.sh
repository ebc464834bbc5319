#!/bin/bash
# bench-trace.sh: the cost of the trace events while they are off, in instructions: the
# patched kernel without tracing, and with it. The clock counts instructions: the
# numbers are the same each time, but for a few in ten thousand of a route switch.
. "$(dirname "$0")/lib.sh"
. "$top/lab/measure.sh"

"$top/lab/packages.sh" tree kernel guest tests
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/kernel.sh" "$KVER-tracing"
"$top/lab/selftests.sh"
lock bench-trace
out=$top/out/bench-trace
mkdir -p "$out" "$build/run"
rm -f "$out/$KVER"-*.csv

# Off, as the instructions of the simulator's caches would be counted as well.
export APPEND=snd_soc_nc1_sim.caches=0
# program NAME VARIABLE: where it writes its numbers
program() {
	local name=$1 flavour dir
	for flavour in demo tracing; do
		dir=$build/run/bench-trace-$flavour
		measure "bench-$tag-$flavour-$name" "$tag-$flavour" nc1-phone count "$dir" "$name" 300 "$2=/out/cost.csv" ||
			die "no numbers of $flavour"
		cp "$dir/cost.csv" "$out/$KVER-$name-$flavour.csv"
	done
}
program dpcm-cost DPCM_COST_OUT
program noncoherent-instructions NONCOHERENT_COST_OUT
status=0
python3 "$top/lab/cost.py" "FE x BE" "$out/$KVER"-dpcm-cost-{demo,tracing}.csv without with || status=1
python3 "$top/lab/cost.py" device "$out/$KVER"-noncoherent-instructions-{demo,tracing}.csv without with || status=1
[ $status = 0 ]
