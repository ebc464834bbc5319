#!/bin/bash
# check-dma.sh: the tests of explicit sync on a kernel whose DMA API checks its callers
# (CONFIG_DMA_API_DEBUG). It reports syncs and frees of memory that does not belong to
# the device. It cannot report a missing sync; the other tests do.
. "$(dirname "$0")/lib.sh"

[ "$KVER" != 6.1 ] || die "Linux 6.1 takes each dma_free_noncoherent() for an error; use KVER=6.12"
"$top/lab/packages.sh" tree kernel guest tests
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-dmadebug"
"$top/lab/selftests.sh"
lock check-dma
dir=$top/out/check-dma
list=$build/run/check-dma.list
mkdir -p "$build/run"
printf '%s\n' "noncoherent-rows 400" "noncoherent-fuzz 600 4000 1" "nc-states 300" "nc-reopen 600" "nc-suspend 300" >"$list"
pairs=$(awk -v from="$build/selftests-$tag" '{ print "lab/" $1 "=" from "/" $1 }' "$list" | xargs)
died=0
# So that the log has the kernel's line about it
export APPEND="loglevel=7"
# shellcheck disable=SC2086 # a list
(step "guest-$tag-dmadebug" 200 "$top/lab/guest.sh" "$tag-dmadebug" nc1-phone exact check "$dir" 2000 lab/list="$list" $pairs) || died=1
python3 "$top/lab/tap.py" guest "dma, $KVER" "$list" "$dir/live.log" "$dir/console.log" >"$dir/count"
# Without this line the kernel did not check its callers.
grep -q "DMA-API: debugging enabled" "$dir/console.log" || die "the guest's kernel has no CONFIG_DMA_API_DEBUG"
verdict "$dir/count" && [ $died = 0 ]
