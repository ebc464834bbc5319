// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: all kinds of cards give the same result.
 *
 * The sequences of dpcm-rows.c that need one CPU, and others of two streams on two BEs,
 * on cards whose differences must not change the result: BEs before FEs, nonatomic
 * links, recording, symmetric DAIs, chosen parameters.
 *
 * Each is a text of parts: operations, a bar, the expected state, a semicolon;
 * dpcm-scene.h explains how the two are written.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

static const char * const sequences[] = {
	/* D1 */
	"+00 +10 O0 H0 P0 S0 O1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	"+00 +10 O0 H0 P0 S0 O1 H1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	"+00 +10 O0 H0 P0 S0 O1 H1 F1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 D1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 X1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1 | 0=run/0; -10 | 0=run/0; D0 | 0=stop",
	/* D4 */
	"+00 O0 H0 P0 S0 +10 +11 E01 O1! | 0=run/0; O1 | 0=run/0 1=stop; C1 | 0=run/0",
	/* D6 */
	"+00 +11 O0 H0 P0 S0 O1 H1 F1 -11 +10 | 0=run/0; C1 | 0=run/0; D0 | 0=stop; C0 |",
	/* D7 */
	"+00 O0 H0 P0 S0 U0 +01 | 0=pause 1=stop; R0 | 0=run/0 1=run/0; D0 | 0=stop 1=stop; C0 |",
	/* D8 */
	"+00 +01 O0 H0 P0 S0 U0 | 0=pause 1=pause; -00 -01 |; C0 |; +01 O0 H0 P0 S0 | 1=run/0; D0 | 1=stop",
	/* D9 */
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 Z | 0=suspend; W0 | 0=run/0; W1 | 0=run/01; D0 | 0=run/1; D1 | 0=stop",
	"+00 O0 H0 P0 S0 Z +01 | 0=suspend 1=stop; W0 | 0=run/0 1=run/0; D0 | 0=stop 1=stop",
	/* D10 */
	"+00 O0 H0 P0 S0 +10 O1 H1 P1 +11 E31 S1! | 0=run/0 1=stop; P1 S1 | 0=run/01 1=run/1; D1 | 0=run/0 1=stop",

	/* Of two BEs one is shared. */
	"+00 +01 +11 O0 H0 P0 S0 O1 H1 P1 S1 | 0=run/0 1=run/01; U0 | 0=pause 1=run/1; U1 | 0=pause 1=pause; R1 | 0=pause 1=run/1; R0 | 0=run/0 1=run/01; C0 | 1=run/1; C1 |",
	"+00 +11 O0 H0 P0 S0 O1 H1 P1 S1 | 0=run/0 1=run/1; +10 -11 | 0=run/01; +11 -10 | 0=run/0 1=run/1; D0 D1 | 0=stop 1=stop",
	/* Routes in each state of the stream */
	"+01 O0 -01 +00 | 0=stop; -00 |; H0 +00 | 0=stop; -00 |; +00 P0 -00 |; +00 | 0=stop; S0 | 0=run/0; -00 |; +00 | 0=run/0; U0 -00 |; +00 | 0=stop; R0 | 0=run/0; D0 | 0=stop",
	"+00 O0 H0 P0 S0 Z -00 |; +00 | 0=stop; W0 | 0=run/0; C0 |",
	"+00 O0 H0 P0 S0 X0 | 0=stop; -00 |; +00 | 0=stop; P0 S0 | 0=run/0; x0 | 0=stop",
	/* One runs empty, drains, or is set up anew, beside another. */
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 X0 | 0=run/1; P0 | 0=run/1; S0 | 0=run/01; F1? D1 F1 | 0=run/0; H1 H1 P1 S1 | 0=run/01; D0 C0 | 0=run/1; D1 | 0=stop",
	/* Suspended while one is paused, then stopped */
	"+00 +10 O0 H0 P0 S0 U0 O1 H1 P1 | 0=pause; S1 | 0=run/1; U1 R0 | 0=run/0; D0 | 0=pause; D1 | 0=stop",
	"+00 O0 H0 P0 S0 Z | 0=suspend; D0 P0 | 0=stop; S0 | 0=run/0; Z | 0=suspend; P0 S0 | 0=run/0; Z C0 |",
	/* Asleep in each state */
	"+00 O0 z | 0=stop; H0 z P0 | 0=stop; z W0 S0 | 0=run/0; z | 0=suspend; W0 | 0=run/0; U0 z W0 R0 | 0=run/0; X0 z P0 S0 | 0=run/0; D0 z P0 S0 | 0=run/0; z D0 P0 S0 | 0=run/0; z C0 |",
	"+00 +10 +11 O0 H0 P0 S0 O1 H1 P1 z | 0=suspend 1=stop; W1 S1 | 0=run/1 1=run/1; W0 | 0=run/01 1=run/1; z +01 -00 | 0=suspend 1=stop; W0 | 0=suspend 1=run/0; W1 | 0=run/1 1=run/01; C0 C1 |",
	"+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 U1 z -00 | 0=suspend; W1 R1 | 0=run/1; +00 | 0=run/1; W0 | 0=run/01; D0 D1 | 0=stop",
	/* A BE that returns an error once, at each step */
	"+00 O0 E10 H0! | 0=stop; H0 E20 P0! | 0=stop; P0 E30 S0! | 0=stop; S0 E60 U0! | 0=run/0; U0 E30 R0! | 0=pause; R0 Z | 0=suspend; E80 W0! | 0=suspend; W0 | 0=run/0; C0 |",
	/* Linked */
	"+00 +11 O0 H0 O1 H1 L01 P0 S0 | 0=run/0 1=run/1; U1 | 0=pause 1=pause; R0 | 0=run/0 1=run/1; -11 | 0=run/0; X1 | 0=stop; N1 C1 | 0=stop; C0 |",
	"+00 +11 O0 H0 O1 H1 L01 P0 S0 | 0=run/0 1=run/1; C1 | 0=stop; P0 S0 | 0=run/0; C0 |",
};

/* One part: the text up to the bar, and from there to the end */
static bool part(char *text)
{
	char *expected = strchr(text, '|');

	if (!expected)
		return scene_wrong("no bar in \"%s\"", text);
	*expected++ = '\0';
	return scene_then(text, expected);
}

static bool sequence(const char *text)
{
	char copy[512], *at, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((at = strsep(&rest, ";")))
		if (!part(at))
			return false;
	return true;
}

/* All but those with a part that the card cannot have */
static bool all_for(int base, const char *without)
{
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(sequences); i++) {
		if (without && strstr(sequences[i], without))
			continue;
		if (!scene_reset())
			return false;
		ops_base = base;
		if (!sequence(sequences[i])) {
			ksft_print_msg("in \"%s\"\n", sequences[i]);
			ok = false;
		}
		ok &= scene_end();
	}
	return ok;
}

static bool playback(void)
{
	return all_for(0, NULL);
}

/* ALSA does not link an atomic stream to a nonatomic one. */
static bool unlinked(void)
{
	return all_for(0, "L01");
}

static bool capture(void)
{
	return all_for(dpcm.playback, NULL);
}

static const struct scene_test tests[] = {
	{ "playback", "all sequences", NULL, playback, 1 },
	{ "capture", "all while recording", NULL, capture, 1 },
	{ "order_post", "all with BEs before FEs", "order=1", playback, 1 },
	{ "order_mixed", "all with both orders", "order=2", playback, 1 },
	{ "nonatomic", "all with nonatomic links", "nonatomic=1", playback, 1 },
	{ "nonatomic_fe", "all with nonatomic FEs", "nonatomic=2", playback, 1 },
	{ "nonatomic_odd", "all with atomic and nonatomic FEs", "nonatomic=4", unlinked, 1 },
	{ "nonatomic_capture", "all while recording, nonatomic", "nonatomic=1", capture, 1 },
	{ "symmetric", "all with symmetric DAIs", "sym=7", playback, 1 },
	{ "merged", "all with the parameters of the codecs", "merged=1", playback, 1 },
	{ "converted", "all with BEs that convert", "fixed=1", playback, 1 },
	{ "runtime", "all with BEs that read the rate", "rt=1", playback, 1 },
	{ "codecs", "all with two codecs on each BE", "codecs=2", playback, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
