/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DPCM: the cells that dpcm-cost and dpcm-footprint measure.
 *
 * A cell is FEs x BEs: a number of FEs, each switched to each of a number of BEs.
 * FE 0 is measured while the others run, or while they are only prepared. The sound is
 * checked as well: each BE must play while FE 0 runs, and at no other time.
 */
#ifndef DPCM_CELLS_H
#define DPCM_CELLS_H

#include "dpcm-card.h"

#define CELL_FES	32
#define CELL_PERIOD	240	/* frames; set by dpcm_hw_params() */

enum cell_operation {
	CELL_START, CELL_STOP, CELL_PAUSE, CELL_RELEASE, CELL_ELAPSED, CELL_ROUTE_OFF,
	CELL_ROUTE_ON, CELL_OPERATIONS,
};

extern const char * const cell_operation[CELL_OPERATIONS];

struct cell {
	const char *name;
	int fes, bes;
	bool others_run;
};

/* Text before each operation, and after it */
struct cell_ruler {
	void (*begin)(void);
	void (*end)(enum cell_operation operation);
};

/* Load the card as needed, or end the program: the size of the card costs as well. */
void cell_load(int fes, int bes);
/* Prepare all FEs of a cell; then start those that must run. */
int cell_set_up(const struct cell *c);
int cell_start_others(const struct cell *c);
void cell_tear_down(void);
/*
 * Every operation once. A failed one ends it, since all that follows would be the
 * number of something else.
 */
int cell_round(const struct cell *c, const struct cell_ruler *ruler);

#endif
