#!/bin/bash
# packages.sh [PACKAGE...]: see to it that the packages of lab/packages.txt, and the
# PACKAGEs, are installed.
# As root it installs what is missing; anyone else is told the line to run.
. "$(dirname "$0")/lib.sh"

mapfile -t wanted < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$top/lab/packages.txt")
wanted+=("$@")

missing=()
for package in "${wanted[@]}"; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=no
	[ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} != 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
	say "These Debian packages are missing; please run, then start again:"
	say "    sudo apt-get install --no-install-recommends ${missing[*]}"
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
lock packages
step "apt-update" 10 apt-get update -q
step "apt-install" 90 apt-get install -q -y --no-install-recommends "${missing[@]}"
