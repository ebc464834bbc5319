# shellcheck shell=bash
# Run one program for a long time in the debug kernel, on vCPUs that really run at once. Sourced.

# BOARD of the environment is for programs that read from the card what its board has.
# long_run NAME MODE GUESS LIMIT PROGRAM WORD...: run PROGRAM in a guest of that MODE. It
# takes about GUESS seconds and counts as hung after LIMIT; a WORD is an argument or NAME=VALUE.
long_run() {
	local board=${BOARD:-nc1-phone} name=$1-$tag-$2${BOARD:+-$BOARD} mode=$2 guess=$3 limit=$4 program=$5 died=0
	local dir=$build/run/$name
	known_board "$board"
	shift 5
	"$top/lab/packages.sh" tree kernel guest tests
	"$top/lab/kernel.sh" "$KVER-debug"
	"$top/lab/selftests.sh"
	lock "$name"
	mkdir -p "$build/run"
	rm -rf "$dir"
	say "$program $limit $*" >"$dir.list"
	(STEP_LIVE=$dir/live.log step "$name" "$guess" "$top/lab/guest.sh" "$tag-debug" "$board" "$mode" check "$dir" \
		$((limit + 60)) lab/list="$dir.list" lab/"$program=$build/selftests-$tag/$program") || died=1
	python3 "$top/lab/tap.py" guest "$program $KVER $mode" "$dir.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
	grep '^# ' "$dir/live.log" | tail -n 5 || true
	verdict "$dir/count" && [ $died = 0 ]
}
