#!/bin/bash
# selftests.sh [armel | PROGRAM...]: build the ALSA selftests of build/tree-$KVER for
# the guest, with the kernel's own kselftest Makefile, into build/selftests-$KVER, or
# for one with an older processor into build/selftests-$KVER-armel. With PROGRAMs
# only those, for this machine, into build/selftests-$KVER-host.
. "$(dirname "$0")/lib.sh"

"$top/lab/tree.sh"
case ${1:-} in
'' | armel)
	"$top/lab/rootfs.sh" "$@"
	name=$tag${1:+-$1} sysroot=$build/sysroot${1:+-$1}
	abi=arm-linux-gnueabihf
	[ $# = 0 ] || abi=arm-linux-gnueabi
	target=(ARCH=arm CROSS_COMPILE="$abi-")
	export PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$abi/pkgconfig PKG_CONFIG_SYSROOT_DIR=$sysroot
	set --
	;;
*)
	name=$tag-host
	target=(ARCH="$(uname -m)")
	;;
esac
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
