// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: a buffer is freed while others ask for its pointers.
 *
 *	noncoherent-race [SECONDS]
 *
 * FE0 plays, FE4 records, and two substreams of the bench's device that fetches in
 * .ack are linked now and then. No buffer is preallocated, so each HW_PARAMS gets
 * new memory and each HW_FREE gives it back, while two threads for each stream, on
 * duplicated descriptors, call all that may sync. DMA runs. What happens is counted:
 * a side that did nothing has shown nothing.
 *
 * Made for a kernel with KASAN and a guest with several CPUs.
 */
#define _GNU_SOURCE

#include <stdlib.h>

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

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? strtoul(argv[1], NULL, 0) : 60;
	bool ok;

	nc_begin();
	if (nc_need_sync() != 1)
		ksft_exit_skip("this device needs no sync, or nothing tells\n");
	ksft_set_plan(1);
	if (sy_reset())
		ksft_exit_fail_msg("the card cannot be set up\n");
	ok = preallocate(false) && race(seconds);
	ok &= preallocate(true);
	ksft_test_result(ok, "%u seconds of sync and free\n", seconds);
	nc_routes_off();
	ksft_finished();
	return 0;
}
