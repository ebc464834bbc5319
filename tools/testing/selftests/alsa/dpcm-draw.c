// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations, and which failure can occur in which of them; see dpcm-draw.h.
 *
 * They are drawn from the model's state, so that most of them are possible:
 * each state of a stream has a string of letters, and the more often it has a
 * letter, the more often that is drawn. Failures are drawn until one can occur in
 * the operation, according to the model.
 */
#include <string.h>

#include "dpcm-draw.h"

static uint64_t random_state;

/*
 * Armed failures
 */

/* Are links missing, since their making failed? */
static bool missing(const struct model_fe *f)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (f->on[b] && !f->link[b])
			return true;
	return false;
}

/* Does a member of the group of @f have a link to the BE? */
static bool group_link(struct model *m, struct model_fe *f, enum dpcm_dir dir, int b)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list);

	while (n--)
		if (model_dir_of(m, list[n]) == dir && list[n]->link[b])
			return true;
	return false;
}

/*
 * Does a release start a BE that a member of the group has joined while it was
 * paused? When the release of another member fails, the core takes this one back
 * by a pause, and then the BE is paused where it was stopped: no trace that could
 * be heard, but one that the model does not follow.
 */
static bool release_starts(struct model *m, struct model_fe *f)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), b;

	if (n == 1)
		return false;
	while (n--)
		for (b = 0; b < MODEL_BES; b++)
			if (list[n]->link[b] && list[n]->go[b] != DPCM_PAUSE)
				return true;
	return false;
}

static bool group_lost(struct model *m, struct model_fe *f)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list);

	while (n--)
		if (model_links_start(m, list[n]) != SUCCEEDS)
			return true;
	return false;
}

static bool has_kind(const struct op *op, const char *kinds)
{
	return strchr(kinds, op->kind);
}

/* Check whether the FE, or its group, can start its BEs. */
static bool starts(struct model *m, struct model_fe *f, const struct op *op)
{
	switch (op->kind) {
	case 'S':
		return model_all_in(m, f, PREPARED) && !group_lost(m, f);
	case 'R':
		return model_all_in(m, f, PAUSED) && !release_starts(m, f) &&
		       !group_lost(m, f);
	case 'W':
		/* The core undoes no resume: a group would be left half resumed. */
		return !m->nores && !f->group && f->state == SUSPENDED &&
		       f->before == RUNNING && !group_lost(m, f);
	}
	return false;
}

/* hw_params or prepare get beyond the core; not in a group, where others follow. */
static bool configures(const struct model_fe *f, const struct op *op)
{
	if (op->kind == 'H')
		return f->state == OPEN || f->state == SETUP || f->state == PREPARED ||
		       f->state == UNREADY;
	return op->kind == 'P' && !f->group && f->state != OPEN && f->state != RUNNING;
}

static enum hit hits_fe(struct model *m, struct model_fe *f, struct model_fe *failing,
			const struct op *e, const struct op *op)
{
	bool mine = f == failing || (f->group && f->group == failing->group);

	switch (e->arg) {
	case STEP_OPEN:
		return f == failing && op->kind == 'O' && !m->sym ? HIT_SURE : HIT_NO;
	case STEP_HW_PARAMS:
		return f == failing && op->kind == 'H' && configures(f, op) ? HIT_MAYBE : HIT_NO;
	case STEP_PREPARE:
		return f == failing && op->kind == 'P' && configures(f, op) ? HIT_MAYBE : HIT_NO;
	case STEP_START:
		return mine && has_kind(op, "SR") && starts(m, f, op) ? HIT_SURE : HIT_NO;
	case STEP_RESUME:
		return mine && op->kind == 'W' && starts(m, f, op) ? HIT_SURE : HIT_NO;
	case STEP_PAUSE:
		return mine && op->kind == 'U' && model_all_in(m, f, RUNNING) ? HIT_SURE : HIT_NO;
	case STEP_STOP:
		return mine && has_kind(op, "DXxCV") ? HIT_MAYBE : HIT_NO;
	case STEP_SUSPEND:
		return has_kind(op, "Zz") && failing->state == RUNNING ? HIT_MAYBE : HIT_NO;
	}
	return HIT_NO;
}

/* A command that starts the BE; it is the first that the operation causes there. */
static enum hit hits_start(struct model *m, struct model_fe *f, const struct op *e,
			   const struct op *op, bool joins)
{
	bool suspended = m->be[e->dir][e->fe].may == MAY(DPCM_SUSPEND);

	if (model_be_runs(m, e->dir, e->fe))
		return HIT_NO;
	/* A BE that is joined may be prepared first. */
	if (joins && f->state == RUNNING)
		return model_be_open(m, e->dir, e->fe) || e->arg == STEP_RESUME ?
		       HIT_MAYBE : HIT_SURE;
	if (e->arg != (suspended ? STEP_RESUME : STEP_START) ||
	    !group_link(m, f, e->dir, e->fe))
		return HIT_NO;
	return starts(m, f, op) ? HIT_SURE : HIT_NO;
}

static bool hits_pause(struct model *m, struct model_fe *f, const struct op *e,
		       const struct op *op)
{
	return op->kind == 'U' && model_all_in(m, f, RUNNING) &&
	       group_link(m, f, e->dir, e->fe) && model_be_runs(m, e->dir, e->fe) &&
	       !model_any_link(m, e->dir, e->fe, DPCM_RUN, f) &&
	       !model_any_link(m, e->dir, e->fe, DPCM_SUSPEND, f);
}

static enum hit hits_be(struct model *m, struct model_fe *f, const struct op *e,
			const struct op *op)
{
	bool same = model_dir_of(m, f) == e->dir, linked = same && f->link[e->fe];
	bool joins = op->kind == '+' && same && f->state != CLOSED && op->arg == e->fe &&
		     !f->on[e->fe] && !missing(f) &&
		     (!f->params || model_suits(m, f, e->fe, f->params) == SUCCEEDS);
	bool may = joins || (linked && configures(f, op));

	if (op->kind == '+' && !joins)
		return HIT_NO;
	switch (e->arg) {
	case STEP_OPEN:
		if (!joins && !(op->kind == 'O' && same && f->on[e->fe] && !m->sym))
			return HIT_NO;
		return model_be_open(m, e->dir, e->fe) ? HIT_NO : HIT_SURE;
	case STEP_HW_PARAMS:
	case STEP_FIXUP:
		return may ? HIT_MAYBE : HIT_NO;
	case STEP_PREPARE:
		/* For a BE that is suspended others may need the prepare as well. */
		may &= op->kind != 'H' && m->be[e->dir][e->fe].may != MAY(DPCM_SUSPEND);
		return may || op->kind == 'z' ? HIT_MAYBE : HIT_NO;
	case STEP_START:
	case STEP_RESUME:
		return hits_start(m, f, e, op, joins);
	case STEP_PAUSE:
		return hits_pause(m, f, e, op) ? HIT_SURE : HIT_NO;
	case STEP_STOP:
		/* A BE whose STOP fails twice is freed while it runs. */
		return has_kind(op, "DXxCVF-") && group_link(m, f, e->dir, e->fe) &&
		       !m->be[e->dir][e->fe].stuck ? HIT_MAYBE : HIT_NO;
	case STEP_SUSPEND:
		return has_kind(op, "Zz") && model_be_runs(m, e->dir, e->fe) ?
		       HIT_MAYBE : HIT_NO;
	}
	return HIT_NO;
}

/*
 * Check whether the failure that @e arms occurs in @op. If the model cannot predict the
 * result it returns no: such a failure is not armed.
 */
enum hit draw_hit(const struct model *model, const struct op *e, const struct op *op)
{
	struct model copy = *model, *m = &copy;
	struct model_fe *f = m->fe + op->fe;

	if (!model_possible(m, op))
		return HIT_NO;
	return e->kind == 'G' ? hits_fe(m, f, m->fe + e->fe, e, op) : hits_be(m, f, e, op);
}

/*
 * Random operations
 */

void draw_seed(uint64_t seed)
{
	random_state = seed;
}

/* splitmix64 */
unsigned int draw_random(unsigned int n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (uint32_t)(z ^ (z >> 31)) % n;
}

static const char * const likely[] = {
	[CLOSED] = "OOOOOOOX",
	[OPEN] = "HHHHHHHCPF",
	[SETUP] = "PPPPPPPPHHFCSD",
	[PREPARED] = "SSSSSSSSSSPHFDCXL",
	[UNREADY] = "SSSPPPPHFDCXL",
	[RUNNING] = "UUUUUUDDXXxVCCPHL",
	[PAUSED] = "RRRRRRUDDCCPPXxSL",
	[SUSPENDED] = "WWWWWWWWDCPSR",
	[XRUN] = "PPPPPDCHUSx",
};

/* Most FEs request the same; more of them if they must. */
static unsigned int draw_params(const struct model *m)
{
	return draw_random(m->sym ? 8 : 2) ? 0 : draw_random(OPS_PARAMS);
}

void draw_op(const struct model *m, struct op *op)
{
	unsigned int dice = draw_random(100);
	const char *letters;

	memset(op, 0, sizeof(*op));
	op->fe = draw_random(MODEL_FES);
	if (dice < 24) {
		op->arg = draw_random(MODEL_BES);
		op->kind = m->fe[op->fe].on[op->arg] ? '-' : '+';
	} else if (dice < 27) {
		op->kind = "Zz"[draw_random(2)];
		op->fe = 0;
	} else {
		letters = likely[m->fe[op->fe].state];
		if (m->fe[op->fe].group && dice < 33)
			letters = "N";
		op->kind = letters[draw_random(strlen(letters))];
		if (op->kind == 'L')
			op->arg = draw_random(MODEL_FES);
		if (op->kind == 'H')
			op->arg = draw_params(m);
	}
}

/* A failure that reaches @op, if a few tries find one */
bool draw_failure(const struct model *m, struct op *e, const struct op *op)
{
	int tries;

	for (tries = 0; tries < 12; tries++) {
		memset(e, 0, sizeof(*e));
		e->kind = "EEEEG"[draw_random(5)];
		e->arg = draw_random(STEPS);
		e->fe = draw_random(e->kind == 'E' ? MODEL_BES : MODEL_FES);
		if (e->kind == 'G' && op->kind != 'Z' && op->kind != 'z')
			e->fe = op->fe;
		if (e->kind == 'E' && op->kind != 'Z' && op->kind != 'z')
			e->dir = op->fe < MODEL_PLAYBACKS ? DPCM_PLAY : DPCM_CAPT;
		else if (e->kind == 'E')
			e->dir = draw_random(2);
		if (draw_hit(m, e, op) != HIT_NO)
			return true;
	}
	return false;
}

