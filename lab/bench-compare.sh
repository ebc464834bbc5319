#!/bin/bash
# bench-compare.sh: print the numbers that grew by more than 3 % since the file OLD, which an earlier
# make bench wrote.
. "$(dirname "$0")/lib.sh"

new=$top/out/bench/$KVER.csv
[ -n "${OLD:-}" ] || die "say which: make bench-compare OLD=FILE, a CSV file that an earlier make bench wrote"
[ -r "$OLD" ] || die "OLD=$OLD cannot be read"
[ -r "$new" ] || die "there are no numbers of Linux $KVER yet: make bench writes out/bench/$KVER.csv"
python3 "$top/lab/bench.py" compare "$OLD" "$new"
