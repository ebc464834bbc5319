/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cost of explicit sync: bytes of cache maintenance for a byte of audio, in the
 * ways in which applications move audio.
 */
#ifndef NONCOHERENT_UPKEEP_H
#define NONCOHERENT_UPKEEP_H

#include "noncoherent-scene.h"

enum upkeep_how {
	UPKEEP_WRITE,
	UPKEEP_MMAP,		/* commits each piece */
	UPKEEP_MMAP_FOREVER,	/* the same, and never stops for want of data */
	UPKEEP_DMIX,		/* writes ahead of hw_ptr and never commits */
	UPKEEP_READ,
	UPKEEP_MMAP_READ,	/* calls HWSYNC, then reads and commits */
};

struct upkeep {
	enum upkeep_how how;
	unsigned int piece;		/* frames of a write or read */
	unsigned int period, buffer;	/* frames */
	unsigned int prealloc;		/* KiB */
	/* Measured values */
	size_t audio;			/* bytes */
	unsigned long long lines;	/* of cache */
	unsigned long long calls;
	unsigned long long ranges;	/* contiguous ones that changed hands */
	unsigned long long longest;	/* bytes with interrupts off */
};

extern const char * const upkeep_name[];

/* False if it could not be measured, or is not heard as it was played. */
bool upkeep_measure(struct upkeep *u);

#endif
