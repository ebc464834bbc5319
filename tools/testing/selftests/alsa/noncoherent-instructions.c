// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: the cost of one write, one commit and one read of the pointers, in
 * instructions.
 *
 *	noncoherent-instructions [growth]
 *
 * With "growth" it measures how a write and a commit of 256 frames grow with the buffer
 * and with the preallocated memory. Neither should matter.
 *
 * Made for a guest whose clock counts instructions, as dpcm-cost is. The simulator
 * stands still, and its model of caches must be off: either the device is coherent, or
 * the simulator was loaded with caches=0 and the kernel's own cache maintenance is
 * counted, one instruction for a line however long it takes.
 *
 * A stream runs while the simulated clock stands still, so the kernel only executes the
 * calls of the application: as many writes or commits as the ring has room for between
 * two readings of the clock; then the ring is rewound. The best of several such runs
 * has no timer tick in it. The frames of the last one are then played and compared.
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

#define PREALLOC 256	/* KiB, as after boot */

enum operation { WRITE, COMMIT, SYNC_PTR, HWSYNC };

static const char * const operation_name[] = { "write", "commit", "sync-ptr", "hwsync" };

static const char *device;
static FILE *csv;

struct job {
	enum operation operation;
	unsigned int period;	/* frames */
	unsigned int buffer;	/* frames; 0 for the frames of one call and a period */
	unsigned int prealloc;	/* KiB */
	const char *grows;
};

#define COST(operation, frames)		{ operation, frames, 0, PREALLOC, NULL }
#define BY_BUFFER(operation, frames)	{ operation, 256, frames, PREALLOC, "buffer" }
#define BY_PREALLOC(operation, kib)	{ operation, 256, 8192, kib, "prealloc" }

static const struct job costs[] = {
	COST(WRITE, 64), COST(WRITE, 256), COST(WRITE, 1024),
	COST(COMMIT, 64), COST(COMMIT, 256), COST(COMMIT, 1024),
	COST(SYNC_PTR, 256), COST(HWSYNC, 256),
};

static const struct job growth[] = {
	BY_BUFFER(WRITE, 8192), BY_BUFFER(WRITE, 16384),
	BY_BUFFER(WRITE, 32768), BY_BUFFER(WRITE, 65536),
	BY_BUFFER(COMMIT, 8192), BY_BUFFER(COMMIT, 16384),
	BY_BUFFER(COMMIT, 32768), BY_BUFFER(COMMIT, 65536),
	BY_PREALLOC(WRITE, 32), BY_PREALLOC(WRITE, 64),
	BY_PREALLOC(WRITE, 128), BY_PREALLOC(WRITE, 256),
	BY_PREALLOC(COMMIT, 32), BY_PREALLOC(COMMIT, 64),
	BY_PREALLOC(COMMIT, 128), BY_PREALLOC(COMMIT, 256),
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Cost of two readings with nothing between them */
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

static bool gives(enum operation operation)
{
	return operation == WRITE || operation == COMMIT;
}

static long once(struct raw_pcm *p, enum operation operation, const void *frames)
{
	switch (operation) {
	case WRITE:
		return raw_write(p, frames, p->period);
	case COMMIT:
		return raw_commit(p, p->period);
	case SYNC_PTR:
		return raw_peek(p);
	default:
		return raw_update(p);
	}
}

/* Do it AT_ONCE times; return the time it took, or a negative error. */
static long long many(struct raw_pcm *p, enum operation operation, const struct nc_stream *play)
{
	unsigned long ahead = gives(operation) ? AT_ONCE * p->period : 0;
	unsigned long from = p->appl;
	long long t;
	long n = 0;
	int i;

	t = now();
	for (i = 0; i < AT_ONCE && n >= 0; i++)
		n = once(p, operation, nc_frame(play, p->period * i));
	t = now() - t;
	if (n >= 0)
		n = raw_peek(p);
	if (n >= 0 && p->appl != from + ahead)
		n = -EIO;
	return n < 0 ? n : t;
}

/* The first period is played already; the others follow it in the ring. */
static bool run(struct raw_pcm *p, enum operation operation, struct nc_stream *play,
		long long *best)
{
	long back, ahead = AT_ONCE * p->period;
	long long t;
	int i;

	*best = LLONG_MAX;
	for (i = 0; i < RUNS; i++) {
		if (p->mmap)
			raw_put(p, p->appl, play->data, ahead);
		t = many(p, operation, play);
		if (!sy_ok(operation_name[operation], t))
			return false;
		*best = t < *best ? t : *best;
		if (i + 1 == RUNS)
			break;
		if (!gives(operation))
			continue;
		back = raw_rewind(p, ahead);
		if (back != ahead)
			return sy_wrong("rewind: %ld of %ld\n", back, ahead);
		if (!sy_ok("sync_ptr", raw_peek(p)))
			return false;
	}
	return true;
}

static void name_job(const struct job *job, char *name, size_t size)
{
	int n = 0;

	if (job->grows)
		n = snprintf(name, size, "%s-%u,", job->grows,
			     job->grows[0] == 'b' ? job->buffer : job->prealloc);
	else
		n = snprintf(name, size, "%s,", device);
	n += snprintf(name + n, size - n, "%s", operation_name[job->operation]);
	if (gives(job->operation))
		snprintf(name + n, size - n, "-%u", job->period);
}

static void tell(const struct job *job, long long ns)
{
	char name[64], line[80];

	name_job(job, name, sizeof(name));
	snprintf(line, sizeof(line), "%s,%lld\n", name, ns);
	ksft_print_msg("%s", line);
	if (csv)
		fputs(line, csv);
}

static bool measure(const void *arg)
{
	const struct job *job = arg;
	bool mmap = job->operation == COMMIT;
	size_t frames = (AT_ONCE + 1) * job->period;
	size_t heard = gives(job->operation) ? frames : job->period;
	long long reading = clock_cost(), best;
	struct nc_stream play, rec;
	struct raw_pcm p;

	if (!sy_pattern(&play, frames, 1) || !sy_listen(&rec, 2 * frames) ||
	    !sy_ok("prealloc", sy_prealloc(nc_card(), FE0, true, 0, job->prealloc)) ||
	    !sy_open(&p, FE0, mmap, job->period, job->buffer ? : frames) ||
	    !sy_ok("sync_ptr", raw_peek(&p)) ||
	    !sy_give(&p, &play, job->period) || !sy_ok("start", raw_start(&p)) ||
	    !run(&p, job->operation, &play, &best))
		return false;
	/* The first one comes a second time: run() gives from the beginning on. */
	memmove(play.data + job->period * RAW_FRAME, play.data,
		AT_ONCE * job->period * RAW_FRAME);
	if (!sy_step(heard) || !sy_hears(&rec, &play, heard))
		return false;
	nc_close(&rec);
	raw_close(&p);
	free(play.data);
	if (best <= reading)
		return sy_wrong("%lld ns, of which the clock takes %lld\n", best, reading);
	tell(job, (best - reading) / AT_ONCE);
	return true;
}

static void test(const struct job *job)
{
	char name[64];

	name_job(job, name, sizeof(name));
	ksft_test_result(sy_alone(measure, job), "cost of %s\n", name);
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

int main(int argc, char **argv)
{
	const char *file = getenv("NONCOHERENT_COST_OUT");
	bool grow = argc == 2 && !strcmp(argv[1], "growth");
	const struct job *jobs = grow ? growth : costs;
	unsigned int i, count = grow ? ARRAY_SIZE(growth) : ARRAY_SIZE(costs);
	int need;

	if (argc > 1 && !grow)
		ksft_exit_fail_msg("usage: noncoherent-instructions [growth]\n");

	nc_begin();
	need = nc_need_sync();
	if (need < 0)
		ksft_exit_skip("needs the simulated card\n");
	if (need && has_caches())
		ksft_exit_skip("the simulator's caches would be counted: load it with caches=0\n");
	nc_clock_steps();
	device = need ? "not-coherent" : "coherent";
	if (file) {
		csv = fopen(file, "w");
		if (!csv)
			ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
		fputs("cell,operation,instructions\n", csv);
	}
	ksft_set_plan(count);
	for (i = 0; i < count; i++)
		test(jobs + i);
	if (csv && fclose(csv))
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	nc_routes_off();
	ksft_finished();
	return 0;
}
