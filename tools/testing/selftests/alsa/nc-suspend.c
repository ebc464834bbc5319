// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: the system suspends, and the sound goes on at the same frame.
 *
 * The blocks lose their registers. Frames that a stream has written before a suspend must
 * be heard after it, no frame less and none twice. Streams are suspended while they play,
 * record, pause, wait for their start, and while their routes are switched. Time
 * stands still meanwhile, so every frame is known.
 *
 * For example it finds a register that is not written back, a DMA channel that starts
 * anew, a pause that is forgotten, and clocks that stay on.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

#define SUSPENDS	10
#define OFF_MS		1000
#define PMDOWN_MS	8000

static struct nc_cfg cfg;

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/*
 * Suspends all devices and resumes them at once: the kernel's own test mode
 * (CONFIG_PM_DEBUG), which needs no wake-up source.
 */
static int suspend_board(void)
{
	int err;

	err = write_file("/sys/power/pm_test", "devices") ? :
	      write_file("/sys/module/suspend/parameters/pm_test_delay", "0") ? :
	      write_file("/sys/power/state", "freeze");
	write_file("/sys/power/pm_test", "none");
	if (err)
		ksft_print_msg("suspend: %s\n", strerror(-err));
	return err;
}

/* From a suspend back to where it was */
static bool go_back(struct nc_stream *s, snd_pcm_state_t state)
{
	int err;

	if (!nc_in_state(s, SND_PCM_STATE_SUSPENDED))
		return false;
	err = snd_pcm_resume(s->pcm);
	if (err < 0)
		ksft_print_msg("%s: resume: %s\n", s->name, snd_strerror(err));
	return !err && nc_in_state(s, state);
}

/* The end of both; the recorded frames are those that were played, but for silence. */
static bool all_heard(struct nc_stream **set, struct nc_stream *rec, struct nc_stream *play)
{
	int err = 0;

	while (!err && !play->finished)
		err = nc_pump(set, 2);
	if (err || nc_tail(set, 2))
		return false;
	nc_strip(rec);
	if (rec->pos > play->frames)
		ksft_print_msg("%s: %zu frames too many\n", rec->name, rec->pos - play->frames);
	return nc_same(rec, 0, play, play->frames) && rec->pos == play->frames;
}

/* The end under test and its other end on the bench, both prepared */
struct cable {
	struct nc_stream fe, bench;
	struct nc_stream *set[2];
	struct nc_stream *rec, *play;
};

/* The route is switched on, or was before. */
static bool open_cable(struct cable *c, bool capture, bool routed)
{
	const struct nc_end *fe = capture ? nc_board.rec : nc_board.play;
	const struct nc_end *port = capture ? nc_board.in : nc_board.out;
	size_t frames = (SUSPENDS + 4) * cfg.buffer + 77;

	memset(c, 0, sizeof(*c));
	if (!routed && (nc_routes_off() || nc_join(fe, port, true)))
		return false;
	if (nc_open_fe(&c->fe, fe, &cfg, capture ? frames + 2 * cfg.rate : frames) ||
	    nc_open_bench(&c->bench, port, &cfg, frames))
		return false;
	c->rec = capture ? &c->fe : &c->bench;
	c->play = capture ? &c->bench : &c->fe;
	c->set[0] = c->rec;
	c->set[1] = c->play;
	nc_fill(c->play, 1 + capture);
	return true;
}

static void close_cable(struct cable *c)
{
	nc_close(&c->fe);
	nc_close(&c->bench);
}

static bool suspended_idle(void)
{
	struct cable c;
	bool ok;

	/* The route is older than the suspend, and is not switched again. */
	ok = open_cable(&c, false, false);
	close_cable(&c);
	ok = ok && !suspend_board() && open_cable(&c, false, true) &&
	     !nc_start_all(c.set, 2) && all_heard(c.set, c.rec, c.play);
	close_cable(&c);
	return ok;
}

static bool suspended_running(bool capture)
{
	struct cable c;
	int i;
	bool ok;

	ok = open_cable(&c, capture, false) && !nc_start(c.rec) && !nc_start(c.play);
	for (i = 0; ok && i < SUSPENDS; i++) {
		/* At another place in the period each time */
		ok = !nc_go_on(c.set, 2, c.play, cfg.period + 37 * i) && !suspend_board() &&
		     go_back(&c.fe, SND_PCM_STATE_RUNNING);
		if (!ok)
			ksft_print_msg("at suspend %d\n", i);
	}
	ok = ok && all_heard(c.set, c.rec, c.play);
	close_cable(&c);
	return ok;
}

static bool suspended_playing(void)
{
	return suspended_running(false);
}

static bool suspended_recording(void)
{
	return suspended_running(true);
}

static bool suspended_paused(void)
{
	struct cable c;
	bool ok;

	ok = open_cable(&c, false, false) && !nc_start(c.rec) && !nc_start(c.play) &&
	     !nc_go_on(c.set, 2, c.play, cfg.period + 37) && !snd_pcm_pause(c.play->pcm, 1) &&
	     !suspend_board() && go_back(c.play, SND_PCM_STATE_PAUSED) &&
	     !snd_pcm_pause(c.play->pcm, 0) && nc_in_state(c.play, SND_PCM_STATE_RUNNING) &&
	     all_heard(c.set, c.rec, c.play);
	close_cable(&c);
	return ok;
}

/* The ring is full, and the stream was not started. */
static bool suspended_prepared(void)
{
	struct cable c;
	bool ok;

	ok = open_cable(&c, false, false) && !suspend_board() &&
	     go_back(c.play, SND_PCM_STATE_PREPARED) && !nc_start(c.rec) && !nc_start(c.play) &&
	     all_heard(c.set, c.rec, c.play);
	close_cable(&c);
	return ok;
}

/* Another thread switches a second port on and off all the time. */
static atomic_bool ended;
static atomic_int switches, refused;

static void *switch_routes(void *unused)
{
	int i;

	for (i = 0; !atomic_load(&ended); i++) {
		if (nc_join(&nc_board.play[0], &nc_board.out[1], !(i & 1)))
			atomic_fetch_add(&refused, 1);
		atomic_fetch_add(&switches, 1);
	}
	return NULL;
}

static bool suspended_switching(void)
{
	pthread_t thread;
	struct cable c;
	int i, seen;
	bool ok;

	atomic_store(&ended, false);
	ok = open_cable(&c, false, false) && !nc_start(c.rec) && !nc_start(c.play) &&
	     !pthread_create(&thread, NULL, switch_routes, NULL);
	if (!ok) {
		close_cable(&c);
		return false;
	}
	for (i = 0; ok && i < SUSPENDS; i++) {
		seen = atomic_load(&switches);
		ok = !nc_go_on(c.set, 2, c.play, cfg.period + 37 * i);
		while (ok && atomic_load(&switches) == seen)
			sched_yield();
		ok = ok && !suspend_board() && go_back(c.play, SND_PCM_STATE_RUNNING);
	}
	atomic_store(&ended, true);
	pthread_join(thread, NULL);
	ksft_print_msg("%d switches\n", atomic_load(&switches));
	ok = ok && !atomic_load(&refused) && all_heard(c.set, c.rec, c.play);
	close_cable(&c);
	return ok;
}

static bool off_after_close(void)
{
	unsigned int clocks = 0;
	int playing, on;
	struct cable c;
	bool ok;
	long ms;

	/* A port whose last front end was routed away is on for another 5 s. */
	ok = !nc_wait_off(PMDOWN_MS, &ms) && open_cable(&c, false, false) && !nc_start(c.rec) &&
	     !nc_start(c.play) && !nc_go_on(c.set, 2, c.play, cfg.period);
	if (!ok)
		return false;
	playing = nc_blocks_on();
	nc_sim_get("clocks", &clocks);
	close_cable(&c);
	on = nc_wait_off(OFF_MS, &ms);
	ksft_print_msg("%d blocks on while it plays, clocks %#x\n", playing, clocks);
	ksft_print_msg("%d of both on after the close, %ld ms\n", on, ms);
	/* the front end, the crossbar and the port, and all three clocks */
	return playing == 3 && clocks == 7 && !on;
}

static const struct {
	const char *title;
	bool (*run)(void);
} tests[] = {
	{ "idle", suspended_idle },
	{ "while playing", suspended_playing },
	{ "while recording", suspended_recording },
	{ "while paused", suspended_paused },
	{ "before the start", suspended_prepared },
	{ "while a route is switched", suspended_switching },
};

int main(void)
{
	unsigned int i;

	nc_begin();
	nc_clock_steps();
	cfg = nc_slow_cfg();
	if (access("/sys/power/pm_test", W_OK))
		ksft_exit_skip("needs CONFIG_PM_DEBUG\n");
	/* With one port there is nothing to switch to. */
	ksft_set_plan(ARRAY_SIZE(tests) + 1 - (nc_board.outs < 2));
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (tests[i].run != suspended_switching || nc_board.outs > 1)
			ksft_test_result(tests[i].run(), "%s\n", tests[i].title);
	}
	ksft_test_result(off_after_close(), "clocks are off after the last close\n");
	nc_routes_off();
	ksft_finished();
}
