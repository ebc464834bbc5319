# shellcheck shell=dash
# In the guest: run the programs that /lab/list names, each with its limit in
# seconds, and let the host see their TAP as it comes. tap.py reads the markers.

exec 4>"${live:?set by init}"
mark() {
	echo "lab: $*" >&4
	echo "lab: $*" >/dev/kmsg
}

while read -r name limit; do
	mark begin "$name"
	timeout -s KILL "$limit" "/lab/$name" >&4 2>&1 </dev/null
	mark end "$name" $?
done </lab/list
