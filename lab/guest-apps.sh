# shellcheck shell=dash
# In the guest: play and record with programs of Debian, on cached buffers that need
# sync. /lab/apps names the cases; each writes to /out/CASE the output of the port or the
# recording of the program (heard*), the output of the programs (log), the counters of the
# simulator (sync, stale; before and after: xruns) and, as status, 0 if no program
# reported an error. apps.py made the sounds in /lab and checks the recordings.
#
# Each case is the function of its name below. The bench card records the speaker's port
# (I2S0), and plays into the microphones' port (PDM0).

set -u
sim=/sys/kernel/debug/nc1-sim
proc=/proc/asound
export HOME=/tmp XDG_RUNTIME_DIR=/tmp/run PULSE_SERVER=unix:/tmp/run/pulse.socket
export PULSE_STATE_PATH=/tmp/run PULSE_COOKIE=/tmp/run/cookie

# Wait at most $1 seconds until the rest of the line succeeds.
wait_for() {
	left=$(($1 * 10))
	shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || { echo "waited in vain for: $*"; return 1; }
		usleep 100000
	done
}
running() { grep -q RUNNING "$proc/$1/sub0/status"; }
closed() { grep -q closed "$proc/$1/sub0/status"; }
frames() { sed -n "s/^$1 start [0-9]* frames \([0-9]*\).*/\1/p" $sim/fe; }
start() { sed -n "s/^$1 start \([0-9]*\).*/\1/p" "$sim/$2"; }
route() { amixer -q -c NC1Phone cset name="$1 Switch" "$2"; }
route_is() { amixer -c NC1Phone cget name="$1 Switch" | grep -q ": values=$2"; }

# The bench listens to port $1 with $2 channels and writes file $3.
hear() {
	arecord -q -D "hw:NC1Bench,$1" -t raw -f S16_LE -r 48000 -c "$2" -B 1000000 "$dir/$3" &
	ear=$! frame=$((2 * $2))
	wait_for 10 running "NC1Bench/pcm$1c"
}
# Check that file $3, from port $2, has all that FE $1 played.
complete() { [ "$(stat -c %s "$dir/$3")" -ge $((($(start "FE$1" fe) + $(frames "FE$1") - $(start "I2S$2-out" bench)) * frame)) ]; }
# Wait until file $3, from port $2, and file $5, from port $4, have all that FE $1 played, and
# end the recordings.
heard() {
	wait_for 20 closed "NC1Phone/pcm$1p" || return 1
	wait_for 20 complete "$1" "$2" "$3" || return 1
	[ $# = 3 ] || wait_for 20 complete "$1" "$4" "$5" || return 1
	# shellcheck disable=SC2086 # one or two; the status of arecord is 1 after a signal
	kill -INT $ears
	# shellcheck disable=SC2086
	wait $ears
	return 0
}
# Route FE0 to port $1 and record that.
listen() {
	case $1 in 0) route "Speaker Mixer Music" on ;; 1) route "Headset Mixer Music" on ;; esac
	hear "$1" "$2" heard.raw
	ears=$ear
}
# The bench plays /lab/a.wav, or with one channel /lab/mono.wav; the recording must have
# begun. "said" waits for the end.
speak() {
	sound=/lab/a.wav
	[ "$1" = 2 ] || sound=/lab/mono.wav
	aplay -q -D hw:NC1Bench,2 -B 1000000 $sound &
	mouth=$!
}
said() { wait "$mouth"; }
count() { echo 0 >$sim/sync; }

# Check that the sound of "$@", with $1 channels, arrives unchanged.
plays() {
	listen 0 "$1" || return 1
	shift
	count
	"$@" || return 1
	heard 0 0 heard.raw
}
# "$@" records seven seconds of what the bench plays.
records() {
	route "Recorder Mixer Mic" on
	count
	"$@" &
	recorder=$!
	wait_for 10 running NC1Phone/pcm4c || return 1
	speak 2
	wait $recorder || return 1
	said
}

aplay_() { plays 2 aplay -q -D hw:NC1Phone,0 "$@" /lab/a.wav; }
arecord_() { records arecord -q -D hw:NC1Phone,4 -t raw -f S16_LE -r 48000 -c 2 -d 7 "$@" "$dir/heard.raw"; }
aplay_rw() { aplay_; }
aplay_mmap() { aplay_ -M; }
aplay_short() { aplay_ -M --period-size=256 --buffer-size=1024; }
arecord_rw() { arecord_; }
arecord_mmap() { arecord_ -M; }

# alsabat records the first port and checks the spectrum; the second port has the same
# sound, for a bit by bit comparison with the sound that alsabat reports as played.
alsabat_play() {
	route "Speaker Mixer Music" on
	listen 1 2 || return 1
	count
	alsabat -P hw:NC1Phone,0 -C hw:NC1Bench,0 -f S16_LE -c 2 -r 48000 -n 96000 -F 997 --saveplay "$dir/wanted.wav" || return 1
	heard 0 1 heard.raw
}
alsabat_record() {
	route "Recorder Mixer Headset" on
	count
	alsabat -P hw:NC1Bench,1 -C hw:NC1Phone,4 -f S16_LE -c 2 -r 48000 -n 96000 -F 997
}

# The same sine, written to a file by alsa-lib.
speaker_test() {
	set -- -c 2 -r 48000 -F S16_LE -t sine -f 441 -l 1 -b 80000 -p 20000
	speaker-test -D written "$@" || return 1
	plays 2 speaker-test -D hw:NC1Phone,0 "$@"
}

# GStreamer, with only the plugins that are needed: it loads each one that it finds.
gst() {
	mkdir -p /tmp/gst
	for plugin in alsa coreelements rawparse; do
		ln -sf /usr/lib/*/gstreamer-1.0/libgst$plugin.so /tmp/gst
	done
	GST_PLUGIN_SYSTEM_PATH=/tmp/gst GST_REGISTRY=/tmp/gst/registry GST_REGISTRY_FORK=no gst-launch-1.0 -q "$@"
}
raw="use-sink-caps=false format=pcm pcm-format=s16le sample-rate=48000 num-channels=2"
# The parser of WAV files is in a large package of plugins: cut the header off instead.
# shellcheck disable=SC2086 # words
gst_send() { tail -c +45 /lab/a.wav | gst fdsrc ! rawaudioparse $raw ! alsasink device=hw:NC1Phone,0; }
gst_play() { plays 2 gst_send; }
gst_record() {
	records gst alsasrc device=hw:NC1Phone,4 num-buffers=700 ! audio/x-raw,format=S16LE,rate=48000,channels=2 ! \
		filesink location="$dir/heard.raw"
}

played() { [ "$(frames FE0)" -ge "$1" ]; }
# A program of SDL's own tests. It repeats the sound until it is ended.
sdl_play() {
	listen 0 2
	count
	SDL_AUDIODRIVER=alsa AUDIODEV=hw:NC1Phone,0 /usr/libexec/installed-tests/SDL2/loopwave /lab/a.wav &
	player=$!
	wait_for 10 running NC1Phone/pcm0p || return 1
	wait_for 30 played 540000 || return 1
	kill -TERM $player
	wait $player && heard 0 0 heard.raw
}
# Two clients "$@", the second one while the first one plays or records.
mixes() {
	listen 0 2 || return 1
	count
	"$@" /lab/a.wav &
	first=$!
	wait_for 10 running NC1Phone/pcm0p || return 1
	wait_for 10 played 48000 || return 1
	"$@" /lab/b.wav && wait $first || return 1
	heard 0 0 heard.raw
}
snoops() {
	route "Recorder Mixer Mic" on
	set -- "$@" -t raw -f S16_LE -r 48000 -c 2
	"$@" -d 5 "$dir/heard2.raw" &
	second=$!
	records "$@" -d 7 "$dir/heard.raw" && wait $second
}
dmix() { mixes aplay -q -D mixed; }
dsnoop() { snoops arecord -q -D snooped; }
# Without the name of a device. The phone is not the guest's first card.
default_dmix() { mixes env ALSA_CARD=NC1Phone aplay -q; }
default_dsnoop() { snoops env ALSA_CARD=NC1Phone arecord -q; }

# PulseAudio with timers instead of period interrupts; $1 is the module of the device.
pulse() {
	rm -f /tmp/run/pulse.socket
	pulseaudio -n --exit-idle-time=-1 --use-pid-file=no --disable-shm --log-level=debug --log-target=file:"$dir/pulse.log" \
		-L "$1 tsched=1" \
		-L "module-native-protocol-unix socket=/tmp/run/pulse.socket auth-anonymous=1" &
	server=$!
	wait_for 20 test -S /tmp/run/pulse.socket
}
pulse_end() {
	kill -TERM "$server"
	wait "$server"
	grep -q 'Successfully enabled timer-based scheduling mode' "$dir/pulse.log"
}
rewound() { grep -q 'Processing rewind' "$dir/pulse.log"; }
# PulseAudio rewinds to 1.3 ms before the frame that is played, and writes again from there;
# the emulated CPU needs longer for that than a real one.
format="rate=48000 channels=2 format=s16le"
sink="module-alsa-sink device=hw:NC1Phone,0 sink_name=out $format rewind_safeguard=16384"
pulse_play() {
	listen 0 2 && pulse "$sink" || return 1
	count
	paplay --device=out /lab/long.wav || return 1
	pulse_end && rewound && heard 0 0 heard.raw
}
pulse_mix() {
	listen 0 2 && pulse "$sink" || return 1
	count
	paplay --device=out /lab/a.wav &
	first=$!
	wait_for 10 played 96000 || return 1
	paplay --device=out /lab/b.wav && wait $first || return 1
	pulse_end && rewound && heard 0 0 heard.raw
}
pulse_record() {
	route "Recorder Mixer Mic" on
	pulse "module-alsa-source device=hw:NC1Phone,4 source_name=in $format" || return 1
	record_until_said --device=in --format=s16le && pulse_end
}
record_until_said() {
	count
	parecord --raw --rate=48000 --channels=2 "$@" "$dir/heard.raw" &
	recorder=$!
	wait_for 10 running NC1Phone/pcm4c || return 1
	speak 2
	said || return 1
	kill -TERM $recorder
	wait $recorder
}

# The use case manager loses at its end which devices are on, so one process runs for all
# switches and receives its commands through a pipe.
ucm_begin() {
	mkfifo "$dir/commands"
	alsaucm -n -b - <"$dir/commands" &
	manager=$!
	exec 5>"$dir/commands"
	ucm "open hw:NC1Phone"
}
ucm() { echo "$1" >&5; }
ucm_end() { exec 5>&- && wait "$manager"; }
# The PCM of device $2 of verb $1, $3 for playback or capture. For programs that open it by
# way of the use case manager it has a prefix.
ucm_pcm() { alsaucm -c hw:NC1Phone set _verb "$1" get "$3PCM/$2" | sed -n 's/.*=\(_ucm[0-9]*\.\)*//p'; }
# From the speaker to the headset and back while it plays
ucm_switch() {
	pcm=$(ucm_pcm HiFi Speaker Playback)
	hear 0 2 heard.raw && ears=$ear && hear 1 2 heard2.raw && ears="$ears $ear" || return 1
	ucm_begin && ucm "set _verb HiFi" && ucm "set _enadev Speaker" || return 1
	wait_for 10 route_is "Speaker Mixer Music" on || return 1
	count
	aplay -q -D "$pcm" /lab/a.wav &
	player=$!
	wait_for 10 running NC1Phone/pcm0p || return 1
	wait_for 10 played 96000 || return 1
	ucm "set _swdev/Speaker Headphones"
	wait_for 10 played 240000 || return 1
	ucm "set _swdev/Headphones Speaker"
	wait $player && heard 0 0 heard.raw 1 heard2.raw && ucm_end
}
ucm_record() {
	pcm=$(ucm_pcm HiFi Mic Capture)
	alsaucm -c hw:NC1Phone set _verb HiFi set _enadev Mic || return 1
	count
	arecord -q -D "$pcm" -t raw -f S16_LE -r 48000 -c 2 -d 7 "$dir/heard.raw" &
	recorder=$!
	wait_for 10 running NC1Phone/pcm4c || return 1
	speak 2
	wait $recorder && said
}
# In a phone a daemon copies the call between these two devices and those of the modem.
ucm_call() {
	theirs=$(ucm_pcm "Voice Call" Headphones Playback)
	ours=$(ucm_pcm "Voice Call" Mic Capture)
	hear 1 2 heard.raw && ears=$ear || return 1
	alsaucm -c hw:NC1Phone set _verb "Voice Call" set _enadev Headphones set _enadev Mic || return 1
	count
	arecord -q -D "$ours" -t raw -f S16_LE -r 48000 -c 2 -d 7 "$dir/heard2.raw" &
	recorder=$!
	wait_for 10 running NC1Phone/pcm5c || return 1
	speak 2
	aplay -q -D "$theirs" /lab/b.wav && wait $recorder && said && heard 1 1 heard.raw
}

# The volume of the speaker, in the steps of half a decibel that it has
volume_is() { amixer -c NC1Phone cget name="Speaker Playback Volume" | grep -q ": values=$1"; }
# alsactl stores a route and a volume, and restores them. Without a state and a profile it
# would set each volume whose name has "Speaker" in it to -20 dB.
alsactl_restore() {
	alsactl -f "$dir/none" restore NC1Phone
	volume_is 127 || return 1
	hear 0 2 heard.raw && ears=$ear || return 1
	route "Speaker Mixer Music" on
	amixer -q -c NC1Phone sset Speaker -- -6dB && volume_is 115 || return 1
	alsactl -f "$dir/state" store NC1Phone || return 1
	route "Speaker Mixer Music" off
	amixer -q -c NC1Phone sset Speaker 0dB mute && volume_is 127 || return 1
	alsactl -f "$dir/state" restore NC1Phone || return 1
	count
	aplay -q -D hw:NC1Phone,0 /lab/a.wav && heard 0 0 heard.raw
}
pulse_card() {
	mkdir -p /tmp/.config/pulse
	echo "default-sample-rate = 48000" >/tmp/.config/pulse/daemon.conf
	pulse "module-alsa-card device_id=NC1Phone use_ucm=yes"
}
# PulseAudio takes its ports from the profile, the headphones first.
pulse_ucm() {
	hear 0 2 heard.raw && ears=$ear && hear 1 2 heard2.raw && ears="$ears $ear" || return 1
	pulse_card || return 1
	switch_ports && pulse_end && heard 0 0 heard.raw 1 heard2.raw
}
# The volume of PulseAudio is that of the hardware, in decibels.
pulse_volume() {
	hear 0 2 heard.raw && ears=$ear || return 1
	pulse_card || return 1
	pactl set-sink-port @DEFAULT_SINK@ "[Out] Speaker" && pactl set-sink-volume @DEFAULT_SINK@ -6dB || return 1
	wait_for 10 volume_is 115 || return 1
	count
	paplay /lab/a.wav || return 1
	pulse_end && heard 0 0 heard.raw
}
# Out of the headphones, the speaker, the headphones again: the server's ports.
switch_ports() {
	count
	paplay "$@" /lab/a.wav &
	player=$!
	wait_for 10 running NC1Phone/pcm0p || return 1
	begin=$(frames FE0)
	wait_for 10 played $((begin + 96000)) || return 1
	pactl set-sink-port @DEFAULT_SINK@ "[Out] Speaker" || return 1
	wait_for 10 played $((begin + 240000)) || return 1
	pactl set-sink-port @DEFAULT_SINK@ "[Out] Headphones" && wait $player
}

# PipeWire with a node for each device; with one channel a stream is complete when its
# one link is.
pipewire_() {
	cat >/tmp/run/pipewire.conf <<-END
	context.properties = { core.daemon = true, core.name = pipewire-0, support.dbus = false, log.level = 2, default.clock.rate = 48000 }
	context.spa-libs = {
		audio.convert.* = audioconvert/libspa-audioconvert
		api.alsa.* = alsa/libspa-alsa
		support.* = support/libspa-support
	}
	context.modules = [
		{ name = libpipewire-module-protocol-native }
		{ name = libpipewire-module-spa-node-factory }
		{ name = libpipewire-module-client-node }
		{ name = libpipewire-module-access }
		{ name = libpipewire-module-adapter }
		{ name = libpipewire-module-link-factory }
	]
	context.objects = [ { factory = adapter, args = {
		factory.name = api.alsa.pcm.$1, node.name = device, media.class = "$2", api.alsa.path = "$3",
		audio.format = S16LE, audio.rate = 48000, audio.channels = 1, audio.position = [ MONO ]
		adapter.auto-port-config = { mode = dsp, position = preserve }
	} } ]
	END
	pipewire -c /tmp/run/pipewire.conf >"$dir/pipewire.log" 2>&1 &
	server=$!
	wait_for 20 ports device
}
ports() { pw-link -io 2>/dev/null | grep -q "^$1:"; }
pipewire_end() { kill -TERM "$server"; wait "$server"; true; }
# Stream $1 plays file $2.
stream() {
	pw-cat -p --target=0 -P "{ node.name = $1, adapter.auto-port-config = { mode = dsp, position = preserve } }" "$2" &
	wait_for 10 ports "$1" || return 1
	pw-link "$1:output_MONO" device:playback_MONO
}
pipewire_play() {
	listen 0 1 && pipewire_ sink Audio/Sink hw:NC1Phone,0 || return 1
	count
	stream first /lab/mono.wav || return 1
	wait $! || return 1
	pipewire_end && heard 0 0 heard.raw
}
pipewire_mix() {
	listen 0 1 && pipewire_ sink Audio/Sink hw:NC1Phone,0 || return 1
	count
	stream first /lab/mono.wav || return 1
	first=$!
	wait_for 10 played 96000 || return 1
	stream second /lab/short.wav || return 1
	wait $! && wait $first || return 1
	pipewire_end && heard 0 0 heard.raw
}
pipewire_record() {
	route "Recorder Mixer Mic" on
	pipewire_ source Audio/Source hw:NC1Phone,4 || return 1
	count
	pw-cat -r --target=0 -P "{ node.name = first, adapter.auto-port-config = { mode = dsp, position = preserve } }" \
		--rate 48000 --channels 1 --format s16 "$dir/heard.wav" &
	recorder=$!
	wait_for 10 ports first && pw-link device:capture_MONO first:input_MONO || return 1
	wait_for 10 running NC1Phone/pcm4c || return 1
	speak 1
	said || return 1
	kill -INT $recorder
	wait $recorder
	pipewire_end
}

# WirePlumber and the services that it needs, as Debian configures them: udev, which reports
# the card, and a session bus. $1 is the direction of its nodes: input or output.
wireplumber_() {
	export DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/run/bus PULSE_SERVER=unix:/tmp/run/pulse/native XDG_STATE_HOME=$dir/state
	rm -rf /run/udev/control /tmp/run/bus /tmp/run/pipewire-0* /tmp/run/pulse
	/lib/systemd/systemd-udevd >"$dir/udev.log" 2>&1 &
	wait_for 10 test -S /run/udev/control || return 1
	udevadm trigger --settle --subsystem-match=sound || return 1
	dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS" >"$dir/bus.log" 2>&1 &
	wait_for 10 test -S /tmp/run/bus || return 1
	pipewire >"$dir/pipewire.log" 2>&1 &
	server=$!
	wait_for 10 test -S /tmp/run/pipewire-0 || return 1
	wireplumber >"$dir/wireplumber.log" 2>&1 &
	wait_for 30 ports "alsa_$1.*" || return 1
	pipewire-pulse >"$dir/pulse.log" 2>&1 &
	wait_for 20 test -S /tmp/run/pulse/native
}
wireplumber_ucm() {
	hear 0 2 heard.raw && ears=$ear && hear 1 2 heard2.raw && ears="$ears $ear" || return 1
	wireplumber_ output || return 1
	pactl list cards >"$dir/cards"
	grep -q "Active Profile: HiFi" "$dir/cards" || return 1
	# Its own 30 ms of sound have been played before another program begins.
	switch_ports --latency-msec=500 && pipewire_end && heard 0 0 heard.raw 1 heard2.raw
}
# The headset has the higher priority. With 16 bits half of the right channel's samples lose
# their last bit in PipeWire (0.3.65), where it converts from float; 32 bits are exact.
wireplumber_record() {
	wireplumber_ input || return 1
	pactl set-source-port @DEFAULT_SOURCE@ "[In] Mic" || return 1
	record_until_said --latency-msec=500 --format=s32le && pipewire_end
}

if [ $# != 0 ]; then
	dir=/out/$1
	"$1"
	exit
fi

mkdir -p /tmp/run
# Give sound servers real-time priority, as rtkit would; without it PipeWire is sometimes
# too late for its own buffer.
ulimit -r 95
# Without PipeWire's plugins for alsa-lib.
rm -f /usr/share/alsa/alsa.conf.d/pulse.conf /etc/alsa/conf.d/99-pulse.conf
# WirePlumber gets the phone's card, at full volume, and no Bluetooth, which needs logind.
mkdir -p /etc/udev/rules.d /etc/wireplumber/main.lua.d /etc/wireplumber/bluetooth.lua.d
echo 'SUBSYSTEM=="sound", KERNEL=="card*", ATTR{id}!="NC1Phone", ENV{ACP_IGNORE}="1"' >/etc/udev/rules.d/89-bench.rules
echo 'device_defaults.properties["default-volume"] = 1.0' >/etc/wireplumber/main.lua.d/51-volume.lua
echo 'bluez_monitor.enabled = false' >/etc/wireplumber/bluetooth.lua.d/51-none.lua
# The bus looks up the user.
echo "root:x:0:0:root:/tmp:/bin/sh" >/etc/passwd
cat >/etc/asound.conf <<-END
pcm.mixed { type plug slave.pcm { type dmix ipc_key 2026 slave {
	pcm "hw:NC1Phone,0" format S16_LE rate 48000 channels 2 period_size 1024 buffer_size 8192 } } }
pcm.snooped { type dsnoop ipc_key 2027 slave {
	pcm "hw:NC1Phone,4" format S16_LE rate 48000 channels 2 period_size 1024 buffer_size 8192 } }
pcm.written { type file slave.pcm null file "/out/speaker_test/wanted.raw" format raw }
END
while read -r name; do
	echo "lab: begin $name" >/dev/kmsg
	dir=/out/$name
	mkdir -p "$dir"
	cat $sim/fe $sim/bench >"$dir/before"
	# A session of its own: processes that a case leaves behind end with it.
	setsid timeout 60 sh "$0" "$name" </dev/null >"$dir/log" 2>&1 &
	session=$!
	wait $session
	echo $? >"$dir/status"
	kill -KILL "-$session" 2>/dev/null
	cat $sim/sync >"$dir/sync"
	cat $sim/stale >"$dir/stale"
	cat $sim/fe $sim/bench >"$dir/after"
	for switch in "Speaker Mixer Music" "Headset Mixer Music" "Headset Mixer Call" "Recorder Mixer Mic" "Recorder Mixer Headset" "CallMic Mixer Mic"; do
		route "$switch" off
	done
	for volume in Speaker Headset Mic; do amixer -q -c NC1Phone sset "$volume" 0dB unmute; done
	echo "lab: end $name $(cat "$dir/status")" >/dev/kmsg
done </lab/apps
