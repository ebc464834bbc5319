// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit sync of PCM buffers; pcm_sync.h describes which bytes are synced when, and
 * the locks.
 */
#include <linux/dma-mapping.h>
#include <linux/lockdep.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <sound/core.h>
#include <sound/pcm.h>

#include "pcm_local.h"
#include "pcm_sync.h"
#include "pcm_sync-compat.h"

#define CREATE_TRACE_POINTS
#include <trace/events/snd_pcm_sync.h>

/*
 * The DMA API requires a sync for the device each time before the device writes. If there
 * is a sync for the CPU, which drops lines, that is needed only for lines that a program
 * has stored into.
 */
static bool capture_hand_back = !IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_CPU);
module_param(capture_hand_back, bool, 0644);
MODULE_PARM_DESC(capture_hand_back,
		 "Sync all recorded frames for the device when they have been read");

void snd_pcm_sync_assert_stream_lock(struct snd_pcm_substream *substream)
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

/* Check whether recorded frames that were read are synced for the device. */
bool snd_pcm_sync_hands_back(struct snd_pcm_substream *substream)
{
	return !sync_is_playback(substream) &&
	       (capture_hand_back || READ_ONCE(substream->runtime->dma_sync->dirtied));
}

/* Check whether there is a buffer, and a device that it belongs to. */
static bool sync_is_alive(struct snd_pcm_runtime *runtime)
{
	return runtime->state != SNDRV_PCM_STATE_OPEN &&
	       runtime->state != SNDRV_PCM_STATE_DISCONNECTED;
}

/* Describe how the frames of a stream lie in its buffer. */
void snd_pcm_sync_ring_of(struct snd_pcm_runtime *runtime,
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

/* Get the end of the ring, in bytes from the start of the buffer. */
static size_t sync_ring_end(struct snd_pcm_runtime *runtime)
{
	struct snd_pcm_sync_ring ring;

	snd_pcm_sync_ring_of(runtime, &ring);
	if (ring.planes > 1)
		return runtime->dma_bytes;

	return frames_to_bytes(runtime, ring.frames);
}

static void sync_for_device(void *data, size_t offset, size_t bytes)
{
	struct snd_pcm_runtime *runtime = data;

	snd_dma_buffer_sync_range(runtime->dma_buffer_p, SNDRV_DMA_SYNC_DEVICE,
				  offset, bytes);
}

/*
 * Sync whole lines: the DMA API writes a line back first if the range covers only a
 * part of it. If an application has stored into such a line, that overwrites recorded
 * data.
 */
static void sync_for_cpu(void *data, size_t offset, size_t bytes)
{
	struct snd_pcm_runtime *runtime = data;
	size_t line = dma_get_cache_alignment();
	size_t first = round_down(offset, line);

	/* only this drops a line whose first part was read before */
	if (capture_hand_back && first != offset)
		snd_dma_buffer_sync_range(runtime->dma_buffer_p, SNDRV_DMA_SYNC_DEVICE,
					  first, line);
	snd_dma_buffer_sync_range(runtime->dma_buffer_p, SNDRV_DMA_SYNC_CPU,
				  first, round_up(offset + bytes, line) - first);
}

/*
 * If only a part of a line was read, the device may be recording the rest: the line is
 * left until all of it was read. Not so if only this sync drops lines.
 */
static void sync_for_device_again(void *data, size_t offset, size_t bytes)
{
	struct snd_pcm_runtime *runtime = data;
	size_t line = dma_get_cache_alignment();
	size_t first = round_down(offset, line);
	size_t end = offset + bytes;

	if (capture_hand_back)
		end = round_up(end, line);
	else if (end != sync_ring_end(runtime))
		end = round_down(end, line);
	if (end > first)
		snd_dma_buffer_sync_range(runtime->dma_buffer_p, SNDRV_DMA_SYNC_DEVICE,
					  first, end - first);
}

/* Sync frames; one of the three things that pcm_sync.h names must keep the buffer. */
void snd_pcm_sync_frames(struct snd_pcm_substream *substream,
			 enum snd_pcm_sync_who who,
			 snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	snd_pcm_sync_fn fn = sync_for_device;
	struct snd_pcm_sync_ring ring;

	if (!frames)
		return;
	trace_snd_pcm_sync(substream, who, ptr, frames);
	if (who == SND_PCM_SYNC_HEARD)
		fn = sync_for_cpu;
	else if (who == SND_PCM_SYNC_TAKEN)
		fn = sync_for_device_again;
	/* The place of the samples of this access is known to the driver only. */
	if (runtime->access == SNDRV_PCM_ACCESS_MMAP_COMPLEX) {
		fn(runtime, 0, runtime->dma_bytes);
		return;
	}
	snd_pcm_sync_ring_of(runtime, &ring);
	snd_pcm_sync_walk(&ring, ptr, frames, fn, runtime);
}

/* Frames that change hands; when they were synced, a pointer is moved to @end */
struct sync_range {
	enum snd_pcm_sync_who who;
	snd_pcm_uframes_t end;
	snd_pcm_uframes_t ptr;
	snd_pcm_uframes_t frames;
};

/* Fill in @range from the present pointers; called with the stream lock held */
typedef void (*sync_look_fn)(struct snd_pcm_substream *substream,
			     struct sync_range *range);

/*
 * Check whether two pointers differ. If they do not, there is nothing to sync, and a
 * program that requests a position must not wait for buffer_mutex.
 */
static bool sync_differ(struct snd_pcm_substream *substream,
			const snd_pcm_uframes_t *one, const snd_pcm_uframes_t *other)
{
	bool differ;

	snd_pcm_stream_lock_irq(substream);
	differ = *one != *other;
	snd_pcm_stream_unlock_irq(substream);

	return differ;
}

/* Sync the range that @look finds. */
static void sync_exchange(struct snd_pcm_substream *substream, sync_look_fn look,
			  struct sync_range *range)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	mutex_lock(&runtime->buffer_mutex);
	snd_pcm_stream_lock_irq(substream);
	look(substream, range);
	snd_pcm_stream_unlock_irq(substream);
	if (range->frames) {
		snd_pcm_sync_frames(substream, range->who, range->ptr, range->frames);
		snd_pcm_stream_lock_irq(substream);
		if (sync_is_playback(substream))
			runtime->dma_sync->given_ptr = range->end;
		else if (range->who == SND_PCM_SYNC_HEARD)
			runtime->dma_sync->cpu_ptr = range->end;
		snd_pcm_stream_unlock_irq(substream);
	}
	mutex_unlock(&runtime->buffer_mutex);
}

/**
 * snd_pcm_sync_open() - set up explicit sync, if a substream needs it
 * @substream: the substream, which the driver has opened
 *
 * This depends on the device and the type of its buffers, not on whether one was
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
	    snd_dma_buffer_may_sync(&substream->dma_buffer))
		runtime->hw.info |= SNDRV_PCM_INFO_EXPLICIT_SYNC;
	if (!(runtime->hw.info & SNDRV_PCM_INFO_EXPLICIT_SYNC))
		return 0;

	sync = kzalloc_obj(*sync);
	if (!sync)
		return -ENOMEM;
	sync->substream = substream;
	snd_pcm_sync_ahead_init(sync);
	runtime->dma_sync = sync;

	return 0;
}

/**
 * snd_pcm_sync_close() - free the state of a substream
 * @substream: the substream, stopped, before its buffer is freed
 *
 * The timer may be about to take the stream lock; then it finds no state.
 *
 * Context: process context, pcm->open_mutex held.
 */
void snd_pcm_sync_close(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;

	if (!sync)
		return;
	snd_pcm_stream_lock_irq(substream);
	runtime->dma_sync = NULL;
	snd_pcm_stream_unlock_irq(substream);
	snd_pcm_sync_ahead_exit(sync);
	kfree(sync);
}

/**
 * snd_pcm_sync_handover() - sync the whole buffer for the device
 * @runtime: the runtime, whose stream does not run
 *
 * Called after the CPU has cleared the buffer: the device must not read the old contents,
 * and when it records, no dirty line may be written back over its data later.
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
 * snd_pcm_sync_reset() - note that the pointers were set back
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
	snd_pcm_sync_assert_stream_lock(substream);

	snd_pcm_sync_ring_of(runtime, &ring);
	sync->cpu_ptr = hw_ptr;
	sync->given_ptr = hw_ptr;
	sync->ahead_ptr = hw_ptr;
	/*
	 * A recording that goes on: a program can still rewind into frames that were
	 * recorded before, and only the old pointers showed which of them were synced.
	 * Playback: frames that wait for the timer must still be played.
	 */
	if (snd_pcm_running(substream))
		sync->cpu_ptr = snd_pcm_sync_before(&ring, hw_ptr, ring.frames);
	else
		sync->todo_frames = 0;
}

/**
 * snd_pcm_sync_written() - sync frames that were copied into the buffer
 * @substream: a playback substream
 * @ptr: the first one
 * @frames: number of frames
 *
 * Context: process context, runtime->buffer_accessing incremented, before appl_ptr
 * is moved over them.
 */
void snd_pcm_sync_written(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (!runtime->dma_sync)
		return;
	snd_BUG_ON(atomic_read(&runtime->buffer_accessing) <= 0);
	snd_pcm_sync_frames(substream, SND_PCM_SYNC_WRITTEN, ptr, frames);
}

/**
 * snd_pcm_sync_taken() - hand back frames that were copied out of the buffer
 * @substream: a capture substream that is not mapped
 * @ptr: the first one
 * @frames: number of frames
 *
 * Context: process context, runtime->buffer_accessing incremented, before appl_ptr
 * is moved over them.
 */
void snd_pcm_sync_taken(struct snd_pcm_substream *substream,
			snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (!runtime->dma_sync || !capture_hand_back)
		return;
	snd_BUG_ON(atomic_read(&runtime->buffer_accessing) <= 0);
	snd_pcm_sync_frames(substream, SND_PCM_SYNC_TAKEN, ptr, frames);
}

/* Get the frames that appl_ptr passes on its way to range->end. */
static void sync_look_commit(struct snd_pcm_substream *substream,
			     struct sync_range *range)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync_ring ring;

	snd_pcm_sync_assert_stream_lock(substream);

	range->frames = 0;
	snd_pcm_sync_ring_of(runtime, &ring);
	/* a pointer beyond the boundary will be rejected */
	if (!sync_is_alive(runtime) || range->end >= ring.boundary)
		return;
	range->frames = snd_pcm_sync_span(&ring, runtime->control->appl_ptr, range->end);
	range->ptr = snd_pcm_sync_before(&ring, range->end, range->frames);
	if (range->frames || !sync_is_playback(substream))
		return;
	/* it moves back; the timer may expire before appl_ptr is moved */
	runtime->dma_sync->given_ptr = range->end;
	snd_pcm_sync_rewound(substream);
}

/**
 * snd_pcm_sync_commit() - sync the frames that an application is about to commit
 * @substream: the substream
 * @appl_ptr: the new appl_ptr, not yet published
 *
 * Playback: frames that the pointer passes are synced for the device. If it moves back,
 * none are: frames that are then stored are committed again.
 *
 * Capture: if the application has stored into its mapping, the frames that the pointer
 * passes are synced for the device. Otherwise the stores could be written back over
 * data that is recorded next.
 *
 * Context: process context. Takes the stream lock and, if there is something to sync,
 * buffer_mutex.
 */
void snd_pcm_sync_commit(struct snd_pcm_substream *substream,
			 snd_pcm_uframes_t appl_ptr)
{
	struct sync_range range = { .who = SND_PCM_SYNC_COMMIT, .end = appl_ptr };

	if (!substream->runtime->dma_sync)
		return;
	if (!sync_is_playback(substream)) {
		if (!snd_pcm_sync_hands_back(substream))
			return;
		range.who = SND_PCM_SYNC_TAKEN;
	}
	if (sync_differ(substream, &substream->runtime->control->appl_ptr, &range.end))
		sync_exchange(substream, sync_look_commit, &range);
}

/* Get the frames that can be skipped, at most range->frames; no end without any. */
static void sync_look_forward(struct snd_pcm_substream *substream,
			      struct sync_range *range)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync_ring ring;

	snd_pcm_sync_assert_stream_lock(substream);

	if (snd_pcm_running(substream))
		snd_pcm_update_hw_ptr(substream);
	if (sync_is_alive(runtime))
		range->frames = min(range->frames, snd_pcm_avail(substream));
	else
		range->frames = 0;
	if (!range->frames)
		return;
	snd_pcm_sync_ring_of(runtime, &ring);
	range->ptr = runtime->control->appl_ptr;
	range->end = range->ptr + range->frames;
	if (range->end >= ring.boundary)
		range->end -= ring.boundary;
}

/**
 * snd_pcm_sync_forward() - sync the frames that an application is about to skip
 * @substream: the substream
 * @frames: number of frames that it requests
 *
 * Context: process context. Takes the stream lock and, if there is something to sync,
 * buffer_mutex.
 * Return: the number of frames that may be skipped now, at most @frames; they were synced.
 * There may be more room when the pointer is moved, but the frames there were not synced.
 */
snd_pcm_uframes_t snd_pcm_sync_forward(struct snd_pcm_substream *substream,
				       snd_pcm_uframes_t frames)
{
	struct sync_range range = { .who = SND_PCM_SYNC_FORWARD, .frames = frames };

	if (!substream->runtime->dma_sync)
		return frames;
	if (!sync_is_playback(substream)) {
		if (!snd_pcm_sync_hands_back(substream))
			return frames;
		range.who = SND_PCM_SYNC_TAKEN;
	}
	sync_exchange(substream, sync_look_forward, &range);

	return range.frames;
}

/* Get the frames that were recorded and not yet synced. */
static void sync_look_heard(struct snd_pcm_substream *substream,
			    struct sync_range *range)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync_ring ring;

	snd_pcm_sync_assert_stream_lock(substream);

	range->frames = 0;
	range->end = runtime->status->hw_ptr;
	if (!sync_is_alive(runtime))
		return;
	snd_pcm_sync_ring_of(runtime, &ring);
	range->frames = snd_pcm_sync_span(&ring, runtime->dma_sync->cpu_ptr, range->end);
	range->ptr = snd_pcm_sync_before(&ring, range->end, range->frames);
}

/**
 * snd_pcm_sync_heard() - sync recorded frames for the CPU
 * @substream: the substream
 *
 * Is called after hw_ptr was read for a program, and before the program receives it or
 * reads data. Frames up to the present hw_ptr are synced, which is the same or a later
 * one.
 *
 * Context: process context. Takes the stream lock and, if there is something to sync,
 * buffer_mutex.
 */
void snd_pcm_sync_heard(struct snd_pcm_substream *substream)
{
	struct sync_range range = { .who = SND_PCM_SYNC_HEARD };
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct snd_pcm_sync *sync = runtime->dma_sync;

	if (!sync || sync_is_playback(substream))
		return;
	if (sync_differ(substream, &sync->cpu_ptr, &runtime->status->hw_ptr))
		sync_exchange(substream, sync_look_heard, &range);
}
EXPORT_SYMBOL_GPL(snd_pcm_sync_heard);
