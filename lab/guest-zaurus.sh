# shellcheck shell=dash
# In the guest, on the Zaurus: play /lab/sound.wav at the codec's full volume, or record if
# there is no such file, both with the trace events on; then run the programs of /lab/list.
#
# Writes to /out: trace, recorded.wav, and params, the device's parameters as aplay prints them.

set -eu
trace=/sys/kernel/debug/tracing
control() { amixer -q -c Spitz cset name="$1" "$2"; }
try() {
	"$@" >/out/params 2>&1 && return
	cat /out/params
	exit 1
}

for event in snd_pcm_sync snd_pcm/hwptr; do
	echo 1 >"$trace/events/$event/enable"
done
if [ -e /lab/sound.wav ]; then
	# QEMU's WM8750 plays everything at the volume of the speaker; the highest is 1 to 1.
	control "Speaker Playback Volume" 127
	control "Left Mixer Playback Switch" on
	control "Right Mixer Playback Switch" on
	try aplay -D hw:Spitz --period-size=1024 --buffer-size=4096 --dump-hw-params /lab/sound.wav
else
	# Without a microphone the codec stays off.
	control "Jack Function" Mic
	try arecord -D hw:Spitz -f S16_LE -r 44100 -c 2 --period-size=1024 --buffer-size=4096 --samples=44032 /out/recorded.wav
fi
echo 0 >$trace/tracing_on
cat $trace/trace >/out/trace
[ ! -e /lab/list ] || . /lab/guest-check.sh
