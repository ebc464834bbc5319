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
mkdir -p "$out"

tests=$tree/tools/testing/selftests/alsa
sources() { cat "$tests"/*.[ch] "$tests/Makefile" "$0" | cksum; }

# The kernel's own tests would need its headers, which take a minute to make; ours need those
# of the C library only. The static checks read the warnings from the log.
compile() {
	rm -f "$out"/nc-* "$out"/dpcm-* "$out"/noncoherent-*
	# shellcheck disable=SC2016 # for make
	make -C "$tests" OUTPUT="$out" "${target[@]}" \
		USERCFLAGS="$1" KHDR_INCLUDES="" TEST_GEN_PROGS_EXTENDED="" \
		TEST_GEN_PROGS='$(addprefix $(OUTPUT)/,$(NC_PROGS) $(DPCM_PROGS) $(SYNC_PROGS))' "${programs[@]:-all}"
}
from="$(sources) $*"
[ "$(cat "$out.from" 2>/dev/null)" = "$from" ] || {
	rm -f "$out.from"
	step "selftests-$name" 20 compile "-Wall -Wextra -Wno-unused-parameter"
	say "$from" >"$out.from"
}
