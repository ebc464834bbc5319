#!/bin/bash
# check-long.sh: what takes too long for make check, one after the other: each is a
# command of the Makefile as it stands below, and its output is in out/long/. The table
# is in out/long/table.txt. It goes on after a failure; the status says whether there was
# one. ONLY="NAME..." in the environment: only these. Nobody has run all of it in one go yet.
. "$(dirname "$0")/lib.sh"

all="check-sublevels
check-stock KVER=6.12
check-stock KVER=6.1
check-armv5 KVER=6.12
check-armv5 KVER=6.1
check-zaurus
check-apps KVER=6.12
check-apps KVER=6.1
check-dma
check-boards KVER=6.12
check-boards KVER=6.1
check ARCH=arm64
check BOARD=nc1-tablet
check BOARD=nc1-speaker
check-kcsan KVER=6.12
check-kcsan KVER=6.1
unbind
modules
race
stress SMP=2
stress SMP=4
fuzz
lava
check-lava
mutants
allmod"

for name in ${ONLY:-}; do
	grep -q "^$name\( \|\$\)" <<<"$all" || die "ONLY=$name: choose of $(cut -d' ' -f1 <<<"$all" | sort -u | xargs)"
done
lock check-long
out=$top/out/long
mkdir -p "$out"
: >"$out/table.txt"
# What was given to this make is not for those.
unset KVER_GIVEN KSRC tree
passed=0 failed=0
while read -r name words; do
	[ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $name "* ]] || continue
	verdict=ok begin=$SECONDS
	what=$name${words:+ $words}
	# shellcheck disable=SC2086 # words
	(unset KVER; step "long-${what//[ =]/-}" 1800 make -C "$top" "$name" $words) || verdict=FAILED
	cp "$log/long-${what//[ =]/-}.log" "$out/"
	case $verdict in ok) passed=$((passed + 1)) ;; *) failed=$((failed + 1)) ;; esac
	printf '%-28s %6d s  %-7s %s\n' "$what" $((SECONDS - begin)) "$verdict" \
		"$(grep -E '[0-9]+ passed|mutants were|compiled' "$log/long-${what//[ =]/-}.log" | tail -n 1)" | tee -a "$out/table.txt"
done <<<"$all"
say "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
