// SPDX-License-Identifier: GPL-2.0
/*
 * Links between front ends and back ends: adding and removing them, and checks of the
 * links of a back end
 *
 * A link is added when a route connects an open FE with a BE, and freed when the route is
 * removed or the FE is closed. It is in two lists, that of the FE and that of the BE; each
 * is changed with card->pcm_mutex and the stream lock of its owner held. See
 * sound/soc-dpcm-link.h.
 */

#include <linux/lockdep.h>
#include <linux/slab.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "soc-dpcm-compat.h"
#include "soc-dpcm-internal.h"

#include <trace/events/snd_dpcm.h>

/* Check whether an FE whose stream lock is a spinlock can be routed to the BE. */
static bool dpcm_be_has_atomic_fe(struct snd_soc_pcm_runtime *be)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *fe;

	for_each_card_rtds(be->card, fe)
		if (fe->dai_link->dynamic && !fe->pcm->nonatomic &&
		    dpcm_could_reach(fe, be))
			return true;
	return false;
}

/*
 * A BE is triggered under the stream lock of an FE. So the triggers of a BE that an
 * atomic FE can be routed to must not sleep, and its lock is a spinlock; nonatomic
 * FEs may use it as well. A BE that only nonatomic FEs can be routed to gets a mutex,
 * although its DAI link does not set nonatomic: its triggers may sleep. The card decides
 * that, not the order in which FEs are opened.
 */
static int dpcm_link_atomicity(struct snd_soc_pcm_runtime *fe,
			       struct snd_soc_pcm_runtime *be)
	__must_hold(pcm_mutex)
{
	bool used = !list_empty(&be->dpcm[SNDRV_PCM_STREAM_PLAYBACK].fe_clients) ||
		    !list_empty(&be->dpcm[SNDRV_PCM_STREAM_CAPTURE].fe_clients);

	if (!used)
		be->pcm->nonatomic = be->dai_link->nonatomic ||
				     (fe->pcm->nonatomic && !dpcm_be_has_atomic_fe(be));
	if (fe->pcm->nonatomic || !be->pcm->nonatomic)
		return 0;

	dev_err_ratelimited(fe->dev, "ASoC: BE link %s is nonatomic, FE link %s is not: set nonatomic on %s\n",
			    be->dai_link->name, fe->dai_link->name, fe->dai_link->name);
	return -EINVAL;
}

/**
 * dpcm_link_new - link an FE and a BE
 * @fe: the FE
 * @be: the BE
 * @stream: the direction
 *
 * The link is not used before its stage is raised.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: the link; NULL if there is one already; -ENOMEM, or -EINVAL if the two
 * cannot work together (the log has the reason).
 */
struct snd_soc_dpcm *dpcm_link_new(struct snd_soc_pcm_runtime *fe,
				   struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);
	struct snd_soc_dpcm *dpcm;
	unsigned long flags;
	int ret;

	dpcm_assert_pcm_locked(fe);

	for_each_dpcm_be(fe, stream, dpcm)
		if (dpcm->be == be)
			return NULL;

	ret = dpcm_link_atomicity(fe, be);
	if (ret < 0)
		return ERR_PTR(ret);

	dpcm = kzalloc_obj(*dpcm);
	if (!dpcm)
		return ERR_PTR(-ENOMEM);
	dpcm->fe = fe;
	dpcm->be = be;
	dpcm->state = SND_SOC_DPCM_LINK_STATE_NEW;

	snd_pcm_stream_lock_irq(fe_substream);
	dpcm_assert_stream_locked(fe, stream);
	list_add(&dpcm->list_be, &fe->dpcm[stream].be_clients);
	dpcm_be_lock(be, stream, flags);
	dpcm_assert_stream_locked(be, stream);
	list_add(&dpcm->list_fe, &be->dpcm[stream].fe_clients);
	trace_dpcm_link(fe, be, stream, SND_DPCM_TRACE_CONNECT);
	dpcm_be_unlock(be, stream, flags);
	snd_pcm_stream_unlock_irq(fe_substream);

	return dpcm;
}

static void dpcm_link_set_state(struct snd_soc_dpcm *dpcm, int stream,
				enum snd_soc_dpcm_link_state state)
	__must_hold(pcm_mutex)
{
	unsigned long flags;

	dpcm_assert_pcm_locked(dpcm->fe);

	dpcm_be_lock(dpcm->be, stream, flags);
	dpcm->state = state;
	if (state == SND_SOC_DPCM_LINK_STATE_FREE)
		trace_dpcm_link(dpcm->fe, dpcm->be, stream, SND_DPCM_TRACE_LEAVE);
	dpcm_be_unlock(dpcm->be, stream, flags);
}

/**
 * dpcm_link_leave - mark a link for removal
 * @dpcm: the link
 * @stream: its direction
 *
 * From now on it is not started any more; it can still be stopped.
 * dpcm_be_disconnect() frees it. Called with card->pcm_mutex held.
 */
void dpcm_link_leave(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	dpcm_link_set_state(dpcm, stream, SND_SOC_DPCM_LINK_STATE_FREE);
}

/**
 * dpcm_links_leave - mark links of an FE for removal
 * @fe: the FE
 * @stream: its direction
 * @scope: which of its links
 *
 * Called with card->pcm_mutex held.
 */
void dpcm_links_leave(struct snd_soc_pcm_runtime *fe, int stream,
		      enum snd_soc_dpcm_scope scope)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;

	for_each_dpcm_be(fe, stream, dpcm)
		if (dpcm_in_scope(dpcm, scope))
			dpcm_link_leave(dpcm, stream);
}

/**
 * dpcm_clear_pending_state - mark the new links of an FE as in use
 * @fe: the FE
 * @stream: its direction
 *
 * Called with card->pcm_mutex held, when an open or a route change is complete.
 */
void dpcm_clear_pending_state(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *dpcm;

	for_each_dpcm_be(fe, stream, dpcm)
		if (dpcm->state == SND_SOC_DPCM_LINK_STATE_NEW)
			dpcm_link_set_state(dpcm, stream, SND_SOC_DPCM_LINK_STATE_LIVE);
}

/**
 * dpcm_links_remove - take links that are marked for removal off all lists
 * @fe: the FE
 * @stream: its direction
 * @removed: gets the links, by their list_fe; the caller frees them
 *
 * The links are in no list any more, and no BE borrows the runtime of an FE through
 * one of them. Called with card->pcm_mutex held and no stream lock.
 */
void dpcm_links_remove(struct snd_soc_pcm_runtime *fe, int stream,
		       struct list_head *removed)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);
	struct snd_soc_dpcm *dpcm, *next;
	unsigned long flags;

	dpcm_assert_pcm_locked(fe);

	snd_pcm_stream_lock_irq(fe_substream);
	for_each_dpcm_be_safe(fe, stream, dpcm, next) {
		if (dpcm->state != SND_SOC_DPCM_LINK_STATE_FREE)
			continue;

		/* A trigger of another FE may be walking this BE's list. */
		dpcm_be_lock(dpcm->be, stream, flags);
		WARN_ON(dpcm->stage != SND_SOC_DPCM_STAGE_CLOSED);
		dpcm_assert_stream_locked(dpcm->be, stream);
		list_move(&dpcm->list_fe, removed);
		trace_dpcm_link(fe, dpcm->be, stream, SND_DPCM_TRACE_DISCONNECT);
		dpcm_be_unlock(dpcm->be, stream, flags);

		dpcm_assert_stream_locked(fe, stream);
		list_del(&dpcm->list_be);
	}
	snd_pcm_stream_unlock_irq(fe_substream);
}

/**
 * dpcm_fe_state - get the state of an FE
 * @fe: the FE
 * @stream: its direction
 *
 * A trigger can change it between started, paused, suspended and stopped at any moment.
 *
 * Called with card->pcm_mutex held and no stream lock.
 *
 * Return: its state.
 */
enum snd_soc_dpcm_state dpcm_fe_state(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);
	enum snd_soc_dpcm_state state;

	snd_pcm_stream_lock_irq(fe_substream);
	state = fe->dpcm[stream].state;
	snd_pcm_stream_unlock_irq(fe_substream);
	return state;
}

/**
 * dpcm_other_at - check whether a BE is at a stage for another FE
 * @dpcm: the link of one FE
 * @stream: its direction
 * @stage: the stage
 *
 * Called with card->pcm_mutex held.
 *
 * Return: true if it is, for any FE but that of @dpcm.
 */
bool dpcm_other_at(struct snd_soc_dpcm *dpcm, int stream,
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

/**
 * dpcm_link_in_use - check whether an FE can start, or go on, without another prepare
 * @dpcm: the link of the FE
 * @stream: its direction
 *
 * Called with card->pcm_mutex held and no stream lock.
 *
 * Return: true if it can.
 */
bool dpcm_link_in_use(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	dpcm_assert_pcm_locked(dpcm->be);

	if (dpcm->stage != SND_SOC_DPCM_STAGE_READY)
		return false;

	/* A stopped compressed stream starts without new parameters. */
	if (dpcm->fe->fe_compr)
		return true;

	switch (dpcm_fe_state(dpcm->fe, stream)) {
	case SND_SOC_DPCM_STATE_PREPARE:
	case SND_SOC_DPCM_STATE_START:
	case SND_SOC_DPCM_STATE_PAUSED:
	case SND_SOC_DPCM_STATE_SUSPEND:
		return true;
	default:
		return false;
	}
}

/**
 * dpcm_other_in_use - check whether another FE depends on the present setup of a BE
 * @dpcm: the link of one FE
 * @stream: its direction
 *
 * Called with card->pcm_mutex held and no stream lock.
 *
 * Return: true if dpcm_link_in_use() is true for any FE but that of @dpcm.
 */
bool dpcm_other_in_use(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *other;

	for_each_dpcm_fe(dpcm->be, stream, other)
		if (other != dpcm && dpcm_link_in_use(other, stream))
			return true;
	return false;
}
