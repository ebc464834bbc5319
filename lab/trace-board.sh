#!/bin/sh
# shellcheck shell=dash
# In the guest, for make timeline: the first scene once more, recorded by trace-cmd as on
# a board of one's own (Documentation/sound/soc/tracing.rst).
trace-cmd record -C global -o /out/board.dat -e snd_dpcm -e snd_pcm_sync -e snd_pcm:hwptr -e snd_pcm:applptr -e snd_pcm:xrun \
	/lab/dpcm-fuzz -r +00,+10,O0,H0,P0,S0,O1,H1,P1,-10
