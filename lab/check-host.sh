#!/bin/bash
# check-host.sh: run the first command of README.md on another release of Debian. In a root
# file system of SUITE (in the environment) a user calls it in a clone of this project's
# HEAD, root installs the packages that it names, and the user calls it again. The root
# file system is made once and kept as build/host-SUITE.tar; the copy that was used,
# build/host-SUITE, is kept if something failed.
. "$(dirname "$0")/lib.sh"
. "$top/lab/debs.sh"

suite=${SUITE:-}
[[ $suite =~ ^[a-z]+$ ]] || die "SUITE=$suite is no release of Debian; choose one, as in SUITE=trixie"
[ "$(id -u)" = 0 ] || die "make check-host mounts and changes its root folder; run it as root"
first=$(sed -n 's/^    \(make [a-z]*\) .*/\1/p' "$top/README.md" | head -n 1)
[ -n "$first" ] || die "README.md has no line with a command"
"$top/lab/packages.sh" tree host
lock "host-$suite"
root=$build/host-$suite clone=home/user/vendor-nc
apt=$build/apt-host-$suite debs=$build/apt-host-$suite/cache/archives
out=$top/out/check-host/$suite
rm -rf "$out"
mkdir -p "$out"

# The lines of apt's list whose suite the mirror has: not each release has updates.
sources() {
	local line which
	while read -r line; do
		which=$(cut -d' ' -f3 <<<"$line")
		[ -z "$(find "$apt/state/lists" -name "*_dists_${which}_*Release")" ] || say "$line"
	done <"$apt/etc/sources.list"
}
# Run a command whose mounts and processes end with it. It takes no other signal.
apart() {
	unshare --mount --pid --fork --kill-child -- "$@" <&0 &
	# shellcheck disable=SC2064 # the pid of now is meant
	trap "kill -KILL $!" INT TERM HUP
	wait $!
}
# That root file system uses the host's settings for its mirror.
make_root() {
	apt-config dump Acquire | sed '/::\(IndexTargets\|cdrom\)/d' >"$root.conf"
	apart mmdebstrap --variant=minbase --include=ca-certificates,git,make --aptopt="$root.conf" \
		"$suite" "$root.new.tar" - <"$root.sources"
	mv "$root.new.tar" "$root.tar"
	cp "$root.sources" "$root.from"
}
step "suites-host-$suite" 10 apt_for "$(dpkg --print-architecture)" /dev/null "$suite" "$suite-updates" "$suite-security"
sources >"$root.sources"
grep -q " $suite main$" "$root.sources" ||
	die "SUITE=$suite: this host's mirror has no such release of Debian; choose one, as in SUITE=trixie"
[ -f "$root.tar" ] && cmp -s "$root.sources" "$root.from" || step "host-$suite" 120 make_root

# Run a command in there.
inside() {
	# shellcheck disable=SC2016 # for the shell that it starts
	apart sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$root" "$@"
}
user() { inside su - user -c "cd /$clone && $1"; }
unpack() {
	rm -rf "$root"
	mkdir "$root"
	tar -x --numeric-owner -C "$root" -f "$root.tar"
	cp -L /etc/resolv.conf "$root/etc/"
	inside useradd --create-home --shell /bin/bash user
	git clone -q --no-hardlinks "$top" "$root/$clone"
	inside chown -R user: "/$clone"
}
step "unpack-host-$suite" 20 unpack

tap() { say "$*" | tee -a "$out/tap"; }
count=0 failed=0
# check NAME SECONDS COMMAND...: a line of TAP, not ok if COMMAND fails.
check() {
	local what=$1 verdict=ok
	count=$((count + 1))
	shift
	(step "host-$suite-$count" "$@") || { verdict="not ok" failed=$((failed + 1)); }
	tap "$verdict $count - $what"
}
megabytes() { du -sm "$@" | awk '{ print $1 }'; }

# The command must print that line, and only one.
asks() {
	! user "$first" >"$out/asks" || { say "$first ended without an error; it must print the packages that are missing"; return 1; }
	cat "$out/asks"
	[ "$(grep -c '^    apt-get ' "$out/asks")" = 1 ]
}
installs() {
	local line
	line=$(sed -n '/^    apt-get /s/install/& -y/p' "$out/asks")
	[ -n "$line" ] && inside env DEBIAN_FRONTEND=noninteractive sh -c "$line"
}

tap "# Debian $suite, commit $(git -C "$top" describe --always --exclude='*')"
before=$(megabytes "$root")
check "the command prints the line that root has to run" 5 asks
check "root runs it" 120 installs
fetched=$(megabytes "$root/var/cache/apt/archives")
tap "# packages: $fetched MB fetched, $(($(megabytes "$root") - before - fetched)) MB installed"
check "$first runs to its end without root" 900 user "$first"
[ ! -d "$root/$clone/build" ] || tap "# build/: $(megabytes "$root/$clone/build") MB"
tap "1..$count"
[ ! -d "$root/$clone/out" ] || cp -r "$root/$clone/out" "$out/"
[ $failed != 0 ] || rm -rf "$root"
[ ! -f "$out/out/demo.txt" ] || cat "$out/out/demo.txt"
python3 "$top/lab/tap.py" program "host $suite" "$out/tap" "$failed" >"$out/count"
verdict "$out/count"
