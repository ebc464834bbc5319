#!/bin/bash
# tree.sh: make build/tree-$KVER, the kernel source with this project in it.
#
# The tree is a hard-linked copy of the pristine source in which only the files
# of the project are files of their own. Each run updates only those and keeps the time
# stamps of all others, so that make rebuilds only what was edited. It can be stopped at
# any moment and run again.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"

src=$("$top/lab/source.sh")
from=$(cat "$src.from" 2>/dev/null || say "$src")

# The names of the files that differ from the pristine source.
list=$tree.files
staged=$(mktemp -d "$build/stage.XXXXXX")
trap 'rm -rf "$staged"' EXIT
stage "$KVER" "$src" "$staged/new"
files_in "$staged/new" >"$staged/files"

# Mostly there is nothing to do; then a build that reads the tree may continue.
# A tree of the user's own is compared each time.
up_to_date() {
	[ ! -d "$KSRC" ] && [ "$(cat "$tree.from" 2>/dev/null)" = "$from" ] &&
		cmp -s "$staged/files" "$list" || return 1
	while read -r file; do
		cmp -s "$staged/new/$file" "$tree/$file" || return 1
	done <"$list"
}
! up_to_date || exit 0
lock "tree-$tag"

# Debian's source counts as unchanged until there is another package.
if [ "$(cat "$tree.from" 2>/dev/null)" != "$from" ]; then
	rm -rf "$tree" "$tree.from" "$tree.new" "$list" "$build/$tag-"*/
	if [ -d "$KSRC" ]; then
		mkdir "$tree.new"
	else
		cp -al "$src" "$tree.new"
	fi
	mv "$tree.new" "$tree"
fi
touch "$list"
if [ -d "$KSRC" ]; then
	sed 's,^,/,' "$list" >"$list.exclude"
	step "copy-$tag" 30 rsync -a --delete --exclude=/.git --exclude-from="$list.exclude" "$src/" "$tree/"
fi
printf '%s\n' "$from" >"$tree.from"

# Until all is done the list names the old and the new files, so that a run after an
# interrupt handles all of them.
sort -u "$list" "$staged/files" >"$list.new"
mv "$list.new" "$list"
while read -r file; do
	if [ -f "$staged/new/$file" ]; then
		cmp -s "$staged/new/$file" "$tree/$file" || replace "$staged/new/$file" "$tree/$file"
	elif [ -f "$src/$file" ]; then
		# A copy, not a link: make has to see that it changed.
		cmp -s "$src/$file" "$tree/$file" || replace "$src/$file" "$tree/$file"
	else
		rm -f "$tree/$file"
	fi
done <"$list"
mv "$staged/files" "$list"
