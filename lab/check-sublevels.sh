#!/bin/bash
# check-sublevels.sh: make apply and unapply on every version that Debian has of the
# kernels that there are patches for. Prints TAP. Of each version only the files that a
# patch touches are unpacked; nothing is built.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/debs.sh"

"$top/lab/packages.sh" tree
lock sublevels
work=$build/sublevels
rm -rf "$work"
mkdir -p "$work"
# Without the rest of the package, which would be large.
trap 'rm -rf "$work"' EXIT
unset KVER_GIVEN KDIR
count=0 failed=0

sum() { (cd "$1" && find . -type f -printf '%P %m\n' -exec sha256sum {} + | sort | sha256sum); }

# The files of version $2 of package $1, of those that the patches touch, in $work/tree.
fetch() {
	local files
	(cd "$work" && apt-get -q -c "$apt/apt.conf" download "$1=$2")
	for patch in $(series "$KVER"); do touched "$top/patches/$KVER/$patch"; done | sort -u >"$work/touched"
	files=$(sed "s,^,linux-source-$KVER/," "$work/touched")
	mkdir "$work/tree"
	# Some of the files are new; tar would fail for them.
	# shellcheck disable=SC2086 # a list
	dpkg-deb --fsys-tarfile "$work"/*.deb | tar -xO "./usr/src/linux-source-$KVER.tar.xz" |
		tar -xJ --strip-components=1 -C "$work/tree" "linux-source-$KVER/Makefile" "linux-source-$KVER/Kconfig" $files 2>"$work/missing" ||
		grep -q 'Not found in archive' "$work/missing"
	tree_version "$work/tree" >/dev/null
}

round() {
	local before
	before=$(sum "$work/tree")
	KDIR=$work/tree "$top/lab/apply.sh" && [ "$(sum "$work/tree")" != "$before" ] &&
		KDIR=$work/tree "$top/lab/unapply.sh" && [ "$(sum "$work/tree")" = "$before" ]
}

for KVER in $(supported); do
	export KVER
	apt=$build/apt-source-$KVER debs=$apt/cache
	# shellcheck disable=SC2046 # a list
	step "suites-$KVER" 5 apt_for all /dev/null $(suites "$KVER") >&2
	while read -r version <&3; do
		rm -rf "${work:?}"/*
		verdict=ok
		step "fetch-$version" 60 fetch "linux-source-$KVER" "$version" >&2
		step "apply-$version" 3 round >&2 || verdict="not ok"
		count=$((count + 1))
		say "$verdict $count - Debian's $version: apply, and unapply as if it had never been"
		[ "$verdict" = ok ] || failed=$((failed + 1))
	done 3< <(apt-cache -c "$apt/apt.conf" madison "linux-source-$KVER" | awk '{ print $3 }' | sort -uV)
done
say "1..$count"
say "$((count - failed)) passed, $failed failed"
[ $failed = 0 ] && [ $count -gt 1 ]
