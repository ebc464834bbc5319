# shellcheck shell=dash
# In the guest: run the programs of the list as guest-check.sh does, with the trace
# events of DPCM and PCM on. Each line of the list has a trace of its own in /out,
# PROGRAM-N.trace, N from 1 on.

exec 4>"${live:?set by init}"
trace=/sys/kernel/debug/tracing
[ -e "$trace" ] || trace=/sys/kernel/tracing
n=0

echo global >$trace/trace_clock
for system in snd_dpcm snd_pcm_sync snd_pcm/hwptr snd_pcm/applptr snd_pcm/xrun; do
	[ ! -d "$trace/events/$system" ] || echo 1 >"$trace/events/$system/enable"
done
while read -r name limit args; do
	n=$((n + 1))
	echo "lab: begin $name" >&4
	: >$trace/trace
	# shellcheck disable=SC2086 # words
	timeout -s KILL "$limit" "/lab/$name" $args >&4 2>&1 </dev/null
	echo "lab: end $name $?" >&4
	cat $trace/trace >"/out/$name-$n.trace"
done </lab/list
