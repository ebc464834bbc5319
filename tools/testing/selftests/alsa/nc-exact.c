// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: played frames are heard, and fed frames are recorded, bit for bit.
 *
 * Each line plays some thousand frames of noise through one front end and one
 * port and compares what arrives at the other end: silence, every frame of
 * the noise, silence. The stream goes round its buffer twice and ends in the
 * middle of a period. All combinations of direction, access, format, channel
 * count and rate are tried; front ends and ports take turns.
 *
 * For example it finds a cache line that was not synced, a period that was
 * played twice or skipped, swapped channels, 24-bit samples shifted wrongly,
 * and frames lost at the start or at the drain.
 */
#define _GNU_SOURCE

#include <stdio.h>

#include "../kselftest.h"
#include "nc-card.h"

#define RW	SND_PCM_ACCESS_RW_INTERLEAVED
#define MMAP	SND_PCM_ACCESS_MMAP_INTERLEAVED
#define S16	SND_PCM_FORMAT_S16_LE
#define S24	SND_PCM_FORMAT_S24_LE
#define S32	SND_PCM_FORMAT_S32_LE

struct sound {
	bool capture;
	snd_pcm_access_t access;
	snd_pcm_format_t format;
	unsigned int channels;
	unsigned int rate;
	unsigned int period;	/* 0: as nc_cfg() chooses */
};

static const snd_pcm_access_t accesses[] = { RW, MMAP };
static const snd_pcm_format_t formats[] = { S16, S24, S32 };
static const unsigned int channel_counts[] = { 1, 2, 8 };
static const unsigned int rates[] = { 8000, 48000, 192000 };

#define COMBINATIONS	(2 * ARRAY_SIZE(accesses) * ARRAY_SIZE(formats) * \
			 ARRAY_SIZE(channel_counts) * ARRAY_SIZE(rates))

/* The other oscillator, and periods that are no multiple of a burst. */
static const struct sound more[] = {
	{ false, RW,   S16, 2, 44100,  0 },
	{ true,  RW,   S16, 2, 44100,  0 },
	{ false, MMAP, S32, 2, 176400, 0 },
	{ true,  MMAP, S32, 2, 176400, 0 },
	{ false, RW,   S16, 1, 48000,  441 },
	{ true,  RW,   S16, 1, 48000,  441 },
	{ false, MMAP, S24, 1, 48000,  333 },
	{ true,  MMAP, S24, 1, 48000,  333 },
	{ false, RW,   S16, 3, 48000,  500 },
	{ true,  RW,   S16, 3, 48000,  500 },
};

static unsigned int tests;

static bool playback_exact(const struct nc_cfg *cfg, const struct nc_end *fe,
			   const struct nc_end *port)
{
	struct nc_stream play;
	bool ok = false;

	if (nc_join(fe, port, true))
		return false;
	if (!nc_open_fe(&play, fe, cfg, nc_some_frames(cfg))) {
		ok = nc_plays_exact(&play, port, tests);
		nc_close(&play);
	}
	return !nc_join(fe, port, false) && ok;
}

static bool capture_exact(const struct nc_cfg *cfg, const struct nc_end *fe,
			  const struct nc_end *port)
{
	size_t frames = nc_some_frames(cfg);
	struct nc_stream rec, play;
	struct nc_stream *set[] = { &rec, &play };
	bool ok = false;

	if (nc_join(fe, port, true))
		return false;
	if (!nc_open_fe(&rec, fe, cfg, frames + cfg->rate)) {
		if (!nc_open_bench(&play, port, cfg, frames)) {
			nc_fill(&play, tests);
			ok = !nc_run(set, 2) && nc_heard(&rec, &play);
			nc_close(&play);
		}
		nc_close(&rec);
	}
	return !nc_join(fe, port, false) && ok;
}

static void try(const struct sound *t)
{
	struct nc_cfg cfg = nc_cfg(t->access, t->format, t->channels, t->rate);
	const struct nc_board *b = &nc_board;
	unsigned int n = tests++;
	char period[24] = "";
	bool ok;

	if (t->period) {
		cfg.period = t->period;
		cfg.buffer = 4 * t->period;
		snprintf(period, sizeof(period), " period %u", t->period);
	}
	if (t->capture)
		ok = capture_exact(&cfg, &b->rec[n % b->recs],
				   &b->in[n / b->recs % b->ins]);
	else
		ok = playback_exact(&cfg, &b->play[n % b->plays],
				    &b->out[n / b->plays % b->outs]);
	ksft_test_result(ok, "%s %s %s %uch %u%s\n",
			 t->capture ? "capture" : "playback",
			 nc_access_name(t->access),
			 snd_pcm_format_name(t->format), t->channels, t->rate,
			 period);
}

/* The n-th combination: the rate changes fastest, the direction slowest. */
static struct sound combination(unsigned int n)
{
	struct sound t = { 0 };

	t.rate = rates[n % ARRAY_SIZE(rates)];
	n /= ARRAY_SIZE(rates);
	t.channels = channel_counts[n % ARRAY_SIZE(channel_counts)];
	n /= ARRAY_SIZE(channel_counts);
	t.format = formats[n % ARRAY_SIZE(formats)];
	n /= ARRAY_SIZE(formats);
	t.access = accesses[n % ARRAY_SIZE(accesses)];
	n /= ARRAY_SIZE(accesses);
	t.capture = n;
	return t;
}

int main(void)
{
	struct sound t;
	unsigned int i;

	nc_begin();
	nc_clock_steps();
	ksft_set_plan(COMBINATIONS + ARRAY_SIZE(more));
	if (nc_routes_off())
		ksft_exit_fail_msg("no crossbar switches\n");

	for (i = 0; i < COMBINATIONS; i++) {
		t = combination(i);
		try(&t);
	}
	for (i = 0; i < ARRAY_SIZE(more); i++)
		try(&more[i]);
	ksft_finished();
}
