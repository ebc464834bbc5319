// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit sync of PCM buffers; see pcm_sync.h for what is synced when, and for
 * the locks.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <sound/core.h>
#include <sound/pcm.h>

#include "pcm_local.h"
#include "pcm_sync.h"

#define CREATE_TRACE_POINTS
#include <trace/events/snd_pcm_sync.h>

static void sync_assert_stream_lock(struct snd_pcm_substream *substream)
{
	if (substream->pcm->nonatomic)
		lockdep_assert_held(&substream->self_group.mutex);
	else
		lockdep_assert_held(&substream->self_group.lock);
}

static bool sync_is_playback(struct snd_pcm_substream *substream)
{
	return substream->stream == SNDRV_PCM_STREAM_PLAYBACK;
}

/* Whether there is a buffer, and a device that it belongs to. */
static bool sync_is_alive(struct snd_pcm_runtime *runtime)
{
	return runtime->state != SNDRV_PCM_STATE_OPEN &&
	       runtime->state != SNDRV_PCM_STATE_DISCONNECTED;
}

static void sync_ring_of(struct snd_pcm_runtime *runtime,
			 struct snd_pcm_sync_ring *ring)
{
	ring->frames = runtime->buffer_size;
	ring->boundary = runtime->boundary;
	switch (runtime->access) {
	case SNDRV_PCM_ACCESS_RW_NONINTERLEAVED:
	case SNDRV_PCM_ACCESS_MMAP_NONINTERLEAVED:
		ring->bits = runtime->sample_bits;
		ring->planes = runtime->channels;
		ring->plane_bytes = runtime->dma_bytes / runtime->channels;
		break;
	default:
		ring->bits = runtime->frame_bits;
		ring->planes = 1;
		ring->plane_bytes = runtime->dma_bytes;
		break;
	}
}

static void sync_for_device(void *data, size_t offset, size_t bytes)
{
	snd_dma_buffer_sync_range(data, SNDRV_DMA_SYNC_DEVICE, offset, bytes);
}

static void sync_for_cpu(void *data, size_t offset, size_t bytes)
{
	snd_dma_buffer_sync_range(data, SNDRV_DMA_SYNC_CPU, offset, bytes);
}

/* The buffer must be kept by one of the three things that pcm_sync.h names. */
static void sync_frames(struct snd_pcm_substream *substream,
			enum snd_pcm_sync_who who,
			snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	snd_pcm_sync_fn fn = who == SND_PCM_SYNC_HEARD ? sync_for_cpu : sync_for_device;
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync_ring ring;

	if (!frames)
		return;
	trace_snd_pcm_sync(substream, who, ptr, frames);
	/* Only the driver knows where the samples of this access are. */
	if (runtime->access == SNDRV_PCM_ACCESS_MMAP_COMPLEX) {
		fn(runtime->dma_buffer_p, 0, runtime->dma_bytes);
		return;
	}
	sync_ring_of(runtime, &ring);
	snd_pcm_sync_walk(&ring, ptr, frames, fn, runtime->dma_buffer_p);
}

/* Whether the stream plays what nobody commits; see snd_pcm_sync_ahead(). */
static bool sync_is_free_running(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	return snd_pcm_running(substream) && sync_is_playback(substream) &&
	       runtime->stop_threshold >= runtime->boundary &&
	       runtime->dma_sync->idle == runtime->buffer_size;
}

static void sync_arm_tick(struct snd_pcm_runtime *runtime)
{
	u64 ns = div_u64((u64)runtime->period_size * (NSEC_PER_SEC / 4),
			 runtime->rate);

	hrtimer_start(&runtime->dma_sync->tick,
		      ns_to_ktime(max_t(u64, ns, NSEC_PER_MSEC)),
		      HRTIMER_MODE_REL);
}

static enum hrtimer_restart sync_tick(struct hrtimer *timer)
{
	struct snd_pcm_sync *sync = container_of(timer, struct snd_pcm_sync, tick);

	queue_work(system_highpri_wq, &sync->work);

	return HRTIMER_NORESTART;
}

/*
 * About a quarter of a period has passed: what was written meanwhile for the next
 * is heard if it is handed over now. The timer need not agree with the sound's
 * clock, so hw_ptr is asked as well.
 */
static void sync_add_ahead(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	struct snd_pcm_sync_ring ring;
	snd_pcm_uframes_t hw_ptr;

	sync_assert_stream_lock(substream);

	if (!sync_is_free_running(substream) ||
	    snd_pcm_update_hw_ptr(substream) < 0)
		return;
	sync_ring_of(runtime, &ring);
	hw_ptr = runtime->status->hw_ptr;
	if (snd_pcm_sync_span(&ring, sync->ahead_ptr, hw_ptr) >=
	    runtime->period_size * 7 / 32) {
		sync->ahead_ptr = hw_ptr;
		snd_pcm_sync_join(&ring, &sync->todo_ptr, &sync->todo_frames,
				  hw_ptr, runtime->period_size * 9 / 32);
	}
	sync_arm_tick(runtime);
}

static void sync_work(struct work_struct *work)
{
	struct snd_pcm_sync *sync = container_of(work, struct snd_pcm_sync, work);
	struct snd_pcm_substream *substream = sync->substream;
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t ptr, frames = 0;

	mutex_lock(&runtime->buffer_mutex);
	snd_pcm_stream_lock_irq(substream);
	if (sync_is_alive(runtime)) {
		sync_add_ahead(substream);
		frames = sync->todo_frames;
	}
	ptr = sync->todo_ptr;
	sync->todo_frames = 0;
	snd_pcm_stream_unlock_irq(substream);
	sync_frames(substream, SND_PCM_SYNC_LATER, ptr, frames);
	mutex_unlock(&runtime->buffer_mutex);
}

/* Hand over at most @bytes now and leave the rest to the work. */
static void sync_some(struct snd_pcm_substream *substream,
		      enum snd_pcm_sync_who who,
		      snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames,
		      size_t bytes)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	struct snd_pcm_sync_ring ring;
	snd_pcm_uframes_t now = 0;

	sync_assert_stream_lock(substream);

	if (runtime->access != SNDRV_PCM_ACCESS_MMAP_COMPLEX)
		now = min_t(snd_pcm_uframes_t, frames,
			    bytes_to_frames(runtime, bytes));
	sync_frames(substream, who, ptr, now);
	if (now == frames)
		return;
	sync_ring_of(runtime, &ring);
	snd_pcm_sync_join(&ring, &sync->todo_ptr, &sync->todo_frames,
			  (ptr + now) % ring.frames, frames - now);
	queue_work(system_highpri_wq, &sync->work);
}

/**
 * snd_pcm_sync_open() - find out whether a substream needs explicit sync
 * @substream: the substream, which the driver has opened
 *
 * What decides is the device and the type of its buffers, not whether one was
 * allocated in advance.
 *
 * Context: process context, pcm->open_mutex held.
 * Return: 0, or -ENOMEM.
 */
int snd_pcm_sync_open(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync;

	if (substream->managed_buffer_alloc &&
	    (substream->dma_buffer.dev.need_sync ||
	     snd_dma_buffer_may_sync(&substream->dma_buffer)))
		runtime->hw.info |= SNDRV_PCM_INFO_EXPLICIT_SYNC;
	if (!(runtime->hw.info & SNDRV_PCM_INFO_EXPLICIT_SYNC))
		return 0;

	sync = kzalloc(sizeof(*sync), GFP_KERNEL);
	if (!sync)
		return -ENOMEM;
	sync->substream = substream;
	INIT_WORK(&sync->work, sync_work);
	hrtimer_init(&sync->tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	sync->tick.function = sync_tick;
	runtime->dma_sync = sync;

	return 0;
}

/**
 * snd_pcm_sync_close() - forget a substream
 * @substream: the substream, stopped, before its buffer is freed
 *
 * Context: process context, pcm->open_mutex held, no user left.
 */
void snd_pcm_sync_close(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (!runtime->dma_sync)
		return;
	/* the work arms the tick again only while the stream runs */
	hrtimer_cancel(&runtime->dma_sync->tick);
	cancel_work_sync(&runtime->dma_sync->work);
	kfree(runtime->dma_sync);
	runtime->dma_sync = NULL;
}

/**
 * snd_pcm_sync_handover() - give the whole buffer to the device
 * @runtime: the runtime, whose stream does not run
 *
 * After the CPU has cleared the buffer: the device must not find what was there
 * before, and when it records, no dirty line may fall upon its data later.
 *
 * Context: process context, buffer_mutex held.
 */
void snd_pcm_sync_handover(struct snd_pcm_runtime *runtime)
{
	if (!runtime->dma_sync)
		return;
	lockdep_assert_held(&runtime->buffer_mutex);

	trace_snd_pcm_sync(runtime->dma_sync->substream, SND_PCM_SYNC_HANDOVER, 0,
			   runtime->buffer_size);
	/* mmap() shows whole pages */
	snd_dma_buffer_sync_range(runtime->dma_buffer_p, SNDRV_DMA_SYNC_DEVICE,
				  0, PAGE_ALIGN(runtime->dma_bytes));
	runtime->dma_sync->cpu_ptr = runtime->status->hw_ptr;
}

/**
 * snd_pcm_sync_reset() - the pointers were set back
 * @substream: the substream, whose hw_ptr is new
 *
 * Context: process context, buffer_mutex and stream lock held.
 */
void snd_pcm_sync_reset(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t hw_ptr = runtime->status->hw_ptr;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	struct snd_pcm_sync_ring ring;

	if (!sync)
		return;
	lockdep_assert_held(&runtime->buffer_mutex);
	sync_assert_stream_lock(substream);

	sync_ring_of(runtime, &ring);
	sync->cpu_ptr = hw_ptr;
	/*
	 * Recording goes on, and one can still rewind into what was recorded
	 * before; but only the old pointers told what was taken over of it.
	 */
	if (snd_pcm_running(substream))
		sync->cpu_ptr = snd_pcm_sync_before(&ring, hw_ptr, ring.frames);
	sync->appl_seen = hw_ptr;
	sync->hw_seen = hw_ptr;
	sync->idle = ring.frames;
}

/**
 * snd_pcm_sync_written() - frames were copied into the buffer
 * @substream: a playback substream
 * @ptr: the first one
 * @frames: number of frames
 *
 * Context: process context, runtime->buffer_accessing raised, before appl_ptr
 * is moved over them.
 */
void snd_pcm_sync_written(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (!runtime->dma_sync)
		return;
	snd_BUG_ON(atomic_read(&runtime->buffer_accessing) <= 0);
	sync_frames(substream, SND_PCM_SYNC_WRITTEN, ptr, frames);
}

/**
 * snd_pcm_sync_commit() - an application is about to move its pointer
 * @substream: the substream
 * @appl_ptr: the new appl_ptr, not yet published
 *
 * Frames that are passed go to the device. When the pointer goes back nothing
 * does: what is then written comes here again.
 *
 * Context: process context. Takes buffer_mutex and the stream lock.
 */
void snd_pcm_sync_commit(struct snd_pcm_substream *substream,
			 snd_pcm_uframes_t appl_ptr)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t frames = 0;
	struct snd_pcm_sync_ring ring;

	if (!runtime->dma_sync || !sync_is_playback(substream))
		return;

	mutex_lock(&runtime->buffer_mutex);
	snd_pcm_stream_lock_irq(substream);
	if (sync_is_alive(runtime)) {
		sync_ring_of(runtime, &ring);
		/* one beyond the boundary is about to be refused */
		if (appl_ptr < ring.boundary)
			frames = snd_pcm_sync_span(&ring,
						   runtime->control->appl_ptr,
						   appl_ptr);
	}
	snd_pcm_stream_unlock_irq(substream);
	if (frames)
		sync_frames(substream, SND_PCM_SYNC_COMMIT,
			    snd_pcm_sync_before(&ring, appl_ptr, frames), frames);
	mutex_unlock(&runtime->buffer_mutex);
}

/**
 * snd_pcm_sync_forward() - an application is about to skip frames
 * @substream: the substream
 * @frames: number of frames that it asks for
 *
 * Context: process context. Takes buffer_mutex and the stream lock.
 * Return: how many of @frames may be skipped now; they were handed over. There
 * is more room by the time the pointer is moved, but what is in it was not.
 */
snd_pcm_uframes_t snd_pcm_sync_forward(struct snd_pcm_substream *substream,
				       snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_uframes_t appl_ptr;

	if (!runtime->dma_sync || !sync_is_playback(substream))
		return frames;

	mutex_lock(&runtime->buffer_mutex);
	snd_pcm_stream_lock_irq(substream);
	if (snd_pcm_running(substream))
		snd_pcm_update_hw_ptr(substream);
	if (sync_is_alive(runtime))
		frames = min(frames, snd_pcm_avail(substream));
	else
		frames = 0;
	appl_ptr = runtime->control->appl_ptr;
	snd_pcm_stream_unlock_irq(substream);
	sync_frames(substream, SND_PCM_SYNC_FORWARD, appl_ptr, frames);
	mutex_unlock(&runtime->buffer_mutex);

	return frames;
}

/**
 * snd_pcm_sync_heard() - take over what was recorded
 * @substream: the substream
 *
 * Called between the moment when hw_ptr is read for somebody and the one when
 * he is told of it, or reads data. Frames up to the hw_ptr of now are taken
 * over, which is the same or a later one.
 *
 * Context: process context. Takes buffer_mutex and the stream lock.
 */
void snd_pcm_sync_heard(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	snd_pcm_uframes_t hw_ptr, frames = 0;
	struct snd_pcm_sync_ring ring;

	if (!sync || sync_is_playback(substream))
		return;

	mutex_lock(&runtime->buffer_mutex);
	snd_pcm_stream_lock_irq(substream);
	hw_ptr = runtime->status->hw_ptr;
	if (sync_is_alive(runtime)) {
		sync_ring_of(runtime, &ring);
		frames = snd_pcm_sync_span(&ring, sync->cpu_ptr, hw_ptr);
	}
	snd_pcm_stream_unlock_irq(substream);
	if (frames)
		sync_frames(substream, SND_PCM_SYNC_HEARD,
			    snd_pcm_sync_before(&ring, hw_ptr, frames), frames);
	sync->cpu_ptr = hw_ptr;
	mutex_unlock(&runtime->buffer_mutex);
}

/**
 * snd_pcm_sync_silence() - frames were silenced
 * @substream: a playback substream
 * @ptr: the first one
 * @frames: number of frames
 *
 * Context: any; stream lock held.
 */
void snd_pcm_sync_silence(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	if (substream->runtime->dma_sync)
		sync_some(substream, SND_PCM_SYNC_SILENCE, ptr, frames,
			  SND_PCM_SYNC_SILENCE_BYTES);
}

/**
 * snd_pcm_sync_ahead() - hand over what is played next, committed or not
 * @substream: the substream, which starts, goes on after a pause or a suspend,
 *	or has played another period
 *
 * An application that never stops for want of data (stop_threshold at the
 * boundary) need not commit: dmix writes in front of hw_ptr and says nothing.
 * For one that has not committed anything since prepare, or for a lap, the
 * next period is handed over in advance, and half of the one after it in case
 * that its interrupt is late; then, until it comes, a quarter at each quarter.
 * Who commits has handed over his frames already.
 *
 * Context: any; stream lock held.
 */
void snd_pcm_sync_ahead(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;
	snd_pcm_uframes_t appl_ptr, hw_ptr;
	struct snd_pcm_sync_ring ring;

	if (!sync || !sync_is_playback(substream) ||
	    runtime->stop_threshold < runtime->boundary)
		return;
	sync_assert_stream_lock(substream);

	sync_ring_of(runtime, &ring);
	appl_ptr = runtime->control->appl_ptr;
	hw_ptr = runtime->status->hw_ptr;
	if (appl_ptr != sync->appl_seen)
		sync->idle = 0;
	else
		sync->idle += snd_pcm_sync_span(&ring, sync->hw_seen, hw_ptr);
	sync->idle = min(sync->idle, ring.frames);
	sync->appl_seen = appl_ptr;
	sync->hw_seen = hw_ptr;
	if (sync->idle < ring.frames)
		return;

	sync->ahead_ptr = hw_ptr;
	/* at the start all that was not committed may be about to be silenced */
	if (runtime->state != SNDRV_PCM_STATE_PREPARED ||
	    runtime->silence_size < runtime->boundary)
		sync_some(substream, SND_PCM_SYNC_AHEAD, hw_ptr,
			  min(runtime->period_size * 3 / 2, ring.frames),
			  SND_PCM_SYNC_AHEAD_BYTES);
	sync_arm_tick(runtime);
}
