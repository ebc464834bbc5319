// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 crossbar: which front end is heard at which port.
 *
 * Each output port and each capture front end has one register with a bit for
 * every source; several bits mix with saturation. For ASoC that is a DAPM mixer
 * each. Its switches are the user's routes: DPCM connects and disconnects back
 * ends as they change, also while DMA runs.
 *
 *	FE0..FE3 --> "I2S0 Mixer" --> I2S0	I2S1, PDM0 --> "FE4 Mixer" --> FE4
 *	         \-> "I2S1 Mixer" --> I2S1	           \-> "FE5 Mixer" --> FE5
 *
 * The crossbar has no DAI: the device tree's "routing" joins it to the DAIs of
 * front ends and ports. It is powered by DAPM, while something passes through.
 *
 * Hardware: Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <sound/soc.h>

#include "nc1-block.h"

#define NC1_OUT_SWITCH(port, fe) \
	SOC_DAPM_SINGLE("FE" #fe " Switch", NC1_XBAR_OUT(port), fe, 1, 0)

#define NC1_IN_SWITCH(fe, port, bit) \
	SOC_DAPM_SINGLE(port " Switch", NC1_XBAR_IN(fe), bit, 1, 0)

static const struct snd_kcontrol_new nc1_xbar_i2s0_switches[] = {
	NC1_OUT_SWITCH(0, 0),
	NC1_OUT_SWITCH(0, 1),
	NC1_OUT_SWITCH(0, 2),
	NC1_OUT_SWITCH(0, 3),
};

static const struct snd_kcontrol_new nc1_xbar_i2s1_switches[] = {
	NC1_OUT_SWITCH(1, 0),
	NC1_OUT_SWITCH(1, 1),
	NC1_OUT_SWITCH(1, 2),
	NC1_OUT_SWITCH(1, 3),
};

static const struct snd_kcontrol_new nc1_xbar_fe4_switches[] = {
	NC1_IN_SWITCH(4, "I2S1", 0),
	NC1_IN_SWITCH(4, "PDM0", 1),
};

static const struct snd_kcontrol_new nc1_xbar_fe5_switches[] = {
	NC1_IN_SWITCH(5, "I2S1", 0),
	NC1_IN_SWITCH(5, "PDM0", 1),
};

#define NC1_XBAR_INPUT(name) \
	SND_SOC_DAPM_PGA("XBAR " name, SND_SOC_NOPM, 0, 0, NULL, 0)
#define NC1_XBAR_MIXER(name, switches) \
	SOC_MIXER_ARRAY(name " Mixer", SND_SOC_NOPM, 0, 0, switches)

static const struct snd_soc_dapm_widget nc1_xbar_widgets[] = {
	NC1_XBAR_INPUT("FE0"),
	NC1_XBAR_INPUT("FE1"),
	NC1_XBAR_INPUT("FE2"),
	NC1_XBAR_INPUT("FE3"),
	NC1_XBAR_INPUT("I2S1"),
	NC1_XBAR_INPUT("PDM0"),
	NC1_XBAR_MIXER("I2S0", nc1_xbar_i2s0_switches),
	NC1_XBAR_MIXER("I2S1", nc1_xbar_i2s1_switches),
	NC1_XBAR_MIXER("FE4", nc1_xbar_fe4_switches),
	NC1_XBAR_MIXER("FE5", nc1_xbar_fe5_switches),
};

static const struct snd_soc_dapm_route nc1_xbar_routes[] = {
	{ "I2S0 Mixer", "FE0 Switch", "XBAR FE0" },
	{ "I2S0 Mixer", "FE1 Switch", "XBAR FE1" },
	{ "I2S0 Mixer", "FE2 Switch", "XBAR FE2" },
	{ "I2S0 Mixer", "FE3 Switch", "XBAR FE3" },
	{ "I2S1 Mixer", "FE0 Switch", "XBAR FE0" },
	{ "I2S1 Mixer", "FE1 Switch", "XBAR FE1" },
	{ "I2S1 Mixer", "FE2 Switch", "XBAR FE2" },
	{ "I2S1 Mixer", "FE3 Switch", "XBAR FE3" },
	{ "FE4 Mixer", "I2S1 Switch", "XBAR I2S1" },
	{ "FE4 Mixer", "PDM0 Switch", "XBAR PDM0" },
	{ "FE5 Mixer", "I2S1 Switch", "XBAR I2S1" },
	{ "FE5 Mixer", "PDM0 Switch", "XBAR PDM0" },
};

static const struct snd_soc_component_driver nc1_xbar_component = {
	.name = "nc1-xbar",
	.dapm_widgets = nc1_xbar_widgets,
	.num_dapm_widgets = ARRAY_SIZE(nc1_xbar_widgets),
	.dapm_routes = nc1_xbar_routes,
	.num_dapm_routes = ARRAY_SIZE(nc1_xbar_routes),
};

static int nc1_xbar_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct nc1_block *blk;
	int ret;

	blk = devm_kzalloc(dev, sizeof(*blk), GFP_KERNEL);
	if (!blk)
		return -ENOMEM;

	ret = nc1_block_probe(pdev, blk, NC1_BLOCK_XBAR);
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
