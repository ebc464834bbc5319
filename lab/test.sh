#!/bin/bash
# test.sh: run one selftest in the debug kernel. TEST="PROGRAM WORD...": a program of
# lab/tests, which says what clock it needs and how long it may take. Without WORDs, which
# are arguments and settings NAME=VALUE, those of lab/tests.
. "$(dirname "$0")/lib.sh"
. "$top/lab/long.sh"

read -r program words <<<"${TEST:-}" || true
programs=$(sed 's/#.*//' "$top/lab/tests" | awk 'NF && $2 != "count" && !seen[$1]++ { print $1 }' | xargs)
[[ " $programs " == *" $program "* && -n "$program" ]] ||
	die "TEST=\"${TEST:-}\": name a program, and one of its tests if you like, as in TEST=\"noncoherent-rows y7_forward\"; there are: $programs"
read -r _ mode _ limit given < <(sed 's/#.*//' "$top/lab/tests" | awk -v name="$program" '$1 == name')
# shellcheck disable=SC2086 # words
long_run "test-$program" "${mode/beside/parallel}" 60 "$limit" "$program" ${words:-$given}
