// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: opening, closing and setting up again, many times over.
 *
 * Every PCM is opened, prepared and closed 200 times; one open PCM is taken
 * through all rates and formats. After each of these the sound is exact.
 *
 * For example it finds a clock, DMA channel or runtime PM count that is not
 * given back, and registers that keep the last stream's settings.
 */
#define _GNU_SOURCE

#include "../kselftest.h"
#include "nc-card.h"

#define TIMES	200

#define RW	SND_PCM_ACCESS_RW_INTERLEAVED
#define MMAP	SND_PCM_ACCESS_MMAP_INTERLEAVED
#define S16	SND_PCM_FORMAT_S16_LE
#define S24	SND_PCM_FORMAT_S24_LE
#define S32	SND_PCM_FORMAT_S32_LE

/* Every rate that ALSA has a name for, every format and access on the way */
static const struct nc_cfg setups[] = {
	{ RW,   S16, 2, 48000,  512,  2048 },
	{ MMAP, S32, 2, 8000,   128,  512 },
	{ RW,   S24, 8, 192000, 512,  4096 },
	{ RW,   S16, 1, 11025,  256,  1024 },
	{ MMAP, S16, 2, 44100,  512,  2048 },
	{ RW,   S32, 4, 96000,  512,  4096 },
	{ MMAP, S24, 1, 16000,  256,  1024 },
	{ RW,   S16, 6, 32000,  512,  2048 },
	{ MMAP, S32, 2, 176400, 512,  4096 },
	{ RW,   S16, 2, 22050,  512,  2048 },
	{ RW,   S24, 2, 88200,  512,  4096 },
	{ RW,   S16, 2, 64000,  512,  2048 },
	{ MMAP, S16, 2, 48000,  512,  2048 },
};

static bool plays_exact(const struct nc_end *fe)
{
	struct nc_cfg cfg = setups[0];
	struct nc_stream play;
	bool ok;

	if (nc_open_fe(&play, fe, &cfg, nc_some_frames(&cfg)))
		return false;
	ok = nc_plays_exact(&play, &nc_board.out[0], 1);
	nc_close(&play);
	return ok;
}

static bool records_exact(const struct nc_end *fe)
{
	struct nc_cfg cfg = setups[0];
	struct nc_stream rec, play = { 0 };
	struct nc_stream *set[] = { &rec, &play };
	size_t frames = nc_some_frames(&cfg);
	bool ok = false;

	if (!nc_open_fe(&rec, fe, &cfg, frames + cfg.rate) &&
	    !nc_open_bench(&play, &nc_board.in[0], &cfg, frames)) {
		nc_fill(&play, 1);
		ok = !nc_run(set, 2) && nc_heard(&rec, &play);
	}
	nc_close(&play);
	nc_close(&rec);
	return ok;
}

/* Open and prepare with all setups in turn; there is little to allocate. */
static bool many_times(const struct nc_end *fe)
{
	struct nc_stream s;
	int i;

	for (i = 0; i < TIMES; i++) {
		if (nc_open_fe(&s, fe, &setups[i % ARRAY_SIZE(setups)], 1)) {
			ksft_print_msg("at time %d\n", i);
			return false;
		}
		nc_close(&s);
	}
	return fe->dir == SND_PCM_STREAM_PLAYBACK ? plays_exact(fe) :
						     records_exact(fe);
}

static bool all_setups(void)
{
	struct nc_stream play;
	unsigned int i;
	bool ok;

	if (nc_open_fe(&play, &nc_board.play[0], &setups[0], 1))
		return false;
	ok = true;
	for (i = 0; ok && i < ARRAY_SIZE(setups); i++) {
		ok = !snd_pcm_hw_free(play.pcm) &&
		     !nc_setup(&play, &setups[i], nc_some_frames(&setups[i])) &&
		     nc_plays_exact(&play, &nc_board.out[0], i);
		if (!ok)
			ksft_print_msg("with %s %s %uch %u\n",
				       nc_access_name(setups[i].access),
				       snd_pcm_format_name(setups[i].format),
				       setups[i].channels, setups[i].rate);
	}
	nc_close(&play);
	return ok;
}

int main(void)
{
	const struct nc_end *fe[2 * NC_MAX_ENDS];
	int i, n = 0, err;

	nc_begin();
	nc_clock_steps();
	for (i = 0; i < nc_board.plays; i++)
		fe[n++] = &nc_board.play[i];
	for (i = 0; i < nc_board.recs; i++)
		fe[n++] = &nc_board.rec[i];
	ksft_set_plan(n + 1);
	err = nc_routes_off();
	for (i = 0; !err && i < n; i++)
		err = nc_join(fe[i], i < nc_board.plays ? &nc_board.out[0] :
			      &nc_board.in[0], true);
	if (err)
		ksft_exit_fail_msg("no crossbar switches\n");

	for (i = 0; i < n; i++)
		ksft_test_result(many_times(fe[i]), "%s opened %d times\n",
				 fe[i]->name, TIMES);
	ksft_test_result(all_setups(), "one PCM with all rates in turn\n");
	nc_routes_off();
	ksft_finished();
}
