# Add the trace events of our DPCM core to the stock one, for pictures of it: see stock.sh
# and timeline.sh. The stock core has no record of the run that a BE needs, nor of the former
# request of a link; the state after its command and "stopped" are used for them.

/^static int dpcm_be_connect(/i\
#define CREATE_TRACE_POINTS\
#include <trace/events/snd_dpcm.h>\
\
static int stock_be_trigger(struct snd_soc_pcm_runtime *fe,\
			    struct snd_soc_pcm_runtime *be,\
			    struct snd_pcm_substream *be_substream, int cmd)\
{\
	static const signed char does[] = {\
		[SND_SOC_DPCM_STATE_PREPARE] = SND_SOC_DPCM_RUN_STOPPED,\
		[SND_SOC_DPCM_STATE_STOP] = SND_SOC_DPCM_RUN_STOPPED,\
		[SND_SOC_DPCM_STATE_SUSPEND] = SND_SOC_DPCM_RUN_SUSPENDED,\
		[SND_SOC_DPCM_STATE_PAUSED] = SND_SOC_DPCM_RUN_PAUSED,\
		[SND_SOC_DPCM_STATE_START] = SND_SOC_DPCM_RUN_STARTED,\
		[SND_SOC_DPCM_STATE_CLOSE] = -1,\
	};\
	int stream = be_substream->stream, wanted = SND_SOC_DPCM_RUN_STOPPED, ret;\
	int state = does[be->dpcm[stream].state];\
\
	switch (cmd) {\
	case SNDRV_PCM_TRIGGER_START:\
	case SNDRV_PCM_TRIGGER_RESUME:\
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:\
		wanted = SND_SOC_DPCM_RUN_STARTED;\
		break;\
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:\
		wanted = SND_SOC_DPCM_RUN_PAUSED;\
		break;\
	case SNDRV_PCM_TRIGGER_SUSPEND:\
		wanted = SND_SOC_DPCM_RUN_SUSPENDED;\
		break;\
	}\
	trace_dpcm_link_trigger(fe, be, stream, cmd, SND_SOC_DPCM_RUN_STOPPED, wanted, true);\
	ret = soc_pcm_trigger(be_substream, cmd);\
	trace_dpcm_be_trigger(be, stream, state, wanted, cmd, ret);\
	return ret;\
}\

s/ret = soc_pcm_trigger(be_substream,/ret = stock_be_trigger(fe, be, be_substream,/
s/\(fe\|be\)->dpcm\[[a-z>-]*stream\]\.state = \(SND_SOC_DPCM_STATE_[A-Z_]*\);/do { & trace_dpcm_state(\1, stream, \2); } while (0);/
/list_add(&dpcm->list_fe, /a\
	trace_dpcm_link(fe, be, stream, SND_DPCM_TRACE_CONNECT);
/be_substream->runtime = NULL;/s/.*/do { & trace_dpcm_link(NULL, be, stream, SND_DPCM_TRACE_REPARENT); } while (0);/
/be_substream->runtime = .*runtime;/a\
	trace_dpcm_link(dpcm->fe, be, stream, SND_DPCM_TRACE_REPARENT);
/list_del(&dpcm->list_be);/i\
	trace_dpcm_link(fe, dpcm->be, stream, SND_DPCM_TRACE_DISCONNECT);
/^static int dpcm_fe_dai_do_trigger(/,/^}/s/^out:$/&\n\ttrace_dpcm_fe_trigger(fe, stream, cmd, ret);/
