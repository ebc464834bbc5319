#!/bin/bash
# export.sh: write the project as patch series into OUT, a folder for each, in the order in
# which they are sent: OUT/1-fixes, OUT/2-alsa-sync and so on, each with a cover letter
# (lab/letters) and the addresses that the kernel's get_maintainer.pl names. git am takes
# them on a pristine tree of version KVER, which is the newest if none is named.
export KVER=${KVER:-7.3}
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/series.sh"

[ -n "${OUT:-}" ] || die "say where to: OUT=DIR"
[ ! -e "$OUT" ] || { [ -d "$OUT" ] && [ -z "$(ls -A "$OUT")" ]; } || die "OUT=$OUT exists and is not an empty folder"
need_identity "$top"
for name in $(all_series "$KVER"); do
	[ -f "$top/lab/letters/$name" ] || die "lab/letters has no cover letter for series $name of patches/$KVER/series"
done
"$top/lab/packages.sh" tree
src=$("$top/lab/source.sh")
mkdir -p "$(dirname "$OUT")"
# The commits below are made in another repository: they take the name from that of $top.
GIT_COMMITTER_NAME=$(git -C "$top" var GIT_COMMITTER_IDENT)
GIT_COMMITTER_EMAIL=${GIT_COMMITTER_NAME##*<} GIT_COMMITTER_NAME=${GIT_COMMITTER_NAME% <*}
GIT_COMMITTER_EMAIL=${GIT_COMMITTER_EMAIL%>*}
export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

# KEY of the cover letter of series $1; without a key the text.
letter() {
	if [ -n "${2:-}" ]; then
		sed -n "1,/^\$/s/^$2: //p" "$top/lab/letters/$1"
	else
		sed '1,/^$/d' "$top/lab/letters/$1"
	fi
}

# All series of this kernel that $1 needs, directly or by way of another.
needs() {
	local name found
	found=$(letter "$1" needs)
	for name in $found; do found="$found $(needs "$name")"; done
	for name in $(all_series "$KVER"); do
		[[ " $found " != *" $name "* ]] || printf '%s ' "$name"
	done
}

# The names of the files that differ between commits $1 and $2. Only one new file of
# each folder: get_maintainer.pl takes long for each, and MAINTAINERS has none of them.
headers() {
	git -C "$work/git" diff-tree -r --name-status "$1" "$2" | awk '
		{ folder = $2; sub(/[^\/]*$/, "", folder) }
		$1 != "A" || !seen[folder]++ { printf "--- a/%s\n+++ b/%s\n@@ -1 +1 @@\n", $2, $2 }'
}

# The recipients of the change between $1 and $2: format-patch's --to for maintainers, --cc
# for reviewers and lists. They come from the tree's MAINTAINERS only, not from its history.
# Sorted, as get_maintainer.pl prints them in another order each time.
addresses() {
	headers "$1" "$2" >"$work/headers"
	(cd "$src" && perl scripts/get_maintainer.pl --no-git --no-git-fallback --rolestats "$work/headers") |
		awk '{
			name = match($0, /^.*<[^>]*>/) ? substr($0, 1, RLENGTH) : $1
			print ($0 ~ /\((supporter|maintainer):/ ? "--to=" : "--cc=") name
		}' | sort -u
}

# The base of a series that needs the series $1. A tarball has no commit to name.
foundation() {
	local name last=$base end
	if [ "$(git -C "$src" rev-parse --show-toplevel 2>/dev/null)" = "$(realpath "$src")" ]; then
		printf 'base: Linux %s, the commit that is checked out in %s\n' "$release" "$origin"
		printf 'base-commit: %s\n' "$(git -C "$src" rev-parse HEAD)"
	else
		printf 'base: Linux %s, from %s\n' "$release" "$origin"
		printf 'base-commit: none, as that is no git tree\n'
	fi
	while read -r name end; do
		[[ " $1" != *" $name "* ]] ||
			git -C "$work/git" log -p --reverse --format='commit %H' "$last..$end" |
				git -C "$work/git" patch-id --stable | sed 's/^\([0-9a-f]*\).*/prerequisite-patch-id: \1/'
		last=$end
	done <"$work/ends"
}

applies() { [ -n "$1" ] && say "It applies on top of the series ${1% }." || say "It needs no other series."; }

# write_series NUMBER NAME FROM TO: the folder of one series.
write_series() {
	local out=$work/out/$1-$2 need version letter list reroll=()
	need=$(needs "$2")
	version=$(letter "$2" version)
	[ "$version" = 1 ] || reroll=(-v "$version")
	addresses "$3" "$4" >"$work/addresses"
	mapfile -t list <"$work/addresses"
	git -C "$work/git" branch "$2" "$4"
	git -C "$work/git" config "branch.$2.description" "$(letter "$2" subject)

$(letter "$2")

This is version $version of the series, for Linux $release.
$(applies "$need")"
	GIT_COMMITTER_DATE=$(git -C "$work/git" log -1 --format=%aI "$4") \
		git -C "$work/git" format-patch -q -s --zero-commit --no-signature --cover-letter \
		--cover-from-description=subject "${reroll[@]}" --no-base "${list[@]}" -o "$out" "$3..$2"
	letter=$(echo "$out"/*0000-cover-letter.patch)
	foundation "$need" >>"$letter"
	chmod 755 "$out"
}

release=$(awk -F' *= *' '$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { v = v "." $2 } $1 == "SUBLEVEL" { print v "." $2; exit }' "$src/Makefile")
origin="Debian's linux-source-$KVER"
[ -z "$KSRC" ] || origin=$KSRC

# A repository of only those kernel files that the patches touch is enough.
work=$(mktemp -d "$build/export.XXXXXX")
trap 'rm -rf "$work"' EXIT
stage "$KVER" "$src" "$work/new"
git init -q -b base "$work/git"
for file in Makefile $(files_in "$work/new"); do
	[ ! -f "$src/$file" ] || install -D -m 644 "$src/$file" "$work/git/$file"
done
git -C "$work/git" add -A -f
git -C "$work/git" -c user.name=base -c user.email=base commit -q --no-verify --no-gpg-sign -m "Linux $release"
base=$(git -C "$work/git" rev-parse HEAD)
(commit_series "$work/git" "$KVER") >"$work/ends"
mkdir "$work/out"
number=0 last=$base
while read -r name end; do
	number=$((number + 1))
	write_series $number "$name" "$last" "$end"
	last=$end
done <"$work/ends"
chmod 755 "$work/out"
[ ! -d "$OUT" ] || rmdir "$OUT"
mv "$work/out" "$OUT"
say "$(find "$OUT" -name '*.patch' | wc -l) files in $number series for Linux $release in $OUT"
