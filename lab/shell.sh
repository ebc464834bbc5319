#!/bin/bash
# shell.sh: build what is missing and give a shell on the simulated board.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh"
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/rootfs.sh"
say "Leave with: poweroff -f"
exec "$top/lab/guest.sh" "$tag-demo" nc1-phone parallel shell "$build/run/shell" 86400
