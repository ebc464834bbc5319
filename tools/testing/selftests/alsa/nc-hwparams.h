/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hardware parameters of a PCM without a library: all that a device can do, and
 * then what the test wants of it. For tests in which it counts which ioctl is
 * called when.
 */
#ifndef NC_HWPARAMS_H
#define NC_HWPARAMS_H

#include <string.h>

#include <sound/asound.h>

#include "../kselftest.h"

static inline void hwparams_any(struct snd_pcm_hw_params *params)
{
	unsigned int i;

	memset(params, 0, sizeof(*params));
	memset(params->masks, 0xff, sizeof(params->masks));
	for (i = 0; i < ARRAY_SIZE(params->intervals); i++)
		params->intervals[i].max = ~0U;
	params->rmask = ~0U;
}

static inline void hwparams_number(struct snd_pcm_hw_params *params, int what,
				   unsigned int value)
{
	params->intervals[what - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL] =
		(struct snd_interval) { .min = value, .max = value, .integer = 1 };
}

/* What was chosen */
static inline unsigned int hwparams_chosen(const struct snd_pcm_hw_params *params,
					   int what)
{
	return params->intervals[what - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL].min;
}

static inline void hwparams_choice(struct snd_pcm_hw_params *params, int what,
				   unsigned int value)
{
	struct snd_mask *mask =
		&params->masks[what - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	*mask = (struct snd_mask) { };
	mask->bits[value / 32] = 1U << value % 32;
}

#endif
