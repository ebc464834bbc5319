// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: the return value of a write of a switch, and when routes take effect.
 *
 * A switch is on when it has been written, even if a stream could not follow: the write
 * succeeds, and programs that watch the switch get an event. If a BE returns an error,
 * the stream goes on without it, the log has one line, and the next change of one of the
 * stream's routes tries again, or its next open. Writes of other switches return no error
 * for it.
 *
 * D17 and D18 are defects of the stock core; dpcm-scene.h explains how the sequences are
 * written.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

#define WAIT_MS	20000

/* Lines of the log from now on that name both */
static int lines_about(struct dpcm_log *log, const char *fe, const char *be)
{
	char line[2048];
	int lines = 0;
	ssize_t n;

	while ((n = read(log->fd, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		lines += strstr(line, fe) && strstr(line, be);
	}
	return lines;
}

/* BE1 returns an error to FE1 at the step @fail. */
static bool refused(const char *fail)
{
	struct dpcm_log log;
	int lines;
	bool ok;

	if (!scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1") || !scene(fail))
		return false;
	if (dpcm_log_open(&log))
		return scene_wrong("no kernel log");
	ok = scene_then("+11", "0=run/01");
	lines = lines_about(&log, "FE1", "BE1");
	if (lines != 1)
		ok = scene_wrong("%d lines say that FE1 is not linked to BE1", lines);
	/* Those that have nothing to do with it */
	ok = ok && scene_then("+21 -21", "0=run/01") &&
	     scene_then("+02", "0=run/01 2=run/0") && scene_then("-02", "0=run/01");
	lines = lines_about(&log, "FE1", "BE1");
	if (lines)
		ok = scene_wrong("%d more lines", lines);
	dpcm_log_close(&log);
	return ok && scene_then("-11", "0=run/01") &&
	       scene_then("+11", "0=run/01 1=run/1") &&
	       scene_then("D1", "0=run/0 1=stop") && scene_then("D0", "0=stop 1=stop");
}

static bool d17_refused(void)
{
	static const char * const fail[] = { "E01", "E11", "E21", "E31", "E51" };
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(fail); i++) {
		if (i && !scene_reset())
			return false;
		ok &= refused(fail[i]);
		ok &= scene_end();
	}
	return ok;
}

/* BE1 fails until the failure is cleared; each try takes one off. */
static bool arm(int count)
{
	return !dpcm_fail_be(1, DPCM_PLAY, "startup", count) ||
	       scene_wrong("BE1 cannot be told to refuse");
}

static bool tries(const char *text, int expected)
{
	int before = dpcm_armed(), now;
	bool ok = scene(text);

	now = dpcm_armed();
	if (before - now != expected)
		return scene_wrong("BE1 was asked %d times, not %d", before - now,
				   expected);
	return ok;
}

/* Only FE1's own routes, and its own open, are a reason to try BE1 again. */
static bool d17_retry(void)
{
	return scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1") && arm(50) &&
	       tries("+11", 1) && tries("+02 -02 +20 -20 +21 -21", 0) &&
	       tries("+22 O2 H2 P2 S2 -22 C2", 0) && tries("U1 R1", 0) &&
	       tries("+12", 1) && scene_expect("0=run/01 2=run/1") &&
	       tries("-12", 1) && tries("-11", 0) && tries("+11", 1) &&
	       tries("C1", 0) && tries("O1!", 1) && scene_expect("0=run/0") &&
	       !dpcm_fail_clear() && scene("O1 H1 P1 S1") &&
	       scene_expect("0=run/01 1=run/1");
}

/* An FE that is only open, configured or prepared gets the error in the same way. */
static bool d17_before_start(void)
{
	static const char * const stages[] = { "O1", "O1 H1", "O1 H1 P1" };
	static const char * const rest[] = { "H1 P1 S1", "P1 S1", "S1" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		if (!scene("+00 +10 O0 H0 P0 S0") || !scene(stages[i]) || !arm(1) ||
		    !tries("+11", 1) || !scene_expect("0=run/0") ||
		    !scene_then(rest[i], "0=run/01") ||
		    !scene_then("-11 +11", "0=run/01 1=run/1") ||
		    !scene_then("C0 C1 -00 -10 -11", ""))
			return false;
	}
	return true;
}

static bool d17_capture(void)
{
	return scene("+a3 +b3 Oa Ha Pa Sa Ob Hb Pb Sb E04") &&
	       scene_then("+b4", "3=run/ab") && scene_then("-b4 +b4", "3=run/ab 4=run/b") &&
	       scene_then("Db", "3=run/a 4=stop");
}

/* The same as before with a switch of another stream that fails as well */
static bool d17_two(void)
{
	return scene("+00 +12 O0 H0 P0 S0 O1 H1 P1 S1") && arm(2) &&
	       tries("+11", 1) && tries("+01", 1) && scene_expect("0=run/0 2=run/1") &&
	       tries("-01", 0) && scene_expect("0=run/0 2=run/1") &&
	       scene_then("+01", "0=run/0 1=run/01 2=run/1") &&
	       scene_then("-11 +11", "0=run/0 1=run/01 2=run/1");
}

/*
 * Events
 */

static int events_open(void)
{
	char path[64];
	int fd, on = 1;

	snprintf(path, sizeof(path), "/dev/snd/controlC%d", dpcm.index);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, SNDRV_CTL_IOCTL_SUBSCRIBE_EVENTS, &on)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Count the events for a changed value of this switch. */
static int events(int fd, int fe, int be)
{
	struct snd_ctl_event event;
	int count = 0;

	while (read(fd, &event, sizeof(event)) == sizeof(event))
		count += event.type == SNDRV_CTL_EVENT_ELEM &&
			 event.data.elem.mask & SNDRV_CTL_EVENT_MASK_VALUE &&
			 event.data.elem.id.numid == dpcm.numid[fe][be];
	return count;
}

static bool one_event(int fd, const char *text, int expected)
{
	int n;

	if (!scene(text))
		return false;
	n = events(fd, 1, 1);
	return n == expected || scene_wrong("%d events, not %d", n, expected);
}

static bool d17_events(void)
{
	int fd = events_open();
	bool ok;

	if (fd < 0)
		return scene_wrong("no events");
	ok = one_event(fd, "+00 +10 O0 H0 P0 S0 O1 H1 P1 S1", 0) && arm(1) &&
	     one_event(fd, "+11", 1) && one_event(fd, "+11", 0) &&
	     one_event(fd, "-11", 1) && one_event(fd, "-11", 0) &&
	     one_event(fd, "+11", 1) && scene_expect("0=run/01 1=run/1");
	close(fd);
	return ok;
}

/*
 * D18: the card is registered, but not yet complete
 */

static bool is_early(void *unused)
{
	char text[16];

	return !dpcm_sim_read("early", text, sizeof(text)) && text[0] == '1';
}

/* All of it while the loading waits */
static bool use_early(void)
{
	if (dpcm_find())
		return scene_wrong("the card is not there");
	return scene_then("+00 O0 H0 P0 S0", "0=run/0") &&
	       scene_then("+10 O1 H1", "0=run/0") &&
	       scene_then("+01", "0=run/0 1=run/0") &&
	       scene_then("P1 S1", "0=run/01 1=run/0") &&
	       scene_then("-00", "0=run/1 1=run/0") &&
	       scene_then("+12", "0=run/1 1=run/0 2=run/1");
}

static int load_early(int unused, int unused2)
{
	return system("modprobe snd_soc_dpcm_sim early=1 >/dev/null 2>&1") ? -EIO : 0;
}

static bool d18(void)
{
	struct scene_thread loader;
	bool ok;

	if (dpcm_unload())
		return scene_wrong("the card does not go");
	if (!scene_begin(&loader, load_early, 0, 0))
		return false;
	ok = dpcm_poll(is_early, NULL, WAIT_MS) || scene_wrong("nobody waits");
	ok = ok && use_early();
	dpcm_sim_write("early", "1");
	if (scene_join(&loader))
		ok = scene_wrong("the card is not complete");
	ok = ok && scene_expect("0=run/1 1=run/0 2=run/1") &&
	     scene_then("-12", "0=run/1 1=run/0") &&
	     scene_then("+00", "0=run/01 1=run/0") && scene_then("C0", "0=run/1") &&
	     scene_then("-10 C1", "");
	ok &= scene_end();
	return !dpcm_load("") && ok;
}

/*
 * Routes that change without a switch: the next write of a switch, which here concerns
 * neither of the two FEs, makes both follow. FE0 reaches BE1 without a switch, too.
 * A path that is added and a widget that is freed stay so until the card is loaded again,
 * as it is for other parameters.
 */

static bool changed(const char *what)
{
	return !dpcm_sim_write("graph", what) || scene_wrong("graph: no %s", what);
}

static bool both_run(void)
{
	return scene_then("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1", "0=run/01 1=run");
}

static bool pin(void)
{
	return both_run() && changed("disable") && scene_then("+22", "0=run/01 1=run 2=run") &&
	       changed("enable") && scene_then("-22", "0=run/01 1=run") &&
	       scene_then("D0 D1", "0=stop 1=stop");
}

static bool added(void)
{
	return both_run() && changed("disable") &&
	       scene_then("+22", "0=run/01 1=run 2=run") && changed("add") &&
	       scene_then("-22", "0=run/01 1=run 2=run") &&
	       scene_then("D0", "0=run/1 1=stop 2=run") &&
	       scene_then("D1", "0=stop 1=stop 2=stop");
}

static bool freed(void)
{
	return both_run() && changed("free") && scene_then("+22", "0=run/01") &&
	       scene_then("D0 D1", "0=stop");
}

/*
 * State that the core shows
 */

/* The state of a link decides about triggers: only the core writes it. */
static bool link_state(void)
{
	static const char * const paths[] = {
		"/sys/kernel/debug/asoc/DPCMSim/FE0/BE0:Playback/state",
		"/sys/kernel/debug/asoc/DPCMSim/FE0/BE0:playback/state",	/* 6.1 */
	};
	struct stat st;

	if (!scene("+00 O0"))
		return false;
	if (stat(paths[0], &st) && stat(paths[1], &st))
		return scene_wrong("no %s", paths[0]);
	return (st.st_mode & 0777) == 0444 ||
	       scene_wrong("its mode is %o", st.st_mode & 0777);
}

static atomic_bool readers_end;

static int read_all(int fe, int unused)
{
	char path[64], text[4096];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/asoc/DPCMSim/FE%d/state", fe);
	while (!atomic_load(&readers_end)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
	}
	return 0;
}

static bool read_during_routes(void)
{
	struct scene_thread readers[2];
	bool ok;
	int i;

	if (!scene("+00 +01 O0 H0 P0 S0 +10 O1 H1 P1 S1"))
		return false;
	atomic_store(&readers_end, false);
	ok = scene_begin(&readers[0], read_all, 0, 0) &&
	     scene_begin(&readers[1], read_all, 1, 0);
	for (i = 0; ok && i < 100; i++)
		ok = scene_then("-00 +11", "0=run/1 1=run/01") &&
		     scene_then("+00 -11", "0=run/01 1=run/0");
	atomic_store(&readers_end, true);
	for (i = 0; i < 2; i++)
		if (scene_join(&readers[i]))
			ok = scene_wrong("cannot read the state of FE%d", i);
	return ok && scene_then("D0 D1", "0=stop 1=stop");
}

static const struct scene_test tests[] = {
	{ "d17_refused",
	  "D17: a switch is written although a BE refuses, and all others are as before",
	  NULL, d17_refused, 1 },
	{ "d17_retry",
	  "D17: a stream is refused again only when its own routes change",
	  NULL, d17_retry, 1 },
	{ "d17_before_start",
	  "D17: the same before the stream runs", NULL, d17_before_start, 1 },
	{ "d17_capture",
	  "D17: the same while recording", NULL, d17_capture, 1 },
	{ "d17_two",
	  "D17: two streams that are refused do not see each other",
	  NULL, d17_two, 1 },
	{ "d17_events",
	  "D17: each write that changes a switch is an event",
	  NULL, d17_events, 1 },
	{ "d18_early",
	  "D18: routes are followed from the registration of the card on",
	  NULL, d18, 1 },
	{ "pin",
	  "a pin that is disabled or enabled changes the routes of streams that run",
	  "graph=1", pin, 1 },
	{ "added",
	  "a path that is added changes the routes of streams that run",
	  "graph=1 fe=4", added, 1 },
	{ "freed",
	  "a widget that is freed changes the routes of streams that run",
	  "graph=1 be=3", freed, 1 },
	{ "link_state",
	  "the state of a link in debugfs cannot be written", NULL, link_state, 1 },
	{ "read_during_routes",
	  "debugfs is read while routes change", NULL, read_during_routes, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
