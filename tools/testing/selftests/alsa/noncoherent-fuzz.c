// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: random operations, and every frame compared.
 *
 *	noncoherent-fuzz [OPERATIONS [SEED]]
 *
 * FE0 plays and FE4 records, with random periods and buffers, by write and read or
 * through a map: commits, rewinds, forwards, pauses, underruns and overruns, drains,
 * streams that never run dry, new parameters, old data that is played again. Into the
 * map of one that never runs dry it also stores without a commit, a quarter of a period
 * ahead; into that of a recording it stores over reported frames; and it reads there
 * after poll() alone. The cache evicts and refills lines all the time.
 *
 * A model computes the frames that the port must hear, bit by bit, and each recorded
 * frame: it has a ring of the frames that the application wrote, and the burst that
 * DMA has already fetched. Time stands still but in one operation, so it is exact. The
 * simulator also counts bytes that were fetched before they were synced.
 *
 * A round of operations has a seed, which is printed when it fails; it alone plays
 * again with "noncoherent-fuzz 1 SEED".
 */
#define _GNU_SOURCE

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define ROUND		400		/* operations */
#define ROUND_FRAMES	60000		/* or this number of frames, if that is less */
#define MAX_STEP	1024
#define MAX_BUFFER	4096
#define BURST		4		/* frames of one DMA burst: 8 beats of a sample */
#define LINE		(NC_LINE / RAW_FRAME)		/* frames of a cache line */
#define PIECE		32		/* frames that pass at once if a timer has to run */
#define SAID		16		/* operations that are printed */

struct side {
	struct raw_pcm p;
	const char *name;
	const char *fe;
	bool forever;			/* never stops for want of data */
	bool stores;			/* without a commit, or over recorded frames */
	size_t moved;			/* frames since the start */
};

static struct side play = { .name = "play", .fe = "FE0" };
static struct side record = { .name = "record", .fe = "FE4" };
static uint32_t ring[MAX_BUFFER];	/* the application's view */
static uint32_t burst[BURST];		/* the frames of it that DMA has fetched */
static uint32_t heard[ROUND_FRAMES + MAX_STEP];		/* the expected frames */
static unsigned short when[ROUND_FRAMES + MAX_STEP];	/* at which operation */
static uint32_t recorded[ROUND_FRAMES + MAX_STEP];	/* since FE4 started */
static bool stored_over[ROUND_FRAMES + MAX_STEP];	/* the old frames were overwritten */
static bool over;			/* anything, in this round */
static struct nc_stream source;		/* the frames that FE4 records */
static size_t now;			/* frames of this round */
static uint32_t random_state, next_sample;
static unsigned long compared;
static struct {
	const struct side *side;
	const char *name;
	long arg;
} said[ROUND];
static unsigned int ops, wrong;		/* the operation of now, and the wrong one */

static uint32_t any(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static unsigned int below(unsigned int n)
{
	return any() % n;
}

/* A number of frames: often all, a period, or a line and a bit */
static unsigned long some(struct side *s, unsigned long most)
{
	unsigned long n;

	switch (below(4)) {
	case 0:
		n = most;
		break;
	case 1:
		n = s->p.period;
		break;
	case 2:
		n = 1 + below(40);
		break;
	default:
		n = most ? 1 + below(most) : 0;
	}
	return n < most ? n : most;
}

/* At most the ring: a stream that never runs dry may be farther ahead. */
static unsigned long room(struct side *s)
{
	unsigned long n = raw_avail(&s->p);

	return n < s->p.buffer ? n : s->p.buffer;
}

static void say(const struct side *s, const char *name, long arg)
{
	said[ops].side = s;
	said[ops].name = name;
	said[ops].arg = arg;
}

/*
 * poll() reports no pointer. Frames of whole periods must be there, as the kernel has had
 * their interrupts.
 */
static bool see_polled(struct side *s)
{
	size_t end = s->moved - s->moved % s->p.period, at = s->p.appl;
	uint32_t data;
	int events;

	if (s->p.state != RAW_RUNNING || !s->p.mmap)
		return true;
	events = raw_poll(&s->p);
	say(s, "poll", events);
	if (!sy_ok("poll", events))
		return false;
	/* It has run over. */
	if (events & POLLERR)
		return true;
	for (; at < end; at++) {
		if (at + s->p.buffer < s->moved || stored_over[at])
			continue;
		raw_get(&s->p, at, &data, 1);
		if (data != recorded[at])
			return sy_wrong("after poll() frame %zu is %#x instead of %#x\n", at,
					data, recorded[at]);
		compared++;
	}
	return true;
}

/*
 * Recorded frames that one of these reports must be there then. The last one may not
 * detect that the stream has run dry; a player must find that out before it writes.
 */
static bool look(struct side *s)
{
	unsigned int how = s == &play ? 0 : below(4);
	int err;

	if (how == 3 && !see_polled(s))
		return false;
	err = how == 0 ? raw_update(&s->p) : how == 1 ? raw_status(&s->p) :
		  raw_peek(&s->p);

	/* A stream that has run dry or is not set up reports only that. */
	if (err == -EPIPE || err == -EBADFD)
		err = raw_peek(&s->p);
	/* STATUS reports the new hw_ptr, but the state before the update of hw_ptr. */
	if (!err && how == 1 && raw_avail(&s->p) >= s->p.buffer)
		err = raw_peek(&s->p);
	return sy_ok("pointers", err);
}

/* An error of the stream is right if it has run dry meanwhile. */
static bool is_fine(struct side *s, const char *what, long err)
{
	if (err == -EPIPE && !raw_peek(&s->p) && s->p.state == RAW_XRUN)
		return true;
	return sy_ok(what, err);
}

/*
 * Parameters and states
 */

static bool new_params(struct side *s)
{
	static const unsigned int periods[] = { 64, 96, 120, 256, 500, 512 };
	unsigned int period = periods[below(ARRAY_SIZE(periods))];
	unsigned int buffer = period * (2 + below(7));
	bool mmap = below(2);

	say(s, mmap ? "hw_params mmap" : "hw_params", buffer);
	/* A recording that goes on and is not read is overwritten. */
	s->forever = s == &play && below(2);
	/* Short periods would need shorter pieces. */
	s->stores = mmap && below(2) && (s == &record || (s->forever && period >= 8 * PIECE));
	raw_drop(&s->p);
	raw_unmap(&s->p);
	if (!sy_ok("hw_params", raw_hw_params(&s->p, mmap, period, buffer)) ||
	    !sy_ok("sw_params", raw_sw_params(&s->p, s->forever ? RAW_FOREVER : buffer,
					      0, 0)) ||
	    (mmap && !sy_ok("mmap", s->stores ? raw_map_writable(&s->p) : raw_map(&s->p))) ||
	    !sy_ok("prepare", raw_prepare(&s->p)))
		return false;
	if (s == &play)
		memset(ring, 0, sizeof(ring));
	s->p.state = RAW_PREPARED;
	return true;
}

static bool prepare(struct side *s)
{
	say(s, "prepare", 0);
	s->p.state = RAW_PREPARED;
	return sy_ok("prepare", raw_prepare(&s->p));
}

static bool start(struct side *s)
{
	int err = raw_start(&s->p);

	say(s, "start", err);
	/* Without a frame to play it cannot. */
	if (err == -EPIPE && s == &play && !s->forever && s->p.appl == s->p.hw)
		return true;
	s->moved = 0;
	if (s == &record)
		memset(stored_over, 0, sizeof(stored_over));
	return sy_ok("start", err);
}

static bool pause_or_go_on(struct side *s)
{
	bool on = s->p.state == RAW_RUNNING;
	int err;

	say(s, "pause", on);
	err = raw_pause(&s->p, on);
	/* It has run dry, which is detected only now. */
	if (err == -EBADFD && !raw_peek(&s->p) && s->p.state == RAW_XRUN)
		return true;
	return sy_ok("pause", err);
}

static bool drop(struct side *s)
{
	say(s, "drop", 0);
	s->p.state = RAW_SETUP;
	return is_fine(s, "drop", raw_drop(&s->p));
}

static bool drain(struct side *s)
{
	int err = raw_drain(&s->p);

	say(s, "drain", err);
	return err == -EAGAIN || sy_ok("drain", err);
}

/*
 * Data
 */

static bool give(struct side *s)
{
	unsigned long n = some(s, room(s)), i;
	unsigned long at = s->p.appl % s->p.buffer;
	uint32_t data[MAX_BUFFER];
	long got = n;

	say(s, s->p.mmap ? "commit" : "write", n);
	for (i = 0; i < n; i++)
		data[i] = next_sample++ * 0x9e3779b1 | 1;
	if (s->p.mmap) {
		raw_put(&s->p, at, data, n);
		if (!sy_ok("commit", raw_commit(&s->p, n)))
			return false;
	} else if (n) {
		got = raw_write(&s->p, data, n);
		if (!sy_ok("write", got))
			return false;
	}
	for (i = 0; i < (unsigned long)got; i++)
		ring[(at + i) % s->p.buffer] = data[i];
	return true;
}

/* A quarter of a period ahead of hw_ptr, behind the committed frames, and no more */
static bool store_ahead(struct side *s)
{
	unsigned long least = s->p.period / 4 + PIECE + 4 * BURST, n, i, at;
	unsigned long room_ahead = s->p.buffer - LINE;
	unsigned long given = s->p.appl - s->p.hw;

	/* Behind hw_ptr, which is everything to a number without a sign */
	if (given > 2 * (unsigned long)MAX_BUFFER)
		given = 0;
	if (given > least)
		least = given;
	n = least < room_ahead ? 1 + below(room_ahead - least) : 0;
	say(s, "store", n);
	at = s->p.hw + least;
	for (i = 0; i < n; i++, next_sample++) {
		ring[(at + i) % s->p.buffer] = next_sample * 0x9e3779b1 | 1;
		raw_put(&s->p, at + i, &ring[(at + i) % s->p.buffer], 1);
	}
	return true;
}

/* Lines that were recorded and reported, and not committed */
static bool store_over(struct side *s)
{
	unsigned long at = s->p.appl, n = room(s), i;
	uint32_t data = next_sample++;

	while (n && at % s->p.buffer % LINE)
		at++, n--;
	if (n > s->p.buffer - at % s->p.buffer)
		n = s->p.buffer - at % s->p.buffer;
	n = n < LINE ? 0 : LINE * (1 + below(n / LINE));
	say(s, "store over", n);
	for (i = 0; i < n; i++) {
		raw_put(&s->p, at + i, &data, 1);
		stored_over[at + i] = true;
		over = true;
	}
	return true;
}

static bool take(struct side *s)
{
	unsigned long n = some(s, room(s)), at = s->p.appl, i;
	uint32_t data[MAX_BUFFER];
	long got = n;

	say(s, s->p.mmap ? "take" : "read", n);
	if (!n)
		return true;
	if (s->p.mmap) {
		raw_get(&s->p, at, data, n);
		if (!sy_ok("commit", raw_commit(&s->p, n)))
			return false;
	} else {
		got = raw_read(&s->p, data, n);
		if (got < 0)
			return is_fine(s, "read", got);
	}
	for (i = 0; i < (unsigned long)got; i++) {
		/* DMA is ahead of hw_ptr: it may have overwritten frames that were rewound. */
		if (at + i + s->p.buffer < s->moved || stored_over[at + i])
			continue;
		if (data[i] != recorded[at + i])
			return sy_wrong("recorded frame %lu is %#x instead of %#x\n", at + i,
					data[i], recorded[at + i]);
		compared++;
	}
	return true;
}

static bool back(struct side *s)
{
	unsigned long n = some(s, s->p.buffer - room(s));
	long got;

	if (n > s->p.appl)
		n = s->p.appl;
	got = raw_rewind(&s->p, n);
	say(s, "rewind", got);
	return is_fine(s, "rewind", got);
}

static bool ahead(struct side *s)
{
	unsigned long n = some(s, room(s)), i;
	unsigned long at = s->p.appl;
	long got;

	/* Skipped frames are heard: new data, through a map, or old. */
	if (s == &play && s->p.mmap)
		for (i = 0; i < n; i++, next_sample++) {
			ring[(at + i) % s->p.buffer] = next_sample * 0x9e3779b1 | 1;
			raw_put(&s->p, at + i, &ring[(at + i) % s->p.buffer], 1);
		}
	got = raw_forward(&s->p, n);
	say(s, "forward", got);
	if (got < 0)
		return is_fine(s, "forward", got);
	return got == (long)n || sy_wrong("forward: %ld of %lu frames\n", got, n);
}

/*
 * Time
 */

/* DMA fetches a burst when its first frame is due; a period ends one early. */
static uint32_t next_frame(struct side *s, size_t k)
{
	unsigned int in_period = k % s->p.period, i;

	if (in_period % BURST == 0)
		for (i = 0; i < BURST; i++)
			burst[i] = ring[(k + i) % s->p.buffer];
	return burst[in_period % BURST];
}

static bool runs(const struct side *s)
{
	return s->p.state == RAW_RUNNING || s->p.state == RAW_DRAINING;
}

static bool see_dma(struct side *s, size_t *from)
{
	long long to = nc_moved(s->fe);

	*from = s->moved;
	if (to < (long long)s->moved)
		return sy_wrong("%s: at frame %lld, and at %zu before\n", s->fe, to,
				s->moved);
	s->moved = to;
	return true;
}

static bool step(void)
{
	unsigned int n = 1 + below(below(2) ? 100 : MAX_STEP), i;
	size_t from, k;

	say(NULL, "step", n);
	/* A timer syncs uncommitted frames. */
	if (!(play.stores && runs(&play) ? sy_pass(n, PIECE) : sy_step(n)))
		return false;
	for (i = 0; i < n; i++) {
		heard[now + i] = 0;
		when[now + i] = ops;
	}
	if (runs(&play)) {
		if (!see_dma(&play, &from))
			return false;
		for (i = 0, k = from; k < play.moved; k++)
			heard[now + i++] = next_frame(&play, k);
	}
	if (runs(&record)) {
		if (!see_dma(&record, &from))
			return false;
		for (i = 0, k = from; k < record.moved; k++)
			memcpy(&recorded[k], nc_frame(&source, now + i++), RAW_FRAME);
	}
	now += n;
	return true;
}

/* Operations that are possible in the state of the stream */
static bool operate(struct side *s)
{
	unsigned int what = below(16);

	if (!look(s))
		return false;
	if (what == 0)
		return new_params(s);
	switch (s->p.state) {
	case RAW_PREPARED:
		if (what < 6)
			return start(s);
		if (s == &record)
			return start(s);
		return what < 14 ? give(s) : what == 14 ? back(s) : ahead(s);
	case RAW_RUNNING:
		if (what == 1)
			return drop(s);
		if (what == 2 && s == &play)
			return drain(s);
		if (what == 3)
			return pause_or_go_on(s);
		break;
	case RAW_PAUSED:
		if (what < 6)
			return pause_or_go_on(s);
		break;
	case RAW_DRAINING:
		return true;
	default:
		return prepare(s);
	}
	if (s->stores && what < 8)
		return s == &play ? store_ahead(s) : store_over(s);
	if (what < 12)
		return s == &play ? give(s) : take(s);
	return what < 14 ? back(s) : ahead(s);
}

static bool round_compare(struct nc_stream *rec)
{
	size_t k;

	if (!sy_collect(rec))
		return false;
	wrong = now ? when[now - 1] : 0;
	if (rec->pos != now)
		return sy_wrong("the port heard %zu of %zu frames\n", rec->pos, now);
	for (k = 0; k < now; k++) {
		if (!memcmp(nc_frame(rec, k), &heard[k], RAW_FRAME))
			continue;
		wrong = when[k];
		return sy_wrong("frame %zu, heard %#x instead of %#x\n", k,
				((uint32_t *)rec->data)[k], heard[k]);
	}
	compared += now;
	return true;
}

/*
 * Until an overrun is detected DMA overwrites lines that the program has stored into and
 * not yet committed. It is right that these lines are then written back.
 */
static bool round_is_synced(void)
{
	struct nc_stale stale;

	if (!over)
		return sy_nothing_stale();
	return !nc_stale_read(&stale) &&
	       (!stale.fe0 || sy_wrong("%llu bytes stale\n", stale.fe0));
}

static void round_report(uint32_t seed)
{
	unsigned int i;

	ksft_print_msg("seed %u, operation %u:\n", seed, wrong);
	for (i = wrong > SAID ? wrong - SAID : 0; i <= wrong && i < ROUND; i++)
		if (said[i].name)
			ksft_print_msg("%u: %s %s %ld\n", i,
				       said[i].side ? said[i].side->name : "both",
				       said[i].name, said[i].arg);
}

static bool round_run(struct nc_stream *rec)
{
	if (!sy_listen(rec, ROUND_FRAMES + MAX_STEP) ||
	    !sy_feed(&source, ROUND_FRAMES + MAX_STEP, any()) ||
	    !sy_ok("open", raw_open(&play.p, nc_card(), FE0, true)) ||
	    !sy_ok("open", raw_open(&record.p, nc_card(), FE4, false)) ||
	    !new_params(&play) || !new_params(&record) || !sy_zero_counters())
		return false;
	for (ops = 0; ops < ROUND && now < ROUND_FRAMES; ops++) {
		wrong = ops;
		/* Both are checked before time passes, to identify a stream. */
		if (below(3) ? !operate(below(2) ? &play : &record) :
		    !look(&play) || !look(&record) || !step())
			return false;
	}
	return round_compare(rec) && round_is_synced();
}

static bool fuzz_round(uint32_t seed)
{
	struct nc_stream rec = { 0 };
	bool ok;

	random_state = seed * 0x9e3779b1 ? : 1;
	next_sample = 1;
	now = 0;
	over = false;
	ops = 0;
	memset(said, 0, sizeof(said));
	play.p.fd = -1;
	record.p.fd = -1;
	ok = !sy_reset() && !nc_sim_set("evict", 20) && !nc_sim_set("refill", 20) &&
	     round_run(&rec);
	if (!ok)
		round_report(seed);
	raw_close(&play.p);
	raw_close(&record.p);
	nc_close(&rec);
	nc_close(&source);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned long todo = argc > 1 ? strtoul(argv[1], NULL, 0) : 4000;
	uint32_t seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	unsigned long done = 0;
	bool ok = true;

	sy_begin();
	ksft_set_plan(1);
	for (; ok && done < todo; done += ops)
		ok = fuzz_round(seed++);
	nc_sim_set("evict", 0);
	nc_sim_set("refill", 0);
	ksft_test_result(ok && compared, "%lu random operations, %lu frames compared\n",
			 done, compared);
	nc_routes_off();
	ksft_finished();
	return 0;
}
