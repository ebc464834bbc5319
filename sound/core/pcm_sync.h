/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explicit sync of PCM buffers: which bytes go to the device or come from it,
 * and when.
 *
 * A buffer in cached memory that a device reads or writes behind the cache's
 * back has to be handed over by hand. The PCM core calls here wherever one side
 * has finished with a piece of the ring; this turns pointers into byte ranges
 * and syncs exactly these.
 *
 *	playback	handed over before appl_ptr says so, once for each
 *			frame that is committed
 *	capture		taken over up to hw_ptr before anybody is told of it,
 *			once for each frame
 *
 * Documentation/sound/soc/noncoherent-buffers.rst
 */
#ifndef __SOUND_CORE_PCM_SYNC_H
#define __SOUND_CORE_PCM_SYNC_H

#include <linux/hrtimer.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <sound/pcm.h>

/*
 * What is synced at once under a stream lock, in bytes. One update of the
 * pointers can silence two ranges and look ahead once: 16 KiB in all. The rest
 * is done by the work.
 */
#define SND_PCM_SYNC_SILENCE_BYTES	4096
#define SND_PCM_SYNC_AHEAD_BYTES	8192

/**
 * struct snd_pcm_sync - what explicit sync knows of a substream
 * @substream: the substream
 * @cpu_ptr: capture: frames before this one were taken over, or are of no
 *	interest. Under runtime->buffer_mutex.
 * @appl_seen: playback: appl_ptr when the free-running check last looked.
 *	Under the stream lock, like all below.
 * @hw_seen: hw_ptr at that time
 * @idle: frames played since appl_ptr last moved; buffer_size means a lap or
 *	more, or that nothing was committed since prepare
 * @ahead_ptr: hw_ptr when frames were last handed over ahead of it
 * @todo_ptr: first frame that waits for @work
 * @todo_frames: number of these frames
 * @work: hands over what was too much under the stream lock, and what comes
 *	next between two periods
 * @tick: queues @work between two periods; its callback takes no lock
 *
 * Exists from open to close, and only if the device needs it: for others
 * runtime->dma_sync is NULL and every call here returns at once.
 *
 * The buffer itself is kept by one of three things, and every sync has one:
 * runtime->buffer_mutex, which hw_params and hw_free take (lock order:
 * buffer_mutex, then the stream lock); a positive runtime->buffer_accessing,
 * which makes them fail; or the stream lock of a running stream, which they do
 * not touch. Whoever took the mutex looks at the state again: the stream may be
 * OPEN by then, without a buffer. User memory is never copied under it, since
 * mmap() comes here with the mmap lock held.
 */
struct snd_pcm_sync {
	struct snd_pcm_substream *substream;
	snd_pcm_uframes_t cpu_ptr;
	snd_pcm_uframes_t appl_seen;
	snd_pcm_uframes_t hw_seen;
	snd_pcm_uframes_t idle;
	snd_pcm_uframes_t ahead_ptr;
	snd_pcm_uframes_t todo_ptr;
	snd_pcm_uframes_t todo_frames;
	struct work_struct work;
	struct hrtimer tick;
};

/**
 * struct snd_pcm_sync_ring - how frames lie in a buffer
 * @frames: frames of the ring
 * @boundary: where pointers wrap, a multiple of @frames
 * @bits: bits of one frame in one plane
 * @planes: 1 when interleaved, otherwise one for each channel
 * @plane_bytes: bytes from the start of one plane to that of the next
 */
struct snd_pcm_sync_ring {
	snd_pcm_uframes_t frames;
	snd_pcm_uframes_t boundary;
	unsigned int bits;
	unsigned int planes;
	size_t plane_bytes;
};

/* Called for each byte range: @offset from the start of the buffer. */
typedef void (*snd_pcm_sync_fn)(void *data, size_t offset, size_t bytes);

/* arithmetic, without a substream */
snd_pcm_uframes_t snd_pcm_sync_span(const struct snd_pcm_sync_ring *ring,
				    snd_pcm_uframes_t from,
				    snd_pcm_uframes_t to);
snd_pcm_uframes_t snd_pcm_sync_before(const struct snd_pcm_sync_ring *ring,
				      snd_pcm_uframes_t ptr,
				      snd_pcm_uframes_t frames);
void snd_pcm_sync_join(const struct snd_pcm_sync_ring *ring,
		       snd_pcm_uframes_t *ptr, snd_pcm_uframes_t *frames,
		       snd_pcm_uframes_t more_ptr,
		       snd_pcm_uframes_t more_frames);
void snd_pcm_sync_walk(const struct snd_pcm_sync_ring *ring,
		       snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames,
		       snd_pcm_sync_fn fn, void *data);

/* life of a substream */
int snd_pcm_sync_open(struct snd_pcm_substream *substream);
void snd_pcm_sync_close(struct snd_pcm_substream *substream);
void snd_pcm_sync_handover(struct snd_pcm_runtime *runtime);
void snd_pcm_sync_reset(struct snd_pcm_substream *substream);

/* process context, no lock held */
void snd_pcm_sync_written(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames);
void snd_pcm_sync_commit(struct snd_pcm_substream *substream,
			 snd_pcm_uframes_t appl_ptr);
snd_pcm_uframes_t snd_pcm_sync_forward(struct snd_pcm_substream *substream,
				       snd_pcm_uframes_t frames);
void snd_pcm_sync_heard(struct snd_pcm_substream *substream);

/* any context, stream lock held */
void snd_pcm_sync_silence(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames);
void snd_pcm_sync_ahead(struct snd_pcm_substream *substream);

/* mapping to user space, any context */
bool snd_pcm_sync_type_can_mmap(int type, bool aliasing);
int snd_pcm_sync_mmap_type(struct snd_pcm_substream *substream);
bool snd_pcm_sync_can_mmap(struct snd_pcm_substream *substream);

#endif /* __SOUND_CORE_PCM_SYNC_H */
