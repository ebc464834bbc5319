// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that play or record through a map, see noncoherent-players.h.
 *
 * The clock of the sound is stepped, and never runs faster than the machine's (sy_pass()).
 */
#define _GNU_SOURCE

#include <poll.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-players.h"

#define LAPS	4
#define FILL	0x33

/*
 * Players
 */

static bool open_player(struct raw_pcm *p, const struct player *how)
{
	unsigned long silence = how->silenced ? RAW_FOREVER : 0;

	return sy_ok("open", raw_open(p, nc_card(), FE0, true)) &&
	       sy_ok("hw_params", how->unwoken ?
		     raw_hw_unwoken(p, how->period, how->buffer) :
		     raw_hw_params(p, true, how->period, how->buffer)) &&
	       sy_ok("sw_params", raw_sw_params(p, how->stop ? : RAW_FOREVER, 0, silence)) &&
	       (how->stop != BELOW_BOUNDARY ||
		sy_ok("sw_params", raw_sw_params(p, p->boundary - 1, 0, silence))) &&
	       sy_ok("mmap", raw_map(p)) && sy_ok("prepare", raw_prepare(p)) &&
	       sy_ok("sync_ptr", raw_peek(p));
}

static bool start_player(struct raw_pcm *p, const struct player *how)
{
	if (how->first && !sy_ok("commit", raw_commit(p, how->first)))
		return false;
	/* SYNC_PTR commits the frames before that. */
	if (how->prepares_again && (!sy_ok("prepare", raw_prepare(p)) ||
				    !sy_ok("sync_ptr", raw_tell(p))))
		return false;
	return sy_ok("start", raw_start(p));
}

/* Up to @limit in the ring, where the frame at @begin is the first of @play */
static bool store(struct raw_pcm *p, const struct player *how, struct nc_stream *play,
		  unsigned long begin, unsigned long limit)
{
	size_t n, done = play->pos;

	if (limit < begin + done)
		return true;
	n = limit - begin - done;
	if (n > play->frames - done)
		n = play->frames - done;
	raw_put(p, begin + done, nc_frame(play, done), n);
	play->pos += n;
	return !how->commits || !n || sy_ok("commit", raw_commit(p, n));
}

/* Pauses, and plays other frames than those that it has stored. */
static bool pause_and_change(struct raw_pcm *p, const struct player *how,
			     struct nc_stream *play, unsigned long begin)
{
	/* Frames that DMA has fetched are heard. */
	size_t from = p->hw + how->period / 8 - begin, i;
	unsigned char *byte;

	if (!sy_ok("pause", raw_pause(p, true)))
		return false;
	for (i = from; i < play->pos; i++) {
		byte = nc_frame(play, i);
		byte[0] ^= 0x40;
		raw_put(p, begin + i, byte, 1);
	}
	return sy_ok("resume", raw_pause(p, false));
}

static bool count_costs(const struct player *how, size_t frames)
{
	struct nc_sync sync;

	return !nc_sync_read(&sync) &&
	       sy_costs("this program", sync.device_lines + sync.cpu_lines,
			frames * RAW_FRAME, how->percent);
}

bool plays(const struct player *how)
{
	size_t total = LAPS * how->buffer + how->first + 17;
	unsigned int loops = 0, most = 4 * total / how->step;
	unsigned int piece = how->piece ? : how->period / 8;
	struct nc_stream play, rec;
	unsigned long begin = 0;
	struct raw_pcm p;
	bool ok;

	if (!sy_pattern(&play, total, 1) || !open_player(&p, how) ||
	    !sy_listen(&rec, total + 4 * how->buffer))
		return false;
	raw_put(&p, 0, play.data, how->first);
	play.pos = how->first;
	if (!sy_zero_counters() || !start_player(&p, how))
		return false;
	/* A program that has stored nothing begins a little ahead of hw_ptr. */
	if (!how->first)
		begin = how->ahead - how->step;
	for (;;) {
		if (!store(&p, how, &play, begin, p.hw + how->ahead))
			return false;
		if (how->pauses && loops == most / 8 &&
		    !pause_and_change(&p, how, &play, begin))
			return false;
		if (play.pos == total || loops++ == most)
			break;
		if (!sy_pass(how->step, piece) || !sy_ok("position", how->ask(&p)))
			return false;
	}
	if (play.pos < total)
		return sy_wrong("after %u questions hw_ptr is %lu\n", loops, p.hw);
	ok = count_costs(how, how->commits ? total : p.hw);
	if (!sy_pass(how->ahead + 64, piece) || !sy_hears(&rec, &play, total))
		return false;
	/* Uncommitted frames are stale if they are changed after the sync. */
	return ok && sy_nothing_stale();
}

/*
 * Commits the whole ring, rewinds to a period ahead of hw_ptr, and stores other frames
 * there without a commit.
 */
bool plays_rewound(const struct player *how,
		   int (*rewind)(struct raw_pcm *p, unsigned long frames))
{
	unsigned int piece = how->period / 8;
	struct nc_stream play, rec;
	struct raw_pcm p;
	size_t from, i;

	if (!sy_pattern(&play, how->buffer, 1) || !open_player(&p, how) ||
	    !sy_listen(&rec, 4 * how->buffer))
		return false;
	raw_put(&p, 0, play.data, how->buffer);
	if (!sy_ok("commit", raw_commit(&p, how->buffer)) || !sy_ok("start", raw_start(&p)) ||
	    !sy_pass(how->period, piece) || !sy_ok("position", raw_update(&p)))
		return false;
	from = p.hw + how->period;
	if (!sy_ok("rewind", rewind(&p, p.appl - from)))
		return false;
	for (i = from; i < how->buffer; i++) {
		*(unsigned char *)nc_frame(&play, i) ^= 0x40;
		raw_put(&p, i, nc_frame(&play, i), 1);
	}
	return sy_pass(how->buffer - p.hw + 64, piece) && sy_hears(&rec, &play, how->buffer) &&
	       sy_nothing_stale();
}

/*
 * Recorders
 */

static bool open_recorder(struct raw_pcm *p, const struct recorder *how, size_t frames,
			  struct nc_stream *play, struct nc_stream *rec)
{
	return sy_pattern(rec, frames, 3) && sy_feed(play, frames, 2) &&
	       sy_ok("open", raw_open(p, nc_card(), FE4, false)) &&
	       sy_ok("hw_params", raw_hw_params(p, !how->reads, how->period, how->buffer)) &&
	       sy_ok("sw_params", raw_sw_params(p, RAW_FOREVER, 0, 0)) &&
	       (how->reads || sy_ok("mmap", raw_map_writable(p))) &&
	       sy_ok("prepare", raw_prepare(p)) && sy_ok("sync_ptr", raw_peek(p)) &&
	       !nc_sim_set("evict", how->evict);
}

/* Copy a piece of the recorded frames into @rec; its frames, or an error */
static long take(struct raw_pcm *p, const struct recorder *how, struct nc_stream *rec,
		 unsigned long frames)
{
	unsigned char other[RAW_FRAME] = { 0x11, 0x22, 0x33, 0x44 };
	unsigned long at = how->commits ? p->appl : rec->pos, i;
	int err;

	if (how->reads)
		return raw_read(p, nc_frame(rec, rec->pos), frames);
	raw_get(p, at, nc_frame(rec, rec->pos), frames);
	for (i = 0; how->stores && i < frames; i++)
		raw_put(p, at + i, other, 1);
	err = how->commits ? raw_commit(p, frames) : 0;
	return err ? err : (long)frames;
}

static bool take_all(struct raw_pcm *p, const struct recorder *how, struct nc_stream *rec)
{
	unsigned long n;
	long got;

	for (;;) {
		n = how->commits ? raw_avail(p) : p->hw - rec->pos;
		if (how->chunk && n >= how->chunk)
			n = how->chunk;
		else if (how->chunk)
			return true;
		if (n > rec->frames - rec->pos)
			n = rec->frames - rec->pos;
		if (!n)
			return true;
		got = take(p, how, rec, n);
		if (!sy_ok("read", got))
			return false;
		rec->pos += got;
		/* Only SYNC_PTR reports the position of a read. */
		if (how->reads && !sy_ok("sync_ptr", raw_peek(p)))
			return false;
	}
}

static bool record_laps(struct raw_pcm *p, const struct recorder *how,
			struct nc_stream *rec, size_t frames)
{
	/* Frames that do not fill a chunk stay. */
	while (rec->pos + how->chunk < frames) {
		if (!sy_pass(how->step, how->period / 8))
			return false;
		if (how->pauses && (!sy_ok("pause", raw_pause(p, true)) ||
				    !sy_ok("resume", raw_pause(p, false))))
			return false;
		if (!sy_ok("position", how->ask(p)) || !take_all(p, how, rec))
			return false;
	}
	return true;
}

static bool is_as_fed(const struct nc_stream *rec, const struct nc_stream *play)
{
	size_t first = nc_next_sound(rec, 0);

	if (first == rec->pos)
		return sy_wrong("%zu frames recorded, and all of them silence\n", rec->pos);
	return nc_same(rec, first, play, rec->pos - first);
}

bool records(const struct recorder *how)
{
	size_t total = LAPS * how->buffer;
	struct nc_stream play, rec;
	struct nc_sync sync;
	struct raw_pcm p;
	bool ok;

	if (!open_recorder(&p, how, total, &play, &rec))
		return false;
	if (how->fills)
		memset(p.map, FILL, how->buffer * RAW_FRAME);
	if (!sy_zero_counters() || !sy_ok("start", raw_start(&p)) ||
	    !record_laps(&p, how, &rec, total - how->buffer / 4))
		return false;
	ok = !nc_sync_read(&sync) &&
	     sy_costs("this program", sync.device_lines + sync.cpu_lines,
		      rec.pos * RAW_FRAME, how->percent);
	return is_as_fed(&rec, &play) && ok;
}

/* Records, drops, clears, prepares and records again: the second one counts. */
bool records_again(const struct recorder *how)
{
	size_t total = LAPS * how->buffer, at;
	struct nc_stream play, rec;
	struct raw_pcm p;

	if (!open_recorder(&p, how, total, &play, &rec) || !sy_ok("start", raw_start(&p)) ||
	    !record_laps(&p, how, &rec, how->buffer) || !sy_ok("drop", raw_drop(&p)))
		return false;
	memset(p.map, 0, how->buffer * RAW_FRAME);
	rec.pos = 0;
	if (!sy_ok("prepare", raw_prepare(&p)) || !sy_ok("sync_ptr", raw_peek(&p)) ||
	    !sy_ok("start", raw_start(&p)) ||
	    !record_laps(&p, how, &rec, 2 * how->buffer))
		return false;
	/* Two of a hundred frames are the same. */
	for (at = 0; at + 3 < play.frames; at++)
		if (!memcmp(nc_frame(&play, at), rec.data, 3 * RAW_FRAME))
			break;
	if (at + 3 == play.frames)
		return sy_wrong("the first frames are none of those that came in\n");
	play.data = nc_frame(&play, at);
	play.frames -= at;
	return nc_same(&rec, 0, &play, rec.pos);
}

/*
 * poll() only: it reports that there is a period, and the program finds by its own
 * clock which one.
 */
bool polls(const struct recorder *how)
{
	size_t total = LAPS * how->buffer;
	struct nc_stream play, rec;
	struct raw_pcm p;
	int events;

	if (!open_recorder(&p, how, total, &play, &rec) || !sy_ok("start", raw_start(&p)))
		return false;
	while (rec.pos + how->period <= total) {
		if (!sy_pass(how->period, how->period / 8))
			return false;
		events = raw_poll(&p);
		if (!sy_ok("poll", events))
			return false;
		if (!(events & POLLIN))
			return sy_wrong("after frame %zu poll() says %#x\n",
					rec.pos + how->period, events);
		raw_get(&p, rec.pos, nc_frame(&rec, rec.pos), how->period);
		rec.pos += how->period;
	}
	return is_as_fed(&rec, &play);
}
