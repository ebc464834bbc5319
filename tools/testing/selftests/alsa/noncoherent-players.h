/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that play or record through a map, as far as explicit sync is concerned: how
 * they start, how they read the position, how far ahead they store, which frames they
 * commit.
 */
#ifndef NONCOHERENT_PLAYERS_H
#define NONCOHERENT_PLAYERS_H

#include "noncoherent-scene.h"

/* As stop_threshold: one less than the boundary, which is known only then */
#define BELOW_BOUNDARY	0

struct player {
	unsigned int period, buffer;	/* frames */
	bool unwoken;			/* without period wakeups */
	unsigned long stop;		/* stop_threshold */
	bool silenced;			/* the ring is silenced as it is played */
	unsigned int first;		/* frames that are stored and committed before START */
	bool prepares_again;		/* PREPARE and SYNC_PTR just before START */
	unsigned int step;		/* frames that are played between two stores */
	unsigned int piece;		/* in which the position moves; 0: an eighth of a period */
	unsigned int ahead;		/* frames ahead of hw_ptr up to which it stores */
	bool commits;			/* frames that it has stored */
	bool pauses;			/* and stores the next frames again */
	int (*ask)(struct raw_pcm *p);	/* for the position */
	unsigned int percent;		/* upkeep that it may cost */
};

struct recorder {
	unsigned int period, buffer;
	unsigned int step;		/* frames that are recorded between two questions */
	int (*ask)(struct raw_pcm *p);
	unsigned int chunk;		/* frames that it reads at once; 0: all there are */
	bool reads;			/* by read() instead of through the map */
	bool stores;			/* over frames that it has read */
	bool commits;			/* frames that it has read */
	bool fills;			/* the ring, before START */
	bool pauses;			/* before it reads the position, and goes on at once */
	unsigned int evict;
	unsigned int percent;
};

bool plays(const struct player *how);
bool plays_rewound(const struct player *how,
		   int (*rewind)(struct raw_pcm *p, unsigned long frames));
bool records(const struct recorder *how);
/* Other ways to record */
bool records_again(const struct recorder *how);
bool polls(const struct recorder *how);

#endif
