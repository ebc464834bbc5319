// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of explicit sync, see noncoherent-upkeep.h.
 *
 * Counting begins when the stream is prepared: the cleared buffer is synced once in
 * hw_params, for any length of the sound. A cost counts only if the sound is right.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-upkeep.h"

const char * const upkeep_name[] = {
	[UPKEEP_WRITE] = "write",
	[UPKEEP_MMAP] = "mmap",
	[UPKEEP_MMAP_FOREVER] = "mmap-forever",
	[UPKEEP_DMIX] = "dmix",
	[UPKEEP_READ] = "read",
	[UPKEEP_MMAP_READ] = "mmap-read",
};

/* Pieces that fill the ring three times and a little more */
static size_t total_frames(const struct upkeep *u)
{
	return (3 * u->buffer / u->piece + 3) * (size_t)u->piece;
}

static void count_ranges(struct upkeep *u, unsigned long at, unsigned long frames)
{
	at %= u->buffer;
	if (frames)
		u->ranges += 1 + (at + frames > u->buffer);
}

static bool take_counters(struct upkeep *u, size_t frames)
{
	struct nc_sync sync;

	if (nc_sync_read(&sync))
		return false;
	u->audio = frames * RAW_FRAME;
	u->lines = sync.device_lines + sync.cpu_lines;
	u->calls = sync.device_calls + sync.cpu_calls;
	u->longest = sync.longest;
	return true;
}

static bool measure_play(struct upkeep *u)
{
	size_t total = total_frames(u), at;
	struct nc_stream play, rec;
	struct raw_pcm p;

	if (!sy_pattern(&play, total, 1) || !sy_listen(&rec, total + 2 * u->buffer) ||
	    !sy_open(&p, FE0, u->how != UPKEEP_WRITE, u->period, u->buffer))
		return false;
	if (u->how == UPKEEP_MMAP_FOREVER &&
	    !sy_ok("sw_params", raw_sw_params(&p, RAW_FOREVER, 0, 0)))
		return false;
	for (at = 0; at < total; at += u->piece)
		count_ranges(u, at, u->piece);
	if (!sy_zero_counters() || !sy_give_all(&p, &play, u->piece) ||
	    !take_counters(u, total) || !sy_step(u->buffer) ||
	    !sy_hears(&rec, &play, total))
		return false;
	nc_close(&rec);
	raw_close(&p);
	free(play.data);
	return true;
}

/* A period ahead of the one that begins to be played, as a mixer would. */
static bool measure_dmix(struct upkeep *u)
{
	size_t total = total_frames(u);
	struct nc_stream play, rec;
	struct raw_pcm p;

	if (!sy_pattern(&play, total, 1) || !sy_listen(&rec, total + 2 * u->buffer) ||
	    !sy_open(&p, FE0, true, u->period, u->buffer) ||
	    !sy_ok("sw_params", raw_sw_params(&p, RAW_FOREVER, 0, RAW_FOREVER)) ||
	    !sy_zero_counters() || !sy_ok("start", raw_start(&p)))
		return false;
	for (; play.pos < total; play.pos += u->piece) {
		if (!sy_pass(u->period, SY_PIECE) || !sy_ok("sync_ptr", raw_update(&p)))
			return false;
		raw_put(&p, p.hw + u->period, nc_frame(&play, play.pos), u->piece);
		count_ranges(u, p.hw + u->period, u->piece);
	}
	if (!take_counters(u, total) || !sy_pass(2 * u->period, SY_PIECE) ||
	    !sy_hears(&rec, &play, total))
		return false;
	nc_close(&rec);
	raw_close(&p);
	free(play.data);
	return true;
}

/* Takes what is there by now, at most a piece: its frames, or an error. */
static long take(struct upkeep *u, struct raw_pcm *p, struct nc_stream *rec)
{
	size_t room = rec->frames - rec->pos;
	unsigned long n = room < u->piece ? room : u->piece;
	long got;

	if (!p->mmap) {
		got = raw_read(p, nc_frame(rec, rec->pos), n);
		return got == -EAGAIN ? 0 : got;
	}
	got = raw_update(p);
	if (got < 0)
		return got;
	if (raw_avail(p) < n)
		n = raw_avail(p);
	raw_get(p, p->appl, nc_frame(rec, rec->pos), n);
	got = n ? raw_commit(p, n) : 0;
	return got < 0 ? got : (long)n;
}

static bool measure_record(struct upkeep *u)
{
	size_t total = total_frames(u), heard;
	struct nc_stream play, rec;
	struct raw_pcm p;
	long n;

	if (!sy_feed(&play, total, 2) || !sy_pattern(&rec, total, 3) ||
	    !sy_open(&p, FE4, u->how == UPKEEP_MMAP_READ, u->period, u->buffer) ||
	    !sy_zero_counters() || !sy_ok("start", raw_start(&p)))
		return false;
	memset(rec.data, 0, total * RAW_FRAME);
	while (rec.pos < total) {
		if (!sy_step(u->piece))
			return false;
		n = take(u, &p, &rec);
		if (!sy_ok("read", n))
			return false;
		count_ranges(u, rec.pos, n);
		rec.pos += n;
	}
	heard = nc_next_sound(&rec, 0);
	if (!take_counters(u, total) || !nc_same(&rec, heard, &play, total - heard))
		return false;
	nc_close(&play);
	raw_close(&p);
	free(rec.data);
	return true;
}

bool upkeep_measure(struct upkeep *u)
{
	int fe = u->how >= UPKEEP_READ ? FE4 : FE0;

	u->ranges = 0;
	if (sy_prealloc(nc_card(), fe, fe < FE4, 0, 0) ||
	    sy_prealloc(nc_card(), fe, fe < FE4, 0, u->prealloc))
		return false;
	if (fe == FE4)
		return measure_record(u);
	return u->how == UPKEEP_DMIX ? measure_dmix(u) : measure_play(u);
}
