// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: volume and mute of a port.
 *
 * A transmitter attenuates samples from the crossbar, a receiver samples from the pins,
 * at the port's own width: a sample of 16, 24 or 32 bits, times a number of 65536ths,
 * rounded to the nearest, the middle upwards. The hardware has these numbers in a ROM,
 * one for each half decibel; this file has the same table, which was computed by
 *
 *	python3 -c 'print(*(round(2**16 * 10**(-a/40)) for a in range(128)))'
 */
#include <linux/bitfield.h>

#include "nc1-sim.h"

static const u32 nc1_gain_rom[NC1_GAIN_ATT + 1] = {
	65536, 61870, 58409, 55142, 52057, 49145, 46396, 43801,
	41350, 39037, 36854, 34792, 32846, 31008, 29274, 27636,
	26090, 24631, 23253, 21952, 20724, 19565, 18471, 17437,
	16462, 15541, 14672, 13851, 13076, 12345, 11654, 11002,
	10387, 9806, 9257, 8739, 8250, 7789, 7353, 6942,
	6554, 6187, 5841, 5514, 5206, 4915, 4640, 4380,
	4135, 3904, 3685, 3479, 3285, 3101, 2927, 2764,
	2609, 2463, 2325, 2195, 2072, 1957, 1847, 1744,
	1646, 1554, 1467, 1385, 1308, 1234, 1165, 1100,
	1039, 981, 926, 874, 825, 779, 735, 694,
	655, 619, 584, 551, 521, 491, 464, 438,
	414, 390, 369, 348, 328, 310, 293, 276,
	261, 246, 233, 220, 207, 196, 185, 174,
	165, 155, 147, 139, 131, 123, 117, 110,
	104, 98, 93, 87, 83, 78, 74, 69,
	66, 62, 58, 55, 52, 49, 46, 44,
};

static s32 nc1_gain_sample(s32 sample, u32 factor, unsigned int unused_bits)
{
	s64 product = (s64)(sample >> unused_bits) * factor;

	return (u32)((product + 0x8000) >> 16) << unused_bits;
}

/**
 * nc1_sim_gain() - apply GAIN or RXGAIN to frames
 * @frames: of a port, in place
 * @count: number of frames
 * @fmt: the format of the port's direction
 * @gain: the register
 */
void nc1_sim_gain(struct nc1_frame *frames, unsigned int count,
		  const struct nc1_format *fmt, u32 gain)
{
	unsigned int i, c;
	u32 factor = 0;

	if (!gain)
		return;
	if (!(gain & NC1_GAIN_MUTE))
		factor = nc1_gain_rom[FIELD_GET(NC1_GAIN_ATT, gain)];
	for (i = 0; i < count; i++)
		for (c = 0; c < fmt->channels; c++)
			frames[i].ch[c] = nc1_gain_sample(frames[i].ch[c], factor,
							  32 - fmt->width);
}
