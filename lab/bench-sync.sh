#!/bin/bash
# bench-sync.sh: bytes of cache maintenance for a byte of audio, by access and by
# program, and instructions for a write and a commit of a period, the stock core and
# the patched one in one run, on the kernel without debugging.
. "$(dirname "$0")/lib.sh"
. "$top/lab/measure.sh"

"$top/lab/packages.sh" tree kernel guest tests
"$top/lab/rootfs.sh"
"$top/lab/rootfs.sh" apps
"$top/lab/kernel.sh" "$KVER-stockdemo"
"$top/lab/selftests.sh"
lock bench-sync
out=$top/out/bench-sync
mkdir -p "$out" "$build/run"
rm -f "$out/$KVER"-*.csv
for flavour in stockdemo demo; do
	dir=$build/run/bench-sync-$flavour
	measure "bench-sync-$tag-$flavour" "$tag-$flavour" nc1-phone exact "$dir" noncoherent-cost 300 NONCOHERENT_COST_OUT=/out/cost.csv ||
		say "not all of $flavour is heard as it was played"
	[ -s "$dir/cost.csv" ] || die "no numbers of $flavour"
done
cp "$build/run/bench-sync-stockdemo/cost.csv" "$out/$KVER-stock.csv"
cp "$build/run/bench-sync-demo/cost.csv" "$out/$KVER-ours.csv"

# Programs from outside this project. With the stock core not all is heard as it was played;
# their bytes are counted all the same.
apps() { "$top/lab/run-apps.sh" "$tag-$1" "$build/run/bench-sync-apps-$1" || [ "$1" = stockdemo ]; }
for flavour in stockdemo demo; do
	step "bench-apps-$tag-$flavour" 150 apps $flavour
	say "$flavour: $(grep -c '^ok .*:' "$build/run/bench-sync-apps-$flavour/apps.tap") programs are heard as they played"
done
cp "$build/run/bench-sync-apps-stockdemo/cost.csv" "$out/$KVER-apps-stock.csv"
cp "$build/run/bench-sync-apps-demo/cost.csv" "$out/$KVER-apps-ours.csv"

# Instructions, on both boards, without the simulator's model of caches. Two boots must
# give the same number to the digit.
instructions() {
	local flavour=$1 board boot dir
	for boot in 1 2; do
		for board in nc1-phone nc1-phone-coherent; do
			APPEND=snd_soc_nc1_sim.caches=0 measure "instructions-$tag-$flavour-$board-$boot" "$tag-$flavour" "$board" count \
				"$build/run/bench-sync-$flavour-$board-$boot" noncoherent-instructions 120 NONCOHERENT_COST_OUT=/out/cost.csv ||
				die "no numbers of $flavour"
		done
		dir=$build/run/bench-sync-$flavour
		sed 1d "$dir-nc1-phone-coherent-$boot/cost.csv" | cat "$dir-nc1-phone-$boot/cost.csv" - >"$dir-$boot.csv"
	done
	diff "$dir-1.csv" "$dir-2.csv" || die "two boots of $flavour do not give the same numbers"
}
instructions stockdemo
instructions demo
cp "$build/run/bench-sync-stockdemo-1.csv" "$out/$KVER-instructions-stock.csv"
cp "$build/run/bench-sync-demo-1.csv" "$out/$KVER-instructions-ours.csv"

status=0
python3 "$top/lab/sync-cost.py" "$out/$KVER-stock.csv" "$out/$KVER-ours.csv" || status=1
python3 "$top/lab/apps.py" cost "$out/$KVER-apps-stock.csv" "$out/$KVER-apps-ours.csv" || status=1
python3 "$top/lab/cost.py" device "$out/$KVER-instructions-stock.csv" "$out/$KVER-instructions-ours.csv" || status=1
[ $status = 0 ]
