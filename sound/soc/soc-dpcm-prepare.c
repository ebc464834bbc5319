// SPDX-License-Identifier: GPL-2.0
/*
 * Preparing back ends, also after a suspend
 *
 * A BE is prepared for the first of its FEs and used by others as it is. During the prepare
 * the BE is at HW_PARAMS and is not triggered; if other FEs start their links meanwhile,
 * the BE follows them at the end.
 *
 * A BE loses its prepared state when the system suspends, and when ALSA stops a suspended
 * stream, for which there is no command. Then the BE is at HW_PARAMS again. It is "lost": a
 * start returns an error until a prepare succeeds. An FE that was prepared or paused before
 * the suspend can start without a prepare of its own: dpcm_be_restore() prepares its BE.
 *
 * All of this happens under card->pcm_mutex and may sleep.
 */

#include <linux/lockdep.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "soc-dpcm-compat.h"
#include "soc-dpcm-internal.h"

#include <trace/events/snd_dpcm.h>

/*
 * Stop FEs that were started while their BE was prepared, if that has failed: they get an
 * underrun or overrun, and their programs prepare them again.
 */
static void dpcm_be_stop_fes(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	unsigned long flags;
	bool started;

	for_each_dpcm_fe(be, stream, dpcm) {
		dpcm_be_lock(be, stream, flags);
		started = dpcm->run == SND_SOC_DPCM_RUN_STARTED;
		dpcm_be_unlock(be, stream, flags);
		if (started && !dpcm->fe->fe_compr)
			snd_pcm_stop_xrun(dpcm_substream(dpcm->fe, stream));
	}
}

static int dpcm_be_prepare(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm_runtime *dpcm = &be->dpcm[stream];
	enum snd_soc_dpcm_state state;
	unsigned long flags;
	int ret, err;

	dpcm_assert_pcm_locked(be);

	dpcm_be_lock(be, stream, flags);
	state = dpcm->state;
	switch (state) {
	case SND_SOC_DPCM_STATE_PREPARE:
	case SND_SOC_DPCM_STATE_START:
	case SND_SOC_DPCM_STATE_PAUSED:
		/* another FE uses it as it is, perhaps since a moment ago */
		dpcm_be_unlock(be, stream, flags);
		return 0;
	default:
		break;
	}
	dpcm->lost = false;
	dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_HW_PARAMS);
	dpcm_be_unlock(be, stream, flags);

	dev_dbg(be->dev, "ASoC: prepare BE %s\n", be->dai_link->name);
	ret = __soc_pcm_prepare(be, dpcm_substream(be, stream));

	dpcm_be_lock(be, stream, flags);
	dpcm_set_state(be, stream, ret < 0 ? state : SND_SOC_DPCM_STATE_PREPARE);
	if (ret < 0 && state == SND_SOC_DPCM_STATE_HW_PARAMS)
		dpcm->lost = true;
	err = dpcm_be_follow(be, stream);
	dpcm_be_unlock(be, stream, flags);
	if (err < 0) {
		dev_err_ratelimited(be->dev, "ASoC: BE %s does not start: %d\n",
				    be->dai_link->name, err);
		dpcm_be_stop_fes(be, stream);
	}
	return ret;
}

/**
 * dpcm_link_prepare - prepare the BE of a link, if it is not prepared
 * @dpcm: a link whose BE is configured
 * @stream: its direction
 *
 * The link is ready then. A BE that another FE can start at any moment, or has started or
 * paused, is prepared already and is not disturbed.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0 or the error of the BE.
 */
int dpcm_link_prepare(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *be = dpcm->be;
	struct snd_soc_dpcm *other;
	bool prepared = false;
	unsigned long flags;
	int ret = 0;

	for_each_dpcm_fe(be, stream, other)
		prepared |= other != dpcm && other->stage == SND_SOC_DPCM_STAGE_READY &&
			    dpcm_fe_state(other->fe, stream) == SND_SOC_DPCM_STATE_PREPARE;

	dpcm_be_lock(be, stream, flags);
	prepared &= be->dpcm[stream].state == SND_SOC_DPCM_STATE_STOP;
	dpcm_be_unlock(be, stream, flags);

	if (!prepared)
		ret = dpcm_be_prepare(be, stream);
	if (ret < 0)
		return ret;

	dpcm_be_lock(be, stream, flags);
	dpcm->stage = SND_SOC_DPCM_STAGE_READY;
	dpcm_be_unlock(be, stream, flags);
	return 0;
}

/**
 * dpcm_be_restore - prepare a BE for an FE that can start without a prepare of its own
 * @be: the BE
 * @stream: its direction
 *
 * Does nothing unless the BE was suspended, or lost its power, since it was prepared. If
 * the prepare fails, a start of the FE returns -EBADFD.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 */
void dpcm_be_restore(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	unsigned long flags;
	bool unprepared;
	int ret;

	dpcm_be_lock(be, stream, flags);
	unprepared = be->dpcm[stream].state == SND_SOC_DPCM_STATE_HW_PARAMS;
	dpcm_be_unlock(be, stream, flags);
	if (!unprepared)
		return;

	for_each_dpcm_fe(be, stream, dpcm) {
		if (!dpcm_link_in_use(dpcm, stream))
			continue;
		ret = dpcm_be_prepare(be, stream);
		if (ret < 0)
			dev_err(be->dev, "ASoC: BE %s cannot be prepared after a suspend: %d\n",
				be->dai_link->name, ret);
		return;
	}
}

/**
 * dpcm_be_suspended - mark a BE that loses its power in a system suspend
 * @be: the BE
 * @stream: its direction
 *
 * ALSA sends SUSPEND to streams that run, and nothing to those that are prepared
 * or paused. So a BE that has received no SUSPEND must be prepared before it is
 * started or released the next time. A BE that returned an error from SUSPEND does not
 * run any more, and RESUME starts it again; if it returned one from STOP, it is
 * prepared. A BE that a link still runs keeps its power: the system does not suspend
 * the streams of links with ignore_suspend.
 *
 * Called with the BE's stream lock held. Does not sleep.
 */
void dpcm_be_suspended(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(be_lock)
{
	struct snd_soc_dpcm_runtime *dpcm = &be->dpcm[stream];
	enum snd_soc_dpcm_run wanted;

	dpcm_assert_stream_locked(be, stream);

	wanted = dpcm_be_wanted(be, stream);
	if (wanted == SND_SOC_DPCM_RUN_STARTED)
		return;

	switch (dpcm->state) {
	case SND_SOC_DPCM_STATE_START:
		if (wanted == SND_SOC_DPCM_RUN_SUSPENDED) {
			dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_SUSPEND);
			break;
		}
		fallthrough;
	case SND_SOC_DPCM_STATE_PREPARE:
	case SND_SOC_DPCM_STATE_STOP:
	case SND_SOC_DPCM_STATE_PAUSED:
		dpcm_be_unprepare(be, stream);
		break;
	default:
		break;
	}
}

/**
 * dpcm_card_suspended - mark the BEs that lose their prepared state
 * @card: the card, whose streams are suspended
 *
 * Context: may sleep; takes card->pcm_mutex.
 */
void dpcm_card_suspended(struct snd_soc_card *card)
{
	struct snd_soc_pcm_runtime *be;
	unsigned long flags;
	int stream;

	snd_soc_dpcm_mutex_lock(card);
	for_each_card_rtds(card, be) {
		if (!be->dai_link->no_pcm || be->dai_link->ignore_suspend)
			continue;
		for_each_pcm_streams(stream) {
			if (!dpcm_substream(be, stream))
				continue;
			dpcm_be_lock(be, stream, flags);
			dpcm_be_suspended(be, stream);
			dpcm_be_unlock(be, stream, flags);
		}
	}
	snd_soc_dpcm_mutex_unlock(card);
}

/**
 * dpcm_card_resumed - prepare BEs for FEs that can start without a prepare
 * @card: the card, whose components have resumed
 *
 * At resume ALSA restores the state of an FE that was prepared or paused, without a
 * command.
 *
 * Context: may sleep; takes card->pcm_mutex.
 */
void dpcm_card_resumed(struct snd_soc_card *card)
{
	struct snd_soc_pcm_runtime *be;
	int stream;

	snd_soc_dpcm_mutex_lock(card);
	for_each_card_rtds(card, be) {
		if (!be->dai_link->no_pcm)
			continue;
		for_each_pcm_streams(stream)
			if (dpcm_substream(be, stream))
				dpcm_be_restore(be, stream);
	}
	snd_soc_dpcm_mutex_unlock(card);
}
