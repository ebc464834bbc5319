/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explicit sync of PCM buffers: which bytes go to the device or come from it,
 * and when.
 *
 * Documentation/sound/soc/noncoherent-buffers.rst includes this file.
 */
#ifndef __SOUND_CORE_PCM_SYNC_H
#define __SOUND_CORE_PCM_SYNC_H

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <sound/pcm.h>
#include <trace/events/snd_pcm_sync.h>

struct vm_area_struct;

/**
 * DOC: Explicit sync
 *
 * A buffer in cached memory that a device accesses past the cache must be synced by
 * hand. The PCM core calls these functions wherever one side has finished with a
 * part of the ring; they turn pointers into byte ranges and sync exactly these.
 *
 * playback
 *	frames are synced for the device before appl_ptr passes them, or, if an
 *	application does not commit them, shortly before they are played
 *	(pcm_sync-ahead.c)
 * capture
 *	frames up to hw_ptr are synced for the CPU before hw_ptr is reported, each
 *	once; frames that an application has stored into are synced for the device
 *	before it records there again
 */

/**
 * DOC: Locks of explicit sync
 *
 * A buffer must not be freed while it is synced. Each sync relies on one of these:
 *
 * runtime->buffer_mutex
 *	SYNC_PTR, FORWARD, read, HWSYNC, DELAY, STATUS and poll hold it while they sync.
 *	Once they have it they read the state again: a stream that is OPEN has no buffer.
 *	hw_params and hw_free hold it when they change the buffer, so they wait for a
 *	sync and fail no more than before. It is not taken if the pointers show that
 *	there is nothing to sync: a program that requests a position again does not wait
 *	for another thread.
 * runtime->buffer_accessing
 *	write increments it while it copies and syncs; hw_params and hw_free then return
 *	-EBUSY, as without explicit sync.
 * the stream lock
 *	The buffer of a running stream is not freed. Silence and the timer rely on that.
 *
 * The order is buffer_mutex, then the stream lock. No user memory is copied under
 * buffer_mutex: page faults hold the mmap lock, and mmap() takes buffer_mutex with it
 * held.
 */

/*
 * Limits of a sync with interrupts off, in bytes. One update of the pointers can silence
 * two ranges, sync ahead once and sync one piece of the rest: 16 KiB in all, which
 * 192 kHz, 8 channels and 32 bits play in 2.7 ms. The timer syncs the rest, each piece
 * before the device has covered half of the distance to the end of the last piece.
 */
#define SND_PCM_SYNC_SILENCE_BYTES	2048
#define SND_PCM_SYNC_AHEAD_BYTES	8192
#define SND_PCM_SYNC_LATER_BYTES	4096

/**
 * struct snd_pcm_sync - state of explicit sync of a substream
 * @substream: the substream
 * @cpu_ptr: capture: frames before this one were synced for the CPU, or need no
 *	sync. Under the stream lock, like all below but @dirtied.
 * @given_ptr: playback: end of the frames that an application has committed
 * @ahead_ptr: hw_ptr when frames were last synced ahead of it
 * @hw_seen: hw_ptr when it was last seen to move
 * @hw_time: the time of that
 * @todo_ptr: first frame that waits for the timer
 * @todo_frames: number of these frames
 * @dirtied: capture: an application has stored into its mapping since open. Set by a
 *	page fault, never cleared; READ_ONCE() and WRITE_ONCE().
 * @tick: syncs frames that are played next, and the rest; takes the stream lock
 * @work: does the same for a nonatomic PCM, whose stream lock is a mutex
 *
 * Exists from open to close, and only if the device needs it: for others
 * runtime->dma_sync is NULL and every function here returns at once.
 */
struct snd_pcm_sync {
	struct snd_pcm_substream *substream;
	snd_pcm_uframes_t cpu_ptr;
	snd_pcm_uframes_t given_ptr;
	snd_pcm_uframes_t ahead_ptr;
	snd_pcm_uframes_t hw_seen;
	ktime_t hw_time;
	snd_pcm_uframes_t todo_ptr;
	snd_pcm_uframes_t todo_frames;
	bool dirtied;
	struct hrtimer tick;
	struct work_struct work;
};

/**
 * struct snd_pcm_sync_ring - layout of the frames in a buffer
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
snd_pcm_uframes_t snd_pcm_sync_lead(const struct snd_pcm_sync_ring *ring,
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

/* shared by the files of explicit sync */
void snd_pcm_sync_assert_stream_lock(struct snd_pcm_substream *substream);
void snd_pcm_sync_ring_of(struct snd_pcm_runtime *runtime,
			  struct snd_pcm_sync_ring *ring);
void snd_pcm_sync_frames(struct snd_pcm_substream *substream,
			 enum snd_pcm_sync_who who,
			 snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames);
bool snd_pcm_sync_hands_back(struct snd_pcm_substream *substream);
void snd_pcm_sync_ahead_init(struct snd_pcm_sync *sync);
void snd_pcm_sync_ahead_exit(struct snd_pcm_sync *sync);
void snd_pcm_sync_rewound(struct snd_pcm_substream *substream);

/* life of a substream */
int snd_pcm_sync_open(struct snd_pcm_substream *substream);
void snd_pcm_sync_close(struct snd_pcm_substream *substream);
void snd_pcm_sync_handover(struct snd_pcm_runtime *runtime);
void snd_pcm_sync_reset(struct snd_pcm_substream *substream);

/* process context, no lock held */
void snd_pcm_sync_written(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames);
void snd_pcm_sync_taken(struct snd_pcm_substream *substream,
			snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames);
void snd_pcm_sync_commit(struct snd_pcm_substream *substream,
			 snd_pcm_uframes_t appl_ptr);
snd_pcm_uframes_t snd_pcm_sync_forward(struct snd_pcm_substream *substream,
				       snd_pcm_uframes_t frames);
void snd_pcm_sync_heard(struct snd_pcm_substream *substream);

/* any context, stream lock held */
void snd_pcm_sync_silence(struct snd_pcm_substream *substream,
			  snd_pcm_uframes_t hw_ptr,
			  snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames);
void snd_pcm_sync_ahead(struct snd_pcm_substream *substream);

/* mapping to user space, any context */
bool snd_pcm_sync_type_can_mmap(int type, bool aliasing);
int snd_pcm_sync_mmap_type(struct snd_pcm_substream *substream);
bool snd_pcm_sync_can_mmap(struct snd_pcm_substream *substream);
void snd_pcm_sync_map(struct snd_pcm_substream *substream,
		      struct vm_area_struct *area);
void snd_pcm_sync_mapped(struct snd_pcm_substream *substream,
			 struct vm_area_struct *area);

#endif /* __SOUND_CORE_PCM_SYNC_H */
