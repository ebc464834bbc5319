#!/bin/bash
# alike.sh: the same sequences on DPCM cards of all kinds (dpcm-alike), in a user mode
# kernel. The guests of make check run a few kinds only: each takes a minute there.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh" tree kernel uml
"$top/lab/kernel.sh" "$KVER-uml"
"$top/lab/selftests.sh" dpcm-alike
lock alike
dir=$build/run/alike
mkdir -p "$build/run"
say "dpcm-alike 300" >"$build/run/alike.list"
died=0
(step "alike-$tag" 10 "$top/lab/uml.sh" "$tag-uml" check "$dir" 360 \
	lab/list="$build/run/alike.list" lab/dpcm-alike="$build/selftests-$tag-host/dpcm-alike") || died=1
python3 "$top/lab/tap.py" guest "alike $KVER" "$build/run/alike.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
verdict "$dir/count" && [ $died = 0 ]
