#!/bin/bash
# stress.sh: closes and route changes under running DMA, COUNT in all, on SMP
# vCPUs that really run at once, in the debug kernel.
. "$(dirname "$0")/lib.sh"
. "$top/lab/long.sh"

count=${COUNT:-1000000}
case ${SMP:-2} in
2) mode=parallel ;;
4) mode=parallel4 ;;
*) die "SMP=$SMP is not supported; choose 2 or 4" ;;
esac
# With fewer than five a second the guest is hung.
limit=$((600 + count / 5))
long_run stress $mode $((60 + count / 50)) $limit dpcm-stress DPCM_STRESS_SECONDS=$((limit - 60)) "$count"
