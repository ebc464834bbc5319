#!/bin/bash
# check-stock.sh: show that the test of each defect detects it. Run the tests of
# lab/tests-stock on the stock kernel with the same simulated cards; each must fail there,
# unless the list has a reason why it passes. Then run them on the patched kernel, where each
# must pass. A test with another result, or with none, is a failure here.
# out/check-stock/defects.rst counts them for each defect. ONLY="PROGRAM..." chooses programs.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh" tree kernel guest tests
"$top/lab/rootfs.sh"
lock check-stock
if [ -n "${KVER_GIVEN:-}" ] || [ -n "$KSRC" ]; then versions=$KVER; else versions=$(supported); fi
out=$top/out/check-stock
rm -rf "$out"
mkdir -p "$out"
broken=0

# The lines of lab/tests-stock that are meant for this kernel
listed() {
	sed 's/#.*//' "$top/lab/tests-stock" | awk -v kver="$KVER" -v only=" ${ONLY:-} " \
		'NF && ($6 !~ /^[0-9]/ || $6 == kver) && (only ~ /^ *$/ || index(only, " " $1 " "))'
}
KVER=${versions%% *}
[ -n "$(listed)" ] || die "ONLY=\"${ONLY:-}\": lab/tests-stock has no such program"

# Boot kernel $1 until every test has begun: after a test that crashes or damages the
# kernel, boot again for the others.
guests() {
	local kernel=$1 mode=$2 board=$3 name=$4 boot=0 begun=-1 limit pairs
	mkdir -p "$name"
	: >"$name/done"
	listed | awk -v mode="$mode" -v board="$board" '$3 == mode && $4 == board {
		print $1, $5, $2, index($0, "passes:") ? substr($0, index($0, "passes:")) : "" }' >"$name/list"
	limit=$(awk '{ n += 20 * $2 } END { print n + 120 }' "$name/list")
	pairs=$(awk -v from="$build/selftests-$tag" '!seen[$1]++ { print "lab/" $1 "=" from "/" $1 }' "$name/list" | xargs)
	while [ "$(wc -l <"$name/done")" -gt "$begun" ]; do
		begun=$(wc -l <"$name/done")
		boot=$((boot + 1))
		# shellcheck disable=SC2086 # a list
		"$top/lab/guest.sh" "$kernel" "$board" "$mode" stock "$name/$boot" "$limit" \
			lab/list="$name/list" lab/done="$name/done" $pairs || true
		sed -n 's/^lab: begin //p' "$name/$boot/live.log" >>"$name/done"
		! grep -q '^lab: complete' "$name/$boot/live.log" || break
	done
}

# judge stock|patched KERNEL MODE BOARD NAME: run the tests and add them to the table.
judge() {
	local dir=$out/$KVER-$1-$3-$4
	(step "$1-$KVER-$3-$4" 200 guests "$2" "$3" "$4" "$dir")
	python3 "$top/lab/tap.py" "$1" "$5" "$dir" >"$dir/table" || broken=1
	tee -a "$out/table.txt" <"$dir/table"
}

for KVER in $versions; do
	export KVER
	tag=$KVER${KSRC:+-${tag#*-}}
	"$top/lab/kernel.sh" "$KVER-stock" && "$top/lab/selftests.sh" || die "Linux $KVER cannot be built"
	while read -r mode board <&3; do
		judge stock "$tag-stock" "$mode" "$board" "Linux $KVER"
		judge patched "$tag-debug" "$mode" "$board" "Linux $KVER, patched"
	done 3< <(listed | awk '!seen[$3, $4]++ { print $3, $4 }')
done
python3 "$top/lab/defects.py" "$out/table.txt" >"$out/defects.rst"
[ $broken = 0 ] && [ -s "$out/table.txt" ] || die "not every test of a defect does what lab/tests-stock says"
say "every test of a defect fails on the stock kernel, but for the $(grep -c ' passes, as declared ' "$out/table.txt" || true) that lab/tests-stock explains, and passes on the patched one"
say "${out#"$top/"}/defects.rst has the counts"
