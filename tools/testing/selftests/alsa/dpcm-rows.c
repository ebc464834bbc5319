// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: twelve defects in which a BE gets wrong commands.
 *
 * Each was found on Linux 6.1 and 6.12, where the DPCM core counts for each BE
 * the FEs that have started and paused it. A FE that leaves without having
 * started, one that fails half way, one that is stopped while its route changes:
 * each of them left a count behind or took one that was not its own. Then a BE
 * stops under a FE that plays, or never stops again.
 *
 * The right rule is simple: a BE runs while any FE that is connected to it runs;
 * else it is paused if one of them is paused, else suspended if one is
 * suspended, else stopped. Each test is a sequence of operations and the FEs that
 * must be heard after it; dpcm-scene.h explains how they are written.
 *
 * In tests of two operations at the same time the order is fixed: a lock is
 * held, or a callback is slow, until the other operation has come far enough.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

/*
 * No longer than this. A test ends it when the expected state is reached; only d3
 * cannot, as there the test must wait itself.
 */
#define HOLD_US		8000000
#define TRIGGER_US	2000000
#define WAIT_MS		20000

static int route_on(int fe, int be)
{
	return dpcm_route(fe, be, true);
}

static int route_off(int fe, int be)
{
	return dpcm_route(fe, be, false);
}

static int hold(int fe, int us)
{
	return dpcm_hold(fe, us);
}

static int hold_xrun(int fe, int us)
{
	return dpcm_hold_xrun(fe, us);
}

static int kernel_xrun(int fe, int unused)
{
	return dpcm_stop_xrun(fe);
}

static int drop(int fe, int unused)
{
	return dpcm_drop(&scene_pcm[fe]);
}

static int start(int fe, int unused)
{
	return dpcm_start(&scene_pcm[fe]);
}

/* Read which thread holds the lock of FE1's stream, and which waits for it. */
static bool read_hold(int *held, int *waits, int *contended)
{
	char text[2048], *line;

	return !dpcm_sim_read("hold", text, sizeof(text)) &&
	       (line = strstr(text, "fe1 ")) &&
	       sscanf(line, "fe1 held=%d waits=%d contended=%d", held, waits,
		      contended) == 3;
}

static bool is_held(void *unused)
{
	int held = 0, waits = 1, contended;

	return read_hold(&held, &waits, &contended) && held && !waits;
}

static bool one_waits(void *unused)
{
	int held, waits = 0, contended;

	return read_hold(&held, &waits, &contended) && waits == 1;
}

/* Or the route is through: a core need not take the lock again. */
static bool is_contended(void *route)
{
	int held, waits, contended = 0;

	return atomic_load(&((struct scene_thread *)route)->done) ||
	       (read_hold(&held, &waits, &contended) && contended);
}

/*
 * The link is going to be freed: where the core shows that in debugfs, and at the
 * latest when the switch is off.
 */
static bool link_goes(void *unused)
{
	FILE *f = fopen("/sys/kernel/debug/asoc/DPCMSim/FE1/BE0:Playback/state", "re");
	int state = 1;

	if (!f)	/* Linux 6.1 */
		f = fopen("/sys/kernel/debug/asoc/DPCMSim/FE1/BE0:playback/state", "re");
	if (f) {
		if (fscanf(f, "%d", &state) != 1)
			state = 1;
		fclose(f);
	}
	return state == 1;
}

static bool switch_is_off(void *unused)
{
	struct dpcm_state s;

	return !dpcm_read_state(&s) && !(s.fe[1].be & 1);
}

static bool reached(const char *what, bool (*done)(void *arg), void *arg)
{
	return dpcm_poll(done, arg, WAIT_MS) || scene_wrong("%s: too late", what);
}

static bool d1(void)
{
	static const char * const idle[] = {
		"O1", "O1 H1", "O1 H1 F1", "O1 H1 P1", "O1 H1 P1 S1 D1",
		"O1 H1 P1 S1 x1", "O1 H1 P1 S1 U1",
	};
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(idle); i++) {
		if (i && !scene_reset())
			return false;
		ok &= scene("+00 +10 O0 H0 P0 S0") && scene(idle[i]) &&
		      scene_expect("0=run/0") &&
		      scene_then("-10", "0=run/0") &&
		      scene_then("D0", "0=stop");
		ok &= scene_end();
	}
	return ok;
}

/* FE1 underruns when its new link is in the list, but not yet started. */
static bool xrun_in_connect(void)
{
	struct scene_thread holder, route, xrun;
	bool ok;

	if (!scene("+00 +11 O0 H0 P0 S0 O1 H1 P1 S1"))
		return false;
	ok = scene_begin(&holder, hold, 1, HOLD_US) &&
	     reached("held", is_held, NULL);
	ok &= scene_begin(&route, route_on, 1, 0) &&
	      reached("route waits", is_contended, &route);
	ok &= scene_begin(&xrun, kernel_xrun, 1, 0) &&
	      reached("underrun waits", one_waits, NULL);
	dpcm_let_go(1);
	ok &= !scene_join(&holder) & !scene_join(&route) & !scene_join(&xrun);
	return ok && scene_expect("0=run/0 1=stop");
}

/* FE1 underruns when its link is marked to go, but not yet stopped. */
static bool xrun_in_disconnect(void)
{
	struct scene_thread holder, route, xrun;
	bool ok;

	if (!scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1"))
		return false;
	ok = scene_begin(&holder, hold, 1, HOLD_US) &&
	     reached("held", is_held, NULL);
	ok &= scene_begin(&xrun, kernel_xrun, 1, 0) &&
	      reached("underrun waits", one_waits, NULL);
	ok &= scene_begin(&route, route_off, 1, 0) &&
	      reached("switch off", switch_is_off, NULL);
	/* Not every core shows it. */
	dpcm_poll(link_goes, NULL, 1000);
	dpcm_let_go(1);
	ok &= !scene_join(&holder) & !scene_join(&route) & !scene_join(&xrun);
	return ok && scene_expect("0=run/0");
}

/* FE1 underruns when its link is stopped, but still in the list. */
static bool xrun_after_disconnect(void)
{
	struct scene_thread first, second, route, xrun;
	bool ok;

	if (!scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1"))
		return false;
	ok = scene_begin(&first, hold, 1, HOLD_US) &&
	     reached("held", is_held, NULL);
	/* The route gets the lock before the second hold, and once more after. */
	ok &= scene_begin(&route, route_off, 1, 0) &&
	      reached("route waits", is_contended, &route);
	ok &= scene_begin(&second, hold, 1, HOLD_US) &&
	      reached("second waits", one_waits, NULL);
	dpcm_let_go(1);
	ok &= !scene_join(&first) && reached("held again", is_held, NULL) &&
	      reached("route waits again", is_contended, &route);
	ok &= scene_begin(&xrun, kernel_xrun, 1, 0) &&
	      reached("underrun waits", one_waits, NULL);
	dpcm_let_go(1);
	ok &= !scene_join(&route) & !scene_join(&second) & !scene_join(&xrun);
	return ok && scene_expect("0=run/0");
}

static bool d2(void)
{
	bool ok;

	ok = xrun_in_connect() && scene_then("D0", "0=stop 1=stop");
	ok = scene_end() && ok;
	ok = scene_reset() && xrun_in_disconnect() &&
	     scene_then("D0", "0=stop") && ok;
	ok = scene_end() && ok;
	return scene_reset() && xrun_after_disconnect() &&
	       scene_then("D0", "0=stop") && ok;
}

static bool be0_is_called(void *before)
{
	struct dpcm_state s;

	return !dpcm_read_state(&s) &&
	       s.be[0][DPCM_PLAY].calls > *(unsigned long *)before;
}

static bool d3(void)
{
	struct scene_thread starter;
	unsigned long before = 0;
	bool ok;

	if (!scene("+00 +10 O0 H0 O1 H1 P1") ||
	    dpcm_delay(0, DPCM_PLAY, "trigger", TRIGGER_US))
		return false;
	ok = scene_begin(&starter, start, 1, 0) &&
	     reached("trigger", be0_is_called, &before);
	ok &= scene("C0");
	ok &= !scene_join(&starter);
	dpcm_delay_clear();
	return ok && scene_expect("0=run/1") && scene_then("D1", "0=stop");
}

static bool d4(void)
{
	return scene("+00 O0 H0 P0 S0 +10 +11") &&
	       scene_then("E01 O1!", "0=run/0") &&
	       scene_then("O1 H1 P1 S1", "0=run/01 1=run/1");
}

/* +11 while FE1 does something and BE1 takes its time to be prepared */
static bool be1_is_preparing(void *unused)
{
	struct dpcm_state s;

	return !dpcm_read_state(&s) && s.be[1][DPCM_PLAY].params &&
	       !s.be[1][DPCM_PLAY].prepared;
}

static bool d5_case(const char *before, const char *meanwhile,
		    const char *expected)
{
	struct scene_thread route;
	bool ok;

	if (!scene_reset() || !scene("+00 +10 O0 H0 P0 O1 H1 P1") ||
	    !scene(before) || dpcm_delay(1, DPCM_PLAY, "prepare", HOLD_US))
		return false;
	ok = scene_begin(&route, route_on, 1, 1) &&
	     reached("prepare", be1_is_preparing, NULL);
	ok &= scene(meanwhile);
	dpcm_delay_clear();
	ok &= !scene_join(&route);
	return ok && scene_expect(expected);
}

static bool d5(void)
{
	bool ok;

	ok = d5_case("S0", "S1 D1", "0=run/0 1=stop") &&
	     scene_then("P1 S1", "0=run/01 1=run/1") &&
	     scene_then("D0 D1", "0=stop 1=stop");
	ok &= scene_end();
	ok &= d5_case("S1", "U1 R1", "0=run/1 1=run/1") &&
	      scene_then("D1", "0=stop 1=stop");
	ok &= scene_end();
	ok &= d5_case("S0", "S1 U1", "0=run/0 1=stop") &&
	      scene_then("R1", "0=run/01 1=run/1") &&
	      scene_then("D0", "0=run/1 1=run/1");
	return ok;
}

static bool d6(void)
{
	return scene("+00 +11 O0 H0 P0 S0 O1 H1 F1 -11") &&
	       scene_then("+10", "0=run/0") && scene_then("C1", "0=run/0") &&
	       scene_then("D0", "0=stop") && scene_then("C0", "");
}

static bool d7(void)
{
	return scene_then("+00 O0 H0 P0 S0 U0 +01", "0=pause 1=stop") &&
	       scene_then("R0", "0=run/0 1=run/0") &&
	       scene_then("D0", "0=stop 1=stop") && scene_then("C0", "");
}

static bool d8(void)
{
	return scene_then("+00 +01 O0 H0 P0 S0 U0", "0=pause 1=pause") &&
	       scene_then("-00 -01", "") && scene_then("C0", "") &&
	       scene_then("+01 O0 H0 P0 S0", "1=run/0") &&
	       scene_then("D0", "1=stop");
}

static bool d9(void)
{
	bool ok;

	ok = scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1", "0=run/01") &&
	     scene_then("Z", "0=suspend") && scene_then("W0", "0=run/0") &&
	     scene_then("W1", "0=run/01") && scene_then("D0", "0=run/1") &&
	     scene_then("D1", "0=stop");
	ok &= scene_end();
	return scene_reset() &&
	       scene_then("+00 O0 H0 P0 S0 Z", "0=suspend") &&
	       scene_then("+01", "0=suspend 1=stop") &&
	       scene_then("W0", "0=run/0 1=run/0") &&
	       scene_then("D0", "0=stop 1=stop") && ok;
}

static bool d10(void)
{
	return scene("+00 O0 H0 P0 S0 +10 O1 H1 P1 +11") &&
	       scene_then("E31 S1!", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("D1", "0=run/0 1=stop");
}

/* Do the sequence; lockdep must report nothing. */
static bool lockdep_quiet(bool (*sequence)(void))
{
	static const char * const report[] = {
		"possible recursive locking", NULL
	};
	struct dpcm_log log;
	const char *text;
	bool ok;

	if (!dpcm_lockdep_on())
		scene_skip("lockdep is not in this kernel, or off");
	if (dpcm_log_open(&log))
		return false;
	ok = sequence();
	text = dpcm_log_find(&log, report);
	dpcm_log_close(&log);
	if (text)
		ok = scene_wrong("%s", text);
	if (!dpcm_lockdep_on())
		ok = scene_wrong("lockdep has turned itself off");
	return ok;
}

static bool linked(void)
{
	return scene_then("+00 +10 O0 H0 O1 H1 L01 P0 S0", "0=run/01") &&
	       scene_then("D0", "0=stop");
}

static bool d11(void)
{
	return lockdep_quiet(linked);
}

/*
 * FE1 underruns while another thread stops its group: that thread has the group's lock and
 * waits for FE1's, so the underrun has to take both in their order.
 */
static bool linked_contended(void)
{
	struct scene_thread xrun, stop;
	bool ok;

	if (!scene_then("+00 +10 O0 H0 O1 H1 L01 P0 S0", "0=run/01"))
		return false;
	ok = scene_begin(&xrun, hold_xrun, 1, HOLD_US) &&
	     reached("held", is_held, NULL);
	ok &= scene_begin(&stop, drop, 0, 0) &&
	      reached("stop waits", is_contended, &stop);
	dpcm_let_go(1);
	ok &= !scene_join(&xrun) & !scene_join(&stop);
	return ok && scene_expect("0=stop");
}

static bool d11_contended(void)
{
	return lockdep_quiet(linked_contended);
}

static bool d12(void)
{
	return scene("+00 +10 +20 +30 +40 +50 +60 +70 +80") &&
	       scene("O0 H0 P0 S0 O1 H1 P1 S1 O2 H2 P2 S2 O3 H3 P3 S3") &&
	       scene("O4 H4 P4 S4 O5 H5 P5 S5 O6 H6 P6 S6 O7 H7 P7 S7") &&
	       scene_then("O8 H8 P8 S8", "0=run/012345678") &&
	       scene_then("C0 C1 C2 C3", "0=run/45678") &&
	       scene_then("C4 C5 C6 C7", "0=run/8") &&
	       scene_then("D8", "0=stop");
}

static const struct scene_test rows[] = {
	{ "d1_leave",
	  "D1: a stream that never started does not stop its neighbour's BE",
	  NULL, d1, 1 },
	{ "d2_xrun_and_route",
	  "D2: an underrun in the middle of a route switch stops only its own",
	  NULL, d2, 4 },
	{ "d3_close_in_trigger",
	  "D3: a close leaves a BE that is being triggered its runtime",
	  NULL, d3, 2 },
	{ "d4_failed_startup",
	  "D4: a BE that failed to open points to no runtime",
	  NULL, d4, 1 },
	{ "d5_trigger_and_route",
	  "D5: two commands during a route switch both count",
	  NULL, d5, 2 },
	{ "d6_route_after_hw_free",
	  "D6: a link made after hw_free does not close its neighbour's BE",
	  NULL, d6, 1 },
	{ "d7_route_in_pause",
	  "D7: a paused stream does not start a new BE",
	  NULL, d7, 1 },
	{ "d8_leave_in_pause",
	  "D8: a BE that was left in a pause stops for its next user",
	  NULL, d8, 1 },
	{ "d9_resume",
	  "D9: two streams that resume one after the other are both heard",
	  NULL, d9, 1 },
	{ "d10_failed_start",
	  "D10: a failed start takes nothing from its neighbour",
	  NULL, d10, 1 },
	{ "d11_linked",
	  "D11: linked streams on one BE without a lockdep report",
	  NULL, d11, 1 },
	{ "d11_contended",
	  "D11: an underrun of a stream whose group another thread stops",
	  NULL, d11_contended, 2 },
	{ "d12_nine",
	  "D12: nine streams on one BE are all heard",
	  "fe=9 be=1", d12, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, rows, ARRAY_SIZE(rows));
}
