// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: hardware that fails.
 *
 * A clock may not start, a block may not come out of its reset, and a DMA channel may not
 * take its configuration or a transfer. In the life of a stream the first of these calls
 * fails, then the second and so on, until there are no more. Each time the application
 * must get an error, all blocks and clocks must be off after the close, with nothing in
 * transfer, and the next stream must be exact.
 *
 * For example it finds an error that is not passed on, a clock that stays on, and a
 * block that never works again.
 */
#define _GNU_SOURCE

#include "../kselftest.h"
#include "nc-card.h"

#define OFF_MS	1000
/*
 * In the life of a stream three clocks start, each for its first user, three blocks come out
 * of reset, and the channel has a configuration and a transfer.
 */
#define CALLS	8

static struct nc_cfg cfg;

static bool wrong(const char *what, unsigned int nth, int err)
{
	ksft_print_msg("call %u: %s: %s\n", nth, what, snd_strerror(err));
	return false;
}

/* Opened, set up, prepared and started, until one of these fails */
static int live(struct nc_stream *s, const struct nc_end *fe)
{
	int err = nc_open_fe(s, fe, &cfg, nc_some_frames(&cfg));

	if (err)
		return err;
	if (s->playback)
		nc_fill(s, 1);
	return nc_start(s);
}

static bool is_exact(const struct nc_end *fe, const struct nc_end *port)
{
	struct nc_stream s, feed = { 0 };
	struct nc_stream *set[] = { &s, &feed };
	bool play = fe->dir == SND_PCM_STREAM_PLAYBACK, ok = false;
	size_t frames = nc_some_frames(&cfg);

	if (nc_open_fe(&s, fe, &cfg, play ? frames : frames + cfg.rate))
		return false;
	if (play) {
		ok = nc_plays_exact(&s, port, 2);
	} else if (!nc_open_bench(&feed, port, &cfg, frames)) {
		nc_fill(&feed, 2);
		ok = !nc_run(set, 2) && nc_heard(&s, &feed);
	}
	nc_close(&feed);
	nc_close(&s);
	return ok;
}

/* Let call number @nth fail; clear @more if there are fewer calls. */
static bool refused_once(const struct nc_end *fe, unsigned int nth, bool *more)
{
	struct nc_sync sync;
	struct nc_stream s;
	unsigned int left;
	bool hit;
	long ms;
	int err;

	/*
	 * What is still on does not come out of its reset: a close leaves that to a work of
	 * runtime PM, and a route switch leaves a port on for some seconds.
	 */
	if (nc_wait_off(8 * OFF_MS, &ms))
		return wrong("blocks or clocks are on", nth, 0);
	if (nc_sync_zero() || nc_sim_set("refuse", nth))
		return false;
	err = live(&s, fe);
	if (nc_sim_get("refuse", &left) || nc_sim_set("refuse", 0))
		return false;
	nc_close(&s);
	hit = !left;
	*more = hit;
	if (hit && !err)
		return wrong("refused, and nobody was told", nth, err);
	if (!hit && err)
		return wrong("not refused", nth, err);
	if (nc_wait_off(OFF_MS, &ms))
		return wrong("blocks or clocks are still on", nth, err);
	if (nc_sync_read(&sync))
		return false;
	if (sync.bus_errors || sync.stray)
		return wrong("DMA or a sync of what is no buffer", nth, err);
	return true;
}

static bool refuses_well(const struct nc_end *fe, const struct nc_end *port)
{
	unsigned int nth = 0;
	bool more = true;

	while (more && nth <= CALLS) {
		nth++;
		if (!refused_once(fe, nth, &more))
			return false;
		if (!is_exact(fe, port))
			return wrong("not exact afterwards", nth, 0);
	}
	nth -= !more;
	ksft_print_msg("%s: %u calls were refused\n", fe->name, nth);
	return nth == CALLS || wrong("calls that can be refused", nth, 0);
}

int main(void)
{
	const struct nc_board *b = &nc_board;

	nc_begin();
	ksft_set_plan(2);
	cfg = nc_slow_cfg();
	if (nc_routes_off() || nc_join(&b->play[0], &b->out[0], true) ||
	    nc_join(&b->rec[0], &b->in[0], true))
		ksft_exit_fail_msg("no crossbar switches\n");
	nc_clock_steps();
	ksft_test_result(refuses_well(&b->play[0], &b->out[0]),
			 "playback, each call refused once\n");
	ksft_test_result(refuses_well(&b->rec[0], &b->in[0]),
			 "capture, each call refused once\n");
	nc_clock_runs();
	nc_routes_off();
	ksft_finished();
}
