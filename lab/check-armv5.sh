#!/bin/bash
# check-armv5.sh: cached PCM buffers on a board whose data cache aliases (VIVT): the
# kernel with the patches must pass, the stock one must fail (Y11). No emulator has
# caches, so what is shown is the decision, not the corruption that it prevents.
. "$(dirname "$0")/lib.sh"

if [ -n "${KVER_GIVEN:-}" ] || [ -n "$KSRC" ]; then versions=$KVER; else versions=$(supported); fi
"$top/lab/packages.sh" tree kernel armel guest tests
lock check-armv5
out=$top/out/check-armv5
rm -rf "$out"
mkdir -p "$out"
# The device of snd-dummy has real buffers only with fake_buffer=0.
echo "options snd-dummy fake_buffer=0" >"$out/dummy.conf"
broken=0

# guest KERNEL RUN DIR: with the list of what runs in DIR/list
guest() {
	"$top/lab/guest.sh" "$1" versatilepb exact "$2" "$3/1" 300 lab/list="$3/list" lab/done=/dev/null \
		lab/noncoherent-mmap="$build/selftests-$tag-armel/noncoherent-mmap" etc/modprobe.d/dummy.conf="$out/dummy.conf"
}

for KVER in $versions; do
	export KVER
	tag=$KVER${KSRC:+-${tag#*-}}
	"$top/lab/kernel.sh" "$KVER-armv5" && "$top/lab/kernel.sh" "$KVER-stockarmv5" &&
		"$top/lab/selftests.sh" armel || die "Linux $KVER cannot be built"

	dir=$out/$KVER-ours
	mkdir "$dir"
	printf '%s\n' "noncoherent-mmap 120" "guest-aplay.sh 120" >"$dir/list"
	(step "armv5-$KVER-ours" 20 guest "$tag-armv5" check "$dir") || broken=1
	python3 "$top/lab/tap.py" guest "armv5 $KVER" "$dir/list" "$dir/1/live.log" "$dir/1/console.log" >"$dir/count"
	verdict "$dir/count" || broken=1

	dir=$out/$KVER-stock
	mkdir "$dir"
	printf '%s\n' "noncoherent-mmap 60 y11_[imp]*" "guest-aplay.sh 60 y11_*" >"$dir/list"
	(step "armv5-$KVER-stock" 20 guest "$tag-stockarmv5" stock "$dir") || broken=1
	python3 "$top/lab/tap.py" stock "Linux $KVER" "$dir" || broken=1
done
[ $broken = 0 ] || die "on a board with VIVT caches not all is as it should be"
say "no cached buffer is mapped on a board with VIVT caches, and stock maps them"
