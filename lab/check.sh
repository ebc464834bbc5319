#!/bin/bash
# check.sh [quick]: the test command. First what needs no guest, then each kernel
# with all that it can notice by itself, booted, with the selftests of lab/tests
# in it. The last line is "N passed, N failed"; the status says the same.
. "$(dirname "$0")/lib.sh"

if [ -n "${KVER_GIVEN:-}" ] || [ -n "$KSRC" ]; then
	versions=$KVER
else
	versions=$(supported)
fi
passed=0 failed=0 begin=$SECONDS

# Add what tap.py counted in file $1 and show its failures.
count() {
	local words
	grep -v '^tap: ' "$1" || true
	words=$(sed -n 's/^tap: \([0-9]*\) passed, \([0-9]*\) failed/\1 \2/p' "$1")
	passed=$((passed + ${words% *})) failed=$((failed + ${words#* }))
}
broken() {
	failed=$((failed + 1))
	say "FAILED $1"
}

"$top/lab/packages.sh"
lock check
out=$top/out/check
rm -rf "$out"
mkdir -p "$out"

# judge NAME STATUS: a program that wrote NAME.tap and ended with STATUS.
judge() {
	python3 "$top/lab/tap.py" program "$1" "$out/$1.tap" "$2" >"$out/$1.count"
	count "$out/$1.count"
}
program() {
	local name=$1 status=0
	shift
	"$@" >"$out/$name.tap" || status=$?
	judge "$name" $status
}

# All sources and trees first: the checks run side by side.
for KVER in $versions; do
	"$top/lab/tree.sh" || broken "the tree of Linux $KVER cannot be made"
done
# Debian's device tree tools are those of the oldest kernel's time.
say "device tree, in the background"
KVER=${versions##* } "$top/lab/check-dt.sh" >"$out/dt.tap" 2>&1 &
dt=$!
trap 'kill $dt 2>/dev/null; exit 130' INT TERM HUP
say "sources"
# shellcheck disable=SC2086 # a list
program static "$top/lab/static.sh" $versions
say "apply, unapply, export"
program apply "$top/lab/test-apply.sh" "${1:-full}" "$versions"
status=0
wait $dt || status=$?
judge dt $status
trap - INT TERM HUP

# One guest for each clock and board that lab/tests names.
guests() {
	local name=$tag-debug mode board dir limit pairs
	sed 's/#.*//' "$top/lab/tests" | awk 'NF { print $2, $3 }' | awk '!seen[$0]++' >"$out/guests"
	while read -r mode board <&3; do
		dir=$out/$KVER-$mode-$board
		sed 's/#.*//' "$top/lab/tests" | awk -v mode="$mode" -v board="$board" \
			'$2 == mode && $3 == board { print $1, $4 }' >"$build/check.list"
		limit=$(awk '{ n += $2 } END { print n + 120 }' "$build/check.list")
		pairs=$(awk -v from="$build/selftests-$tag" '{ print "lab/" $1 "=" from "/" $1 }' "$build/check.list" | xargs)
		# shellcheck disable=SC2086 # a list
		(step "guest-$KVER-$mode-$board" 60 "$top/lab/guest.sh" "$name" "$board" "$mode" check "$dir" "$limit" \
			lab/list="$build/check.list" $pairs) || broken "guest $KVER $mode $board"
		mkdir -p "$dir"
		python3 "$top/lab/tap.py" guest "$KVER-$mode-$board" "$build/check.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
		count "$dir/count"
	done 3<"$out/guests"
}

if [ "${1:-}" != quick ]; then
	for KVER in $versions; do
		export KVER
		tag=$KVER${KSRC:+-${tag#*-}}
		if "$top/lab/kernel.sh" "$KVER-debug" && "$top/lab/selftests.sh"; then
			guests
		else
			broken "Linux $KVER cannot be built"
		fi
	done
fi
say "took $((SECONDS - begin)) s; what the tests said is in out/check/"
say "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
