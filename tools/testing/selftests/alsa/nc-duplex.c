// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: play and record at the same time, both bit-exact.
 *
 * One front end plays into a port while another one records the frames that the
 * port receives; the bench records the one and feeds the other. On a board where
 * no port has both directions, these are two ports. The one direction ends while the other goes
 * on for twice as long again, and the other way round.
 * In the last lines another front end plays into another port as well, and a
 * fourth one records from another port, where the board has them: up to four
 * DMA channels run.
 *
 * For example it finds a port that is stopped or given other parameters when
 * its other direction ends, and DMA channels that disturb each other.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <string.h>

#include "../kselftest.h"
#include "nc-card.h"

#define MAX_PATHS	4

/* One front end and its port, from one end of the cable to the other. */
struct path {
	const struct nc_end *fe, *port;
	struct nc_stream card, bench;
};

static struct path path[MAX_PATHS];
static int paths;

struct duplex {
	bool all;		/* paths, not only the first two */
	bool capture_first;	/* which direction ends first */
	snd_pcm_access_t access;
	snd_pcm_format_t format;
	unsigned int channels;
	unsigned int rate;
};

#define RW	SND_PCM_ACCESS_RW_INTERLEAVED
#define MMAP	SND_PCM_ACCESS_MMAP_INTERLEAVED

static const struct duplex cases[] = {
	{ false, false, RW,   SND_PCM_FORMAT_S16_LE, 2, 48000 },
	{ false, true,  RW,   SND_PCM_FORMAT_S16_LE, 2, 48000 },
	{ false, false, MMAP, SND_PCM_FORMAT_S32_LE, 2, 192000 },
	{ false, true,  MMAP, SND_PCM_FORMAT_S24_LE, 1, 8000 },
	{ true,  false, MMAP, SND_PCM_FORMAT_S24_LE, 2, 44100 },
	{ true,  true,  RW,   SND_PCM_FORMAT_S32_LE, 8, 48000 },
};

static void add_path(const struct nc_end *fe, const struct nc_end *port)
{
	path[paths].fe = fe;
	path[paths].port = port;
	paths++;
}

/* The first port with that name, or with another one */
static const struct nc_end *find_port(const struct nc_end *ports, int count,
				      const char *name, bool other)
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(ports[i].name, name) != other)
			return &ports[i];
	return NULL;
}

static void find_paths(void)
{
	const struct nc_board *b = &nc_board;
	const struct nc_end *in, *out = NULL;

	for (in = b->in; in < b->in + b->ins; in++) {
		out = find_port(b->out, b->outs, in->name, false);
		if (out)
			break;
	}
	if (!out) {
		out = b->out;
		in = b->in;
	}
	add_path(&b->play[0], out);
	add_path(&b->rec[0], in);

	out = find_port(b->out, b->outs, out->name, true);
	if (out && b->plays > 1)
		add_path(&b->play[1], out);
	in = find_port(b->in, b->ins, in->name, true);
	if (in && b->recs > 1)
		add_path(&b->rec[1], in);
}

static int count_paths(const struct duplex *d)
{
	return d->all ? paths : 2;
}

static bool plays(const struct path *p)
{
	return p->fe->dir == SND_PCM_STREAM_PLAYBACK;
}

static struct nc_stream *player(struct path *p)
{
	return plays(p) ? &p->card : &p->bench;
}

static struct nc_stream *recorder(struct path *p)
{
	return plays(p) ? &p->bench : &p->card;
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

	err = nc_join(p->fe, p->port, true);
	if (!err)
		err = nc_open_fe(&p->card, p->fe, cfg, plays(p) ? frames :
				 frames + 2 * cfg->rate);
	if (!err)
		err = nc_open_bench(&p->bench, p->port, cfg, frames);
	if (!err)
		nc_fill(player(p), p->fe->dev);
	return err;
}

/* The streams of the paths that end last, or of all */
static int collect(const struct duplex *d, bool all, struct nc_stream **set)
{
	int i, n = 0;

	for (i = 0; i < count_paths(d); i++) {
		if (!all && ends_first(d, &path[i]))
			continue;
		set[n++] = &path[i].card;
		set[n++] = &path[i].bench;
	}
	return n;
}

/* Goes on with all of @set until the paths of one direction are done. */
static int finish(const struct duplex *d, bool first, struct nc_stream **set,
		  int n)
{
	int i, err = 0;

	for (i = 0; i < count_paths(d); i++)
		while (!err && ends_first(d, &path[i]) == first &&
		       !player(&path[i])->finished)
			err = nc_pump(set, n);
	err = err ? : nc_tail(set, n);
	for (i = 0; !err && i < count_paths(d); i++) {
		if (ends_first(d, &path[i]) != first)
			continue;
		if (!nc_heard(recorder(&path[i]), player(&path[i])))
			err = -EIO;
		nc_close(&path[i].card);
		nc_close(&path[i].bench);
	}
	return err;
}

static bool duplex(const struct duplex *d, const struct nc_cfg *cfg)
{
	struct nc_stream *set[2 * MAX_PATHS];
	int i, n, err = 0;

	for (i = 0; i < count_paths(d); i++)
		err = open_path(d, &path[i], cfg) ? : err;
	n = collect(d, true, set);
	err = err ? : nc_start_all(set, n) ? : finish(d, true, set, n);
	n = collect(d, false, set);
	err = err ? : finish(d, false, set, n);
	for (i = 0; i < count_paths(d); i++) {
		nc_close(&path[i].card);
		nc_close(&path[i].bench);
	}
	return !nc_routes_off() && !err;
}

int main(void)
{
	unsigned int i;

	nc_begin();
	find_paths();
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
				 count_paths(d),
				 d->capture_first ? "capture" : "playback",
				 nc_access_name(d->access),
				 snd_pcm_format_name(d->format), d->channels,
				 d->rate);
	}
	ksft_finished();
}
