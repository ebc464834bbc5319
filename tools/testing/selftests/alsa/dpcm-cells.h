/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DPCM: what is measured, by dpcm-cost and dpcm-footprint.
 *
 * A cell is FEs x BEs: each of so many FEs is switched to each of so many BEs.
 * FE 0 is measured while the others run, or while they only stand prepared. What is
 * measured is checked as well: each BE must be heard when FE 0 runs, and not else.
 */
#ifndef DPCM_CELLS_H
#define DPCM_CELLS_H

#include "dpcm-card.h"

#define CELL_FES	32
#define CELL_PERIOD	240	/* frames; what dpcm_hw_params() sets */

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

/* What stands before each operation, and what after it */
struct cell_ruler {
	void (*begin)(void);
	void (*end)(enum cell_operation operation);
};

/* The card as it has to be, or the end of the program: what it holds costs as well. */
void cell_load(int fes, int bes);
/* All of a cell's FEs, prepared; then those that have to run. */
int cell_set_up(const struct cell *c);
int cell_start_others(const struct cell *c);
void cell_tear_down(void);
/*
 * Every operation once. A failed one ends it, since all that follows would be the
 * number of something else.
 */
int cell_round(const struct cell *c, const struct cell_ruler *ruler);

#endif
