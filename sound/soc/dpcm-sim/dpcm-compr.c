// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: the compressed front end.
 *
 * It has no position; it discards its data. Its component and its DAI get the same
 * commands, one after the other, and must stay in the same state.
 */
#include <linux/errno.h>
#include <sound/compress_driver.h>
#include <sound/soc.h>

#include "../vendor-nc/compat.h"
#include "dpcm-sim.h"

static struct dpcm_sim_fe *dpcm_sim_compr_fe(struct snd_soc_component *component,
					     struct snd_compr_stream *stream)
{
	return dpcm_sim_fe_of(component, stream->private_data);
}

static void dpcm_sim_compr_set_open(struct dpcm_sim_fe *fe, bool open)
{
	spin_lock_irq(&fe->sim->lock);
	fe->open = open;
	fe->run = DPCM_SIM_STOP;
	fe->bytes = 0;
	spin_unlock_irq(&fe->sim->lock);
}

static bool dpcm_sim_compr_fails(struct dpcm_sim_fe *fe, enum dpcm_sim_step step)
{
	bool fails;

	spin_lock_irq(&fe->sim->lock);
	fails = dpcm_sim_fails(fe->fail, step);
	spin_unlock_irq(&fe->sim->lock);

	return fails;
}

static int dpcm_sim_compr_open(struct snd_soc_component *component,
			       struct snd_compr_stream *stream)
{
	struct dpcm_sim_fe *fe = dpcm_sim_compr_fe(component, stream);

	if (dpcm_sim_compr_fails(fe, DPCM_SIM_STEP_STARTUP))
		return -EIO;
	dpcm_sim_compr_set_open(fe, true);

	return 0;
}

static int dpcm_sim_compr_free(struct snd_soc_component *component,
			       struct snd_compr_stream *stream)
{
	dpcm_sim_compr_set_open(dpcm_sim_compr_fe(component, stream), false);

	return 0;
}

static int dpcm_sim_compr_set_params(struct snd_soc_component *component,
				     struct snd_compr_stream *stream,
				     struct snd_compr_params *params)
{
	struct dpcm_sim_fe *fe = dpcm_sim_compr_fe(component, stream);

	return dpcm_sim_compr_fails(fe, DPCM_SIM_STEP_HW_PARAMS) ? -EIO : 0;
}

static int dpcm_sim_compr_trigger(struct snd_soc_component *component,
				  struct snd_compr_stream *stream, int cmd)
{
	return dpcm_sim_fe_do_trigger(dpcm_sim_compr_fe(component, stream),
				      stream->private_data, cmd);
}

static int dpcm_sim_compr_pointer(struct snd_soc_component *component,
				  struct snd_compr_stream *stream,
				  struct snd_compr_tstamp64 *tstamp)
{
	tstamp->copied_total = dpcm_sim_compr_fe(component, stream)->bytes;

	return 0;
}

static int dpcm_sim_compr_copy(struct snd_soc_component *component,
			       struct snd_compr_stream *stream,
			       char __user *buf, size_t count)
{
	dpcm_sim_compr_fe(component, stream)->bytes += count;

	return count;
}

const struct snd_compress_ops dpcm_sim_compress_ops = {
	.open = dpcm_sim_compr_open,
	.free = dpcm_sim_compr_free,
	.set_params = dpcm_sim_compr_set_params,
	.trigger = dpcm_sim_compr_trigger,
	.pointer = dpcm_sim_compr_pointer,
	.copy = dpcm_sim_compr_copy,
};

/*
 * The DAI
 */

static int dpcm_sim_compr_dai_trigger(struct snd_compr_stream *stream, int cmd,
				      struct snd_soc_dai *dai)
{
	struct dpcm_sim_fe *fe = dpcm_sim_compr_fe(dai->component, stream);

	if (cmd < 0 || cmd >= DPCM_SIM_COMMANDS || !dpcm_sim_commands[cmd].name)
		return -EINVAL;

	spin_lock_irq(&fe->sim->lock);
	/* If STOP fails in the component, ALSA sends it to both once more. */
	if (cmd != SNDRV_PCM_TRIGGER_STOP &&
	    !(dpcm_sim_commands[cmd].from & BIT(fe->dai_run)))
		dpcm_sim_fault(fe->sim, "fe%d: %s while the DAI is %s", fe->id,
			       dpcm_sim_commands[cmd].name,
			       dpcm_sim_doing[fe->dai_run]);
	fe->dai_run = dpcm_sim_commands[cmd].to;
	spin_unlock_irq(&fe->sim->lock);

	return 0;
}

static int dpcm_sim_compr_dai_shutdown(struct snd_compr_stream *stream,
				       struct snd_soc_dai *dai)
{
	struct dpcm_sim_fe *fe = dpcm_sim_compr_fe(dai->component, stream);

	spin_lock_irq(&fe->sim->lock);
	if (fe->dai_run != DPCM_SIM_STOP)
		dpcm_sim_fault(fe->sim, "fe%d: shutdown while the DAI is %s", fe->id,
			       dpcm_sim_doing[fe->dai_run]);
	fe->dai_run = DPCM_SIM_STOP;
	spin_unlock_irq(&fe->sim->lock);

	return 0;
}

const struct snd_soc_cdai_ops dpcm_sim_compr_cdai_ops = {
	.shutdown = dpcm_sim_compr_dai_shutdown,
	.trigger = dpcm_sim_compr_dai_trigger,
};

const struct snd_soc_dai_ops dpcm_sim_compr_dai_ops = {
	.compress_new = snd_soc_new_compress,
};
