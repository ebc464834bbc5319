#!/bin/bash
# rootfs.sh [armel | apps | lava]: make build/rootfs.cpio, the guest's user space out of
# Debian's armhf packages, and build/sysroot, the alsa-lib that the tests are linked
# with. For a guest that has an older processor the same out of armel packages:
# build/rootfs-armel.cpio and build/sysroot-armel. For one with sound servers:
# build/rootfs-apps.cpio, which has the packages of guest-packages-apps.txt as well; for
# one that runs an installed folder of kselftests: lava, with guest-packages-lava.txt.
. "$(dirname "$0")/lib.sh"
. "$top/lab/debs.sh"

suffix=${1:+-$1}
arch=armhf lists=("$top/lab/guest-packages.txt")
case ${1:-} in
'') ;;
armel) arch=armel ;;
apps | lava) lists+=("$top/lab/guest-packages-$1.txt") ;;
*) die "rootfs.sh: armel, apps or lava, not $1" ;;
esac
lock "rootfs$suffix"
apt=$build/apt$suffix root=$build/rootfs$suffix sysroot=$build/sysroot$suffix
debs=$apt/cache/archives
stamp=$(cat "$0" "$top/lab/debs.sh" "${lists[@]}" | cksum)
[ "$(cat "$root.from" 2>/dev/null)" != "$stamp" ] || exit 0

# Packages have their files below /usr or beside it, depending on the release; in the guest
# all are below /usr, and the links stay even if a package has a folder of that name.
unpack_deb() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$root"; }
unpack() {
	local deb dir
	rm -rf "$sysroot" "$sysroot.new" "$root"
	mkdir -p "$sysroot.new" "$root"
	for dir in bin lib sbin; do
		mkdir -p "$root/usr/$dir"
		ln -s "usr/$dir" "$root/$dir"
	done
	for deb in "$debs"/*.deb; do
		case $deb in
		*/libasound2*) dpkg-deb -x "$deb" "$sysroot.new" ;;
		esac
		case $deb in
		*-dev_*) ;;
		*) unpack_deb "$deb" ;;
		esac
	done
	mv "$sysroot.new" "$sysroot"
	rm -rf "$root"/usr/share/{doc,man,locale,lintian,bug,info} "$root/lib/udev/hwdb.d"
	# One of the older boards has 64 MB, which at first hold the initramfs twice.
	[ "$arch" != armel ] ||
		rm -rf "$root"/usr/lib/*/{gconv,libcrypto*,libssl*,libfftw3*} "$root"/usr/share/{sounds,alsa/ucm2,alsa/topology}
	mkdir -p "$root"/{dev,proc,sys,tmp,run,out}
	(cd "$root" && find . -print0 | sort -z |
		cpio -0 -o -H newc -R 0:0 --reproducible) >"$root.new"
	mv "$root.new" "$root.cpio"
}

step "guest-packages$suffix" 20 fetch_debs "$arch" /dev/null "${lists[@]}"
step "guest-rootfs$suffix" 10 unpack
printf '%s\n' "$stamp" >"$root.from"
