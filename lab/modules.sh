#!/bin/bash
# modules.sh: remove all modules of the card and load them again, COUNT times, on two
# vCPUs that really run at once, in the debug kernel. After each the card must play exactly.
. "$(dirname "$0")/lib.sh"
. "$top/lab/long.sh"

count=${COUNT:-500}
long_run modules parallel $((60 + count * 3)) $((600 + count * 60)) nc-modules "$count"
