#!/bin/bash
# source.sh: print the folder of the pristine kernel source for KVER. If it is a tarball,
# unpack it first: that of Debian's package linux-source-$KVER, which is fetched if the
# host does not have it, or the user's own in KSRC. A KSRC folder is used as it is and
# never written to.
# Status 77: Debian has no such package.
. "$(dirname "$0")/lib.sh"
. "$top/lab/debs.sh"

check() {
	local version
	version=$(tree_version "$1") || die "$2 is no kernel tree"
	[ "$version" = "$KVER" ] || die "$2 is Linux $version, wanted KVER=$KVER"
}

if [ -d "$KSRC" ]; then
	[ ! -e "$KSRC/.config" ] && [ ! -e "$KSRC/include/config" ] ||
		die "KSRC=$KSRC has been built in; run make mrproper there, or name a clean tree"
	say "$KSRC"
	exit
fi

# Version $1 of Debian's package as the file $2.
fetch_source() {
	(cd "$debs" && apt-get -q -c "$apt/apt.conf" download "linux-source-$KVER=$1")
	dpkg-deb --fsys-tarfile "$debs"/*.deb | tar -xO "./usr/src/linux-source-$KVER.tar.xz" >"$2.new"
	rm -f "$debs"/*.deb
	mv "$2.new" "$2"
}

tarball=${KSRC:-/usr/src/linux-source-$KVER.tar.xz}
name=${tag%"${LAB_EXTRA:+-$LAB_EXTRA}"}
src=$build/src/linux-$name
mkdir -p "$build/src"
lock "source-$name" >&2
[ -n "$KSRC" ] || [ -f "$tarball" ] || tarball=$build/src/linux-source-$KVER.tar.xz
if [ -z "$KSRC" ] && [ ! -f "$tarball" ]; then
	apt=$build/apt-source-$KVER debs=$apt/cache
	# shellcheck disable=SC2046 # a list
	step "suites-$KVER" 5 apt_for all /dev/null $(suites "$KVER") >&2
	version=$(apt-cache -c "$apt/apt.conf" madison "linux-source-$KVER" | awk '{ print $3 }' | sort -V | tail -n 1)
	if [ -z "$version" ]; then
		have=$(apt-cache -c "$apt/apt.conf" search --names-only '^linux-source-[0-9.]+$' | awk '{ print $1 }' | sort -V | xargs)
		printf 'error: Debian has no linux-source-%s any more in %s, but %s; KSRC= takes a tree of your own\n' \
			"$KVER" "$(suites "$KVER")" "${have:-none}" >&2
		exit 77
	fi
	step "fetch-linux-$KVER" 60 fetch_source "$version" "$tarball" >&2
fi
stamp=$(stat -L -c '%n %s %Y' "$tarball")
if [ "$(cat "$src.from" 2>/dev/null)" != "$stamp" ] || [ ! -d "$src" ]; then
	rm -rf "$src.new"
	trap 'rm -rf "$src.new"' EXIT
	mkdir "$src.new"
	step "unpack-$name" 45 tar -xf "$tarball" --strip-components=1 -C "$src.new" >&2
	check "$src.new" "$tarball"
	rm -rf "$src" "$src.from"
	mv "$src.new" "$src"
	printf '%s\n' "$stamp" >"$src.from"
fi
say "$src"
