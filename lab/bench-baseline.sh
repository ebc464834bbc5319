#!/bin/bash
# bench-baseline.sh: take the numbers of the last make check as the baseline of KVER, all but
# those of route switches and periods: the other work of a debug kernel differs from boot
# to boot.
. "$(dirname "$0")/lib.sh"

dir=$top/out/check/$KVER-count-nc1-phone,caches=0
ls "$dir"/*.csv >/dev/null 2>&1 || die "there are no numbers of Linux $KVER: make check leaves them in out/check/"
mkdir -p "$top/lab/baseline"
for csv in "$dir"/*.csv; do
	grep -v -e ',route-' -e ',period,' "$csv" >"$top/lab/baseline/$KVER-${csv##*/}"
done
say "lab/baseline has the numbers of the last make check; git diff shows them"
