// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: failures, and all kinds of cards.
 *
 * A stream that fails to join a BE, at any step, does not change any other stream, and
 * its open, prepare or start returns the error. A pause, a release or a resume that fails
 * changes nothing. Switches are in dpcm-puts.c, suspend is in dpcm-power.c.
 *
 * And all kinds of cards work like a plain atomic playback card: capture, nonatomic, BE
 * before FE, several codecs, chained components.
 *
 * dpcm-scene.h explains how the sequences are written.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

static bool failed_join(void)
{
	return scene("+00 +10 +11 O0 H0 P0 S0") &&
	       scene_then("E01 O1!", "0=run/0") &&
	       scene_then("O1 E11 H1!", "0=run/0 1=stop") &&
	       scene_then("E51 H1!", "0=run/0 1=stop") &&
	       scene_then("H1 E21 P1!", "0=run/0 1=stop") &&
	       scene_then("P1 E31 S1!", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("C1", "0=run/0");
}

/* For the ALSA core a stream that was prepared stays so if it is not the next time. */
static bool failed_prepare(void)
{
	return scene("+00 +10 O0 H0 P0 O1 H1 P1") &&
	       scene_then("S0 D0 E20 P1! S1!", "0=stop") &&
	       scene_then("P1 S1", "0=run/1") && scene_then("D1 P1", "0=stop") &&
	       scene_then(dpcm_open_needs_be ? "-10 P1 S1" : "-10 P1! S1!", "0=stop") &&
	       scene_then(dpcm_open_needs_be ? "+10" : "+10 P1 S1", "0=run/1");
}

/* The FE itself fails: the BEs that it has started before do not stay on. */
static bool failed_fe(void)
{
	return scene("+00 +10 +11 O0 H0 P0 S0 O1 H1 P1") &&
	       scene_then("G31 S1!", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("C1", "0=run/0");
}

/* Each step of the FE fails once. */
static bool failed_fe_steps(void)
{
	return scene("+00 +10 +11 O0 H0 P0 S0") &&
	       scene_then("G01 O1!", "0=run/0") && scene_then("O1", "0=run/0 1=stop") &&
	       scene_then("G11 H1!", "0=run/0 1=stop") &&
	       scene_then("H1 G21 P1!", "0=run/0 1=stop") &&
	       scene_then("P1 G31 S1!", "0=run/0 1=stop") &&
	       scene_then("S1", "0=run/01 1=run/1") &&
	       scene_then("G61 U1!", "0=run/01 1=run/1") &&
	       scene_then("U1", "0=run/0 1=pause") &&
	       scene_then("G31 R1!", "0=run/0 1=pause") &&
	       scene_then("R1", "0=run/01 1=run/1") &&
	       scene_then("Z W0", "0=run/0 1=suspend") &&
	       scene_then("G81 W1!", "0=run/0 1=suspend") &&
	       scene_then("W1", "0=run/01 1=run/1") &&
	       /* Its DMA runs on until the prepare. */
	       scene("G41 D1") && scene_then("P1", "0=run/0 1=stop") &&
	       scene_then("S1", "0=run/01 1=run/1") && scene_then("C1", "0=run/0");
}

/* A STOP that fails in a BE is sent again, at the latest when the BE is freed. */
static bool failed_stop(void)
{
	return scene_then("+00 O0 H0 P0 S0 E40 D0", "0=run") &&
	       scene_then("P0", "0=stop") && scene_then("S0", "0=run/0") &&
	       scene_then("E40 D0", "0=run") && scene_then("C0", "") &&
	       scene_then("+01 O0 H0 P0 S0", "0=run/0 1=run/0") &&
	       scene_then("E41 D0", "0=stop 1=run") &&
	       scene_then("F0", "0=stop 1=stop");
}

static bool failed_one_of_three(void)
{
	return scene("+00 +01 +02 O0 H0 P0") &&
	       scene_then("E31 S0!", "0=stop 1=stop 2=stop") &&
	       scene_then("S0", "0=run/0 1=run/0 2=run/0") &&
	       scene_then("E62 U0!", "0=run/0 1=run/0 2=run/0") &&
	       scene_then("U0 E31 R0!", "0=pause 1=pause 2=pause") &&
	       scene_then("R0", "0=run/0 1=run/0 2=run/0") &&
	       scene_then("Z E81 W0!", "0=suspend 1=suspend 2=suspend") &&
	       scene_then("W0", "0=run/0 1=run/0 2=run/0") &&
	       scene_then("D0", "0=stop 1=stop 2=stop");
}

static bool failed_pause(void)
{
	bool ok;

	ok = scene("+00 O0 H0 P0 S0") &&
	     scene_then("E60 U0!", "0=run/0") && scene_then("U0", "0=pause") &&
	     scene_then("E30 R0!", "0=pause") && scene_then("R0", "0=run/0") &&
	     scene_then("D0", "0=stop");
	ok &= scene_end();
	/* Of two BEs only one fails. */
	return scene_reset() && scene("+00 +01 O0 H0 P0 S0") &&
	       scene_then("E61 U0!", "0=run/0 1=run/0") &&
	       scene_then("U0", "0=pause 1=pause") &&
	       scene_then("E30 R0!", "0=pause 1=pause") &&
	       scene_then("R0", "0=run/0 1=run/0") &&
	       scene_then("D0", "0=stop 1=stop") && ok;
}

static bool failed_resume(void)
{
	return scene_then("+00 O0 H0 P0 S0 Z", "0=suspend") &&
	       scene_then("E80 W0!", "0=suspend") &&
	       scene_then("W0", "0=run/0") && scene_then("D0", "0=stop");
}

/* The pointer was not read since they ran empty: the pause comes first. */
static bool paused_empty(int streams)
{
	int i;

	for (i = 0; i < streams; i++)
		if (dpcm_stop_after(&scene_pcm[i], 8))
			return scene_wrong("FE%d: no sw_params", i);
	if (dpcm_step(16))
		return scene_wrong("no step");
	return scene_then("U0", "0=pause");
}

static bool pause_of_empty(void)
{
	bool ok;

	ok = scene_then("+00 O0 H0 P0 S0", "0=run/0") && paused_empty(1) &&
	     scene_then("R0", "0=run/0") && scene_then("D0", "0=stop");
	ok &= scene_end();
	return scene_reset() &&
	       scene_then("+00 +10 O0 H0 O1 H1 L01 P0 S0", "0=run/01") &&
	       paused_empty(2) && scene_then("D0", "0=stop") && ok;
}

static bool new_params(void)
{
	return scene_then("+00 O0 H0 H01 P0 S0", "0=run/0@44100") &&
	       scene_then("D0 H0 P0 S0", "0=run/0@48000") &&
	       scene_then("D0 P0 H01 P0 S0", "0=run/0@44100") &&
	       scene_then("+10 O1 H11 H11", "0=run/0@44100");
}

/* A route that goes while its FE plays, which then runs empty */
static bool lost_be(void)
{
	return scene_then("+00 +01 O0 H0 P0 S0 -00", "1=run/0") &&
	       scene_then("X0", "1=stop") && scene_then("P0 S0", "1=run/0") &&
	       scene_then("-01", "") && scene_then("X0", "") &&
	       scene(dpcm_open_needs_be ? "P0" : "P0!") &&
	       scene_then("+00 P0 S0", "0=run/0") && scene_then("D0", "0=stop");
}

static bool drain(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1", "0=run/01") &&
	       scene_then("V0", "0=run/1") && scene_then("P0 S0", "0=run/01") &&
	       scene_then("V1 V0", "0=stop");
}

static bool linked_duplex(void)
{
	return scene("+00 +a3 O0 H0 Oa Ha L0a") &&
	       scene_then("P0 S0", "0=run/0 3=run/a") &&
	       scene_then("U0", "0=pause 3=pause") &&
	       scene_then("Ra", "0=run/0 3=run/a") &&
	       scene_then("Z", "0=suspend 3=suspend") &&
	       scene_then("W0", "0=run/0 3=run/a") &&
	       scene_then("X0", "0=stop 3=stop") &&
	       scene_then("Pa S0", "0=run/0 3=run/a") &&
	       scene_then("-a3", "0=run/0") && scene_then("+a3", "0=run/0 3=run/a") &&
	       scene_then("Da", "0=stop 3=stop");
}

/* BE0 does not record. */
static bool deaf(void)
{
	return scene_then("+a3 +a4 Oa", "4=stop") && scene_then("Ha Pa Sa", "4=run/a") &&
	       scene_then("-a3 -a4", "") && scene_then("+a3", "") &&
	       scene_then("+a4", "4=run/a") && scene_then("+00 O0 H0 P0 S0", "0=run/0 4=run/a") &&
	       scene_then("Da Ca", "0=run/0");
}

/* FEs with even numbers are atomic, those with odd ones are not. */
static bool d19(void)
{
	static const char * const orders[][2] = {
		{ "O0 H0 P0 S0", "O1 H1 P1 S1" }, { "O1 H1 P1 S1", "O0 H0 P0 S0" },
	};
	int i;

	for (i = 0; i < 4; i++)
		if (!scene("+00 +10") || !scene(orders[i % 2][0]) ||
		    !scene(orders[i % 2][1]) || !scene_expect("0=run/01") ||
		    !scene_then("U1 U0", "0=pause") || !scene_then("R0 R1", "0=run/01") ||
		    !scene_then("+11", "0=run/01 1=run/1") ||
		    !scene_then("+01 -11", "0=run/01 1=run/0") ||
		    !scene_then("D1", "0=run/0 1=run/0") ||
		    !scene_then("C0 C1 -00 -10 -01", ""))
			return false;
	/* In turn */
	return scene_then("+00 +10 O1 H1 P1 S1", "0=run/1") && scene_then("C1", "") &&
	       scene_then("O0 H0 P0 S0", "0=run/0") && scene_then("C0", "") &&
	       scene_then("O1 H1 P1 S1", "0=run/1") &&
	       scene_then("O0 H0 P0 S0", "0=run/01") && scene_then("C1 C0", "");
}

/* The life of two streams on two BEs; scene_base selects the streams. */
static bool life(void)
{
	return scene_then("+00 O0", "0=stop") && scene_then("H0 P0", "0=stop") &&
	       scene_then("S0", "0=run/0") &&
	       scene_then("+10 O1 H1 P1", "0=run/0") &&
	       scene_then("S1", "0=run/01") &&
	       scene_then("+11", "0=run/01 1=run/1") &&
	       scene_then("U0", "0=run/1 1=run/1") &&
	       scene_then("U1", "0=pause 1=pause") &&
	       scene_then("R0", "0=run/0 1=pause") &&
	       scene_then("R1", "0=run/01 1=run/1") &&
	       scene_then("Z", "0=suspend 1=suspend") &&
	       scene_then("W1", "0=run/1 1=run/1") &&
	       scene_then("W0", "0=run/01 1=run/1") &&
	       scene_then("x1", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("-10", "0=run/0 1=run/1") &&
	       scene_then("D0", "0=stop 1=run/1") &&
	       scene_then("F0", "0=stop 1=run/1") &&
	       scene_then("C0", "1=run/1") && scene_then("C1", "");
}

static bool capture(void)
{
	ops_base = dpcm.playback;
	return life();
}

/* A BE that runs is not joined there: each stream has its own. */
static bool chained(void)
{
	return scene_then("+00 +11 O0 H0 P0 S0", "0=run/0") &&
	       scene_then("O1 H1 P1 S1", "0=run/0 1=run/1") &&
	       scene_then("U0", "0=pause 1=run/1") &&
	       scene_then("R0", "0=run/0 1=run/1") &&
	       scene_then("Z", "0=suspend 1=suspend") &&
	       scene_then("W0 W1", "0=run/0 1=run/1") &&
	       scene_then("-11", "0=run/0") && scene_then("C1", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

/* FE0 has freed its parameters, FE1 is merely open, and FE2 comes. */
static bool chained_hw_free(void)
{
	return scene("+00 +10 +20 O0 H0 O1 F0") &&
	       scene_then("O2 H2 P2 S2", "0=run/2") && scene_then("C2", "0=stop") &&
	       scene_then("C0 C1", "");
}

/* Linux 6.1 has bespoke triggers; on other kernels the card reports an error. */
static bool order_bespoke(void)
{
	static const char * const refused[] = {
		"order=3: this kernel has no bespoke triggers", NULL
	};
	struct dpcm_log log;
	bool said;

	if (dpcm_log_open(&log))
		return scene_wrong("no kernel log");
	if (!dpcm_load("order=3")) {
		dpcm_log_close(&log);
		return scene_reset_with("order=3") && life();
	}
	said = dpcm_log_find(&log, refused);
	dpcm_log_close(&log);
	if (!said)
		return scene_wrong("refused without a word");
	if (dpcm_load(""))
		return scene_wrong("the card does not come back");
	return life();
}

static bool merged(void)
{
	return scene_then("+00 O0 H01! H0 P0 S0", "0=run/0@48000") &&
	       scene_then("C0", "");
}

static bool mismatch(void)
{
	struct dpcm_log log;
	char line[2048];
	int lines = 0;
	ssize_t n;

	if (dpcm_log_open(&log) || !scene_then("+00 O0!", ""))
		return false;
	while ((n = read(log.fd, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		lines += strstr(line, "nonatomic") && strstr(line, "FE0") &&
			 strstr(line, "BE0");
	}
	dpcm_log_close(&log);
	if (lines != 1)
		return scene_wrong("%d lines say it", lines);
	return true;
}

/* BE1 is nonatomic, the others are not. */
static bool mismatch_of_others(void)
{
	return scene_then("+00 O0 H0 P0 S0 +01", "0=run/0") &&
	       scene_then("+02", "0=run/0 2=run/0") &&
	       scene_then("-00", "2=run/0") && scene_then("+00", "0=run/0 2=run/0") &&
	       scene_then("C0 O0!", "");
}

static const struct scene_test kinds[] = {
	{ "failed_join",
	  "open, hw_params, prepare or start that fails leaves the neighbour alone",
	  NULL, failed_join, 1 },
	{ "failed_prepare",
	  "a stream that cannot be prepared again does not start",
	  NULL, failed_prepare, 1 },
	{ "failed_fe",
	  "a start that fails in the FE leaves no BE on",
	  "order=1", failed_fe, 1 },
	{ "failed_fe_steps",
	  "what an FE refuses has not happened", NULL, failed_fe_steps, 1 },
	{ "failed_fe_steps_post",
	  "what an FE refuses after its BEs has not happened",
	  "order=1", failed_fe_steps, 1 },
	{ "failed_stop",
	  "a BE that refuses to stop is asked again", NULL, failed_stop, 1 },
	{ "failed_one_of_three",
	  "what one of three BEs refuses has not happened",
	  NULL, failed_one_of_three, 1 },
	{ "failed_pause",
	  "a pause or release that fails has not happened",
	  NULL, failed_pause, 1 },
	{ "failed_resume",
	  "a resume that fails has not happened",
	  NULL, failed_resume, 1 },
	{ "pause_of_empty",
	  "a stream that has run empty is paused, alone or linked",
	  NULL, pause_of_empty, 1 },
	{ "new_params",
	  "hw_params without hw_free reach a BE that nobody else uses",
	  NULL, new_params, 1 },
	{ "lost_be",
	  "a stream without a BE runs empty, and finds another", NULL, lost_be, 1 },
	{ "drain",
	  "one of two streams on a BE is drained", NULL, drain, 1 },
	{ "linked_duplex",
	  "a linked pair plays and records", NULL, linked_duplex, 1 },
	{ "deaf",
	  "a BE that does not record is left out", "deaf=1", deaf, 1 },
	{ "d19_atomicity",
	  "D19: atomic and nonatomic streams share a BE in any order",
	  "nonatomic=4", d19, 1 },
	{ "playback",
	  "two streams on two BEs", NULL, life, 1 },
	{ "capture",
	  "two capture streams on two BEs", NULL, capture, 1 },
	{ "order_post",
	  "the same with BEs before FEs", "order=1", life, 1 },
	{ "order_mixed",
	  "the same with both orders", "order=2", life, 1 },
	{ "order_bespoke",
	  "the same with triggers of the driver's own, if the kernel has them",
	  NULL, order_bespoke, 1 },
	{ "nonatomic",
	  "the same with nonatomic links", "nonatomic=1", life, 1 },
	{ "nonatomic_fe",
	  "the same with nonatomic FEs", "nonatomic=2", life, 1 },
	{ "codecs",
	  "the same with two codecs on each BE", "codecs=2", life, 1 },
	{ "chained",
	  "chained components: a BE for each stream",
	  "chain=1", chained, 1 },
	{ "chained_hw_free",
	  "chained components: a BE that is open, but not configured, is joined",
	  "chain=1", chained_hw_free, 1 },
	{ "merged",
	  "a stream is offered what its BE can do and no more", "merged=1", merged, 1 },
	{ "mismatch",
	  "an atomic FE does not open with a nonatomic BE, and one line names both",
	  "nonatomic=3", mismatch, 1 },
	{ "mismatch_of_others",
	  "a BE that a stream cannot use does not keep others from it",
	  "nonatomic=5", mismatch_of_others, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, kinds, ARRAY_SIZE(kinds));
}
