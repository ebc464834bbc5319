# shellcheck shell=dash
# In the guest: run the programs that the list names, each with its limit in
# seconds, settings NAME=VALUE and arguments, and pass their TAP to the host as it
# comes. tap.py reads the markers.

exec 4>"${live:?set by init}"
lab=${lab:-/lab}
mark() {
	echo "lab: $*" >&4
	echo "lab: $*" >/dev/kmsg
}

while read -r name limit args; do
	mark begin "$name"
	# shellcheck disable=SC2086 # words
	set -- $args
	settings=""
	while [ $# != 0 ]; do
		case $1 in *=*) settings="$settings $1" ;; *) break ;; esac
		shift
	done
	# shellcheck disable=SC2086 # words
	env $settings timeout -s KILL "$limit" "$lab/$name" "$@" >&4 2>&1 </dev/null
	mark end "$name" $?
done <"$lab/list"
