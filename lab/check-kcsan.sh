#!/bin/bash
# check-kcsan.sh: find data races in this project's functions: run the tests that need two or
# four vCPUs on a kernel with KCSAN, which delays an access and checks whether another one
# changes the same memory. The stock kernel has races of its own, in sound as
# well; a report counts if one of its two functions is in a file of this project. The
# others are printed in a table.
. "$(dirname "$0")/lib.sh"
. "$top/lab/kcsan.sh"

"$top/lab/packages.sh" tree kernel arm64 guest tests
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$tag-kcsan"
"$top/lab/selftests.sh"
lock check-kcsan
out=$top/out/check-kcsan
rm -rf "$out"
mkdir -p "$out"
: >"$out/others"

kcsan_functions "$tag-kcsan" >"$out/functions"
[ "$(wc -l <"$out/functions")" -gt 100 ] || die "build/$tag-kcsan has no functions of ours"

for mode in parallel parallel4; do
	list=$out/$mode.list
	# This kernel has no fault injection for allocations.
	sed 's/#.*//' "$top/lab/tests" | awk -v mode="$mode" '
		$2 == mode && $3 == "nc1-phone" && $1 !~ /-nomem$/ { $2 = $3 = ""; print }' >"$list"
	limit=$(awk '{ n += $2 } END { print n + 120 }' "$list")
	pairs=$(awk -v from="$build/selftests-$tag" '!seen[$1]++ { print "lab/" $1 "=" from "/" $1 }' "$list" | xargs)
	died=0
	# shellcheck disable=SC2086 # a list
	(APPEND="loglevel=7" step "guest-$tag-kcsan-$mode" 300 "$top/lab/guest.sh" "$tag-kcsan" nc1-phone "$mode" check \
		"$out/$mode" "$limit" lab/list="$list" $pairs) || died=1
	kcsan_ours "$out/functions" "$out/others" <"$out/$mode/console.log" >"$out/$mode.log"
	python3 "$top/lab/tap.py" guest "kcsan, $KVER, $mode" "$list" "$out/$mode/live.log" "$out/$mode.log" >"$out/$mode.count"
	[ $died = 0 ] || say "FAILED guest $mode" >>"$out/$mode.count"
	grep -q 'kcsan: enabled early' "$out/$mode/console.log" || die "the guest's kernel has no KCSAN, or it is off"
done
say "races between functions of others:"
sort "$out/others" | uniq -c | sort -rn | sed -n 1,12p
cat "$out"/parallel.count "$out"/parallel4.count >"$out/count"
grep -v '^tap: ' "$out/count" || true
awk '/^tap: / { passed += $2; failed += $4 } END { print passed + 0 " passed, " failed + 0 " failed" }' "$out/count"
! grep -q '^FAILED' "$out/count"
