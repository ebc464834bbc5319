# shellcheck shell=dash
# In the guest: play /lab/in.wav on the board's first front end while both ports are
# recorded, and switch the route from I2S0, the phone's speaker, to I2S1, its headset, and
# back while DMA runs. /lab/demo.env, from compare.py, has the format of the file.
#
# Writes to /out: "ports" and "front_end", the board's names for them; a recording of each
# port, I2S0.raw and I2S1.raw; and the simulator's files fe, bench, sync, need_sync.

set -eu
# shellcheck source=/dev/null
. /lab/demo.env
sim=/sys/kernel/debug/nc1-sim
card=$(sed -n 's/^ *[0-9]* \[\(NC1[^ ]*\) *\].*/\1/p' /proc/asound/cards | grep -v Bench)
status=/proc/asound/$card/pcm0p/sub0/status
# The board's name for the block whose window is at 5f00$1
name() { tr -d '\0' <"$(echo /sys/firmware/devicetree/base/soc/*@5f00"$1")/sound-name-prefix"; }
window=$(sed -n 's/^id: fe\.[^@]*@5f00\([0-9a-f]*\).*/\1/p' "/proc/asound/$card/pcm0p/info")
fe=FE$(echo "$window" | cut -c2) music=$(name "$window") first=$(name 2000) second=$(name 3000)
echo "$fe $music" >/out/front_end
printf 'I2S0 %s\nI2S1 %s\n' "$first" "$second" >/out/ports

fail() {
	echo "demo: $*" | tee /out/failed
	for file in /tmp/*.err; do sed "s,^,demo: ${file##*/}: ," "$file"; done
	exit 1
}

# Wait at most $1 seconds until the rest of the line succeeds.
wait_for() {
	left=$(($1 * 50))
	shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		usleep 20000
	done
}

running() { grep -q RUNNING "$1"; }
record() { arecord -q -D "hw:NC1Bench,$1" -t raw -f "$FORMAT" -r "$RATE" -c "$CHANNELS" -B 1000000 "/out/I2S$1.raw" 2>"/tmp/I2S$1.err" & }
# One amixer for all switches, as its start takes longer than a period.
route() { echo "cset name='$1 Mixer $music Switch' $2" >&3; }

mkfifo /tmp/amixer
amixer -q -s -c "$card" </tmp/amixer >/dev/null 2>/tmp/amixer.err &
exec 3>/tmp/amixer
route "$first" on
route "$second" off
heard() { amixer -c "$card" cget name="$1 Mixer $music Switch" | grep -q ": values=$2"; }
wait_for 10 heard "$first" on || fail "the switch of $first did not turn on"

record 0
ears=$!
record 1
ears="$ears $!"
wait_for 10 running /proc/asound/NC1Bench/pcm0c/sub0/status || fail "no recording of I2S0"
wait_for 10 running /proc/asound/NC1Bench/pcm1c/sub0/status || fail "no recording of I2S1"

echo 0 >$sim/sync
{
	aplay -q -D "hw:$card,0" /lab/in.wav 2>/tmp/aplay.err && echo 0 || echo 1
} >/tmp/played &
play=$!

# Wait until the hardware pointer has passed frame $1 of the stream.
played() {
	while :; do
		hw_ptr=-1
		while read -r key _ value; do
			[ "$key" != hw_ptr ] || hw_ptr=$value
		done <"$status"
		[ "$hw_ptr" -lt "$1" ] || return 0
		[ ! -s /tmp/played ] || fail "aplay ended before frame $1"
	done
}
played $((FRAMES / 3))
route "$second" on
route "$first" off
played $((FRAMES * 2 / 3))
route "$first" on
route "$second" off

wait $play
[ "$(cat /tmp/played)" = 0 ] || fail "aplay failed"
[ ! -s /tmp/aplay.err ] || fail "aplay printed an error"
cat $sim/sync >/out/sync
cat $sim/need_sync >/out/need_sync
cat $sim/fe >/out/fe
cat $sim/bench >/out/bench

# The recordings are complete when they reach the last frame that was played.
start() { sed -n "s/^$1 start \([0-9]*\).*/\1/p" "$sim/$2"; }
end=$(($(start "$fe" fe) + FRAMES))
complete() { [ "$(stat -c %s "/out/$1.raw")" -ge $(((end - $(start "$1-out" bench)) * FRAME_BYTES)) ]; }
wait_for 20 complete I2S0 || fail "the recording of I2S0 stopped early"
wait_for 20 complete I2S1 || fail "the recording of I2S1 stopped early"
# shellcheck disable=SC2086 # two
kill -INT $ears
# shellcheck disable=SC2086
wait $ears || true
exec 3>&-
uname -r >/out/kernel
cat /proc/device-tree/model >/out/machine
