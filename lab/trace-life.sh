#!/bin/sh
# shellcheck shell=dash
# In the guest, for make timeline: aplay plays half a second to one port; another one
# joins while it plays.
set -eu
route() { amixer -q -c NC1Phone cset "name=$1 Mixer FE0 Switch" "$2"; }
status=/proc/asound/NC1Phone/pcm0p/sub0/status

head -c 50000 /usr/share/sounds/alsa/Front_Center.wav >/tmp/sound.wav
route I2S0 on
aplay -q -D hw:NC1Phone,0 --period-size=2048 --buffer-size=8192 /tmp/sound.wav 2>/tmp/aplay.err &
left=500
until grep -q RUNNING $status; do
	left=$((left - 1))
	[ $left -gt 0 ]
	usleep 20000
done
route I2S1 on
# The end of the file is missing, which aplay tells and minds.
wait || grep -q . /tmp/aplay.err
route I2S0 off
route I2S1 off
