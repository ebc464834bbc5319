#!/bin/bash
# bench-sync.sh: bytes of cache maintenance for a byte of audio, the stock core and
# ours in one run, on the kernel without debugging.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh"
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-stockdemo"
"$top/lab/selftests.sh"
lock bench-sync
out=$top/out/bench-sync
mkdir -p "$out" "$build/run"
rm -f "$out/$KVER"-*.csv
list=$build/run/bench-sync.list
say "noncoherent-cost 300 NONCOHERENT_COST_OUT=/out/cost.csv" >"$list"
for flavour in stockdemo demo; do
	dir=$build/run/bench-sync-$flavour
	step "bench-sync-$tag-$flavour" 30 "$top/lab/guest.sh" "$tag-$flavour" nc1-phone exact check "$dir" 360 \
		lab/list="$list" lab/noncoherent-cost="$build/selftests-$tag/noncoherent-cost"
	python3 "$top/lab/tap.py" guest "sync cost, $flavour" "$list" "$dir/live.log" "$dir/console.log" >"$dir/count"
	verdict "$dir/count" || say "not all of $flavour is heard as it was played"
	[ -s "$dir/cost.csv" ] || die "no numbers of $flavour"
done
cp "$build/run/bench-sync-stockdemo/cost.csv" "$out/$KVER-stock.csv"
cp "$build/run/bench-sync-demo/cost.csv" "$out/$KVER-ours.csv"
python3 "$top/lab/sync-cost.py" "$out/$KVER-stock.csv" "$out/$KVER-ours.csv"
