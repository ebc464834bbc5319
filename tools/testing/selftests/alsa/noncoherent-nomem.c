// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: allocations that fail.
 *
 * A front end that has no memory in advance allocates its buffer in hw_params. In each
 * call of a stream's life one allocation fails, the first one, the second and so on
 * (nomem.h): the call succeeds all the same or returns -ENOMEM, a close leaves nothing
 * behind, memory that was never allocated is not synced, and then the stream is exact.
 * Start and drop are triggers and must not allocate.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "../kselftest.h"
#include "nomem.h"
#include "noncoherent-scene.h"

#define PERIOD	256
#define BUFFER	1024
#define FRAMES	2048
/* More than any call makes: then something goes wrong in counting them. */
#define MOST	2000

enum step { OPEN, HW_PARAMS, MAP, PREPARE, START, DROP, HW_FREE, CLOSE, STEPS };

static const char * const step_name[] = {
	"open", "hw_params", "mmap", "prepare", "start", "drop", "hw_free", "close",
};

static int take(enum step step, struct raw_pcm *p, int fe)
{
	switch (step) {
	case OPEN:
		return raw_open(p, nc_card(), fe, fe < FE4);
	case HW_PARAMS:
		return raw_hw_params(p, true, PERIOD, BUFFER);
	case MAP:
		return raw_map(p);
	case PREPARE:
		return raw_prepare(p);
	case START:
		return raw_start(p);
	case DROP:
		return raw_drop(p);
	case HW_FREE:
		return raw_hw_free(p);
	default:
		raw_close(p);
		return 0;
	}
}

/* Between two steps: streams never stop by themselves, and have a full ring. */
static int between(enum step step, struct raw_pcm *p)
{
	if (step == HW_PARAMS)
		return raw_sw_params(p, RAW_FOREVER, 0, 0);
	if (step == PREPARE && p->playback)
		return raw_peek(p) ? : raw_commit(p, BUFFER);
	if (step == DROP)
		raw_unmap(p);
	return 0;
}

/* The steps of a stream's life from @step to before @end; a close comes while it runs. */
static int live(enum step step, enum step end, struct raw_pcm *p, int fe)
{
	int err = 0;

	for (; !err && step < end && (end != CLOSE || step < DROP); step++)
		err = take(step, p, fe) ? : between(step, p);
	return err;
}

/* A stream that got so far is synced: the cleared ring, and the frames that it plays. */
static bool is_synced(const struct raw_pcm *p)
{
	size_t wanted = BUFFER * RAW_FRAME * (p->playback ? 2 : 1);
	struct nc_sync sync;

	if (nc_sync_read(&sync))
		return false;
	return sync.device_bytes >= wanted ||
	       sy_wrong("%llu of %zu bytes were synced\n", sync.device_bytes, wanted);
}

/* Count errors in @refused. */
static bool each_fails_well(enum step step, int fe, unsigned int *refused)
{
	unsigned int nth;
	bool hit = true, synced = true;
	struct nc_sync sync;
	struct raw_pcm p;
	int err;

	for (nth = 1; hit && nth < MOST; nth++) {
		memset(&p, 0, sizeof(p));
		p.fd = -1;
		if (!sy_zero_counters())
			return false;
		err = live(OPEN, step, &p, fe);
		if (err)
			return sy_wrong("before %s %u: %s\n", step_name[step], nth,
					strerror(-err));
		/* An unmap may fail as well, and the file would stay open. */
		if (step == CLOSE)
			raw_unmap(&p);
		nomem_arm(nth);
		err = take(step, &p, fe);
		hit = nomem_hit();
		if (err && (err != -ENOMEM || !hit)) {
			raw_close(&p);
			return sy_wrong("%s, allocation %u: %s\n", step_name[step], nth,
					strerror(-err));
		}
		*refused += !!err;
		if (!err && step < START) {
			err = between(step, &p) ? : live(step + 1, DROP, &p, fe);
			synced = err || is_synced(&p);
		} else {
			err = 0;
		}
		raw_close(&p);
		if (err || !synced)
			return sy_wrong("after %s %u: %s\n", step_name[step], nth,
					strerror(-err));
		if (nc_sync_read(&sync))
			return false;
		if (sync.stray || sync.bus_errors)
			return sy_wrong("%llu syncs, %llu transfers of what is no buffer\n",
					sync.stray, sync.bus_errors);
	}
	ksft_print_msg("%s: %u allocations, %u errors\n", step_name[step], nth - 2, *refused);
	if (nth == MOST)
		return sy_wrong("there is no end of them\n");
	if ((step == START || step == DROP) && nth > 2)
		return sy_wrong("a trigger allocates\n");
	return true;
}

static bool fails_well(enum step step, int fe)
{
	unsigned int refused[NOMEM_KINDS] = { 0 };
	enum nomem_kind kind;

	for (kind = 0; kind < NOMEM_KINDS; kind++) {
		nomem_count(kind);
		if (!each_fails_well(step, fe, &refused[kind]))
			return false;
	}
	if (step == HW_PARAMS && !refused[NOMEM_PAGES])
		return sy_wrong("the buffer was not allocated\n");
	return true;
}

static bool all_fail_well(int fe)
{
	enum step step;
	bool ok = true;

	if (!nomem_begin())
		return sy_wrong("the kernel needs CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC\n");
	if (sy_prealloc(nc_card(), fe, fe < FE4, 0, 0))
		return false;
	for (step = OPEN; step < STEPS; step++)
		ok &= fails_well(step, fe);
	return ok;
}

static bool plays(void)
{
	struct nc_stream play, rec;
	struct raw_pcm p;

	return all_fail_well(FE0) && sy_listen(&rec, 2 * FRAMES) &&
	       sy_pattern(&play, FRAMES, 1) && sy_open(&p, FE0, true, PERIOD, BUFFER) &&
	       sy_give_all(&p, &play, PERIOD) && sy_step(BUFFER) &&
	       sy_hears(&rec, &play, FRAMES) && sy_nothing_stale();
}

static bool records(void)
{
	struct nc_stream play;
	struct raw_pcm p;

	return all_fail_well(FE4) && sy_feed(&play, FRAMES, 2) &&
	       sy_open(&p, FE4, false, PERIOD, 2 * FRAMES) &&
	       sy_records(&p, &play, FRAMES) && sy_nothing_stale();
}

static const struct sy_test tests[] = {
	{ "nomem_play", "playback that runs out of memory", plays },
	{ "nomem_record", "capture that runs out of memory", records },
};

int main(int argc, char **argv)
{
	return sy_main(argc, argv, tests, ARRAY_SIZE(tests));
}
