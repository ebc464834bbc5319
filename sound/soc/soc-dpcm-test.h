/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Front ends and back ends for the KUnit tests of DPCM, without DAIs: the operations of
 * their links record the last command and can return an error.
 */
#ifndef __SOC_DPCM_TEST_H
#define __SOC_DPCM_TEST_H

#include <kunit/test.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "soc-dpcm-internal.h"

#define STREAM		SNDRV_PCM_STREAM_PLAYBACK
#define FAKES		3
#define NOTHING		-1
/* An error that the ASoC core does not log. */
#define REFUSED		-EPROBE_DEFER

struct fake {
	struct snd_soc_pcm_runtime *rtd;
	struct snd_soc_dai_link link;
	struct snd_pcm pcm;
	struct snd_pcm_substream substream;
	struct snd_pcm_runtime runtime;
	int told, calls;	/* of trigger */
	int configured;		/* calls of hw_params */
	bool refuse;
};

struct fakes {
	struct snd_soc_card card;
	struct fake fe[FAKES], be[FAKES];
};

int dpcm_test_init(struct kunit *test);
void dpcm_test_exit(struct kunit *test);
void unlink_all(struct fakes *fakes);
struct snd_soc_dpcm *link_up(struct kunit *test, int fe, int be,
			     enum snd_soc_dpcm_stage stage);

/* Links change under pcm_mutex. */
#define LOCKED(name)						\
static void name ## _locked(struct kunit *test)			\
{								\
	struct fakes *fakes = test->priv;			\
								\
	mutex_lock(&fakes->card.pcm_mutex);			\
	name(test);						\
	mutex_unlock(&fakes->card.pcm_mutex);			\
}								\
static_assert(true)

#endif
