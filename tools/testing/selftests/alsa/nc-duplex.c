// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: play and record at the same time, both bit-exact.
 *
 * Front end 0 plays into I2S1 while front end 4 records what I2S1 receives;
 * the bench listens to the one and feeds the other. The one direction ends
 * while the other goes on for twice as long again, and the other way round.
 * In the lines with four streams FE1 plays into I2S0 and FE5 records the
 * microphones as well, so that four DMA channels run.
 *
 * For example it finds a port that is stopped or given other parameters when
 * its other direction ends, and DMA channels that disturb each other.
 */
#define _GNU_SOURCE

#include <errno.h>

#include "../kselftest.h"
#include "nc-card.h"

#define MAX_PATHS	4

/* One front end and its port, from one end of the cable to the other. */
struct path {
	int fe;
	int port;
	const char *sink, *source;
	struct nc_stream phone, bench;
};

static struct path path[MAX_PATHS] = {
	{ .fe = FE0, .port = BENCH_I2S1, .sink = "I2S1", .source = "FE0" },
	{ .fe = FE4, .port = BENCH_I2S1, .sink = "FE4", .source = "I2S1" },
	{ .fe = FE1, .port = BENCH_I2S0, .sink = "I2S0", .source = "FE1" },
	{ .fe = FE5, .port = BENCH_PDM0, .sink = "FE5", .source = "PDM0" },
};

struct duplex {
	int paths;
	bool capture_first;	/* which direction ends first */
	snd_pcm_access_t access;
	snd_pcm_format_t format;
	unsigned int channels;
	unsigned int rate;
};

#define RW	SND_PCM_ACCESS_RW_INTERLEAVED
#define MMAP	SND_PCM_ACCESS_MMAP_INTERLEAVED

static const struct duplex cases[] = {
	{ 2, false, RW,   SND_PCM_FORMAT_S16_LE, 2, 48000 },
	{ 2, true,  RW,   SND_PCM_FORMAT_S16_LE, 2, 48000 },
	{ 2, false, MMAP, SND_PCM_FORMAT_S32_LE, 2, 192000 },
	{ 2, true,  MMAP, SND_PCM_FORMAT_S24_LE, 1, 8000 },
	{ 4, false, MMAP, SND_PCM_FORMAT_S24_LE, 2, 44100 },
	{ 4, true,  RW,   SND_PCM_FORMAT_S32_LE, 8, 48000 },
};

static bool plays(const struct path *p)
{
	return p->fe < FE4;
}

static struct nc_stream *player(struct path *p)
{
	return plays(p) ? &p->phone : &p->bench;
}

static struct nc_stream *recorder(struct path *p)
{
	return plays(p) ? &p->bench : &p->phone;
}

static bool ends_first(const struct duplex *d, const struct path *p)
{
	return plays(p) != d->capture_first;
}

static int open_path(const struct duplex *d, struct path *p,
		     const struct nc_cfg *cfg)
{
	size_t frames = nc_some_frames(cfg) * (ends_first(d, p) ? 1 : 3);
	int err;

	err = nc_route(p->sink, p->source, true);
	if (!err)
		err = nc_open_fe(&p->phone, p->fe, cfg, plays(p) ? frames :
				 frames + 2 * cfg->rate);
	if (!err)
		err = nc_open_bench(&p->bench, p->port, plays(p) ?
				    SND_PCM_STREAM_CAPTURE :
				    SND_PCM_STREAM_PLAYBACK, cfg, frames);
	if (!err)
		nc_fill(player(p), p->fe);
	return err;
}

/* The streams of the paths that end last, or of all */
static int collect(const struct duplex *d, bool all, struct nc_stream **set)
{
	int i, n = 0;

	for (i = 0; i < d->paths; i++) {
		if (!all && ends_first(d, &path[i]))
			continue;
		set[n++] = &path[i].phone;
		set[n++] = &path[i].bench;
	}
	return n;
}

/* Goes on with all of @set until the paths of one direction are done. */
static int finish(const struct duplex *d, bool first, struct nc_stream **set,
		  int n)
{
	int i, err = 0;

	for (i = 0; i < d->paths; i++)
		while (!err && ends_first(d, &path[i]) == first &&
		       !player(&path[i])->finished)
			err = nc_pump(set, n);
	err = err ? : nc_tail(set, n);
	for (i = 0; !err && i < d->paths; i++) {
		if (ends_first(d, &path[i]) != first)
			continue;
		if (!nc_heard(recorder(&path[i]), player(&path[i])))
			err = -EIO;
		nc_close(&path[i].phone);
		nc_close(&path[i].bench);
	}
	return err;
}

static bool duplex(const struct duplex *d, const struct nc_cfg *cfg)
{
	struct nc_stream *set[2 * MAX_PATHS];
	int i, n, err = 0;

	for (i = 0; i < d->paths; i++)
		err = open_path(d, &path[i], cfg) ? : err;
	n = collect(d, true, set);
	err = err ? : nc_start_all(set, n) ? : finish(d, true, set, n);
	n = collect(d, false, set);
	err = err ? : finish(d, false, set, n);
	for (i = 0; i < d->paths; i++) {
		nc_close(&path[i].phone);
		nc_close(&path[i].bench);
	}
	return !nc_routes_off() && !err;
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
		const struct duplex *d = &cases[i];
		struct nc_cfg cfg = nc_cfg(d->access, d->format, d->channels,
					   d->rate);

		ksft_test_result(duplex(d, &cfg),
				 "%d streams, %s ends first, %s %s %uch %u\n",
				 d->paths,
				 d->capture_first ? "capture" : "playback",
				 nc_access_name(d->access),
				 snd_pcm_format_name(d->format), d->channels,
				 d->rate);
	}
	ksft_finished();
}
