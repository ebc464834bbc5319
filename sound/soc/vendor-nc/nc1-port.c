// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 ports: where samples enter and leave the chip.
 *
 * A port is a serial interface between the crossbar and the pins: I2S (or left
 * justified, or TDM) with a transmitter and a receiver, PDM with a receiver. It
 * takes the crossbar's sum at each edge of its sample clock; zeros without a
 * route. In DPCM a port is a back end (BE).
 *
 *	(FE: nc1-fe.c) crossbar --> port --> pins --> amplifier or codec
 *
 * Transmitter and receiver share the sample clock, hence the symmetry in the
 * DAI. Each has its own number and width of slots, and its own volume.
 *
 * Hardware: Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#include <linux/bitfield.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/platform_device.h>
#include <linux/regmap.h>
#include <sound/pcm.h>
#include <sound/soc.h>
#include <sound/tlv.h>

#include "nc1-block.h"

/**
 * struct nc1_port_type - the differences between ports
 * @id: contents of the ID register
 * @component: pins and their routes
 * @dai: the port's only DAI, but for its name
 */
struct nc1_port_type {
	enum nc1_block_id id;
	const struct snd_soc_component_driver *component;
	struct snd_soc_dai_driver dai;
};

struct nc1_port {
	struct nc1_block blk;
	struct snd_soc_dai_driver dai;
};

static int nc1_port_set_fmt(struct snd_soc_dai *dai, unsigned int fmt)
{
	struct nc1_block *blk = snd_soc_component_get_drvdata(dai->component);
	u32 clk;

	switch (fmt & SND_SOC_DAIFMT_FORMAT_MASK) {
	case SND_SOC_DAIFMT_I2S:
		clk = FIELD_PREP(NC1_CLK_PROTO, NC1_CLK_PROTO_I2S);
		break;
	case SND_SOC_DAIFMT_LEFT_J:
		clk = FIELD_PREP(NC1_CLK_PROTO, NC1_CLK_PROTO_LEFT_J);
		break;
	case SND_SOC_DAIFMT_DSP_A:
		clk = FIELD_PREP(NC1_CLK_PROTO, NC1_CLK_PROTO_DSP_A);
		break;
	default:
		return nc1_block_refuse(dai->dev, -EINVAL, "dai-format",
					"missing or unknown; give i2s, left_j or dsp_a");
	}

	switch (fmt & SND_SOC_DAIFMT_CLOCK_PROVIDER_MASK) {
	case SND_SOC_DAIFMT_BP_FP:
		break;
	case SND_SOC_DAIFMT_BC_FC:
		clk |= NC1_CLK_CONSUMER;
		break;
	default:
		return nc1_block_refuse(dai->dev, -EINVAL, "frame-master",
					"bit and frame clock have two providers; make it that of \"bitclock-master\"");
	}

	switch (fmt & SND_SOC_DAIFMT_INV_MASK) {
	case SND_SOC_DAIFMT_NB_NF:
		break;
	case SND_SOC_DAIFMT_IB_NF:
		clk |= NC1_CLK_INV;
		break;
	default:
		return nc1_block_refuse(dai->dev, -EINVAL, "frame-inversion",
					"the port cannot do that; remove it");
	}

	return regmap_write(blk->map, NC1_CLK, clk);
}

static int nc1_port_hw_params(struct snd_pcm_substream *substream,
			      struct snd_pcm_hw_params *params,
			      struct snd_soc_dai *dai)
{
	struct nc1_block *blk = snd_soc_component_get_drvdata(dai->component);
	bool play = substream->stream == SNDRV_PCM_STREAM_PLAYBACK;
	/* A receiver has its own only in a port with two directions. */
	bool rxfmt = !play && dai->driver->playback.channels_max;
	unsigned int fmt_reg = rxfmt ? NC1_RXFMT : NC1_FMT;

	return nc1_block_set_params(blk, fmt_reg, params);
}

static int nc1_port_trigger(struct snd_pcm_substream *substream, int cmd,
			    struct snd_soc_dai *dai)
{
	struct nc1_block *blk = snd_soc_component_get_drvdata(dai->component);
	bool play = substream->stream == SNDRV_PCM_STREAM_PLAYBACK;
	u32 enable = play ? NC1_CTRL_TXEN : NC1_CTRL_RXEN;
	int err;

	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
	case SNDRV_PCM_TRIGGER_RESUME:
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		err = READ_ONCE(blk->err);
		if (err)
			return err;
		return regmap_set_bits(blk->map, NC1_CTRL, enable);
	case SNDRV_PCM_TRIGGER_STOP:
	case SNDRV_PCM_TRIGGER_SUSPEND:
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		return regmap_clear_bits(blk->map, NC1_CTRL, enable);
	default:
		return -EINVAL;
	}
}

static const struct snd_soc_dai_ops nc1_i2s_dai_ops = {
	.set_fmt = nc1_port_set_fmt,
	.hw_params = nc1_port_hw_params,
	.trigger = nc1_port_trigger,
};

static const struct snd_soc_dai_ops nc1_pdm_dai_ops = {
	.hw_params = nc1_port_hw_params,
	.trigger = nc1_port_trigger,
};

/* The registers attenuate, by half a decibel for each step. */
static const DECLARE_TLV_DB_SCALE(nc1_port_db, -6350, 50, 0);

static const struct snd_kcontrol_new nc1_tx_controls[] = {
	SOC_SINGLE_TLV("Playback Volume", NC1_GAIN, 0, 127, 1, nc1_port_db),
	SOC_SINGLE("Playback Switch", NC1_GAIN, 31, 1, 1),
};

static const struct snd_kcontrol_new nc1_rx_controls[] = {
	SOC_SINGLE_TLV("Capture Volume", NC1_RXGAIN, 0, 127, 1, nc1_port_db),
	SOC_SINGLE("Capture Switch", NC1_RXGAIN, 31, 1, 1),
};

/* I2S0 does not receive. */
static int nc1_i2s_component_probe(struct snd_soc_component *component)
{
	struct platform_device *pdev = to_platform_device(component->dev);
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);

	if (res->start == NC1_WINDOWS + NC1_WINDOW_I2S(0))
		return 0;

	return snd_soc_add_component_controls(component, nc1_rx_controls,
					      ARRAY_SIZE(nc1_rx_controls));
}

static const struct snd_soc_dapm_widget nc1_i2s_widgets[] = {
	SND_SOC_DAPM_OUTPUT("OUT"),
	SND_SOC_DAPM_INPUT("IN"),
};

static const struct snd_soc_dapm_route nc1_i2s_routes[] = {
	{ "OUT", NULL, "Playback" },
	{ "Capture", NULL, "IN" },
};

static const struct snd_soc_component_driver nc1_i2s_component = {
	.name = "nc1-i2s",
	.probe = nc1_i2s_component_probe,
	.controls = nc1_tx_controls,
	.num_controls = ARRAY_SIZE(nc1_tx_controls),
	.dapm_widgets = nc1_i2s_widgets,
	.num_dapm_widgets = ARRAY_SIZE(nc1_i2s_widgets),
	.dapm_routes = nc1_i2s_routes,
	.num_dapm_routes = ARRAY_SIZE(nc1_i2s_routes),
};

static const struct snd_soc_dapm_widget nc1_pdm_widgets[] = {
	SND_SOC_DAPM_INPUT("IN"),
};

static const struct snd_soc_dapm_route nc1_pdm_routes[] = {
	{ "Capture", NULL, "IN" },
};

static const struct snd_soc_component_driver nc1_pdm_component = {
	.name = "nc1-pdm",
	.controls = nc1_rx_controls,
	.num_controls = ARRAY_SIZE(nc1_rx_controls),
	.dapm_widgets = nc1_pdm_widgets,
	.num_dapm_widgets = ARRAY_SIZE(nc1_pdm_widgets),
	.dapm_routes = nc1_pdm_routes,
	.num_dapm_routes = ARRAY_SIZE(nc1_pdm_routes),
};

static int nc1_port_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	const struct nc1_port_type *type = of_device_get_match_data(dev);
	struct nc1_port *port;
	int ret;

	port = devm_kzalloc(dev, sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;

	ret = nc1_block_probe(pdev, &port->blk, type->id);
	if (ret)
		return ret;

	port->dai = type->dai;
	port->dai.name = nc1_block_name(dev->of_node);
	ret = devm_snd_soc_register_component(dev, type->component,
					      &port->dai, 1);
	if (ret)
		return dev_err_probe(dev, ret, "%pOF: cannot register the DAI\n",
				     dev->of_node);

	return 0;
}

static const struct nc1_port_type nc1_port_i2s = {
	.id = NC1_BLOCK_I2S,
	.component = &nc1_i2s_component,
	.dai = {
		.playback = {
			.stream_name = "Playback",
			.channels_min = 1,
			.channels_max = NC1_MAX_CHANNELS,
			.rates = NC1_RATES,
			.formats = NC1_FORMATS,
		},
		.capture = {
			.stream_name = "Capture",
			.channels_min = 1,
			.channels_max = NC1_MAX_CHANNELS,
			.rates = NC1_RATES,
			.formats = NC1_FORMATS,
		},
		.ops = &nc1_i2s_dai_ops,
		.symmetric_rate = 1,
	},
};

static const struct nc1_port_type nc1_port_pdm = {
	.id = NC1_BLOCK_PDM,
	.component = &nc1_pdm_component,
	.dai = {
		.capture = {
			.stream_name = "Capture",
			.channels_min = 1,
			.channels_max = NC1_MAX_CHANNELS,
			.rates = NC1_RATES,
			.formats = NC1_FORMATS,
		},
		.ops = &nc1_pdm_dai_ops,
		.symmetric_rate = 1,
	},
};

static const struct of_device_id nc1_port_of_match[] = {
	{ .compatible = "vendor-nc,nc1-i2s", .data = &nc1_port_i2s },
	{ .compatible = "vendor-nc,nc1-pdm", .data = &nc1_port_pdm },
	{ }
};
MODULE_DEVICE_TABLE(of, nc1_port_of_match);

static struct platform_driver nc1_port_driver = {
	.probe = nc1_port_probe,
	.driver = {
		.name = "nc1-port",
		.of_match_table = nc1_port_of_match,
		.pm = pm_ptr(&nc1_block_pm_ops),
	},
};
module_platform_driver(nc1_port_driver);

MODULE_DESCRIPTION("NC1 audio ports");
MODULE_LICENSE("GPL");
