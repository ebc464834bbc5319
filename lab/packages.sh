#!/bin/bash
# packages.sh GROUP...: install the packages of these groups of lab/packages.txt that are
# missing, or, without root, print the line that root has to run.
. "$(dirname "$0")/lib.sh"

# The packages of group $1.
group() { sed -n "/^\[$1\]\$/,/^\[/ { /^[a-z0-9]/p }" "$top/lab/packages.txt"; }

missing=()
for name; do
	mapfile -t wanted < <(group "$name")
	[ ${#wanted[@]} != 0 ] || die "packages.sh: lab/packages.txt has no group $name"
	for package in "${wanted[@]}"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=no
		[ "$state" = installed ] || [[ " ${missing[*]} " == *" $package "* ]] || missing+=("$package")
	done
done
[ ${#missing[@]} != 0 ] || exit 0

# End if Debian has no such package. A new host has no lists yet: then nothing is checked.
need_known() {
	local package release absent=()
	[ -n "$(apt-cache madison apt)" ] || return 0
	for package in "${missing[@]}"; do
		[ -n "$(apt-cache madison "$package")" ] || absent+=("$package")
	done
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && say "$VERSION_CODENAME")
	[ ${#absent[@]} = 0 ] ||
		die "Debian $release has no package ${absent[*]}; run this command on bookworm, which has all that the lab needs"
}

if [ "$(id -u)" != 0 ]; then
	need_known
	say "Debian packages are missing; please run this line as root, then start again:"
	say "    apt-get update && apt-get install --no-install-recommends ${missing[*]}"
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
lock packages
step "apt-update" 10 apt-get update -q
need_known
step "apt-install" 90 apt-get install -q -y --no-install-recommends "${missing[@]}"
