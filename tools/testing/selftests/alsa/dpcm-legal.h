/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random sequences that are legal and that avoid the defects of the stock core.
 *
 * Legal: ALSA allows each operation in the state in which its stream is, and no
 * call has a reason to fail. The defects of the stock core are the rows D1 to D22
 * (Documentation/sound/soc/vendor-nc/dpcm-testing.rst): for each of them that can be
 * reached without a fault and without two calls at the same time there is a rule
 * that leaves an operation out.
 *
 * Sequences depend on a seed only, not on the card: the same seed gives the same
 * sequence on every kernel.
 */
#ifndef DPCM_LEGAL_H
#define DPCM_LEGAL_H

#include "dpcm-draw.h"

#define LEGAL_CARD	"fe=4 capture=2 be=3 compress=0"

struct legal_fe {
	enum fe_state state;
	enum fe_state before;	/* the state that a resume gives back */
	bool freed;		/* by hw_free, since open */
	unsigned int params;	/* index; only if it has any */
	bool on[MODEL_BES];
};

struct legal {
	struct legal_fe fe[MODEL_FES];
	/* Parameters of each BE on the stock core, which keeps them while the BE is open */
	unsigned char be[2][MODEL_BES];	/* index of the parameters and 1, or 0 */
	unsigned char fes[MODEL_FES];	/* those that the sequence uses */
	unsigned int n, bes;		/* how many FEs and BEs */
};

/* A rule that keeps operations out, and how often it did */
struct legal_rule {
	const char *row;	/* D1 and so on */
	const char *what;
	bool (*hit)(const struct legal *l, const struct op *op);
	unsigned long kept_out;
};

extern struct legal_rule legal_rules[];	/* up to one without a row */

bool legal_possible(const struct legal *l, const struct op *op);
const struct legal_rule *legal_kept_out(const struct legal *l, const struct op *op);
void legal_apply(struct legal *l, const struct op *op);
/* Begins a sequence: some of the FEs and BEs only, so that they meet more often */
void legal_begin(struct legal *l, uint64_t seed);
/* Its next operation */
void legal_draw(const struct legal *l, struct op *op);
/* One that leads back to a closed card; false when it is closed */
bool legal_finish(const struct legal *l, struct op *op);

#endif
