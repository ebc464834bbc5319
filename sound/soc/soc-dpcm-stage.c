// SPDX-License-Identifier: GPL-2.0
/*
 * How far the back ends of a front end are brought, and back
 *
 * The stages of a link, closed, open, params, ready, are those of its FE: open,
 * hw_params and prepare bring all links of the FE one stage up, hw_free and close
 * take them down. When a route changes, the links it makes are brought up to where
 * the FE is, and started if it runs; those it takes away are brought down.
 *
 * Links share BEs. On the way up only the first link does something to the BE, on
 * the way down only the last one does, and which one that is can be seen from the
 * other links of the BE. An FE that is prepared or running is never disturbed.
 *
 * All of this happens under card->pcm_mutex and may sleep. Triggers may come at any
 * moment in between: a link counts as ready for them only while it is.
 */

#include <linux/lockdep.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>
#include <sound/soc-link.h>

#include "soc-dpcm-internal.h"

#include <trace/events/snd_dpcm.h>

static void dpcm_set_state(struct snd_soc_pcm_runtime *rtd, int stream,
			   enum snd_soc_dpcm_state state)
{
	dpcm_assert_stream_locked(rtd, stream);

	rtd->dpcm[stream].state = state;
	trace_dpcm_state(rtd, stream, state);
}

/* Did any FE but that of @dpcm bring the BE to @stage? */
static bool dpcm_other_at(struct snd_soc_dpcm *dpcm, int stream,
			  enum snd_soc_dpcm_stage stage)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *other;

	dpcm_assert_pcm_locked(dpcm->be);

	for_each_dpcm_fe(dpcm->be, stream, other)
		if (other != dpcm && other->stage >= stage)
			return true;
	return false;
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

static int dpcm_link_params(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_hw_params params = dpcm->fe->dpcm[stream].hw_params;
	struct snd_soc_pcm_runtime *be = dpcm->be;
	unsigned long flags;
	bool first;
	int ret;

	/* A fixup may refuse an FE that does not suit the BE as it is. */
	ret = snd_soc_link_be_hw_params_fixup(be, &params);
	if (ret < 0)
		return ret;

	/* The first FE decides; those that come later have to live with it. */
	first = !dpcm_other_at(dpcm, stream, SND_SOC_DPCM_STAGE_PARAMS);
	if (first) {
		be->dpcm[stream].hw_params = params;
		ret = __soc_pcm_hw_params(be, dpcm_substream(be, stream), &params);
	}

	dpcm_be_lock(be, stream, flags);
	if (first)
		dpcm_set_state(be, stream, ret < 0 ? SND_SOC_DPCM_STATE_OPEN :
						     SND_SOC_DPCM_STATE_HW_PARAMS);
	if (ret >= 0)
		dpcm->stage = SND_SOC_DPCM_STAGE_PARAMS;
	dpcm_be_unlock(be, stream, flags);
	return ret;
}

/* Must the BE be prepared, or does another FE use it as it is? */
static bool dpcm_link_prepares(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex) __must_hold(be_lock)
{
	enum snd_soc_dpcm_state state = dpcm->be->dpcm[stream].state;
	struct snd_soc_dpcm *other;

	if (state == SND_SOC_DPCM_STATE_PREPARE ||
	    state == SND_SOC_DPCM_STATE_START ||
	    state == SND_SOC_DPCM_STATE_PAUSED)
		return false;

	/* An FE that is prepared can start at any moment. */
	for_each_dpcm_fe(dpcm->be, stream, other)
		if (other != dpcm && other->stage == SND_SOC_DPCM_STAGE_READY &&
		    READ_ONCE(other->fe->dpcm[stream].state) == SND_SOC_DPCM_STATE_PREPARE)
			return false;
	return true;
}

static int dpcm_link_prepare(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *be = dpcm->be;
	enum snd_soc_dpcm_state state;
	unsigned long flags;
	int err, ret = 0;
	bool prepares;

	/*
	 * A BE that is being prepared is not triggered. An FE that was stopped
	 * because another stream of its group failed to start may do so again
	 * without a prepare; should that be now, the BE follows below.
	 */
	dpcm_be_lock(be, stream, flags);
	state = be->dpcm[stream].state;
	prepares = dpcm_link_prepares(dpcm, stream);
	if (prepares)
		dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_HW_PARAMS);
	dpcm_be_unlock(be, stream, flags);

	if (prepares)
		ret = __soc_pcm_prepare(be, dpcm_substream(be, stream));

	dpcm_be_lock(be, stream, flags);
	if (prepares)
		dpcm_set_state(be, stream, ret < 0 ? state : SND_SOC_DPCM_STATE_PREPARE);
	if (ret >= 0)
		dpcm->stage = SND_SOC_DPCM_STAGE_READY;
	err = prepares ? dpcm_be_follow(be, stream) : 0;
	dpcm_be_unlock(be, stream, flags);
	if (err < 0)
		dev_err_ratelimited(be->dev, "ASoC: BE %s does not start: %d\n",
				    be->dai_link->name, err);
	return ret;
}

/*
 * Bring links of an FE from the stage below to @stage. After an error the caller
 * takes all of them back.
 */
static int dpcm_links_raise(struct snd_soc_pcm_runtime *fe, int stream,
			    enum snd_soc_dpcm_stage stage,
			    enum snd_soc_dpcm_scope scope)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	int ret = 0;

	dpcm_assert_pcm_locked(fe);

	for_each_dpcm_be(fe, stream, dpcm) {
		if (!dpcm_in_scope(dpcm, scope) || dpcm->stage != stage - 1 ||
		    dpcm->state == SND_SOC_DPCM_LINK_STATE_FREE)
			continue;

		switch (stage) {
		case SND_SOC_DPCM_STAGE_OPEN:
			ret = dpcm_link_open(dpcm, stream);
			break;
		case SND_SOC_DPCM_STAGE_PARAMS:
			ret = dpcm_link_params(dpcm, stream);
			break;
		default:
			ret = dpcm_link_prepare(dpcm, stream);
			break;
		}
		if (ret < 0)
			break;
	}
	return ret;
}

/*
 * The parameters of the next track of a compressed stream are set while this one
 * plays. Other FEs are stopped by then; one that was paused when the system
 * suspended still asks for a pause.
 */
static bool dpcm_link_plays(struct snd_soc_dpcm *dpcm)
	__must_hold(be_lock)
{
	return dpcm->run == SND_SOC_DPCM_RUN_STARTED ||
	       (dpcm->run == SND_SOC_DPCM_RUN_PAUSED && dpcm->fe->fe_compr);
}

/*
 * A link goes back to @stage; its BE stops if only this FE kept it busy. Unless
 * @playing is set a link that plays is left alone.
 */
static void dpcm_link_back(struct snd_soc_dpcm *dpcm, int stream,
			   enum snd_soc_dpcm_stage stage, bool playing)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *be = dpcm->be;
	unsigned long flags;
	int ret = 0;

	dpcm_assert_pcm_locked(be);

	dpcm_be_lock(be, stream, flags);
	if (playing || !dpcm_link_plays(dpcm)) {
		dpcm->run = SND_SOC_DPCM_RUN_STOPPED;
		ret = dpcm_be_follow(be, stream);
		if (dpcm->stage > stage)
			dpcm->stage = stage;
	}
	dpcm_be_unlock(be, stream, flags);

	if (ret < 0)
		dev_err_ratelimited(be->dev, "ASoC: BE %s does not stop: %d\n",
				    be->dai_link->name, ret);
}

static bool dpcm_be_has_params(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(pcm_mutex) __must_hold(be_lock)
{
	switch (be->dpcm[stream].state) {
	case SND_SOC_DPCM_STATE_NEW:
	case SND_SOC_DPCM_STATE_OPEN:
	case SND_SOC_DPCM_STATE_HW_FREE:
	case SND_SOC_DPCM_STATE_CLOSE:
		return false;
	default:
		return true;
	}
}

/* The same, and what of the BE nobody needs any more is freed and closed. */
static void dpcm_link_lower(struct snd_soc_dpcm *dpcm, int stream,
			    enum snd_soc_dpcm_stage stage)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *be_substream = dpcm_substream(dpcm->be, stream);
	struct snd_soc_pcm_runtime *be = dpcm->be;
	bool free, close = false;
	unsigned long flags;

	if (dpcm->stage == SND_SOC_DPCM_STAGE_CLOSED)
		return;
	dpcm_link_back(dpcm, stream, stage, true);

	dpcm_be_lock(be, stream, flags);
	free = dpcm_be_has_params(be, stream) && stage < SND_SOC_DPCM_STAGE_PARAMS &&
	       !dpcm_other_at(dpcm, stream, SND_SOC_DPCM_STAGE_PARAMS);
	if (stage == SND_SOC_DPCM_STAGE_CLOSED)
		close = --be->dpcm[stream].users == 0;
	/* What is freed and closed below is so with the runtime of this FE. */
	if (stage == SND_SOC_DPCM_STAGE_CLOSED && !close)
		dpcm_be_borrow_runtime(be, stream);
	dpcm_be_unlock(be, stream, flags);

	if (free) {
		__soc_pcm_hw_free(be, be_substream);
		dpcm_be_lock(be, stream, flags);
		dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_HW_FREE);
		dpcm_be_unlock(be, stream, flags);
	}
	if (close) {
		__soc_pcm_close(be, be_substream);
		dpcm_be_lock(be, stream, flags);
		dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_CLOSE);
		dpcm_be_borrow_runtime(be, stream);
		dpcm_be_unlock(be, stream, flags);
	}
}

static void dpcm_links_lower(struct snd_soc_pcm_runtime *fe, int stream,
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
 * dpcm_fe_set_state - an operation of an FE other than a trigger is complete
 * @fe: the FE
 * @stream: its direction
 * @state: where that leaves it
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
 * dpcm_be_dai_startup - open the BEs of an FE that opens
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
	int ret = dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_OPEN,
				   SND_SOC_DPCM_SCOPE_ALL);

	if (ret < 0)
		dpcm_be_dai_shutdown(fe, stream);
	return ret;
}

/**
 * dpcm_be_dai_hw_params - configure the BEs of an FE as its hw_params ask
 * @fe: the FE
 * @stream: its direction
 *
 * A BE that another FE has configured stays as it is.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0, or the error of a BE or of its fixup; then none is configured for
 * this FE.
 */
int dpcm_be_dai_hw_params(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;
	int ret;

	/* They may be set again without a hw_free, or for the next track. */
	for_each_dpcm_be(fe, stream, dpcm)
		dpcm_link_back(dpcm, stream, SND_SOC_DPCM_STAGE_OPEN, false);
	ret = dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_PARAMS,
			       SND_SOC_DPCM_SCOPE_ALL);
	if (ret < 0)
		dpcm_be_dai_hw_free(fe, stream);
	return ret;
}

/**
 * dpcm_be_dai_prepare - prepare the BEs of an FE
 * @fe: the FE
 * @stream: its direction
 *
 * What the FE had paused or suspended is stopped. A BE that another FE uses is not
 * disturbed.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0, or the error of a BE; then the FE must not start.
 */
int dpcm_be_dai_prepare(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;

	for_each_dpcm_be(fe, stream, dpcm)
		dpcm_link_back(dpcm, stream, SND_SOC_DPCM_STAGE_PARAMS, false);
	return dpcm_links_raise(fe, stream, SND_SOC_DPCM_STAGE_READY,
				SND_SOC_DPCM_SCOPE_ALL);
}

/**
 * dpcm_be_dai_hw_free - the FE needs the configuration of its BEs no longer
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
 * dpcm_be_dai_shutdown - the FE needs its BEs no longer
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

/*
 * Routes that change while the FE is open
 */

/* Where the BEs of an FE in this state are. */
static enum snd_soc_dpcm_stage dpcm_fe_stage(enum snd_soc_dpcm_state state)
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

/**
 * dpcm_join - bring the new links of an FE to where the FE is
 * @fe: an open FE whose routes changed
 * @stream: its direction
 *
 * The last step, if the FE runs at that moment, is the start. The FE's own trigger,
 * which may be a bespoke one, has no part in it: the FE goes on. If any step fails
 * the new links are taken back and marked to go; other links and BEs are as before.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0 or the error of a BE.
 */
int dpcm_join(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);
	enum snd_soc_dpcm_stage to = dpcm_fe_stage(fe->dpcm[stream].state);
	enum snd_soc_dpcm_stage stage;
	int ret = 0;

	dpcm_assert_pcm_locked(fe);

	for (stage = SND_SOC_DPCM_STAGE_OPEN; stage <= to && ret >= 0; stage++)
		ret = dpcm_links_raise(fe, stream, stage, SND_SOC_DPCM_SCOPE_NEW);

	if (ret >= 0 && to == SND_SOC_DPCM_STAGE_READY) {
		dpcm_dapm_stream_event(fe, stream, SND_SOC_DAPM_STREAM_NOP);

		snd_pcm_stream_lock_irq(fe_substream);
		if (fe->dpcm[stream].state == SND_SOC_DPCM_STATE_START)
			ret = dpcm_links_trigger(fe, stream, SNDRV_PCM_TRIGGER_START,
						 SND_SOC_DPCM_SCOPE_NEW);
		snd_pcm_stream_unlock_irq(fe_substream);
	}
	if (ret >= 0)
		return 0;

	dev_err_ratelimited(fe->dev, "ASoC: FE %s cannot join a new BE: %d\n",
			    fe->dai_link->name, ret);
	dpcm_links_lower(fe, stream, SND_SOC_DPCM_STAGE_CLOSED, SND_SOC_DPCM_SCOPE_NEW);
	dpcm_links_leave(fe, stream, SND_SOC_DPCM_SCOPE_NEW);
	return ret;
}

/**
 * dpcm_leave - take the links of an FE that are to go out of use
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

	snd_pcm_stream_lock_irq(fe_substream);
	dpcm_links_trigger(fe, stream, SNDRV_PCM_TRIGGER_STOP, SND_SOC_DPCM_SCOPE_FREE);
	snd_pcm_stream_unlock_irq(fe_substream);

	dpcm_links_lower(fe, stream, SND_SOC_DPCM_STAGE_CLOSED, SND_SOC_DPCM_SCOPE_FREE);
	dpcm_dapm_stream_event(fe, stream, SND_SOC_DAPM_STREAM_NOP);
}
