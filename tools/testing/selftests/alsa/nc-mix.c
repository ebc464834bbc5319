// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: the crossbar adds, and the sum saturates.
 *
 * Several players, full-range noise each, go into one recorder. They start
 * and end at different frames; the simulator reports these (all blocks count
 * the same frames), so that every recorded sample can be computed: the sum of
 * the players at that moment, limited to the range of the format.
 *
 * For example it finds a sum that wraps around, one that saturates after
 * every addition instead of at the end, a sample format that is not left
 * aligned in the mixer, and a second front end that disturbs, delays or stops
 * the first one's stream when it starts or ends.
 */
#define _GNU_SOURCE

#include "../kselftest.h"
#include "nc-card.h"

#define MAX_PLAYERS	NC_MAX_ENDS

/* The mixed front ends; ALL_FES is for boards that have more than two that play. */
enum who { TWO_FES, ALL_FES, TWO_PORTS };

struct mix {
	enum who who;
	snd_pcm_format_t format;
	unsigned int channels;
};

static const struct mix cases[] = {
	{ TWO_FES, SND_PCM_FORMAT_S16_LE, 2 },
	{ TWO_FES, SND_PCM_FORMAT_S32_LE, 2 },
	{ TWO_FES, SND_PCM_FORMAT_S24_LE, 1 },
	{ ALL_FES, SND_PCM_FORMAT_S16_LE, 2 },
	{ ALL_FES, SND_PCM_FORMAT_S32_LE, 8 },
	{ TWO_PORTS, SND_PCM_FORMAT_S16_LE, 2 },
	{ TWO_PORTS, SND_PCM_FORMAT_S32_LE, 2 },
};

struct player {
	struct nc_stream stream;
	long long start;
};

static struct player player[MAX_PLAYERS];
static struct nc_stream rec;
static long long rec_start;

/* How many are mixed; none if the board has too few of them */
static int count_players(const struct mix *m)
{
	int have = m->who == TWO_PORTS ? nc_board.ins : nc_board.plays;

	if (m->who == ALL_FES)
		return have > 2 ? have : 0;
	return have < 2 ? 0 : 2;
}

static int open_playback(const struct nc_cfg *cfg, int players)
{
	const struct nc_end *fe = nc_board.play, *port = nc_board.out;
	size_t frames = nc_some_frames(cfg);
	int i, err;

	for (i = 0; i < players; i++) {
		err = nc_join(&fe[i], port, true);
		if (!err)
			err = nc_open_fe(&player[i].stream, &fe[i], cfg, frames);
		if (err)
			return err;
	}
	return nc_open_bench(&rec, port, cfg, frames);
}

static int open_capture(const struct nc_cfg *cfg, int players)
{
	const struct nc_end *fe = nc_board.rec, *port = nc_board.in;
	size_t frames = nc_some_frames(cfg);
	int i, err = 0;

	for (i = 0; !err && i < players; i++)
		err = nc_join(fe, &port[i], true);
	if (!err)
		err = nc_open_fe(&rec, fe, cfg, frames + 2 * cfg->rate);
	for (i = 0; !err && i < players; i++)
		err = nc_open_bench(&player[i].stream, &port[i], cfg, frames);
	return err;
}

/* On which frame of the common clock each stream began */
static int read_starts(int players)
{
	int i, err = nc_start_frame(&rec, &rec_start);

	for (i = 0; !err && i < players; i++)
		err = nc_start_frame(&player[i].stream, &player[i].start);
	return err;
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
static bool mixed_right(const struct mix *m, int players)
{
	long long max = (1LL << (snd_pcm_format_width(m->format) - 1)) - 1;
	long long min = -max - 1, want;
	size_t frame, mixed = 0, above = 0, below = 0;
	unsigned int channel;
	int playing;

	for (frame = 0; frame < rec.pos; frame++) {
		for (channel = 0; channel < m->channels; channel++) {
			want = sum(players, rec_start + frame, channel,
				   &playing);
			mixed += playing == players;
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
	int players = count_players(m);
	int i, err;
	bool ok;

	err = m->who == TWO_PORTS ? open_capture(cfg, players) :
				    open_playback(cfg, players);
	for (i = 0; !err && i < players; i++) {
		set[i] = &player[i].stream;
		nc_fill(set[i], i + 1);
	}
	set[players] = &rec;
	ok = !err && !nc_run(set, players + 1) && !read_starts(players) &&
	     all_heard(players) && mixed_right(m, players);

	for (i = 0; i < players; i++)
		nc_close(&player[i].stream);
	nc_close(&rec);
	return !nc_routes_off() && ok;
}

int main(void)
{
	unsigned int i, plan = 0;

	nc_begin();
	nc_clock_steps();
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		plan += count_players(&cases[i]) > 0;
	if (!plan)
		ksft_exit_skip("%s has nothing to mix\n", nc_card());
	ksft_set_plan(plan);
	if (nc_routes_off())
		ksft_exit_fail_msg("no crossbar switches\n");

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct mix *m = &cases[i];
		bool ports = m->who == TWO_PORTS;
		const struct nc_end *from = ports ? nc_board.in : nc_board.play;
		const struct nc_end *to = ports ? nc_board.rec : nc_board.out;
		struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED,
					   m->format, m->channels, 48000);
		int players = count_players(m);

		if (!players)
			continue;
		ksft_test_result(mix(m, &cfg), "%s %s %s into %s %s %uch\n",
				 from[0].name, players > 2 ? "to" : "and",
				 from[players - 1].name, to[0].name,
				 snd_pcm_format_name(cfg.format), cfg.channels);
	}
	ksft_finished();
}
