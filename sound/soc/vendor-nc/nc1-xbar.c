// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 crossbar: connects front ends and ports.
 *
 * Each output port and each capture front end has one register with a bit for
 * every source; several bits mix with saturation. For ASoC each register is a DAPM
 * mixer. Its switches are the user's routes: DPCM connects and disconnects back
 * ends when they change, also while DMA runs.
 *
 *	FE0..FE3 --> "I2S0 Mixer" --> I2S0	I2S1, PDM0 --> "FE4 Mixer" --> FE4
 *	         \-> "I2S1 Mixer" --> I2S1	           \-> "FE5 Mixer" --> FE5
 *
 * These are the names of the data sheet. A board that gives the blocks other names, by
 * their "sound-name-prefix", has a "Speaker Mixer Music Switch" instead of an "I2S0
 * Mixer FE0 Switch". The crossbar finds the blocks by the addresses of their windows.
 *
 * The crossbar has no DAI: the device tree's "routing" joins it to the DAIs of
 * front ends and ports. DAPM powers it while a stream passes through.
 *
 * Hardware: Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/platform_device.h>
#include <sound/soc.h>

#include "compat.h"
#include "nc1-block.h"

/* The ends of the crossbar, with the data sheet's names */
enum nc1_xbar_end { FE0, FE1, FE2, FE3, FE4, FE5, I2S0, I2S1, PDM0, NC1_XBAR_ENDS };

static const struct {
	unsigned int window;
	const char *name;
} nc1_xbar_ends[NC1_XBAR_ENDS] = {
	[FE0] = { NC1_WINDOW_FE(0), "FE0" },
	[FE1] = { NC1_WINDOW_FE(1), "FE1" },
	[FE2] = { NC1_WINDOW_FE(2), "FE2" },
	[FE3] = { NC1_WINDOW_FE(3), "FE3" },
	[FE4] = { NC1_WINDOW_FE(4), "FE4" },
	[FE5] = { NC1_WINDOW_FE(5), "FE5" },
	[I2S0] = { NC1_WINDOW_I2S(0), "I2S0" },
	[I2S1] = { NC1_WINDOW_I2S(1), "I2S1" },
	[PDM0] = { NC1_WINDOW_PDM0, "PDM0" },
};

static const enum nc1_xbar_end nc1_xbar_inputs[] = { FE0, FE1, FE2, FE3, I2S1, PDM0 };

/* Source n is bit n of the register. */
static const struct {
	enum nc1_xbar_end sink;
	unsigned int reg;
	int num_sources;
	enum nc1_xbar_end sources[4];
} nc1_xbar_mixers[] = {
	{ I2S0, NC1_XBAR_OUT(0), 4, { FE0, FE1, FE2, FE3 } },
	{ I2S1, NC1_XBAR_OUT(1), 4, { FE0, FE1, FE2, FE3 } },
	{ FE4, NC1_XBAR_IN(4), 2, { I2S1, PDM0 } },
	{ FE5, NC1_XBAR_IN(5), 2, { I2S1, PDM0 } },
};

#define NC1_XBAR_INPUTS		ARRAY_SIZE(nc1_xbar_inputs)
#define NC1_XBAR_MIXERS		ARRAY_SIZE(nc1_xbar_mixers)
#define NC1_XBAR_SWITCHES	(4 + 4 + 2 + 2)

/**
 * struct nc1_xbar - the crossbar, with the names that this board has for its ends
 * @blk: the block
 * @names: of the ends
 * @widgets: an input for each source, a mixer for each sink
 * @routes: inside of the crossbar, by its switches
 * @switches: of the mixers, one mixer's after the other's
 * @bits: the register and bit of each switch
 */
struct nc1_xbar {
	struct nc1_block blk;
	const char *names[NC1_XBAR_ENDS];
	struct snd_soc_dapm_widget widgets[NC1_XBAR_INPUTS + NC1_XBAR_MIXERS];
	struct snd_soc_dapm_route routes[NC1_XBAR_SWITCHES];
	struct snd_kcontrol_new switches[NC1_XBAR_SWITCHES];
	struct soc_mixer_control bits[NC1_XBAR_SWITCHES];
};

/* Get the node of the block with that window, enabled or not; the caller puts it. */
static struct device_node *nc1_xbar_find_block(const struct nc1_xbar *xbar,
					       unsigned int window)
{
	struct device_node *parent = of_get_parent(xbar->blk.dev->of_node), *np;
	struct resource res;

	for_each_child_of_node(parent, np) {
		if (!of_address_to_resource(np, 0, &res) && res.start == NC1_WINDOWS + window)
			break;
	}
	of_node_put(parent);

	return np;
}

static bool nc1_xbar_has_name(const struct nc1_xbar *xbar, const char *name)
{
	int i;

	for (i = 0; i < NC1_XBAR_ENDS; i++) {
		if (xbar->names[i] && !strcmp(xbar->names[i], name))
			return true;
	}

	return false;
}

/*
 * If the name of a block is missing, too long or another one's, the driver of the block
 * reports that and does not bind. The crossbar keeps the data sheet's name for it.
 */
static int nc1_xbar_name_ends(struct nc1_xbar *xbar)
{
	int i;

	for (i = 0; i < NC1_XBAR_ENDS; i++) {
		struct device_node *np = nc1_xbar_find_block(xbar, nc1_xbar_ends[i].window);
		const char *name = nc1_block_name(np);

		of_node_put(np);
		if (name && !nc1_xbar_has_name(xbar, name))
			xbar->names[i] = name;
	}
	for (i = 0; i < NC1_XBAR_ENDS; i++) {
		if (xbar->names[i])
			continue;
		if (nc1_xbar_has_name(xbar, nc1_xbar_ends[i].name))
			return nc1_block_refuse(xbar->blk.dev, -EINVAL, "sound-name-prefix",
						"%s has none, and another block has its; give it one",
						nc1_xbar_ends[i].name);
		xbar->names[i] = nc1_xbar_ends[i].name;
	}

	return 0;
}

static int nc1_xbar_build(struct nc1_xbar *xbar)
{
	struct snd_soc_dapm_widget *w = xbar->widgets;
	struct snd_soc_dapm_route *route = xbar->routes;
	struct snd_kcontrol_new *sw = xbar->switches;
	struct soc_mixer_control *bit = xbar->bits;
	const char *inputs[NC1_XBAR_ENDS] = {};
	struct device *dev = xbar->blk.dev;
	int i, n;

	for (i = 0; i < NC1_XBAR_INPUTS; i++, w++) {
		enum nc1_xbar_end source = nc1_xbar_inputs[i];

		w->id = snd_soc_dapm_pga;
		w->reg = SND_SOC_NOPM;
		w->name = devm_kasprintf(dev, GFP_KERNEL, "XBAR %s", xbar->names[source]);
		if (!w->name)
			return -ENOMEM;
		inputs[source] = w->name;
	}

	for (i = 0; i < NC1_XBAR_MIXERS; i++, w++) {
		w->id = snd_soc_dapm_mixer;
		w->reg = SND_SOC_NOPM;
		w->name = devm_kasprintf(dev, GFP_KERNEL, "%s Mixer",
					 xbar->names[nc1_xbar_mixers[i].sink]);
		if (!w->name)
			return -ENOMEM;
		w->kcontrol_news = sw;
		w->num_kcontrols = nc1_xbar_mixers[i].num_sources;

		for (n = 0; n < nc1_xbar_mixers[i].num_sources; n++, sw++, bit++, route++) {
			enum nc1_xbar_end source = nc1_xbar_mixers[i].sources[n];

			bit->reg = nc1_xbar_mixers[i].reg;
			bit->rreg = bit->reg;
			bit->shift = n;
			bit->rshift = n;
			bit->max = 1;

			sw->iface = SNDRV_CTL_ELEM_IFACE_MIXER;
			sw->name = devm_kasprintf(dev, GFP_KERNEL, "%s Switch",
						  xbar->names[source]);
			if (!sw->name)
				return -ENOMEM;
			sw->info = snd_soc_info_volsw;
			sw->get = snd_soc_dapm_get_volsw;
			sw->put = snd_soc_dapm_put_volsw;
			sw->private_value = (unsigned long)bit;

			route->sink = w->name;
			route->control = sw->name;
			route->source = inputs[source];
		}
	}

	return 0;
}

static int nc1_xbar_component_probe(struct snd_soc_component *component)
{
	struct nc1_block *blk = snd_soc_component_get_drvdata(component);
	struct nc1_xbar *xbar = container_of(blk, struct nc1_xbar, blk);
	struct snd_soc_dapm_context *dapm = snd_soc_component_to_dapm(component);
	int ret;

	ret = snd_soc_dapm_new_controls(dapm, xbar->widgets, ARRAY_SIZE(xbar->widgets));
	if (ret)
		return ret;

	return snd_soc_dapm_add_routes(dapm, xbar->routes, ARRAY_SIZE(xbar->routes));
}

static const struct snd_soc_component_driver nc1_xbar_component = {
	.name = "nc1-xbar",
	.probe = nc1_xbar_component_probe,
};

static int nc1_xbar_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct nc1_xbar *xbar;
	int ret;

	xbar = devm_kzalloc(dev, sizeof(*xbar), GFP_KERNEL);
	if (!xbar)
		return -ENOMEM;

	ret = nc1_block_probe(pdev, &xbar->blk, NC1_BLOCK_XBAR);
	if (ret)
		return ret;

	ret = nc1_xbar_name_ends(xbar);
	if (ret)
		return ret;

	ret = nc1_xbar_build(xbar);
	if (ret)
		return ret;

	ret = devm_snd_soc_register_component(dev, &nc1_xbar_component, NULL, 0);
	if (ret)
		return dev_err_probe(dev, ret, "%pOF: cannot register the crossbar\n",
				     dev->of_node);

	return 0;
}

static const struct of_device_id nc1_xbar_of_match[] = {
	{ .compatible = "vendor-nc,nc1-xbar" },
	{ }
};
MODULE_DEVICE_TABLE(of, nc1_xbar_of_match);

static struct platform_driver nc1_xbar_driver = {
	.probe = nc1_xbar_probe,
	.driver = {
		.name = "nc1-xbar",
		.of_match_table = nc1_xbar_of_match,
		.pm = pm_ptr(&nc1_block_pm_ops),
	},
};
module_platform_driver(nc1_xbar_driver);

MODULE_DESCRIPTION("NC1 audio crossbar");
MODULE_LICENSE("GPL");
