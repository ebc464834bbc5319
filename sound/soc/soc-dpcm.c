// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Front ends and back ends
 *
 * A front end (FE) is a PCM that user space opens; a back end (BE) is a physical
 * port, which user space does not open. DAPM routes connect them, many to many, and
 * routes change while DMA runs. Each connection is a link, struct snd_soc_dpcm.
 *
 * The link has a stage, how far the BE is set up for its FE, and a run, the state
 * that the FE requests now. The state of a BE follows from its links:
 *
 *   - it is open while a link has a stage of OPEN or more, configured while one
 *     has PARAMS or more;
 *   - it runs while any link is started; else it is suspended, paused or stopped,
 *     in this order: the highest state that a link requests.
 *
 * dpcm_be_follow() compares that with the last command of the BE and sends the one
 * command that leads there. Commands are never counted and never deferred: a command
 * that changes nothing for a link does nothing; a command between two steps of a
 * route change acts on the links that are ready then, and the last step of the route
 * change reads the state of the FE.
 */

/* sound/soc-dpcm-link.h lists the locks under which each field is read and changed. */

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
 * all, lockdep would take two locks for one that is taken twice. Context: probe.
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
 * State of the BE
 */

/* Get the state that the links of a BE request; start with @link, one of them. */
static enum snd_soc_dpcm_run dpcm_links_want(struct snd_soc_dpcm_runtime *be,
					     struct snd_soc_dpcm *link)
	__must_hold(be_lock)
{
	enum snd_soc_dpcm_run run = SND_SOC_DPCM_RUN_STOPPED;
	struct snd_soc_dpcm *dpcm;
	struct list_head *at;

	if (link && link->run == SND_SOC_DPCM_RUN_STARTED)
		return SND_SOC_DPCM_RUN_STARTED;

	/* The only loop over links that a command does not change: keep it short. */
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

/**
 * dpcm_be_wanted - get the state that the links of a BE request
 * @be: the BE
 * @stream: its direction
 *
 * Called with the BE's stream lock held.
 *
 * Return: the highest state that they request.
 */
enum snd_soc_dpcm_run dpcm_be_wanted(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(be_lock)
{
	return dpcm_links_want(&be->dpcm[stream], NULL);
}

/*
 * The state to which the last command has brought a BE; negative: the BE is not
 * prepared for commands.
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
 * The command that leads from the state of a BE [row] to the requested one [column].
 * Drivers may pair commands, so a paused BE is released or stopped, whatever else has
 * changed. ALSA has no command for a suspended stream that is stopped; it prepares the
 * stream before the next start.
 */
#define NONE	-1
static const s8 dpcm_command[4][4] = {
	[SND_SOC_DPCM_RUN_STOPPED] = {
		NONE, NONE, NONE, SNDRV_PCM_TRIGGER_START,
	},
	[SND_SOC_DPCM_RUN_PAUSED] = {
		SNDRV_PCM_TRIGGER_STOP, NONE, NONE,
		SNDRV_PCM_TRIGGER_PAUSE_RELEASE,
	},
	[SND_SOC_DPCM_RUN_SUSPENDED] = {
		NONE, NONE, NONE, SNDRV_PCM_TRIGGER_RESUME,
	},
	[SND_SOC_DPCM_RUN_STARTED] = {
		SNDRV_PCM_TRIGGER_STOP, SNDRV_PCM_TRIGGER_PAUSE_PUSH,
		SNDRV_PCM_TRIGGER_SUSPEND, NONE,
	},
};

static const u8 dpcm_run_state[4] = {
	[SND_SOC_DPCM_RUN_STOPPED]	= SND_SOC_DPCM_STATE_STOP,
	[SND_SOC_DPCM_RUN_PAUSED]	= SND_SOC_DPCM_STATE_PAUSED,
	[SND_SOC_DPCM_RUN_SUSPENDED]	= SND_SOC_DPCM_STATE_SUSPEND,
	[SND_SOC_DPCM_RUN_STARTED]	= SND_SOC_DPCM_STATE_START,
};

/**
 * dpcm_set_state - store a new state of an FE or a BE
 * @rtd: the FE or BE
 * @stream: its direction
 * @state: the state
 *
 * Called with its stream lock held.
 */
void dpcm_set_state(struct snd_soc_pcm_runtime *rtd, int stream,
		    enum snd_soc_dpcm_state state)
{
	dpcm_assert_stream_locked(rtd, stream);

	rtd->dpcm[stream].state = state;
	trace_dpcm_state(rtd, stream, state);
}

/**
 * dpcm_be_unprepare - require a prepare of a BE before its next start
 * @be: the BE
 * @stream: its direction
 *
 * Called with the BE's stream lock held.
 */
void dpcm_be_unprepare(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(be_lock)
{
	dpcm_set_state(be, stream, SND_SOC_DPCM_STATE_HW_PARAMS);
	be->dpcm[stream].lost = true;
}

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

	wanted = dpcm_links_want(dpcm, link);
	if (run >= 0 && run != wanted) {
		cmd = dpcm_command[run][wanted];
		if (cmd != NONE) {
			dev_dbg(be->dev, "ASoC: trigger BE %s cmd %d\n",
				be->dai_link->name, cmd);
			ret = soc_pcm_trigger(be_substream, cmd);
			if (ret >= 0)
				dpcm->state = dpcm_run_state[wanted];
		} else if (run == SND_SOC_DPCM_RUN_SUSPENDED &&
			   wanted == SND_SOC_DPCM_RUN_STOPPED) {
			dpcm_be_unprepare(be, stream);
		}
	} else if (run < 0 && dpcm->lost && wanted == SND_SOC_DPCM_RUN_STARTED) {
		ret = -EBADFD;
	}
	trace_dpcm_be_trigger(be, stream, run, wanted, cmd, ret);
	return min(ret, 0);
}

/**
 * dpcm_be_follow - bring a BE to the state that its links request
 * @be: the BE
 * @stream: its direction
 *
 * On an error the BE stays in the state that it had; the next change of a link tries
 * again. A BE that is not prepared gets no command.
 *
 * Called with the BE's stream lock held. Does not sleep unless the BE is nonatomic.
 *
 * Return: 0, the error of the BE's trigger, or -EBADFD for a start of a BE that must be
 * prepared again first.
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
 * The substream of a BE has no runtime of its own, but drivers read it. So it gets the
 * runtime of an FE: of one for which the BE is configured, if there is one, else of one
 * for which the BE is open. As long as an FE is no better than others, the BE keeps the
 * runtime that it has.
 *
 * Called with the BE's stream lock held, whenever a stage of a link changes.
 */
void dpcm_be_borrow_runtime(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(be_lock)
{
	struct snd_pcm_substream *be_substream = dpcm_substream(be, stream);
	struct snd_pcm_runtime *runtime, *best = NULL;
	struct snd_soc_pcm_runtime *fe = NULL;
	struct snd_soc_dpcm *dpcm;
	int rank, highest = 0;

	dpcm_assert_stream_locked(be, stream);

	/* The FE of a compressed stream has none to lend. */
	for_each_dpcm_fe(be, stream, dpcm) {
		runtime = dpcm_substream(dpcm->fe, stream)->runtime;
		if (!runtime || dpcm->stage == SND_SOC_DPCM_STAGE_CLOSED)
			continue;
		rank = 1 + (runtime == be_substream->runtime) +
		       2 * (dpcm->stage >= SND_SOC_DPCM_STAGE_PARAMS);
		if (rank <= highest)
			continue;
		highest = rank;
		best = runtime;
		fe = dpcm->fe;
	}
	if (be_substream->runtime == best)
		return;
	be_substream->runtime = best;
	trace_dpcm_link(fe, be, stream, SND_DPCM_TRACE_REPARENT);
}

/*
 * State of a link
 */

/* Get the state that a link requests after a command of its FE. */
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
 * dpcm_in_scope - check whether an operation is for a link
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

/* Undo a command for the links before @end. */
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

/* Store a command in a link, if the command is for it, and let its BE follow. */
static int dpcm_link_trigger(struct snd_soc_dpcm *dpcm, int stream, int cmd,
			     enum snd_soc_dpcm_scope scope)
	__must_hold(fe_lock)
{
	struct snd_soc_pcm_runtime *fe = dpcm->fe, *be = dpcm->be;
	struct snd_pcm_substream *be_substream = dpcm_substream(be, stream);
	unsigned long flags;
	int ret = 0;

	snd_pcm_stream_lock_irqsave(be_substream, flags);
	dpcm->was = dpcm->run;
	if (scope == SND_SOC_DPCM_SCOPE_ALL || dpcm_in_scope(dpcm, scope))
		dpcm->run = dpcm_link_next(dpcm, cmd);
	trace_dpcm_link_trigger(fe, be, stream, cmd, dpcm->was, dpcm->run,
				dpcm->stage == SND_SOC_DPCM_STAGE_READY);
	if (dpcm->run != dpcm->was)
		ret = dpcm_be_follow_link(be, be_substream, dpcm);
	if (unlikely(ret < 0) && !dpcm_is_final(cmd))
		dpcm->run = dpcm->was;
	snd_pcm_stream_unlock_irqrestore(be_substream, flags);
	return ret;
}

/**
 * dpcm_links_trigger - let BEs of an FE follow a command
 * @fe: the FE
 * @stream: its direction
 * @cmd: SNDRV_PCM_TRIGGER_*
 * @scope: for which of its links
 *
 * The state that the FE requests is stored in each link, and the BE of the link follows
 * all of its links. If a BE returns an error, the links before it are restored. STOP and
 * SUSPEND are the exception, see dpcm_is_final(): they go to all BEs and are not undone.
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
		ret = dpcm_link_trigger(dpcm, stream, cmd, scope);
		if (likely(ret >= 0))
			continue;
		dev_err_ratelimited(dpcm->be->dev, "ASoC: BE %s: trigger %d for FE %s failed: %d\n",
				    dpcm->be->dai_link->name, cmd, fe->dai_link->name, ret);
		err = ret;
		if (!dpcm_is_final(cmd)) {
			dpcm_links_undo(fe, stream, dpcm);
			break;
		}
	}
	return err;
}

/**
 * dpcm_links_start_new - start the new links of an FE that runs
 * @fe: the FE
 * @stream: its direction
 *
 * A link whose BE returns an error is marked for removal; the others start.
 *
 * Called with card->pcm_mutex and the FE's stream lock held. Does not sleep unless the
 * FE is nonatomic.
 *
 * Return: 0, or the first error of a BE.
 */
int dpcm_links_start_new(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex) __must_hold(fe_lock)
{
	struct snd_soc_dpcm *dpcm;
	int err = 0, ret;

	dpcm_assert_stream_locked(fe, stream);

	for_each_dpcm_be(fe, stream, dpcm) {
		if (!dpcm_in_scope(dpcm, SND_SOC_DPCM_SCOPE_NEW))
			continue;
		ret = dpcm_link_trigger(dpcm, stream, SNDRV_PCM_TRIGGER_START,
					SND_SOC_DPCM_SCOPE_ALL);
		if (ret < 0)
			dpcm_link_leave(dpcm, stream);
		err = err ?: min(ret, 0);
	}
	return err;
}

/**
 * dpcm_be_dai_trigger - let all BEs of an FE follow a command
 * @fe: the FE that has received the command
 * @stream: its direction
 * @cmd: SNDRV_PCM_TRIGGER_*
 *
 * For FEs that are triggered elsewhere, as those of compressed streams are.
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

/**
 * dpcm_inverse - get the command that undoes another one
 * @cmd: SNDRV_PCM_TRIGGER_*
 *
 * Return: SNDRV_PCM_TRIGGER_*, negative if there is none or none is needed.
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
		dev_dbg(fe->dev, "ASoC: pre trigger FE %s cmd %d\n",
			fe->dai_link->name, cmd);
		err = soc_pcm_trigger(fe_substream, cmd);
		if (err < 0 && !dpcm_is_final(cmd))
			return err;
	}

	ret = dpcm_links_trigger(fe, stream, cmd, SND_SOC_DPCM_SCOPE_ALL);
	if (ret < 0 && fe_first && dpcm_inverse(cmd) != NONE)
		soc_pcm_trigger(fe_substream, dpcm_inverse(cmd));
	if (fe_first || (ret < 0 && !dpcm_is_final(cmd)))
		return err ?: ret;

	dev_dbg(fe->dev, "ASoC: post trigger FE %s cmd %d\n",
		fe->dai_link->name, cmd);
	err = soc_pcm_trigger(fe_substream, cmd);
	if (err < 0 && !dpcm_is_final(cmd))
		dpcm_links_undo(fe, stream, NULL);
	return ret ?: err;
}

/**
 * dpcm_dai_trigger_fe_be - send a command to an FE and to its BEs
 * @fe_substream: the FE's substream
 * @cmd: SNDRV_PCM_TRIGGER_*
 * @fe_first: the FE before its BEs
 *
 * If the second of the two returns an error, the first is brought back to its old state.
 * STOP and SUSPEND are sent to both in any case.
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
