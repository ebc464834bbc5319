/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place in DPCM that knows which kernel this is: everything else is as in
 * mainline. It is not for upstream; there, dpcm_no_route(path) is path->is_supply.
 */
#ifndef __SOC_DPCM_COMPAT_H
#define __SOC_DPCM_COMPAT_H

#include <sound/mainline-compat.h>
#include <sound/soc.h>

/* Until 6.12 these were functions of soc-pcm.c. */
#ifndef snd_soc_dpcm_mutex_lock
static inline void snd_soc_dpcm_mutex_lock(struct snd_soc_card *card)
{
	mutex_lock_nested(&card->pcm_mutex, card->pcm_subclass);
}

static inline void snd_soc_dpcm_mutex_unlock(struct snd_soc_card *card)
{
	mutex_unlock(&card->pcm_mutex);
}
#endif

/* With weak paths, and DAPM's context for all to see, this name of a format went. */
#ifdef SND_SOC_DAIFMT_CBM_CFM
#define snd_soc_dapm_to_card(dapm)	((dapm)->card)

static inline bool dpcm_no_route(const struct snd_soc_dapm_path *path)
{
	return path->weak || path->is_supply;
}
#else
static inline bool dpcm_no_route(const struct snd_soc_dapm_path *path)
{
	return path->is_supply;
}
#endif

#endif
