#!/bin/bash
# race.sh: free buffers that need sync while other threads request their pointers, for
# MINUTES, on two vCPUs that really run at once, in the debug kernel.
. "$(dirname "$0")/lib.sh"
. "$top/lab/long.sh"

minutes=${MINUTES:-30}
seconds=$((60 * minutes))
long_run race parallel $((seconds + seconds / 6 + 30)) $((2 * seconds + 60)) noncoherent-race $seconds
