#!/bin/bash
# kselftest.sh: build the kernel's own ALSA selftests and ours of build/tree-$KVER for
# the guest, as for any board, into build/kselftest-$KVER/install, with `make install` of
# the selftests. The folder runs on any system that has an alsa-lib.
. "$(dirname "$0")/lib.sh"

"$top/lab/tree.sh"
"$top/lab/rootfs.sh"
lock "kselftest-$tag"
out=$build/kselftest-$tag
target=(ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf-)
export PKG_CONFIG_LIBDIR=$build/sysroot/usr/lib/arm-linux-gnueabihf/pkgconfig PKG_CONFIG_SYSROOT_DIR=$build/sysroot
mkdir -p "$out"

from=$(find "$tree/tools/testing/selftests/alsa" "$0" -type f -exec cksum {} + | sort | cksum)
[ "$(cat "$out.from" 2>/dev/null)" != "$from" ] || exit 0

# The kernel's own tests need its newest headers.
install_tests() {
	make -C "$tree" O="$out" "${target[@]}" headers
	rm -rf "$out/install"
	make -C "$tree/tools/testing/selftests" O="$out" "${target[@]}" TARGETS=alsa INSTALL_PATH="$out/install" install
}
rm -f "$out.from"
step "kselftest-$tag" 90 install_tests
say "$from" >"$out.from"
