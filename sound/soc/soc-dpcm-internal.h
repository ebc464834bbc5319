/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations that soc-dpcm*.c, soc-pcm.c, soc-dapm.c and soc-compress.c share. The
 * functions are described at their definitions, the locks in sound/soc-dpcm-link.h.
 */
#ifndef __SOC_DPCM_INTERNAL_H
#define __SOC_DPCM_INTERNAL_H

#include <linux/lockdep.h>
#include <sound/soc.h>
#include <sound/soc-dpcm.h>
#include <sound/soc-dpcm-link.h>

#include "soc-pcm-ops.h"

/**
 * enum snd_soc_dpcm_scope - the links of an FE that an operation is for
 * @SND_SOC_DPCM_SCOPE_ALL: every link: an operation of the FE itself
 * @SND_SOC_DPCM_SCOPE_NEW: those that a route change just made
 * @SND_SOC_DPCM_SCOPE_FREE: those that a route change removes
 */
enum snd_soc_dpcm_scope {
	SND_SOC_DPCM_SCOPE_ALL = 0,
	SND_SOC_DPCM_SCOPE_NEW,
	SND_SOC_DPCM_SCOPE_FREE,
};

static inline struct snd_pcm_substream *
dpcm_substream(struct snd_soc_pcm_runtime *rtd, int stream)
{
	return rtd->pcm->streams[stream].substream;
}

static inline void dpcm_assert_pcm_locked(struct snd_soc_pcm_runtime *rtd)
{
	lockdep_assert_held(&rtd->card->pcm_mutex);
}

static inline void dpcm_assert_stream_locked(struct snd_soc_pcm_runtime *rtd,
					     int stream)
{
	struct snd_pcm_substream *substream = dpcm_substream(rtd, stream);

	if (substream->pcm->nonatomic)
		lockdep_assert_held(&substream->self_group.mutex);
	else
		lockdep_assert_held(&substream->self_group.lock);
}

/* The lock of a BE's stream; inside of that of the FE's, if that is held. */
#define dpcm_be_lock(be, stream, flags) \
	snd_pcm_stream_lock_irqsave(dpcm_substream(be, stream), flags)
#define dpcm_be_unlock(be, stream, flags) \
	snd_pcm_stream_unlock_irqrestore(dpcm_substream(be, stream), flags)

/**
 * dpcm_is_final - check for a command that cannot fail for ALSA
 * @cmd: SNDRV_PCM_TRIGGER_*
 *
 * For the core the stream is stopped or suspended then, even if the driver returns an
 * error, and the core does not send the command again. So the command goes to the FE and
 * to all BEs, and an error is logged and undoes nothing.
 *
 * Return: true for STOP and SUSPEND.
 */
static inline bool dpcm_is_final(int cmd)
{
	return cmd == SNDRV_PCM_TRIGGER_STOP || cmd == SNDRV_PCM_TRIGGER_SUSPEND;
}

/* what FEs and BEs do; soc-dpcm.c */
void dpcm_be_init(struct snd_soc_pcm_runtime *be);
void dpcm_set_state(struct snd_soc_pcm_runtime *rtd, int stream,
		    enum snd_soc_dpcm_state state);
enum snd_soc_dpcm_run dpcm_be_wanted(struct snd_soc_pcm_runtime *be, int stream);
int dpcm_be_follow(struct snd_soc_pcm_runtime *be, int stream);
void dpcm_be_unprepare(struct snd_soc_pcm_runtime *be, int stream);
void dpcm_be_borrow_runtime(struct snd_soc_pcm_runtime *be, int stream);
bool dpcm_in_scope(struct snd_soc_dpcm *dpcm, enum snd_soc_dpcm_scope scope);
int dpcm_links_trigger(struct snd_soc_pcm_runtime *fe, int stream, int cmd,
		       enum snd_soc_dpcm_scope scope);
int dpcm_links_start_new(struct snd_soc_pcm_runtime *fe, int stream);
int dpcm_inverse(int cmd);
int dpcm_dai_trigger_fe_be(struct snd_pcm_substream *fe_substream, int cmd,
			   bool fe_first);

/* adding and removing links; soc-dpcm-links.c */
struct snd_soc_dpcm *dpcm_link_new(struct snd_soc_pcm_runtime *fe,
				   struct snd_soc_pcm_runtime *be, int stream);
void dpcm_link_leave(struct snd_soc_dpcm *dpcm, int stream);
void dpcm_links_leave(struct snd_soc_pcm_runtime *fe, int stream,
		      enum snd_soc_dpcm_scope scope);
void dpcm_links_remove(struct snd_soc_pcm_runtime *fe, int stream,
		       struct list_head *removed);
enum snd_soc_dpcm_state dpcm_fe_state(struct snd_soc_pcm_runtime *fe, int stream);
bool dpcm_other_at(struct snd_soc_dpcm *dpcm, int stream, enum snd_soc_dpcm_stage stage);
bool dpcm_link_in_use(struct snd_soc_dpcm *dpcm, int stream);
bool dpcm_other_in_use(struct snd_soc_dpcm *dpcm, int stream);

/**
 * dpcm_fe_accepts - check whether a command of the core must be carried out
 * @fe: the FE
 * @stream: its direction
 * @cmd: SNDRV_PCM_TRIGGER_*
 *
 * ALSA undoes a command that failed by sending its inverse. A failed command changes
 * nothing here, so its inverse must do nothing. And for ALSA a prepared stream stays
 * prepared during its next prepare, and if that fails; then the FE could play, but not
 * all of its BEs.
 *
 * Called with the FE's stream lock held.
 *
 * Return: 1, or 0 if the FE already is where the command leads, or -EBADFD for a start
 * of an FE that is not prepared.
 */
static inline int dpcm_fe_accepts(struct snd_soc_pcm_runtime *fe, int stream, int cmd)
	__must_hold(fe_lock)
{
	enum snd_soc_dpcm_state state = fe->dpcm[stream].state;

	dpcm_assert_stream_locked(fe, stream);

	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
		if (state == SND_SOC_DPCM_STATE_HW_PARAMS)
			return -EBADFD;
		fallthrough;
	case SNDRV_PCM_TRIGGER_RESUME:
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		return state != SND_SOC_DPCM_STATE_START;
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		return state != SND_SOC_DPCM_STATE_PAUSED;
	case SNDRV_PCM_TRIGGER_STOP:
		return state == SND_SOC_DPCM_STATE_START ||
		       state == SND_SOC_DPCM_STATE_PAUSED;
	default:
		return 1;
	}
}

/* stages; soc-dpcm-stage.c */
enum snd_soc_dpcm_stage dpcm_fe_stage(enum snd_soc_dpcm_state state);
void dpcm_fe_set_state(struct snd_soc_pcm_runtime *fe, int stream,
		       enum snd_soc_dpcm_state state);
int dpcm_link_raise(struct snd_soc_dpcm *dpcm, int stream, enum snd_soc_dpcm_stage stage);
void dpcm_links_lower(struct snd_soc_pcm_runtime *fe, int stream,
		      enum snd_soc_dpcm_stage stage, enum snd_soc_dpcm_scope scope);

/* parameters of BEs; soc-dpcm-params.c */
bool dpcm_be_has_params(struct snd_soc_pcm_runtime *be, int stream);
int dpcm_link_params(struct snd_soc_dpcm *dpcm, int stream);
void dpcm_be_configure_again(struct snd_soc_pcm_runtime *be, int stream,
			     struct snd_soc_dpcm *left);
void dpcm_limit_hw(struct snd_pcm_hardware *hw, const struct snd_pcm_hardware *limits);

/* preparing BEs, also after a suspend; soc-dpcm-prepare.c */
int dpcm_link_prepare(struct snd_soc_dpcm *dpcm, int stream);
void dpcm_be_restore(struct snd_soc_pcm_runtime *be, int stream);
void dpcm_be_suspended(struct snd_soc_pcm_runtime *be, int stream);
void dpcm_card_suspended(struct snd_soc_card *card);
void dpcm_card_resumed(struct snd_soc_card *card);

/* joining and leaving BEs with an open FE; soc-dpcm-join.c */
int dpcm_join(struct snd_soc_pcm_runtime *fe, int stream);
void dpcm_leave(struct snd_soc_pcm_runtime *fe, int stream);

/* finding the FEs that a changed route concerns; soc-dpcm-routes.c */
void dpcm_path_changed(struct snd_soc_dapm_path *path);
void dpcm_graph_changed(struct snd_soc_card *card);
bool dpcm_could_reach(struct snd_soc_pcm_runtime *fe, struct snd_soc_pcm_runtime *be);
void dpcm_routes_open(struct snd_soc_pcm_runtime *fe, int stream);
void dpcm_routes_close(struct snd_soc_pcm_runtime *fe);
bool dpcm_routes_changed(struct snd_soc_pcm_runtime *fe, int stream, bool first);
void dpcm_routes_followed(struct snd_soc_pcm_runtime *fe, int stream);

/* soc-pcm.c */
int dpcm_follow_routes(struct snd_soc_card *card);

#endif
