/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explicit sync of memory that goes away: in another thread, or by munmap().
 */
#ifndef NONCOHERENT_FREED_H
#define NONCOHERENT_FREED_H

#include <stdbool.h>

#include "noncoherent-raw.h"

/*
 * Threads that request pointers, and one that sets new parameters of the stream and
 * frees them, on the same PCM for some seconds.
 */
struct race {
	struct raw_pcm pcm;
	struct raw_pcm *linked;		/* to this one now and then, or NULL */
	bool grouped;			/* another one starts and stops it as well */
	bool stop;
	unsigned long asked, moved;	/* calls, and those that succeeded */
	unsigned long params, busy;
	int err;			/* the error of hw_params */
};

/* @n PCMs that are open and have no parameters yet */
bool race_run(struct race *races, int n, unsigned int seconds);

bool freed_by_another(void);
bool freed_by_munmap(void);

#endif
