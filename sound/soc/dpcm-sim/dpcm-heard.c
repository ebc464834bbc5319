// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: which FE is heard at which BE, and with which parameters.
 *
 * A FE is heard at a BE when the BE runs, the FE's DMA runs and the switch
 * between them is on. Then both must have the same rate, format and number of
 * channels, or the pitch is wrong: a fault, unless the BE converts. That is
 * checked before and after each start or stop of one of the two.
 *
 * A switch may be on although the core could not link the two, and has logged
 * that: such a pair is not checked. It is the only place that reads a link of the
 * core.
 */
#include <linux/lockdep.h>
#include <sound/pcm_params.h>
#include <sound/soc.h>
#include <sound/soc-dpcm.h>

#include "dpcm-sim.h"

/**
 * dpcm_sim_fe_heard() - check whether a FE's DMA runs and its switch to a BE is on
 * @sim: the card
 * @fe: number of the FE
 * @be: number of the BE
 *
 * Context: @sim's lock is held.
 */
bool dpcm_sim_fe_heard(struct dpcm_sim *sim, int fe, int be)
{
	u32 on;

	lockdep_assert_held(&sim->lock);
	if (sim->fe[fe].stream == SNDRV_PCM_STREAM_PLAYBACK)
		on = sim->regs[DPCM_SIM_REG_OUT(be, fe)] & BIT(fe % 32);
	else
		on = sim->regs[DPCM_SIM_REG_IN(fe - sim->playback)] & BIT(be);

	return on && sim->fe[fe].run == DPCM_SIM_RUN;
}

/**
 * dpcm_sim_note_sound() - store the parameters of hw_params
 * @sound: destination
 * @params: the parameters, each of which is one value
 */
void dpcm_sim_note_sound(struct dpcm_sim_sound *sound,
			 const struct snd_pcm_hw_params *params)
{
	sound->rate = params_rate(params);
	sound->format = params_format(params);
	sound->channels = params_channels(params);
}

/* Heard with wrong parameters. Those of a compressed FE are in its stream. */
static bool is_distorted(struct dpcm_sim_fe *fe, struct dpcm_sim_be *be)
{
	return !dpcm_sim_kind.fixed && !fe->compressed && fe->stream == be->stream &&
	       be->run == DPCM_SIM_RUN &&
	       dpcm_sim_fe_heard(fe->sim, fe->id, be->id) &&
	       (fe->sound.rate != be->sound.rate ||
		fe->sound.format != be->sound.format ||
		fe->sound.channels != be->sound.channels);
}

static void distorted(struct dpcm_sim_fe *fe, struct dpcm_sim_be *be)
{
	dpcm_sim_fault(fe->sim, "be%d %c: %u Hz %d %u ch hears fe%d: %u Hz %d %u ch",
		       be->id, dpcm_sim_dir(be->stream), be->sound.rate,
		       (__force int)be->sound.format, be->sound.channels,
		       fe->id, fe->sound.rate, (__force int)fe->sound.format,
		       fe->sound.channels);
}

/**
 * dpcm_sim_judge_fe() - check that no BE plays a FE with other parameters than the FE's
 * @fe: the FE
 * @rtd: its link
 *
 * Context: @sim's lock and the FE's stream lock are held.
 */
void dpcm_sim_judge_fe(struct dpcm_sim_fe *fe, struct snd_soc_pcm_runtime *rtd)
{
	struct dpcm_sim *sim = fe->sim;
	struct snd_soc_dpcm *dpcm;
	int i;

	for (i = 0; i < sim->bes; i++) {
		struct dpcm_sim_be *be = &sim->be[i][fe->stream];

		if (!is_distorted(fe, be))
			continue;
		for_each_dpcm_be(rtd, fe->stream, dpcm)
			if (dpcm->be->dai_link->id == i)
				distorted(fe, be);
	}
}

/**
 * dpcm_sim_judge_be() - check that a BE plays no FE with other parameters than its own
 * @be: the BE
 * @rtd: its link
 *
 * Context: @sim's lock and the BE's stream lock are held.
 */
void dpcm_sim_judge_be(struct dpcm_sim_be *be, struct snd_soc_pcm_runtime *rtd)
{
	struct dpcm_sim *sim = be->sim;
	struct snd_soc_dpcm *dpcm;
	int i;

	for (i = 0; i < sim->fes; i++) {
		struct dpcm_sim_fe *fe = &sim->fe[i];

		if (!is_distorted(fe, be))
			continue;
		for_each_dpcm_fe(rtd, be->stream, dpcm)
			if (dpcm->fe->dai_link->id == i)
				distorted(fe, be);
	}
}
