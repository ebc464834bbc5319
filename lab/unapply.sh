#!/bin/bash
# unapply.sh: remove from the tree KDIR what apply.sh put there, and nothing else. If a file
# was changed since, print it and remove nothing.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/kdir.sh"

if is_git; then
	base=$(git -C "$KDIR" rev-parse -q --verify $base_ref) &&
		last=$(git -C "$KDIR" rev-parse -q --verify $applied_ref) ||
		die "$KDIR has nothing to take off: make apply did not run there"
	head=$(git -C "$KDIR" rev-parse HEAD)
	[ "$head" = "$last" ] || die "$KDIR has other commits on top; by hand: git rebase --onto ${base:0:12} ${last:0:12}"
	[ -z "$(git -C "$KDIR" status --porcelain --untracked-files=no)" ] ||
		die "$KDIR has uncommitted changes; commit or stash them first"
	git -C "$KDIR" reset -q --keep "$base"
	git -C "$KDIR" update-ref -d $applied_ref
	git -C "$KDIR" update-ref -d $base_ref
	say "$KDIR is back at ${base:0:12}"
	exit
fi

[ -d "$record" ] || die "$KDIR has nothing to take off: make apply did not run there"
# Each file must be as make apply left it, or as it was before: both commands may have been
# interrupted.
while read -r sum file; do
	if [ ! -e "$KDIR/$file" ]; then
		[ ! -e "$record/before/$file" ] || die "$KDIR/$file is gone; nothing was undone"
	elif [ "$(sha256sum <"$KDIR/$file")" != "$sum  -" ]; then
		cmp -s "$record/before/$file" "$KDIR/$file" ||
			die "$KDIR/$file was changed since make apply; nothing was undone"
	fi
done <"$record/sums"
while read -r file; do
	if [ ! -e "$record/before/$file" ]; then
		rm -f "$KDIR/$file" "$KDIR/$file.nc1-new"
	elif ! cmp -s "$record/before/$file" "$KDIR/$file"; then
		# With the present time, so that make builds it again.
		replace "$record/before/$file" "$KDIR/$file"
	fi
done <"$record/files"
while read -r dir; do
	[ ! -d "$KDIR/$dir" ] || rmdir --ignore-fail-on-non-empty "$KDIR/$dir"
done <"$record/dirs"
rm -rf "$record"
say "$KDIR is as it was before make apply"
