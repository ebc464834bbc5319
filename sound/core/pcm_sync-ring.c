// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit sync of PCM buffers: the arithmetic. Pointers of a ring, and the bytes
 * between them, without a substream. pcm_sync-test.c compares all of it with a map
 * of bytes.
 */
#include <linux/minmax.h>

#include "pcm_sync.h"

/**
 * snd_pcm_sync_span() - count the frames that a pointer has passed
 * @ring: the ring
 * @from: where the pointer was
 * @to: where it is now
 *
 * Return: number of frames that end at @to and were not there at @from: none
 * if the pointer went back, at most a whole ring.
 */
snd_pcm_uframes_t snd_pcm_sync_span(const struct snd_pcm_sync_ring *ring,
				    snd_pcm_uframes_t from,
				    snd_pcm_uframes_t to)
{
	snd_pcm_uframes_t passed, back;

	if (from == to)
		return 0;
	passed = to > from ? to - from : to + (ring->boundary - from);
	back = ring->boundary - passed;
	if (passed <= ring->frames)
		return passed;
	/*
	 * Nobody can go back by more than a ring. A pointer that seems to has
	 * jumped, and any frame may be new.
	 */
	return back <= ring->frames ? 0 : ring->frames;
}

/**
 * snd_pcm_sync_lead() - count the frames that a pointer is ahead of another one
 * @ring: the ring
 * @from: a pointer
 * @to: another one
 *
 * Return: number of frames from @from to @to, at most a whole ring; none if @to is
 * not ahead.
 */
snd_pcm_uframes_t snd_pcm_sync_lead(const struct snd_pcm_sync_ring *ring,
				    snd_pcm_uframes_t from,
				    snd_pcm_uframes_t to)
{
	snd_pcm_uframes_t lead;

	lead = to >= from ? to - from : to + (ring->boundary - from);

	return lead <= ring->frames ? lead : 0;
}

/**
 * snd_pcm_sync_before() - go back from a pointer
 * @ring: the ring
 * @ptr: pointer, below the boundary
 * @frames: number of frames, at most a ring
 *
 * Return: the pointer that is @frames before @ptr.
 */
snd_pcm_uframes_t snd_pcm_sync_before(const struct snd_pcm_sync_ring *ring,
				      snd_pcm_uframes_t ptr,
				      snd_pcm_uframes_t frames)
{
	return ptr >= frames ? ptr - frames : ptr + (ring->boundary - frames);
}

/**
 * snd_pcm_sync_join() - add frames to a range
 * @ring: the ring
 * @ptr: first frame of the range, changed only if the range is empty
 * @frames: frames of the range; grows until both are in it
 * @more_ptr: first frame to be added
 * @more_frames: number of frames to be added
 */
void snd_pcm_sync_join(const struct snd_pcm_sync_ring *ring,
		       snd_pcm_uframes_t *ptr, snd_pcm_uframes_t *frames,
		       snd_pcm_uframes_t more_ptr,
		       snd_pcm_uframes_t more_frames)
{
	snd_pcm_uframes_t first, start;

	if (!more_frames)
		return;
	if (!*frames) {
		*ptr = more_ptr;
		*frames = min(more_frames, ring->frames);
		return;
	}
	first = *ptr % ring->frames;
	start = more_ptr % ring->frames;
	start = start >= first ? start - first : start + ring->frames - first;
	*frames = min(ring->frames, max(*frames, start + more_frames));
}

/* A range that grows as long as what comes next touches it. */
struct sync_cursor {
	size_t first;
	size_t end;
	snd_pcm_sync_fn fn;
	void *data;
};

static void sync_cursor_flush(struct sync_cursor *cursor)
{
	if (cursor->end > cursor->first)
		cursor->fn(cursor->data, cursor->first,
			   cursor->end - cursor->first);
}

static void sync_cursor_add(struct sync_cursor *cursor,
			    const struct snd_pcm_sync_ring *ring,
			    unsigned int plane, snd_pcm_uframes_t ofs,
			    snd_pcm_uframes_t frames)
{
	size_t base = plane * ring->plane_bytes;
	/* A frame can be half a byte: then the byte belongs to both. */
	size_t first = base + (((u64)ofs * ring->bits) >> 3);
	size_t end = base + (((u64)(ofs + frames) * ring->bits + 7) >> 3);

	if (first > cursor->end || !cursor->end) {
		sync_cursor_flush(cursor);
		cursor->first = first;
	}
	cursor->end = end;
}

/**
 * snd_pcm_sync_walk() - call a function for the bytes of some frames
 * @ring: the ring
 * @ptr: first frame
 * @frames: number of frames; more than a ring is a ring
 * @fn: called once for each contiguous range of bytes, in ascending order
 * @data: passed to @fn
 */
void snd_pcm_sync_walk(const struct snd_pcm_sync_ring *ring,
		       snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames,
		       snd_pcm_sync_fn fn, void *data)
{
	struct sync_cursor cursor = { .fn = fn, .data = data };
	snd_pcm_uframes_t ofs, tail;
	unsigned int plane;

	if (!frames || !ring->frames)
		return;
	frames = min(frames, ring->frames);
	ofs = ptr % ring->frames;
	tail = min(frames, ring->frames - ofs);

	for (plane = 0; plane < ring->planes; plane++) {
		if (frames > tail)
			sync_cursor_add(&cursor, ring, plane, 0, frames - tail);
		sync_cursor_add(&cursor, ring, plane, ofs, tail);
	}
	sync_cursor_flush(&cursor);
}
