// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: a buffer is freed while other threads request its pointers.
 *
 *	noncoherent-race [SECONDS]
 *
 * FE0 plays, FE4 records, and two substreams of the bench's device that fetches in
 * .ack are linked now and then. No buffer is preallocated, so each HW_PARAMS gets
 * new memory and each HW_FREE frees it, while two threads for each stream, on duplicated
 * descriptors, make all calls that may sync. DMA runs. The calls are counted: a side
 * without calls has shown nothing.
 *
 * Then, for a sixth of the time, streams are closed while a stream that they are linked
 * to prepares, starts and stops them (Y14): the state of their sync, and that of their
 * driver, is freed with them.
 *
 * Made for a kernel with KASAN and a guest with several CPUs.
 */
#define _GNU_SOURCE

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "../kselftest.h"
#include "noncoherent-freed.h"
#include "noncoherent-scene.h"

#define FETCH	3

static const struct {
	const char *(*card)(void);
	int device;
	bool playback;
	int sub;
	unsigned int prealloc;		/* KiB, afterwards */
} streams[] = {
	{ nc_card, FE0, true, 0, 256 },
	{ nc_card, FE4, false, 0, 256 },
	{ nc_bench, FETCH, true, 0, 64 },
	{ nc_bench, FETCH, true, 1, 64 },
};

static bool preallocate(bool yes)
{
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(streams); i++)
		ok &= !sy_prealloc(streams[i].card(), streams[i].device,
				   streams[i].playback, streams[i].sub,
				   yes ? streams[i].prealloc : 0);
	return ok;
}

static bool race(unsigned int seconds)
{
	static struct race races[ARRAY_SIZE(streams)];
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(streams); i++)
		ok &= sy_ok("open", raw_open(&races[i].pcm, streams[i].card(),
					     streams[i].device, streams[i].playback));
	/* One side of a link is enough to make and to undo it. */
	races[2].linked = &races[3].pcm;
	races[2].grouped = true;
	races[3].grouped = true;
	ok = ok && race_run(races, ARRAY_SIZE(streams), seconds);
	for (i = 0; i < ARRAY_SIZE(streams); i++)
		raw_close(&races[i].pcm);
	return ok;
}

/* A stream that stays, and others that are linked to it and closed */
struct linked {
	struct raw_pcm stays;
	bool stop;
	unsigned long started, closed;
};

static bool is_over(struct linked *l)
{
	return __atomic_load_n(&l->stop, __ATOMIC_ACQUIRE);
}

static int get_ready(struct raw_pcm *p)
{
	return raw_open(p, nc_bench(), FETCH, true) ? :
	       raw_hw_params(p, true, 256, 1024) ? :
	       raw_sw_params(p, RAW_FOREVER, 0, 0) ? :
	       raw_map(p) ? : raw_prepare(p);
}

/* Whatever is linked now starts as well. */
static void *start_all(void *arg)
{
	struct linked *l = arg;

	while (!is_over(l)) {
		if (!raw_prepare(&l->stays) && !raw_start(&l->stays))
			l->started++;
		raw_drop(&l->stays);
	}
	return NULL;
}

/* A stream is linked if both are in the same state, for once. */
static void *link_and_close(void *arg)
{
	struct linked *l = arg;
	unsigned int tries;
	struct raw_pcm p;

	while (!is_over(l)) {
		if (!get_ready(&p)) {
			for (tries = 0; tries < 64 && raw_link(&p, &l->stays); tries++)
				raw_prepare(&p);
			if (tries < 64)
				__atomic_add_fetch(&l->closed, 1, __ATOMIC_RELAXED);
		}
		raw_close(&p);
	}
	return NULL;
}

static bool race_of_links(unsigned int seconds)
{
	struct linked l = { .stop = false };
	int log = sy_log_open(), i;
	pthread_t thread[3];
	const char *splat;
	bool ok;

	ok = sy_ok("a stream", get_ready(&l.stays));
	for (i = 0; ok && i < 3; i++)
		if (pthread_create(&thread[i], NULL, i ? link_and_close : start_all, &l))
			ksft_exit_fail_msg("no threads\n");
	/* Requests the time. */
	if (ok)
		sleep(seconds);
	__atomic_store_n(&l.stop, true, __ATOMIC_RELEASE);
	for (i = 0; ok && i < 3; i++)
		pthread_join(thread[i], NULL);
	raw_close(&l.stays);
	ksft_print_msg("%lu starts, %lu streams closed that were linked\n", l.started,
		       l.closed);
	if (ok && (!l.started || !l.closed))
		ok = sy_wrong("one side did nothing\n");
	splat = sy_log_splat(log);
	if (splat)
		ok = sy_wrong("%s\n", splat);
	close(log);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? strtoul(argv[1], NULL, 0) : 60;
	bool ok;

	nc_begin();
	if (nc_need_sync() != 1)
		ksft_exit_skip("this device needs no sync, or nothing tells\n");
	ksft_set_plan(2);
	if (sy_reset())
		ksft_exit_fail_msg("the card cannot be set up\n");
	ok = preallocate(false) && race(seconds);
	ok &= preallocate(true);
	ksft_test_result(ok, "%u seconds of sync and free\n", seconds);
	ok = race_of_links(seconds / 6 + 1);
	ksft_test_result(ok, "%u seconds of links to streams that are closed\n",
			 seconds / 6 + 1);
	nc_routes_off();
	ksft_finished();
	return 0;
}
