#!/bin/bash
# export.sh: write the project as a patch series with a cover letter into OUT.
# git am takes it on a pristine tree of version KVER, which is the newest if none is named.
export KVER=${KVER:-7.3}
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/series.sh"

[ -n "${OUT:-}" ] || die "say where to: OUT=DIR"
[ ! -e "$OUT" ] || { [ -d "$OUT" ] && [ -z "$(ls -A "$OUT")" ]; } || die "OUT=$OUT exists and is not an empty folder"
need_identity "$top"
"$top/lab/packages.sh"
src=$("$top/lab/source.sh")
mkdir -p "$(dirname "$OUT")"

# A repository of only those kernel files that the patches touch is enough.
work=$(mktemp -d "$build/export.XXXXXX")
trap 'rm -rf "$work"' EXIT
stage "$KVER" "$src" "$work/new"
git init -q -b base "$work/git"
for file in Makefile $(files_in "$work/new"); do
	[ ! -f "$src/$file" ] || install -D -m 644 "$src/$file" "$work/git/$file"
done
git -C "$work/git" add -A -f
git -C "$work/git" -c user.name=base -c user.email=base commit -q --no-verify --no-gpg-sign -m "Linux $KVER"
base=$(git -C "$work/git" rev-parse HEAD)
last=$(commit_series "$work/git" "$KVER")
git -C "$work/git" branch series "$last"
git -C "$work/git" config branch.series.description "$(part cover subject)

$(part cover)"
git -C "$work/git" format-patch -q --cover-letter --cover-from-description=subject \
	-o "$work/out" "$base..series"
chmod 755 "$work/out"
[ ! -d "$OUT" ] || rmdir "$OUT"
mv "$work/out" "$OUT"
say "$(find "$OUT" -name '*.patch' | wc -l) files for Linux $KVER in $OUT; sign off with git format-patch -s or git am -s"
