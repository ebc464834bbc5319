#!/bin/bash
# uml.sh KERNEL RUN DIR SECONDS [PATH=FILE...]: run a user mode kernel once, as
# guest.sh does a guest. Its root file system is the host's, read-only; it writes
# to DIR only. KERNEL is a build of kernel.sh like 6.12-uml; RUN is "none" to load
# the modules only. Time advances with instructions and jumps over sleeps: a run is the
# same each time, and a sleep takes no time on the host.
. "$(dirname "$0")/lib.sh"

[ $# -ge 4 ] || die "usage: uml.sh KERNEL RUN DIR SECONDS [PATH=FILE...]"
kernel=$build/$1 run=$2 limit=$4
dir=$(realpath -m "$3")
shift 4

rm -rf "$dir"
mkdir -p "$dir/lab"
cp "$top"/lab/guest-*.sh "$dir/lab/"
for pair in "$@"; do
	cp "${pair#*=}" "$dir/${pair%%=*}"
done

# The kernel clones its stubs from itself and unmaps all of its own memory in them, also the
# memory that the C library has registered with the host for restartable sequences.
export GLIBC_TUNABLES=glibc.pthread.rseq=0
# The host places the heap anywhere within a gigabyte, and the memory before it becomes a part
# of the kernel's: its size differed each time, and sometimes a start failed (a hang before
# the first line, KASAN in to_irq_stack()). Some containers forbid setarch -R.
fixed="setarch $(uname -m) -R"
$fixed true 2>/dev/null || fixed=""
status=0
# shellcheck disable=SC2086 # APPEND is words
timeout -k 5 "$limit" $fixed "$kernel/vmlinux" mem=256M umid="lab-$$" time-travel \
	stderr=1 console=tty0 con=null con0=null,fd:1 ssl=null root=/dev/root rootfstype=hostfs rootflags=/ ro \
	panic=-1 loglevel=7 kasan_multi_shot kunit.enable=1 ${APPEND:-} \
	init="$top/lab/uml-init" nc.run="$run" nc.dir="$dir" nc.mods="$kernel/mods" \
	</dev/null >"$dir/console.log" 2>"$dir/uml.log" &
trap 'kill $! 2>/dev/null; exit 130' INT TERM HUP
wait $! || status=$?

# End with the kernel's failure in one line.
fail() {
	tail -q -n 15 "$dir/console.log" "$dir/uml.log" | sed "s/^/    /"
	die "${kernel##*/}, $run: $1; see $dir/console.log"
}
[ $status != 124 ] && [ $status != 137 ] || fail "still running after $limit s, stopped"
[ $status = 0 ] || fail "the kernel ended with status $status"
[ -s "$dir/status" ] || fail "died before it was done"
[ "$(cat "$dir/status")" = 0 ] || fail "ended with status $(cat "$dir/status")"
