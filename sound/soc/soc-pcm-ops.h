/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The PCM operations of one runtime, be it an FE, a BE or neither, without those
 * that it is linked to. They are defined in soc-pcm.c; all but soc_pcm_trigger() are
 * called with card->pcm_mutex held and may sleep, soc_pcm_trigger() with the stream lock.
 */
#ifndef __SOC_PCM_OPS_H
#define __SOC_PCM_OPS_H

#include <sound/pcm.h>
#include <sound/soc.h>

int __soc_pcm_open(struct snd_soc_pcm_runtime *rtd,
		   struct snd_pcm_substream *substream);
int __soc_pcm_close(struct snd_soc_pcm_runtime *rtd,
		    struct snd_pcm_substream *substream);
int __soc_pcm_hw_params(struct snd_pcm_substream *substream,
			struct snd_pcm_hw_params *params);
int soc_pcm_params_symmetry(struct snd_pcm_substream *substream,
			    struct snd_pcm_hw_params *params);
int __soc_pcm_hw_free(struct snd_soc_pcm_runtime *rtd,
		      struct snd_pcm_substream *substream);
int __soc_pcm_prepare(struct snd_soc_pcm_runtime *rtd,
		      struct snd_pcm_substream *substream);
int soc_pcm_trigger(struct snd_pcm_substream *substream, int cmd);

#endif
