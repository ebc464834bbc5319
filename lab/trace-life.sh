#!/bin/sh
# shellcheck shell=dash
# In the guest, for make timeline: aplay plays a third of a second to one port; another
# one joins while it plays.
set -eu
route() { amixer -q -c NC1Phone cset "name=$1 Mixer Music Switch" "$2"; }
status=/proc/asound/NC1Phone/pcm0p/sub0/status

tail -c +45 /usr/share/sounds/alsa/Front_Center.wav | head -c 36000 >/tmp/sound.raw
route Speaker on
# Sound is slow here, and a write fails if a period takes longer than 1.1 buffers last.
aplay -q -D hw:NC1Phone,0 -t raw -f S16_LE -r 48000 -c 1 --period-size=512 --buffer-size=8192 /tmp/sound.raw &
left=500
until grep -q RUNNING $status; do
	left=$((left - 1))
	[ $left -gt 0 ]
	usleep 20000
done
route Headset on
wait $!
route Speaker off
route Headset off
