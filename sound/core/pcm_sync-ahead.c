// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit sync of PCM buffers by a timer: uncommitted frames that are played next,
 * and the rest of ranges that were too long to be synced at once.
 *
 * An application that has mapped its buffer and does not stop when it is empty
 * (stop_threshold greater than the buffer) need not commit the frames that it stores;
 * dmix, OSS games and Android's AAudio do not. The core is not called when frames are
 * stored. So it syncs the half period that is played next, each time that 7/32 of a
 * period have been played: frames that were stored a quarter of a period ahead are
 * heard. Committed frames were synced by the commit and are left out; the timer sleeps
 * until the device comes near the end of them.
 *
 *	          hw_ptr            given_ptr
 *	             |------ committed ------|
 *	             |---- half a period ----------|
 *	                                     |-----| is synced
 *
 * The timer's callback takes the stream lock and syncs in interrupt context, as a
 * thread might not run in time: at the highest rate, 4 KiB are played in 0.7 ms. For a
 * nonatomic PCM, whose stream lock is a mutex, a work item does the same.
 */
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <sound/core.h>
#include <sound/pcm.h>

#include "pcm_local.h"
#include "pcm_sync.h"
#include "pcm_sync-compat.h"

/* Check whether an application may store frames without a commit. */
static bool sync_is_uncommitted(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	return substream->stream == SNDRV_PCM_STREAM_PLAYBACK &&
	       atomic_read(&substream->mmap_count) > 0 &&
	       runtime->stop_threshold > runtime->buffer_size;
}

/* How many frames are synced ahead of hw_ptr */
static snd_pcm_uframes_t sync_ahead_frames(struct snd_pcm_runtime *runtime)
{
	return clamp_t(snd_pcm_uframes_t, runtime->period_size / 2, 1,
		       bytes_to_frames(runtime, SND_PCM_SYNC_AHEAD_BYTES));
}

/* Let the timer expire when @frames have been played, unless it expires before. */
static void sync_arm(struct snd_pcm_substream *substream, snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct hrtimer *tick = &runtime->dma_sync->tick;
	u64 ns = div_u64((u64)frames * NSEC_PER_SEC, runtime->rate);
	ktime_t delay = ns_to_ktime(max_t(u64, ns, 50 * NSEC_PER_USEC));

	if (hrtimer_is_queued(tick) && hrtimer_get_remaining(tick) <= delay)
		return;
	hrtimer_start(tick, delay, HRTIMER_MODE_REL);
}

/*
 * Return the position of the device. If hw_ptr moves in steps of a period (INFO_BATCH),
 * the position in between is computed from the time, from the @start of the stream on.
 */
static snd_pcm_uframes_t sync_position(struct snd_pcm_runtime *runtime, bool start)
{
	struct snd_pcm_sync *sync = runtime->dma_sync;
	snd_pcm_uframes_t hw_ptr = runtime->status->hw_ptr;
	u64 passed;

	if (!(runtime->hw.info & SNDRV_PCM_INFO_BATCH))
		return hw_ptr;
	if (start || hw_ptr != sync->hw_seen) {
		sync->hw_seen = hw_ptr;
		sync->hw_time = ktime_get();
	}
	passed = ktime_us_delta(ktime_get(), sync->hw_time) * runtime->rate;
	hw_ptr += min_t(u64, div_u64(passed, USEC_PER_SEC), runtime->period_size);

	return hw_ptr >= runtime->boundary ? hw_ptr - runtime->boundary : hw_ptr;
}

/*
 * Sync uncommitted frames that are played next, if that is due or the stream is about
 * to @start. Return the number of frames after which it is due again.
 */
static snd_pcm_uframes_t sync_uncommitted(struct snd_pcm_substream *substream,
					  bool start)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	snd_pcm_uframes_t hw_ptr, ahead, gap, given, passed;
	struct snd_pcm_sync_ring ring;

	snd_pcm_sync_ring_of(runtime, &ring);
	hw_ptr = sync_position(runtime, start);
	ahead = sync_ahead_frames(runtime);
	gap = max_t(snd_pcm_uframes_t, ahead * 7 / 16, 1);
	passed = snd_pcm_sync_span(&ring, sync->ahead_ptr, hw_ptr);
	if (!start && passed < gap)
		return gap - passed;

	sync->ahead_ptr = hw_ptr;
	given = snd_pcm_sync_lead(&ring, hw_ptr, sync->given_ptr);
	if (!given)
		sync->given_ptr = hw_ptr;
	/* after a rewind, what is behind appl_ptr may be stored again */
	given = min(given, snd_pcm_sync_lead(&ring, hw_ptr, runtime->control->appl_ptr));
	if (given >= ahead)
		return max(given - ahead, gap);
	snd_pcm_sync_frames(substream, SND_PCM_SYNC_AHEAD, hw_ptr + given, ahead - given);

	return gap;
}

/* Sync a piece of the rest. Return the number of frames after which the next is due. */
static snd_pcm_uframes_t sync_later(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	snd_pcm_uframes_t frames;

	frames = min_t(snd_pcm_uframes_t, sync->todo_frames,
		       bytes_to_frames(runtime, SND_PCM_SYNC_LATER_BYTES));
	snd_pcm_sync_frames(substream, SND_PCM_SYNC_LATER, sync->todo_ptr, frames);
	sync->todo_ptr = (sync->todo_ptr + frames) % runtime->buffer_size;
	sync->todo_frames -= frames;

	return max_t(snd_pcm_uframes_t, frames / 2, 1);
}

static void sync_tick_locked(struct snd_pcm_sync *sync)
{
	struct snd_pcm_substream *substream = sync->substream;

	snd_pcm_sync_assert_stream_lock(substream);

	/* a stream that does not run has no deadline */
	if (substream->runtime->dma_sync != sync || !snd_pcm_running(substream))
		return;
	if (sync->todo_frames)
		sync_arm(substream, sync_later(substream));
	if (sync_is_uncommitted(substream) && snd_pcm_update_hw_ptr(substream) >= 0 &&
	    snd_pcm_running(substream))
		sync_arm(substream, sync_uncommitted(substream, false));
}

static void sync_work(struct work_struct *work)
{
	struct snd_pcm_sync *sync = container_of(work, struct snd_pcm_sync, work);

	snd_pcm_stream_lock_irq(sync->substream);
	sync_tick_locked(sync);
	snd_pcm_stream_unlock_irq(sync->substream);
}

static enum hrtimer_restart sync_tick(struct hrtimer *timer)
{
	struct snd_pcm_sync *sync = container_of(timer, struct snd_pcm_sync, tick);
	unsigned long flags;

	if (sync->substream->pcm->nonatomic) {
		queue_work(system_highpri_wq, &sync->work);
	} else {
		snd_pcm_stream_lock_irqsave(sync->substream, flags);
		sync_tick_locked(sync);
		snd_pcm_stream_unlock_irqrestore(sync->substream, flags);
	}

	return HRTIMER_NORESTART;
}

/* Sync at most @bytes now and leave the rest to the timer. */
static void sync_some(struct snd_pcm_substream *substream,
		      enum snd_pcm_sync_who who,
		      snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames,
		      size_t bytes)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	struct snd_pcm_sync_ring ring;
	snd_pcm_uframes_t now;

	now = min_t(snd_pcm_uframes_t, frames, bytes_to_frames(runtime, bytes));
	snd_pcm_sync_frames(substream, who, ptr, now);
	if (now == frames)
		return;
	snd_pcm_sync_ring_of(runtime, &ring);
	snd_pcm_sync_join(&ring, &sync->todo_ptr, &sync->todo_frames,
			  (ptr + now) % ring.frames, frames - now);
	sync_arm(substream, max_t(snd_pcm_uframes_t, now / 2, 1));
}

/**
 * snd_pcm_sync_ahead_init() - initialise the timer of a substream
 * @sync: state of the substream
 */
void snd_pcm_sync_ahead_init(struct snd_pcm_sync *sync)
{
	INIT_WORK(&sync->work, sync_work);
	hrtimer_setup(&sync->tick, sync_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

/**
 * snd_pcm_sync_ahead_exit() - stop the timer of a substream
 * @sync: state of the substream, no longer in runtime->dma_sync, so that nothing arms
 *	the timer again
 *
 * Context: process context; no stream lock held.
 */
void snd_pcm_sync_ahead_exit(struct snd_pcm_sync *sync)
{
	hrtimer_cancel(&sync->tick);
	cancel_work_sync(&sync->work);
}

/**
 * snd_pcm_sync_ahead() - sync the frames that are due, and arm the timer for the next
 * @substream: the substream, which starts, goes on after a pause or a suspend, has
 *	come to the end of a period, or has new software parameters
 *
 * For capture that hands back the frames that were read: sync the whole ring for the
 * device at the start, so that no dirty line is written back over recorded data. Not
 * after a pause or a suspend: then frames may be recorded that hw_ptr does not include
 * yet, and that must still be synced for the CPU; their lines may be dirty.
 *
 * Context: any; stream lock held.
 */
void snd_pcm_sync_ahead(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	bool starts = !snd_pcm_running(substream);

	if (!sync)
		return;
	snd_pcm_sync_assert_stream_lock(substream);

	if (sync_is_uncommitted(substream))
		sync_arm(substream, sync_uncommitted(substream, starts));
	else if (runtime->state == SNDRV_PCM_STATE_PREPARED &&
		 snd_pcm_sync_hands_back(substream))
		sync_some(substream, SND_PCM_SYNC_HANDOVER, runtime->status->hw_ptr,
			  runtime->buffer_size, SND_PCM_SYNC_AHEAD_BYTES);
	if (sync->todo_frames)
		sync_arm(substream, 1);
}

/**
 * snd_pcm_sync_rewound() - note that an application has moved appl_ptr back
 * @substream: a playback substream
 *
 * The timer may sleep until the device comes near the end of the committed frames, and
 * that is nearer now.
 *
 * Context: any; stream lock held.
 */
void snd_pcm_sync_rewound(struct snd_pcm_substream *substream)
{
	if (!substream->runtime->dma_sync)
		return;
	snd_pcm_sync_assert_stream_lock(substream);

	if (snd_pcm_running(substream) && sync_is_uncommitted(substream))
		sync_arm(substream, 1);
}

/**
 * snd_pcm_sync_silence() - sync frames that the core has silenced
 * @substream: a playback substream
 * @hw_ptr: the new hw_ptr, if it is not yet published, or ULONG_MAX
 * @ptr: position of the first one in the ring
 * @frames: number of frames
 *
 * If the timer syncs ahead of hw_ptr, only frames that are too near for it are synced.
 *
 * Context: any; stream lock held.
 */
void snd_pcm_sync_silence(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t hw_ptr,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t ahead, lead;
	struct snd_pcm_sync_ring ring;

	if (!runtime->dma_sync)
		return;
	snd_pcm_sync_assert_stream_lock(substream);

	if (sync_is_uncommitted(substream)) {
		snd_pcm_sync_ring_of(runtime, &ring);
		if (hw_ptr == ULONG_MAX)
			hw_ptr = runtime->status->hw_ptr;
		hw_ptr %= ring.frames;
		lead = ptr >= hw_ptr ? ptr - hw_ptr : ptr + ring.frames - hw_ptr;
		ahead = sync_ahead_frames(runtime);
		if (lead >= ahead)
			return;
		frames = min(frames, ahead - lead);
	}
	sync_some(substream, SND_PCM_SYNC_SILENCE, ptr, frames,
		  SND_PCM_SYNC_SILENCE_BYTES);
}
