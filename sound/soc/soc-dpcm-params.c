// SPDX-License-Identifier: GPL-2.0
/*
 * The parameters of a back end
 *
 * A BE has one set of parameters: those of an FE, after the BE's fixup. An FE with the
 * same rate, channels and format shares the BE. An FE with others gets an error while the
 * BE is in use; else the BE is configured again, the links of the other FEs fall back to
 * open, and the next prepare of those FEs raises them again, or fails.
 *
 * All of this happens under card->pcm_mutex and may sleep.
 */

#include <linux/lockdep.h>
#include <sound/core.h>
#include <sound/pcm.h>
#include <sound/pcm_params.h>
#include <sound/soc.h>
#include <sound/soc-link.h>

#include "soc-dpcm-internal.h"

/* The FE of a compressed stream may have no parameters for the BE; then any are right. */
static bool dpcm_params_suit(const struct snd_pcm_hw_params *params,
			     const struct snd_pcm_hw_params *be_params)
{
	const struct snd_mask *format = hw_param_mask_c(params, SNDRV_PCM_HW_PARAM_FORMAT);
	const struct snd_mask *be_format =
		hw_param_mask_c(be_params, SNDRV_PCM_HW_PARAM_FORMAT);

	return !params_rate(params) || !params_rate(be_params) ||
	       (params_rate(params) == params_rate(be_params) &&
		params_channels(params) == params_channels(be_params) &&
		snd_mask_min(format) == snd_mask_min(be_format));
}

/*
 * An FE that is stopped must be prepared before it starts, except if it was stopped
 * because another stream of its group did not start. If its link falls back it must be
 * prepared in this case, too.
 */
static bool dpcm_fe_falls_back(struct snd_soc_pcm_runtime *fe, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_substream *fe_substream = dpcm_substream(fe, stream);
	bool falls = true;

	snd_pcm_stream_lock_irq(fe_substream);
	switch (fe->dpcm[stream].state) {
	case SND_SOC_DPCM_STATE_STOP:
		dpcm_set_state(fe, stream, SND_SOC_DPCM_STATE_HW_PARAMS);
		break;
	case SND_SOC_DPCM_STATE_START:
		/* it was started after dpcm_other_in_use() looked */
		falls = false;
		break;
	default:
		break;
	}
	snd_pcm_stream_unlock_irq(fe_substream);
	return falls;
}

/*
 * Let a BE that has parameters be configured with those of another FE, if no FE uses
 * it: the links of all others fall back to open.
 */
static int dpcm_links_fall_back(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_soc_pcm_runtime *be = dpcm->be;
	struct snd_soc_dpcm *other;
	unsigned long flags;
	int ret;

	if (dpcm_other_in_use(dpcm, stream))
		return -EINVAL;
	for_each_dpcm_fe(be, stream, other)
		if (other != dpcm && other->stage == SND_SOC_DPCM_STAGE_READY &&
		    !dpcm_fe_falls_back(other->fe, stream))
			return -EINVAL;

	dpcm_be_lock(be, stream, flags);
	/* STOP may have returned an error */
	ret = dpcm_be_follow(be, stream);
	for_each_dpcm_fe(be, stream, other)
		if (!ret && other != dpcm && other->stage > SND_SOC_DPCM_STAGE_OPEN)
			other->stage = SND_SOC_DPCM_STAGE_OPEN;
	dpcm_be_unlock(be, stream, flags);
	return ret;
}

/*
 * Check whether the FE can use the BE as it is configured. If it cannot, no other FE uses
 * the BE, and the BE can be configured again. A BE that is prepared is not configured
 * again with the parameters that it has.
 */
static int dpcm_link_shares(struct snd_soc_dpcm *dpcm, int stream,
			    struct snd_pcm_hw_params *params, bool prepared)
	__must_hold(pcm_mutex)
{
	bool others = dpcm_other_at(dpcm, stream, SND_SOC_DPCM_STAGE_PARAMS);
	struct snd_soc_pcm_runtime *be = dpcm->be;
	int ret;

	if ((others || prepared) && dpcm_params_suit(params, &be->dpcm[stream].hw_params))
		return true;
	if (!others)
		return false;

	ret = dpcm_links_fall_back(dpcm, stream);
	if (ret < 0)
		dev_err_ratelimited(be->dev, "ASoC: BE %s is in use at %u Hz, %u channels; FE %s cannot have %u Hz, %u channels or another format\n",
				    be->dai_link->name,
				    params_rate(&be->dpcm[stream].hw_params),
				    params_channels(&be->dpcm[stream].hw_params),
				    dpcm->fe->dai_link->name,
				    params_rate(params), params_channels(params));
	return ret;
}

/**
 * dpcm_be_has_params - check whether a BE is configured
 * @be: the BE
 * @stream: its direction
 *
 * Called with card->pcm_mutex and the BE's stream lock held.
 *
 * Return: true if it is.
 */
bool dpcm_be_has_params(struct snd_soc_pcm_runtime *be, int stream)
	__must_hold(pcm_mutex) __must_hold(be_lock)
{
	switch (be->dpcm[stream].state) {
	case SND_SOC_DPCM_STATE_NEW:
	case SND_SOC_DPCM_STATE_OPEN:
	case SND_SOC_DPCM_STATE_HW_FREE:
	case SND_SOC_DPCM_STATE_CLOSE:
		return false;
	default:
		return true;
	}
}

/**
 * dpcm_link_params - configure a BE for the FE of a link
 * @dpcm: a link that is open
 * @stream: its direction
 *
 * The BE gets the parameters of the FE, after its fixup, if no other FE has configured it
 * or if no FE uses it. Else they must be those that it has.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 *
 * Return: 0, the error of the BE or of its fixup, or -EINVAL if the parameters break a
 * symmetry or are not those at which another FE uses the BE.
 */
int dpcm_link_params(struct snd_soc_dpcm *dpcm, int stream)
	__must_hold(pcm_mutex)
{
	struct snd_pcm_hw_params params = dpcm->fe->dpcm[stream].hw_params;
	struct snd_soc_pcm_runtime *be = dpcm->be;
	struct snd_pcm_substream *be_substream = dpcm_substream(be, stream);
	unsigned long flags;
	bool has, prepared;
	int shares, ret;

	ret = snd_soc_link_be_hw_params_fixup(be, &params);
	if (ret < 0)
		return ret;

	dpcm_be_lock(be, stream, flags);
	has = dpcm_be_has_params(be, stream);
	prepared = has && be->dpcm[stream].state != SND_SOC_DPCM_STATE_HW_PARAMS;
	dpcm_be_unlock(be, stream, flags);

	/* An error of this check inside of __soc_pcm_hw_params() frees what the BE has. */
	ret = has ? soc_pcm_params_symmetry(be_substream, &params) : 0;
	if (ret < 0)
		return ret;

	shares = dpcm_link_shares(dpcm, stream, &params, prepared);
	if (shares < 0)
		return shares;
	if (!shares) {
		dev_dbg(be->dev, "ASoC: hw_params BE %s\n", be->dai_link->name);
		be->dpcm[stream].hw_params = params;
		ret = __soc_pcm_hw_params(be_substream, &params);
		/* After an error it frees its own part only. */
		if (ret < 0 && has)
			__soc_pcm_hw_free(be, be_substream);
	}

	dpcm_be_lock(be, stream, flags);
	if (!shares) {
		be->dpcm[stream].lost = false;
		dpcm_set_state(be, stream, ret < 0 ? SND_SOC_DPCM_STATE_OPEN :
						     SND_SOC_DPCM_STATE_HW_PARAMS);
	}
	if (ret >= 0) {
		dpcm->stage = SND_SOC_DPCM_STAGE_PARAMS;
		dpcm_be_borrow_runtime(be, stream);
	}
	dpcm_be_unlock(be, stream, flags);
	return ret;
}

/**
 * dpcm_be_configure_again - configure a BE after the FE of its parameters has left
 * @be: a BE that is open and not configured
 * @stream: its direction
 * @left: the link of the FE that has left
 *
 * The BE gets the parameters of an FE whose link fell back, if there is one. If that
 * fails, the next prepare of the FE returns the error.
 *
 * Called with card->pcm_mutex held and no stream lock. May sleep.
 */
void dpcm_be_configure_again(struct snd_soc_pcm_runtime *be, int stream,
			     struct snd_soc_dpcm *left)
	__must_hold(pcm_mutex)
{
	struct snd_soc_dpcm *other;

	for_each_dpcm_fe(be, stream, other) {
		if (other == left || other->stage != SND_SOC_DPCM_STAGE_OPEN ||
		    other->state == SND_SOC_DPCM_LINK_STATE_FREE ||
		    dpcm_fe_stage(dpcm_fe_state(other->fe, stream)) < SND_SOC_DPCM_STAGE_PARAMS)
			continue;
		if (dpcm_link_params(other, stream) >= 0)
			return;
	}
}

/**
 * dpcm_limit_hw - keep the limits that the component of an FE set at its open
 * @hw: the limits of the DAIs of the FE
 * @limits: the limits of the component; 0: no limit
 */
void dpcm_limit_hw(struct snd_pcm_hardware *hw, const struct snd_pcm_hardware *limits)
{
	if (limits->formats)
		hw->formats &= limits->formats;
	if (limits->rates)
		hw->rates = snd_pcm_rate_mask_intersect(hw->rates, limits->rates);
	hw->rate_min = max(hw->rate_min, limits->rate_min);
	hw->rate_max = min_not_zero(hw->rate_max, limits->rate_max);
	hw->channels_min = max(hw->channels_min, limits->channels_min);
	hw->channels_max = min_not_zero(hw->channels_max, limits->channels_max);
}
