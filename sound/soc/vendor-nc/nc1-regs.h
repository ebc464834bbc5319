/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of the NC1 audio blocks.
 *
 * The data sheet in C, nothing else:
 * Documentation/sound/soc/vendor-nc/nc1-hardware.rst
 */
#ifndef _NC1_REGS_H
#define _NC1_REGS_H

#include <linux/bits.h>

/* Common to all blocks */
#define NC1_ID			0x00
#define  NC1_ID_MAGIC		GENMASK(31, 16)
#define  NC1_ID_BLOCK		GENMASK(15, 8)
#define  NC1_ID_REV		GENMASK(7, 0)
#define NC1_MAGIC		0x4e43
#define NC1_REV			0x10

enum nc1_block_id {
	NC1_BLOCK_FE_PLAYBACK	= 1,
	NC1_BLOCK_FE_CAPTURE	= 2,
	NC1_BLOCK_XBAR		= 3,
	NC1_BLOCK_I2S		= 4,
	NC1_BLOCK_PDM		= 5,
};

/* Front ends and ports */
#define NC1_CTRL		0x04
#define  NC1_CTRL_TXEN		BIT(0)
#define  NC1_CTRL_RXEN		BIT(1)
#define NC1_FMT			0x08
#define  NC1_FMT_CHANNELS	GENMASK(3, 0)
#define  NC1_FMT_WIDTH		GENMASK(5, 4)
#define  NC1_FMT_WIDTH_16	0
#define  NC1_FMT_WIDTH_24	1
#define  NC1_FMT_WIDTH_32	2
#define NC1_RATE		0x0c
#define  NC1_RATE_DIV		GENMASK(15, 0)
#define  NC1_RATE_SRC_44K	BIT(16)
#define NC1_STAT		0x10
#define  NC1_STAT_BUSY		BIT(0)
#define  NC1_STAT_UNDERRUN	BIT(1)
#define  NC1_STAT_OVERRUN	BIT(2)
#define  NC1_STAT_RATE		BIT(3)
#define NC1_CLK			0x14
#define  NC1_CLK_PROTO		GENMASK(1, 0)
#define  NC1_CLK_PROTO_I2S	0
#define  NC1_CLK_PROTO_LEFT_J	1
#define  NC1_CLK_PROTO_DSP_A	2
#define  NC1_CLK_CONSUMER	BIT(2)
#define  NC1_CLK_INV		BIT(3)
#define NC1_RXFMT		0x18
#define NC1_FIFO		0x20
#define NC1_GAIN		0x28
#define NC1_RXGAIN		0x2c
#define  NC1_GAIN_ATT		GENMASK(6, 0)
#define  NC1_GAIN_MUTE		BIT(31)

/* Crossbar */
#define NC1_XBAR_OUT(port)	(0x10 + 4 * (port))
#define NC1_XBAR_IN(fe)		(0x20 + 4 * ((fe) - 4))

#define NC1_MAX_REGISTER	0x2c
#define NC1_WINDOW_SIZE		0x100

/* The windows of all blocks, and the place of each. No device is outside of them. */
#define NC1_WINDOWS		0x5f000000
#define NC1_WINDOWS_SIZE	0x4100
#define NC1_WINDOW_FE(n)	(0x0000 + 0x100 * (n))
#define NC1_WINDOW_XBAR		0x1000
#define NC1_WINDOW_I2S(n)	(0x2000 + 0x1000 * (n))
#define NC1_WINDOW_PDM0		0x4000

#define NC1_MCLK48K_HZ		24576000
#define NC1_MCLK44K_HZ		22579200
#define NC1_MAX_CHANNELS	8

#endif
