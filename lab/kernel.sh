#!/bin/bash
# kernel.sh NAME [config]: build the kernel NAME = VERSION-FLAVOUR, for example
# 6.12-demo, with modules and the board's device trees, into build/NAME; or only
# configure it, for the static checks, which compile there what they need.
#
# Flavours: demo (lab/config/base.config), tracing (tracing.config on top), latency
# (latency.config on top), debug (debug.config on top), dmadebug (dmadebug.config on top
# of both), arm64 (as debug, for 64 bits), kcsan (kcsan.config instead), armv5
# (armv5.config: a board with VIVT caches), pxa (pxa.config: a Sharp Zaurus, see
# check-zaurus.sh), uml (uml.config: a user mode kernel), umlfast (the same without its
# debugging), stock, stockdemo, stockarmv5, stocktrace, stocklatency
# and stockuml (see stock.sh).
KVER=${1%-*}
export KVER
. "$(dirname "$0")/lib.sh"

flavour=${1##*-}
name=$tag-$flavour
out=$build/$name
jobs=$(nproc)

case $flavour in
demo) fragments="arm base" ;;
tracing) fragments="arm base tracing" ;;
latency) fragments="arm base latency" ;;
debug) fragments="arm base debug armdebug" ;;
dmadebug) fragments="arm base debug armdebug dmadebug" ;;
arm64) fragments="arm64 base debug" ;;
kcsan) fragments="arm64 base kcsan" ;;
armv5) fragments="armv5" ;;
pxa) fragments="pxa" ;;
uml) fragments="uml umldebug" ;;
umlfast) fragments="uml" ;;
stock | stockdemo | stockarmv5 | stocktrace | stocklatency | stockuml) exec "$top/lab/stock.sh" "$1" ;;
*) die "kernel $1: the flavour is one of demo, tracing, latency, debug, dmadebug, arm64, kcsan, armv5, pxa, uml, umlfast, stock, stockdemo, stockarmv5, stocktrace, stocklatency, stockuml" ;;
esac
[ "$KVER-${flavour%fast}" != 6.1-uml ] || die "Linux 6.1 has no sound in user mode; its unit tests run in the guest"

"$top/lab/tree.sh"
lock "$name"
exec 8>"$build/lock.tree-$tag"
flock -s 8
mkdir -p "$out"

# A line that ends in "# VERSION..." is for those kernels.
wanted() {
	local fragment
	for fragment in $fragments; do
		awk -v version="$KVER" '
			!/^CONFIG_.*#/ { print; next }
			index(substr($0, index($0, "#") + 1) " ", " " version " ") { print $1 }' \
			"$top/lab/config/$fragment.config"
	done
}
# Whether the configuration is up to date with the fragments and the Kconfig files.
configured() {
	wanted | cmp -s - "$out/.wanted" &&
		[ -z "$(find "$tree" -name 'Kconfig*' -newer "$out/.wanted" -print -quit)" ]
}
# Kconfig silently drops options whose dependencies are not met: compare.
configure() {
	local line missing=""
	rm -f "$out/.wanted"
	wanted >"$out/.wanted.new"
	kmake KCONFIG_ALLCONFIG="$out/.wanted.new" allnoconfig
	while read -r line; do
		grep -qxF -- "$line" "$out/.config" || missing="$missing ${line%%=*}"
	done < <(grep '^CONFIG_' "$out/.wanted.new")
	[ -z "$missing" ] || die "$name cannot have these options of lab/config:$missing"
	mv "$out/.wanted.new" "$out/.wanted"
}

compile() {
	local dtbs
	read -ra dtbs < <(boards)
	dtbs=("${dtbs[@]/#/vendor-nc/}")
	dtbs=("${dtbs[@]/%/.dtb}")
	case $flavour in
	uml*) kmake -j"$jobs" vmlinux modules ;;
	armv5) kmake -j"$jobs" zImage modules dtbs ;;
	arm64 | kcsan) kmake -j"$jobs" Image modules "${dtbs[@]}" ;;
	*) kmake -j"$jobs" zImage modules "${dtbs[@]}" ;;
	esac
	rm -rf "$out/mods"
	kmake INSTALL_MOD_PATH="$out/mods" modules_install
	rm -f "$out"/mods/lib/modules/*/build "$out"/mods/lib/modules/*/source
	mods_cpio "$out"
}

configured || step "config-$name" 20 configure
[ "${2:-}" = config ] || step "kernel-$name" 300 compile
