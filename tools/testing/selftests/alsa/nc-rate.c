// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: the rate of a port that already runs.
 *
 * A second front end that is opened for a port that plays can have the rate of
 * that port and no other: the port has one clock, and frames of another rate
 * would not be heard. When the first front end is closed all rates are possible
 * again; with a port of its own a front end always has all rates.
 *
 * For example it finds a back end whose symmetric rate is not applied to the
 * front ends that join it, or is not forgotten when they have gone.
 */
#include "../kselftest.h"
#include "nc-card.h"

/* The range of rates that a front end offers at this moment. */
static int offered(const struct nc_end *fe, unsigned int *min, unsigned int *max)
{
	snd_pcm_hw_params_t *params;
	snd_pcm_t *pcm;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "hw:%s,%d", nc_card(), fe->dev);
	err = snd_pcm_open(&pcm, name, SND_PCM_STREAM_PLAYBACK,
			   SND_PCM_NONBLOCK);
	if (err < 0) {
		ksft_print_msg("%s: %s\n", name, snd_strerror(err));
		return err;
	}
	snd_pcm_hw_params_alloca(&params);
	err = snd_pcm_hw_params_any(pcm, params);
	if (err >= 0)
		err = snd_pcm_hw_params_get_rate_min(params, min, NULL);
	if (err >= 0)
		err = snd_pcm_hw_params_get_rate_max(params, max, NULL);
	if (err >= 0)
		ksft_print_msg("%s offers %u to %u Hz\n", fe->name, *min, *max);
	snd_pcm_close(pcm);
	return err < 0 ? err : 0;
}

static bool offers(const struct nc_end *fe, unsigned int want_min,
		   unsigned int want_max)
{
	unsigned int min, max;

	return !offered(fe, &min, &max) && min == want_min && max == want_max;
}

int main(void)
{
	struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED,
				   SND_PCM_FORMAT_S16_LE, 2, 48000);
	const struct nc_end *fe = nc_board.play, *port = nc_board.out;
	struct nc_stream play;
	bool another;

	nc_begin();
	if (nc_board.plays < 2)
		ksft_exit_skip("%s has one front end that plays\n", nc_card());
	another = nc_board.plays > 2 && nc_board.outs > 1;
	ksft_set_plan(3 + another);
	if (nc_routes_off() || nc_join(&fe[0], &port[0], true) ||
	    nc_join(&fe[1], &port[0], true) ||
	    (another && nc_join(&fe[2], &port[1], true)))
		ksft_exit_fail_msg("no crossbar switches\n");

	ksft_test_result(offers(&fe[1], 8000, 192000), "idle port: all rates\n");

	if (nc_open_fe(&play, &fe[0], &cfg, cfg.buffer))
		ksft_exit_fail_msg("%s cannot be set up\n", fe[0].name);
	ksft_test_result(offers(&fe[1], cfg.rate, cfg.rate),
			 "port in use: its rate only\n");
	if (another)
		ksft_test_result(offers(&fe[2], 8000, 192000),
				 "another port: all rates\n");
	nc_close(&play);
	ksft_test_result(offers(&fe[1], 8000, 192000),
			 "port idle again: all rates\n");
	nc_routes_off();
	ksft_finished();
}
