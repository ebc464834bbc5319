#!/bin/bash
# differ.sh: random players on the stock and the patched kernel: each frame that is heard on
# stock must be heard on the patched one, unless the player breaks one of the two rules of
# noncoherent-buffers.rst. COUNT players, from SEED on.
. "$(dirname "$0")/lib.sh"
. "$top/lab/measure.sh"

"$top/lab/packages.sh" tree kernel guest tests
"$top/lab/rootfs.sh"
"$top/lab/kernel.sh" "$KVER-stockdemo"
"$top/lab/selftests.sh"
lock differ
out=$top/out/differ
mkdir -p "$out"
for flavour in stockdemo demo; do
	dir=$build/run/differ-$flavour
	rm -rf "$dir"
	measure "differ-$tag-$flavour" "$tag-$flavour" nc1-phone exact "$dir" noncoherent-differ 1200 \
		NONCOHERENT_HEARD=/out/heard "${COUNT:-200}" "${SEED:-1}" >"$build/run/differ-$flavour.text" || {
		[ "$flavour" = stockdemo ] && [ -s "$dir/heard" ] || { cat "$build/run/differ-$flavour.text"; die "noncoherent-differ failed on $tag-$flavour"; }
	}
	cp "$dir/heard" "$out/$KVER-$flavour"
done
python3 "$top/lab/differ.py" "$out/$KVER-stockdemo" "$out/$KVER-demo" ||
	die "frames are heard on the stock kernel and not on the patched one"
