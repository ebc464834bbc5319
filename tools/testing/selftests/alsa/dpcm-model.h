/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must be true of a DPCM card after any sequence of operations.
 *
 * The model knows two things and nothing of how the kernel does it. First the
 * rules of the ALSA core: in which state of a stream an operation is allowed,
 * what linked streams do together, which trigger a stream gets and which it
 * does not get (a paused stream is released before it is dropped; a suspended
 * one gets no stop). Second the rule of DPCM: an open FE is linked to each BE
 * to which its switch is on; a link follows the triggers of its FE; a BE runs
 * while any of its links is started, else it is paused while one is paused,
 * else suspended while one is suspended, else stopped. An FE that is ready to
 * play finds the BE with the rate at which it got it.
 *
 * A BE that is silent has some freedom: the ways from suspended to stopped and
 * from paused to suspended have no command, and a prepare ends a suspension. The
 * model keeps all that is allowed until the card shows which it was.
 *
 * It is a pure function of the operations: dpcm-fuzz.c does the same to the
 * card and compares.
 */
#ifndef DPCM_MODEL_H
#define DPCM_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "dpcm-card.h"

#define MODEL_PLAYBACKS	4	/* FE 0 to 3 play */
#define MODEL_FES	6	/* FE 4 and 5 record */
#define MODEL_BES	3
#define MODEL_RATES	4

extern const unsigned int model_rates[MODEL_RATES];

/*
 * States of a stream, as in the ALSA core. UNREADY is PREPARED for the core, but the
 * last prepare has failed: it cannot be started.
 */
enum fe_state { CLOSED, OPEN, SETUP, PREPARED, UNREADY, RUNNING, PAUSED, SUSPENDED, XRUN };

/* What an armed failure (operation E) hits */
enum fail { FAIL_STARTUP, FAIL_HW_PARAMS, FAIL_PREPARE, FAIL_TRIGGER, FAIL_FE_TRIGGER };

/*
 * One operation; kind is its letter in the notation: + - O H F P S U R D X C
 * Z W E L N. For E, fe is the BE (or the FE) and arg is an enum fail.
 */
struct op {
	char kind;
	unsigned char fe;
	unsigned char arg;	/* + -: BE, H: rate, L: the other FE, E: enum fail */
	unsigned char dir;	/* E: direction of the BE */
};

struct model_fe {
	enum fe_state state;
	enum fe_state before;	/* the state that a resume gives back */
	enum dpcm_run dma;
	unsigned int group;	/* 0: linked with nobody */
	unsigned int place;	/* groups are walked from the highest place down */
	unsigned int rate;	/* of its parameters, 0: none */
	bool on[MODEL_BES];	/* the switch */
	bool link[MODEL_BES];
	enum dpcm_run go[MODEL_BES];	/* what the FE has told this BE */
};

struct model {
	struct model_fe fe[MODEL_FES];
	unsigned char be[2][MODEL_BES];	/* what the BE may be doing, a bit for each */
	unsigned int rate[2][MODEL_BES];	/* that the BE must have, 0: any */
	unsigned int groups;	/* numbers given so far */
};

void model_reset(struct model *m);
bool model_possible(const struct model *m, const struct op *op);
bool model_apply(struct model *m, const struct op *op, bool fails);
bool model_check(struct model *m, const struct dpcm_state *seen, char *why, size_t len);

/* What dpcm-ops.c asks, to know which failure reaches which operation */
enum dpcm_dir model_dir_of(const struct model *m, const struct model_fe *f);
bool model_any_link(const struct model *m, enum dpcm_dir dir, int b,
		    enum dpcm_run go, const struct model_fe *not);
bool model_be_open(const struct model *m, enum dpcm_dir dir, int b);
bool model_be_runs(const struct model *m, enum dpcm_dir dir, int b);
int model_members(struct model *m, const struct model_fe *f, struct model_fe **list);
bool model_all_in(struct model *m, const struct model_fe *f, enum fe_state state);

#define MODEL_END(m)	((m)->fe + MODEL_FES)

#endif
