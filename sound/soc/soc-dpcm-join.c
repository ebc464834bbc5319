// SPDX-License-Identifier: GPL-2.0
/*
 * Routes that change while a front end is open: back ends that it joins and leaves
 *
 * The new links of an FE are raised to the stage of the FE, one by one, and started if it
 * runs; those that are removed are stopped and lowered. The FE and its other BEs go on.
 *
 * All of this happens under card->pcm_mutex and may sleep.
 */

#include <linux/lockdep.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "soc-dpcm-internal.h"

/*
 * Undo the links whose BEs returned an error. The switch of the route stays on, so the
 * log must have the reason why nothing is heard.
 */
static void dpcm_take_back(struct snd_soc_pcm_runtime *fe, int stream, int err)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;

	for_each_dpcm_be(fe, stream, dpcm)
		if (dpcm_in_scope(dpcm, SND_SOC_DPCM_SCOPE_FREE))
			dev_err_ratelimited(fe->dev, "ASoC: the route from FE %s to BE %s stays silent: error %d; switch it off and on to try again\n",
					    fe->dai_link->name, dpcm->be->dai_link->name,
					    err);
	dpcm_links_lower(fe, stream, SND_SOC_DPCM_STAGE_CLOSED, SND_SOC_DPCM_SCOPE_FREE);
}

/* Raise the new links of an FE to @stage; mark those that fail for removal. */
static int dpcm_join_stage(struct snd_soc_pcm_runtime *fe, int stream,
			   enum snd_soc_dpcm_stage stage)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	int err = 0, ret;

	for_each_dpcm_be(fe, stream, dpcm) {
		if (!dpcm_in_scope(dpcm, SND_SOC_DPCM_SCOPE_NEW))
			continue;
		ret = dpcm_link_raise(dpcm, stream, stage);
		if (ret >= 0)
			continue;
		dpcm_link_leave(dpcm, stream);
		err = err ?: ret;
	}
	return err;
}

/**
 * dpcm_join - raise the new links of an FE to the stage of the FE
 * @fe: an open FE whose routes changed
 * @stream: its direction
 *
 * The last step is the start, if the FE runs at that moment. The FE's own trigger is not
 * called: the FE goes on. A link for which any step fails is lowered again and marked for
 * removal; other links and BEs are as before.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0 or the first error of a BE.
 */
int dpcm_join(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);
	enum snd_soc_dpcm_stage stage, to;
	int err = 0, ret;

	dpcm_assert_pcm_locked(fe);
	dev_dbg(fe->dev, "ASoC: runtime %s open on FE %s\n",
		stream ? "capture" : "playback", fe->dai_link->name);

	to = dpcm_fe_stage(dpcm_fe_state(fe, stream));
	for (stage = SND_SOC_DPCM_STAGE_OPEN; stage <= to; stage++) {
		ret = dpcm_join_stage(fe, stream, stage);
		err = err ?: ret;
	}

	if (to == SND_SOC_DPCM_STAGE_READY) {
		dpcm_dapm_stream_event(fe, stream, SND_SOC_DAPM_STREAM_NOP);

		ret = 0;
		snd_pcm_stream_lock_irq(fe_substream);
		if (fe->dpcm[stream].state == SND_SOC_DPCM_STATE_START)
			ret = dpcm_links_start_new(fe, stream);
		snd_pcm_stream_unlock_irq(fe_substream);
		err = err ?: ret;
	}
	if (err)
		dpcm_take_back(fe, stream, err);
	return err;
}

/**
 * dpcm_leave - lower the links of an FE that are marked for removal
 * @fe: an open FE whose routes changed
 * @stream: its direction
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 */
void dpcm_leave(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);

	dpcm_assert_pcm_locked(fe);
	dev_dbg(fe->dev, "ASoC: runtime %s close on FE %s\n",
		stream ? "capture" : "playback", fe->dai_link->name);

	snd_pcm_stream_lock_irq(fe_substream);
	dpcm_links_trigger(fe, stream, SNDRV_PCM_TRIGGER_STOP, SND_SOC_DPCM_SCOPE_FREE);
	snd_pcm_stream_unlock_irq(fe_substream);

	dpcm_links_lower(fe, stream, SND_SOC_DPCM_STAGE_CLOSED, SND_SOC_DPCM_SCOPE_FREE);
	dpcm_dapm_stream_event(fe, stream, SND_SOC_DAPM_STREAM_NOP);
}
