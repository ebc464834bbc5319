/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of dpcm-fuzz: how they are written, and how they are drawn.
 *
 *   +fb -fb   switch of FE f to BE b on, off
 *   Of Hf Ff Pf Sf Uf Rf Df Xf Cf   FE f: open, hw_params, hw_free, prepare,
 *             start, pause, release, drop, xrun, close (Hfa, Hfb, Hfc: other
 *             rates); FEs 4 and 5 record
 *   Z Wf      suspend all, resume FE f
 *   Lfg Nf    link FE g to FE f, unlink FE f
 *   Ewb       in the next operation, BE b fails once: w is 0 startup,
 *             1 hw_params, 2 prepare, 3 trigger (cEwb: its capture side);
 *             E4f: FE f fails its own trigger
 */
#ifndef DPCM_OPS_H
#define DPCM_OPS_H

#include "dpcm-model.h"

#define OPS_MAX		4096	/* of one sequence */

/* Does an armed failure reach the operation? */
enum hit {
	HIT_NO,		/* no, or the model cannot tell what follows: do not arm */
	HIT_MAYBE,	/* the core may or may not make the call that fails */
	HIT_SURE,
};

enum hit ops_hit(const struct model *m, const struct op *e, const struct op *op);

int ops_print_one(char *to, size_t len, const struct op *op);
void ops_print(const struct op *ops, int n);
int ops_parse(const char *text, struct op *ops);

/* The same seed gives the same operations, as long as the model is the same. */
void ops_seed(uint64_t seed);
unsigned int ops_random(unsigned int n);
void ops_draw(const struct model *m, struct op *op);
bool ops_draw_failure(const struct model *m, struct op *e, const struct op *op);

#endif
