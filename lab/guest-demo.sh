# shellcheck shell=dash
# In the guest: play /lab/in.wav while both ports are recorded, and switch the
# route from the speaker to the headset and back while DMA runs. /lab/demo.env,
# from compare.py, says what the file holds.
#
# Leaves in /out: the recordings speaker.raw and headset.raw, and as text what
# the simulator knows: fe, bench, sync, need_sync.

set -eu
# shellcheck source=/dev/null
. /lab/demo.env
sim=/sys/kernel/debug/nc1-sim
status=/proc/asound/NC1Phone/pcm0p/sub0/status

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
record() { arecord -q -D "hw:NC1Bench,$1" -t raw -f "$FORMAT" -r "$RATE" -c "$CHANNELS" -B 1000000 "/out/$2.raw" 2>"/tmp/$2.err" & }
# One amixer for all switches: starting one takes longer than a period.
route() { echo "cset name='$1 Mixer Music Switch' $2" >&3; }

mkfifo /tmp/amixer
amixer -q -s -c NC1Phone </tmp/amixer >/dev/null 2>/tmp/amixer.err &
exec 3>/tmp/amixer
route Speaker on
route Headset off
heard() { amixer -c NC1Phone cget name="$1 Mixer Music Switch" | grep -q ": values=$2"; }
wait_for 10 heard Speaker on || fail "the speaker's switch did not turn on"

record 0 speaker
speaker=$!
record 1 headset
headset=$!
wait_for 10 running /proc/asound/NC1Bench/pcm0c/sub0/status || fail "no recording of I2S0"
wait_for 10 running /proc/asound/NC1Bench/pcm1c/sub0/status || fail "no recording of I2S1"

echo 0 >$sim/sync
{
	aplay -q -D hw:NC1Phone,0 /lab/in.wav 2>/tmp/aplay.err && echo 0 || echo 1
} >/tmp/played &
play=$!

# Wait until the hardware pointer has passed frame $1 of the stream.
played() {
	while :; do
		hw_ptr=-1
		while read -r key _ value; do
			[ "$key" != hw_ptr ] || hw_ptr=$value
		done <$status
		[ "$hw_ptr" -lt "$1" ] || return 0
		[ ! -s /tmp/played ] || fail "aplay ended before frame $1"
	done
}
played $((FRAMES / 3))
route Headset on
route Speaker off
played $((FRAMES * 2 / 3))
route Speaker on
route Headset off

wait $play
[ "$(cat /tmp/played)" = 0 ] || fail "aplay failed"
[ ! -s /tmp/aplay.err ] || fail "aplay complained"
cat $sim/sync >/out/sync
cat $sim/need_sync >/out/need_sync
cat $sim/fe >/out/fe
cat $sim/bench >/out/bench

# The recordings are complete when they reach the last frame that was played.
first() { sed -n "s/^$1 start \([0-9]*\).*/\1/p" "$sim/$2"; }
end=$(($(first FE0 fe) + FRAMES))
complete() { [ "$(stat -c %s "/out/$2.raw")" -ge $(((end - $(first "$1" bench)) * FRAME_BYTES)) ]; }
wait_for 20 complete I2S0-out speaker || fail "the recording of I2S0 stopped early"
wait_for 20 complete I2S1-out headset || fail "the recording of I2S1 stopped early"
kill -INT $speaker $headset
wait $speaker $headset || true
exec 3>&-
uname -r >/out/kernel
cat /proc/device-tree/model >/out/machine
