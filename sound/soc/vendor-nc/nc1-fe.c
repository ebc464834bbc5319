// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 front end: one PCM between memory and the crossbar.
 *
 * A front end (FE) is a FIFO with a DMA request line at one side and the
 * crossbar at the other. From the moment it is enabled it moves one frame at
 * each edge of its sample clock, with or without a route to a port. Four of
 * them play, two record; they differ in the direction only.
 *
 *	user space -- PCM buffer == DMA ==> FIFO --> crossbar	(BE: nc1-port.c)
 *
 * The PCM itself is the kernel's generic dmaengine PCM. Its buffer is cached
 * memory that the ALSA core syncs explicitly; on a coherent device
 * ("dma-coherent") the DMA API needs no sync, at no cost.
 *
 * Hardware: Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/platform_device.h>
#include <linux/regmap.h>
#include <sound/dmaengine_pcm.h>
#include <sound/pcm.h>
#include <sound/soc.h>

#include "compat.h"
#include "nc1-block.h"

/* A FIFO holds one burst of 8 beats on top of the frame in flight. */
#define NC1_FE_BURST_BEATS	8

/* The largest buffer: 42 ms of all that a front end can do at once. */
#define NC1_FE_PREALLOC_BYTES	(256 * 1024)

/**
 * struct nc1_fe_type - the differences between front ends
 * @id: contents of the ID register
 * @enable: bit of CTRL that moves frames
 * @dma_name: name of the DMA channel in the device tree
 * @dai: the front end's only DAI, but for its name
 */
struct nc1_fe_type {
	enum nc1_block_id id;
	u32 enable;
	const char *dma_name;
	struct snd_soc_dai_driver dai;
};

/**
 * struct nc1_fe - a front end
 * @blk: the block, first
 * @xbar: the crossbar, through which all sound goes; DAPM powers it and does not report
 *	it if that fails
 * @type: playback or capture
 * @dai: its DAI, with a name of its own
 * @dma: its FIFO, for the generic PCM
 */
struct nc1_fe {
	struct nc1_block blk;
	const struct nc1_block *xbar;
	const struct nc1_fe_type *type;
	struct snd_soc_dai_driver dai;
	struct snd_dmaengine_dai_dma_data dma;
};

static struct nc1_fe *nc1_fe_get(struct snd_soc_component *component)
{
	struct nc1_block *blk = snd_soc_component_get_drvdata(component);

	return container_of(blk, struct nc1_fe, blk);
}

/* Each period's interrupt can be left out, and residue counts in bursts. */
static int nc1_fe_startup(struct snd_pcm_substream *substream,
			  struct snd_soc_dai *dai)
{
	substream->runtime->hw.info |= SNDRV_PCM_INFO_NO_PERIOD_WAKEUP;

	return 0;
}

static int nc1_fe_hw_params(struct snd_pcm_substream *substream,
			    struct snd_pcm_hw_params *params,
			    struct snd_soc_dai *dai)
{
	struct nc1_fe *fe = nc1_fe_get(dai->component);

	return nc1_block_set_params(&fe->blk, NC1_FMT, params);
}

static int nc1_fe_trigger(struct snd_pcm_substream *substream, int cmd,
			  struct snd_soc_dai *dai)
{
	struct nc1_fe *fe = nc1_fe_get(dai->component);
	u32 enable;
	int err;

	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
	case SNDRV_PCM_TRIGGER_RESUME:
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		err = READ_ONCE(fe->blk.err) ? : READ_ONCE(fe->xbar->err);
		if (err)
			return err;
		enable = fe->type->enable;
		break;
	case SNDRV_PCM_TRIGGER_STOP:
	case SNDRV_PCM_TRIGGER_SUSPEND:
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		enable = 0;
		break;
	default:
		return -EINVAL;
	}

	return regmap_write(fe->blk.map, NC1_CTRL, enable);
}

static const struct snd_soc_dai_ops nc1_fe_dai_ops = {
	.startup = nc1_fe_startup,
	.hw_params = nc1_fe_hw_params,
	.trigger = nc1_fe_trigger,
};

static int nc1_fe_component_probe(struct snd_soc_component *component)
{
	struct nc1_fe *fe = nc1_fe_get(component);
	struct snd_soc_dai *dai;

	for_each_component_dais(component, dai)
		snd_soc_dai_init_dma_data(dai, &fe->dma, &fe->dma);

	return 0;
}

/*
 * A front end does not wait for its ports: frames that it plays before they run and
 * after they stopped are lost. So the ports start first and stop last.
 */
static int nc1_fe_pcm_new(struct snd_soc_component *component,
			  struct snd_soc_pcm_runtime *rtd)
{
	struct nc1_fe *fe = nc1_fe_get(component);
	struct snd_soc_component *other;
	int stream;

	for_each_pcm_streams(stream)
		rtd->dai_link->trigger[stream] = SND_SOC_DPCM_TRIGGER_POST;

	/* Unbound, it takes the card with it and so this PCM. */
	for_each_card_components(rtd->card, other) {
		if (of_device_is_compatible(other->dev->of_node, "vendor-nc,nc1-xbar"))
			fe->xbar = snd_soc_component_get_drvdata(other);
	}

	return fe->xbar ? 0 : -ENODEV;
}

static const struct snd_soc_component_driver nc1_fe_component = {
	.name = "nc1-fe",
	.probe = nc1_fe_component_probe,
	.pcm_new = nc1_fe_pcm_new,
};

static const struct snd_dmaengine_pcm_config nc1_fe_pcm_config = {
	.prepare_slave_config = snd_dmaengine_pcm_prepare_slave_config,
	.prealloc_buffer_size = NC1_FE_PREALLOC_BYTES,
	.buffer_type = SNDRV_DMA_TYPE_NONCOHERENT,
};

/*
 * The generic PCM takes a missing channel for a direction that the device does
 * not have, and the card then fails without naming it. Check first.
 */
static int nc1_fe_check_dma(struct nc1_fe *fe)
{
	struct device *dev = fe->blk.dev;
	const char *name = fe->type->dma_name;
	struct dma_chan *chan;
	int ret;

	if (of_property_match_string(dev->of_node, "dma-names", name) < 0)
		return nc1_block_refuse(dev, -EINVAL, "dma-names",
					"lacks \"%s\"; a front end has that channel",
					name);
	ret = nc1_block_check_own(dev, "dmas", "request line");
	if (ret)
		return ret;
	chan = dma_request_chan(dev, name);
	if (IS_ERR(chan))
		return nc1_block_refuse(dev, PTR_ERR(chan), "dmas",
					"no channel for \"%s\"; give a request line, 0 to 5, of an enabled controller",
					name);
	dma_release_channel(chan);

	return 0;
}

static int nc1_fe_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct resource *res;
	struct nc1_fe *fe;
	int ret;

	fe = devm_kzalloc(dev, sizeof(*fe), GFP_KERNEL);
	if (!fe)
		return -ENOMEM;

	fe->type = of_device_get_match_data(dev);
	ret = nc1_block_probe(pdev, &fe->blk, fe->type->id);
	if (ret)
		return ret;

	ret = nc1_fe_check_dma(fe);
	if (ret)
		return ret;

	res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	fe->dma.addr = res->start + NC1_FIFO;
	fe->dma.maxburst = NC1_FE_BURST_BEATS;

	ret = devm_snd_dmaengine_pcm_register(dev, &nc1_fe_pcm_config, 0);
	if (ret)
		return dev_err_probe(dev, ret, "%pOF: cannot register the PCM\n",
				     dev->of_node);

	fe->dai = fe->type->dai;
	fe->dai.name = nc1_block_name(dev->of_node);
	ret = devm_snd_soc_register_component(dev, &nc1_fe_component,
					      &fe->dai, 1);
	if (ret)
		return dev_err_probe(dev, ret, "%pOF: cannot register the DAI\n",
				     dev->of_node);

	return 0;
}

static const struct nc1_fe_type nc1_fe_playback = {
	.id = NC1_BLOCK_FE_PLAYBACK,
	.enable = NC1_CTRL_TXEN,
	.dma_name = "tx",
	.dai = {
		.playback = {
			.stream_name = "Playback",
			.channels_min = 1,
			.channels_max = NC1_MAX_CHANNELS,
			.rates = NC1_RATES,
			.formats = NC1_FORMATS,
		},
		.ops = &nc1_fe_dai_ops,
	},
};

static const struct nc1_fe_type nc1_fe_capture = {
	.id = NC1_BLOCK_FE_CAPTURE,
	.enable = NC1_CTRL_RXEN,
	.dma_name = "rx",
	.dai = {
		.capture = {
			.stream_name = "Capture",
			.channels_min = 1,
			.channels_max = NC1_MAX_CHANNELS,
			.rates = NC1_RATES,
			.formats = NC1_FORMATS,
		},
		.ops = &nc1_fe_dai_ops,
	},
};

static const struct of_device_id nc1_fe_of_match[] = {
	{ .compatible = "vendor-nc,nc1-fe-playback", .data = &nc1_fe_playback },
	{ .compatible = "vendor-nc,nc1-fe-capture", .data = &nc1_fe_capture },
	{ }
};
MODULE_DEVICE_TABLE(of, nc1_fe_of_match);

static struct platform_driver nc1_fe_driver = {
	.probe = nc1_fe_probe,
	.driver = {
		.name = "nc1-fe",
		.of_match_table = nc1_fe_of_match,
		.pm = pm_ptr(&nc1_block_pm_ops),
	},
};
module_platform_driver(nc1_fe_driver);

MODULE_DESCRIPTION("NC1 audio front end");
MODULE_LICENSE("GPL");
