#!/bin/bash
# stock.sh NAME: build the kernel VERSION-stock, VERSION-stockdemo, VERSION-stockarmv5,
# VERSION-stocklatency or VERSION-stockuml: that is VERSION-debug, -demo, -armv5, -latency
# or -uml, but with the DPCM core and the explicit sync of the ALSA core as the kernel has
# them. The patches 003N, 004N and 01NN are left out, all others and the overlay's drivers
# are there. The function of 0029 is there, but nothing calls it.
# VERSION-stocktrace is VERSION-stock with the trace events of our DPCM core in it.
KVER=${1%-*}
export KVER
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/soc.sh"

case $1 in
*-stock | *-stocktrace) base=debug ;;
*-stockdemo) base=demo ;;
*-stockarmv5) base=armv5 ;;
*-stocklatency) base=latency ;;
*-stockuml) base=uml ;;
*) die "kernel $1: the flavour is stock, stockdemo, stockarmv5, stocktrace, stocklatency or stockuml" ;;
esac
name=$tag-${1##*-} base=$tag-$base
dir=$build/$name
"$top/lab/kernel.sh" "$KVER-${base##*-}"
src=$("$top/lab/source.sh")
lock "$name"
exec 8>"$build/lock.tree-$tag" 7>"$build/lock.$base"
flock -s 8
flock -s 7
work=$(mktemp -d "$build/stock.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Each event that the pictures need must be in the result.
traced() {
	local event
	sed -i -f "$top/lab/stock-trace.sed" "$1"
	for event in dpcm_be_trigger dpcm_fe_trigger dpcm_state 'dpcm_link.*CONNECT' 'dpcm_link.*DISCONNECT' 'dpcm_link.*REPARENT'; do
		grep -q "trace_$event" "$1" || die "lab/stock-trace.sed does not fit Linux $KVER: no $event"
	done
}

# The files that these patches touch, without these patches.
sources() {
	local patch file
	shopt -s extglob
	stage "$KVER" "$src" "$work/without" '@(00[34]|01[0-9])[0-9]-*'
	mkdir "$work/files"
	for patch in $(series "$KVER" | grep -E '^(00[34]|01[0-9])[0-9]-'); do
		for file in $(touched "$top/patches/$KVER/$patch"); do
			case $file in sound/* | include/*) ;; *) continue ;; esac
			if [ -f "$work/without/$file" ]; then
				replace "$work/without/$file" "$work/files/$file"
			else
				replace "$src/$file" "$work/files/$file"
			fi
		done
	done
	[ "${name##*-}" != stocktrace ] || traced "$work/files/sound/soc/soc-pcm.c"
	[ -n "$(ls "$work/files")" ] || say "no such patch: $name is the same as $base"
	soc_sources "$dir" "$work/files"
}
compile() {
	sources
	soc_modules "$base" "$dir"
}
step "kernel-$name" 60 compile
