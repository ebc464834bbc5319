// SPDX-License-Identifier: GPL-2.0
/*
 * Raising and lowering the stages of links
 *
 * The stages of a link, closed, open, params, ready, are those of its FE: open,
 * hw_params and prepare raise all links of the FE by one stage, hw_free and close
 * lower them.
 *
 * Links share BEs. Only the first link that is raised changes the BE, and only the last
 * one that is lowered; the other links of the BE show which one that is. An FE that is
 * prepared or running is never disturbed.
 *
 * All of this happens under card->pcm_mutex and may sleep. Triggers may come at any
 * moment in between: a link counts as ready for them only while it is.
 */

#include <linux/lockdep.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "soc-dpcm-internal.h"

/**
 * dpcm_fe_stage - get the stage of the links of an FE
 * @state: the state of the FE
 *
 * Return: the stage to which its operations have raised them.
 */
enum snd_soc_dpcm_stage dpcm_fe_stage(enum snd_soc_dpcm_state state)
{
	switch (state) {
	case SND_SOC_DPCM_STATE_NEW:
	case SND_SOC_DPCM_STATE_CLOSE:
		return SND_SOC_DPCM_STAGE_CLOSED;
	case SND_SOC_DPCM_STATE_OPEN:
	case SND_SOC_DPCM_STATE_HW_FREE:
		return SND_SOC_DPCM_STAGE_OPEN;
	case SND_SOC_DPCM_STATE_HW_PARAMS:
		return SND_SOC_DPCM_STAGE_PARAMS;
	default:
		return SND_SOC_DPCM_STAGE_READY;
	}
}

static int dpcm_link_open(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *be = dpcm->be;
	unsigned long flags;
	bool first;
	int ret = 0;

	dpcm_be_lock(be, stream, flags);
	first = be->dpcm[stream].users++ == 0;
	dpcm->stage = SND_SOC_DPCM_STAGE_OPEN;
	if (!dpcm_substream(be, stream)->runtime)
		dpcm_be_borrow_runtime(be, stream);
	dpcm_be_unlock(be, stream, flags);

	if (!first)
		return 0;

	dev_dbg(be->dev, "ASoC: open %s BE %s\n",
		stream ? "capture" : "playback", be->dai_link->name);
	ret = __soc_pcm_open(be, dpcm_substream(be, stream));

	dpcm_be_lock(be, stream, flags);
	if (ret < 0) {
		be->dpcm[stream].users--;
		dpcm->stage = SND_SOC_DPCM_STAGE_CLOSED;
		dpcm_be_borrow_runtime(be, stream);
		dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_CLOSE);
	} else {
		dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_OPEN);
	}
	dpcm_be_unlock(be, stream, flags);
	return ret;
}

/**
 * dpcm_link_raise - raise a link by one stage
 * @dpcm: the link
 * @stream: its direction
 * @stage: the stage; a link that is not at the one below stays where it is
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0 or the error of the BE.
 */
int dpcm_link_raise(struct snd_soc_dpcm *dpcm, int stream,
		    enum snd_soc_dpcm_stage stage)
	__must_hold(pcm_mutex)
{
	if (dpcm->stage != stage - 1 || dpcm->state == SND_SOC_DPCM_LINK_STATE_FREE)
		return 0;

	switch (stage) {
	case SND_SOC_DPCM_STAGE_OPEN:
		return dpcm_link_open(dpcm, stream);
	case SND_SOC_DPCM_STAGE_PARAMS:
		return dpcm_link_params(dpcm, stream);
	default:
		return dpcm_link_prepare(dpcm, stream);
	}
}

/* Raise all links of an FE. After an error the caller lowers all of them again. */
static int dpcm_links_raise(struct snd_soc_pcm_runtime *fe, int stream,
			    enum snd_soc_dpcm_stage stage)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	int ret = 0;

	dpcm_assert_pcm_locked(fe);

	for_each_dpcm_be(fe, stream, dpcm) {
		ret = dpcm_link_raise(dpcm, stream, stage);
		if (ret < 0)
			break;
	}
	return ret;
}

/*
 * The parameters of the next track of a compressed stream are set while this one
 * plays. Other FEs are stopped by then; one that was paused when the system
 * suspended still requests a pause.
 */
static bool dpcm_link_plays(struct snd_soc_dpcm *dpcm)
	__must_hold(be_lock)
{
	return dpcm->run == SND_SOC_DPCM_RUN_STARTED ||
	       (dpcm->run == SND_SOC_DPCM_RUN_PAUSED && dpcm->fe->fe_compr);
}

/*
 * Lower a link to @stage; its BE stops if only this FE used it. Unless @playing is set, a
 * link that plays is not changed. A BE that was suspended must be prepared then. If that
 * must be done for other FEs (dpcm_be_restore()), their starts wait for it.
 */
static void dpcm_link_back(struct snd_soc_dpcm *dpcm, int stream,
			   enum snd_soc_dpcm_stage stage, bool playing)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *be = dpcm->be;
	bool others = dpcm_other_in_use(dpcm, stream);
	unsigned long flags;
	int ret = 0;

	dpcm_assert_pcm_locked(be);

	dpcm_be_lock(be, stream, flags);
	if (playing || !dpcm_link_plays(dpcm)) {
		dpcm->run = SND_SOC_DPCM_RUN_STOPPED;
		ret = dpcm_be_follow(be, stream);
		if (dpcm->stage > stage)
			dpcm->stage = stage;
		if (others)
			be->dpcm[stream].lost = false;
	}
	dpcm_be_unlock(be, stream, flags);

	if (ret < 0)
		dev_err_ratelimited(be->dev, "ASoC: BE %s does not stop: %d\n",
				    be->dai_link->name, ret);
}

/* The same, and free and close the BE if no FE needs that any more. */
static void dpcm_link_lower(struct snd_soc_dpcm *dpcm, int stream,
			    enum snd_soc_dpcm_stage stage)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *be_substream = dpcm_substream(dpcm->be, stream);
	struct snd_soc_pcm_runtime *be = dpcm->be;
	bool needed, free, close = false;
	unsigned long flags;

	if (dpcm->stage == SND_SOC_DPCM_STAGE_CLOSED)
		return;
	dpcm_link_back(dpcm, stream, stage, true);
	dpcm_be_restore(be, stream);

	needed = stage >= SND_SOC_DPCM_STAGE_PARAMS ||
		 dpcm_other_at(dpcm, stream, SND_SOC_DPCM_STAGE_PARAMS);
	dpcm_be_lock(be, stream, flags);
	free = !needed && dpcm_be_has_params(be, stream);
	if (stage == SND_SOC_DPCM_STAGE_CLOSED)
		close = --be->dpcm[stream].users == 0;
	/* What is freed and closed below is so with the runtime of this FE. */
	if (!free && !close)
		dpcm_be_borrow_runtime(be, stream);
	dpcm_be_unlock(be, stream, flags);

	if (free) {
		dev_dbg(be->dev, "ASoC: hw_free BE %s\n", be->dai_link->name);
		__soc_pcm_hw_free(be, be_substream);
		dpcm_be_lock(be, stream, flags);
		be->dpcm[stream].lost = false;
		dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_HW_FREE);
		dpcm_be_unlock(be, stream, flags);
	}
	if (close) {
		dev_dbg(be->dev, "ASoC: close BE %s\n", be->dai_link->name);
		__soc_pcm_close(be, be_substream);
	}
	if (free || close) {
		dpcm_be_lock(be, stream, flags);
		/* A BE that is open and not configured can be joined again. */
		dpcm_set_state(be, stream, close ? SND_SOC_DPCM_STATE_CLOSE :
						   SND_SOC_DPCM_STATE_OPEN);
		dpcm_be_borrow_runtime(be, stream);
		dpcm_be_unlock(be, stream, flags);
	}
	if (!needed && !close)
		dpcm_be_configure_again(be, stream, dpcm);
}

/**
 * dpcm_links_lower - lower links of an FE
 * @fe: the FE
 * @stream: its direction
 * @stage: the stage
 * @scope: which of its links
 *
 * Their BEs are freed and closed if no other FE needs them.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 */
void dpcm_links_lower(struct snd_soc_pcm_runtime *fe, int stream,
		      enum snd_soc_dpcm_stage stage,
		      enum snd_soc_dpcm_scope scope)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;

	dpcm_assert_pcm_locked(fe);

	for_each_dpcm_be(fe, stream, dpcm)
		if (dpcm_in_scope(dpcm, scope))
			dpcm_link_lower(dpcm, stream, stage);
}

/**
 * dpcm_fe_set_state - store the state of an FE after an operation other than a trigger
 * @fe: the FE
 * @stream: its direction
 * @state: the state after the operation
 *
 * Called with card->pcm_mutex held and no stream lock.
 */
void dpcm_fe_set_state(struct snd_soc_pcm_runtime *fe, int stream,
		       enum snd_soc_dpcm_state state)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);

	dpcm_assert_pcm_locked(fe);

	snd_pcm_stream_lock_irq(fe_substream);
	dpcm_set_state(fe, stream, state);
	snd_pcm_stream_unlock_irq(fe_substream);
}

/**
 * dpcm_be_dai_startup - open the BEs of an FE that is opened
 * @fe: the FE
 * @stream: its direction
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0, or the error of a BE; then none is open for this FE.
 */
int dpcm_be_dai_startup(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	int ret = dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_OPEN);

	if (ret < 0)
		dpcm_be_dai_shutdown(fe, stream);
	return ret;
}

/**
 * dpcm_be_dai_hw_params - configure the BEs of an FE by its hw_params
 * @fe: the FE
 * @stream: its direction
 *
 * A BE that another FE has configured with the same parameters stays as it is.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0, the error of a BE or of its fixup, or -EINVAL if the parameters break a
 * symmetry of a BE or are not those at which other FEs use it; then none is configured
 * for this FE.
 */
int dpcm_be_dai_hw_params(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	int ret;

	/* They may be set again without a hw_free, or for the next track. */
	for_each_dpcm_be(fe, stream, dpcm) {
		dpcm_link_back(dpcm, stream, SND_SOC_DPCM_STAGE_OPEN, false);
		dpcm_be_restore(dpcm->be, stream);
	}
	ret = dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_PARAMS);
	if (ret < 0)
		dpcm_be_dai_hw_free(fe, stream);
	return ret;
}

/**
 * dpcm_be_dai_prepare - prepare the BEs of an FE
 * @fe: the FE
 * @stream: its direction
 *
 * A BE that the FE had paused or suspended is stopped. A BE that another FE uses is not
 * disturbed. A BE that another FE has configured in between is configured again.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0, or the error of a BE or of dpcm_be_dai_hw_params(); then the FE must not
 * start.
 */
int dpcm_be_dai_prepare(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	int ret;

	for_each_dpcm_be(fe, stream, dpcm)
		dpcm_link_back(dpcm, stream, SND_SOC_DPCM_STAGE_PARAMS, false);
	ret = dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_PARAMS);
	if (ret >= 0)
		ret = dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_READY);
	if (ret >= 0)
		return 0;

	for_each_dpcm_be(fe, stream, dpcm)
		dpcm_be_restore(dpcm->be, stream);
	return ret;
}

/**
 * dpcm_be_dai_hw_free - free the configuration of the BEs of an FE
 * @fe: the FE
 * @stream: its direction
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 */
void dpcm_be_dai_hw_free(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	dpcm_links_lower(fe, stream, SND_SOC_DPCM_STAGE_OPEN,
			 SND_SOC_DPCM_SCOPE_ALL);
}

/**
 * dpcm_be_dai_shutdown - close the BEs of an FE
 * @fe: the FE
 * @stream: its direction
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 */
void dpcm_be_dai_shutdown(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	dpcm_links_lower(fe, stream, SND_SOC_DPCM_STAGE_CLOSED,
			 SND_SOC_DPCM_SCOPE_ALL);
}
