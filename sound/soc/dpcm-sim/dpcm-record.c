// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: a record of the calls of the drivers.
 *
 * With the parameter "record" each DAI, component and link of the card, and the
 * mixers of its switches, have all the callbacks that a driver can have. Each call
 * becomes one line: the object, the direction, the callback, its arguments.
 *
 *	be0 p trigger START
 *	codec0-1 p hw_params 48000 S16_LE 2
 *	BE0-link p prepare
 *	FE1-component c open
 *
 * Two cores that call drivers alike give the same lines for the same operations:
 * "make check-drivers" compares those of the stock core with those of the patched
 * one. Without the parameter the callbacks do not exist, so that measurements
 * contain only the callbacks that a card needs.
 *
 * The file "calls" in debugfs shows the record; a write to it clears it. The record
 * is bounded; calls that did not fit are counted in its last line.
 */
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <sound/pcm_params.h>
#include <sound/soc.h>

#include "dpcm-sim.h"

#define DPCM_SIM_RECORD_BYTES	SZ_32K

int dpcm_sim_recording;
module_param_named(record, dpcm_sim_recording, int, 0444);
MODULE_PARM_DESC(record, "Record the callbacks of all DAIs, components and links, 0 or 1 (default 0)");

/* There is one card, so there is one record. */
static struct {
	spinlock_t lock;	/* leaf */
	unsigned int used;
	unsigned int lost;
	char text[DPCM_SIM_RECORD_BYTES];
} dpcm_sim_record = {
	.lock = __SPIN_LOCK_UNLOCKED(dpcm_sim_record.lock),
};

/* One line, which must fit as a whole */
static void __printf(1, 2) record(const char *fmt, ...)
{
	unsigned int left, n;
	unsigned long flags;
	va_list args;

	va_start(args, fmt);
	spin_lock_irqsave(&dpcm_sim_record.lock, flags);
	left = DPCM_SIM_RECORD_BYTES - dpcm_sim_record.used;
	n = vsnprintf(dpcm_sim_record.text + dpcm_sim_record.used, left, fmt, args);
	if (n < left)
		dpcm_sim_record.used += n;
	else
		dpcm_sim_record.lost++;
	spin_unlock_irqrestore(&dpcm_sim_record.lock, flags);
	va_end(args);
}

/**
 * dpcm_sim_record_show() - show what was recorded
 * @s: destination
 */
void dpcm_sim_record_show(struct seq_file *s)
{
	spin_lock_irq(&dpcm_sim_record.lock);
	seq_write(s, dpcm_sim_record.text, dpcm_sim_record.used);
	if (dpcm_sim_record.lost)
		seq_printf(s, "lost %u\n", dpcm_sim_record.lost);
	spin_unlock_irq(&dpcm_sim_record.lock);
}

/** dpcm_sim_record_clear() - clear the record */
void dpcm_sim_record_clear(void)
{
	spin_lock_irq(&dpcm_sim_record.lock);
	dpcm_sim_record.used = 0;
	dpcm_sim_record.lost = 0;
	spin_unlock_irq(&dpcm_sim_record.lock);
}

static const char *record_command(int cmd)
{
	if (cmd < 0 || cmd >= DPCM_SIM_COMMANDS || !dpcm_sim_commands[cmd].name)
		return "?";
	return dpcm_sim_commands[cmd].name;
}

/*
 * DAIs. Those of BEs are drivers as well, see dpcm-be.c.
 */

static void record_dai(struct snd_soc_dai *dai, int stream, const char *what)
{
	record("%s %c %s\n", dai->name, dpcm_sim_dir(stream), what);
}

static bool record_is_be(struct snd_soc_dai *dai)
{
	return dai->driver->ops == &dpcm_sim_record_be_ops;
}

static int dpcm_sim_record_dai_startup(struct snd_pcm_substream *substream,
				       struct snd_soc_dai *dai)
{
	record_dai(dai, substream->stream, "startup");
	return record_is_be(dai) ? dpcm_sim_be_dai_ops.startup(substream, dai) : 0;
}

static void dpcm_sim_record_dai_shutdown(struct snd_pcm_substream *substream,
					 struct snd_soc_dai *dai)
{
	record_dai(dai, substream->stream, "shutdown");
	if (record_is_be(dai))
		dpcm_sim_be_dai_ops.shutdown(substream, dai);
}

static int dpcm_sim_record_dai_hw_params(struct snd_pcm_substream *substream,
					 struct snd_pcm_hw_params *params,
					 struct snd_soc_dai *dai)
{
	record("%s %c hw_params %u %s %u\n", dai->name,
	       dpcm_sim_dir(substream->stream), params_rate(params),
	       snd_pcm_format_name(params_format(params)),
	       params_channels(params));
	return record_is_be(dai) ?
	       dpcm_sim_be_dai_ops.hw_params(substream, params, dai) : 0;
}

static int dpcm_sim_record_dai_hw_free(struct snd_pcm_substream *substream,
				       struct snd_soc_dai *dai)
{
	record_dai(dai, substream->stream, "hw_free");
	return record_is_be(dai) ? dpcm_sim_be_dai_ops.hw_free(substream, dai) : 0;
}

static int dpcm_sim_record_dai_prepare(struct snd_pcm_substream *substream,
				       struct snd_soc_dai *dai)
{
	record_dai(dai, substream->stream, "prepare");
	return record_is_be(dai) ? dpcm_sim_be_dai_ops.prepare(substream, dai) : 0;
}

static int dpcm_sim_record_dai_trigger(struct snd_pcm_substream *substream,
				       int cmd, struct snd_soc_dai *dai)
{
	record("%s %c trigger %s\n", dai->name, dpcm_sim_dir(substream->stream),
	       record_command(cmd));
	return record_is_be(dai) ?
	       dpcm_sim_be_dai_ops.trigger(substream, cmd, dai) : 0;
}

static int dpcm_sim_record_dai_mute(struct snd_soc_dai *dai, int mute, int stream)
{
	record("%s %c mute %d\n", dai->name, dpcm_sim_dir(stream), mute);
	return 0;
}

#define DPCM_SIM_RECORD_DAI_OPS						\
	.startup = dpcm_sim_record_dai_startup,				\
	.shutdown = dpcm_sim_record_dai_shutdown,			\
	.hw_params = dpcm_sim_record_dai_hw_params,			\
	.hw_free = dpcm_sim_record_dai_hw_free,				\
	.prepare = dpcm_sim_record_dai_prepare,				\
	.trigger = dpcm_sim_record_dai_trigger,				\
	.mute_stream = dpcm_sim_record_dai_mute

const struct snd_soc_dai_ops dpcm_sim_record_be_ops = { DPCM_SIM_RECORD_DAI_OPS };
/* Of FEs, without a bespoke trigger, and of codecs */
const struct snd_soc_dai_ops dpcm_sim_record_dai_ops = { DPCM_SIM_RECORD_DAI_OPS };

/*
 * Links and components, which are called once for each link that they are in
 */

static void record_rtd(struct snd_pcm_substream *substream, const char *kind,
		       const char *what, const char *argument)
{
	struct snd_soc_pcm_runtime *rtd = snd_pcm_substream_chip(substream);

	record("%s-%s %c %s%s%s\n", rtd->dai_link->name, kind,
	       dpcm_sim_dir(substream->stream), what, *argument ? " " : "", argument);
}

static void record_params(struct snd_soc_pcm_runtime *rtd, const char *kind,
			  const char *what, struct snd_pcm_hw_params *params)
{
	record("%s-%s %s %u %s %u\n", rtd->dai_link->name, kind, what,
	       params_rate(params), snd_pcm_format_name(params_format(params)),
	       params_channels(params));
}

static int dpcm_sim_record_link_startup(struct snd_pcm_substream *substream)
{
	record_rtd(substream, "link", "startup", "");
	return 0;
}

static void dpcm_sim_record_link_shutdown(struct snd_pcm_substream *substream)
{
	record_rtd(substream, "link", "shutdown", "");
}

static int dpcm_sim_record_link_hw_params(struct snd_pcm_substream *substream,
					  struct snd_pcm_hw_params *params)
{
	record_params(snd_pcm_substream_chip(substream), "link",
		      substream->stream ? "c hw_params" : "p hw_params", params);
	return 0;
}

static int dpcm_sim_record_link_hw_free(struct snd_pcm_substream *substream)
{
	record_rtd(substream, "link", "hw_free", "");
	return 0;
}

static int dpcm_sim_record_link_prepare(struct snd_pcm_substream *substream)
{
	record_rtd(substream, "link", "prepare", "");
	return 0;
}

static int dpcm_sim_record_link_trigger(struct snd_pcm_substream *substream, int cmd)
{
	record_rtd(substream, "link", "trigger", record_command(cmd));
	return 0;
}

const struct snd_soc_ops dpcm_sim_record_link_ops = {
	.startup = dpcm_sim_record_link_startup,
	.shutdown = dpcm_sim_record_link_shutdown,
	.hw_params = dpcm_sim_record_link_hw_params,
	.hw_free = dpcm_sim_record_link_hw_free,
	.prepare = dpcm_sim_record_link_prepare,
	.trigger = dpcm_sim_record_link_trigger,
};

/**
 * dpcm_sim_record_fixup() - record the fixup of a BE
 * @rtd: the BE
 * @params: its argument
 */
void dpcm_sim_record_fixup(struct snd_soc_pcm_runtime *rtd,
			   struct snd_pcm_hw_params *params)
{
	if (dpcm_sim_recording)
		record_params(rtd, "link", "- fixup", params);
}

/**
 * dpcm_sim_record_call() - record a callback of a component without arguments
 * @substream: of the link for which it is called
 * @what: its name
 */
void dpcm_sim_record_call(struct snd_pcm_substream *substream, const char *what)
{
	if (dpcm_sim_recording)
		record_rtd(substream, "component", what, "");
}

int dpcm_sim_record_open(struct snd_soc_component *component,
			 struct snd_pcm_substream *substream)
{
	dpcm_sim_record_call(substream, "open");
	return 0;
}

int dpcm_sim_record_close(struct snd_soc_component *component,
			  struct snd_pcm_substream *substream)
{
	dpcm_sim_record_call(substream, "close");
	return 0;
}

int dpcm_sim_record_hw_params(struct snd_soc_component *component,
			      struct snd_pcm_substream *substream,
			      struct snd_pcm_hw_params *params)
{
	if (dpcm_sim_recording)
		record_params(snd_pcm_substream_chip(substream), "component",
			      substream->stream ? "c hw_params" : "p hw_params",
			      params);
	return 0;
}

int dpcm_sim_record_hw_free(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream)
{
	dpcm_sim_record_call(substream, "hw_free");
	return 0;
}

int dpcm_sim_record_prepare(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream)
{
	dpcm_sim_record_call(substream, "prepare");
	return 0;
}

int dpcm_sim_record_trigger(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream, int cmd)
{
	if (dpcm_sim_recording)
		record_rtd(substream, "component", "trigger", record_command(cmd));
	return 0;
}

/**
 * dpcm_sim_record_widget() - record the power of a mixer
 * @w: its widget
 * @kcontrol: not used
 * @event: SND_SOC_DAPM_PRE_PMU and so on
 *
 * Return: 0
 */
int dpcm_sim_record_widget(struct snd_soc_dapm_widget *w,
			   struct snd_kcontrol *kcontrol, int event)
{
	record("%s - power %s\n", w->name, event == SND_SOC_DAPM_PRE_PMU ? "on" : "off");
	return 0;
}
