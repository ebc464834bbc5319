#!/bin/bash
# selftests.sh [PROGRAM...]: build the ALSA selftests of build/tree-$KVER for the
# guest, with the kernel's own kselftest Makefile, into build/selftests-$KVER. With
# PROGRAMs only those, for this machine, into build/selftests-$KVER-host.
. "$(dirname "$0")/lib.sh"

"$top/lab/tree.sh"
if [ $# = 0 ]; then
	"$top/lab/rootfs.sh"
	name=$tag
	target=(ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf-)
	sysroot=$build/sysroot
	export PKG_CONFIG_LIBDIR=$sysroot/usr/lib/arm-linux-gnueabihf/pkgconfig PKG_CONFIG_SYSROOT_DIR=$sysroot
else
	name=$tag-host
	target=(ARCH="$(uname -m)")
fi
lock "selftests-$name"
out=$build/selftests-$name
programs=("${@/#/$out/}")
mkdir -p "$out/headers"

headers() { make -C "$tree" O="$out/headers" "${target[@]}" headers; }

# Warnings are for the static checks to judge; they find them in the log.
compile() {
	rm -f "$out"/nc-* "$out"/dpcm-* "$out"/noncoherent-*
	make -C "$tree/tools/testing/selftests/alsa" OUTPUT="$out" "${target[@]}" \
		USERCFLAGS="$1" KHDR_INCLUDES="-isystem $out/headers/usr/include" "${programs[@]:-all}"
}
[ "$(cat "$out/headers.from" 2>/dev/null)" = "$(cat "$tree.from")" ] || {
	step "headers-$name" 15 headers
	cp "$tree.from" "$out/headers.from"
}
step "selftests-$name" 10 compile "-Wall -Wextra -Wno-unused-parameter"
