#!/bin/bash
# run-apps.sh NAME DIR [CASE...]: programs of Debian on the kernel NAME of kernel.sh, on
# the board that is not coherent. DIR gets the files of guest-apps.sh, the output of
# apps.py in apps.tap, and cost.csv; the status is that of apps.py.
. "$(dirname "$0")/lib.sh"

kernel=$1 dir=$2
shift 2
sounds=$build/run/sounds-$kernel
mkdir -p "$sounds" "$(dirname "$dir")"
python3 "$top/lab/apps.py" sounds "$sounds" "$@"
files=()
for file in "$sounds"/*; do files+=("lab/${file##*/}=$file"); done
while read -r file; do files+=("usr/share/alsa/ucm2/$file=$top/ucm2/$file"); done < <(cd "$top/ucm2" && find . -name '*.conf' -printf '%P\n')
for file in "$top"/alsa/cards/*; do files+=("usr/share/alsa/cards/${file##*/}=$file"); done
GUEST_ROOT=apps "$top/lab/guest.sh" "$kernel" nc1-phone exact apps "$dir" 900 "${files[@]}" || true
python3 "$top/lab/apps.py" judge "$sounds" "$dir" "$dir/cost.csv" >"$dir/apps.tap" || {
	grep -A 1 '^not ok' "$dir/apps.tap"
	exit 1
}
