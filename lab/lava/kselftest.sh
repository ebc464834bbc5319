#!/bin/sh
# kselftest.sh DIR SECONDS PROGRAM[=ARGUMENT,ARGUMENT...]...: on the board, run the
# PROGRAMs of DIR, the folder of kselftests that the kernel's "make install" made, by
# its own run_kselftest.sh, each for at most SECONDS. Needs LAVA's lava-test-case.
#
# A test case becomes PROGRAM.NUMBER_TEXT. Then PROGRAM itself is a case: it passed if its
# status is 0 and it reported all cases of its plan; its measurement is their number. The
# last case, "end", has the number of programs. So lab/lava.py merge detects a result that
# was lost when a board died or on a bad serial line.

dir=$1 limit=$2 programs=0
shift 2

# "3 closes and 4 switches, wanted 5" gets the name "closes_and_switches".
name() {
	printf '%s\n' "$1" | sed 's/[:,(#].*//; s/ [0-9][0-9]*\( \|$\)/ /g; s/[^A-Za-z0-9._-]\{1,\}/_/g; s/^[_-]*//; s/_$//' | cut -c 1-60
}

# Read the output of run_kselftest.sh about program $1: it puts "# " before the program's lines.
results() {
	cases=0 planned=none whole=fail
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		"# 1.."*) planned=${line#\# 1..} planned=${planned%% *} ;;
		"# ok "* | "# not ok "*)
			cases=$((cases + 1))
			case $line in
			"# not"*) result=fail ;;
			*"# SKIP"*) result=skip ;;
			*) result=pass ;;
			esac
			lava-test-case "$1.${cases}_$(name "${line#*ok "$cases"}")" --result $result
			;;
		"ok 1 "*"# SKIP"*) whole=skip ;;
		"ok 1 "*) whole=pass ;;
		esac
	done
	[ "$whole" != pass ] || [ "$planned" = "$cases" ] || whole=fail
	lava-test-case "$1" --result $whole --measurement "$cases" --units cases
}

echo "timeout=$limit" >"$dir/alsa/settings"
for program in "$@"; do
	arguments="" programs=$((programs + 1))
	case $program in *=*) arguments=$(echo "${program#*=}" | tr , ' ') program=${program%%=*} ;; esac
	variable=KSELFTEST_$(echo "$program" | tr a-z- A-Z_)_ARGS
	# run_kselftest.sh looks into the variable of this name.
	env "$variable=$arguments" "$dir/run_kselftest.sh" -t "alsa:$program" 2>&1 | results "$program"
done
lava-test-case end --result pass --measurement $programs --units programs
