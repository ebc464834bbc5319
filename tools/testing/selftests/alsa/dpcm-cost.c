// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: the cost of a trigger, an elapsed period and a route switch.
 *
 *	dpcm-cost [growth]
 *
 * With "growth" it measures how each grows with FEs, running and idle, and with BEs.
 *
 * Made for a guest whose clock counts instructions (QEMU: one CPU and -icount
 * shift=0): there a nanosecond is an instruction, and a number is the same on
 * every host and in every run. It does not include caches and pipelines, but two
 * kernels can be compared to the digit; lab/cost.py does that. On another
 * clock the numbers are only times.
 *
 * dpcm-cells.h describes a cell. A period is that of all FEs that run, without the cost
 * of the step itself. Each number is the median of many, without the time of reading
 * the clock: the timer tick hits some of them.
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
#include "dpcm-cells.h"

#define TIMES	33
#define WARM	5

static const struct cell costs[] = {
	{ "1x1", 1, 1, false },
	{ "4x1-running", 4, 1, true },
	{ "4x1-idle", 4, 1, false },
	{ "1x4", 1, 4, false },
	{ "8x1-running", 8, 1, true },
	{ "8x1-idle", 8, 1, false },
}, growth[] = {
	{ "1x1", 1, 1, false },
	{ "2x1-running", 2, 1, true },
	{ "4x1-running", 4, 1, true },
	{ "8x1-running", 8, 1, true },
	{ "16x1-running", 16, 1, true },
	{ "32x1-running", 32, 1, true },
	{ "2x1-idle", 2, 1, false },
	{ "4x1-idle", 4, 1, false },
	{ "8x1-idle", 8, 1, false },
	{ "16x1-idle", 16, 1, false },
	{ "32x1-idle", 32, 1, false },
	{ "1x2", 1, 2, false },
	{ "1x4", 1, 4, false },
	{ "1x8", 1, 8, false },
	{ "32x8-running", 32, 8, true },
	{ "32x8-idle", 32, 8, false },
};

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

/* Not the mean: with a timer tick more or less in it that is another number. */
static long long middle(struct samples *s)
{
	qsort(s->value, s->n, sizeof(s->value[0]), less);
	return s->value[s->n / 2];
}

static void add(struct samples *s, long long value)
{
	if (s->n < TIMES)
		s->value[s->n++] = value;
}

/* Cost of a step that moves no FE */
static long long step_cost(struct samples *s)
{
	long long t;
	int i;

	s->n = 0;
	for (i = 0; i < WARM + TIMES; i++) {
		t = now();
		dpcm_step(CELL_PERIOD);
		if (i >= WARM)
			add(s, now() - t);
	}
	return middle(s);
}

/* Cost of two readings of the clock with nothing between them */
static long long clock_cost(struct samples *s)
{
	long long t;

	for (s->n = 0; s->n < TIMES;) {
		t = now();
		add(s, now() - t);
	}
	return middle(s);
}

static long long began, took[CELL_OPERATIONS];

static void begin(void)
{
	began = now();
}

static void end(enum cell_operation operation)
{
	took[operation] = now() - began;
}

static const struct cell_ruler ruler = { begin, end };

static void tell(const char *cell, const char *operation, long long value)
{
	ksft_print_msg("%s,%s,%lld\n", cell, operation, value);
	if (csv)
		fprintf(csv, "%s,%s,%lld\n", cell, operation, value);
}

static bool measure(const struct cell *c)
{
	static struct samples samples[CELL_OPERATIONS];
	long long reading, step, value;
	struct samples s;
	int i, op, err;
	bool ok = true;

	memset(samples, 0, sizeof(samples));
	reading = clock_cost(&s);
	err = cell_set_up(c);
	step = step_cost(&s);
	err = err ? err : cell_start_others(c);
	for (i = 0; !err && i < WARM + TIMES; i++) {
		err = cell_round(c, &ruler);
		for (op = 0; op < CELL_OPERATIONS && i >= WARM; op++)
			add(samples + op, took[op] - (op == CELL_ELAPSED ? step : reading));
	}
	cell_tear_down();
	if (err) {
		ksft_print_msg("%s: %s\n", c->name, strerror(-err));
		return false;
	}
	for (op = 0; op < CELL_OPERATIONS; op++) {
		value = middle(samples + op);
		tell(c->name, cell_operation[op], value);
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

int main(int argc, char **argv)
{
	const char *file = getenv("DPCM_COST_OUT");
	bool grow = argc == 2 && !strcmp(argv[1], "growth");
	const struct cell *cells = grow ? growth : costs;
	unsigned int i, count = grow ? ARRAY_SIZE(growth) : ARRAY_SIZE(costs);

	if (argc > 1 && !grow)
		ksft_exit_fail_msg("usage: dpcm-cost [growth]\n");
	cell_load(grow ? CELL_FES : 8, grow ? 8 : 4);
	if (file) {
		csv = fopen(file, "w");
		if (!csv)
			ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
		fputs("cell,operation,instructions\n", csv);
	}
	ksft_set_plan(count);
	if (!counts_instructions())
		ksft_print_msg("this clock does not count instructions: the numbers are times\n");
	for (i = 0; i < count; i++)
		ksft_test_result(measure(cells + i), "cost of %s\n", cells[i].name);
	if (csv && fclose(csv))
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	ksft_finished();
}
