#!/bin/bash
# allmod.sh: build all of sound/soc as allmodconfig has it, for arm and arm64 and
# for each kernel, to show that the drivers of the stock kernel build with our DPCM core.
# It takes about 10 minutes for each of the four, so make check leaves it out.
. "$(dirname "$0")/lib.sh"

if [ -n "${KVER_GIVEN:-}" ] || [ -n "$KSRC" ]; then versions=$KVER; else versions=$(supported); fi
"$top/lab/packages.sh" tree kernel arm64 allmod

# Debug information and instrumentation make no difference to what builds.
without="GCC_PLUGINS DEBUG_INFO_BTF WERROR KASAN KCSAN UBSAN GCOV_KERNEL"

compile() {
	local arch=$1 out=$2 cross=arm-linux-gnueabihf- option
	[ "$arch" != arm64 ] || cross=aarch64-linux-gnu-
	mkdir -p "$out"
	set -- make -C "$tree" O="$out" ARCH="$arch" CROSS_COMPILE="$cross"
	"$@" allmodconfig
	for option in $without; do "$tree/scripts/config" --file "$out/.config" -d "$option"; done
	"$tree/scripts/config" --file "$out/.config" -e DEBUG_INFO_NONE
	"$@" olddefconfig
	"$@" -j"$(nproc)" sound/soc/
}

for KVER in $versions; do
	[ -n "$KSRC" ] || tag=$KVER tree=$build/tree-$KVER
	export KVER tree
	"$top/lab/tree.sh"
	for arch in arm arm64; do
		lock "$tag-allmod-$arch"
		step "allmod-$tag-$arch" 600 compile $arch "$build/$tag-allmod-$arch"
		say "    $(grep -cE '^ +CC' "$log/allmod-$tag-$arch.log") files compiled this time"
	done
done
