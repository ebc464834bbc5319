#!/bin/bash
# guest.sh KERNEL BOARD MODE RUN DIR SECONDS [PATH=FILE...]: boot the guest once.
#
# KERNEL  a build of kernel.sh, for example 6.12-demo, 6.12-stock or 6.12-arm64, on
#         which the same 32-bit programs run
# BOARD   device tree: nc1-phone or another of lib.sh's boards; or versatilepb, an ARMv5
#         board with VIVT caches. After a comma comes a parameter of the simulator. Or the
#         path of a .dtb file; if its card may fail, with nc.cards= in APPEND. Or spitz, a
#         Sharp Zaurus without device tree and simulator.
# MODE    exact: QEMU's instruction clock, one host thread; data and timing do not
#         depend on the load of the host.
#         count: the same with one nanosecond for each instruction, for measurements:
#         the guest's times are equal to the digit on every run.
#         parallel, parallel4: two or four vCPUs that really run at once, for races.
# RUN     what runs inside: lab/guest-RUN.sh, or "shell"
# DIR     for console.log, live.log and the files that the guest wrote to /out
# SECONDS after which the guest counts as hung
# PATH=FILE copies the host's FILE to PATH in the guest
# In the environment:
# APPEND  more words for the kernel's command line
# GUEST_ROOT  apps: the user space that has sound servers
# AUDIODEV  of spitz: wav writes the output of the codec to DIR/heard.wav; none has a silent
#           input
. "$(dirname "$0")/lib.sh"

[ $# -ge 6 ] || die "usage: guest.sh KERNEL BOARD MODE RUN DIR SECONDS [PATH=FILE...]"
kernel=$build/$1 board=$2 mode=$3 run=$4 limit=$6
dir=$(realpath -m "$5")
shift 6

# QEMU 7.2 gives an instruction budget to one vCPU after the other: one that spins
# until the other does something uses all of it, for ever. So on the instruction
# clock the guest leaves the second vCPU off. A debug kernel on that clock is as
# slow as a machine of 100 MHz: there sound runs at a quarter of its speed, and on
# parallel vCPUs, which depend on the speed of the host, at a tenth.
case $mode-$kernel in
exact-*debug | exact-*-stock | exact-*-arm64 | exact-*-kcsan) clock="thread=single -icount shift=0,sleep=off" more="maxcpus=1 nc.speed=25" ;;
exact-*) clock="thread=single -icount shift=3,sleep=off" more="maxcpus=1 nc.speed=100" ;;
count-*) clock="thread=single -icount shift=0,sleep=off" more="maxcpus=1 nc.speed=100" ;;
parallel*debug | parallel*-stock | parallel*-arm64 | parallel*-kcsan) clock="thread=multi" more="nc.speed=10" ;;
parallel-* | parallel4-*) clock="thread=multi" more="nc.speed=100" ;;
*) die "guest.sh: MODE is exact, count, parallel or parallel4, not $mode" ;;
esac
case $board in *,*) more="$more snd_soc_nc1_sim.${board#*,}" board=${board%%,*} ;; esac
cpus=2
case $kernel in
*-arm64 | *-kcsan) qemu=aarch64 core=cortex-a57 images=$kernel/arch/arm64/boot image=Image ;;
*) qemu=arm core=cortex-a15 images=$kernel/arch/arm/boot image=zImage ;;
esac
# A counter of 1 GHz: the usual one counts only each sixteenth instruction.
timer=""
[ "$mode" != count ] || timer=,cntfrq=1000000000
[ "$mode" != parallel4 ] || cpus=4

# Virtio carries the guest's output, while it runs and at its end.
live="file,id=live,path=${dir//,/,,}/live.log" result="file,id=result,path=${dir//,/,,}/result.tar"
ports=(-chardev "$live" -device "virtserialport,chardev=live,name=nc.live"
	-chardev "$result" -device "virtserialport,chardev=result,name=nc.result")
console=ttyAMA0 dtb=(-dtb "$dir/board.dtb")
# On the ARMv5 board virtio is on PCI, and USB as well. The Zaurus has neither: three
# serial lines.
if [ "$board" = spitz ]; then
	sound=${AUDIODEV:-none},id=sound
	[ "$sound" = none,id=sound ] || sound=$sound,path=${dir//,/,,}/heard.wav
	machine=(-M spitz -audiodev "$sound")
	ports=(-chardev "$live" -serial chardev:live -chardev "$result" -serial chardev:result)
	console=ttyS0 dtb=()
	more="$more nc.live=ttyS1 nc.result=ttyS2 nc.cards=Spitz"
	root=$build/rootfs-armel.cpio
elif [ "$board" = versatilepb ]; then
	machine=(-M versatilepb -cpu arm926 -m 256 -device virtio-serial-pci -audiodev "none,id=sound"
		-device "pci-ohci,id=usb" -device "usb-audio,bus=usb.0,audiodev=sound")
	more="$more nc.cards=NC1Bench,Audio,Loopback,Dummy,Interface"
	root=$build/rootfs-armel.cpio
else
	machine=(-M virt -cpu "$core$timer" -smp "$cpus" -m 512 -device virtio-serial-device)
	root=$build/rootfs${GUEST_ROOT:+-$GUEST_ROOT}.cpio
fi

rm -rf "$dir"
mkdir -p "$dir/root/lab"
cp "$top/lab/init" "$dir/root/init"
cp "$top"/lab/guest-*.sh "$dir/root/lab/"
for pair in "$@"; do
	mkdir -p "$dir/root/$(dirname "${pair%%=*}")"
	cp "${pair#*=}" "$dir/root/${pair%%=*}"
done
(cd "$dir/root" && find . -mindepth 1 | cpio -o -H newc -R 0:0 2>/dev/null) |
	cat - "$root" "$kernel/mods.cpio" >"$dir/initrd"
rm -rf "$dir/root"

if [ "$board" = versatilepb ]; then
	dtc -q -I dts -O dtb -o "$dir/simulator.dtbo" "$top/lab/versatilepb.dtso"
	fdtoverlay -i "$(find "$images/dts/" -name versatile-pb.dtb)" -o "$dir/board.dtb" "$dir/simulator.dtbo"
elif [ "${board%.dtb}" != "$board" ]; then
	cp "$board" "$dir/board.dtb"
elif [ "$board" != spitz ]; then
	cp "$images/dts/vendor-nc/$board.dtb" "$dir/board.dtb"
fi
# ALSA builds the card's id from its label.
label=$(fdtget "$dir/board.dtb" /sound label 2>/dev/null || true)
[ "$board" = versatilepb ] || [ "$board" = spitz ] || more="$more nc.cards=${label//[!a-zA-Z0-9]/},NC1Bench"
# The NC1 boards have two CPUs.
if [ "$mode" = parallel4 ]; then
	for cpu in /cpus/cpu@2 /cpus/cpu@3; do
		fdtput -c "$dir/board.dtb" $cpu
		fdtput -t s "$dir/board.dtb" $cpu device_type cpu
		fdtput -t s "$dir/board.dtb" $cpu compatible "arm,$core"
		fdtput -t s "$dir/board.dtb" $cpu enable-method psci
		fdtput -t i "$dir/board.dtb" $cpu reg "${cpu#*@}"
	done
fi

if [ "$run" = shell ]; then
	serial=(-serial stdio)
else
	serial=(-serial "file:$dir/console.log")
fi

boot() {
	# shellcheck disable=SC2086 # the words of $clock are options of their own
	exec timeout "$@" "qemu-system-$qemu" \
		"${machine[@]}" -accel tcg,$clock \
		-kernel "$images/$image" -initrd "$dir/initrd" \
		"${dtb[@]}" \
		-append "console=$console panic=-1 loglevel=6 kasan_multi_shot snd_pcm_oss.adsp_map=4,4,4,4 $more ${APPEND:-} nc.run=$run" \
		-display none -no-reboot -monitor none -nic none "${serial[@]}" "${ports[@]}" \
	2>"$dir/qemu.log"
}

if [ "$run" = shell ]; then
	(boot --foreground "$limit")
	exit
fi
status=0
boot -k 5 "$limit" &
trap 'kill $! 2>/dev/null; exit 130' INT TERM HUP
wait $! || status=$?
rm -f "$dir/initrd" "$dir"/*.dtb*

# End with the guest's failure in one line.
fail() {
	tail -q -n 15 "$dir/console.log" "$dir/qemu.log" 2>/dev/null | sed "s/^/    /"
	die "guest $run on ${kernel##*/}, $board, $mode: $1; see $dir/console.log"
}
[ $status != 124 ] && [ $status != 137 ] || fail "still running after $limit s, stopped"
[ $status = 0 ] || fail "QEMU ended with status $status"
[ -s "$dir/console.log" ] || fail "the kernel printed nothing"
tar -C "$dir" --no-overwrite-dir -xf "$dir/result.tar" 2>/dev/null && [ -s "$dir/status" ] || fail "died before it was done"
rm "$dir/result.tar"
[ "$(cat "$dir/status")" = 0 ] || fail "ended with status $(cat "$dir/status")"
