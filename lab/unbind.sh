#!/bin/bash
# unbind.sh: unbind the drivers of the card while sound plays and bind them again, COUNT
# times in random order from SEED on, on two vCPUs that really run at once, in the debug
# kernel. After each the card must play exactly.
. "$(dirname "$0")/lib.sh"
. "$top/lab/long.sh"

count=${COUNT:-500} seed=${SEED:-1}
long_run unbind parallel $((60 + count * 6)) $((600 + count * 60)) nc-unbind "$count" "$seed"
