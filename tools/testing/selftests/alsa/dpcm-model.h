/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The expected state of a DPCM card after any sequence of operations.
 *
 * The model has two sets of rules, and is independent of the kernel's code. First
 * the rules of the ALSA core: in which state of a stream an operation is allowed,
 * what linked streams do together, which trigger a stream gets and which it
 * does not get (a paused stream is released before it is dropped; a suspended
 * one gets no stop). Second the rules of DPCM:
 *
 *   - An open FE is linked to each BE to which its switch is on, and a link follows
 *     the triggers of its FE. A switch can always be set; if the link cannot be
 *     made the next change of a switch of the FE tries again.
 *   - A BE runs while any of its links is started, else it is suspended while one is
 *     suspended, else paused while one is paused, else stopped.
 *   - A BE has the parameters of one of its FEs, and those of all that are prepared or
 *     further; other parameters give an error then. An FE that is dropped before it
 *     was started, or while it is suspended, counts: its driver gets no call.
 *   - A BE that was suspended and is stopped, or has lost its power, is prepared
 *     before it starts.
 *   - SUSPEND and STOP are not undone if an FE or a BE returns an error.
 *
 * If the kernel has a choice (which of two FEs that only have parameters decides,
 * whether a silent BE is prepared for another FE) the model allows all of it, until
 * the card shows which it was.
 *
 * It is a pure function of the operations: dpcm-fuzz.c does the same to the
 * card and compares. dpcm-model.c has the core's part, dpcm-links.c that of DPCM.
 */
#ifndef DPCM_MODEL_H
#define DPCM_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "dpcm-ops.h"

#define MODEL_PLAYBACKS	4	/* FE 0 to 3 play */
#define MODEL_FES	6	/* FE 4 and 5 record */
#define MODEL_BES	3

/*
 * States of a stream, as in the ALSA core. UNREADY is PREPARED for the core, but the
 * last prepare has failed: it cannot be started.
 */
enum fe_state { CLOSED, OPEN, SETUP, PREPARED, UNREADY, RUNNING, PAUSED, SUSPENDED, XRUN };

/* What an operation must do; UNSURE: the kernel has a choice */
enum verdict { SUCCEEDS, UNSURE, FAILS };

struct model_fe {
	enum fe_state state;
	enum fe_state before;	/* the state that a resume gives back */
	enum dpcm_run dma;
	bool loose;		/* its stop failed: its DMA may go on */
	bool ready;		/* it was prepared, and not stopped since */
	unsigned int group;	/* 0: not linked */
	unsigned int place;	/* groups are walked from the highest place down */
	unsigned int params;	/* its parameter set, counted from 1; 0: none */
	unsigned int limits;	/* symmetric parameters that it found at its open */
	bool on[MODEL_BES];	/* the switch */
	bool link[MODEL_BES];
	enum dpcm_run go[MODEL_BES];	/* the state that the FE requests of this BE */
};

struct model_be {
	unsigned char may;	/* states that it may have, a bit for each */
	unsigned char was;	/* states before the operation */
	bool stuck;		/* its stop or suspend failed */
	enum verdict starts;	/* or has it to be prepared first? */
	bool vague;		/* its parameters are unknown */
	bool excused;		/* its prepare after a sleep failed */
	unsigned int params;	/* the set that was seen, counted from 1; 0: none */
};

struct model {
	struct model_fe fe[MODEL_FES];
	struct model_be be[2][MODEL_BES];
	unsigned int stored[MODEL_BES];	/* symmetric parameters that a DAI may keep */
	unsigned int groups;	/* numbers given so far */
	bool sym;		/* DAIs of BEs are symmetric */
	bool nores;		/* FEs cannot resume */
	bool prepares;		/* the operation may prepare a BE */
	bool sleeps;		/* and even one that is paused */
};

#define MAY(run) (1u << (run))
#define MODEL_END(m)	((m)->fe + MODEL_FES)

/* A card that is quiet; @card are its parameters. */
void model_reset(struct model *m, const char *card);
/* Can @op be done, and can the model follow whatever comes of it? */
bool model_possible(const struct model *m, const struct op *op);
/*
 * Does it, with the result @ret that it had; false if it must not have had that. @e is
 * a failure that has happened, or NULL.
 */
bool model_apply(struct model *m, const struct op *op, const struct op *e, int ret);
/* Compare the card with the model; @why gets the first difference. */
bool model_check(struct model *m, const struct dpcm_state *seen, char *why, size_t len);

int model_members(struct model *m, const struct model_fe *f, struct model_fe **list);
bool model_all_in(struct model *m, const struct model_fe *f, enum fe_state state);

/* dpcm-links.c */
enum dpcm_dir model_dir_of(const struct model *m, const struct model_fe *f);
/* Check whether a link of the BE requests @go; links of the group of @not do not count. */
bool model_any_link(const struct model *m, enum dpcm_dir dir, int b,
		    enum dpcm_run go, const struct model_fe *not);
bool model_be_open(const struct model *m, enum dpcm_dir dir, int b);
bool model_be_runs(const struct model *m, enum dpcm_dir dir, int b);
bool model_has_link(const struct model_fe *f);
/* Do the BEs of the FE start, or has one of them to be prepared first? */
enum verdict model_links_start(const struct model *m, const struct model_fe *f);
/* Can the BE, or all BEs of the FE, get the parameters? */
enum verdict model_suits(const struct model *m, const struct model_fe *f, int b,
			 unsigned int params);
enum verdict model_suits_all(const struct model *m, const struct model_fe *f,
			     unsigned int params);
void model_takes(struct model *m, const struct model_fe *f, int b);
void model_update_bes(struct model *m);
void model_trigger(struct model *m, struct model_fe *f, enum dpcm_run cmd);
/* BEs of the FE may have been started, and brought back. */
void model_undone(struct model *m, const struct model_fe *f);
/* It no longer requests anything of its BEs. */
void model_settle(struct model *m, struct model_fe *f);
/* Links that are missing; for one that suits, or not */
bool model_join_missing(struct model *m, struct model_fe *f, int refused);
enum verdict model_joins(const struct model *m, const struct model_fe *f);
bool model_check_be(struct model *m, enum dpcm_dir dir, int b,
		    const struct dpcm_state *seen, char *why, size_t len);

#endif
