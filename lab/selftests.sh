#!/bin/bash
# selftests.sh: build the ALSA selftests of build/tree-$KVER for the guest, with
# the kernel's own kselftest Makefile, into build/selftests-$KVER.
. "$(dirname "$0")/lib.sh"

"$top/lab/tree.sh"
"$top/lab/rootfs.sh"
lock "selftests-$tag"
out=$build/selftests-$tag
sysroot=$build/sysroot
mkdir -p "$out/headers"

headers() { make -C "$tree" O="$out/headers" ARCH=arm headers; }

# Warnings are for the static checks to judge; they find them in the log.
compile() {
	rm -f "$out"/nc-*
	make -C "$tree/tools/testing/selftests/alsa" OUTPUT="$out" ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf- \
		PKG_CONFIG_LIBDIR="$sysroot/usr/lib/arm-linux-gnueabihf/pkgconfig" \
		PKG_CONFIG_SYSROOT_DIR="$sysroot" \
		USERCFLAGS="$1" KHDR_INCLUDES="-isystem $out/headers/usr/include" all
}
export PKG_CONFIG_LIBDIR=$sysroot/usr/lib/arm-linux-gnueabihf/pkgconfig PKG_CONFIG_SYSROOT_DIR=$sysroot
[ "$(cat "$out/headers.from" 2>/dev/null)" = "$(cat "$tree.from")" ] || {
	step "headers-$tag" 15 headers
	cp "$tree.from" "$out/headers.from"
}
step "selftests-$tag" 10 compile "-Wall -Wextra -Wno-unused-parameter"
