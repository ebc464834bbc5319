// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: the states of a PCM stream, and the frames that are heard in each.
 *
 * Pause loses and doubles nothing, drain ends with the last frame, drop ends
 * in the middle; underrun and overrun are reported in bounded time and the
 * stream can be prepared and started again, exact.
 *
 * For example it finds a FIFO that is flushed at pause, a DMA channel that
 * runs on in a pause, a drain that ends a period early, an underrun that is
 * not detected, and data that an aborted stream leaves in a FIFO or in the
 * DMA channel for the next one.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "nc-card.h"

#define PAUSES	8

static struct nc_cfg cfg;

/*
 * Two helpers: a front end plays into a port that the bench records, another
 * one records frames that the bench feeds into a port.
 */
static int open_playback(struct nc_stream *rec, struct nc_stream *play,
			 size_t frames)
{
	memset(rec, 0, sizeof(*rec));
	if (nc_open_fe(play, &nc_board.play[0], &cfg, frames))
		return -EIO;
	nc_fill(play, 1);
	return nc_open_bench(rec, &nc_board.out[0], &cfg, frames);
}

static int open_capture(struct nc_stream *rec, struct nc_stream *play,
			size_t frames)
{
	memset(play, 0, sizeof(*play));
	if (nc_open_fe(rec, &nc_board.rec[0], &cfg, frames + 2 * cfg.rate))
		return -EIO;
	if (nc_open_bench(play, &nc_board.in[0], &cfg, frames))
		return -EIO;
	nc_fill(play, 2);
	return 0;
}

static int pause_stream(struct nc_stream *s, int on)
{
	int err = snd_pcm_pause(s->pcm, on);

	if (err < 0)
		ksft_print_msg("%s: pause %d: %s\n", s->name, on,
			       snd_strerror(err));
	if (!err && !nc_in_state(s, on ? SND_PCM_STATE_PAUSED :
			      SND_PCM_STATE_RUNNING))
		err = -EIO;
	return err;
}

/* Goes on until a recorder has read some frames that are recorded from now on. */
static int go_on_from_now(struct nc_stream **set, int n, struct nc_stream *rec,
			  size_t frames)
{
	snd_pcm_sframes_t backlog = snd_pcm_avail(rec->pcm);

	return backlog < 0 ? backlog : nc_go_on(set, n, rec, backlog + frames);
}

/* The end of a recording is silent. */
static bool silent_tail(const struct nc_stream *rec, size_t frames)
{
	size_t from = rec->pos - frames;

	if (nc_next_sound(rec, from) == rec->pos)
		return true;
	ksft_print_msg("%s: sound during the pause\n", rec->name);
	return false;
}

static bool playback_pause(void)
{
	struct nc_stream rec, play;
	struct nc_stream *set[] = { &rec, &play };
	size_t frames = (PAUSES + 2) * cfg.buffer + 77;
	int i, err;
	bool ok;

	err = open_playback(&rec, &play, frames) ? :
	      nc_start(&rec) ? : nc_start(&play);
	for (i = 0; !err && i < PAUSES; i++) {
		/* Pause at another place in the period each time. */
		err = nc_go_on(set, 2, &play, cfg.period + 37 * i) ? :
		      pause_stream(&play, 1) ? :
		      go_on_from_now(set, 2, &rec, 3 * rec.cfg.period);
		if (!err && !silent_tail(&rec, rec.cfg.period))
			err = -EIO;
		err = err ? : pause_stream(&play, 0);
	}
	while (!err && !play.finished)
		err = nc_pump(set, 2);
	ok = !err && !nc_tail(set, 2);
	if (ok) {
		nc_strip(&rec);
		ok = nc_same(&rec, 0, &play, frames) && rec.pos == frames;
		if (rec.pos > frames)
			ksft_print_msg("%zu frames too many\n",
				       rec.pos - frames);
	}
	nc_close(&play);
	nc_close(&rec);
	return ok;
}

/* Three frames are enough to tell any place of the pattern from another. */
static bool at_frame(const struct nc_stream *rec, size_t at,
		     const struct nc_stream *play, size_t k)
{
	size_t n;

	for (n = 0; n < 3 && at + n < rec->pos && k + n < play->frames; n++)
		if (memcmp(nc_frame(rec, at + n), nc_frame(play, k + n),
			   play->frame_bytes))
			return false;
	return n > 0;
}

/*
 * Only frames that come in during a pause are lost: the recording is the
 * pattern with one gap for each pause, and never goes back in it.
 */
static bool only_gaps(const struct nc_stream *rec, const struct nc_stream *play)
{
	size_t at, k = 0, gaps = 0;

	for (at = nc_next_sound(rec, 0); at < rec->pos; at++, k++) {
		if (k < play->frames && !memcmp(nc_frame(rec, at),
						nc_frame(play, k),
						play->frame_bytes))
			continue;
		if (nc_next_sound(rec, at) == rec->pos)
			break;		/* the silence after the pattern */
		gaps++;
		while (k < play->frames && !at_frame(rec, at, play, k))
			k++;
		if (k == play->frames) {
			ksft_print_msg("frame %zu is not a later frame of the pattern\n",
				       at);
			return false;
		}
	}
	ksft_print_msg("%zu gaps, %zu of %zu frames to the end\n", gaps, k,
		       play->frames);
	return gaps == PAUSES && k == play->frames;
}

static bool capture_pause(void)
{
	struct nc_stream rec, play;
	struct nc_stream *set[] = { &rec, &play };
	size_t frames = 3 * cfg.rate;
	int i, err;
	bool ok;

	/* Wait for sound, so that every pause is a gap in the pattern. */
	err = open_capture(&rec, &play, frames) ? :
	      nc_start(&rec) ? : nc_start(&play) ? :
	      nc_go_on(set, 2, &play, cfg.period);
	for (i = 0; !err && i < PAUSES; i++)
		err = nc_go_on(set, 2, &rec, cfg.period + 37 * i) ? :
		      pause_stream(&rec, 1) ? :
		      nc_go_on(set, 2, &play, 2 * cfg.period) ? :
		      pause_stream(&rec, 0);
	while (!err && !play.finished)
		err = nc_pump(set, 2);
	ok = !err && !nc_tail(set, 2) && only_gaps(&rec, &play);
	nc_close(&play);
	nc_close(&rec);
	return ok;
}

/* All lengths that may be special: around a period and around a buffer */
static bool drain_to_the_last(void)
{
	const size_t lengths[] = {
		1, cfg.period - 1, cfg.period, cfg.period + 1,
		cfg.buffer - 1, cfg.buffer, cfg.buffer + 1,
		3 * cfg.buffer + 17,
	};
	struct nc_stream play;
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		if (nc_open_fe(&play, &nc_board.play[0], &cfg, lengths[i]))
			return false;
		if (!nc_plays_exact(&play, &nc_board.out[0], i)) {
			ksft_print_msg("a stream of %zu frames is not exact\n",
				       lengths[i]);
			ok = false;
		}
		nc_close(&play);
	}
	return ok;
}

/* After an aborted stream: the same PCM plays another pattern, exact. */
static bool plays_again(struct nc_stream *play)
{
	return !nc_again(play) && nc_in_state(play, SND_PCM_STATE_PREPARED) &&
	       nc_plays_exact(play, &nc_board.out[0], 9);
}

static bool drop(void)
{
	struct nc_stream rec, play;
	struct nc_stream *set[] = { &rec, &play };
	size_t frames = 6 * cfg.buffer, first, end;
	bool ok;
	int err;

	err = open_playback(&rec, &play, frames) ? :
	      nc_start(&rec) ? : nc_start(&play) ? :
	      nc_go_on(set, 2, &play, 2 * cfg.buffer + 5) ? :
	      snd_pcm_drop(play.pcm);
	/* From now on only the recorder runs. */
	ok = !err && nc_in_state(&play, SND_PCM_STATE_SETUP) &&
	     !nc_tail(set, 1) && silent_tail(&rec, rec.cfg.period);
	if (ok) {
		first = nc_next_sound(&rec, 0);
		for (end = first; end < rec.pos && !nc_is_zero(&rec, end);)
			end++;
		/* At least the frames that have made room for later writes were heard. */
		ok = end - first >= play.pos - play.cfg.buffer &&
		     end - first <= play.pos &&
		     nc_same(&rec, first, &play, end - first) &&
		     nc_next_sound(&rec, end) == rec.pos;
		ksft_print_msg("%zu of %zu frames heard\n", end - first,
			       play.pos);
	}
	nc_close(&rec);
	ok = ok && plays_again(&play);
	nc_close(&play);
	return ok;
}

static bool underrun(void)
{
	struct nc_stream rec, play;
	struct nc_stream *set[] = { &rec, &play };
	size_t frames = 2 * cfg.buffer + cfg.period, last;
	bool ok;
	int err;

	err = open_playback(&rec, &play, frames);
	play.hold = true;
	err = err ? : nc_start(&rec) ? : nc_start(&play);
	/* All is written; the underrun must be detected within a buffer and some frames. */
	while (!err && play.pos < frames)
		err = nc_pump(set, 2);
	last = rec.pos;
	while (!err)
		err = nc_pump(set, 2);
	ok = err == -EPIPE && nc_in_state(&play, SND_PCM_STATE_XRUN) &&
	     snd_pcm_writei(play.pcm, play.data, 1) == -EPIPE;
	if (ok && rec.pos - last > cfg.buffer + 2 * cfg.period +
	    2 * rec.cfg.period) {
		ksft_print_msg("noticed only after %zu frames\n",
			       rec.pos - last);
		ok = false;
	}
	/* Written frames were heard; the frames after them may be anything. */
	ok = ok && !nc_tail(set, 1) &&
	     nc_same(&rec, nc_next_sound(&rec, 0), &play, frames) &&
	     silent_tail(&rec, rec.cfg.period);
	nc_close(&rec);
	play.hold = false;
	ok = ok && plays_again(&play);
	nc_close(&play);
	return ok;
}

/* Wait for the end of a recorder that is not read. */
static int wait_for_overrun(struct nc_stream *rec)
{
	struct pollfd fd;

	if (snd_pcm_poll_descriptors(rec->pcm, &fd, 1) != 1)
		return -EBADF;
	fd.events = 0;		/* only errors */
	return poll(&fd, 1, NC_TIMEOUT_MS) == 1 ? 0 : -ETIMEDOUT;
}

static bool overrun(void)
{
	struct nc_stream rec, play;
	struct nc_stream *set[] = { &rec, &play };
	bool ok;
	int err;

	err = open_capture(&rec, &play, nc_some_frames(&cfg)) ? :
	      nc_start(&rec) ? : wait_for_overrun(&rec);
	ok = !err && nc_in_state(&rec, SND_PCM_STATE_XRUN) &&
	     snd_pcm_readi(rec.pcm, rec.data, 1) == -EPIPE &&
	     !nc_again(&rec) && !nc_run(set, 2) && nc_heard(&rec, &play);
	nc_close(&play);
	nc_close(&rec);
	return ok;
}

int main(void)
{
	nc_begin();
	ksft_set_plan(6);
	cfg = nc_slow_cfg();
	if (nc_routes_off() ||
	    nc_join(&nc_board.play[0], &nc_board.out[0], true) ||
	    nc_join(&nc_board.rec[0], &nc_board.in[0], true))
		ksft_exit_fail_msg("no crossbar switches\n");

	ksft_test_result(playback_pause(),
			 "playback: pause loses and doubles nothing\n");
	ksft_test_result(capture_pause(),
			 "capture: pause loses what comes in then, no more\n");
	ksft_test_result(drain_to_the_last(),
			 "drain: heard to the last frame\n");
	ksft_test_result(drop(), "drop: silent at once, then exact again\n");
	ksft_test_result(underrun(),
			 "underrun: noticed, then exact again\n");
	ksft_test_result(overrun(), "overrun: noticed, then exact again\n");
	nc_routes_off();
	ksft_finished();
}
