#!/bin/bash
# check-zaurus.sh: cached PCM buffers on hardware from outside this project: the Sharp
# Zaurus, as QEMU emulates it (PXA270, its DMA controller and I2S port, WM8750). The
# patches of lab/zaurus let its driver use them; aplay plays, and the output of QEMU's
# codec is compared with the sound, frame by frame. The same is done with the uncached
# buffers that the driver has without them. On Linux 6.1 only: no other kernel that there
# are patches for starts on the board.
wanted=${KVER_GIVEN:+$KVER}
export KVER=6.1 LAB_EXTRA=zaurus
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/soc.sh"

[ "${wanted:-6.1}" = 6.1 ] || die "KVER=$wanted does not start on the Zaurus; choose 6.1"
"$top/lab/packages.sh" tree kernel armel guest tests
"$top/lab/kernel.sh" 6.1-pxa && "$top/lab/selftests.sh" armel || die "Linux 6.1 cannot be built"
lock check-zaurus
exec 8>"$build/lock.tree-$tag" 7>"$build/lock.$tag-pxa"
flock -s 8
flock -s 7
out=$top/out/check-zaurus
rm -rf "$out"
mkdir -p "$out"
passed=0 failed=0

# The kernel without the patch $1.
build_without() {
	local files=$build/zaurus.files file
	rm -rf "$files"
	mkdir -p "$files"
	for file in $(touched "$1"); do replace "$tree/$file" "$files/$file"; done
	bare_apply "$files" -R "$1"
	soc_sources "$build/$tag-uncached" "$files"
	soc_modules "$tag-pxa" "$build/$tag-uncached"
}

# Add what tap.py counted in file $1, and show its failures.
count() {
	local words
	grep -v '^tap: ' "$1" || true
	words=$(sed -n 's/^tap: \([0-9]*\) passed, \([0-9]*\) failed/\1 \2/p' "$1")
	passed=$((passed + ${words% *})) failed=$((failed + ${words#* }))
}

# judge DIR ARGUMENTS...: run zaurus.py with these arguments on the files of the guest in
# out/check-zaurus/DIR; STATUS is the guest's status.
judge() {
	local dir=$1
	shift
	[ "$status" != 0 ] || python3 "$top/lab/zaurus.py" "$@" >"$out/$dir/tap" || status=$?
	python3 "$top/lab/tap.py" program "zaurus $dir" "$out/$dir/tap" "$status" >"$out/$dir/count"
	count "$out/$dir/count"
	sed -n 's/^# \(.*: .* bytes of audio\)/\1/p' "$out/$dir/tap" 2>/dev/null || true
}
# boot DIR KERNEL PATH=FILE...
boot() {
	local dir=$1 kernel=$2
	shift 2
	status=0
	(step "zaurus-$dir" 20 "$top/lab/guest.sh" "$kernel" spitz exact zaurus "$out/$dir" 300 "$@") || status=$?
}

step "kernel-$tag-uncached" 60 build_without "$top/lab/zaurus/0004-ASoC-pxa-i2s-cached-buffers.patch"
python3 "$top/lab/zaurus.py" sound "$out/sound.wav"
for kind in uncached cached; do
	[ $kind = cached ] && kernel=$tag-pxa || kernel=$tag-uncached
	AUDIODEV=wav boot $kind "$kernel" lab/sound.wav="$out/sound.wav"
	judge $kind judge "$out/sound.wav" "$out/$kind" $kind
done

# Record; then check that cached buffers can only be read and written, not mapped.
printf '%s\n' "noncoherent-mmap 120 CACHED_DRIVER=Spitz" "guest-aplay.sh 120 CARDS=Spitz" >"$out/list"
boot recorded "$tag-pxa" lab/list="$out/list" lab/noncoherent-mmap="$build/selftests-$tag-armel/noncoherent-mmap"
judge recorded recorded "$out/recorded"
python3 "$top/lab/tap.py" guest "zaurus mmap" "$out/list" "$out/recorded/live.log" "$out/recorded/console.log" >"$out/count"
count "$out/count"
say "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
