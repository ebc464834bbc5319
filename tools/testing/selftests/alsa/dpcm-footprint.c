// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: the cost of a stream and of a link in memory, and in time with interrupts off.
 *
 * Needs a kernel with trace events and the irqsoff tracer. Memory is the sum of the
 * allocations (events kmem:kmalloc and the like) between two calls that were not freed.
 * The time with interrupts off is the longest stretch that the tracer measured during
 * one operation; in a guest whose clock counts instructions a microsecond is 1000 of
 * them. The timer tick is in some rounds, so it is the least of many. The cost of two
 * calls with nothing between them is printed as "nothing".
 *
 * The numbers go out as comments "# cell,operation,NUMBER" and, if the environment names
 * a folder in DPCM_FOOTPRINT_OUT, into memory.csv (bytes) and irqsoff.csv (us) there.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "dpcm-cells.h"
#include "tracefs.h"

#define ROUNDS	12
#define BLOCKS	4096

static FILE *csv;

static void open_csv(const char *name, const char *unit)
{
	const char *folder = getenv("DPCM_FOOTPRINT_OUT");
	char path[128];

	if (!folder)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	csv = fopen(path, "w");
	if (!csv)
		ksft_exit_fail_msg("%s: %s\n", path, strerror(errno));
	fprintf(csv, "cell,operation,%s\n", unit);
}

static void close_csv(void)
{
	if (csv && fclose(csv))
		ksft_exit_fail_msg("the numbers cannot be written: %s\n", strerror(errno));
	csv = NULL;
}

static void tell(const char *cell, const char *operation, long value)
{
	ksft_print_msg("%s,%s,%ld\n", cell, operation, value);
	if (csv)
		fprintf(csv, "%s,%s,%ld\n", cell, operation, value);
}

/*
 * Memory
 */

struct block {
	char at[20];	/* as the trace has it */
	long bytes;
};

/* Memory that was allocated and not freed, or a negative error. */
static long kept(void)
{
	static struct block blocks[BLOCKS];
	FILE *f = tracefs_open("trace");
	char line[512], at[20], *text;
	int n = 0, i;
	long sum = 0;

	if (!f)
		return -ENOENT;
	while (fgets(line, sizeof(line), f)) {
		text = line[0] == '#' ? NULL : strstr(line, "ptr=");
		if (!text || sscanf(text, "ptr=%19s", at) != 1)
			continue;
		text = strstr(line, "bytes_alloc=");
		if (text && n < BLOCKS) {
			memcpy(blocks[n].at, at, sizeof(at));
			blocks[n++].bytes = atol(text + strlen("bytes_alloc="));
			continue;
		}
		for (i = n - 1; !text && i >= 0 && strcmp(blocks[i].at, at); i--)
			;
		if (!text && i >= 0)
			blocks[i] = blocks[--n];
	}
	fclose(f);
	for (i = 0; i < n; i++)
		sum += blocks[i].bytes;
	return n < BLOCKS ? sum : -E2BIG;
}

/* FE 0 is opened with a number of links; FE 1 holds all BEs open. */
static long memory_of(int links)
{
	struct dpcm_pcm holder = { .fd = -1 }, p = { .fd = -1 };
	long bytes, err = 0;
	char pid[16];
	int be;

	for (be = 0; !err && be < dpcm.bes; be++)
		err = dpcm_route(1, be, true);
	for (be = 0; !err && be < links; be++)
		err = dpcm_route(0, be, true);
	err = err ? err : dpcm_up(&holder, 1, 48000);
	snprintf(pid, sizeof(pid), "%d", getpid());
	err = err ? err : tracefs_put("set_event_pid", pid);
	err = err ? err : tracefs_begin("kmem");
	err = err ? err : dpcm_open(&p, 0);
	bytes = err ? err : dpcm_hw_params(&p, 48000);
	if (tracefs_end("kmem"))
		bytes = -EIO;
	bytes = bytes ? bytes : kept();
	dpcm_close(&p);
	dpcm_close(&holder);
	dpcm_routes_off();
	return bytes;
}

static bool measure_memory(void)
{
	long none, one, all;

	/* Allocations that are made once, at the first open */
	memory_of(dpcm.bes);
	one = memory_of(1);
	/* Where none can be opened without a link */
	none = dpcm_open_needs_be ? 2 * one - memory_of(2) : memory_of(0);
	all = memory_of(dpcm.bes);
	if (none <= 0 || one <= none || all <= one) {
		ksft_print_msg("%ld bytes without a link, %ld with one, %ld with %d\n",
			       none, one, all, dpcm.bes);
		return false;
	}
	open_csv("memory.csv", "bytes");
	tell("memory", "stream", none);
	tell("memory", "link", (all - none) / dpcm.bes);
	close_csv();
	return true;
}

/*
 * Interrupts off
 */

static long longest[CELL_OPERATIONS];
static int lost;

static void begin(void)
{
	if (tracefs_put("tracing_max_latency", "0"))
		lost++;
}

static long latency(void)
{
	FILE *f = tracefs_open("tracing_max_latency");
	long us = -1;

	if (!f || fscanf(f, "%ld", &us) != 1 || us < 0)
		lost++;
	if (f)
		fclose(f);
	return us;
}

static void end(enum cell_operation operation)
{
	long us = latency();

	if (us < longest[operation])
		longest[operation] = us;
}

static const struct cell_ruler ruler = { begin, end };

static bool measure_irqsoff(const struct cell *c)
{
	long nothing = LONG_MAX, us;
	int i, op, err;

	for (op = 0; op < CELL_OPERATIONS; op++)
		longest[op] = LONG_MAX;
	err = cell_set_up(c);
	err = err ? err : cell_start_others(c);
	err = err ? err : tracefs_put("current_tracer", "irqsoff");
	lost = 0;
	for (i = 0; !err && i < ROUNDS; i++) {
		err = cell_round(c, &ruler);
		begin();
		us = latency();
		nothing = us < nothing ? us : nothing;
	}
	if (tracefs_put("current_tracer", "nop") || lost)
		err = -EIO;
	cell_tear_down();
	if (err) {
		ksft_print_msg("%s: %s\n", c->name, strerror(-err));
		return false;
	}
	tell(c->name, "nothing", nothing);
	for (op = 0; op < CELL_OPERATIONS; op++)
		tell(c->name, cell_operation[op], longest[op]);
	return true;
}

static const struct cell cells[] = {
	{ "1x1", 1, 1, false },
	{ "8x1-running", 8, 1, true },
	{ "8x1-idle", 8, 1, false },
	{ "1x4", 1, 4, false },
};

int main(void)
{
	unsigned int i;

	cell_load(8, 4);
	if (!tracefs_has("kmem") || tracefs_put("current_tracer", "irqsoff") ||
	    tracefs_put("current_tracer", "nop"))
		ksft_exit_skip("the kernel has no irqsoff tracer or no trace events\n");
	ksft_set_plan(1 + ARRAY_SIZE(cells));
	ksft_test_result(measure_memory(), "memory of a stream and of a link\n");
	open_csv("irqsoff.csv", "us");
	for (i = 0; i < ARRAY_SIZE(cells); i++)
		ksft_test_result(measure_irqsoff(cells + i), "interrupts off, %s\n", cells[i].name);
	close_csv();
	ksft_finished();
}
