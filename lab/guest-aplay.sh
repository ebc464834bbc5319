#!/bin/sh
# shellcheck shell=dash
# guest-aplay.sh [-l] [TEST...]: in the guest of a board whose data cache aliases: test
# Debian's aplay on cards whose buffers are cached: those that CARDS in the environment
# names. Prints TAP.
set -u

sound=/tmp/sound.raw
play() { timeout -s KILL 30 aplay -q -t raw -f S16_LE -r 48000 -c 2 "$@" "$sound" >/tmp/aplay.log 2>&1; }

# one test on one card
run() {
	case $1 in
	y11_refused) ! play -M -D "hw:$2" && grep -q "Access type not available" /tmp/aplay.log ;;
	rw) play -D "hw:$2" ;;
	# alsa-lib emulates mmap
	plug) play -M -D "plughw:$2" ;;
	*) return 1 ;;
	esac
}

[ $# != 0 ] || set -- y11_refused rw plug
if [ "$1" = -l ]; then
	printf '%s\n' y11_refused rw plug
	exit
fi
head -c 96000 /dev/urandom >"$sound"
echo "TAP version 13"
echo "1..$#"
count=0 failed=0
for name in "$@"; do
	count=$((count + 1)) verdict=ok
	for card in ${CARDS:-Audio Loopback Dummy}; do
		run "$name" "$card" && continue
		said=$(head -n 1 /tmp/aplay.log)
		echo "# $name $card: ${said:-aplay printed no error}"
		verdict="not ok" failed=1
	done
	echo "$verdict $count $name"
done
exit $failed
