// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: allocations that fail.
 *
 * FE0 plays on BE0. FE1 joins it there and plays on BE1 as well, and at one step of that
 * an allocation fails: the first one, the second and so on (nomem.h), in each call from
 * open to close and in route switches. The call succeeds all the same, and FE1 goes on to
 * play, or it returns -ENOMEM. FE0 plays on untouched, a close of FE1 leaves nothing
 * behind, and then it all works.
 *
 * A trigger must not allocate at all: it runs under a spinlock.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <string.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-card.h"
#include "nomem.h"

#define CARD	"fe=2 capture=0 be=2 compress=0"
#define RATE	48000
/* More than any call makes: then something goes wrong in counting them. */
#define MOST	2000

struct step {
	const char *name;
	/* The calls before it, each step as far as the next one needs it */
	enum { CLOSED, OPEN, PARAMS, PREPARED, RUNNING, HALF_ROUTED, PAUSED } from;
	int (*run)(struct dpcm_pcm *p);
	bool trigger;
};

static int do_open(struct dpcm_pcm *p)
{
	return dpcm_open(p, 1);
}

static int do_hw_params(struct dpcm_pcm *p)
{
	return dpcm_hw_params(p, RATE);
}

static int do_pause(struct dpcm_pcm *p)
{
	return dpcm_pause(p, true);
}

static int do_release(struct dpcm_pcm *p)
{
	return dpcm_pause(p, false);
}

static int do_route_on(struct dpcm_pcm *p)
{
	return dpcm_route(1, 1, true);
}

static int do_route_off(struct dpcm_pcm *p)
{
	return dpcm_route(1, 1, false);
}

static const struct step steps[] = {
	{ "open", CLOSED, do_open, false },
	{ "hw_params", OPEN, do_hw_params, false },
	{ "hw_free", PARAMS, dpcm_hw_free, false },
	{ "prepare", PARAMS, dpcm_prepare, false },
	{ "start", PREPARED, dpcm_start, true },
	{ "pause", RUNNING, do_pause, true },
	{ "release", PAUSED, do_release, true },
	{ "drop", RUNNING, dpcm_drop, true },
	{ "route on", HALF_ROUTED, do_route_on, false },
	{ "route off", RUNNING, do_route_off, false },
	{ "close", RUNNING, dpcm_close, false },
};

static bool wrong(const char *what, unsigned int nth, int err)
{
	ksft_print_msg("allocation %u: %s: %s\n", nth, what, strerror(-err));
	return false;
}

/* Brings FE1 to where the step begins. */
static int get_to(const struct step *step, struct dpcm_pcm *p)
{
	int err = dpcm_route(1, 0, true);

	err = err ? err : dpcm_route(1, 1, step->from != HALF_ROUTED);
	if (!err && step->from >= OPEN)
		err = dpcm_open(p, 1);
	if (!err && step->from >= PARAMS)
		err = dpcm_hw_params(p, RATE);
	if (!err && step->from >= PREPARED)
		err = dpcm_prepare(p);
	if (!err && step->from >= RUNNING)
		err = dpcm_start(p);
	if (!err && step->from >= PAUSED)
		err = dpcm_pause(p, true);
	return err;
}

/* BE0 plays FE0 and, if @joined, FE1; BE1 plays FE1 or is closed. */
static bool plays(bool joined)
{
	static const char * const name[] = { "BE0", "BE1" };
	uint64_t wanted[] = { joined ? 3 : 1, joined ? 2 : 0 };
	char words[256] = "";
	struct dpcm_state s;
	bool ok = true;
	int be;

	if (dpcm_read_state(&s))
		return false;
	for (be = 0; be < 2; be++) {
		struct dpcm_be_state *b = &s.be[be][DPCM_PLAY];

		if (b->heard == wanted[be] && b->open == !!wanted[be] &&
		    b->run == (wanted[be] ? DPCM_RUN : DPCM_STOP))
			continue;
		ksft_print_msg("%s: open %d, run %d, heard %#llx\n", name[be], b->open, b->run,
			       (unsigned long long)b->heard);
		ok = false;
	}
	if (dpcm_faults(words, sizeof(words))) {
		ksft_print_msg("%s\n", words);
		ok = false;
	}
	return ok;
}

/* The remaining calls until FE1 plays, after a step that succeeded */
static int finish(const struct step *step, struct dpcm_pcm *p)
{
	int state = dpcm_pcm_state(p), err = 0;

	/* A put succeeds although FE1 could not follow: the next one tries again. */
	if (step->run == do_route_on)
		err = dpcm_route(1, 1, false);
	if (!err && (step->run == do_route_on || step->run == do_route_off))
		err = dpcm_route(1, 1, true);
	if (step->run == do_open || step->run == dpcm_hw_free)
		err = dpcm_hw_params(p, RATE);
	if (!err && state == SNDRV_PCM_STATE_PAUSED)
		return dpcm_pause(p, false);
	if (!err && state == SNDRV_PCM_STATE_RUNNING)
		return 0;
	if (!err && step->run != dpcm_prepare)
		err = dpcm_prepare(p);
	return err ? err : dpcm_start(p);
}

/* FE0 is not disturbed, whatever has become of FE1. */
static bool still_plays(void)
{
	struct dpcm_state s;
	struct dpcm_be_state *b = &s.be[0][DPCM_PLAY];

	return !dpcm_read_state(&s) && b->run == DPCM_RUN && b->heard & 1;
}

/* Ends with the first number at which nothing fails any more. */
static bool each_fails_well(const struct step *step)
{
	unsigned int nth, refused = 0;
	struct dpcm_pcm p;
	bool hit = true;
	int err;

	for (nth = 1; hit && nth < MOST; nth++) {
		p = (struct dpcm_pcm) { .fe = 1, .fd = -1 };
		err = get_to(step, &p);
		if (err)
			return wrong("before it", nth, err);
		nomem_arm(nth);
		err = step->run(&p);
		hit = nomem_hit();
		if (err && (err != -ENOMEM || !hit))
			return wrong(step->name, nth, err);
		refused += !!err;
		if (!still_plays())
			return wrong("FE0 does not play any more", nth, 0);
		if (!err && step->run != dpcm_close) {
			err = finish(step, &p);
			if (err)
				return wrong("after it", nth, err);
			if (!plays(true))
				return wrong("after it", nth, 0);
		}
		err = dpcm_close(&p);
		if (err)
			return wrong("close", nth, err);
		if (!plays(false))
			return wrong("after the close", nth, 0);
		err = dpcm_route(1, 0, true);
		err = err ? err : dpcm_route(1, 1, true);
		err = err ? err : dpcm_up(&p, 1, RATE);
		if (err)
			return wrong("again", nth, err);
		if (!plays(true))
			return wrong("again", nth, 0);
		dpcm_close(&p);
	}
	ksft_print_msg("%s: %u allocations, %u errors\n", step->name, nth - 2, refused);
	if (step->trigger && nth > 2)
		return wrong("a trigger allocates", nth, 0);
	return nth < MOST;
}

static bool fails_well(const struct step *step)
{
	enum nomem_kind kind;
	bool ok = true;

	for (kind = 0; ok && kind < NOMEM_KINDS; kind++) {
		nomem_count(kind);
		ok = each_fails_well(step);
	}
	return ok;
}

int main(void)
{
	struct dpcm_pcm p = { .fd = -1 };
	struct dpcm_log log;
	const char *splat;
	unsigned int i;

	dpcm_begin(CARD);
	if (!dpcm.sim || dpcm.fes != 2 || dpcm.bes != 2)
		ksft_exit_skip("needs the test card with %s\n", CARD);
	if (!nomem_begin())
		ksft_exit_skip("needs CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC, with debugfs\n");
	ksft_set_plan(ARRAY_SIZE(steps) + 1);
	if (dpcm_log_open(&log))
		ksft_exit_fail_msg("no /dev/kmsg\n");
	dpcm_routes_off();
	dpcm_faults_clear();
	if (dpcm_route(0, 0, true) || dpcm_up(&p, 0, RATE))
		ksft_exit_fail_msg("FE0 does not play\n");

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		ksft_test_result(fails_well(steps + i), "%s\n", steps[i].name);

	dpcm_close(&p);
	dpcm_routes_off();
	splat = dpcm_log_splat(&log);
	ksft_test_result(!splat, "no splat%s%s\n", splat ? ": " : "", splat ? splat : "");
	ksft_finished();
}
