#!/bin/bash
# fuzz.sh: the random test of DPCM in a user mode kernel: OPS operations, from SEED
# on. A failure is printed with the shortest sequence that shows it.
. "$(dirname "$0")/lib.sh"

ops=${OPS:-10000000}
# A million operations are enough for the kernel's own checks; more of them are compared
# with the model only.
flavour=uml
# Without the kernel's error line for each operation that fails, which would take most of
# the time.
[ "$ops" -le 1000000 ] || { flavour=umlfast; export APPEND="loglevel=3"; }
"$top/lab/packages.sh" tree kernel uml
"$top/lab/kernel.sh" "$KVER-$flavour"
"$top/lab/selftests.sh" dpcm-fuzz
lock fuzz
dir=$build/run/fuzz
# An operation takes about a millisecond; after a hundred times that the guest is hung.
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
