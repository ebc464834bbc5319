// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: parameters of streams that share a BE.
 *
 * A BE has one rate, format and number of channels at a time. While a stream is prepared,
 * runs or is paused there, a stream with other parameters gets an error. Otherwise the
 * last stream decides; when its parameters change or it leaves, the BE is configured for
 * one that is still there. Symmetries of the BE's DAI hold for each stream that joins.
 * For the test card it is a fault if a stream is heard with other parameters than its
 * own, unless its BEs convert.
 *
 * D16, D21 and D22 are defects of the stock core; dpcm-scene.h explains how the
 * sequences are written.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

/*
 * D16, with symmetries
 */

static bool symmetric_open(void)
{
	return scene("+00 +10 O0 O1 H0 H11!") && scene_expect("0=stop@48000") &&
	       scene_then("P0 S0", "0=run/0@48000") &&
	       scene_then("H1 P1 S1", "0=run/01@48000") && scene_then("D0 D1", "0=stop");
}

static bool symmetric_running(void)
{
	return scene_then("+00 +10 O1 O0 H0 P0 S0", "0=run/0@48000") &&
	       scene_then("H11!", "0=run/0@48000") &&
	       scene_then("C1 O1 H11!", "0=run/0@48000") &&
	       scene_then("H1 P1 S1", "0=run/01@48000") && scene_then("D0 D1", "0=stop");
}

/* The other direction of a DAI is bound as well. */
static bool symmetric_directions(void)
{
	return scene("+00 +a3 O0 Oa H0 Ha1!") &&
	       scene_then("Ha Pa P0 S0 Sa", "0=run/0@48000 3=run/a@48000") &&
	       scene_then("Ca D0", "0=stop@48000") && scene("Oa Ha1!") &&
	       scene_then("Ca F0 Oa Ha1 Pa Sa", "0=stop 3=run/a@44100");
}

static bool symmetric_join(void)
{
	return scene_then("+00 +11 O0 H0 P0 S0 O1 H11", "0=run/0@48000 1=stop@44100") &&
	       scene("+10") && scene_expect("0=run/0@48000 1=stop@44100") &&
	       scene_then("-10 P1 S1", "0=run/0@48000 1=run/1@44100") &&
	       scene_then("D0 D1", "0=stop 1=stop");
}

/* A stream that gets an error has changed nothing, also if no stream is prepared yet. */
static bool symmetric_undisturbed(void)
{
	bool asked;

	if (!scene("+00 +10 O0 O1 H0") || dpcm_fail_be(0, DPCM_PLAY, "hw_params", 1) ||
	    !scene("H11! H12!"))
		return false;
	asked = dpcm_armed() != 1;
	dpcm_fail_clear();
	return asked ? scene_wrong("BE0 got parameters for one that was refused") :
	       scene_then("P0 S0", "0=run/0@48000") && scene_then("D0", "0=stop");
}

static bool d16_symmetric_rate(void)
{
	static bool (*const scenes[])(void) = {
		symmetric_open, symmetric_running, symmetric_directions, symmetric_join,
		symmetric_undisturbed,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

static bool d16_symmetric_bits(void)
{
	return scene("+00 +10 O0 O1 H0 H14! H15!") &&
	       scene_then("P0 S0", "0=run/0") && scene("H14! H15!") &&
	       scene_then("H1 P1 S1", "0=run/01") && scene_then("D0 D1", "0=stop");
}

/*
 * D16, without
 */

/* Streams that play, are paused or prepared are not changed. */
static bool other_than_used(void)
{
	static const char * const others[] = { "H11!", "H12!", "H14!", "H15!" };
	static const char * const states[][2] = {
		{ "P0", "0=stop@48000" }, { "S0", "0=run/0@48000" },
		{ "U0", "0=pause@48000" }, { "Z", "0=pause@48000" },
		{ "W0 R0", "0=run/0@48000" }, { "Z", "0=suspend@48000" },
		{ "W0", "0=run/0@48000" },
	};
	unsigned int i, k;

	if (!scene("+00 +10 O0 H0 O1"))
		return false;
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		if (!scene_then(states[i][0], states[i][1]))
			return false;
		for (k = 0; k < ARRAY_SIZE(others); k++)
			if (!scene_then(others[k], states[i][1]))
				return scene_wrong("FE0 was at %s", states[i][0]);
	}
	return scene_then("H1 P1 S1", "0=run/01@48000") && scene_then("D0 D1", "0=stop");
}

/* As long as no stream is prepared the last one decides. */
static bool last_decides(void)
{
	return scene_then("+00 +10 O0 O1 H0", "0=stop@48000") &&
	       scene_then("H11", "0=stop@44100") &&
	       scene_then("P0", "0=stop@48000") && scene("P1!") &&
	       scene_then("S0", "0=run/0@48000") && scene("P1!") &&
	       scene_then("H1 P1 S1", "0=run/01@48000") && scene_then("D0 D1", "0=stop");
}

static bool changed_mind(void)
{
	return scene("+00 +10 O0 O1 H0 H1 H01") &&
	       scene_then("P0 S0", "0=run/0@44100") && scene("P1!") &&
	       scene_then("H11 P1 S1", "0=run/01@44100") &&
	       scene_then("D0 D1", "0=stop");
}

static bool changed_format(void)
{
	return scene("+00 +10 O0 H0 O1 H1 H04") && scene_then("P0 S0", "0=run/0") &&
	       scene("P1! H14 P1 S1") && scene_expect("0=run/01") &&
	       scene_then("D0 D1 F0 H15 P1 S1", "0=run/1") && scene_then("D1", "0=stop");
}

/* The stream whose parameters the BE has leaves, in each of the ways. */
static bool one_leaves(void)
{
	static const char * const ways[] = { "F0", "C0", "-00" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!scene_then("+00 +10 O1 H11 O0 H0", "0=stop@48000") ||
		    !scene_then(ways[i], "0=stop@44100") ||
		    !scene_then("P1 S1", "0=run/1@44100") ||
		    !scene_then("C0 C1 -00 -10", ""))
			return false;
	}
	return true;
}

/* It comes first, and stays without a word until it leaves. */
static bool first_leaves(void)
{
	return scene("+00 +10 O0 H0 O1 H11 F0") &&
	       scene_then("P1 S1", "0=run/1@44100") &&
	       scene("D1 H0 P0 S0") && scene_expect("0=run/0@48000") &&
	       scene_then("D0", "0=stop");
}

/* A route leads to a BE that another stream has configured, but not prepared. */
static bool joins_configured(void)
{
	return scene_then("+00 +11 O0 H0 O1 H11 +10", "0=stop@44100 1=stop@44100") &&
	       scene_then("P0 S0", "0=run/0@48000 1=stop@44100") && scene("P1!") &&
	       scene_then("-10 P1 S1", "0=run/0@48000 1=run/1@44100") &&
	       scene_then("D0 D1", "0=stop 1=stop");
}

/* FE1 has lost its parameters to FE0, and goes in each of the ways. */
static bool loser_leaves(void)
{
	static const char * const ways[] = { "F1", "C1", "-10", "z C1", "H1", "P0 H1" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (!scene_then("+00 +10 O0 O1 H11 H0", "0=stop@48000") ||
		    !scene_then(ways[i], "0=stop@48000") ||
		    !scene_then("P0 S0", "0=run/0@48000") ||
		    !scene_then("C0 C1 -00 -10", ""))
			return scene_wrong("FE1 left with \"%s\"", ways[i]);
	return true;
}

/* No stream is prepared any more once it has run empty or was dropped. */
static bool stopped_gives_way(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1", "0=run/0@48000") &&
	       scene("H11!") && scene_then("X0 H11 P1 S1", "0=run/1@44100") &&
	       scene("P0!") && scene_then("D1 P0 S0", "0=run/0@48000") &&
	       scene("P1! D0 P1") && scene_then("S1", "0=run/1@44100") &&
	       scene_then("D1", "0=stop@44100");
}

/* FE1 is stopped as FE0 of its group does not start; for ALSA it is still prepared. */
static bool group_gives_way(void)
{
	return scene("+00 +11 +21 O0 O1 O2 H0 H1 L01 P0 E30 S0! H21 S0!") &&
	       scene_expect("0=stop@48000 1=stop@44100") &&
	       scene_then("P0 S0", "0=run/0@48000 1=run/1@48000") && scene("P2!") &&
	       scene_then("D0", "0=stop 1=stop");
}

/* But its driver is not called at a drop before a start, or during a suspend. */
static bool dropped_in_silence(void)
{
	return scene("+00 +10 O0 H0 P0 D0 O1 H11! F0 H11 P1 S1") &&
	       scene_expect("0=run/1@44100") &&
	       scene("D1 H0 P0 S0 Z D0 H11! P0 S0 D0 H11 P1 S1") &&
	       scene_expect("0=run/1@44100") && scene_then("D1", "0=stop");
}

/* The same in a sleep: a prepared or suspended stream keeps its parameters. */
static bool asleep(void)
{
	return scene("+00 +10 O0 H0 P0 O1 z H11!") && scene("W0 H11! S0 z H11!") &&
	       scene_then("W0", "0=run/0@48000") && scene("U0 z H11! W0 H11! R0") &&
	       scene_then("H1 P1 S1", "0=run/01@48000") && scene_then("D0 D1", "0=stop");
}

static bool three(void)
{
	return scene("+00 +10 +20 O0 O1 O2 H0 H11 H22") && scene_expect("0=stop@96000") &&
	       scene_then("P1", "0=stop@44100") && scene("P0! P2!") &&
	       scene_then("S1", "0=run/1@44100") && scene("C1 P2 S2") &&
	       scene_expect("0=run/2@96000") && scene("P0! C2") &&
	       scene_then("P0 S0", "0=run/0@48000") && scene_then("D0", "0=stop");
}

static bool recorded(void)
{
	return scene("+a3 +b3 Oa Ha Pa Ob Hb1!") && scene_then("Sa", "3=run/a@48000") &&
	       scene("Hb1! Da Fa Hb1 Pb Sb") && scene_expect("3=run/b@44100") &&
	       scene_then("Db", "3=stop");
}

static bool d16_asymmetric(void)
{
	static bool (*const scenes[])(void) = {
		other_than_used, last_decides, changed_mind, changed_format, one_leaves,
		first_leaves, joins_configured, loser_leaves, stopped_gives_way,
		group_gives_way, dropped_in_silence, asleep, three, recorded,
	};

	return scene_each(scenes, ARRAY_SIZE(scenes));
}

/*
 * The put of a switch returns no error for it; the log has the reason. The running stream
 * is not heard at the wrong pitch: there is no link, even if the mixer is switched on.
 */
static bool d16_join(void)
{
	struct dpcm_log log;
	char line[2048];
	int lines = 0;
	ssize_t n;

	if (!scene_then("+00 +11 O0 H0 P0 S0 O1 H11 P1 S1",
			"0=run/0@48000 1=run/1@44100"))
		return false;
	if (dpcm_log_open(&log))
		return scene_wrong("no kernel log");
	if (!scene("+10"))
		return false;
	while ((n = read(log.fd, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		lines += strstr(line, "FE1") && strstr(line, "BE0");
	}
	dpcm_log_close(&log);
	if (!lines)
		return scene_wrong("refused without a word");
	/* BE0 is FE0's alone. */
	return scene_then("D0", "0=stop@48000 1=run/1@44100") &&
	       scene_then("P0 S0 U0", "0=pause@48000 1=run/1@44100") &&
	       scene_then("-10 R0 D1", "0=run/0@48000 1=stop");
}

/* BEs that convert have the same parameters for all. */
static bool converted(void)
{
	return scene("+00 +10 O0 H0 P0 S0 O1 H11 P1 S1") &&
	       scene_expect("0=run/01@48000") && scene("D1 H12 P1 S1") &&
	       scene_expect("0=run/01@48000") && scene("D1 H14 P1 S1 D1 H15 P1 S1") &&
	       scene_expect("0=run/01@48000") && scene_then("C0", "0=run/1@48000") &&
	       scene_then("D1", "0=stop");
}

/*
 * D21, D22
 */

static bool d21(void)
{
	static const char * const ways[] = {
		"+00 +10 O0 O1 H1 P1", "+00 +10 O0 O1 H1 C0 P1",
		"+00 +10 O0 H0 F0 O1 H1 P1", "+00 +10 O1 H1 O0 F1 H1 P1",
		"+00 +10 O0 H0 O1 H1 F0 P1",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (!scene_then(ways[i], "0=stop@48000") ||
		    !scene_then("S1", "0=run/1@48000") ||
		    !scene_then("C0 C1 -00 -10", ""))
			return false;
	return true;
}

static bool d22(void)
{
	return scene("+00 O0 H01!") && scene_then("H0 P0 S0", "0=run/0@48000") &&
	       scene_then("D0 C0", "") && scene("+a3 Oa Ha1!") &&
	       scene_then("Ha Pa Sa", "3=run/a@48000");
}

static const struct scene_test tests[] = {
	{ "d16_symmetric_rate",
	  "D16: symmetries of a BE hold for whoever comes",
	  "sym=1", d16_symmetric_rate, 1 },
	{ "d16_symmetric_bits",
	  "D16: symmetries of channels and sample bits, too",
	  "sym=6", d16_symmetric_bits, 1 },
	{ "d16_parameters",
	  "D16: nobody is heard with parameters that it was not told",
	  NULL, d16_asymmetric, 1 },
	{ "d16_nonatomic",
	  "D16: the same with nonatomic links", "nonatomic=1", d16_asymmetric, 1 },
	{ "d16_join",
	  "D16: a route to a BE with other parameters makes no link",
	  NULL, d16_join, 1 },
	{ "converted",
	  "BEs that convert take all parameters", "fixed=1", converted, 1 },
	{ "d21_runtime",
	  "D21: a BE has the runtime of a stream with parameters",
	  "rt=1", d21, 1 },
	{ "d22_component",
	  "D22: the limits of an FE's component hold", "hwlim=1", d22, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
