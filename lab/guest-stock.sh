# shellcheck shell=dash
# In the guest: run single tests of the programs that the list names, each as a
# process of its own: lines of program, limit in seconds, pattern of test names, and a
# remark for the host. Tests that an earlier boot has begun, in the file "done", are left
# out. After a test that damages the kernel this ends, and the host boots again.

exec 4>"${live:?set by init}"
lab=${lab:-/lab}
mark() {
	echo "lab: $*" >&4
	echo "lab: $*" >/dev/kmsg
}

# The kernel's taint, and whether lockdep is on.
state() { cat /proc/sys/kernel/tainted; grep debug_locks /proc/lockdep_stats; }
before=$(state)

# Load the card anew for the next test.
reload() {
	[ -d /sys/module/snd_soc_dpcm_sim ] || return 0
	rmmod snd_soc_dpcm_sim && modprobe snd_soc_dpcm_sim
}

while read -r program limit pattern remark; do
	for name in $("$lab/$program" -l); do
		# shellcheck disable=SC2254 # a pattern is meant
		case $name in $pattern) ;; *) continue ;; esac
		mark stands "$program:$name" "$remark"
		echo "$program $limit $name" >>/tmp/tests
	done
done <"$lab/list"
while read -r program limit name; do
	! grep -qxF "$program:$name" "$lab/done" || continue
	mark begin "$program:$name"
	timeout -s KILL "$limit" "$lab/$program" "$name" >&4 2>&1 </dev/null
	mark end "$program:$name" $?
	[ "$(state)" = "$before" ] && reload || exit 0
done </tmp/tests
mark complete
