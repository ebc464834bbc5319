#!/bin/bash
# fuzz.sh: the random test of DPCM in a user mode kernel: OPS operations, from SEED
# on. What it finds, with the shortest sequence that shows it, is in the output.
. "$(dirname "$0")/lib.sh"

ops=${OPS:-10000000}
# What a kernel notices by itself it notices in a million; more is for the model.
flavour=uml
# An error line for each operation that fails would be most of its work.
[ "$ops" -le 1000000 ] || { flavour=umlfast; export APPEND="loglevel=3"; }
"$top/lab/packages.sh" tree kernel uml
"$top/lab/kernel.sh" "$KVER-$flavour"
"$top/lab/selftests.sh" dpcm-fuzz
lock fuzz
dir=$build/run/fuzz
# An operation takes about a millisecond; a hundred times that is hung.
limit=$((300 + ops / 10))
mkdir -p "$build/run"
say "dpcm-fuzz $limit $ops ${SEED:-}" >"$build/run/fuzz.list"
died=0
rm -rf "$dir"
(STEP_LIVE=$dir/live.log step "fuzz-$tag" $((10 + ops / 1000)) "$top/lab/uml.sh" "$tag-$flavour" check "$dir" $((limit + 60)) \
	lab/list="$build/run/fuzz.list" lab/dpcm-fuzz="$build/selftests-$tag-host/dpcm-fuzz") || died=1
python3 "$top/lab/tap.py" guest "fuzz $KVER" "$build/run/fuzz.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
grep '^# ' "$dir/live.log" || true
verdict "$dir/count" && [ $died = 0 ]
