#!/bin/bash
# static.sh VERSION...: check the sources. TAP on stdout; the output of a check is below its
# line.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"

versions=$*
work=$(mktemp -d "$build/static.XXXXXX")
trap 'rm -rf "$work"' EXIT
shared=$top/../shared/tools

count=0
# check NAME COMMAND...: the check passes if COMMAND succeeds and prints nothing.
check() {
	local name=$1 verdict=ok start=$SECONDS
	shift
	[ -z "${LAB_MAKE:-}" ] || [ -d "/proc/$LAB_MAKE" ] || exit 130
	count=$((count + 1))
	("$@") >"$work/text" 2>&1 || verdict="not ok"
	[ ! -s "$work/text" ] || verdict="not ok"
	say "$verdict $count - $name"
	sed 's/^/# /' "$work/text"
	say "    $verdict: $name ($((SECONDS - start)) s)" >&2
}

# Files that are only sourced are checked with the scripts that source them.
shell_scripts() { cd "$top/lab" && find . -type f \( -perm -1 -name '*.sh' -o -name 'guest-*.sh' -o -name init -o -name uml-init \) -exec shellcheck -x -a {} +; }

# checkpatch reads functions and bindings of the tree: run it there. Sign-offs and
# MAINTAINERS are left to the sender of the series. The tree has no history with the
# commits of Fixes:, and a fix whose commit is not known has no such line. checkpatch runs
# get_maintainer.pl for each file, which takes longer than all other checks: it runs in a
# view of the tree without that script.
checkpatch() {
	local view=$work/view-$KVER
	if [ ! -d "$view" ]; then
		mkdir -p "$view/scripts"
		ln -s "$tree"/[!s]* "$tree"/s[!c]* "$view"
		ln -s "$tree"/scripts/* "$view/scripts"
		rm "$view/scripts/get_maintainer.pl"
	fi
	cd "$view" && perl scripts/checkpatch.pl --strict --terse --no-summary --no-signoff \
		--ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID,MISSING_FIXES_TAG "$@"
}
# The series as it would be sent, with every file of ours in it.
whole_series() {
	GIT_COMMITTER_NAME=check GIT_COMMITTER_EMAIL=check@example.org OUT=$work/export "$top/lab/export.sh" >"$work/export.log" 2>&1 ||
		{ cat "$work/export.log"; return 1; }
	rm "$work"/export/*/0000-*
	checkpatch "$work"/export/*/*.patch
}
patches() { series "$KVER" | sed "s,^,$top/patches/$KVER/,"; }

forget() {
	local file
	for file in $2; do rm -f "$1/$file" "$1/${file%/*}/.${file##*/}.cmd"; done
	rm -rf "$1/sound/soc/vendor-nc" "$1/sound/soc/dpcm-sim"
}
# compile FLAVOUR: all that is ours or changed, with the configuration of that kernel.
compile() {
	local out=$build/$tag-$1 text=$log/$1-$tag.log objects file
	"$top/lab/kernel.sh" "$KVER-$1" config >"$work/config-$KVER" || { cat "$work/config-$KVER"; return 1; }
	# pcm_native.c and pcm_lib.c have warnings of their own; the patches add none (the
	# kernels build them). pcm_compat.c is a part of pcm_native.c. Sparse cannot expand the
	# trace events of kernel/dma/mapping.c. What is in arch/ is of another architecture.
	objects=$({ patches | while read -r file; do touched "$file"; done; overlay_files "$KVER" | grep -e '^sound/soc/[^/]*$' -e '^sound/core/'; } |
		sed -n '/^tools/d; /^arch/d; /core\/pcm_\(native\|lib\|compat\)/d; /^kernel\/dma\/mapping/d; s/\.c$/.o/p' | sort -u | xargs)
	forget "$out" "$objects"
	# shellcheck disable=SC2086 # a list
	kmake -j2 W=1 C=1 CF="-D__CHECK_ENDIAN__ -D__typeof_unqual__=__typeof__" sound/soc/vendor-nc/ sound/soc/dpcm-sim/ $objects >"$text" 2>&1 ||
		{ tail -n 20 "$text"; return 1; }
	# Some of the objects are not in that kernel: remove them, for the next build of it.
	forget "$out" "$objects"
	# Files in arch/ that make prepares are not ours. Linux 7 needs a newer sparse than
	# Debian's: CF above defines the name of a type, and sparse's one error about the size of
	# module information, in the first column, is ignored, as the compiler checks that.
	grep -v -e "^$tree/arch/" -e ':1: error: bad constant expression$' "$text" |
		grep -A5 -E 'warning:|error:|not available or not up to date' || true
}

selftests() {
	"$top/lab/selftests.sh" >"$work/selftests-$KVER" 2>&1 || { cat "$work/selftests-$KVER"; return 1; }
	local program
	grep -E '^[a-z0-9-]*\.[ch]:.*(warning|error):' "$log/selftests-$tag.log" || true
	# Each test must be run by a list or a script.
	(cd "$build/selftests-$tag" && find . -name 'nc-*' -o -name 'dpcm-*' -o -name 'noncoherent-*') | sed 's,^\./,,' | while read -r program; do
		grep -qw -e "^$program" -e "lab/$program" -e " $program [0-9]*" "$top"/lab/tests "$top"/lab/*.sh || say "$program is in no list of tests and in no script"
	done
}

# At most five lines in a row may be equal; in bindings and device trees, where many lines
# are prescribed, eight.
overlap() {
	"$shared/upstream-overlap" "$1" --project "$top" | grep -v -e '^upstream-overlap:' -e '\.yaml:' -e '\.dtsi\?:' || true
	"$shared/upstream-overlap" "$1" --project "$top" --lines 9 | grep -v '^upstream-overlap:' || true
}

# Test the data of pictures; people check their look. Debian's python3 has matplotlib.
pictures() {
	local name
	for name in timeline report bench lava drivers defects mistakes; do
		/usr/bin/python3 "$top/lab/$name-test.py" >"$work/$name" 2>&1 || cat "$work/$name"
	done
}

# The pieces of a board in porting.rst must be the file, except for blank lines.
walk() {
	local docs=$top/Documentation/sound/soc/vendor-nc dts=$top/arch/arm/boot/dts/vendor-nc
	diff <(awk '/^\.\. code-block:: dts/ { on = 1; next } /^[^ ]/ { on = 0 } on && NF { sub(/^   /, ""); print }' "$docs/porting.rst") \
		<(sed -n '/^\/dts-v1/,$ { /./p }' "$dts/nc1-speaker.dts")
}

# kunit.py fails if one of the options has no effect.
kunitconfigs() {
	local dir
	cd "$tree"
	for dir in sound/core sound/soc; do
		python3 tools/testing/kunit/kunit.py config --build_dir="$work/kunit" --kunitconfig=$dir >"$work/kunit.log" 2>&1 ||
			cat "$work/kunit.log"
		rm -rf "$work/kunit"
	done
}

# make must refuse this input and print this line
wrong_input() {
	local want=$1 line
	shift
	line=$(env "$@" 2>&1 >/dev/null </dev/null | grep -v '^make') || true
	[ "$line" = "error: $want" ] || say "$*: \"$line\", not \"error: $want\""
}
wrong_inputs() {
	local number="is not supported; give a number, 1 or more"
	cd "$top"
	wrong_input "KVER=5.4 is not supported; choose one of: $(supported)" make demo KVER=5.4
	wrong_input "KSRC=/none does not exist" make demo KSRC=/none
	wrong_input "KSRC=/tmp is no kernel tree" make demo KSRC=/tmp
	wrong_input "WAV=/none does not exist" make demo WAV=/none
	wrong_input "WAV=/tmp is not a file" make demo WAV=/tmp
	wrong_input "BOARD=none is not supported; choose one of: $(boards)" make demo BOARD=none
	wrong_input "OPS=abc $number" make fuzz OPS=abc
	wrong_input "OPS=abc $number" make kunit OPS=abc
	wrong_input "COUNT=0 $number" make stress COUNT=0
	wrong_input "SMP=3 is not supported; choose 2 or 4" make stress SMP=3
	wrong_input "ARCH=mips is not supported; choose arm or arm64" make check ARCH=mips
	wrong_input "there is no command foo; make help lists them" make foo
}

# Mutants run by hand only, but must apply and be complete.
mutants() {
	local patch line
	for patch in "$top"/lab/mutants/*.patch; do
		bare_apply "$tree" --check "$(mutant_patch "$(basename "$patch" .patch)")" || say "${patch##*/} does not apply"
		for line in What Tests; do
			grep -q "^$line: " "$patch" || say "${patch##*/} does not say $line"
		done
	done
}

# Run "$@" once for each kernel, with the variables of lib.sh for it.
for_each() {
	local KVER tag tree
	for KVER in $versions; do
		tag=$KVER tree=$build/tree-$KVER
		[ -z "$KSRC" ] || tag=$KVER-$(printf '%s' "$KSRC" | cksum | cut -d' ' -f1) tree=$build/tree-$tag
		export KVER tag tree
		"$@"
	done
}

per_kernel() {
	check "W=1 and sparse, Linux $KVER" compile debug
	# Only if one kernel is named: the sources are the same, and CI has little time.
	[ "$KVER" != "$versions" ] || check "W=1 and sparse, Linux $KVER, arm64" compile arm64
	# They are the same for all kernels.
	[ "$KVER" != "${versions%% *}" ] || check "selftests compile without warnings and all are run, Linux $KVER" selftests
	# shellcheck disable=SC2046 # a list
	check "checkpatch of the patches, Linux $KVER" checkpatch $(patches)
}
once() {
	[ "$KVER" = "${versions%% *}" ] || return 0
	check "checkpatch of the whole series" whole_series
	src=$("$top/lab/source.sh")
	[ ! -x "$shared/upstream-overlap" ] || check "no lines shared with the kernel" overlap "$src"
	check "shellcheck" shell_scripts
	check "timeline, report, bench, lava, drivers, defects and mistakes" pictures
	# Linux 6.1 has no sound in user mode.
	[ "$KVER" = 6.1 ] || check "kunit.py --kunitconfig=sound/core and sound/soc" kunitconfigs
	check "wrong input gets one line" wrong_inputs
	check "packages" "$top/lab/packages-test.sh"
	check "porting.rst shows nc1-speaker.dts" walk
	check "mutants apply" mutants
}

for_each "$top/lab/tree.sh" >&2
for_each per_kernel
for_each once
say "1..$count"
