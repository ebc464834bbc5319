#!/bin/bash
# apply.sh: put this project onto the kernel tree KDIR. A git tree gets a series
# of commits on its current branch; a plain tree gets the files, with a record in
# KDIR/.nc1-applied from which unapply.sh restores it. Everything is tried on
# copies of the affected files first, so that a failure changes nothing.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/series.sh"
. "$top/lab/kdir.sh"

[ ! -e "$record" ] || die "$KDIR has this project already; make unapply takes it off"
if is_git; then
	! git -C "$KDIR" merge-base --is-ancestor $applied_ref HEAD 2>/dev/null ||
		die "$KDIR has this project already; make unapply takes it off"
	[ -z "$(git -C "$KDIR" status --porcelain --untracked-files=no)" ] ||
		die "$KDIR has uncommitted changes; commit or stash them first"
	need_identity "$KDIR"
fi
staged=$(mktemp -d "$build/apply.XXXXXX")
trap 'rm -rf "$staged"' EXIT
stage "$version" "$KDIR" "$staged/new"

if is_git; then
	base=$(git -C "$KDIR" rev-parse HEAD)
	last=$(commit_series "$KDIR" "$version")
	last=${last##* }
	git -C "$KDIR" update-ref $base_ref "$base"
	git -C "$KDIR" update-ref $applied_ref "$last"
	git -C "$KDIR" -c merge.verifySignatures=false merge -q --ff-only "$last" ||
		die "git could not move the branch of $KDIR; nothing was changed"
	say "Linux $version in $KDIR: $(git -C "$KDIR" rev-list --count "$base..$last") commits, $(git -C "$KDIR" log -1 --format=%h) is the last"
	exit
fi

# The record is complete before the first file of the tree changes.
rm -rf "$record.new"
mkdir -p "$record.new/before"
files_in "$staged/new" >"$record.new/files"
(cd "$staged/new" && xargs -d '\n' sha256sum) <"$record.new/files" >"$record.new/sums"
while read -r file; do
	dir=$(dirname "$file")
	if [ -f "$KDIR/$file" ]; then
		mkdir -p "$record.new/before/$dir"
		cp -p "$KDIR/$file" "$record.new/before/$file"
	fi
	while [ ! -d "$KDIR/$dir" ]; do
		printf '%s\n' "$dir"
		dir=$(dirname "$dir")
	done
done <"$record.new/files" | sort -ur >"$record.new/dirs"
mv "$record.new" "$record"
while read -r file; do
	replace "$staged/new/$file" "$KDIR/$file"
done <"$record/files"
say "Linux $version in $KDIR: $(wc -l <"$record/files") files put in place"
