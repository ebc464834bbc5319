// SPDX-License-Identifier: GPL-2.0
/*
 * Front ends and back ends: one truth per link
 *
 * A front end (FE) is a PCM that user space opens; a back end (BE) is a physical
 * port without a user of its own. DAPM routes connect them, many to many, and
 * routes change while DMA runs. Each connection is a link, struct snd_soc_dpcm.
 *
 * The link knows how far the BE was brought for its FE (stage) and what the FE
 * asks of it now (run). All that a BE must do follows from its links:
 *
 *   - it is open while a link has a stage of OPEN or more, configured while one
 *     has PARAMS or more;
 *   - it runs while any link is started; else it is paused, suspended or stopped,
 *     in this order, as the highest of its links asks.
 *
 * dpcm_be_follow() compares that with what the BE was told last and gives the one
 * command that leads there. Commands are never counted and never kept for later:
 * a command that changes nothing for a link does nothing, one that comes between
 * two steps of a route change acts on the links that are ready then, and the
 * route change looks at what the FE does when it is done.
 *
 * Who may look at what, and when, stands in sound/soc-dpcm-link.h.
 */

#include <linux/lockdep.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "soc-dpcm-internal.h"

#define CREATE_TRACE_POINTS
#include <trace/events/snd_dpcm.h>

/**
 * dpcm_be_init - give the locks of a BE's streams a lockdep class of their own
 * @be: a runtime whose link has no_pcm set and whose PCM was just made
 *
 * A BE's stream lock is taken under an FE's, and the FE may be one of several
 * linked streams (snd_pcm_link()) that are locked together. With one class for
 * all, lockdep sees a lock taken twice where there are two. Context: probe.
 */
void dpcm_be_init(struct snd_soc_pcm_runtime *be)
{
	static struct lock_class_key be_spinlock, be_mutex;
	struct snd_pcm_substream *substream;
	int stream;

	for_each_pcm_streams(stream) {
		substream = dpcm_substream(be, stream);
		if (!substream)
			continue;
		lockdep_set_class(&substream->self_group.lock, &be_spinlock);
		lockdep_set_class(&substream->self_group.mutex, &be_mutex);
	}
}

/*
 * What the BE does
 */

/* What the links of a BE ask for; @link is one of them, and a hint. */
static enum snd_soc_dpcm_run dpcm_be_wanted(struct snd_soc_dpcm_runtime *be,
					    struct snd_soc_dpcm *link)
	__must_hold(be_lock)
{
	enum snd_soc_dpcm_run run = SND_SOC_DPCM_RUN_STOPPED;
	struct snd_soc_dpcm *dpcm;
	struct list_head *at;

	if (link && link->run == SND_SOC_DPCM_RUN_STARTED)
		return SND_SOC_DPCM_RUN_STARTED;

	/* The only loop over what a command does not change: keep it short. */
	list_for_each(at, &be->fe_clients) {
		dpcm = list_entry(at, struct snd_soc_dpcm, list_fe);
		if (likely(dpcm->run == SND_SOC_DPCM_RUN_STOPPED))
			continue;
		run = max(run, dpcm->run);
		if (run == SND_SOC_DPCM_RUN_STARTED)
			break;
	}
	return run;
}

/*
 * What a BE in some state was told last; negative: it is not in a state to be told
 * anything.
 */
static const s8 dpcm_state_run[] = {
	[SND_SOC_DPCM_STATE_NEW]	= -1,
	[SND_SOC_DPCM_STATE_OPEN]	= -1,
	[SND_SOC_DPCM_STATE_HW_PARAMS]	= -1,
	[SND_SOC_DPCM_STATE_PREPARE]	= SND_SOC_DPCM_RUN_STOPPED,
	[SND_SOC_DPCM_STATE_START]	= SND_SOC_DPCM_RUN_STARTED,
	[SND_SOC_DPCM_STATE_STOP]	= SND_SOC_DPCM_RUN_STOPPED,
	[SND_SOC_DPCM_STATE_PAUSED]	= SND_SOC_DPCM_RUN_PAUSED,
	[SND_SOC_DPCM_STATE_SUSPEND]	= SND_SOC_DPCM_RUN_SUSPENDED,
	[SND_SOC_DPCM_STATE_HW_FREE]	= -1,
	[SND_SOC_DPCM_STATE_CLOSE]	= -1,
};

/*
 * The command that leads from what a BE does [row] to what it must do [column].
 * Drivers may pair commands, so a BE that was told to pause is released or
 * stopped, whatever else changed; ALSA tells a suspended stream nothing when it
 * is stopped.
 */
#define NONE	-1
static const s8 dpcm_command[4][4] = {
	[SND_SOC_DPCM_RUN_STOPPED] = {
		NONE, NONE, NONE, SNDRV_PCM_TRIGGER_START,
	},
	[SND_SOC_DPCM_RUN_SUSPENDED] = {
		NONE, NONE, NONE, SNDRV_PCM_TRIGGER_RESUME,
	},
	[SND_SOC_DPCM_RUN_PAUSED] = {
		SNDRV_PCM_TRIGGER_STOP, NONE, NONE,
		SNDRV_PCM_TRIGGER_PAUSE_RELEASE,
	},
	[SND_SOC_DPCM_RUN_STARTED] = {
		SNDRV_PCM_TRIGGER_STOP, SNDRV_PCM_TRIGGER_SUSPEND,
		SNDRV_PCM_TRIGGER_PAUSE_PUSH, NONE,
	},
};

static const u8 dpcm_run_state[4] = {
	[SND_SOC_DPCM_RUN_STOPPED]	= SND_SOC_DPCM_STATE_STOP,
	[SND_SOC_DPCM_RUN_SUSPENDED]	= SND_SOC_DPCM_STATE_SUSPEND,
	[SND_SOC_DPCM_RUN_PAUSED]	= SND_SOC_DPCM_STATE_PAUSED,
	[SND_SOC_DPCM_RUN_STARTED]	= SND_SOC_DPCM_STATE_START,
};

static int dpcm_be_follow_link(struct snd_soc_pcm_runtime *be,
			       struct snd_pcm_substream *be_substream,
			       struct snd_soc_dpcm *link)
	__must_hold(be_lock)
{
	struct snd_soc_dpcm_runtime *dpcm = &be->dpcm[be_substream->stream];
	int run = dpcm_state_run[dpcm->state], cmd = NONE, ret = 0;
	int stream = be_substream->stream;
	enum snd_soc_dpcm_run wanted;

	dpcm_assert_stream_locked(be, stream);

	wanted = dpcm_be_wanted(dpcm, link);
	if (run >= 0 && run != wanted) {
		cmd = dpcm_command[run][wanted];
		if (cmd != NONE)
			ret = soc_pcm_trigger(be_substream, cmd);
		if (ret >= 0 && (cmd != NONE || wanted == SND_SOC_DPCM_RUN_STOPPED))
			dpcm->state = dpcm_run_state[wanted];
	}
	trace_dpcm_be_trigger(be, stream, run, wanted, cmd, ret);
	return min(ret, 0);
}

/**
 * dpcm_be_follow - bring a BE to what its links ask for
 * @be: the BE
 * @stream: its direction
 *
 * On an error the BE counts as being where it was; the next change of a link tries
 * again. A BE that is not prepared is left alone.
 *
 * Called with the BE's stream lock held. Does not sleep unless the BE is nonatomic.
 *
 * Return: 0 or the error of the BE's trigger.
 */
int dpcm_be_follow(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(be_lock)
{
	return dpcm_be_follow_link(be, dpcm_substream(be, stream), NULL);
}

/**
 * dpcm_be_borrow_runtime - give a BE the runtime of an FE that holds it open
 * @be: the BE
 * @stream: its direction
 *
 * Drivers read the runtime of a BE's substream, which has none of its own. Called
 * with the BE's stream lock held, whenever an FE comes or goes.
 */
void dpcm_be_borrow_runtime(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(be_lock)
{
	struct snd_pcm_substream *be_substream = dpcm_substream(be, stream);
	struct snd_pcm_runtime *runtime = NULL;
	struct snd_soc_dpcm *dpcm;

	dpcm_assert_stream_locked(be, stream);

	/* The FE of a compressed stream has none to lend. */
	for_each_dpcm_fe(be, stream, dpcm) {
		if (dpcm->stage == SND_SOC_DPCM_STAGE_CLOSED)
			continue;
		runtime = dpcm_substream(dpcm->fe, stream)->runtime;
		if (runtime)
			break;
	}
	if (be_substream->runtime == runtime)
		return;
	be_substream->runtime = runtime;
	trace_dpcm_link(runtime ? dpcm->fe : NULL, be, stream, SND_DPCM_TRACE_REPARENT);
}

/*
 * What a link does
 */

/* What a link asks for after its FE was given a command. */
static enum snd_soc_dpcm_run dpcm_link_next(struct snd_soc_dpcm *dpcm, int cmd)
	__must_hold(be_lock)
{
	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
	case SNDRV_PCM_TRIGGER_RESUME:
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		/* A link that comes or goes is not the FE's to start. */
		if (dpcm->state == SND_SOC_DPCM_LINK_STATE_FREE ||
		    dpcm->stage != SND_SOC_DPCM_STAGE_READY)
			break;
		return SND_SOC_DPCM_RUN_STARTED;
	case SNDRV_PCM_TRIGGER_STOP:
		return SND_SOC_DPCM_RUN_STOPPED;
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		if (dpcm->run == SND_SOC_DPCM_RUN_STARTED)
			return SND_SOC_DPCM_RUN_PAUSED;
		break;
	case SNDRV_PCM_TRIGGER_SUSPEND:
		if (dpcm->run == SND_SOC_DPCM_RUN_STARTED)
			return SND_SOC_DPCM_RUN_SUSPENDED;
		break;
	}
	return dpcm->run;
}

/**
 * dpcm_in_scope - is an operation for this link?
 * @dpcm: the link
 * @scope: the links that the operation is for
 *
 * Called with card->pcm_mutex or the BE's stream lock held.
 *
 * Return: true if it is.
 */
bool dpcm_in_scope(struct snd_soc_dpcm *dpcm, enum snd_soc_dpcm_scope scope)
{
	switch (scope) {
	case SND_SOC_DPCM_SCOPE_NEW:
		return dpcm->state == SND_SOC_DPCM_LINK_STATE_NEW;
	case SND_SOC_DPCM_SCOPE_FREE:
		return dpcm->state == SND_SOC_DPCM_LINK_STATE_FREE;
	default:
		return true;
	}
}

/* Put back what a command changed, up to but without the link @end. */
static void dpcm_links_undo(struct snd_soc_pcm_runtime *fe, int stream,
			    struct snd_soc_dpcm *end)
	__must_hold(fe_lock)
{
	struct snd_soc_dpcm *dpcm;
	unsigned long flags;

	dpcm_assert_stream_locked(fe, stream);

	for_each_dpcm_be(fe, stream, dpcm) {
		if (dpcm == end)
			break;
		dpcm_be_lock(dpcm->be, stream, flags);
		if (dpcm->run != dpcm->was) {
			dpcm->run = dpcm->was;
			dpcm_be_follow(dpcm->be, stream);
		}
		dpcm_be_unlock(dpcm->be, stream, flags);
	}
}

/**
 * dpcm_links_trigger - let BEs of an FE follow a command
 * @fe: the FE
 * @stream: its direction
 * @cmd: SNDRV_PCM_TRIGGER_*
 * @scope: for which of its links
 *
 * Each link notes what its FE asks for now and its BE follows all of its links.
 * If a BE refuses, the links before it get back what they had, with one
 * exception: what is stopped stays stopped, for the FE will not ask again.
 *
 * Called with the FE's stream lock held. Does not sleep unless the FE is nonatomic.
 *
 * Return: 0, or the error of a BE.
 */
int dpcm_links_trigger(struct snd_soc_pcm_runtime *fe, int stream, int cmd,
		       enum snd_soc_dpcm_scope scope)
	__must_hold(fe_lock)
{
	struct snd_soc_dpcm *dpcm;
	int err = 0, ret;

	dpcm_assert_stream_locked(fe, stream);

	for_each_dpcm_be(fe, stream, dpcm) {
		struct snd_soc_pcm_runtime *be = dpcm->be;
		struct snd_pcm_substream *be_substream = dpcm_substream(be, stream);

		/* The FE's lock has interrupts off already, unless both are mutexes. */
		snd_pcm_stream_lock(be_substream);
		ret = 0;
		dpcm->was = dpcm->run;
		if (scope == SND_SOC_DPCM_SCOPE_ALL || dpcm_in_scope(dpcm, scope))
			dpcm->run = dpcm_link_next(dpcm, cmd);
		trace_dpcm_link_trigger(fe, be, stream, cmd, dpcm->was, dpcm->run,
					dpcm->stage == SND_SOC_DPCM_STAGE_READY);
		if (dpcm->run != dpcm->was)
			ret = dpcm_be_follow_link(be, be_substream, dpcm);
		if (unlikely(ret < 0) && cmd != SNDRV_PCM_TRIGGER_STOP)
			dpcm->run = dpcm->was;
		snd_pcm_stream_unlock(be_substream);

		if (likely(ret >= 0))
			continue;
		dev_err_ratelimited(be->dev, "ASoC: BE %s: trigger %d for FE %s failed: %d\n",
				    be->dai_link->name, cmd, fe->dai_link->name, ret);
		err = ret;
		if (cmd != SNDRV_PCM_TRIGGER_STOP) {
			dpcm_links_undo(fe, stream, dpcm);
			break;
		}
	}
	return err;
}

/**
 * dpcm_be_dai_trigger - let all BEs of an FE follow a command
 * @fe: the FE that was given the command
 * @stream: its direction
 * @cmd: SNDRV_PCM_TRIGGER_*
 *
 * For drivers that trigger the BEs of their FEs themselves, too.
 *
 * Called with the FE's stream lock held. Does not sleep unless the FE is nonatomic.
 *
 * Return: 0, or the error of a BE; see dpcm_links_trigger().
 */
int dpcm_be_dai_trigger(struct snd_soc_pcm_runtime *fe, int stream, int cmd)
	__must_hold(fe_lock)
{
	return dpcm_links_trigger(fe, stream, cmd, SND_SOC_DPCM_SCOPE_ALL);
}
EXPORT_SYMBOL_GPL(dpcm_be_dai_trigger);

/**
 * dpcm_inverse - the command that takes another back
 * @cmd: SNDRV_PCM_TRIGGER_*
 *
 * Return: SNDRV_PCM_TRIGGER_*, negative if there is none.
 */
int dpcm_inverse(int cmd)
{
	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
		return SNDRV_PCM_TRIGGER_STOP;
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		return SNDRV_PCM_TRIGGER_PAUSE_RELEASE;
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		return SNDRV_PCM_TRIGGER_PAUSE_PUSH;
	case SNDRV_PCM_TRIGGER_SUSPEND:
		return SNDRV_PCM_TRIGGER_RESUME;
	case SNDRV_PCM_TRIGGER_RESUME:
		return SNDRV_PCM_TRIGGER_SUSPEND;
	default:
		return NONE;
	}
}

static int dpcm_fe_be_trigger(struct snd_pcm_substream *fe_substream, int cmd,
			      bool fe_first)
	__must_hold(fe_lock)
{
	struct snd_soc_pcm_runtime *fe = fe_substream->private_data;
	int stream = fe_substream->stream;
	int ret, err = 0;

	if (fe_first) {
		err = soc_pcm_trigger(fe_substream, cmd);
		if (err < 0 && cmd != SNDRV_PCM_TRIGGER_STOP)
			return err;
	}

	ret = dpcm_links_trigger(fe, stream, cmd, SND_SOC_DPCM_SCOPE_ALL);
	if (ret < 0 && fe_first && dpcm_inverse(cmd) != NONE)
		soc_pcm_trigger(fe_substream, dpcm_inverse(cmd));
	if (fe_first || (ret < 0 && cmd != SNDRV_PCM_TRIGGER_STOP))
		return err ?: ret;

	err = soc_pcm_trigger(fe_substream, cmd);
	if (err < 0 && cmd != SNDRV_PCM_TRIGGER_STOP)
		dpcm_links_undo(fe, stream, NULL);
	return ret ?: err;
}

/**
 * dpcm_dai_trigger_fe_be - give a command to an FE and to its BEs
 * @fe_substream: the FE's substream
 * @cmd: SNDRV_PCM_TRIGGER_*
 * @fe_first: the FE before its BEs
 *
 * If the second of the two refuses, the first is brought back to where it was,
 * but for STOP, which both are given in any case.
 *
 * Called with the FE's stream lock held. Does not sleep unless the FE is nonatomic.
 *
 * Return: 0 or the first error.
 */
int dpcm_dai_trigger_fe_be(struct snd_pcm_substream *fe_substream, int cmd,
			   bool fe_first)
	__must_hold(fe_lock)
{
	int ret = dpcm_fe_be_trigger(fe_substream, cmd, fe_first);

	trace_dpcm_fe_trigger(fe_substream->private_data, fe_substream->stream, cmd, ret);
	return ret;
}

/*
 * How links come and go
 */

/*
 * FE and BE must agree about atomicity: the BE is triggered under the FE's lock.
 * A BE without links takes the way of the FE that comes.
 */
static int dpcm_link_atomicity(struct snd_soc_pcm_runtime *fe,
			       struct snd_soc_pcm_runtime *be)
	__must_hold(pcm_mutex)
{
	bool used = !list_empty(&be->dpcm[SNDRV_PCM_STREAM_PLAYBACK].fe_clients) ||
		    !list_empty(&be->dpcm[SNDRV_PCM_STREAM_CAPTURE].fe_clients);

	if (!used)
		be->pcm->nonatomic = be->dai_link->nonatomic || fe->pcm->nonatomic;
	if (be->pcm->nonatomic == fe->pcm->nonatomic)
		return 0;

	if (be->dai_link->nonatomic)
		dev_err(fe->dev, "ASoC: BE link %s is nonatomic, FE link %s is not: set nonatomic on %s\n",
			be->dai_link->name, fe->dai_link->name, fe->dai_link->name);
	else
		dev_err(fe->dev, "ASoC: FE link %s is %s, BE link %s is in use by one that is not: set nonatomic on all FE links that can reach %s, or on none\n",
			fe->dai_link->name,
			fe->pcm->nonatomic ? "nonatomic" : "atomic",
			be->dai_link->name, be->dai_link->name);
	return -EINVAL;
}

/**
 * dpcm_link_new - link an FE and a BE
 * @fe: the FE
 * @be: the BE
 * @stream: the direction
 *
 * The link is not used before it is brought to a stage.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: the link; NULL if there is one already; -ENOMEM, or -EINVAL if the two
 * can not work together (the log says why).
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

	dpcm = kzalloc(sizeof(*dpcm), GFP_KERNEL);
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
 * dpcm_link_leave - a link is to go
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
 * dpcm_links_leave - links of an FE are to go
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
 * dpcm_clear_pending_state - the links of an FE have come to stay
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
 * dpcm_links_remove - take links that are to go off all lists
 * @fe: the FE
 * @stream: its direction
 * @removed: gets the links, by their list_fe; the caller frees them
 *
 * Nobody can find the links any more, and none of the BEs borrows the runtime of
 * an FE through one of them. Called with card->pcm_mutex held and no stream lock.
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
