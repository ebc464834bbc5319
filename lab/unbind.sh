#!/bin/bash
# unbind.sh: the drivers of the card are unbound while sound plays and bound again, COUNT
# times in random order from SEED on, on two vCPUs that really run at once, in the debug
# kernel. After each the card has to play exact.
. "$(dirname "$0")/lib.sh"
. "$top/lab/long.sh"

count=${COUNT:-500} seed=${SEED:-1}
long_run unbind parallel $((60 + count * 6)) $((600 + count * 60)) nc-unbind "$count" "$seed"
