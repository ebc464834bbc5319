#!/bin/bash
# source.sh: print the folder of the pristine kernel source for KVER, and unpack
# it first where it has to come out of a tarball: that of Debian's package
# linux-source-$KVER, or the user's own in KSRC. A KSRC folder is used as it is
# and never written to.
. "$(dirname "$0")/lib.sh"

check() {
	local version
	version=$(tree_version "$1") || die "$2 is no kernel tree"
	[ "$version" = "$KVER" ] || die "$2 is Linux $version, wanted KVER=$KVER"
}

if [ -d "$KSRC" ]; then
	check "$KSRC" "KSRC=$KSRC"
	[ ! -e "$KSRC/.config" ] && [ ! -e "$KSRC/include/config" ] ||
		die "KSRC=$KSRC has been built in; run make mrproper there, or name a clean tree"
	say "$KSRC"
	exit
fi

tarball=${KSRC:-/usr/src/linux-source-$KVER.tar.xz}
name=${tag%"${LAB_EXTRA:+-$LAB_EXTRA}"}
src=$build/src/linux-$name
[ -f "$tarball" ] || die "$tarball is missing; install the package linux-source-$KVER or set KSRC="
stamp=$(stat -L -c '%n %s %Y' "$tarball")
mkdir -p "$build/src"
lock "source-$name" >&2
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
