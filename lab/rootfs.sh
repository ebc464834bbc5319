#!/bin/bash
# rootfs.sh [armel | apps]: make build/rootfs.cpio, the guest's user space out of
# Debian's armhf packages, and build/sysroot, the alsa-lib that the tests are linked
# with. For a guest that has an older processor the same out of armel packages:
# build/rootfs-armel.cpio and build/sysroot-armel. For one with sound servers:
# build/rootfs-apps.cpio, which has the packages of guest-packages-apps.txt as well.
#
# The packages are only unpacked: no root, no foreign architecture on the host,
# no maintainer scripts. The mirrors are those that the host itself uses.
. "$(dirname "$0")/lib.sh"

suffix=${1:+-$1}
arch=armhf lists=("$top/lab/guest-packages.txt")
case ${1:-} in
'') ;;
armel) arch=armel ;;
apps) lists+=("$top/lab/guest-packages-apps.txt") ;;
*) die "rootfs.sh: armel or apps, not $1" ;;
esac
lock "rootfs$suffix"
apt=$build/apt$suffix root=$build/rootfs$suffix sysroot=$build/sysroot$suffix
debs=$apt/cache/archives
stamp=$(cat "$0" "${lists[@]}" | cksum)
[ "$(cat "$root.from" 2>/dev/null)" != "$stamp" ] || exit 0

aptget() { apt-get -q -c "$apt/apt.conf" "$@"; }

fetch() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && say "$VERSION_CODENAME")
	rm -rf "$apt"
	mkdir -p "$apt/state/lists/partial" "$debs/partial" "$apt/etc"
	# What is only depended on by parts that do not run here counts as installed.
	sed -n 's/#.*//; s/^-//p' "${lists[@]}" | xargs -r printf \
		'Package: %s\nStatus: install ok installed\nVersion: 99\nArchitecture: all\nMulti-Arch: foreign\nMaintainer: none\nDescription: none\n\n' >"$apt/status"
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
	APT::Architecture "$arch";
	APT::Architectures { "$arch"; };
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Acquire::Languages "none";
	END
	aptget update
	sed -e 's/#.*//; /^-/d' "${lists[@]}" | xargs apt-get -q -c "$apt/apt.conf" -y --download-only install
}

unpack() {
	local deb
	rm -rf "$sysroot" "$sysroot.new" "$root"
	mkdir -p "$sysroot.new" "$root"
	for deb in "$debs"/*.deb; do
		case $deb in
		*/libasound2*) dpkg-deb -x "$deb" "$sysroot.new" ;;
		esac
		case $deb in
		*-dev_*) ;;
		*) dpkg-deb -x "$deb" "$root" ;;
		esac
	done
	mv "$sysroot.new" "$sysroot"
	rm -rf "$root"/usr/share/{doc,man,locale,lintian,bug,info} "$root/lib/udev/hwdb.d"
	# One of the older boards has 64 MB, and the initramfs twice in it at first.
	[ "$arch" != armel ] ||
		rm -rf "$root"/usr/lib/*/{gconv,libcrypto*,libssl*,libfftw3*} "$root"/usr/share/{sounds,alsa/ucm2,alsa/topology}
	mkdir -p "$root"/{dev,proc,sys,tmp,run,out}
	(cd "$root" && find . -print0 | sort -z |
		cpio -0 -o -H newc -R 0:0 --reproducible) >"$root.new"
	mv "$root.new" "$root.cpio"
}

step "guest-packages$suffix" 20 fetch
step "guest-rootfs$suffix" 10 unpack
printf '%s\n' "$stamp" >"$root.from"
