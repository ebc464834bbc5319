// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: drivers that go while streams are open.
 *
 * The card, the component of the FEs or that of the BEs is unregistered while one
 * stream plays and another one plays or is paused on the same BE. The streams are
 * disconnected: each call of their users fails, and when they have closed them, the
 * driver is gone, and the module can be loaded anew.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

#define WAIT_MS	20000

static const char * const drivers[] = { "card", "fe", "be" };

static int unbind(int which, int unused)
{
	return dpcm_sim_write("unbind", drivers[which]);
}

static bool is_disconnected(void *unused)
{
	return dpcm_pcm_state(&scene_pcm[0]) < 0 && dpcm_pcm_state(&scene_pcm[1]) < 0;
}

static bool goes(int which, const char *text)
{
	struct scene_thread thread;
	struct dpcm_log log;
	const char *splat;
	bool ok;
	int err;

	if (dpcm_log_open(&log))
		return scene_wrong("no kernel log");
	if (!scene(text) || !scene_begin(&thread, unbind, which, 0))
		return false;
	ok = dpcm_poll(is_disconnected, NULL, WAIT_MS) ||
	     scene_wrong("\"%s\" does not disconnect the streams", drivers[which]);
	if (ok && !dpcm_start(&scene_pcm[0]))
		ok = scene_wrong("\"%s\" is gone, and a stream starts", drivers[which]);
	dpcm_close(&scene_pcm[0]);
	dpcm_close(&scene_pcm[1]);
	dpcm_forget();
	err = scene_join(&thread);
	if (err)
		ok = scene_wrong("\"%s\": error %d", drivers[which], err);
	splat = dpcm_log_splat(&log);
	if (splat)
		ok = scene_wrong("%s", splat);
	dpcm_log_close(&log);
	err = dpcm_load("");
	return !err ? ok : scene_wrong("the card does not come back: %d", err);
}

static bool each_goes(const char *text)
{
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		ok &= goes(i, text);
		ok = ok && scene_then("+00 O0 H0 P0 S0", "0=run/0") &&
		     scene_then("D0 C0 -00", "");
	}
	return ok;
}

static bool playing(void)
{
	return each_goes("+00 +10 +11 O0 H0 P0 S0 O1 H1 P1 S1");
}

static bool paused(void)
{
	return each_goes("+00 +10 +11 O0 H0 P0 S0 U0 O1 H1 P1 S1 U1");
}

static bool one_paused(void)
{
	return each_goes("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1");
}

static bool prepared(void)
{
	return each_goes("+00 +10 +01 O0 H0 P0 O1 H1");
}

static bool suspended(void)
{
	return each_goes("+00 +10 O0 H0 P0 S0 O1 H1 P1 z");
}

static const struct scene_test tests[] = {
	{ "playing", "a driver goes while streams play", NULL, playing, 1 },
	{ "paused", "a driver goes while streams are paused", NULL, paused, 1 },
	{ "one_paused", "a driver goes while one plays and one is paused",
	  NULL, one_paused, 1 },
	{ "prepared", "a driver goes while streams are prepared", NULL, prepared, 1 },
	{ "suspended", "a driver goes after a system sleep", NULL, suspended, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
