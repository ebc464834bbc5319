// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: the crossbar adds, and the sum saturates.
 *
 * Several players, full-range noise each, go into one recorder. They start
 * and end at different frames; the simulator tells at which (all blocks count
 * the same frames), so that every recorded sample can be computed: the sum of
 * those who play at that moment, limited to the range of the format.
 *
 * For example it finds a sum that wraps around, one that saturates after
 * every addition instead of at the end, a sample format that is not left
 * aligned in the mixer, and a second front end that disturbs, delays or stops
 * the first one's stream when it starts or ends.
 */
#define _GNU_SOURCE

#include "../kselftest.h"
#include "nc-card.h"

#define MAX_PLAYERS	4

struct mix {
	const char *name;
	bool capture;
	int players;
	snd_pcm_format_t format;
	unsigned int channels;
};

static const struct mix cases[] = {
	{ "FE0 and FE1 into I2S0", false, 2, SND_PCM_FORMAT_S16_LE, 2 },
	{ "FE0 and FE1 into I2S0", false, 2, SND_PCM_FORMAT_S32_LE, 2 },
	{ "FE0 and FE1 into I2S0", false, 2, SND_PCM_FORMAT_S24_LE, 1 },
	{ "FE0 to FE3 into I2S0", false, 4, SND_PCM_FORMAT_S16_LE, 2 },
	{ "FE0 to FE3 into I2S0", false, 4, SND_PCM_FORMAT_S32_LE, 8 },
	{ "I2S1 and PDM0 into FE4", true, 2, SND_PCM_FORMAT_S16_LE, 2 },
	{ "I2S1 and PDM0 into FE4", true, 2, SND_PCM_FORMAT_S32_LE, 2 },
};

struct player {
	struct nc_stream stream;
	long long start;
};

static struct player player[MAX_PLAYERS];
static struct nc_stream rec;
static long long rec_start;

static int open_playback(const struct mix *m, const struct nc_cfg *cfg)
{
	size_t frames = nc_some_frames(cfg);
	int i, err;

	for (i = 0; i < m->players; i++) {
		err = nc_route("I2S0", nc_fe_name[i], true);
		if (!err)
			err = nc_open_fe(&player[i].stream, i, cfg, frames);
		if (err)
			return err;
	}
	return nc_open_bench(&rec, BENCH_I2S0, SND_PCM_STREAM_CAPTURE, cfg,
			     frames);
}

static int open_capture(const struct nc_cfg *cfg)
{
	size_t frames = nc_some_frames(cfg);
	int err;

	err = nc_route("FE4", "I2S1", true) ? : nc_route("FE4", "PDM0", true);
	if (!err)
		err = nc_open_fe(&rec, FE4, cfg, frames + 2 * cfg->rate);
	if (!err)
		err = nc_open_bench(&player[0].stream, BENCH_I2S1,
				    SND_PCM_STREAM_PLAYBACK, cfg, frames);
	if (!err)
		err = nc_open_bench(&player[1].stream, BENCH_PDM0,
				    SND_PCM_STREAM_PLAYBACK, cfg, frames);
	return err;
}

/* On which frame of the common clock each stream began */
static int read_starts(const struct mix *m)
{
	int i, err;

	if (m->capture)
		return nc_start_frame("bench", "I2S1-in", &player[0].start) ? :
		       nc_start_frame("bench", "PDM0-in", &player[1].start) ? :
		       nc_start_frame("fe", "FE4", &rec_start);
	for (i = 0; i < m->players; i++) {
		err = nc_start_frame("fe", nc_fe_name[i], &player[i].start);
		if (err)
			return err;
	}
	return nc_start_frame("bench", "I2S0-out", &rec_start);
}

/* The sum, before it is limited, on one channel at a frame of the clock */
static long long sum(int players, long long now, unsigned int channel,
		     int *playing)
{
	long long total = 0;
	int i;

	*playing = 0;
	for (i = 0; i < players; i++) {
		long long at = now - player[i].start;

		if (at < 0 || at >= (long long)player[i].stream.frames)
			continue;
		total += nc_get(&player[i].stream, at, channel);
		(*playing)++;
	}
	return total;
}

static bool all_heard(int players)
{
	int i;

	for (i = 0; i < players; i++) {
		long long first = player[i].start - rec_start;

		if (first >= 0 && first + player[i].stream.frames <= rec.pos)
			continue;
		ksft_print_msg("%s: frames %lld to %lld are not in the recording of %zu\n",
			       player[i].stream.name, first,
			       first + (long long)player[i].stream.frames,
			       rec.pos);
		return false;
	}
	return true;
}

/* Compares every sample, and makes sure that there was something to mix. */
static bool mixed_right(const struct mix *m)
{
	long long max = (1LL << (snd_pcm_format_width(m->format) - 1)) - 1;
	long long min = -max - 1, want;
	size_t frame, mixed = 0, above = 0, below = 0;
	unsigned int channel;
	int playing;

	for (frame = 0; frame < rec.pos; frame++) {
		for (channel = 0; channel < m->channels; channel++) {
			want = sum(m->players, rec_start + frame, channel,
				   &playing);
			mixed += playing == m->players;
			above += want > max;
			below += want < min;
			want = want > max ? max : want < min ? min : want;
			if (nc_get(&rec, frame, channel) == want)
				continue;
			ksft_print_msg("frame %zu channel %u of %d players: %d instead of %lld\n",
				       frame, channel, playing,
				       nc_get(&rec, frame, channel), want);
			return false;
		}
	}
	if (mixed >= rec.cfg.period && above && below)
		return true;
	ksft_print_msg("too little to mix: %zu samples, %zu above, %zu below\n",
		       mixed, above, below);
	return false;
}

static bool mix(const struct mix *m, const struct nc_cfg *cfg)
{
	struct nc_stream *set[MAX_PLAYERS + 1];
	int i, err;
	bool ok;

	err = m->capture ? open_capture(cfg) : open_playback(m, cfg);
	for (i = 0; !err && i < m->players; i++) {
		set[i] = &player[i].stream;
		nc_fill(set[i], i + 1);
	}
	set[m->players] = &rec;
	ok = !err && !nc_run(set, m->players + 1) && !read_starts(m) &&
	     all_heard(m->players) && mixed_right(m);

	for (i = 0; i < m->players; i++)
		nc_close(&player[i].stream);
	nc_close(&rec);
	return !nc_routes_off() && ok;
}

int main(void)
{
	unsigned int i;

	nc_begin();
	nc_clock_steps();
	ksft_set_plan(ARRAY_SIZE(cases));
	if (nc_routes_off())
		ksft_exit_fail_msg("no crossbar switches\n");

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED,
					   cases[i].format, cases[i].channels,
					   48000);

		ksft_test_result(mix(&cases[i], &cfg), "%s %s %uch\n",
				 cases[i].name, snd_pcm_format_name(cfg.format),
				 cfg.channels);
	}
	ksft_finished();
}
