#!/bin/bash
# check-apps.sh: aplay, arecord, alsabat, speaker-test, dmix, dsnoop, PulseAudio and
# PipeWire on buffers that need sync: each sample must be heard as it was played.
. "$(dirname "$0")/lib.sh"

if [ -n "${KVER_GIVEN:-}" ] || [ -n "$KSRC" ]; then versions=$KVER; else versions=$(supported); fi
"$top/lab/packages.sh" tree kernel guest
"$top/lab/rootfs.sh" apps
lock check-apps
broken=0
for KVER in $versions; do
	export KVER
	tag=$KVER${KSRC:+-${tag#*-}}
	"$top/lab/kernel.sh" "$KVER-demo"
	dir=$top/out/check-apps/$KVER
	rm -rf "$dir"
	# A failed test is printed below, with its reason.
	status=0
	(step "apps-$tag" 150 "$top/lab/run-apps.sh" "$tag-demo" "$dir") 2>/dev/null || status=1
	sed '/^[0-9T]/d; s/^ok [0-9]* /    /' "$dir/apps.tap"
	python3 "$top/lab/tap.py" program "apps $KVER" "$dir/apps.tap" $status >"$dir/count"
	verdict "$dir/count" || broken=1
done
[ $broken = 0 ]
