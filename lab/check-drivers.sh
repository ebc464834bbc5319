#!/bin/bash
# check-drivers.sh: check that drivers are called as on stock. The same random legal sequences,
# which avoid D1 to D22, run on the stock core and on the patched one; each callback of each
# DAI, component and link must come in the same order with the same arguments. lab/drivers.py
# lists the differences that are right, with their reasons. COUNT sequences
# for each kind of card, from SEED on. On 6.12 in a user mode kernel, on 6.1 in guests.
. "$(dirname "$0")/lib.sh"

count=${COUNT:-2000}
case $KVER in
6.1) stock=stock ours=debug groups="guest tests" ;;
*) stock=stockuml ours=uml groups=uml ;;
esac
# shellcheck disable=SC2086 # a list
"$top/lab/packages.sh" tree kernel $groups
# This builds the patched kernel as well.
"$top/lab/kernel.sh" "$KVER-$stock"
if [ "$ours" = uml ]; then "$top/lab/selftests.sh" dpcm-drivers; else "$top/lab/selftests.sh"; fi
lock drivers
dir=$build/run/drivers
# A sequence that takes longer than half a second, on six kinds of cards, is hung.
limit=$((300 + 3 * count))
mkdir -p "$dir"
rm -rf "${dir:?}"/*

# Without the unit tests, which a kernel runs at its start.
export APPEND="kunit.enable=0"

# Play them on the kernel of flavour $1.
play() {
	if [ "$ours" = uml ]; then
		say "dpcm-drivers $limit DPCM_DRIVERS_OUT=/dev/lab/calls $count ${SEED:-1}" >"$dir/list"
		"$top/lab/uml.sh" "$tag-$1" check "$dir/$1" $((limit + 60)) \
			lab/list="$dir/list" lab/dpcm-drivers="$build/selftests-$tag-host/dpcm-drivers"
	else
		say "dpcm-drivers $limit DPCM_DRIVERS_OUT=/out/calls $count ${SEED:-1}" >"$dir/list"
		"$top/lab/guest.sh" "$tag-$1" nc1-phone parallel check "$dir/$1" $((limit + 60)) \
			lab/list="$dir/list" lab/dpcm-drivers="$build/selftests-$tag/dpcm-drivers"
	fi
}
died=0
for flavour in "$stock" "$ours"; do
	(step "drivers-$tag-$flavour" $((10 + count / 5)) play "$flavour") || died=1
done
python3 "$top/lab/drivers.py" "drivers $KVER" "$dir/list" "$dir/$stock" "$dir/$ours" >"$dir/count" || true
verdict "$dir/count" && [ $died = 0 ]
