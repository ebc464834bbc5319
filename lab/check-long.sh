#!/bin/bash
# check-long.sh: run the commands that take too long for make check, one after the other:
# those of the list below, each after the time in seconds that it takes with all built. The
# output of each is in out/long/; out/long/table.txt has a line with its last result and
# commit, and a "+" if files had been changed. A failure does not end the run; the status is
# 1 if there was one. ONLY="NAME..." in the environment: only these, the lines of the
# others are kept. It was not yet run to its end in one go.
. "$(dirname "$0")/lib.sh"

all="300 check-sublevels
1000 check-host SUITE=bookworm
1000 check-host SUITE=trixie
3000 check KVER=6.12
3000 check KVER=6.1
1500 check-stock KVER=6.12
1500 check-stock KVER=6.1
300 check-armv5 KVER=6.12
300 check-armv5 KVER=6.1
600 check-zaurus
600 check-apps KVER=6.12
600 check-apps KVER=6.1
600 differ
600 check-dma
528 check-boards KVER=6.12
616 check-boards KVER=6.1
600 check-boards RANDOM=30
1800 check ARCH=arm64
353 check BOARD=nc1-tablet
300 check BOARD=nc1-speaker
931 check-kcsan KVER=6.12
1800 check-kcsan KVER=6.1
2714 unbind
2911 modules
1900 race
5700 stress SMP=2
5700 stress SMP=4
1800 fuzz
600 check-drivers KVER=6.12
600 check-drivers KVER=6.1
600 lava
900 check-lava
4000 mutants
3600 allmod"

for name in ${ONLY:-}; do
	grep -q "^[0-9]* $name\( \|\$\)" <<<"$all" || die "ONLY=$name: choose of $(cut -d' ' -f2 <<<"$all" | sort -u | xargs)"
done
lock check-long
out=$top/out/long
mkdir -p "$out"
# The variables of this make are not for those commands.
unset KVER_GIVEN KSRC tree
chosen() { [ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $1 "* ]]; }
step_of() { say "long-$1${2:+-${2//[ =]/-}}"; }
# All last results, in the order of the list.
table() {
	local guess name words
	while read -r guess name words; do
		name=$out/$(step_of "$name" "$words").last
		[ ! -f "$name" ] || cat "$name"
	done <<<"$all" >"$out/table.txt"
}

while read -r guess name words; do
	! chosen "$name" || say "$guess"
done <<<"$all" | awk '{ all += $1 } END { printf "commands: %d, about %.1f hours\n", NR, all / 3600 }'
passed=0 failed=0
while read -r guess name words; do
	chosen "$name" || continue
	what=$name${words:+ $words} step=$(step_of "$name" "$words") verdict=ok begin=$SECONDS
	commit=$(git -C "$top" describe --always --exclude='*' --dirty=+ 2>/dev/null || say -)
	# shellcheck disable=SC2086 # words
	(unset KVER; step "$step" "$guess" make -C "$top" "$name" $words) || verdict=FAILED
	cp "$log/$step.log" "$out/"
	case $verdict in ok) passed=$((passed + 1)) ;; *) failed=$((failed + 1)) ;; esac
	printf '%-26s %5d s  %-6s  %-10s %s\n' "$what" $((SECONDS - begin)) "$verdict" "$commit" \
		"$(grep -E '[0-9]+ passed|mutants were|compiled|all reported' "$out/$step.log" | tail -n 1)" | tee "$out/$step.last"
	table
done <<<"$all"
say "$passed passed, $failed failed; the last result of each is in out/long/table.txt"
[ $failed = 0 ] && [ $passed != 0 ]
