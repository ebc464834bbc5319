// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: suspend and system sleep.
 *
 * ALSA ignores errors of a suspend: the streams are suspended, even if a driver returns
 * an error. Running streams get SUSPEND; prepared and paused ones get no command, and
 * start or go on after the resume as without a suspend. The BEs, however, have lost their
 * registers: each must get RESUME or prepare before it starts or goes on after a pause.
 * For the test card it is a fault if it does not.
 *
 * D13 to D15 are defects of the stock core; dpcm-scene.h explains how the sequences are
 * written.
 */
#define _GNU_SOURCE

#include <stdio.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

/*
 * D13: a SUSPEND that fails
 */

static bool is_suspended(int fe)
{
	int state = dpcm_pcm_state(&scene_pcm[fe]);

	return state == SNDRV_PCM_STATE_SUSPENDED ||
	       scene_wrong("FE%d is in state %d", fe, state);
}

/* The BE in which it failed runs on, without any FE, until a prepare. */
static bool refused_by_be(void)
{
	return scene_then("+10 O1 H1 P1 S1 E70 Z", "0=run") && is_suspended(ops_base + 1) &&
	       scene_then("P1", "0=stop") && scene_then("S1", "0=run/1") &&
	       scene_then("D1", "0=stop");
}

static bool refused_then_resumed(void)
{
	return scene_then("+10 O1 H1 P1 S1 E70 Z", "0=run") &&
	       scene_then("W1", "0=run/1") && scene_then("Z", "0=suspend") &&
	       scene_then("W1 D1", "0=stop");
}

static bool refused_then_closed(void)
{
	return scene_then("+00 O0 H0 P0 S0 E70 Z", "0=run") &&
	       scene_then("D0 C0", "") && scene_then("O0 H0 P0 S0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool refused_by_one_of_two(void)
{
	return scene_then("+00 +01 O0 H0 P0 S0 E70 Z", "0=run 1=suspend") &&
	       scene_then("W0", "0=run/0 1=run/0") &&
	       scene_then("E71 Z", "0=suspend 1=run") &&
	       scene_then("P0", "0=stop 1=stop") &&
	       scene_then("S0", "0=run/0 1=run/0") && scene_then("D0", "0=stop 1=stop");
}

static bool refused_with_a_neighbour(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 E70 Z", "0=run") &&
	       scene_then("W0", "0=run/0") && scene_then("W1", "0=run/01") &&
	       scene_then("D0", "0=run/1") && scene_then("D1", "0=stop");
}

/* The FE's DMA runs on as well; that must not change the BE. */
static bool refused_by_fe(void)
{
	enum dpcm_dir dir = dpcm_dir(ops_base);
	struct dpcm_state s;

	if (!scene("+00 O0 H0 P0 S0 G70 Z") || !is_suspended(ops_base))
		return false;
	if (dpcm_read_state(&s) || s.be[0][dir].run != DPCM_SUSPEND)
		return scene_wrong("BE0 was not suspended");
	return scene_then("P0", "0=stop") && scene_then("S0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool d13(void)
{
	static bool (*const scenes[])(void) = {
		refused_by_be, refused_then_resumed, refused_then_closed,
		refused_by_one_of_two, refused_with_a_neighbour, refused_by_fe,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

static bool capture_refused_by_be(void)
{
	ops_base = dpcm.playback;
	return refused_by_be();
}

static bool capture_refused_by_fe(void)
{
	ops_base = dpcm.playback;
	return refused_by_fe();
}

static bool d13_capture(void)
{
	static bool (*const scenes[])(void) = {
		capture_refused_by_be, capture_refused_by_fe,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

/*
 * D14: a system sleep
 */

/* FE1 is prepared, but the BE has lost that: FE0's prepare must prepare the BE. */
static bool prepared_neighbour(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 z", "0=suspend") &&
	       scene_then("P0 S0", "0=run/0") && scene_then("P1 S1", "0=run/01") &&
	       scene_then("D0", "0=run/1") && scene_then("D1", "0=stop");
}

static bool neighbour_starts_first(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 z", "0=suspend") &&
	       scene_then("P1 S1", "0=run/1") && scene_then("P0 S0", "0=run/01") &&
	       scene_then("D1", "0=run/0") && scene_then("D0", "0=stop");
}

static bool d14_neighbour(void)
{
	static bool (*const scenes[])(void) = {
		prepared_neighbour, neighbour_starts_first,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

static bool prepared(void)
{
	return scene("+00 O0 H0 P0 z") && scene_then("P0 S0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool prepared_pair(void)
{
	return scene("+00 +10 O0 H0 P0 O1 H1 P1 z") &&
	       scene_then("P0 P1 S0 S1", "0=run/01") &&
	       scene_then("D0", "0=run/1") && scene_then("D1", "0=stop");
}

static bool prepared_pair_in_turn(void)
{
	return scene("+00 +10 O0 H0 P0 O1 H1 P1 z") &&
	       scene_then("P1 S1", "0=run/1") && scene_then("P0 S0", "0=run/01") &&
	       scene_then("D0 D1", "0=stop");
}

static bool configured(void)
{
	return scene("+00 +10 O0 H0 O1 z") && scene_then("P0 S0", "0=run/0") &&
	       scene_then("H1 P1 S1", "0=run/01") && scene_then("D0 D1", "0=stop");
}

static bool stopped(void)
{
	return scene("+00 O0 H0 P0 S0 D0 z") && scene_then("P0 S0", "0=run/0") &&
	       scene("X0 z") && scene_then("P0 S0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

/* Two BEs, of which one is shared with a stream that is prepared */
static bool prepared_on_two(void)
{
	return scene("+00 +01 +11 O0 H0 P0 S0 O1 H1 P1 z") &&
	       scene_then("P0 S0", "0=run/0 1=run/0") &&
	       scene_then("P1 S1", "0=run/0 1=run/01") &&
	       scene_then("D0", "0=stop 1=run/1") && scene_then("D1", "0=stop 1=stop");
}

static bool beside_capture(void)
{
	return scene("+00 +a3 O0 H0 P0 Oa Ha Pa z") &&
	       scene_then("P0 Pa S0 Sa", "0=run/0 3=run/a") &&
	       scene("D0 Da P0 Pa z Pa") && scene_then("P0 S0 Sa", "0=run/0 3=run/a") &&
	       scene_then("D0 Da", "0=stop 3=stop");
}

static bool d14_prepared(void)
{
	static bool (*const scenes[])(void) = {
		prepared, prepared_pair, prepared_pair_in_turn, configured, stopped,
		prepared_on_two, beside_capture,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

/* They cannot resume, and ALSA prepares the paused ones. */
static bool paused_pair(void)
{
	return scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U0 U1 z") &&
	       scene("P0 S0") && scene_then("P1 S1", "0=run/01") &&
	       scene_then("D0", "0=run/1") && scene_then("D1", "0=stop");
}

static bool paused_and_prepared(void)
{
	return scene("+00 +10 O0 H0 P0 S0 U0 O1 H1 P1 z") &&
	       scene_then("P1 S1", "0=run/1") && scene_then("P0 S0", "0=run/01") &&
	       scene_then("D0 D1", "0=stop");
}

static bool paused_joins(void)
{
	return scene("+00 O0 H0 P0 S0 U0 z") && scene("+01") &&
	       scene_then("P0 S0", "0=run/0 1=run/0") && scene_then("D0", "0=stop 1=stop");
}

static bool d14_paused(void)
{
	static bool (*const scenes[])(void) = {
		paused_pair, paused_and_prepared, paused_joins,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

/* After the resume ALSA sends PAUSE_RELEASE to streams that were paused before. */
static bool released(void)
{
	return scene("+00 O0 H0 P0 S0 U0 z W0") && scene_then("R0", "0=run/0") &&
	       scene_then("U0", "0=pause") && scene_then("D0", "0=stop");
}

static bool released_pair(void)
{
	return scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U0 U1 z W0 W1") &&
	       scene_then("R1", "0=run/1") && scene_then("R0", "0=run/01") &&
	       scene_then("D0 D1", "0=stop");
}

static bool resumed(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 z", "0=suspend") &&
	       scene_then("W1", "0=run/1") && scene_then("W0", "0=run/01") &&
	       scene_then("D0 D1", "0=stop");
}

/* A prepared stream starts without another prepare. */
static bool started(void)
{
	return scene("+00 O0 H0 P0 z W0") && scene_then("S0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool started_in_turn(void)
{
	return scene("+00 +10 O0 H0 P0 O1 H1 P1 z W0 W1") &&
	       scene_then("S1", "0=run/1") && scene_then("S0", "0=run/01") &&
	       scene_then("D0 D1", "0=stop");
}

static bool started_before_resumed(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 z", "0=suspend") &&
	       scene("W1") && scene_then("S1", "0=run/1") &&
	       scene_then("W0", "0=run/01") && scene_then("D0 D1", "0=stop");
}

static bool resumed_on_new_route(void)
{
	return scene_then("+00 O0 H0 P0 S0 z", "0=suspend") &&
	       scene_then("+01", "0=suspend 1=stop") &&
	       scene_then("W0", "0=run/0 1=run/0") && scene_then("D0", "0=stop 1=stop");
}

static bool released_on_new_route(void)
{
	return scene("+00 O0 H0 P0 S0 U0 z") && scene_then("-00", "") &&
	       scene("+00 W0") && scene_then("R0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool slept_twice(void)
{
	return scene("+00 O0 H0 P0 S0 z z") && scene_then("W0", "0=run/0") &&
	       scene("U0 z z W0") && scene_then("R0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool linked(void)
{
	return scene("+00 +10 O0 H0 O1 H1 L01 P0 z W0") && scene_then("S0", "0=run/01") &&
	       scene_then("z", "0=suspend") && scene_then("W0", "0=run/01") &&
	       scene_then("D0", "0=stop");
}

static bool d14_resume(void)
{
	static bool (*const scenes[])(void) = {
		released, released_pair, resumed, started, started_in_turn,
		started_before_resumed, resumed_on_new_route, released_on_new_route,
		slept_twice, linked,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

/* It does not run without power; the command that failed must be undone at the resume. */
static bool refused_resumes(void)
{
	return scene_then("+00 O0 H0 P0 S0 E70 z", "0=suspend") &&
	       scene_then("W0", "0=run/0") && scene_then("D0", "0=stop");
}

static bool refused_prepares(void)
{
	return scene_then("+00 O0 H0 P0 S0 E70 z", "0=suspend") &&
	       scene_then("P0", "0=stop") && scene_then("S0", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

static bool d14_refused(void)
{
	static bool (*const scenes[])(void) = {
		refused_resumes, refused_prepares,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

/* FE0 and BE0 have ignore_suspend: their clock and supply stay on. */
static bool awake(void)
{
	return scene_then("+00 +11 O0 H0 P0 S0 O1 H1 P1 S1 z", "0=run/0 1=suspend") &&
	       scene_then("W1", "0=run/0 1=run/1") &&
	       scene_then("+10 z", "0=run/0 1=suspend") &&
	       scene_then("W1", "0=run/01 1=run/1") &&
	       scene_then("D0 z", "0=suspend 1=suspend") &&
	       scene_then("W1", "0=run/1 1=run/1") && scene_then("D1 P0 z", "0=stop 1=stop") &&
	       scene_then("S0", "0=run/0 1=stop") && scene_then("U0 z", "0=pause 1=stop") &&
	       scene_then("R0", "0=run/0 1=stop") && scene_then("D0", "0=stop 1=stop");
}

static bool capture_sleeps(void)
{
	ops_base = dpcm.playback;
	return prepared_neighbour() && scene("P1 z") && scene_then("P1 S1", "0=run/1") &&
	       scene_then("D1", "0=stop");
}

/*
 * D15: one runs, one is paused, and the system suspends
 */

static bool running_and_paused(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1 Z", "0=suspend") &&
	       scene_then("W0", "0=run/0") && scene("W1") &&
	       scene_then("R1", "0=run/01") && scene_then("D0 D1", "0=stop");
}

static bool then_prepared(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1 Z", "0=suspend") &&
	       scene("P0") && scene_then("S0", "0=run/0") && scene("W1") &&
	       scene_then("R1", "0=run/01") && scene_then("D0 D1", "0=stop");
}

static bool then_released(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1 Z", "0=suspend") &&
	       scene("W1") && scene_then("R1", "0=run/1") &&
	       scene_then("W0", "0=run/01") && scene_then("D0 D1", "0=stop");
}

static bool asleep(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1 z", "0=suspend") &&
	       scene("P0") && scene_then("S0", "0=run/0") && scene("W1") &&
	       scene_then("R1", "0=run/01") && scene_then("D0 D1", "0=stop");
}

static bool d15(void)
{
	static bool (*const scenes[])(void) = {
		running_and_paused, then_prepared, then_released, asleep,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

static const struct scene_test tests[] = {
	{ "d13_refused_suspend",
	  "D13: a suspend that is refused is carried out, and all come back",
	  NULL, d13, 1 },
	{ "d13_order_post",
	  "D13: the same with BEs before FEs", "order=1", d13, 1 },
	{ "d13_order_mixed",
	  "D13: the same with both orders", "order=2", d13, 1 },
	{ "d13_nonatomic",
	  "D13: the same with nonatomic links", "nonatomic=1", d13, 1 },
	{ "d13_capture",
	  "D13: the same while recording", NULL, d13_capture, 1 },
	{ "d14_prepared_neighbour",
	  "D14: after a sleep another stream's prepare counts for nothing",
	  "nores=1", d14_neighbour, 1 },
	{ "d14_prepared",
	  "D14: what was prepared before a sleep starts after it",
	  "nores=1", d14_prepared, 1 },
	{ "d14_paused",
	  "D14: what was paused before a sleep is prepared after it",
	  "nores=1", d14_paused, 1 },
	{ "d14_released",
	  "D14: what can resume goes on after a sleep, also from a pause",
	  NULL, d14_resume, 1 },
	{ "d14_nonatomic",
	  "D14: the same with nonatomic links", "nonatomic=1", d14_resume, 1 },
	{ "d14_order_post",
	  "D14: the same with BEs before FEs", "order=1", d14_resume, 1 },
	{ "d14_refused",
	  "D14: a BE that refused to suspend comes back from a sleep",
	  NULL, d14_refused, 1 },
	{ "d14_awake",
	  "D14: what goes on during a sleep is not disturbed",
	  "awake=1", awake, 1 },
	{ "d14_capture",
	  "D14: recording goes on after a sleep", "nores=1", capture_sleeps, 1 },
	{ "d15_paused_neighbour",
	  "D15: a BE is suspended although a stream is paused there",
	  NULL, d15, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
