#!/bin/bash
# stress.sh: closes and route changes under running DMA, COUNT in all, on SMP
# vCPUs that really run at once, in the debug kernel.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-1000000}
case ${SMP:-2} in
2) mode=parallel ;;
4) mode=parallel4 ;;
*) die "SMP=$SMP: 2 or 4" ;;
esac
"$top/lab/packages.sh"
"$top/lab/kernel.sh" "$KVER-debug"
"$top/lab/selftests.sh"
name=stress-$tag-$mode
lock "$name"
dir=$build/run/$name
mkdir -p "$build/run"
# Slower than five a second is hung.
limit=$((600 + count / 5))
say "dpcm-stress $limit DPCM_STRESS_SECONDS=$((limit - 60)) $count" >"$build/run/$name.list"
died=0
rm -rf "$dir"
(STEP_LIVE=$dir/live.log step "$name" $((60 + count / 50)) "$top/lab/guest.sh" "$tag-debug" nc1-phone $mode check "$dir" $((limit + 60)) \
	lab/list="$build/run/$name.list" lab/dpcm-stress="$build/selftests-$tag/dpcm-stress") || died=1
python3 "$top/lab/tap.py" guest "stress $KVER $mode" "$build/run/$name.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
grep '^# ' "$dir/live.log" | tail -n 5 || true
verdict "$dir/count" && [ $died = 0 ]
