// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: front ends with a DMA that has no data.
 *
 * The DMA of a FE is a position in the buffer, moved by one of two clocks. A test
 * steps it ("step" in debugfs), so that it moves at the test's request only; or it
 * runs free ("period_us"): a timer for each running FE ends a period each time, in
 * hard interrupt context like a DMA controller; under PREEMPT_RT in a thread, as the
 * stream lock sleeps there. If the PCM is nonatomic its stream lock is a mutex, and a
 * work item does what the timer cannot do. On an emulated CPU the interrupt of a fast
 * DMA may take longer than the period: the clock then runs slower, as otherwise no
 * other code would run.
 *
 * Tests also use a stream from outside of its callbacks, to stop it, to suspend it,
 * to hold its lock. Such a user pins the FE, and close waits until no pin is left: by
 * then ALSA has not yet freed the runtime.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <sound/pcm_params.h>
#include <sound/soc.h>
#include <sound/soc-dpcm.h>

#include "../vendor-nc/compat.h"
#include "dpcm-sim.h"

#define DPCM_SIM_BUFFER_BYTES	SZ_32K
#define DPCM_SIM_PERIOD_BYTES	64
#define DPCM_SIM_REST		7	/* times as long as its last interrupt took */

static const struct snd_pcm_hardware dpcm_sim_hardware = {
	.info = SNDRV_PCM_INFO_MMAP | SNDRV_PCM_INFO_MMAP_VALID |
		SNDRV_PCM_INFO_INTERLEAVED | SNDRV_PCM_INFO_BLOCK_TRANSFER |
		SNDRV_PCM_INFO_PAUSE | SNDRV_PCM_INFO_RESUME,
	.buffer_bytes_max = DPCM_SIM_BUFFER_BYTES,
	.period_bytes_min = DPCM_SIM_PERIOD_BYTES,
	.period_bytes_max = DPCM_SIM_BUFFER_BYTES / 2,
	.periods_min = 2,
	.periods_max = DPCM_SIM_BUFFER_BYTES / DPCM_SIM_PERIOD_BYTES,
};

/**
 * dpcm_sim_fe_of() - find a FE
 * @component: of the FEs
 * @rtd: the link of the FE
 */
struct dpcm_sim_fe *dpcm_sim_fe_of(struct snd_soc_component *component,
				   struct snd_soc_pcm_runtime *rtd)
{
	struct dpcm_sim *sim = dpcm_sim_of(component);

	return &sim->fe[rtd->dai_link->id];
}

static struct dpcm_sim_fe *dpcm_sim_pcm_fe(struct snd_soc_component *component,
					   struct snd_pcm_substream *substream)
{
	return dpcm_sim_fe_of(component, snd_pcm_substream_chip(substream));
}

/*
 * Pins
 */

static bool dpcm_sim_pin(struct dpcm_sim_fe *fe)
{
	bool pinned;

	spin_lock_irq(&fe->sim->lock);
	pinned = fe->open && !fe->compressed;
	if (pinned)
		fe->pins++;
	spin_unlock_irq(&fe->sim->lock);

	return pinned;
}

static void dpcm_sim_unpin(struct dpcm_sim_fe *fe)
{
	spin_lock_irq(&fe->sim->lock);
	if (!--fe->pins)
		wake_up_all(&fe->sim->unpinned);
	spin_unlock_irq(&fe->sim->lock);
}

static bool dpcm_sim_is_unpinned(struct dpcm_sim_fe *fe)
{
	bool unpinned;

	spin_lock_irq(&fe->sim->lock);
	unpinned = !fe->pins;
	spin_unlock_irq(&fe->sim->lock);

	return unpinned;
}

/*
 * The two clocks
 */

/* Move on by at most a number of frames, but not beyond the end of a period. */
static unsigned int dpcm_sim_move(struct dpcm_sim_fe *fe, unsigned int frames,
				  bool *elapsed)
{
	unsigned int pos;

	lockdep_assert_held(&fe->sim->lock);
	*elapsed = false;
	if (fe->run != DPCM_SIM_RUN || !fe->period)
		return 0;

	frames = min(frames, fe->period - fe->pos % fe->period);
	pos = fe->pos + frames;
	*elapsed = !(pos % fe->period);
	WRITE_ONCE(fe->pos, pos < fe->buffer ? pos : 0);

	return frames;
}

static void dpcm_sim_step_fe(struct dpcm_sim_fe *fe, unsigned int frames)
{
	unsigned int moved;
	bool elapsed;

	do {
		spin_lock_irq(&fe->sim->lock);
		moved = dpcm_sim_move(fe, frames, &elapsed);
		spin_unlock_irq(&fe->sim->lock);
		if (elapsed)
			snd_pcm_period_elapsed(fe->substream);
		frames -= moved;
	} while (moved && frames);
}

/**
 * dpcm_sim_step() - move all running FEs
 * @sim: the card
 * @frames: number of frames
 *
 * Context: process context.
 */
void dpcm_sim_step(struct dpcm_sim *sim, unsigned int frames)
{
	int i;

	for (i = 0; i < sim->fes; i++) {
		if (!dpcm_sim_pin(&sim->fe[i]))
			continue;
		dpcm_sim_step_fe(&sim->fe[i], frames);
		dpcm_sim_unpin(&sim->fe[i]);
	}
}

/* The timer runs while the DMA and the free running clock do. */
static void dpcm_sim_kick(struct dpcm_sim_fe *fe)
{
	u64 period = (u64)fe->sim->period_us * NSEC_PER_USEC;

	lockdep_assert_held(&fe->sim->lock);
	if (fe->run == DPCM_SIM_RUN && period && !hrtimer_is_queued(&fe->timer))
		hrtimer_start(&fe->timer,
			      ns_to_ktime(max(period, DPCM_SIM_REST * fe->took)),
			      HRTIMER_MODE_REL);
}

/**
 * dpcm_sim_set_period() - set the period of the free running clock
 * @sim: the card
 * @us: microseconds; 0 stops it
 *
 * Context: process context.
 */
void dpcm_sim_set_period(struct dpcm_sim *sim, unsigned int us)
{
	int i;

	spin_lock_irq(&sim->lock);
	sim->period_us = us;
	for (i = 0; i < sim->fes; i++)
		if (!sim->fe[i].compressed)
			dpcm_sim_kick(&sim->fe[i]);
	spin_unlock_irq(&sim->lock);
}

/* One period of the free running clock, from the timer or the work */
static void dpcm_sim_tick(struct dpcm_sim_fe *fe)
{
	u64 begin = ktime_get_ns();
	unsigned long flags;
	bool elapsed;

	spin_lock_irqsave(&fe->sim->lock, flags);
	dpcm_sim_move(fe, fe->period, &elapsed);
	spin_unlock_irqrestore(&fe->sim->lock, flags);
	if (elapsed)
		snd_pcm_period_elapsed(fe->substream);

	/* It may have been stopped by that, and started again since. */
	spin_lock_irqsave(&fe->sim->lock, flags);
	fe->took = ktime_get_ns() - begin;
	dpcm_sim_kick(fe);
	spin_unlock_irqrestore(&fe->sim->lock, flags);
}

static void dpcm_sim_elapsed(struct work_struct *work)
{
	dpcm_sim_tick(container_of(work, struct dpcm_sim_fe, elapsed));
}

static enum hrtimer_restart dpcm_sim_timer(struct hrtimer *timer)
{
	struct dpcm_sim_fe *fe = container_of(timer, struct dpcm_sim_fe, timer);

	if (fe->substream->pcm->nonatomic)
		queue_work(system_highpri_wq, &fe->elapsed);
	else
		dpcm_sim_tick(fe);

	return HRTIMER_NORESTART;
}

/*
 * Operations of tests on a stream
 */

/**
 * dpcm_sim_xrun() - let a stream underrun or overrun
 * @fe: its FE
 *
 * Once "hold" shows the caller as waiting, no other thread gets the stream lock before
 * it.
 *
 * Return: 0, or -EBADFD if it is not open.
 */
int dpcm_sim_xrun(struct dpcm_sim_fe *fe)
{
	bool atomic;

	if (!dpcm_sim_pin(fe))
		return -EBADFD;

	atomic = !fe->substream->pcm->nonatomic;
	if (atomic)
		preempt_disable();
	atomic_inc(&fe->waits);
	snd_pcm_stop_xrun(fe->substream);
	atomic_dec(&fe->waits);
	if (atomic)
		preempt_enable();
	dpcm_sim_unpin(fe);

	return 0;
}

/**
 * dpcm_sim_hold() - hold the lock of a stream
 * @fe: its FE
 * @us: duration in microseconds
 * @xrun: let the stream underrun or overrun at the end, with the lock still held, as a
 *	period interrupt does
 *
 * Return: 0, or -EBADFD if it is not open.
 */
int dpcm_sim_hold(struct dpcm_sim_fe *fe, unsigned int us, bool xrun)
{
	struct snd_pcm_substream *substream;
	bool atomic;

	if (!dpcm_sim_pin(fe))
		return -EBADFD;

	substream = fe->substream;
	atomic = !substream->pcm->nonatomic;
	if (atomic)
		preempt_disable();
	atomic_inc(&fe->waits);
	snd_pcm_stream_lock_irq(substream);
	atomic_dec(&fe->waits);
	WRITE_ONCE(fe->held, us);
	dpcm_sim_take_time(&fe->held, false);
	WRITE_ONCE(fe->held, 0);
	if (xrun && snd_pcm_running(substream))
		snd_pcm_stop(substream, SNDRV_PCM_STATE_XRUN);
	snd_pcm_stream_unlock_irq(substream);
	if (atomic)
		preempt_enable();
	dpcm_sim_unpin(fe);

	return 0;
}

/**
 * dpcm_sim_let_go() - release a held stream lock before its time
 * @fe: its FE
 */
void dpcm_sim_let_go(struct dpcm_sim_fe *fe)
{
	WRITE_ONCE(fe->held, 0);
}

/**
 * dpcm_sim_suspend() - suspend all streams, as the system does
 * @sim: the card
 *
 * Their users resume them. No FE is pinned: the core keeps them from being closed.
 */
void dpcm_sim_suspend(struct dpcm_sim *sim)
{
	struct snd_pcm_substream *substream;
	int i;

	for (i = 0; i < sim->fes; i++) {
		substream = READ_ONCE(sim->fe[i].substream);
		if (substream && !sim->fe[i].compressed)
			snd_pcm_suspend_all(substream->pcm);
	}
}

/*
 * PCM operations
 */

static int dpcm_sim_fe_new(struct snd_soc_component *component,
			   struct snd_soc_pcm_runtime *rtd)
{
	return snd_pcm_set_managed_buffer_all(rtd->pcm,
					      SNDRV_DMA_TYPE_CONTINUOUS, NULL,
					      DPCM_SIM_BUFFER_BYTES,
					      DPCM_SIM_BUFFER_BYTES);
}

static bool dpcm_sim_fe_fails(struct dpcm_sim_fe *fe, enum dpcm_sim_step step)
{
	bool fails;

	spin_lock_irq(&fe->sim->lock);
	fails = dpcm_sim_fails(fe->fail, step);
	spin_unlock_irq(&fe->sim->lock);

	return fails;
}

static int dpcm_sim_fe_open(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream)
{
	struct dpcm_sim_fe *fe = dpcm_sim_pcm_fe(component, substream);
	struct snd_pcm_hardware *hw = &substream->runtime->hw;

	dpcm_sim_record_call(substream, "open");
	if (dpcm_sim_fe_fails(fe, DPCM_SIM_STEP_STARTUP))
		return -EIO;
	snd_soc_set_runtime_hwparams(substream, &dpcm_sim_hardware);
	if (dpcm_sim_kind.nores)
		hw->info &= ~SNDRV_PCM_INFO_RESUME;
	if (dpcm_sim_kind.hwlim) {
		hw->rates = SNDRV_PCM_RATE_48000;
		hw->rate_min = 48000;
		hw->rate_max = 48000;
	}
	spin_lock_irq(&fe->sim->lock);
	fe->substream = substream;
	fe->open = true;
	fe->run = DPCM_SIM_STOP;
	fe->period = 0;
	spin_unlock_irq(&fe->sim->lock);

	return 0;
}

static int dpcm_sim_fe_sync_stop(struct snd_soc_component *component,
				 struct snd_pcm_substream *substream)
{
	struct dpcm_sim_fe *fe = dpcm_sim_pcm_fe(component, substream);

	/* Stopped, so neither of them starts the other again. */
	hrtimer_cancel(&fe->timer);
	cancel_work_sync(&fe->elapsed);

	return 0;
}

static int dpcm_sim_fe_close(struct snd_soc_component *component,
			     struct snd_pcm_substream *substream)
{
	struct dpcm_sim_fe *fe = dpcm_sim_pcm_fe(component, substream);

	dpcm_sim_record_call(substream, "close");
	spin_lock_irq(&fe->sim->lock);
	fe->open = false;
	fe->run = DPCM_SIM_STOP;
	spin_unlock_irq(&fe->sim->lock);
	wait_event(fe->sim->unpinned, dpcm_sim_is_unpinned(fe));

	return dpcm_sim_fe_sync_stop(component, substream);
}

static int dpcm_sim_fe_hw_params(struct snd_soc_component *component,
				 struct snd_pcm_substream *substream,
				 struct snd_pcm_hw_params *params)
{
	struct dpcm_sim_fe *fe = dpcm_sim_pcm_fe(component, substream);

	dpcm_sim_record_hw_params(component, substream, params);
	if (dpcm_sim_fe_fails(fe, DPCM_SIM_STEP_HW_PARAMS))
		return -EIO;
	spin_lock_irq(&fe->sim->lock);
	dpcm_sim_note_sound(&fe->sound, params);
	spin_unlock_irq(&fe->sim->lock);

	return 0;
}

static int dpcm_sim_fe_prepare(struct snd_soc_component *component,
			       struct snd_pcm_substream *substream)
{
	struct dpcm_sim_fe *fe = dpcm_sim_pcm_fe(component, substream);

	dpcm_sim_record_call(substream, "prepare");
	if (dpcm_sim_fe_fails(fe, DPCM_SIM_STEP_PREPARE))
		return -EIO;
	spin_lock_irq(&fe->sim->lock);
	WRITE_ONCE(fe->pos, 0);
	fe->took = 0;
	fe->period = substream->runtime->period_size;
	fe->buffer = substream->runtime->buffer_size;
	fe->run = DPCM_SIM_STOP;
	spin_unlock_irq(&fe->sim->lock);

	return 0;
}

/**
 * dpcm_sim_fe_do_trigger() - trigger a FE
 * @fe: the FE
 * @rtd: its link
 * @cmd: the command
 *
 * Context: any.
 */
int dpcm_sim_fe_do_trigger(struct dpcm_sim_fe *fe,
			   struct snd_soc_pcm_runtime *rtd, int cmd)
{
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&fe->sim->lock, flags);
	if (cmd < 0 || cmd >= DPCM_SIM_COMMANDS || !dpcm_sim_commands[cmd].name) {
		ret = -EINVAL;
		goto out;
	}
	if (dpcm_sim_fails_command(fe->fail, cmd)) {
		ret = -EIO;
		goto out;
	}
	dpcm_sim_judge_fe(fe, rtd);
	if (!(dpcm_sim_commands[cmd].from & BIT(fe->run)))
		dpcm_sim_fault(fe->sim, "fe%d: %s while %s", fe->id,
			       dpcm_sim_commands[cmd].name, dpcm_sim_doing[fe->run]);
	fe->run = dpcm_sim_commands[cmd].to;
	dpcm_sim_judge_fe(fe, rtd);
	if (!fe->compressed) {
		dpcm_sim_kick(fe);
		if (fe->run != DPCM_SIM_RUN)
			hrtimer_try_to_cancel(&fe->timer);
	}
out:
	spin_unlock_irqrestore(&fe->sim->lock, flags);

	return ret;
}

static int dpcm_sim_fe_trigger(struct snd_soc_component *component,
			       struct snd_pcm_substream *substream, int cmd)
{
	dpcm_sim_record_trigger(component, substream, cmd);
	return dpcm_sim_fe_do_trigger(dpcm_sim_pcm_fe(component, substream),
				      snd_pcm_substream_chip(substream), cmd);
}

static snd_pcm_uframes_t
dpcm_sim_fe_pointer(struct snd_soc_component *component,
		    struct snd_pcm_substream *substream)
{
	return READ_ONCE(dpcm_sim_pcm_fe(component, substream)->pos);
}

/*
 * DAIs
 */

#ifdef NC1_BESPOKE_TRIGGER
/* Here the driver of the FE must trigger the BEs: in the order of "PRE". */
static int dpcm_sim_fe_bespoke(struct snd_pcm_substream *substream, int cmd,
			       struct snd_soc_dai *dai)
{
	struct snd_soc_pcm_runtime *rtd = snd_pcm_substream_chip(substream);
	struct dpcm_sim *sim = dpcm_sim_of(dai->component);
	struct dpcm_sim_fe *fe = &sim->fe[rtd->dai_link->id];
	int stream = substream->stream;

	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
	case SNDRV_PCM_TRIGGER_RESUME:
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		return dpcm_sim_fe_do_trigger(fe, rtd, cmd) ?:
		       dpcm_be_dai_trigger(rtd, stream, cmd);
	default:
		return dpcm_be_dai_trigger(rtd, stream, cmd) ?:
		       dpcm_sim_fe_do_trigger(fe, rtd, cmd);
	}
}
#endif

const struct snd_soc_dai_ops dpcm_sim_fe_dai_ops = {
#ifdef NC1_BESPOKE_TRIGGER
	.bespoke_trigger = dpcm_sim_fe_bespoke,
#endif
};

const struct snd_soc_component_driver dpcm_sim_fe_driver = {
	.name = "dpcm-sim-fe",
	.pcm_new = dpcm_sim_fe_new,
	.open = dpcm_sim_fe_open,
	.close = dpcm_sim_fe_close,
	.hw_params = dpcm_sim_fe_hw_params,
	.hw_free = dpcm_sim_record_hw_free,
	.prepare = dpcm_sim_fe_prepare,
	.trigger = dpcm_sim_fe_trigger,
	.sync_stop = dpcm_sim_fe_sync_stop,
	.pointer = dpcm_sim_fe_pointer,
	.compress_ops = &dpcm_sim_compress_ops,
	.module_get_upon_open = 1,
	.debugfs_prefix = "fe",
};

/**
 * dpcm_sim_fe_init() - initialise a FE before the card is registered
 * @sim: the card, with its numbers set
 * @id: number of the FE
 */
void dpcm_sim_fe_init(struct dpcm_sim *sim, int id)
{
	struct dpcm_sim_fe *fe = &sim->fe[id];

	fe->sim = sim;
	fe->id = id;
	fe->compressed = id == sim->playback + sim->captures;
	fe->stream = id >= sim->playback && !fe->compressed ?
		     SNDRV_PCM_STREAM_CAPTURE : SNDRV_PCM_STREAM_PLAYBACK;
	hrtimer_setup(&fe->timer, dpcm_sim_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	INIT_WORK(&fe->elapsed, dpcm_sim_elapsed);
}
