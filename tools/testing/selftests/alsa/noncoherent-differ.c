// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: random players, and which of their frames are heard.
 *
 *	noncoherent-differ [ROUNDS [SEED]]
 *
 * noncoherent-fuzz keeps the rules of Documentation/sound/soc/noncoherent-buffers.rst for
 * programs, and all of its frames must be heard. Programs that were written for coherent
 * machines break them: they commit first and store afterwards, or store nearer to hw_ptr
 * than a quarter of a period. Whether these frames are heard depends on the kernel. Each
 * round is such a player, drawn at random; it does the same on each kernel, as it reads
 * the position from the simulator.
 *
 * Each frame that is played is of a kind:
 *
 *	k	keeps the rules: it was committed after it was stored, or stored far
 *		enough ahead, or in an earlier lap of the ring
 *	l	late: it was committed before it was stored
 *	n	near: not committed, and stored too near to hw_ptr
 *
 * A frame is heard if DMA has fetched it after the program has stored it. All frames of
 * the first kind must be heard. The file that the environment names in NONCOHERENT_HEARD
 * gets a line for each round: the seed, and a letter for each frame, a capital one if it
 * was heard. lab/differ.py compares the files of two kernels.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define MAX_BUFFER	4096
#define LAPS		4
#define BURST		4		/* frames of one DMA burst: 8 beats of a sample */
#define LINE		(NC_LINE / RAW_FRAME)		/* frames of a cache line */

enum order { NEVER, STORE_FIRST, COMMIT_FIRST, ORDERS };

/* A player: its operations each time */
struct habit {
	unsigned int period, buffer;
	unsigned long stop;
	enum order commits;
	unsigned int step;		/* frames that pass */
	unsigned int ahead;		/* of hw_ptr, how far it stores */
	int (*ask)(struct raw_pcm *p);
};

/* The application's view of its ring */
struct slot {
	uint32_t sample;
	size_t stored;			/* for which frame, ... */
	size_t at;			/* ... when the device was at this one */
	bool late;
};

static struct slot ring[MAX_BUFFER];
static uint32_t want[(LAPS + 2) * MAX_BUFFER];
static char kinds[(LAPS + 2) * MAX_BUFFER + 1];
static uint32_t burst[BURST];
static char burst_kind[BURST];
static uint32_t random_state, next_sample;
static unsigned long kept, lost;
static FILE *out;

static unsigned int below(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % n;
}

static int ask_nothing(struct raw_pcm *p)
{
	return 0;
}

static int ask_delay(struct raw_pcm *p)
{
	long frames;

	return raw_delay(p, &frames);
}

typedef int (*ask)(struct raw_pcm *p);

static const ask asks[] = {
	ask_nothing, raw_update, raw_update_told, raw_status, ask_delay, raw_hwsync,
};

static struct habit any_habit(void)
{
	static const unsigned int periods[] = { 256, 480, 512 };
	struct habit h;

	h.period = periods[below(ARRAY_SIZE(periods))];
	h.buffer = h.period * (2 + below(7));
	h.commits = below(ORDERS);
	h.stop = h.commits == NEVER || below(2) ? RAW_FOREVER : h.buffer;
	h.step = 1 + below(h.period);
	h.ahead = h.step + 8 + below(h.buffer - LINE - 8 - h.step);
	h.ask = asks[below(ARRAY_SIZE(asks))];
	return h;
}

/*
 * To the quarter of a period, add one step of hw_ptr and the frames that DMA has fetched.
 * A line is written back as a whole.
 */
static size_t far_enough(const struct habit *h, unsigned int piece)
{
	return h->period / 4 + piece + 4 * BURST + LINE;
}

static char kind_of(const struct habit *h, const struct slot *slot, size_t frame,
		    size_t appl, unsigned int piece)
{
	if (slot->late)
		return 'l';
	if (frame < appl || slot->stored != frame)
		return 'k';
	return frame - slot->at >= far_enough(h, piece) ? 'k' : 'n';
}

/* DMA fetches a burst when its first frame is due; each period begins with one. */
static void play_frame(const struct habit *h, size_t frame, size_t appl, unsigned int piece)
{
	unsigned int in_period = frame % h->period, i;
	struct slot *slot;

	for (i = 0; in_period % BURST == 0 && i < BURST; i++) {
		slot = &ring[(frame + i) % h->buffer];
		burst[i] = slot->sample;
		burst_kind[i] = kind_of(h, slot, frame + i, appl, piece);
	}
	want[frame] = burst[in_period % BURST];
	kinds[frame] = burst_kind[in_period % BURST];
}

static void store(const struct habit *h, struct raw_pcm *p, size_t from, size_t to,
		  size_t now, bool late)
{
	struct slot *slot;

	for (; from < to; from++) {
		slot = &ring[from % h->buffer];
		slot->sample = next_sample++ * 0x9e3779b1 | 1;
		slot->stored = from;
		slot->at = now;
		slot->late = late;
		raw_put(p, from, &slot->sample, 1);
	}
}

/* Up to frame @to in the ring, in the order that the player has */
static bool go_on(const struct habit *h, struct raw_pcm *p, size_t *done, size_t to, size_t now)
{
	size_t from = *done > now ? *done : now + 1;

	if (to <= *done)
		return true;
	*done = to;
	/* Only players that commit must not leave a gap. */
	if (h->commits == NEVER) {
		store(h, p, from, to, now, false);
		return true;
	}
	from = p->appl;
	if (h->commits == STORE_FIRST)
		store(h, p, from, to, now, false);
	if (!sy_ok("commit", raw_commit(p, to - from)))
		return false;
	if (h->commits == COMMIT_FIRST)
		store(h, p, from, to, now, true);
	return true;
}

static bool open_player(const struct habit *h, struct raw_pcm *p)
{
	return sy_ok("open", raw_open(p, nc_card(), FE0, true)) &&
	       sy_ok("hw_params", raw_hw_params(p, true, h->period, h->buffer)) &&
	       sy_ok("sw_params", raw_sw_params(p, h->stop, 0, 0)) &&
	       sy_ok("mmap", raw_map(p)) && sy_ok("prepare", raw_prepare(p)) &&
	       sy_ok("sync_ptr", raw_peek(p));
}

/* All that is played until the end, or until the stream has run dry; how much that was */
static bool play(const struct habit *h, struct raw_pcm *p, size_t *played)
{
	unsigned int piece = h->period / 8;
	size_t done = 0, now = 0, total = LAPS * h->buffer;
	long long to;

	memset(ring, 0, sizeof(ring));
	store(h, p, 0, h->period, 0, false);
	done = h->period;
	if (!sy_ok("commit", raw_commit(p, done)) || !sy_ok("start", raw_start(p)))
		return false;
	while (now < total) {
		if (!go_on(h, p, &done, now + h->ahead, now))
			return false;
		if (!sy_pass(h->step, piece))
			return false;
		to = nc_moved("FE0");
		if (to < (long long)now)
			return sy_wrong("at frame %lld, and at %zu before\n", to, now);
		/* It has run dry. */
		if (to == (long long)now)
			break;
		for (; now < (size_t)to; now++)
			play_frame(h, now, p->appl, piece);
		if (h->ask(p) == -EPIPE || p->state == RAW_XRUN)
			break;
	}
	*played = now;
	return true;
}

static void judge(struct nc_stream *rec, size_t played)
{
	uint32_t *heard = (uint32_t *)rec->data;
	size_t i;

	for (i = 0; i < played && i < rec->pos; i++) {
		if (heard[i] == want[i]) {
			kept += kinds[i] == 'k';
			kinds[i] += 'A' - 'a';
		} else if (kinds[i] == 'k') {
			lost++;
		}
	}
	kinds[i] = '\0';
}

static bool one_round(unsigned int seed)
{
	struct nc_stream rec = { 0 };
	struct raw_pcm p = { .fd = -1 };
	unsigned long before = lost;
	struct habit h;
	size_t played;
	bool ok;

	random_state = seed * 0x9e3779b1 ? : 1;
	next_sample = 1;
	h = any_habit();
	ok = !sy_reset() && open_player(&h, &p) &&
	     sy_listen(&rec, (LAPS + 2) * MAX_BUFFER) && play(&h, &p, &played) &&
	     sy_collect(&rec);
	if (ok) {
		judge(&rec, played);
		fprintf(out, "%u %s\n", seed, kinds);
	}
	if (!ok || lost != before)
		ksft_print_msg("seed %u, %u of %u, order %d, step %u, ahead %u: %lu lost\n",
			       seed, h.period, h.buffer, h.commits, h.step, h.ahead,
			       lost - before);
	raw_close(&p);
	nc_close(&rec);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 40, i;
	unsigned int seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	const char *file = getenv("NONCOHERENT_HEARD");
	bool ok = true;

	sy_begin();
	ksft_set_plan(1);
	out = fopen(file ? : "/dev/null", "w");
	if (!out)
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	for (i = 0; ok && i < rounds; i++)
		ok = one_round(seed + i);
	ok &= !fclose(out);
	ksft_test_result(ok && kept && !lost,
			 "%u players: %lu frames that keep the rules heard, %lu not\n",
			 i, kept, lost);
	nc_routes_off();
	ksft_finished();
	return 0;
}
