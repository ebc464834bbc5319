#!/bin/bash
# timeline.sh: draw pictures of traces, in out/timeline/: D1 and D3 on the stock and on the
# patched core, side by side, and a stream with cached buffers from open to close.
#
# The scenes are those of the tests: a scene that passes on stock, or fails on the patched
# core, is an error here too.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh" tree kernel guest tests timeline
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-debug"
"$top/lab/kernel.sh" "$KVER-stocktrace"
"$top/lab/selftests.sh"
lock timeline
out=$top/out/timeline
rm -rf "$out"
mkdir -p "$out" "$build/run"

# Each line leaves a trace: the program's name and the line's number.
cat >"$build/run/timeline.list" <<END
dpcm-fuzz 120 -r +00,+10,O0,H0,P0,S0,O1,H1,P1,-10
dpcm-rows 120 d3_close_in_trigger
trace-life.sh 120
END
# guest FLAVOUR RESULT...: run the programs, which must end with these results
guest() {
	local kernel=$tag-$1 dir=$build/run/timeline-$tag-$1 ended
	shift
	cp "$build/run/timeline.list" "$dir.list"
	# trace-board.sh records all events, some of which stock does not have.
	[ "$kernel" != "$tag-debug" ] || say "trace-board.sh 120" >>"$dir.list"
	step "timeline-$kernel" 60 "$top/lab/guest.sh" "$kernel" nc1-phone parallel trace "$dir" 420 \
		lab/list="$dir.list" lab/trace-life.sh="$top/lab/trace-life.sh" lab/trace-board.sh="$top/lab/trace-board.sh" \
		lab/dpcm-fuzz="$build/selftests-$tag/dpcm-fuzz" lab/dpcm-rows="$build/selftests-$tag/dpcm-rows"
	ended=$(sed -n 's/^lab: end .* //p' "$dir/live.log" | xargs)
	[ "$ended" = "$*" ] || die "$kernel: the programs of $dir.list ended with $ended, not $*; see $dir/live.log"
}
# picture NAME TITLE OPTION...
picture() {
	local name=$1 title=$2
	shift 2
	step "picture-$name" 10 /usr/bin/python3 "$top/lab/timeline.py" -o "$out/$name" --title "$title" "$@"
}
guest debug 0 0 0 0
guest stocktrace 1 1 0
ours=$build/run/timeline-$tag-debug stock=$build/run/timeline-$tag-stocktrace
picture d1 "D1: FE1, which never started, loses its route to BE0" --pcm none \
	--labels "Linux $KVER,with this project" --compare "$ours/dpcm-fuzz-1.trace" "$stock/dpcm-fuzz-1.trace"
picture d3 "D3: FE0 closes while FE1 starts BE0" --pcm none \
	--labels "Linux $KVER,with this project" --compare "$ours/dpcm-rows-2.trace" "$stock/dpcm-rows-2.trace"
picture life "aplay on a buffer that needs sync; a second port joins" "$ours/trace-life.sh-3.trace"
# The recording of trace-cmd must be equal to the kernel's trace, except for times and CPUs.
events() { sed -n 's/^.*: *\(dpcm_[a-z_]*: .*\)$/\1/p' | sed 's/: */: /'; }
trace-cmd report -i "$ours/board.dat" 2>/dev/null | events >"$ours/board.events"
events <"$ours/dpcm-fuzz-1.trace" | diff - "$ours/board.events" || die "trace-cmd does not record what the kernel traces"
[ -s "$ours/board.events" ] || die "trace-cmd recorded nothing"
picture board "D1 with this project, recorded by trace-cmd" --pcm none "$ours/board.dat"
say
for name in d1 d3 life board; do
	say "out/timeline/$name.svg, $name.png"
done
