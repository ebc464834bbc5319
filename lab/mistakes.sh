#!/bin/bash
# mistakes.sh COUNT: boards with one random mistake each, from SEED on. Each must be reported
# by make check-dt or by a driver, in one line, or play and record as without the mistake.
# Called by check-boards.sh.
. "$(dirname "$0")/lib.sh"
. "$top/lab/dt.sh"

count=$1
"$top/lab/packages.sh" tree kernel guest tests dt boards
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/selftests.sh"
lock mistakes
out=$top/out/mistakes
rm -rf "$out"
mkdir -p "$out"
printf '%s\n' "nc-route 300" "nc-duplex 300" "nc-rate 60" >"$out/list"

# Boot board $1 and run the tests of the list; the results are in folder $2.
boot() {
	APPEND="nc.cards= deferred_probe_timeout=4" "$top/lab/guest.sh" "$tag-demo" "$1" exact board "$2" 700 lab/list="$out/list" \
		lab/nc-route="$build/selftests-$tag/nc-route" lab/nc-duplex="$build/selftests-$tag/nc-duplex" \
		lab/nc-rate="$build/selftests-$tag/nc-rate" >"$2.guest" 2>&1 || true
}

# Judge mistake $1, which is in $3 places of board $2: a row of the table. A failure of
# check-dt itself is no finding.
try() {
	local number=$1 name=$2 places=$3 text="" lines
	dtc -q -I dtb -O dts -o "$out/$number.dts" "$out/$number.dtb" || {
		printf 'FAILED %s: %s\n        dtc does not write its source\n' "$number" "$4" >"$out/$number.row"
		return
	}
	DTS=$out/$number.dts "$top/lab/check-dt.sh" >"$out/$number.said" 2>&1 ||
		text=$(sed -n "s,^$out/$number.dts: ,,p; s,^error: $out/$number.dts does not compile: ,,p" "$out/$number.said" | grep . || say "FAILED")
	lines=$(grep -c . <<<"$text" || true)
	if [ "$text" = FAILED ]; then
		text="FAILED check-dt: $(tail -n 1 "$out/$number.said")"
	elif [ "$lines" != 0 ] && [ "$lines" -le "$places" ]; then
		text="ok check-dt: $(xargs -d '\n' <<<"$text")"
	elif [ "$lines" != 0 ]; then
		text="FAILED check-dt reports it in $lines lines: $(xargs -d '\n' <<<"$text")"
	else
		boot "$out/$number.dtb" "$out/$number"
		text=$("$top/lab/mistakes.py" judge "$out/$name" "$out/$number") && text="ok $text" || text="FAILED $text"
	fi
	printf '%s %s: %s\n        %s\n' "${text%% *}" "$number" "$4" "${text#* }" >"$out/$number.row"
}

dtbs=()
for name in $(boards); do
	[ "$name" != nc1-phone-coherent ] || continue
	compile_dts "$tree/arch/arm/boot/dts/vendor-nc/$name.dts" "$out/$name.dtb"
	dtbs+=("$out/$name.dtb")
	say "... $name without a mistake"
	boot "$out/$name.dtb" "$out/$name"
	! grep -q '^not ok' "$out/$name/live.log" && grep -q '^ok' "$out/$name/live.log" || die "$name fails without a mistake; see $out/$name/live.log"
done
"$top/lab/mistakes.py" write "${SEED:-1}" "$count" "$out" "${dtbs[@]}" >"$out/made"
begin=$SECONDS done=0
while read -r number name places mistake; do
	[ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n || true
	try "$number" "$name" "$places" "$name: $mistake" &
	done=$((done + 1))
	[ $((done % 10)) != 0 ] || say "... $done of $count, about $(((SECONDS - begin) * (count - done) / done)) s left"
done <"$out/made"
wait
for ((number = 1; number <= count; number++)); do cat "$out/$number.row" || say "FAILED $number was not judged"; done | tee "$out/table.txt"
failed=$(grep -c '^FAILED' "$out/table.txt" || true)
say "took $((SECONDS - begin)) s; the table is out/mistakes/table.txt"
say "$((count - failed)) passed, $failed failed"
[ "$failed" = 0 ]
