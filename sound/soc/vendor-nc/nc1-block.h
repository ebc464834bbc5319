/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Common part of all NC1 blocks: a register window, clocks, a reset line.
 */
#ifndef _NC1_BLOCK_H
#define _NC1_BLOCK_H

#include <linux/clk.h>
#include <linux/pm.h>

#include "nc1-regs.h"

/* Characters of a block's "sound-name-prefix" */
#define NC1_MAX_NAME	15

struct device;
struct device_node;
struct platform_device;
struct regmap;
struct reset_control;
struct snd_pcm_hw_params;

/**
 * struct nc1_block - one block of the audio subsystem, the device's driver data
 * @dev: its platform device
 * @map: its registers; cached, usable in atomic context, usable at any time:
 *	while the block is off, writes go to the cache only
 * @rst: its reset line, asserted while the block is off
 * @clks: its clocks, on while the block is on
 * @num_clks: how many of @clks the block has
 * @err: the error of the last attempt to switch the block on, or 0. Written by runtime
 *	PM, read by triggers
 */
struct nc1_block {
	struct device *dev;
	struct regmap *map;
	struct reset_control *rst;
	struct clk_bulk_data clks[3];
	int num_clks;
	int err;
};

__printf(4, 5)
int nc1_block_refuse(struct device *dev, int err, const char *property,
		     const char *fmt, ...);
const char *nc1_block_name(const struct device_node *np);
int nc1_block_check_own(struct device *dev, const char *property, const char *what);
int nc1_block_probe(struct platform_device *pdev, struct nc1_block *blk,
		    enum nc1_block_id id);
int nc1_block_set_params(struct nc1_block *blk, unsigned int fmt_reg,
			 const struct snd_pcm_hw_params *params);

extern const struct dev_pm_ops nc1_block_pm_ops;

/* Rates that a master clock can be divided to, and formats a FIFO takes. */
#define NC1_RATES	SNDRV_PCM_RATE_8000_192000
#define NC1_FORMATS	(SNDRV_PCM_FMTBIT_S16_LE | SNDRV_PCM_FMTBIT_S24_LE | \
			 SNDRV_PCM_FMTBIT_S32_LE)

#endif
