#!/bin/bash
# bench.sh: the cost of DPCM and explicit sync, the stock core and the patched one in
# one run: instructions, their growth with values on which they should not depend,
# bytes of cache maintenance, time with interrupts off, memory, code size. Costs are
# counted, not timed; the patched DPCM is counted in two boots, which must agree (see
# bench.py again). Results: out/bench/VERSION.csv and pictures in the same folder.
. "$(dirname "$0")/lib.sh"
. "$top/lab/measure.sh"

begin=$SECONDS
"$top/lab/packages.sh" tree kernel guest tests plot
"$top/lab/rootfs.sh"
for flavour in demo stockdemo latency stocklatency; do
	"$top/lab/kernel.sh" "$KVER-$flavour"
done
"$top/lab/selftests.sh"
lock bench
run=$build/run/bench
out=$top/out/bench
rm -rf "$run"
mkdir -p "$run" "$out"

# Bytes of code and data of the modules that differ, of kernel $1
code_size() {
	say "cell,operation,bytes"
	find "$build/$1/mods" -name snd-pcm.ko -o -name snd-soc-core.ko | sort | while read -r module; do
		arm-linux-gnueabihf-size "$module" | awk -v name="$(basename "$module" .ko)" 'NR == 2 { print "code," name "," $1 + $2 + $3 }'
	done
}

# The simulator's model of caches is on where bytes are counted, and off elsewhere.
plain() { APPEND=snd_soc_nc1_sim.caches=0 measure "$@"; }
# All numbers of one side, stock or ours, in build/run/bench/SIDE-*: of kernel $2, and of
# $3 with the irqsoff tracer. The stock core may play wrong samples.
numbers() {
	local side=$1 kernel=$2 latency=$3
	measure "bench-dpcm-$side" "$kernel" nc1-phone count "$run/$side-dpcm" dpcm-cost 300 DPCM_COST_OUT=/out/cost.csv
	measure "bench-dpcm-growth-$side" "$kernel" nc1-phone count "$run/$side-dpcm-growth" dpcm-cost 600 DPCM_COST_OUT=/out/cost.csv growth
	plain "bench-sync-$side" "$kernel" nc1-phone count "$run/$side-sync" noncoherent-instructions 120 NONCOHERENT_COST_OUT=/out/cost.csv
	plain "bench-sync-coherent-$side" "$kernel" nc1-phone-coherent count "$run/$side-sync-coherent" noncoherent-instructions 120 NONCOHERENT_COST_OUT=/out/cost.csv
	plain "bench-sync-growth-$side" "$kernel" nc1-phone count "$run/$side-sync-growth" noncoherent-instructions 120 NONCOHERENT_COST_OUT=/out/cost.csv growth
	measure "bench-upkeep-$side" "$kernel" nc1-phone exact "$run/$side-upkeep" noncoherent-cost 300 NONCOHERENT_COST_OUT=/out/cost.csv || [ "$side" = stock ]
	measure "bench-footprint-$side" "$latency" nc1-phone count "$run/$side-footprint" dpcm-footprint 300 DPCM_FOOTPRINT_OUT=/out
	code_size "$kernel" >"$run/$side-code.csv"
}
numbers stock "$tag-stockdemo" "$tag-stocklatency"
numbers ours "$tag-demo" "$tag-latency"
measure bench-dpcm-again "$tag-demo" nc1-phone count "$run/again-dpcm" dpcm-cost 300 DPCM_COST_OUT=/out/cost.csv
python3 "$top/lab/bench.py" again "$run/ours-dpcm/cost.csv" "$run/again-dpcm/cost.csv" || die "two boots do not give the same numbers"
csv=$out/$KVER.csv
python3 "$top/lab/bench.py" gather "$run" "$csv"
python3 "$top/lab/bench.py" plot "$csv" "$run"
for kind in svg pngcairo; do
	(cd "$run" && gnuplot -e "kind='$kind'; output='$out/$KVER.${kind%cairo}'" \
		-e "title='instructions on Linux $KVER: stock and ours'" "$top/lab/bench.gp")
done

status=0
compare() { python3 "$top/lab/cost.py" "$1" "$run/stock-$2/cost.csv" "$run/ours-$2/cost.csv" || status=1; }
compare "FE x BE" dpcm
compare device sync
compare device sync-coherent
python3 "$top/lab/sync-cost.py" "$run/stock-upkeep/cost.csv" "$run/ours-upkeep/cost.csv" || status=1
python3 "$top/lab/bench.py" growth "$csv" || status=1
python3 "$top/lab/bench.py" size "$csv" || status=1
say "took $((SECONDS - begin)) s; the numbers are in out/bench/$KVER.csv, pictures beside it"
[ $status = 0 ]
