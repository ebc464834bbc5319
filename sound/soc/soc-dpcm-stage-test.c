// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the parameters of a back end (soc-dpcm-stage.c)
 *
 * Two front ends share a back end. One of them has configured it and is in some state;
 * the other one has parameters of its own. what() computes whether it gets the back end as
 * it is, configures it again or gets an error, in another way than soc-dpcm-stage.c.
 */

#include <sound/pcm_params.h>

#include "soc-dpcm-test.h"

static const struct params {
	unsigned int rate, channels;
	snd_pcm_format_t format;
} sets[] = {
	{ 48000, 2, SNDRV_PCM_FORMAT_S16_LE },
	{ 44100, 2, SNDRV_PCM_FORMAT_S16_LE },
	{ 48000, 1, SNDRV_PCM_FORMAT_S16_LE },
	{ 48000, 2, SNDRV_PCM_FORMAT_S32_LE },
	{ 0, 0, SNDRV_PCM_FORMAT_S8 },	/* of a compressed stream: none */
};

/* An FE that has configured its BE, and how far it is */
static const struct holder {
	enum snd_soc_dpcm_state state;
	enum snd_soc_dpcm_stage stage;
	bool in_use;
} holders[] = {
	{ SND_SOC_DPCM_STATE_HW_PARAMS, SND_SOC_DPCM_STAGE_PARAMS, false },
	{ SND_SOC_DPCM_STATE_PREPARE, SND_SOC_DPCM_STAGE_READY, true },
	{ SND_SOC_DPCM_STATE_START, SND_SOC_DPCM_STAGE_READY, true },
	{ SND_SOC_DPCM_STATE_PAUSED, SND_SOC_DPCM_STAGE_READY, true },
	{ SND_SOC_DPCM_STATE_SUSPEND, SND_SOC_DPCM_STAGE_READY, true },
	{ SND_SOC_DPCM_STATE_STOP, SND_SOC_DPCM_STAGE_READY, false },
};

static void set_params(struct snd_pcm_hw_params *params, const struct params *set)
{
	struct snd_interval *rate = hw_param_interval(params, SNDRV_PCM_HW_PARAM_RATE);
	struct snd_interval *channels =
		hw_param_interval(params, SNDRV_PCM_HW_PARAM_CHANNELS);

	memset(params, 0, sizeof(*params));
	rate->min = set->rate;
	rate->max = set->rate;
	channels->min = set->channels;
	channels->max = set->channels;
	if (set->rate)
		params_set_format(params, set->format);
}

enum outcome { SHARED, AGAIN, FAILED };

static enum outcome what(const struct holder *holder, int has, int wants)
{
	if (has == wants || !sets[wants].rate)
		return SHARED;
	return holder->in_use ? FAILED : AGAIN;
}

static void one_case(struct kunit *test, struct snd_soc_dpcm **links,
		     const struct holder *holder, int has, int wants)
{
	struct fakes *fakes = test->priv;
	struct snd_soc_pcm_runtime *be = fakes->be[0].rtd;
	enum outcome want = what(holder, has, wants);
	int ret;

	set_params(&be->dpcm[STREAM].hw_params, &sets[has]);
	be->dpcm[STREAM].state = SND_SOC_DPCM_STATE_STOP;
	links[0]->stage = holder->stage;
	links[0]->run = SND_SOC_DPCM_RUN_STOPPED;
	fakes->fe[0].rtd->dpcm[STREAM].state = holder->state;
	links[1]->stage = SND_SOC_DPCM_STAGE_OPEN;
	links[1]->run = SND_SOC_DPCM_RUN_STOPPED;
	fakes->fe[1].rtd->dpcm[STREAM].state = SND_SOC_DPCM_STATE_OPEN;
	set_params(&fakes->fe[1].rtd->dpcm[STREAM].hw_params, &sets[wants]);
	fakes->be[0].configured = 0;

	ret = dpcm_be_dai_hw_params(fakes->fe[1].rtd, STREAM);

	KUNIT_EXPECT_EQ_MSG(test, ret, want == FAILED ? -EINVAL : 0,
			    "state %d, has %d, wants %d", holder->state, has, wants);
	KUNIT_EXPECT_EQ_MSG(test, fakes->be[0].configured, want == AGAIN,
			    "state %d, has %d, wants %d", holder->state, has, wants);
	KUNIT_EXPECT_EQ(test, (int)links[0]->stage,
			(int)(want == AGAIN ? SND_SOC_DPCM_STAGE_OPEN : holder->stage));
	KUNIT_EXPECT_EQ(test, (int)links[1]->stage,
			(int)(want == FAILED ? SND_SOC_DPCM_STAGE_OPEN :
					       SND_SOC_DPCM_STAGE_PARAMS));
	KUNIT_EXPECT_EQ(test, params_rate(&be->dpcm[STREAM].hw_params),
			sets[want == AGAIN ? wants : has].rate);
}

static void dpcm_test_params(struct kunit *test)
{
	struct snd_soc_dpcm *links[2];
	int h, has, wants;

	links[0] = link_up(test, 0, 0, SND_SOC_DPCM_STAGE_CLOSED);
	links[1] = link_up(test, 1, 0, SND_SOC_DPCM_STAGE_CLOSED);
	for (h = 0; h < ARRAY_SIZE(holders); h++)
		for (has = 0; has < ARRAY_SIZE(sets) - 1; has++)
			for (wants = 0; wants < ARRAY_SIZE(sets); wants++)
				one_case(test, links, &holders[h], has, wants);
}

LOCKED(dpcm_test_params);

/* Limits of the component of an FE are limits of the FE; 0 is no limit. */
static void dpcm_test_limits(struct kunit *test)
{
	const struct snd_pcm_hardware dais = {
		.formats = SNDRV_PCM_FMTBIT_S16_LE | SNDRV_PCM_FMTBIT_S32_LE,
		.rates = SNDRV_PCM_RATE_44100 | SNDRV_PCM_RATE_48000,
		.rate_min = 44100, .rate_max = 48000,
		.channels_min = 1, .channels_max = 8,
	};
	const struct snd_pcm_hardware none = {}, limits = {
		.formats = SNDRV_PCM_FMTBIT_S16_LE,
		.rates = SNDRV_PCM_RATE_48000,
		.rate_min = 48000, .rate_max = 48000,
		.channels_min = 2, .channels_max = 4,
	};
	struct snd_pcm_hardware hw = dais;

	dpcm_limit_hw(&hw, &none);
	KUNIT_EXPECT_EQ(test, memcmp(&hw, &dais, sizeof(hw)), 0);

	dpcm_limit_hw(&hw, &limits);
	KUNIT_EXPECT_EQ(test, memcmp(&hw, &limits, sizeof(hw)), 0);
}

static struct kunit_case dpcm_stage_test_cases[] = {
	KUNIT_CASE(dpcm_test_params_locked),
	KUNIT_CASE(dpcm_test_limits),
	{}
};

static struct kunit_suite dpcm_stage_test_suite = {
	.name = "soc-dpcm-stage",
	.init = dpcm_test_init,
	.exit = dpcm_test_exit,
	.test_cases = dpcm_stage_test_cases,
};

kunit_test_suites(&dpcm_stage_test_suite);
