#!/bin/bash
# test-apply.sh [full]: test make apply, unapply and export on plain and git trees of every
# kernel, forth and back, and their messages about bad input. Prints TAP. The trees hold
# only the files that are needed; with "full", by hand, they are whole kernel trees.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/series.sh"

size=${1:-quick}
work=$(mktemp -d "$build/test-apply.XXXXXX")
trap 'rm -rf "$work"' EXIT
count=0 failed=0
unset KVER_GIVEN KDIR OUT

# A made-up user, and a git that reads no settings of this user or host.
export HOME=$work GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$work/gitconfig
git config --file "$GIT_CONFIG_GLOBAL" user.name "Test User"
git config --file "$GIT_CONFIG_GLOBAL" user.email test@example.org
git config --file "$GIT_CONFIG_GLOBAL" gc.auto 0
# Whole kernel trees are added; packing them takes longer than all the rest.
git config --file "$GIT_CONFIG_GLOBAL" core.compression 0

report() {
	count=$((count + 1))
	say "$1 $count - $KVER: $2"
	[ "$1" = ok ] || {
		failed=$((failed + 1))
		sed 's/^/# /' "$work/output"
	}
}

# t NAME COMMAND...: a test is a command that succeeds.
t() {
	local name=$1 verdict=ok
	shift
	# A shell of its own: die ends that and not the test.
	("$@") >"$work/output" 2>&1 || verdict="not ok"
	report "$verdict" "$name"
}

# refused NAME TREE TEXT COMMAND...: COMMAND fails with exactly one line, which
# contains TEXT, and TREE stays as it was.
refused() {
	local name=$1 dir=$2 text=$3 before verdict="not ok"
	shift 3
	before=$(state "$dir")
	if ! "$@" >"$work/output" 2>&1 && [ "$(wc -l <"$work/output")" = 1 ] &&
		grep -q "^error: .*$text" "$work/output" && [ "$(state "$dir")" = "$before" ]; then
		verdict=ok
	fi
	report "$verdict" "$name is refused"
}

# All that a command could change in a tree.
state() {
	[ -d "$1" ] || return 0
	(cd "$1" && find . -path ./.git -prune -o -type f -printf '%P %s %T@ %m\n' | sort
	 [ ! -e .git ] || git for-each-ref && git log -1 --format=%H 2>/dev/null || true) | sha256sum
}

apply() { KDIR=$1 "$top/lab/apply.sh"; }
unapply() { KDIR=$1 "$top/lab/unapply.sh"; }
export_to() { OUT=$1 "$top/lab/export.sh"; }

# A plain tree in the new folder $1.
plain_tree() {
	local file
	rm -rf "$1"
	if [ "$size" = full ]; then
		cp -al "$src" "$1"
		return
	fi
	for file in Makefile Kconfig sound/soc/Kconfig MAINTAINERS $(files_in "$work/staged"); do
		[ ! -f "$src/$file" ] || install -D -m 664 "$src/$file" "$1/$file"
	done
}
git_tree() {
	plain_tree "$1"
	git -C "$1" init -q
	git -C "$1" add -A -f
	git -C "$1" commit -q -m base
}
# Change a file of a tree that may be hard-linked to another.
edit() { cp -p "$2" "$2.edit" && sed "$1" "$2" >"$2.edit" && mv "$2.edit" "$2"; }
# Check that the files of tree $1 are those that our own build compiles.
as_staged() {
	local file
	files_in "$work/staged" | while read -r file; do cmp "$work/staged/$file" "$1/$file"; done
}
same_tree() { diff -r --no-dereference --exclude=.git "$1" "$2"; }
same_modes() { [ "$(cd "$1" && find . -type f -printf '%P %m\n' | sort)" = "$(cd "$2" && find . -type f -printf '%P %m\n' | sort)" ]; }

# A kernel file that a patch changes, and one of ours.
changed=sound/soc/Kconfig
ours=sound/soc/vendor-nc/Makefile

test_plain() {
	local a=$work/plain b=$work/pristine
	plain_tree "$a"
	plain_tree "$b"
	t "apply to a plain tree" apply "$a"
	t "the plain tree is what the lab builds" as_staged "$a"
	refused "a second apply" "$a" "already" apply "$a"
	edit '1i# mine' "$a/$ours"
	refused "unapply of a file changed since" "$a" "$ours was changed" unapply "$a"
	edit 1d "$a/$ours"
	# As after an interrupt: some files are not in place yet.
	rm "$a/$ours"
	cp -p --remove-destination "$b/$changed" "$a/$changed"
	t "unapply of half an apply" unapply "$a"
	t "apply and unapply leave the plain tree as it was" same_tree "$a" "$b"
	refused "a second unapply" "$a" "nothing to take off" unapply "$a"
	t "apply again" apply "$a"
	t "unapply again" unapply "$a"
	t "the plain tree is as it was" same_tree "$a" "$b"
	t "with the same modes" same_modes "$a" "$b"
	edit 's/.*/changed: &/' "$a/$changed"
	refused "a patch that does not apply" "$a" "does not apply: patch failed: $changed:[0-9]" apply "$a"
	plain_tree "$a"
	mkdir -p "$a/$(dirname "$ours")"
	echo mine >"$a/$ours"
	refused "a tree that has one of our files" "$a" "already has $ours" apply "$a"
	plain_tree "$a"
	edit 's/^PATCHLEVEL = .*/PATCHLEVEL = 7/' "$a/Makefile"
	refused "an unsupported version" "$a" "Linux ${KVER%.*}.7" apply "$a"
	refused "a version other than KVER" "$b" "not KVER=6.99" env KVER_GIVEN=6.99 KDIR="$b" "$top/lab/apply.sh"
	refused "a folder that is no kernel" "$work/staged" "no kernel tree" apply "$work/staged"
	refused "a folder that does not exist" "$work/none" "does not exist" apply "$work/none"
	refused "apply without KDIR" "$work/none" "KDIR=DIR" apply ""
	rm -rf "$a" "$b"
}

# Check the export in folder $1.
numbered() { [ "$(cd "$1" && printf '%s\n' *)" = "$(all_series "$KVER" | nl -s- -w1)" ]; }
letters_say() {
	local letter line
	for letter in "$1"/*/0000-cover-letter.patch; do
		for line in 'To: .*@' 'Cc: .*@' Problem 'How to test' 'Not covered' 'This is version [0-9]' \
			"It \(needs no other series\|applies on top of the series [a-z0-9 -]*\)\." \
			"base: Linux $KVER\.[0-9]" 'base-commit: '; do
			grep -q "^$line" "$letter" || say "$letter has no line \"$line\""
		done
		! grep -q 'HERE \*\*\*' "$letter" || say "$letter is not written"
	done | tee "$work/missing"
	[ ! -s "$work/missing" ]
}
# Check that each patch of $1, except for cover letters, has the line $2.
each_has() { [ -z "$(find "$1" -name '*.patch' ! -name '0000-*' -exec grep -L "$2" {} +)" ]; }
fixes_are_for_stable() { each_has "$1/1-fixes" '^Cc: stable@vger\.kernel\.org'; }
# The newest kernel needs no backports.
compat_is_in_backports() { ! grep -rl --include='*.patch' '^+++ .*compat\.h$' "$1" | grep -v '/[0-9]-backports/'; }
# git am of the series in the folders DIR in tree $1.
am() {
	local tree=$1 dir patches
	shift
	for dir; do
		mapfile -t patches < <(find "$dir" -name '*.patch' ! -name '0000-*' | sort)
		git -C "$tree" am -q "${patches[@]}" || return
	done
}
# git am takes each series of $2 in tree $1, on those that its letter says it needs.
am_alone() {
	local dir name names needed base
	base=$(git -C "$1" rev-parse HEAD)
	for dir in "$2"/*; do
		names=$(sed -n 's/^It applies on top of the series \(.*\)\.$/\1/p' "$dir/0000-cover-letter.patch")
		mapfile -t needed < <(for name in $names; do echo "$2"/?-"$name"; done)
		am "$1" "${needed[@]}" "$dir" || return
		git -C "$1" reset -q --hard "$base"
	done
}
same_export() {
	[ -d "$work/again" ] || export_to "$work/again"
	diff -r "$1" "$work/again"
}

# detected NAME SED FILE CHECK...: CHECK fails for an export in which SED has changed the
# files that match FILE.
detected() {
	local name=$1 change=$2 pattern=$3 file
	shift 3
	rm -rf "$work/broken"
	cp -r "$work/export" "$work/broken"
	compgen -G "$work/broken/$pattern" | while read -r file; do edit "$change" "$file"; done
	t "$name is detected" fails "$@"
}
fails() { ! "$@"; }

test_export() {
	local a=$1 out=$work/export base
	base=$(git -C "$a" rev-parse HEAD)
	t "export" export_to "$out"
	refused "export into a folder with files" "$out" "not an empty folder" export_to "$out"
	t "a folder for each series, in their order" numbered "$out"
	t "each cover letter says what it must" letters_say "$out"
	t "each patch has the user's sign-off" each_has "$out" '^Signed-off-by: Test User <test@example.org>$'
	t "each patch has the user as its author" each_has "$out" '^From: Test User <test@example.org>$'
	t "each fix is for stable" fixes_are_for_stable "$out"
	t "compat headers are in no series but backports" compat_is_in_backports "$out"
	t "a second export is the same" same_export "$out"
	t "git am takes each series on those that it needs" am_alone "$a" "$out"
	t "git am takes all series in their order" am "$a" "$out"/*
	t "export and apply make the same tree" [ "$(git -C "$a" log -1 --format=%T)" = "$(cat "$work/applied-tree")" ]

	detected "a letter without recipients" '/^To: /d' '1-*/0000-*' letters_say "$work/broken"
	detected "a letter without a base" '/^base: /d' '1-*/0000-*' letters_say "$work/broken"
	detected "a patch without a sign-off" '/^Signed-off-by: /d' '1-*/0001-*' each_has "$work/broken" '^Signed-off-by: Test User '
	detected "a fix that is not for stable" '/^Cc: stable/d' '1-*/0001-*' fixes_are_for_stable "$work/broken"
	detected "a compat header in another series" 's/^+++ .*/+++ b\/compat.h/' '?-nc1/0004-*' compat_is_in_backports "$work/broken"
	detected "an export that is another one" 's/^Date: .*/Date: now/' '1-*/0001-*' same_export "$work/broken"
	mkdir "$work/broken/9-more"
	t "a folder of no series is detected" fails numbered "$work/broken"
	git -C "$a" reset -q --hard "$base"
	detected "a series that needs more than it says" 's/^It applies on top.*/It needs no other series./' '?-nc1/0000-*' am_alone "$a" "$work/broken"
	git -C "$a" am -q --abort
}

test_git() {
	local a=$work/git base
	git_tree "$a"
	base=$(git -C "$a" rev-parse HEAD)
	edit 's/.*/changed: &/' "$a/MAINTAINERS"
	refused "apply to a tree with uncommitted changes" "$a" "uncommitted" apply "$a"
	git -C "$a" checkout -q MAINTAINERS
	GIT_CONFIG_GLOBAL=/dev/null refused "apply without a user name" "$a" "user.name" apply "$a"
	t "apply to a git tree" apply "$a"
	t "the git tree is what the lab builds" as_staged "$a"
	t "nothing is left uncommitted" [ -z "$(git -C "$a" status --porcelain)" ]
	t "a commit for each patch and part" [ "$(git -C "$a" rev-list --count "$base..HEAD")" = "$(commits "$KVER" | grep -vc '^series ')" ]
	t "no sign-off is stored" [ -z "$(git -C "$a" log --format=%B "$base..HEAD" | grep -i '^signed-off-by')" ]
	refused "a second apply to a git tree" "$a" "already" apply "$a"
	git -C "$a" log -1 --format=%T >"$work/applied-tree"
	git -C "$a" commit -q --allow-empty -m more
	refused "unapply below another commit" "$a" "rebase --onto" unapply "$a"
	git -C "$a" reset -q --hard HEAD~
	t "unapply from a git tree" unapply "$a"
	t "the branch is back" [ "$(git -C "$a" rev-parse HEAD)" = "$base" ]
	t "the git tree is as it was" [ -z "$(git -C "$a" status --porcelain)" ]
	refused "a second unapply from a git tree" "$a" "nothing to take off" unapply "$a"

	test_export "$a"
	git -C "$a" reset -q --hard "$base"

	edit 's/.*/changed: &/' "$a/$changed"
	git -C "$a" commit -q -a -m other
	refused "a patch that does not apply to a git tree" "$a" "does not apply" apply "$a"
	rm -rf "$a" "$work/export" "$work/again" "$work/broken"
}

# The files in folder $1 that the tree has as well, with lines of another author in them.
with_lines() { [ "$({ diff "$1" "$2" || true; } | grep '^[<>]')" = "> # a vendor's" ]; }
test_vendor() {
	local a=$work/vendor b=$work/vendor-before file files at
	plain_tree "$a"
	files=$(for patch in $(series "$KVER"); do touched "$top/patches/$KVER/$patch"; done | sort -u)
	# As far as possible from the lines that the patches change: in the middle of the longest
	# stretch without a change.
	for file in $files; do
		[ -f "$src/$file" ] || continue
		at=$({ diff "$src/$file" "$work/staged/$file" || true; } | sed -n 's/^\([0-9]*\),*\([0-9]*\)[acd].*/\1 \2/p' | awk -v end="$(wc -l <"$src/$file")" '
			{ if ($1 - last > most) { most = $1 - last; at = last + int(most / 2) } last = $NF }
			END { print (end - last > most) ? last + int((end - last) / 2) : at }')
		edit "${at}a# a vendor's" "$a/$file"
	done
	cp -a "$a" "$b"
	t "apply to a tree with lines of a vendor's in each file" apply "$a"
	for file in $files; do
		[ ! -f "$src/$file" ] || with_lines "$work/staged/$file" "$a/$file" || say "$file"
	done >"$work/differ"
	t "these lines are all that differs from what the lab builds" [ ! -s "$work/differ" ]
	t "unapply from the vendor's tree" unapply "$a"
	t "the vendor's tree is as it was" same_tree "$a" "$b"
	edit 's/^SUBLEVEL = .*/SUBLEVEL = 999/' "$a/Makefile"
	t "apply to another sub-level" apply "$a"
	rm -rf "$a" "$b"
}

for KVER in ${2:-$(supported)}; do
	export KVER
	src=$("$top/lab/source.sh")
	stage "$KVER" "$src" "$work/staged"
	test_plain
	test_vendor
	test_git
done
say "1..$count"
[ $failed = 0 ]
