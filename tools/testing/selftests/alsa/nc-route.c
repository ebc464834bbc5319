// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: the route is switched while DMA runs.
 *
 * A front end plays; the bench records its ports, two or one, all the time. The
 * simulator reports when each stream began on the clock that all blocks share, so
 * the test knows which frame of the stream each recorded frame must be. A port may
 * transmit that very frame or silence, never anything else.
 *
 * - make before break: the new port is connected before the old one is cut.
 *   Every frame is heard on at least one port.
 * - break before make: for a while there is no route. The stream goes on at its
 *   pace, and after the gap the frames that are due then are heard.
 * - capture: a front end records; the route moves between two inputs. Every
 *   frame is the one input's, the other's, or the sum of both.
 *
 * A board with one input is not tested for the last one, one with a single
 * output not for the first; there the only route is cut and made again.
 *
 * For example it finds a front end that is stopped or restarted with its back
 * end, a frame lost between two ports, a port that replays frames of its
 * FIFO, and a route that is connected for the mixer but not started.
 */
#define _GNU_SOURCE

#include <string.h>

#include "../kselftest.h"
#include "nc-card.h"

/* Two and a half seconds at 8 kHz */
#define FRAMES		20000
#define MIN_SWITCHES	16
#define GAPS		4

/* A second of buffer: this runs on any host, however loaded, in real time. */
static struct nc_cfg route_cfg(void)
{
	struct nc_cfg cfg = nc_slow_cfg();

	cfg.buffer = 8192;
	return cfg;
}

static struct nc_stream play, rec[2];
static struct nc_stream *set[] = { &play, &rec[0], &rec[1] };
static long long play_start, rec_start[2];
/* How many the bench listens to */
static int ports;

enum { SILENT, RIGHT, WRONG };

static int switch_port(int port, bool on)
{
	return nc_join(&nc_board.play[0], &nc_board.out[port], on);
}

static int switch_input(int port, bool on)
{
	return nc_join(&nc_board.rec[0], &nc_board.in[port], on);
}

static int open_all(void)
{
	struct nc_cfg cfg = route_cfg();
	int port, err;

	err = switch_port(0, true);
	if (!err)
		err = nc_open_fe(&play, &nc_board.play[0], &cfg, FRAMES);
	for (port = 0; !err && port < ports; port++)
		err = nc_open_bench(&rec[port], &nc_board.out[port], &cfg,
				    FRAMES);
	if (err)
		return err;
	nc_fill(&play, 1);
	for (port = 0; !err && port < ports; port++)
		err = nc_start(&rec[port]);
	return err ? : nc_start(&play);
}

static void close_all(void)
{
	nc_close(&play);
	nc_close(&rec[0]);
	nc_close(&rec[1]);
}

/* Go on to the end of the stream and read when all streams began. */
static int finish(void)
{
	int port, err = 0;

	while (!err && !play.finished)
		err = nc_pump(set, 1 + ports);
	err = err ? : nc_tail(set, 1 + ports) ? : nc_start_frame(&play, &play_start);
	for (port = 0; !err && port < ports; port++)
		err = nc_start_frame(&rec[port], &rec_start[port]);
	return err;
}

/* The frame of a port when the stream was at this frame */
static int heard(int port, long long frame)
{
	long long at = play_start + frame - rec_start[port];

	if (port >= ports)
		return SILENT;
	if (at < 0 || at >= (long long)rec[port].pos)
		return WRONG;
	if (nc_is_zero(&rec[port], at))
		return SILENT;
	if (frame < 0 || frame >= (long long)play.frames)
		return WRONG;
	return memcmp(nc_frame(&rec[port], at), nc_frame(&play, frame),
		      play.frame_bytes) ? WRONG : RIGHT;
}

static bool silent_outside(int port)
{
	long long first = play_start - rec_start[port];
	long long end = first + play.frames;
	long long sound = nc_next_sound(&rec[port], 0);

	if (sound >= first && end <= (long long)rec[port].pos &&
	    nc_next_sound(&rec[port], end) == rec[port].pos)
		return true;
	ksft_print_msg("%s: sound outside of frames %lld to %lld of %zu\n",
		       rec[port].name, first, end, rec[port].pos);
	return false;
}

/*
 * Compares every frame. Counts how often a port became the only one heard
 * (moves) and how often both fell silent (gaps).
 */
static bool compare(int *moves, int *gaps)
{
	int now[2], alone = -1, last_alone = -1;
	bool gap = false;
	long long k;

	*moves = 0;
	*gaps = 0;
	for (k = 0; k < (long long)play.frames; k++) {
		now[0] = heard(0, k);
		now[1] = heard(1, k);
		if (now[0] == WRONG || now[1] == WRONG) {
			ksft_print_msg("%s: frame %lld is something else\n",
				       rec[now[0] == WRONG ? 0 : 1].name, k);
			return false;
		}
		if (now[0] == SILENT && now[1] == SILENT) {
			*gaps += !gap;
			gap = true;
			continue;
		}
		gap = false;
		alone = now[1] == SILENT ? 0 : now[0] == SILENT ? 1 : -1;
		if (alone < 0)
			continue;
		*moves += last_alone >= 0 && alone != last_alone;
		last_alone = alone;
	}
	return silent_outside(0) && (ports < 2 || silent_outside(1));
}

static bool make_before_break(void)
{
	int step = 0, moves, gaps, err;
	bool ok;

	err = open_all();
	while (!err && play.pos < play.frames) {
		err = nc_pump(set, 1 + ports);
		if (err)
			break;
		err = switch_port(!(step & 1), true);
		if (!err)
			err = switch_port(step & 1, false);
		step++;
	}
	ok = !err && !finish() && compare(&moves, &gaps);
	if (ok)
		ksft_print_msg("%d moves, %d gaps\n", moves, gaps);
	if (ok && (gaps || moves < MIN_SWITCHES)) {
		ksft_print_msg("wanted no gap and %d moves\n", MIN_SWITCHES);
		ok = false;
	}
	close_all();
	return !nc_routes_off() && ok;
}

/* Wait until a number of frames more have been taken from the stream's buffer. */
static int play_on(size_t frames)
{
	size_t want = play.pos + frames;
	int err = 0;

	while (!err && play.pos < want)
		err = nc_pump(set, 1 + ports);
	return err;
}

static bool break_before_make(void)
{
	struct nc_cfg cfg = route_cfg();
	size_t step = (FRAMES - cfg.buffer) / (2 * GAPS) - 2 * cfg.period;
	int i, moves, gaps, err;
	bool ok;

	err = open_all();
	for (i = 0; !err && i < GAPS; i++) {
		err = play_on(step);
		if (!err)
			err = switch_port(i % ports, false);
		if (!err)
			err = play_on(step);
		if (!err)
			err = switch_port((i + 1) % ports, true);
	}
	ok = !err && !finish() && compare(&moves, &gaps);
	if (ok && (gaps != GAPS || moves != (ports > 1 ? GAPS : 0) ||
		   heard(GAPS % ports, play.frames - 1) != RIGHT)) {
		ksft_print_msg("%d gaps and %d moves instead of %d, or the end is missing\n",
			       gaps, moves, GAPS);
		ok = false;
	}
	close_all();
	return !nc_routes_off() && ok;
}

/*
 * Recorded frame by frame: bit 0 of the result if it may be input 0 alone, bit
 * 1 for input 1 alone, bit 2 for the sum of both
 */
static int recorded(const struct nc_stream *fe, size_t at,
		    const struct nc_stream *in, const size_t *frame)
{
	unsigned int channel;
	int kinds = 7, want[3];

	for (channel = 0; channel < fe->cfg.channels; channel++) {
		int got = nc_get(fe, at, channel), i;

		want[0] = nc_get(&in[0], frame[0], channel);
		want[1] = nc_get(&in[1], frame[1], channel);
		want[2] = want[0] + want[1];
		if (want[2] > 32767)
			want[2] = 32767;
		if (want[2] < -32768)
			want[2] = -32768;
		for (i = 0; i < 3; i++)
			if (got != want[i])
				kinds &= ~(1 << i);
	}
	return kinds;
}

/* While both inputs carry sound, every frame must be one of the three. */
static bool capture_right(const struct nc_stream *fe,
			  const struct nc_stream *in)
{
	long long fe_start, in_start[2], at;
	int kinds, moves = 0, last = 0;
	size_t frame[2], compared = 0;

	if (nc_start_frame(fe, &fe_start) ||
	    nc_start_frame(&in[0], &in_start[0]) ||
	    nc_start_frame(&in[1], &in_start[1]))
		return false;
	for (at = 0; at < (long long)fe->pos; at++) {
		/* A frame before the start wraps to a huge number. */
		frame[0] = fe_start + at - in_start[0];
		frame[1] = fe_start + at - in_start[1];
		if (frame[0] >= in[0].frames || frame[1] >= in[1].frames)
			continue;
		compared++;
		kinds = recorded(fe, at, in, frame);
		if (!kinds) {
			ksft_print_msg("frame %lld is neither input\n", at);
			return false;
		}
		if (kinds != 1 && kinds != 2)
			continue;
		moves += last && kinds != last;
		last = kinds;
	}
	ksft_print_msg("%zu frames compared, %d moves\n", compared, moves);
	return compared > FRAMES / 2 && moves >= MIN_SWITCHES;
}

static bool capture_switched(void)
{
	struct nc_stream fe = { 0 }, in[2] = { 0 };
	struct nc_stream *all[] = { &fe, &in[0], &in[1] };
	struct nc_cfg cfg = route_cfg();
	int step = 0, err;
	bool ok;

	err = switch_input(0, true);
	if (!err)
		err = nc_open_fe(&fe, &nc_board.rec[0], &cfg,
				 FRAMES + 2 * cfg.rate);
	if (!err)
		err = nc_open_bench(&in[0], &nc_board.in[0], &cfg, FRAMES);
	if (!err)
		err = nc_open_bench(&in[1], &nc_board.in[1], &cfg, FRAMES);
	if (!err) {
		nc_fill(&in[0], 2);
		nc_fill(&in[1], 3);
		err = nc_start(&fe) ? : nc_start(&in[0]) ? : nc_start(&in[1]);
	}
	while (!err && !(in[0].finished && in[1].finished)) {
		err = nc_pump(all, 3);
		if (err)
			break;
		err = switch_input(!(step & 1), true);
		if (!err)
			err = switch_input(step & 1, false);
		step++;
	}
	ok = !err && !nc_tail(all, 3) && capture_right(&fe, in);
	nc_close(&fe);
	nc_close(&in[0]);
	nc_close(&in[1]);
	return !nc_routes_off() && ok;
}

int main(void)
{
	bool ins;

	nc_begin();
	ports = nc_board.outs > 1 ? 2 : 1;
	ins = nc_board.ins > 1;
	ksft_set_plan(ports + ins);
	if (nc_routes_off())
		ksft_exit_fail_msg("no crossbar switches\n");

	if (ports > 1)
		ksft_test_result(make_before_break(),
				 "playback: make before break, every frame heard\n");
	ksft_test_result(break_before_make(),
			 "playback: break before make, the stream goes on\n");
	if (ins)
		ksft_test_result(capture_switched(),
				 "capture: from input to input, every frame recorded\n");
	ksft_finished();
}
