// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common part of all NC1 blocks: a register window, clocks, a reset line.
 *
 * A block is on while its device is runtime active. Off means: clocks stopped,
 * reset asserted. Reset clears the registers, so the regmap cache has the valid
 * values, and is written back each time the block is switched on.
 *
 * Front ends and ports also share the registers that describe a frame (FMT)
 * and how often there is one (RATE).
 *
 * Hardware: Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#include <linux/bitfield.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_graph.h>
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

/* The crossbar has OUT0 at the offset of STAT in the other blocks. */
static bool nc1_xbar_volatile_reg(struct device *dev, unsigned int reg)
{
	return reg == NC1_ID;
}

/* After a reset all registers are zero. */
static const struct reg_default nc1_block_reset[] = {
	{ NC1_CTRL, 0 },
	{ NC1_FMT, 0 },
	{ NC1_RATE, 0 },
	{ NC1_CLK, 0 },
	{ NC1_RXFMT, 0 },
	{ NC1_GAIN, 0 },
	{ NC1_RXGAIN, 0 },
};

static const struct regmap_range nc1_block_writeable[] = {
	regmap_reg_range(NC1_CTRL, NC1_RATE),
	regmap_reg_range(NC1_CLK, NC1_RXFMT),
	regmap_reg_range(NC1_GAIN, NC1_RXGAIN),
};

static const struct regmap_access_table nc1_block_wr_table = {
	.yes_ranges = nc1_block_writeable,
	.n_yes_ranges = ARRAY_SIZE(nc1_block_writeable),
};

static const struct reg_default nc1_xbar_reset[] = {
	{ NC1_XBAR_OUT(0), 0 },
	{ NC1_XBAR_OUT(1), 0 },
	{ NC1_XBAR_IN(4), 0 },
	{ NC1_XBAR_IN(5), 0 },
};

static const struct regmap_range nc1_xbar_writeable[] = {
	regmap_reg_range(NC1_XBAR_OUT(0), NC1_XBAR_OUT(1)),
	regmap_reg_range(NC1_XBAR_IN(4), NC1_XBAR_IN(5)),
};

static const struct regmap_access_table nc1_xbar_wr_table = {
	.yes_ranges = nc1_xbar_writeable,
	.n_yes_ranges = ARRAY_SIZE(nc1_xbar_writeable),
};

static const struct regmap_config nc1_block_regmap = {
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = NC1_MAX_REGISTER,
	.volatile_reg = nc1_block_volatile_reg,
	.wr_table = &nc1_block_wr_table,
	.reg_defaults = nc1_block_reset,
	.num_reg_defaults = ARRAY_SIZE(nc1_block_reset),
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
	.wr_table = &nc1_xbar_wr_table,
	.reg_defaults = nc1_xbar_reset,
	.num_reg_defaults = ARRAY_SIZE(nc1_xbar_reset),
	.cache_type = REGCACHE_FLAT,
	.fast_io = true,
};

static const struct {
	const char *name;
	unsigned long rate;	/* 0: any */
} nc1_clks[] = {
	{ "bus", 0 },
	{ "mclk48k", NC1_MCLK48K_HZ },
	{ "mclk44k", NC1_MCLK44K_HZ },
};

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
	if (!blk->err)
		nc1_block_off(blk);
	WRITE_ONCE(blk->err, 0);

	return 0;
}

/*
 * If this callback fails, runtime PM does not use the device again until it is bound
 * again, and DAPM does not report the error. So the error is stored for the triggers,
 * which stop the stream; the next resume tries again.
 */
static int nc1_block_runtime_resume(struct device *dev)
{
	struct nc1_block *blk = dev_get_drvdata(dev);
	int ret;

	ret = nc1_block_on(blk);
	if (!ret) {
		regcache_cache_only(blk->map, false);
		ret = regcache_sync(blk->map);
		if (ret)
			nc1_block_runtime_suspend(dev);
	}
	if (ret)
		dev_err(dev, "%pOF: does not come on: %d\n", dev->of_node, ret);
	WRITE_ONCE(blk->err, ret);

	return 0;
}

EXPORT_GPL_DEV_PM_OPS(nc1_block_pm_ops) = {
	RUNTIME_PM_OPS(nc1_block_runtime_suspend, nc1_block_runtime_resume, NULL)
	SYSTEM_SLEEP_PM_OPS(pm_runtime_force_suspend, pm_runtime_force_resume)
};

/**
 * nc1_block_refuse() - report in one line a fault of a node
 * @dev: the node's device
 * @err: the error
 * @property: the property that is wrong
 * @fmt: the fault, and how to mend it
 *
 * The line is logged at once. For a device that still waits for another one, it is
 * logged when the kernel ends the wait.
 *
 * Context: may sleep.
 * Return: the value for probe to return: -ENODEV, to which the driver core adds no line
 * of its own, or @err if that is -EPROBE_DEFER or -ENOMEM.
 */
int nc1_block_refuse(struct device *dev, int err, const char *property,
		     const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (err != -EPROBE_DEFER && err != -ENOMEM)
		err = -ENODEV;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	dev_err_probe(dev, err, "%pOF: %s: %pV\n", dev->of_node, property, &vaf);
	va_end(args);

	return err;
}
EXPORT_SYMBOL_GPL(nc1_block_refuse);

/**
 * nc1_block_check_own() - check that no other node has the same value of a property
 * @dev: the device
 * @property: of its node, which only one node can have with this value
 * @what: the meaning of the value, for the log
 *
 * Of all nodes with one value the first in the tree is right: so one of two gets
 * the error, and always the same.
 *
 * Context: may sleep.
 * Return: 0, or -ENODEV with a line in the log.
 */
int nc1_block_check_own(struct device *dev, const char *property, const char *what)
{
	int mine_len, len, ret = 0;
	const void *mine = of_get_property(dev->of_node, property, &mine_len);
	struct device_node *np;
	const void *value;

	for_each_node_with_property(np, property) {
		if (np == dev->of_node)
			break;
		value = of_get_property(np, property, &len);
		if (mine && len == mine_len && !memcmp(value, mine, len) &&
		    of_device_is_available(np)) {
			ret = nc1_block_refuse(dev, -EINVAL, property,
					       "the %s is that of %pOF; give the block's own",
					       what, np);
			break;
		}
	}
	of_node_put(np);

	return ret;
}
EXPORT_SYMBOL_GPL(nc1_block_check_own);

static int nc1_block_check_id(struct nc1_block *blk, enum nc1_block_id id)
{
	u32 want = FIELD_PREP(NC1_ID_MAGIC, NC1_MAGIC) |
		   FIELD_PREP(NC1_ID_BLOCK, id) |
		   FIELD_PREP(NC1_ID_REV, NC1_REV);
	unsigned int have = 0;
	int ret;

	ret = nc1_block_on(blk);
	if (ret)
		return nc1_block_refuse(blk->dev, ret, "clocks",
					"the block cannot be switched on (%d); mend its clocks or its reset",
					ret);

	ret = regmap_read(blk->map, NC1_ID, &have);
	nc1_block_off(blk);
	if (ret || FIELD_GET(NC1_ID_MAGIC, have) != NC1_MAGIC)
		return nc1_block_refuse(blk->dev, -ENODEV, "resets",
					"the block does not come out of reset, its ID reads %#x; give the line of the block at \"reg\"",
					have);
	if (have != want)
		return nc1_block_refuse(blk->dev, -ENODEV, "compatible",
					"not the block at \"reg\", whose ID reads %#x instead of %#x; correct one of the two",
					have, want);

	regcache_cache_only(blk->map, true);
	regcache_mark_dirty(blk->map);

	return 0;
}

/* Not the kernel's helpers, which log lines of their own: there must be one line. */
static void __iomem *nc1_block_map(struct platform_device *pdev)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct device *dev = &pdev->dev;
	void __iomem *regs = NULL;

	if (!res) {
		nc1_block_refuse(dev, -EINVAL, "reg",
				 "missing or malformed; give the block's window, address and size");
		return NULL;
	}
	if (resource_size(res) != NC1_WINDOW_SIZE ||
	    !IS_ALIGNED(res->start, NC1_WINDOW_SIZE)) {
		nc1_block_refuse(dev, -EINVAL, "reg",
				 "%pa to %pa is no window; windows have %#x bytes and begin at a multiple of that",
				 &res->start, &res->end, NC1_WINDOW_SIZE);
		return NULL;
	}
	if (res->start < NC1_WINDOWS ||
	    res->end >= NC1_WINDOWS + NC1_WINDOWS_SIZE) {
		nc1_block_refuse(dev, -EINVAL, "reg",
				 "%pa is not where the blocks are; give an address from %#x to %#x",
				 &res->start, NC1_WINDOWS,
				 NC1_WINDOWS + NC1_WINDOWS_SIZE - NC1_WINDOW_SIZE);
		return NULL;
	}
	if (devm_request_mem_region(dev, res->start, resource_size(res),
				    dev_name(dev)))
		regs = devm_ioremap(dev, res->start, resource_size(res));
	if (!regs)
		nc1_block_refuse(dev, -EBUSY, "reg",
				 "the window at %pa is in use; give another one, or reserve it as \"no-map\"",
				 &res->start);

	return regs;
}

static int nc1_block_get_clks(struct nc1_block *blk)
{
	struct device *dev = blk->dev;
	struct clk *clk;
	int i;

	for (i = 0; i < blk->num_clks; i++) {
		const char *name = nc1_clks[i].name;

		if (of_property_match_string(dev->of_node, "clock-names", name) < 0)
			return nc1_block_refuse(dev, -EINVAL, "clock-names",
						"lacks \"%s\"; name all clocks of the block",
						name);
		clk = devm_clk_get(dev, name);
		if (IS_ERR(clk))
			return nc1_block_refuse(dev, PTR_ERR(clk), "clocks",
						"no clock for \"%s\"; give one that exists and is enabled",
						name);
		if (nc1_clks[i].rate && clk_get_rate(clk) != nc1_clks[i].rate)
			return nc1_block_refuse(dev, -EINVAL, "clocks",
						"\"%s\" runs at %lu Hz; give one of %lu Hz",
						name, clk_get_rate(clk),
						nc1_clks[i].rate);
		blk->clks[i].id = name;
		blk->clks[i].clk = clk;
	}

	return 0;
}

/* In both directions: the port is joined to one of the card. */
static bool nc1_block_is_joined(struct device_node *np)
{
	struct device_node *port = of_get_child_by_name(np, "port");
	struct device_node *ep = of_get_child_by_name(port, "endpoint");
	struct device_node *remote = of_graph_get_remote_endpoint(ep);
	struct device_node *back = of_graph_get_remote_endpoint(remote);
	bool joined = ep && back == ep;

	of_node_put(back);
	of_node_put(remote);
	of_node_put(ep);
	of_node_put(port);

	return joined;
}

/**
 * nc1_block_name() - get the board's name of a block
 * @np: its node; NULL: there is none
 *
 * Context: any.
 * Return: its "sound-name-prefix", as long as the node is; NULL if it is missing or too
 * long: two names, " Mixer " and " Switch" must fit into the name of a control.
 */
const char *nc1_block_name(const struct device_node *np)
{
	const char *name = NULL;

	of_property_read_string(np, "sound-name-prefix", &name);
	if (name && (!*name || strlen(name) > NC1_MAX_NAME || strpbrk(name, " ,'")))
		return NULL;

	return name;
}
EXPORT_SYMBOL_GPL(nc1_block_name);

/* What the card needs to tell the block's only DAI from those of others. */
static int nc1_block_check_dai(struct device *dev)
{
	u32 cells = 0;
	int ret;

	if (!nc1_block_name(dev->of_node))
		return nc1_block_refuse(dev, -EINVAL, "sound-name-prefix",
					"missing or no name; give one word of 1 to %d characters, as in the card's \"routing\"",
					NC1_MAX_NAME);
	ret = nc1_block_check_own(dev, "sound-name-prefix", "name");
	if (ret)
		return ret;
	of_property_read_u32(dev->of_node, "#sound-dai-cells", &cells);
	if (cells)
		return nc1_block_refuse(dev, -EINVAL, "#sound-dai-cells",
					"is %u; make it 0, there is one DAI",
					cells);
	if (!nc1_block_is_joined(dev->of_node))
		return nc1_block_refuse(dev, -EINVAL, "port",
					"missing or not joined; let its endpoint and one of the card be each other's \"remote-endpoint\"");

	return 0;
}

/**
 * nc1_block_probe() - map, clock and identify a block
 * @pdev: the block's platform device
 * @blk: to be filled in; becomes the device's driver data
 * @id: expected value of the ID register
 *
 * The block is left off with runtime PM enabled; its first user switches it
 * on. Everything is released with the device.
 *
 * Context: may sleep.
 * Return: 0, or an error that has been reported in one line.
 */
int nc1_block_probe(struct platform_device *pdev, struct nc1_block *blk,
		    enum nc1_block_id id)
{
	const struct regmap_config *config;
	struct device *dev = &pdev->dev;
	void __iomem *regs;
	int ret;

	blk->dev = dev;
	platform_set_drvdata(pdev, blk);

	regs = nc1_block_map(pdev);
	if (!regs)
		return -ENODEV;

	config = id == NC1_BLOCK_XBAR ? &nc1_xbar_regmap : &nc1_block_regmap;
	blk->map = devm_regmap_init_mmio(dev, regs, config);
	if (IS_ERR(blk->map))
		return dev_err_probe(dev, PTR_ERR(blk->map),
				     "%pOF: no register map\n", dev->of_node);

	if (id != NC1_BLOCK_XBAR) {
		ret = nc1_block_check_dai(dev);
		if (ret)
			return ret;
	}

	blk->num_clks = id == NC1_BLOCK_XBAR ? 1 : ARRAY_SIZE(nc1_clks);
	ret = nc1_block_get_clks(blk);
	if (ret)
		return ret;

	ret = nc1_block_check_own(dev, "resets", "line");
	if (ret)
		return ret;
	blk->rst = devm_reset_control_get_exclusive(dev, NULL);
	if (IS_ERR(blk->rst))
		return nc1_block_refuse(dev, PTR_ERR(blk->rst), "resets",
					"no reset line; give the block's, 0 to 9, of an enabled controller");

	ret = nc1_block_check_id(blk, id);
	if (ret)
		return ret;

	return devm_pm_runtime_enable(dev);
}
EXPORT_SYMBOL_GPL(nc1_block_probe);

/**
 * nc1_block_set_params() - program the format of a frame and the rate
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
