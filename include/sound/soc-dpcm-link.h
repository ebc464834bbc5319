/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a link between a front end (FE) and a back end (BE), and its locks.
 *
 * User space does not open a BE. It is opened, configured, prepared and started
 * because FEs are linked to it, and its state follows from the state of these
 * links: there are no counters that could leak.
 *
 * Locks, outer to inner; an FE lock is never taken under a BE lock:
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
 *	link: run, was; last command of the BE	BE lock			BE lock
 *	BE: lost				BE lock			BE lock
 *	BE: hw_params				pcm_mutex		pcm_mutex
 *	be_substream->runtime			pcm_mutex + BE lock	either
 *	change and followed of an FE		pcm_mutex		pcm_mutex
 *	a card's dpcm_open			pcm_mutex		none: READ_ONCE()
 *	dpcm_change of a card or a DAPM widget	dapm_mutex		none: READ_ONCE()
 *
 * "FE lock" and "BE lock" are the stream locks: spinlocks, or mutexes where the
 * PCM is nonatomic. See Documentation/sound/soc/dpcm-locking.rst.
 */
#ifndef __SOUND_SOC_DPCM_LINK_H
#define __SOUND_SOC_DPCM_LINK_H

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
