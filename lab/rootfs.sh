#!/bin/bash
# rootfs.sh: make build/rootfs.cpio, the guest's user space out of Debian's
# armhf packages, and build/sysroot, the alsa-lib that the tests are linked with.
#
# The packages are only unpacked: no root, no foreign architecture on the host,
# no maintainer scripts. The mirrors are those that the host itself uses.
. "$(dirname "$0")/lib.sh"

lock rootfs
apt=$build/apt
debs=$apt/cache/archives
list=$top/lab/guest-packages.txt
stamp=$(cat "$0" "$list" | cksum)
[ "$(cat "$build/rootfs.from" 2>/dev/null)" != "$stamp" ] || exit 0

aptget() { apt-get -q -c "$apt/apt.conf" "$@"; }

fetch() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && say "$VERSION_CODENAME")
	rm -rf "$apt"
	mkdir -p "$apt/state/lists/partial" "$debs/partial" "$apt/etc"
	: >"$apt/status"
	# shellcheck disable=SC2016 # apt fills these in
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v name="$codename" '$2 == name && $3 == "main" { print "deb", $1, $2, $3 }' |
		sort -u >"$apt/etc/sources.list"
	[ -s "$apt/etc/sources.list" ] || { say "apt knows no source for Debian $codename"; return 1; }
	cat >"$apt/apt.conf" <<-END
	Dir::State "$apt/state";
	Dir::State::status "$apt/status";
	Dir::Cache "$apt/cache";
	Dir::Etc::sourcelist "$apt/etc/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	APT::Architecture "armhf";
	APT::Architectures { "armhf"; };
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Acquire::Languages "none";
	END
	aptget update
	sed -e 's/#.*//' "$list" | xargs apt-get -q -c "$apt/apt.conf" -y --download-only install
}

unpack() {
	local deb
	rm -rf "$build/sysroot" "$build/sysroot.new" "$build/rootfs"
	mkdir -p "$build/sysroot.new" "$build/rootfs"
	for deb in "$debs"/*.deb; do
		case $deb in
		*/libasound2*) dpkg-deb -x "$deb" "$build/sysroot.new" ;;
		esac
		case $deb in
		*-dev_*) ;;
		*) dpkg-deb -x "$deb" "$build/rootfs" ;;
		esac
	done
	mv "$build/sysroot.new" "$build/sysroot"
	rm -rf "$build"/rootfs/usr/share/{doc,man,locale,lintian,bug,info}
	mkdir -p "$build"/rootfs/{dev,proc,sys,tmp,run,out}
	(cd "$build/rootfs" && find . -print0 | sort -z |
		cpio -0 -o -H newc -R 0:0 --reproducible) >"$build/rootfs.new"
	mv "$build/rootfs.new" "$build/rootfs.cpio"
}

step guest-packages 20 fetch
step guest-rootfs 10 unpack
printf '%s\n' "$stamp" >"$build/rootfs.from"
