#!/bin/bash
# check.sh [quick]: the test command. First the checks without a guest, then each
# kernel, with its debugging options, in a guest that runs the selftests of lab/tests. The last line is "N passed, N failed"; the status is 0 if none failed.
# ARCH=arm64 in the environment: the guests only, with 64-bit kernels and the same
# 32-bit programs. BOARD=NAME: the guests only, with that board and the tests of its
# card that lab/tests has for the phone.
. "$(dirname "$0")/lib.sh"

case ${ARCH:-arm} in
arm) flavour=debug arch="" ;;
arm64) flavour=arm64 arch=-arm64 ;;
*) die "ARCH=$ARCH is not supported; choose arm or arm64" ;;
esac
BOARD=${BOARD:-}
[ -z "$BOARD" ] || known_board "$BOARD"
guests_only=$arch$BOARD
[ -z "$guests_only" ] || [ "${1:-}" != quick ] || die "ARCH=arm64 and BOARD have guests only; make check-quick has none"

if [ -n "${KVER_GIVEN:-}" ] || [ -n "$KSRC" ]; then
	versions=$KVER
else
	versions=$(supported)
fi
passed=0 failed=0 begin=$SECONDS

case $guests_only-${1:-} in
-quick) groups="tests uml dt static docs" ;;
-) groups="guest tests uml dt static" ;;
*) groups="guest tests${arch:+ arm64}" ;;
esac
# The static checks compile for arm64 if there is one kernel.
[ -n "$guests_only" ] || [ "${versions#* }" != "$versions" ] || groups="$groups arm64"
# shellcheck disable=SC2086 # a list
"$top/lab/packages.sh" tree kernel $groups

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

lock check
out=$top/out/check$arch${BOARD:+-$BOARD}
rm -rf "$out"
mkdir -p "$out"

# judge NAME STATUS: count the results of a program that wrote NAME.tap and ended with STATUS.
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

# All sources and trees first, as the checks run at the same time. A kernel that Debian does
# not have any more is left out, and named.
list=$versions versions="" skipped=""
for KVER in $list; do
	status=0
	"$top/lab/tree.sh" || status=$?
	case $status in
	0) versions="$versions${versions:+ }$KVER" ;;
	77) skipped="$skipped, Linux $KVER skipped" ;;
	*) broken "the tree of Linux $KVER cannot be made" ;;
	esac
done
[ -n "$versions" ] || { say "$passed passed, $failed failed$skipped"; exit 1; }
sources() {
	local dt apply status=0
	# Debian's device tree tools are as old as the oldest kernel.
	say "device tree; apply, unapply, export: in the background"
	KVER=${versions##* } "$top/lab/check-dt.sh" >"$out/dt.tap" 2>&1 &
	dt=$!
	"$top/lab/test-apply.sh" quick "$versions" >"$out/apply.tap" 2>"$out/apply.log" &
	apply=$!
	# shellcheck disable=SC2064 # the pids of now are meant
	trap "kill $dt $apply 2>/dev/null; exit 130" INT TERM HUP
	say "sources"
	# shellcheck disable=SC2086 # a list
	program static "$top/lab/static.sh" $versions
	wait $dt || status=$?
	judge dt $status
	status=0
	wait $apply || status=$?
	judge apply $status
	trap - INT TERM HUP
}
[ -n "$guests_only" ] || sources
# Sphinx needs 100 MB of packages: not in CI.
documents() {
	local verdict=ok
	KVER_GIVEN=${versions%% *} "$top/lab/docs.sh" >"$out/docs.log" 2>&1 || verdict="not ok"
	say "$verdict 1 - the pages have no warnings"
	sed 's/^/# /' "$out/docs.log"
	say "1..1"
}
[ "${1:-}" != quick ] || program docs documents

# Run a script that ends with a line of tap.py's.
script() {
	local name=$1 status=0
	shift
	say "$name"
	("$@" 2>&1 | tee "$out/$name.count" |
		{ grep --line-buffered -e '^\.\.\. ' -e '^ok ' -e ' s of ' || true; }) || status=$?
	if grep -q '^tap: ' "$out/$name.count"; then
		sed '/^tap: /!{/^FAILED\|^    /!d}; / s of /d' "$out/$name.count" >"$out/$name.short"
		count "$out/$name.short"
	fi
	[ $status = 0 ] || grep -q '^FAILED' "$out/$name.count" || {
		tail -n 15 "$out/$name.count"
		broken "$name"
	}
}
# The tests in a user mode kernel, on the newest version.
user_mode() {
	local KVER=${versions%% *}
	export KVER
	[ "$KVER" != 6.1 ] || return 0
	script kunit "$top/lab/kunit.sh"
	script alike "$top/lab/alike.sh"
	[ "${1:-}" = quick ] || script fuzz env OPS=50000 "$top/lab/fuzz.sh"
	[ "${1:-}" = quick ] || script drivers env COUNT=20 "$top/lab/check-drivers.sh"
}

# Whether this kernel runs all tests: the newest one does, and each one if only guests run.
has_all() { [ -n "$guests_only" ] || [ "$KVER" = "${versions%% *}" ]; }
# The lines of lab/tests that count here. Instructions are counted where lab/baseline has
# numbers to compare them with, for 32 bits. The rules of caches other than
# arm's are those of the simulator, not of the kernel: they are tested on one kernel only.
tests() {
	local base
	base=$(find "$top/lab/baseline" -name "$KVER-*.csv" -print -quit)
	sed 's/#.*//' "$top/lab/tests" | awk -v board="$BOARD" -v base="${base:+$arch}${base:-none}" -v all="$(! has_all || say yes)" '
		all == "" && /KERNELS=newest/ { next }
		all == "" { sub(/NONCOHERENT_MODE=[a-z,]*/, "NONCOHERENT_MODE=arm") }
		NF && board != "" { if ($1 !~ /^nc-/ || $3 != "nc1-phone") next; $3 = board }
		$2 == "count" && base !~ /^\// { next }
		NF'
}
# The clocks and boards of these tests; pattern $1 for the clock.
pairs() { tests | awk -v mode="$1" '$2 ~ mode { print $2, $3 }' | awk '!seen[$0]++'; }

# Boot this kernel's guests whose clock matches pattern $1, one for each clock and
# board. Unit tests run when their module is loaded; once is enough.
guests() {
	local mode board dir limit files
	while read -r mode board <&3; do
		dir=$out/$KVER-$mode-$board
		tests | awk -v mode="$mode" -v board="$board" \
			'$2 == mode && $3 == board { $2 = $3 = ""; print }' >"$dir.list"
		limit=$(awk '{ n += $2 } END { print n + 120 }' "$dir.list")
		files=$(awk -v from="$programs" '!seen[$1]++ { print "lab/" $1 "=" from "/" $1 }' "$dir.list" | xargs)
		APPEND=""
		[ "$mode-$board" != "$unit_tests" ] || APPEND="kunit.enable=1 loglevel=7"
		export APPEND
		# shellcheck disable=SC2086 # a list
		(step "guest-$KVER$arch-$mode-$board" 60 "$top/lab/guest.sh" "$tag-$flavour" "$board" "${mode/beside/parallel}" check "$dir" "$limit" \
			lab/list="$dir.list" $files) || say "FAILED guest $KVER$arch $mode $board" >"$dir.died"
	done 3< <(pairs "$1")
}
unit_tests=parallel-nc1-phone
[ -z "$BOARD" ] || unit_tests=""

# The numbers that the programs left in folder $1 against those of lab/baseline.
costs() {
	local base n=0 status=0
	say "TAP version 13"
	for base in "$top/lab/baseline/$KVER"-*.csv; do
		n=$((n + 1))
		if python3 "$top/lab/bench.py" compare "$base" "$1/${base##*/"$KVER"-}" >"$1/compare" 2>&1; then
			say "ok $n ${base##*/}: no count grew by more than 3 %"
		else
			status=1
			say "not ok $n ${base##*/}: no count grew by more than 3 %"
		fi
		sed 's/^/# /' "$1/compare"
	done
	say "1..$n"
	return $status
}

# Count the results of the guests of this kernel.
judge_guests() {
	local mode board dir suites
	while read -r mode board <&3; do
		dir=$out/$KVER-$mode-$board
		mkdir -p "$dir"
		suites=()
		[ "$mode-$board" != "$unit_tests" ] || suites=("$top/lab/kunit")
		python3 "$top/lab/tap.py" guest "$KVER$arch-$mode-$board" "$dir.list" "$dir/live.log" "$dir/console.log" "${suites[@]}" >"$dir/count"
		count "$dir/count"
		[ ! -e "$dir.died" ] || broken "guest $KVER$arch $mode $board"
		[ "$mode" != count ] || program "cost-$KVER" costs "$dir"
	done 3< <(pairs .)
}

# Exact and counting guests take one CPU each, and their results do not depend on the load;
# those of the clock "beside" wait two thirds of the time: both run in the background while
# the next kernel is built. Guests with two CPUs sleep half of the time, so those of all
# kernels run at once; those with four run alone.
#
# The programs are the same for all kernels: those of the newest kernel's tree run on each.
built="" background="" booted=$versions programs=$build/selftests-${versions%% *}${KSRC:+-${tag#*-}}
# Of three kernels the oldest is compiled above and not booted, so that the run ends within
# CI's time. make check KVER=6.1 runs its tests.
[ -n "$guests_only" ] || [ "$(wc -w <<<"$versions")" -lt 3 ] || booted=${versions% *}
if [ "${1:-}" != quick ]; then
	for KVER in $booted; do
		export KVER
		tag=$KVER${KSRC:+-${tag#*-}}
		if "$top/lab/kernel.sh" "$KVER-$flavour" && KVER=${versions%% *} "$top/lab/selftests.sh"; then
			built="$built $KVER"
			# A pipe: on a terminal both would write into one line.
			(guests '^(exact|count)$') > >(cat) 2>&1 &
			background="$background $!"
			(guests '^beside$') > >(cat) 2>&1 &
			background="$background $!"
			# shellcheck disable=SC2064 # those of now are meant
			trap "kill $background 2>/dev/null; exit 130" INT TERM HUP
		else
			broken "Linux $KVER cannot be built"
		fi
	done
fi
[ -n "$guests_only" ] || user_mode "${1:-}"
# shellcheck disable=SC2086 # a list
[ -z "$background" ] || wait $background || true
trap - INT TERM HUP
background=""
for KVER in $built; do
	export KVER
	tag=$KVER${KSRC:+-${tag#*-}}
	(guests '^parallel$') > >(cat) 2>&1 &
	background="$background $!"
	# shellcheck disable=SC2064 # those of now are meant
	trap "kill $background 2>/dev/null; exit 130" INT TERM HUP
done
# shellcheck disable=SC2086 # a list
[ -z "$background" ] || wait $background || true
trap - INT TERM HUP
for KVER in $built; do
	export KVER
	tag=$KVER${KSRC:+-${tag#*-}}
	guests '^parallel4$'
	judge_guests
done
say "took $((SECONDS - begin)) s; what the tests said is in ${out#"$top/"}/"
say "$passed passed, $failed failed$skipped"
[ $failed = 0 ] && [ $passed != 0 ]
