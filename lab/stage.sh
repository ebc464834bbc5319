# shellcheck shell=bash
# The only script that puts this project onto a kernel: patches/VERSION/series
# plus the overlay files. Sourced by tree.sh (our build tree), apply.sh (the
# user's tree) and export.sh.

# Top folders of the repository that are kernel paths.
overlay_dirs="Documentation arch drivers include kernel sound tools"

# A kernel with this script has all functions that the overlay calls: the script takes
# the compat headers, which are for older kernels, out of the files that include them.
mainline() { printf '%s\n' "$top/patches/$1/mainline.sed"; }

# The overlay's files for kernel version $1.
overlay_files() {
	local dir compat=""
	[ ! -f "$(mainline "$1")" ] || compat='*compat.h'
	for dir in $overlay_dirs; do
		[ ! -d "$top/$dir" ] || (cd "$top" && find "$dir" -type f ! -name "$compat" \
			! -name '*~' \( ! -name '.*' -o -name .kunitconfig \) ! -name '*.orig' ! -name '*.rej' ! -name '*.pyc')
	done | sort
}

# File $2 of the overlay as it is on kernel version $1.
overlay_text() {
	if [ -f "$(mainline "$1")" ]; then
		sed -f "$(mainline "$1")" "$top/$2"
	else
		cat "$top/$2"
	fi
}

# Patch files of kernel version $1, in order.
series() {
	local patch
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$top/patches/$1/series" 2>/dev/null |
	while read -r patch; do
		[ -f "$top/patches/$1/$patch" ] || die "patches/$1/series names $patch, which does not exist"
		printf '%s\n' "$patch"
	done
}

# Kernel files that patch $1 touches.
touched() { sed -n -e 's/^+++ b\///p' -e 's/^--- a\///p' "$1" | sed 's/\t.*//' | sort -u; }

# The patch of mutant $1 for this kernel: that of lab/mutants/KVER if other lines must be
# changed there.
mutant_patch() {
	local own=$top/lab/mutants/$KVER/$1.patch
	[ -f "$own" ] && printf '%s\n' "$own" || printf '%s\n' "$top/lab/mutants/$1.patch"
}

# git apply in a folder, even if that is inside of some git repository.
bare_apply() {
	local dir=$1
	shift
	(unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
	 cd "$dir" && GIT_CEILING_DIRECTORIES=$(dirname "$(pwd -P)") git apply --whitespace=nowarn "$@")
}

# stage VERSION SOURCE DEST [WITHOUT]: write into the new folder DEST every file
# that is different or new when this project is put onto the kernel tree SOURCE,
# and nothing else. SOURCE is only read. A patch that does not apply, or a new file
# that the tree already has, ends the script. Patches whose names match the pattern
# WITHOUT are left out.
stage() {
	local version=$1 source=$2 dest=$3 without=${4:-} list patch file why
	rm -rf "$dest"
	mkdir -p "$dest"
	list=$(series "$version" | sed "s,^,patches/$version/,")
	[ -z "${LAB_EXTRA:-}" ] || list="$list $(cd "$top" && echo lab/"$LAB_EXTRA"/*.patch)"
	for patch in $list; do
		# shellcheck disable=SC2254 # a pattern is meant
		case ${patch##*/} in $without) continue ;; esac
		for file in $(touched "$top/$patch"); do
			if [ -f "$source/$file" ] && [ ! -e "$dest/$file" ]; then
				mkdir -p "$dest/$(dirname "$file")"
				cp -p "$source/$file" "$dest/$file"
			fi
		done
		why=$(bare_apply "$dest" "$top/$patch" 2>&1) || {
			why=${why%%$'\n'*}
			die "$patch does not apply: ${why#error: }"
		}
		for file in $(touched "$top/$patch"); do
			[ ! -f "$source/$file" ] || chmod --reference="$source/$file" "$dest/$file"
		done
	done
	for file in $(overlay_files "$version"); do
		[ ! -e "$source/$file" ] && [ ! -e "$dest/$file" ] ||
			die "the kernel tree already has $file"
		mkdir -p "$dest/$(dirname "$file")"
		overlay_text "$version" "$file" >"$dest/$file"
	done
}

# Every file below folder $1.
files_in() { (cd "$1" && find . -type f -printf '%P\n' | sort); }

# Replace file $2 by a copy of $1 atomically: a hard link to the old file keeps the old
# contents, and half a file is never visible.
replace() {
	mkdir -p "$(dirname "$2")"
	cp --preserve=mode "$1" "$2.nc1-new"
	mv -f "$2.nc1-new" "$2"
}
