// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every NC1 block has: a register window, clocks, a reset line.
 *
 * A block is on while its device is runtime active. Off means: clocks stopped,
 * reset asserted. Reset loses the registers, so the regmap cache is the truth
 * and is written back each time the block comes on.
 *
 * Front ends and ports also share the registers that describe a frame (FMT)
 * and how often there is one (RATE).
 *
 * Hardware: Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#include <linux/bitfield.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/regmap.h>
#include <linux/reset.h>
#include <sound/pcm_params.h>

#include "nc1-block.h"

static bool nc1_block_volatile_reg(struct device *dev, unsigned int reg)
{
	return reg == NC1_ID || reg == NC1_STAT;
}

/* The crossbar's OUT0 stands where the other blocks have STAT. */
static bool nc1_xbar_volatile_reg(struct device *dev, unsigned int reg)
{
	return reg == NC1_ID;
}

static const struct regmap_config nc1_block_regmap = {
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = NC1_MAX_REGISTER,
	.volatile_reg = nc1_block_volatile_reg,
	/* Triggers are atomic: no allocation on write, and a spinlock. */
	.cache_type = REGCACHE_FLAT,
	.fast_io = true,
};

static const struct regmap_config nc1_xbar_regmap = {
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = NC1_MAX_REGISTER,
	.volatile_reg = nc1_xbar_volatile_reg,
	.cache_type = REGCACHE_FLAT,
	.fast_io = true,
};

static const char * const nc1_clk_names[] = { "bus", "mclk48k", "mclk44k" };

static int nc1_block_on(struct nc1_block *blk)
{
	int ret;

	ret = clk_bulk_prepare_enable(blk->num_clks, blk->clks);
	if (ret)
		return ret;

	ret = reset_control_deassert(blk->rst);
	if (ret)
		clk_bulk_disable_unprepare(blk->num_clks, blk->clks);

	return ret;
}

static void nc1_block_off(struct nc1_block *blk)
{
	reset_control_assert(blk->rst);
	clk_bulk_disable_unprepare(blk->num_clks, blk->clks);
}

static int nc1_block_runtime_suspend(struct device *dev)
{
	struct nc1_block *blk = dev_get_drvdata(dev);

	regcache_cache_only(blk->map, true);
	regcache_mark_dirty(blk->map);
	nc1_block_off(blk);

	return 0;
}

static int nc1_block_runtime_resume(struct device *dev)
{
	struct nc1_block *blk = dev_get_drvdata(dev);
	int ret;

	ret = nc1_block_on(blk);
	if (ret)
		return ret;

	regcache_cache_only(blk->map, false);
	ret = regcache_sync(blk->map);
	if (ret)
		nc1_block_runtime_suspend(dev);

	return ret;
}

EXPORT_GPL_DEV_PM_OPS(nc1_block_pm_ops) = {
	RUNTIME_PM_OPS(nc1_block_runtime_suspend, nc1_block_runtime_resume, NULL)
	SYSTEM_SLEEP_PM_OPS(pm_runtime_force_suspend, pm_runtime_force_resume)
};

static int nc1_block_check_id(struct nc1_block *blk, enum nc1_block_id id)
{
	u32 want = FIELD_PREP(NC1_ID_MAGIC, NC1_MAGIC) |
		   FIELD_PREP(NC1_ID_BLOCK, id) |
		   FIELD_PREP(NC1_ID_REV, NC1_REV);
	unsigned int have = 0;
	int ret;

	ret = nc1_block_on(blk);
	if (ret)
		return dev_err_probe(blk->dev, ret,
				     "%pOF: cannot switch the block on\n",
				     blk->dev->of_node);

	ret = regmap_read(blk->map, NC1_ID, &have);
	nc1_block_off(blk);
	if (ret || have != want)
		return dev_err_probe(blk->dev, -ENODEV,
				     "%pOF: ID register reads %#x, not %#x: check \"reg\"\n",
				     blk->dev->of_node, have, want);

	regcache_cache_only(blk->map, true);
	regcache_mark_dirty(blk->map);

	return 0;
}

/* The kernel's helpers report in words of their own: one line, and it is ours. */
static void __iomem *nc1_block_map(struct platform_device *pdev)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct device *dev = &pdev->dev;
	void __iomem *regs = NULL;

	if (res && resource_size(res) >= NC1_WINDOW_SIZE &&
	    devm_request_mem_region(dev, res->start, resource_size(res),
				    dev_name(dev)))
		regs = devm_ioremap(dev, res->start, resource_size(res));
	if (!regs)
		dev_err_probe(dev, -EINVAL,
			      "%pOF: \"reg\" must be a window of %#x bytes that nobody else has\n",
			      dev->of_node, NC1_WINDOW_SIZE);

	return regs;
}

/**
 * nc1_block_probe() - map, clock and identify a block
 * @pdev: the block's platform device
 * @blk: to be filled in; becomes the device's driver data
 * @id: what the ID register must say
 *
 * The block is left off with runtime PM enabled; it comes on with its first
 * user. Everything is released with the device.
 *
 * Context: may sleep.
 * Return: 0, or an error that has been reported in one line (a probe deferral:
 * in debugfs).
 */
int nc1_block_probe(struct platform_device *pdev, struct nc1_block *blk,
		    enum nc1_block_id id)
{
	const struct regmap_config *config;
	struct device *dev = &pdev->dev;
	void __iomem *regs;
	int i, ret;

	blk->dev = dev;
	platform_set_drvdata(pdev, blk);

	regs = nc1_block_map(pdev);
	if (!regs)
		return -EINVAL;

	config = id == NC1_BLOCK_XBAR ? &nc1_xbar_regmap : &nc1_block_regmap;
	blk->map = devm_regmap_init_mmio(dev, regs, config);
	if (IS_ERR(blk->map))
		return dev_err_probe(dev, PTR_ERR(blk->map),
				     "%pOF: no register map\n", dev->of_node);

	blk->num_clks = id == NC1_BLOCK_XBAR ? 1 : ARRAY_SIZE(nc1_clk_names);
	for (i = 0; i < blk->num_clks; i++) {
		struct clk *clk = devm_clk_get(dev, nc1_clk_names[i]);

		if (IS_ERR(clk))
			return dev_err_probe(dev, PTR_ERR(clk),
					     "%pOF: bad or missing \"clocks\" entry, \"clock-names\" is \"%s\"\n",
					     dev->of_node, nc1_clk_names[i]);
		blk->clks[i].id = nc1_clk_names[i];
		blk->clks[i].clk = clk;
	}

	blk->rst = devm_reset_control_get_exclusive(dev, NULL);
	if (IS_ERR(blk->rst))
		return dev_err_probe(dev, PTR_ERR(blk->rst),
				     "%pOF: bad or missing \"resets\"\n",
				     dev->of_node);

	ret = nc1_block_check_id(blk, id);
	if (ret)
		return ret;

	return devm_pm_runtime_enable(dev);
}
EXPORT_SYMBOL_GPL(nc1_block_probe);

/**
 * nc1_block_set_params() - program what a frame is and how often there is one
 * @blk: a front end or a port whose direction is not enabled
 * @fmt_reg: NC1_FMT, or NC1_RXFMT for the receiver of an I2S port
 * @params: the stream's parameters
 *
 * Context: any.
 * Return: 0, or -EINVAL for a rate that neither master clock can make.
 */
int nc1_block_set_params(struct nc1_block *blk, unsigned int fmt_reg,
			 const struct snd_pcm_hw_params *params)
{
	unsigned int rate = params_rate(params);
	u32 fmt, div;
	int ret;

	fmt = FIELD_PREP(NC1_FMT_CHANNELS, params_channels(params) - 1);
	switch (params_width(params)) {
	case 16:
		fmt |= FIELD_PREP(NC1_FMT_WIDTH, NC1_FMT_WIDTH_16);
		break;
	case 24:
		fmt |= FIELD_PREP(NC1_FMT_WIDTH, NC1_FMT_WIDTH_24);
		break;
	default:
		fmt |= FIELD_PREP(NC1_FMT_WIDTH, NC1_FMT_WIDTH_32);
		break;
	}

	if (NC1_MCLK48K_HZ % rate == 0) {
		div = FIELD_PREP(NC1_RATE_DIV, NC1_MCLK48K_HZ / rate);
	} else if (NC1_MCLK44K_HZ % rate == 0) {
		div = FIELD_PREP(NC1_RATE_DIV, NC1_MCLK44K_HZ / rate);
		div |= NC1_RATE_SRC_44K;
	} else {
		dev_err(blk->dev, "no master clock divides to %u Hz\n", rate);
		return -EINVAL;
	}

	ret = regmap_write(blk->map, fmt_reg, fmt);
	if (!ret)
		ret = regmap_write(blk->map, NC1_RATE, div);

	return ret;
}
EXPORT_SYMBOL_GPL(nc1_block_set_params);

MODULE_DESCRIPTION("NC1 audio blocks, shared part");
MODULE_LICENSE("GPL");
