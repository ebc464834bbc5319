# shellcheck shell=bash
# Sort KCSAN's reports: those of this project's functions, and the others. Sourced.

# kcsan_functions KERNEL: print the functions of our files in that build. The compiler names a
# part of a function with a dot.
kcsan_functions() {
	local file
	while read -r file; do
		find "$build/$1/${file%/*}" -name "$(basename "$file" .c).o" -exec aarch64-linux-gnu-nm --defined-only {} +
	done < <(cd "$top" && find sound -name '*.c') | awk '$2 ~ /^[tT]$/ { sub(/\..*/, "", $3); print $3 }' | sort -u
}

# kcsan_ours FUNCTIONS OTHERS: print a kernel's log without the lines that begin a report of
# other functions; these lines are written to the file OTHERS. They have "in a / b", or
# "in a+0x1/0x2" if only one of the two functions is known.
kcsan_ours() {
	awk -v others="$2" 'NR == FNR { ours[$1]; next }
		/BUG: KCSAN: / {
			title = $0; sub(/.*BUG: KCSAN: [^ ]* in /, "", title)
			n = split(title, name, " / "); mine = 0
			for (i = 1; i <= n; i++) { sub(/[+ .].*/, "", name[i]); if (name[i] in ours) mine = 1 }
			if (!mine) { print title >>others; next }
		}
		1' "$1" -
}
