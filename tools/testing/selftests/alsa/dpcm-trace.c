// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: the trace events show all that happened, in order, and why.
 *
 * A scene is played with the events of snd_dpcm on, and each line of the trace is
 * compared. To find a fault by a trace, one must be able to rely on it: a missing or a
 * wrong event is misleading.
 */
#define _GNU_SOURCE

#include <string.h>

#include "../kselftest.h"
#include "dpcm-scene.h"
#include "tracefs.h"

#define SYSTEM	"snd_dpcm"

static struct tracefs_lines lines;

/* Play the scene and compare the trace. */
static bool tells(const char *text, const char * const *expected, int count)
{
	int i, at = 0;
	bool ok;

	if (!tracefs_has(SYSTEM)) {
		scene_skip("the kernel has no events of " SYSTEM);
		return true;
	}
	if (tracefs_begin(SYSTEM))
		return scene_wrong("events cannot be switched on");
	ok = scene(text);
	if (tracefs_end(SYSTEM) || tracefs_read(&lines))
		return scene_wrong("the trace cannot be read");
	for (i = 0; i < lines.count; i++) {
		/* The trace has the operations of the scene as well. */
		if (!strncmp(lines.line[i], "tracing_mark_write", 18))
			continue;
		if (at == count || strcmp(lines.line[i], expected[at]))
			ok = scene_wrong("line %d: %s, expected: %s", at + 1, lines.line[i],
					 at < count ? expected[at] : "the end");
		if (at < count)
			at++;
	}
	if (at < count)
		ok = scene_wrong("missing: %s", expected[at]);
	return ok;
}

static bool tells_life(void)
{
	static const char * const expected[] = {
		"dpcm_link: fe=FE0 be=BE0 playback connect",
		"dpcm_link: fe=FE0 be=BE0 playback reparent",
		"dpcm_state: be=BE0 playback open",
		"dpcm_state: fe=FE0 playback open",
		/* hw_params and prepare check whether the BE plays for other FEs, too. */
		"dpcm_be_trigger: be=BE0 playback does=idle wanted=stopped: nothing err=0 why=unprepared",
		"dpcm_state: be=BE0 playback hw_params",
		"dpcm_state: fe=FE0 playback hw_params",
		"dpcm_state: fe=FE0 playback hw_params",
		"dpcm_be_trigger: be=BE0 playback does=idle wanted=stopped: nothing err=0 why=unprepared",
		"dpcm_state: be=BE0 playback hw_params",
		"dpcm_state: be=BE0 playback prepare",
		"dpcm_be_trigger: be=BE0 playback does=stopped wanted=stopped: nothing err=0 why=there",
		"dpcm_state: fe=FE0 playback prepare",
		"dpcm_link_trigger: fe=FE0 be=BE0 playback start was=stopped asks=started ready=1",
		"dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked",
		"dpcm_fe_trigger: fe=FE0 playback start err=0",
	};

	return tells("+00 O0 H0 P0 S0", expected, ARRAY_SIZE(expected)) && scene_end();
}

/* The second FE on a BE that runs, and the first one that goes */
static bool tells_shared(void)
{
	static const char * const expected[] = {
		"dpcm_link_trigger: fe=FE1 be=BE0 playback start was=stopped asks=started ready=1",
		"dpcm_be_trigger: be=BE0 playback does=started wanted=started: nothing err=0 why=there",
		"dpcm_fe_trigger: fe=FE1 playback start err=0",
		"dpcm_link_trigger: fe=FE0 be=BE0 playback pause was=started asks=paused ready=1",
		"dpcm_be_trigger: be=BE0 playback does=started wanted=started: nothing err=0 why=there",
		"dpcm_fe_trigger: fe=FE0 playback pause err=0",
		"dpcm_link_trigger: fe=FE1 be=BE0 playback stop was=started asks=stopped ready=1",
		"dpcm_be_trigger: be=BE0 playback does=started wanted=paused: pause err=0 why=asked",
		"dpcm_fe_trigger: fe=FE1 playback stop err=0",
	};

	return scene("+00 +10 O0 H0 P0 S0 O1 H1 P1") &&
	       tells("S1 U0 D1", expected, ARRAY_SIZE(expected)) && scene_end();
}

/* D1: a route of an FE that never started is taken away. */
static bool tells_leave(void)
{
	static const char * const expected[] = {
		"dpcm_link: fe=FE1 be=BE0 playback leave",
		"dpcm_link_trigger: fe=FE1 be=BE0 playback stop was=stopped asks=stopped ready=1",
		"dpcm_be_trigger: be=BE0 playback does=started wanted=started: nothing err=0 why=there",
		"dpcm_link: fe=FE1 be=BE0 playback disconnect",
	};

	return scene("+00 +10 O0 H0 P0 S0 O1 H1 P1") &&
	       tells("-10", expected, ARRAY_SIZE(expected)) && scene_end();
}

/* The FE whose runtime the BE has frees its parameters: the other one lends its own. */
static bool tells_reparent(void)
{
	static const char * const expected[] = {
		"dpcm_be_trigger: be=BE0 playback does=started wanted=started: nothing err=0 why=there",
		"dpcm_link: fe=FE1 be=BE0 playback reparent",
		"dpcm_state: fe=FE0 playback hw_free",
		"dpcm_be_trigger: be=BE0 playback does=started wanted=started: nothing err=0 why=there",
		"dpcm_state: fe=FE0 playback close",
		"dpcm_link: fe=FE0 be=BE0 playback leave",
		"dpcm_link: fe=FE0 be=BE0 playback disconnect",
	};

	return scene("+00 O0 H0 P0 +10 O1 H1 P1 S1") &&
	       tells("C0", expected, ARRAY_SIZE(expected)) && scene_end();
}

static bool tells_refused(void)
{
	static const char * const expected[] = {
		"dpcm_link_trigger: fe=FE0 be=BE0 playback start was=stopped asks=started ready=1",
		"dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked",
		"dpcm_link_trigger: fe=FE0 be=BE1 playback start was=stopped asks=started ready=1",
		"dpcm_be_trigger: be=BE1 playback does=stopped wanted=started: start err=-5 why=asked",
		"dpcm_be_trigger: be=BE0 playback does=started wanted=stopped: stop err=0 why=asked",
		"dpcm_fe_trigger: fe=FE0 playback start err=-5",
	};

	return scene("+00 +01 O0 H0 P0 E31") &&
	       tells("S0!", expected, ARRAY_SIZE(expected)) && scene_end();
}

static const struct scene_test tests[] = {
	{ "life", "a stream that starts", NULL, tells_life, 1 },
	{ "shared", "a BE that does already what it is asked for", NULL, tells_shared, 1 },
	{ "leave", "a link that goes and changes nothing", NULL, tells_leave, 1 },
	{ "reparent", "a BE that goes on with the runtime of another FE", NULL, tells_reparent, 1 },
	{ "refused", "a BE that refuses, and the undo", NULL, tells_refused, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
