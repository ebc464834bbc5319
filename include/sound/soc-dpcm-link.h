/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a link between a front end (FE) and a back end (BE), and its locks
 *
 * Documentation/sound/soc/dpcm-locking.rst includes this file.
 */
#ifndef __SOUND_SOC_DPCM_LINK_H
#define __SOUND_SOC_DPCM_LINK_H

/**
 * DOC: Locks of DPCM
 *
 * From the outermost lock to the innermost::
 *
 *	card->pcm_mutex  >  FE lock  >  BE lock
 *
 * "FE lock" and "BE lock" are the stream locks: spinlocks with interrupts off, or mutexes
 * if the PCM is nonatomic. An FE lock is never taken under a BE lock. "Either" means that
 * one of the two locks is enough to read.
 *
 * =============================================  ===================  ===========
 * what                                           changed under        read under
 * =============================================  ===================  ===========
 * FE: opened, configured, prepared               pcm_mutex + FE lock  either
 * FE: started, paused, stopped                   FE lock              FE lock
 * FE: list of its BEs (be_clients)               pcm_mutex + FE lock  either
 * FE: change and followed                        pcm_mutex            pcm_mutex
 * BE: opened, configured, prepared               pcm_mutex + BE lock  either
 * BE: users                                      pcm_mutex + BE lock  either
 * BE: list of its FEs (fe_clients)               pcm_mutex + BE lock  either
 * BE: last command                               BE lock              BE lock
 * BE: lost                                       BE lock              BE lock
 * BE: hw_params                                  pcm_mutex            pcm_mutex
 * BE: runtime of its substream                   pcm_mutex + BE lock  either
 * link: state and stage                          pcm_mutex + BE lock  either
 * link: run and was                              BE lock              BE lock
 * card: dpcm_open                                pcm_mutex            READ_ONCE()
 * card and DAPM widget: dpcm_change              dapm_mutex           READ_ONCE()
 * =============================================  ===================  ===========
 */

/**
 * enum snd_soc_dpcm_stage - how far the BE is set up for the FE of a link
 * @SND_SOC_DPCM_STAGE_CLOSED: not at all
 * @SND_SOC_DPCM_STAGE_OPEN: the link holds a user of the BE
 * @SND_SOC_DPCM_STAGE_PARAMS: the BE has hardware parameters that suit the FE
 * @SND_SOC_DPCM_STAGE_READY: the BE is prepared; only now may the FE start it
 *
 * Each stage includes those before it.
 */
enum snd_soc_dpcm_stage {
	SND_SOC_DPCM_STAGE_CLOSED = 0,
	SND_SOC_DPCM_STAGE_OPEN,
	SND_SOC_DPCM_STAGE_PARAMS,
	SND_SOC_DPCM_STAGE_READY,
};

/**
 * enum snd_soc_dpcm_run - the state that an FE requests of the BE through its link
 * @SND_SOC_DPCM_RUN_STOPPED: nothing
 * @SND_SOC_DPCM_RUN_PAUSED: to be paused
 * @SND_SOC_DPCM_RUN_SUSPENDED: to be suspended
 * @SND_SOC_DPCM_RUN_STARTED: to run
 *
 * In the order of precedence: the BE gets the highest state that its links request. ALSA
 * suspends only streams that run; a BE that one FE had started and another one had
 * paused is therefore suspended.
 */
enum snd_soc_dpcm_run {
	SND_SOC_DPCM_RUN_STOPPED = 0,
	SND_SOC_DPCM_RUN_PAUSED,
	SND_SOC_DPCM_RUN_SUSPENDED,
	SND_SOC_DPCM_RUN_STARTED,
};

#endif
