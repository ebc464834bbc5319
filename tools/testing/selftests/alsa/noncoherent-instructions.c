// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: what one write and one commit cost in instructions.
 *
 * Made for a guest whose clock counts instructions, as dpcm-cost is. The simulator
 * stands still, and what models its caches must be out of the way: either the device
 * is coherent, or the simulator was loaded with caches=0 and the kernel's own cache
 * maintenance is what is counted, one instruction for a line however long it takes.
 *
 * A stream runs while the simulated clock stands still, so all that happens is
 * what the application asks for: as many writes or commits as the ring has room for
 * between two readings of the clock, then it is rewound. The best of several such
 * runs has no timer tick in it. What was given last is then played and compared.
 *
 * The numbers go out as comments "# cell,operation,instructions" and, if the
 * environment names a file in NONCOHERENT_COST_OUT, into that as CSV.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define AT_ONCE	16	/* periods between two readings of the clock */
#define RUNS	9

static const unsigned int periods[] = { 64, 256, 1024 };
static const char *cell;
static FILE *csv;

struct job {
	bool mmap;
	unsigned int period;
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* What two readings cost with nothing between them */
static long long clock_cost(void)
{
	long long best = LLONG_MAX, t;
	int i;

	for (i = 0; i < RUNS; i++) {
		t = now();
		t = now() - t;
		best = t < best ? t : best;
	}
	return best;
}

/* Gives AT_ONCE periods and tells how long it took, or a negative error. */
static long long give(struct raw_pcm *p, const struct nc_stream *play)
{
	unsigned long from = p->appl;
	long long t;
	long n = 0;
	int i;

	t = now();
	for (i = 0; i < AT_ONCE && n >= 0; i++)
		n = p->mmap ? raw_commit(p, p->period) :
		    raw_write(p, nc_frame(play, p->period * i), p->period);
	t = now() - t;
	if (n >= 0)
		n = raw_peek(p);
	if (n >= 0 && p->appl != from + AT_ONCE * p->period)
		n = -EIO;
	return n < 0 ? n : t;
}

/* The first period is played already; the others follow it in the ring. */
static bool run(struct raw_pcm *p, struct nc_stream *play, long long *best)
{
	long back, ahead = AT_ONCE * p->period;
	long long t;
	int i;

	*best = LLONG_MAX;
	for (i = 0; i < RUNS; i++) {
		if (p->mmap)
			raw_put(p, p->appl, play->data, ahead);
		t = give(p, play);
		if (!sy_ok("give", t))
			return false;
		*best = t < *best ? t : *best;
		if (i + 1 == RUNS)
			break;
		back = raw_rewind(p, ahead);
		if (back != ahead)
			return sy_wrong("rewind: %ld of %ld\n", back, ahead);
		if (!sy_ok("sync_ptr", raw_peek(p)))
			return false;
	}
	return true;
}

static void tell(const struct job *job, long long ns)
{
	char line[80];

	snprintf(line, sizeof(line), "%s,%s-%u,%lld\n", cell,
		 job->mmap ? "commit" : "write", job->period, ns);
	ksft_print_msg("%s", line);
	if (csv)
		fputs(line, csv);
}

static bool measure(const void *arg)
{
	const struct job *job = arg;
	size_t frames = (AT_ONCE + 1) * job->period;
	long long reading = clock_cost(), best;
	struct nc_stream play, rec;
	struct raw_pcm p;

	if (!sy_pattern(&play, frames, 1) || !sy_listen(&rec, 2 * frames) ||
	    !sy_open(&p, FE0, job->mmap, job->period, frames) ||
	    !sy_ok("sync_ptr", raw_peek(&p)) ||
	    !sy_give(&p, &play, job->period) || !sy_ok("start", raw_start(&p)) ||
	    !run(&p, &play, &best))
		return false;
	/* The first one comes a second time: run() gives from the beginning on. */
	memmove(play.data + job->period * RAW_FRAME, play.data,
		AT_ONCE * job->period * RAW_FRAME);
	if (!sy_step(frames) || !sy_hears(&rec, &play, frames))
		return false;
	nc_close(&rec);
	raw_close(&p);
	free(play.data);
	if (best <= reading)
		return sy_wrong("%lld ns, of which the clock takes %lld\n", best, reading);
	tell(job, (best - reading) / AT_ONCE);
	return true;
}

static void test(bool mmap, unsigned int period)
{
	struct job job = { .mmap = mmap, .period = period };

	ksft_test_result(sy_alone(measure, &job), "one %s of %u frames\n",
			 mmap ? "commit" : "write", period);
}

/* Whether the simulator's model of caches is out of the way. */
static bool has_caches(void)
{
	FILE *f = fopen("/sys/module/snd_soc_nc1_sim/parameters/caches", "r");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	return c != '0';
}

int main(void)
{
	const char *file = getenv("NONCOHERENT_COST_OUT");
	unsigned int i;
	int need;

	nc_begin();
	need = nc_need_sync();
	if (need < 0)
		ksft_exit_skip("needs the simulated card\n");
	if (need && has_caches())
		ksft_exit_skip("the simulator's caches would be counted: load it with caches=0\n");
	nc_clock_steps();
	cell = need ? "not-coherent" : "coherent";
	if (file) {
		csv = fopen(file, "w");
		if (!csv)
			ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
		fputs("cell,operation,instructions\n", csv);
	}
	ksft_set_plan(2 * ARRAY_SIZE(periods));
	for (i = 0; i < 2 * ARRAY_SIZE(periods); i++)
		test(i >= ARRAY_SIZE(periods), periods[i % ARRAY_SIZE(periods)]);
	if (csv && fclose(csv))
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	nc_routes_off();
	ksft_finished();
	return 0;
}
