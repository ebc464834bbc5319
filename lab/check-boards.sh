#!/bin/bash
# check-boards.sh: boot each board of lab/boards/broken. None may crash; each must log
# one line with the place of the fault and how to mend it, and bind all other devices.
# BOARDS="NAME..." in the environment: only these. MISTAKES=N (make's RANDOM): N boards with
# a random mistake each instead, see mistakes.sh.
. "$(dirname "$0")/lib.sh"
case ${MISTAKES:-1} in *[!0-9]* | 0*) die "RANDOM=$MISTAKES is not supported; give a number, 1 or more" ;; esac
[ -z "${MISTAKES:-}" ] || exec "$top/lab/mistakes.sh" "$MISTAKES"
. "$top/lab/dt.sh"

"$top/lab/packages.sh" tree kernel guest boards
mapfile -t booted < <("$top/lab/boards.py" booted)
read -ra boards <<<"${BOARDS:-${booted[*]}}"
for name in "${boards[@]}"; do
	[[ " ${booted[*]} " == *" $name "* ]] || die "BOARDS=$name: lab/boards/broken has no such board to boot"
done
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/rootfs.sh"
lock boards
out=$top/out/boards
rm -rf "$out"
mkdir -p "$out"

# The labels of the board that all the others are made of.
base=$out/base.dtb
compile_dts "$tree/arch/arm/boot/dts/vendor-nc/nc1-phone.dts" "$base" -@
"$top/lab/boards.py" write nc1-phone.dts "$out" >/dev/null

passed=0 failed=0 begin=$SECONDS
for name in "${boards[@]}"; do
	compile_dts "$out/$name.dts" "$out/$name.dtb"
	# The kernel need not collect random numbers.
	fdtput -t x "$out/$name.dtb" /chosen rng-seed 1 2 3 4 5 6 7 8 9 a b c d e f 10
	APPEND="nc.cards= deferred_probe_timeout=4" "$top/lab/guest.sh" "$tag-demo" "$out/$name.dtb" exact board "$out/$name" 120 \
		>"$out/$name.guest" 2>&1 || true
	if "$top/lab/boards.py" judge "$name" "$base" "$out/$name"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		sed 's/^/    /' "$out/$name.guest"
	fi
	done=$((passed + failed)) took=$((SECONDS - begin))
	[ $((done % 10)) != 0 ] || say "... $done of ${#boards[@]}, about $((took * (${#boards[@]} - done) / done)) s left"
done
say "took $((SECONDS - begin)) s; the kernels' logs are in out/boards/"
say "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
