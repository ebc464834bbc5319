// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: what a trigger, an elapsed period and a route switch cost.
 *
 * Made for a guest whose clock counts instructions (QEMU: one CPU and -icount
 * shift=0): there a nanosecond is an instruction, and a number is the same on
 * every host and in every run. It says nothing about caches and pipelines, but
 * two kernels can be compared to the digit; lab/cost.py does that. On another
 * clock the numbers are only times.
 *
 * A cell is FEs x BEs: each of so many FEs is switched to each of so many BEs.
 * FE 0 is measured while the others run, and while they only stand prepared. A
 * period is that of all FEs that run, without what a step costs by itself.
 * Each number is the mean of the middle half of many, without the time of
 * reading the clock: the timer tick hits some of them, and the clock itself may
 * count only each sixteenth instruction. What is measured is checked as well: a
 * BE must be heard when FE 0 runs, and not else.
 *
 * The numbers go out as comments "# cell,operation,instructions" and, if the
 * environment names a file in DPCM_COST_OUT, into that as CSV.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../kselftest.h"
#include "dpcm-card.h"

#define CARD	"fe=8 capture=0 be=4 compress=0"
#define RATE	48000
#define PERIOD	240		/* what dpcm_hw_params() sets */
#define TIMES	33
#define WARM	5

enum { START, STOP, PAUSE, RELEASE, PERIOD_ELAPSED, ROUTE_OFF, ROUTE_ON, OPERATIONS };

static const char * const operation_name[] = {
	"start", "stop", "pause", "release", "period", "route-off", "route-on",
};

static const struct cell {
	const char *name;
	int fes, bes;
	bool others_run;
} cells[] = {
	{ "1x1", 1, 1, false },
	{ "4x1-running", 4, 1, true },
	{ "4x1-idle", 4, 1, false },
	{ "1x4", 1, 4, false },
	{ "8x1-running", 8, 1, true },
	{ "8x1-idle", 8, 1, false },
};

static struct dpcm_pcm pcm[8];
static FILE *csv;

/* The samples of one number */
struct samples {
	long long value[TIMES];
	int n;
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int less(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static long long middle(struct samples *s)
{
	long long sum = 0;
	int i;

	qsort(s->value, s->n, sizeof(s->value[0]), less);
	for (i = s->n / 4; i < s->n - s->n / 4; i++)
		sum += s->value[i];
	return sum / (s->n - s->n / 4 * 2);
}

static void add(struct samples *s, long long value)
{
	if (s->n < TIMES)
		s->value[s->n++] = value;
}

/* What a step costs that moves nothing */
static long long step_cost(struct samples *s)
{
	long long t;
	int i;

	s->n = 0;
	for (i = 0; i < WARM + TIMES; i++) {
		t = now();
		dpcm_step(PERIOD);
		if (i >= WARM)
			add(s, now() - t);
	}
	return middle(s);
}

/* What two readings of the clock cost with nothing between them */
static long long clock_cost(struct samples *s)
{
	long long t;

	for (s->n = 0; s->n < TIMES;) {
		t = now();
		add(s, now() - t);
	}
	return middle(s);
}

/* Is FE 0 heard at each BE of the cell, or at none? */
static bool heard(const struct cell *c, bool yes)
{
	struct dpcm_state s;
	int be;

	if (dpcm_read_state(&s))
		return false;
	for (be = 0; be < c->bes; be++)
		if ((s.be[be][DPCM_PLAY].heard & 1) != yes)
			return false;
	return true;
}

/*
 * One round: every operation once. A failed one ends it, since all that follows
 * would be the number of something else.
 */
static int one_round(const struct cell *c, long long *took)
{
	struct dpcm_pcm *p = pcm;
	long long t;
	int err, be;

	err = dpcm_prepare(p);
	if (err)
		return err;
	t = now();
	err = dpcm_start(p);
	took[START] = now() - t;
	if (err || !heard(c, true))
		return err ? err : -EIO;
	t = now();
	err = dpcm_step(PERIOD);
	took[PERIOD_ELAPSED] = now() - t;
	if (err)
		return err;

	t = now();
	err = dpcm_pause(p, true);
	took[PAUSE] = now() - t;
	if (err || !heard(c, false))
		return err ? err : -EIO;
	t = now();
	err = dpcm_pause(p, false);
	took[RELEASE] = now() - t;
	if (err || !heard(c, true))
		return err ? err : -EIO;

	/* Of the last BE: where there are several, FE 0 still runs on the others. */
	be = c->bes - 1;
	t = now();
	err = dpcm_route(0, be, false);
	took[ROUTE_OFF] = now() - t;
	if (err)
		return err;
	t = now();
	err = dpcm_route(0, be, true);
	took[ROUTE_ON] = now() - t;
	if (err || !heard(c, true))
		return err ? err : -EIO;

	t = now();
	err = dpcm_drop(p);
	took[STOP] = now() - t;
	if (err || !heard(c, false))
		return err ? err : -EIO;
	return 0;
}

static int set_up(const struct cell *c)
{
	int fe, be, err;

	for (fe = 0; fe < c->fes; fe++) {
		for (be = 0; be < c->bes; be++) {
			err = dpcm_route(fe, be, true);
			if (err)
				return err;
		}
		err = dpcm_open(pcm + fe, fe);
		err = err ? err : dpcm_hw_params(pcm + fe, RATE);
		err = err ? err : dpcm_prepare(pcm + fe);
		if (err)
			return err;
	}
	return 0;
}

static int start_others(const struct cell *c)
{
	int fe, err = 0;

	for (fe = 1; !err && c->others_run && fe < c->fes; fe++)
		err = dpcm_start(pcm + fe);
	return err;
}

static void tear_down(void)
{
	int fe;

	for (fe = 0; fe < dpcm.playback; fe++)
		dpcm_close(pcm + fe);
	dpcm_routes_off();
}

static void tell(const char *cell, const char *operation, long long value)
{
	ksft_print_msg("%s,%s,%lld\n", cell, operation, value);
	if (csv)
		fprintf(csv, "%s,%s,%lld\n", cell, operation, value);
}

static bool measure(const struct cell *c)
{
	static struct samples samples[OPERATIONS];
	long long took[OPERATIONS], reading, step, value;
	struct samples s;
	int i, op, err;
	bool ok = true;

	memset(samples, 0, sizeof(samples));
	reading = clock_cost(&s);
	err = set_up(c);
	step = step_cost(&s);
	err = err ? err : start_others(c);
	for (i = 0; !err && i < WARM + TIMES; i++) {
		err = one_round(c, took);
		for (op = 0; op < OPERATIONS && i >= WARM; op++)
			add(samples + op, took[op] - (op == PERIOD_ELAPSED ? step : reading));
	}
	tear_down();
	if (err) {
		ksft_print_msg("%s: %s\n", c->name, strerror(-err));
		return false;
	}
	for (op = 0; op < OPERATIONS; op++) {
		value = middle(samples + op);
		tell(c->name, operation_name[op], value);
		ok = ok && value > 0;
	}
	return ok;
}

/* On a clock that counts instructions, reading it costs the same each time. */
static bool counts_instructions(void)
{
	struct samples s;

	clock_cost(&s);
	clock_cost(&s);
	return s.value[TIMES / 4] == s.value[3 * TIMES / 4];
}

int main(void)
{
	const char *file = getenv("DPCM_COST_OUT");
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(pcm); i++)
		pcm[i].fd = -1;
	dpcm_begin(CARD);
	if (dpcm.sim && (dpcm.playback != 8 || dpcm.bes != 4)) {
		err = dpcm_load(CARD);
		if (err)
			ksft_exit_skip("the card cannot be loaded with %s\n", CARD);
	}
	if (!dpcm.sim)
		ksft_exit_skip("needs the test card\n");
	if (file) {
		csv = fopen(file, "w");
		if (!csv)
			ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
		fputs("cell,operation,instructions\n", csv);
	}
	ksft_set_plan(ARRAY_SIZE(cells));
	if (!counts_instructions())
		ksft_print_msg("this clock does not count instructions: the numbers are times\n");
	dpcm_routes_off();
	for (i = 0; i < ARRAY_SIZE(cells); i++)
		ksft_test_result(measure(cells + i), "cost of %s\n", cells[i].name);
	if (csv && fclose(csv))
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	ksft_finished();
}
