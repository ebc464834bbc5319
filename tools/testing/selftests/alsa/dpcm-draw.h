/* SPDX-License-Identifier: GPL-2.0 */
/* Random operations, and which failure reaches which of them. */
#ifndef DPCM_DRAW_H
#define DPCM_DRAW_H

#include "dpcm-model.h"

/* Does an armed failure reach the operation? */
enum hit {
	HIT_NO,		/* no, or the model cannot predict the result: do not arm */
	HIT_MAYBE,	/* the core may or may not make the call that fails */
	HIT_SURE,
};

enum hit draw_hit(const struct model *m, const struct op *e, const struct op *op);

/* The same seed gives the same operations, as long as the model is the same. */
void draw_seed(uint64_t seed);
unsigned int draw_random(unsigned int n);
void draw_op(const struct model *m, struct op *op);
bool draw_failure(const struct model *m, struct op *e, const struct op *op);

#endif
