/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file of the NC1 drivers and simulators that depends on the kernel version.
 * All others are as in mainline, and the same in 6.12 and in 6.1.
 */
#ifndef _NC1_COMPAT_H
#define _NC1_COMPAT_H

#include <linux/gfp.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <sound/mainline-compat.h>
#include <sound/soc.h>

/* The dma_map_ops hook was renamed when alloc_pages() became a macro. */
#ifdef alloc_pages
#define NC1_DMA_OPS_ALLOC_PAGES		alloc_pages_op
#else
#define NC1_DMA_OPS_ALLOC_PAGES		alloc_pages
#endif

/*
 * DAIs that trigger their BEs themselves, and copies from user memory without an
 * iterator, were removed before this macro was.
 */
#ifdef asoc_rtd_to_cpu
#define NC1_BESPOKE_TRIGGER		SND_SOC_DPCM_TRIGGER_BESPOKE
#define NC1_PCM_COPY			copy_user
#define nc1_copy_from			void __user

static inline bool nc1_copy_in(void *to, nc1_copy_from *from, size_t bytes)
{
	return !copy_from_user(to, from, bytes);
}
#else
#define NC1_PCM_COPY			copy
#define nc1_copy_from			struct iov_iter

static inline bool nc1_copy_in(void *to, nc1_copy_from *from, size_t bytes)
{
	return copy_from_iter(to, bytes, from) == bytes;
}
#endif

/*
 * Names and members that are not the same in mainline went, or came, with this name of
 * a format.
 */
#ifdef SND_SOC_DAIFMT_CBM_CFM
#define pcm_new				pcm_construct
#define snd_compr_tstamp64		snd_compr_tstamp
#define snd_soc_component_to_dapm	snd_soc_component_get_dapm
#define snd_soc_card_to_dapm(card)	(&(card)->dapm)

/* Mainline's takes the mutex that open and close take. */
static inline int nc1_suspend_all(struct snd_pcm *pcm)
{
	int ret;

	mutex_lock(&pcm->open_mutex);
	ret = snd_pcm_suspend_all(pcm);
	mutex_unlock(&pcm->open_mutex);

	return ret;
}

#define snd_pcm_suspend_all		nc1_suspend_all

/* One that is not only for one direction has to say which ones it is for. */
static inline void nc1_link_directions(struct snd_soc_dai_link *link)
{
	link->dpcm_playback = !link->capture_only;
	link->dpcm_capture = !link->playback_only;
}
#else
static inline void nc1_link_directions(struct snd_soc_dai_link *link) {}
#endif

#endif
