/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a link between a front end (FE) and a back end (BE) knows of itself.
 *
 * A BE has no user of its own. It is opened, configured, prepared and started
 * because FEs are linked to it, and what it must do follows from what they did
 * through their links: nothing is counted, so nothing can leak.
 *
 * Locks, outer to inner; never an FE lock under a BE lock:
 *
 *	card->pcm_mutex  >  FE stream lock  >  BE stream lock
 *
 *	what					changed under		read under
 *	--------------------------------------	----------------------	----------
 *	FE opened, configured, prepared		pcm_mutex + FE lock	either
 *	FE started, paused, stopped		FE lock			FE lock
 *	BE opened, configured, prepared; users	pcm_mutex + BE lock	either
 *	an FE's list of BEs (be_clients)	pcm_mutex + FE lock	either
 *	a BE's list of FEs (fe_clients)		pcm_mutex + BE lock	either
 *	link: state, stage			pcm_mutex + BE lock	either
 *	link: run, was; what the BE was told	BE lock			BE lock
 *	BE: lost				BE lock			BE lock
 *	BE: hw_params				pcm_mutex		pcm_mutex
 *	be_substream->runtime			pcm_mutex + BE lock	either
 *	an FE's change, followed		pcm_mutex		pcm_mutex
 *	a card's dpcm_open			pcm_mutex		none: READ_ONCE()
 *	dpcm_change of a card or a DAPM widget	dapm_mutex		none: READ_ONCE()
 *
 * "FE lock" and "BE lock" are the stream locks: spinlocks, or mutexes where the
 * PCM is nonatomic. See Documentation/sound/soc/dpcm-locking.rst.
 */
#ifndef __SOUND_SOC_DPCM_LINK_H
#define __SOUND_SOC_DPCM_LINK_H

/**
 * enum snd_soc_dpcm_stage - how far the BE was brought for the FE of a link
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
 * enum snd_soc_dpcm_run - what an FE asks of the BE through its link
 * @SND_SOC_DPCM_RUN_STOPPED: nothing
 * @SND_SOC_DPCM_RUN_PAUSED: to be paused
 * @SND_SOC_DPCM_RUN_SUSPENDED: to be suspended
 * @SND_SOC_DPCM_RUN_STARTED: to run
 *
 * In the order of precedence: the BE does what the highest of its links asks. ALSA
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
