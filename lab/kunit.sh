#!/bin/bash
# kunit.sh: run the unit tests that lab/kunit names in a user mode kernel. Linux
# 6.1 has no sound in user mode: there they run in the guest of make check.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh" tree kernel uml
"$top/lab/kernel.sh" "$KVER-uml"
lock kunit
dir=$build/run/kunit
mkdir -p "$build/run"
: >"$build/run/none.list"
died=0
(step "kunit-$tag" 5 "$top/lab/uml.sh" "$tag-uml" none "$dir" 120) || died=1
python3 "$top/lab/tap.py" guest "kunit $KVER" "$build/run/none.list" "$dir/live.log" "$dir/console.log" "$top/lab/kunit" >"$dir/count"
verdict "$dir/count" && [ $died = 0 ]
