#!/bin/bash
# shell.sh: build missing parts and start a shell on the simulated board: the phone,
# or BOARD of the environment.
. "$(dirname "$0")/lib.sh"

BOARD=${BOARD:-nc1-phone}
known_board "$BOARD"

"$top/lab/packages.sh" tree kernel guest
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/rootfs.sh"
say "Leave with: poweroff -f"
exec "$top/lab/guest.sh" "$tag-demo" "$BOARD" parallel shell "$build/run/shell" 86400
