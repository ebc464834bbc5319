# shellcheck shell=bash
# Run one program in a guest for the numbers that it writes. Sourced.

# measure NAME KERNEL BOARD MODE DIR WORD...: boot KERNEL and run the program; its
# words are those of a line of lab/tests after the board: PROGRAM SECONDS [NAME=VALUE...]
# [ARGUMENT...]. NAME is shown as progress. The files that it wrote to /out are in DIR afterwards.
measure() {
	local name=$1 kernel=$2 board=$3 mode=$4 dir=$5 program=$6 limit=$7
	shift 5
	mkdir -p "$(dirname "$dir")"
	say "$*" >"$dir.list"
	step "$name" 30 "$top/lab/guest.sh" "$kernel" "$board" "$mode" check "$dir" $((limit + 60)) \
		lab/list="$dir.list" "lab/$program=$build/selftests-$tag/$program"
	python3 "$top/lab/tap.py" guest "$name" "$dir.list" "$dir/live.log" "$dir/console.log" >"$dir/count"
	verdict "$dir/count"
}
