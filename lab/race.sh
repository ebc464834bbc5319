#!/bin/bash
# race.sh: buffers that need sync are freed while other threads ask for pointers, for
# MINUTES, on two vCPUs that really run at once, in the debug kernel.
. "$(dirname "$0")/lib.sh"

minutes=${MINUTES:-30}
case $minutes in *[!0-9]* | 0*) die "MINUTES=$minutes: a number of minutes, 1 or more" ;; esac
seconds=$((60 * minutes))
"$top/lab/packages.sh"
"$top/lab/kernel.sh" "$KVER-debug"
"$top/lab/selftests.sh"
name=race-$tag
lock "$name"
dir=$build/run/$name
mkdir -p "$build/run"
say "noncoherent-race $((2 * seconds + 60)) $seconds" >"$build/run/$name.list"
died=0
rm -rf "$dir"
(step "$name" $((seconds + 30)) "$top/lab/guest.sh" "$tag-debug" nc1-phone parallel check "$dir" $((2 * seconds + 180)) \
	lab/list="$build/run/$name.list" lab/noncoherent-race="$build/selftests-$tag/noncoherent-race") || died=1
python3 "$top/lab/tap.py" guest "race $KVER" "$build/run/$name.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
grep '^# ' "$dir/live.log" | head -n 4 || true
verdict "$dir/count" && [ $died = 0 ]
