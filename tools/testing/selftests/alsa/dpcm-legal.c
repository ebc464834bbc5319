// SPDX-License-Identifier: GPL-2.0
/*
 * Which operations are legal, which rule keeps one out, and how one is drawn; see
 * dpcm-legal.h.
 */
#include <string.h>

#include "dpcm-legal.h"

static enum dpcm_dir dir_of(int fe)
{
	return fe < MODEL_PLAYBACKS ? DPCM_PLAY : DPCM_CAPT;
}

static bool has_params(const struct legal_fe *f)
{
	return f->state != CLOSED && f->state != OPEN;
}

static bool routed(const struct legal_fe *f)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (f->on[b])
			return true;
	return false;
}

/* Does FE @other, which is open, have BE @b in common with FE @fe? */
static bool shares(const struct legal *l, int fe, int other, int b)
{
	return other != fe && dir_of(other) == dir_of(fe) &&
	       l->fe[other].state != CLOSED && l->fe[other].on[b];
}

/* The same for any of the BEs to which @fe has a route */
static bool shares_any(const struct legal *l, int fe, int other)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (l->fe[fe].on[b] && shares(l, fe, other, b))
			return true;
	return false;
}

static bool switches(const struct op *op)
{
	return op->kind == '+' || op->kind == '-';
}

/*
 * Defects of the stock core
 */

static bool idle_leaves(const struct legal *l, const struct op *op)
{
	const struct legal_fe *f = l->fe + op->fe;
	int i;

	if (op->kind != '-' || f->state == CLOSED || f->state == RUNNING)
		return false;
	for (i = 0; i < MODEL_FES; i++)
		if (shares(l, op->fe, i, op->arg) &&
		    (l->fe[i].state == RUNNING || l->fe[i].state == PAUSED))
			return true;
	return false;
}

static bool freed_joins(const struct legal *l, const struct op *op)
{
	return op->kind == '+' && l->fe[op->fe].state == OPEN && l->fe[op->fe].freed;
}

static bool paused_joins(const struct legal *l, const struct op *op)
{
	return op->kind == '+' && l->fe[op->fe].state == PAUSED;
}

static bool paused_leaves(const struct legal *l, const struct op *op)
{
	return op->kind == '-' && l->fe[op->fe].state == PAUSED;
}

static bool suspended_pair(const struct legal *l, const struct op *op)
{
	int i, k;

	if (op->kind != 'Z')
		return false;
	for (i = 0; i < MODEL_FES; i++)
		for (k = 0; k < MODEL_FES; k++)
			if (l->fe[i].state == RUNNING && l->fe[k].state != CLOSED &&
			    shares_any(l, i, k))
				return true;
	return false;
}

static bool suspended_switches(const struct legal *l, const struct op *op)
{
	return switches(op) && l->fe[op->fe].state == SUSPENDED;
}

static bool suspended_prepares(const struct legal *l, const struct op *op)
{
	bool joins = op->kind == '+' && l->fe[op->fe].state != CLOSED;
	int i;

	if (!joins && op->kind != 'P')
		return false;
	for (i = 0; i < MODEL_FES; i++)
		if (l->fe[i].state == SUSPENDED &&
		    (joins ? shares(l, op->fe, i, op->arg) : shares_any(l, op->fe, i)))
			return true;
	return false;
}

static bool suspended_pause(const struct legal *l, const struct op *op)
{
	int i;

	if (op->kind != 'Z')
		return false;
	for (i = 0; i < MODEL_FES; i++)
		if (l->fe[i].state == PAUSED)
			return true;
	return false;
}

static bool other_params(const struct legal *l, const struct op *op)
{
	const struct legal_fe *f = l->fe + op->fe;
	const unsigned char *be = l->be[dir_of(op->fe)];
	bool joins = op->kind == '+' && has_params(f);
	unsigned int params = joins ? f->params : op->arg;
	int b;

	if (!joins && op->kind != 'H')
		return false;
	for (b = 0; b < MODEL_BES; b++)
		if (be[b] && be[b] != params + 1 && (joins ? b == op->arg : f->on[b]))
			return true;
	return false;
}

struct legal_rule legal_rules[] = {
	{ "D1", "an FE that does not run leaves a BE where another one does", idle_leaves, 0 },
	{ "D6", "an FE after hw_free joins a BE", freed_joins, 0 },
	{ "D7", "a paused FE joins a BE", paused_joins, 0 },
	{ "D8", "a paused FE leaves a BE", paused_leaves, 0 },
	{ "D9", "suspend while two FEs share a BE", suspended_pair, 0 },
	{ "D9", "a route of a suspended FE changes", suspended_switches, 0 },
	{ "D9", "the BE of a suspended FE is prepared for another one", suspended_prepares, 0 },
	{ "D15", "suspend while an FE is paused", suspended_pause, 0 },
	{ "D16", "a BE gets other parameters while it is open", other_params, 0 },
	{ NULL, NULL, NULL, 0 },
};

const struct legal_rule *legal_kept_out(const struct legal *l, const struct op *op)
{
	struct legal_rule *rule;

	for (rule = legal_rules; rule->row; rule++) {
		if (rule->hit(l, op)) {
			rule->kept_out++;
			return rule;
		}
	}
	return NULL;
}

/*
 * Operations that ALSA allows
 */

bool legal_possible(const struct legal *l, const struct op *op)
{
	const struct legal_fe *f = l->fe + op->fe;

	switch (op->kind) {
	case '+':
		return !f->on[op->arg];
	case '-':
		return f->on[op->arg];
	case 'O':
		return f->state == CLOSED && (routed(f) || !dpcm_open_needs_be);
	case 'H':
		return f->state == OPEN || f->state == SETUP || f->state == PREPARED;
	case 'F':
		return f->state == SETUP || f->state == PREPARED;
	case 'P':
		/* An FE without a BE cannot be opened, or cannot be prepared. */
		return has_params(f) && f->state != RUNNING &&
		       (routed(f) || dpcm_open_needs_be);
	case 'S':
		return f->state == PREPARED;
	case 'U':
	case 'X':
		return f->state == RUNNING;
	case 'V':
		return f->state == RUNNING && dir_of(op->fe) == DPCM_PLAY;
	case 'R':
		return f->state == PAUSED;
	case 'D':
		return has_params(f);
	case 'W':
		return f->state == SUSPENDED;
	case 'C':
		return f->state != CLOSED;
	case 'Z':
		return true;
	}
	return false;
}

static void suspend(struct legal *l)
{
	struct legal_fe *f;

	for (f = l->fe; f < l->fe + MODEL_FES; f++) {
		if (!has_params(f) || f->state == SETUP || f->state == SUSPENDED)
			continue;
		f->before = f->state;
		f->state = SUSPENDED;
	}
}

static void apply_to_be(struct legal *l, enum dpcm_dir dir, int b)
{
	bool open = false;
	int i;

	for (i = 0; i < MODEL_FES; i++) {
		if (dir_of(i) != dir || l->fe[i].state == CLOSED || !l->fe[i].on[b])
			continue;
		open = true;
		if (has_params(l->fe + i))
			l->be[dir][b] = l->fe[i].params + 1;
	}
	if (!open)
		l->be[dir][b] = 0;
}

static void apply_to_fe(struct legal *l, const struct op *op)
{
	struct legal_fe *f = l->fe + op->fe;

	switch (op->kind) {
	case '+':
	case '-':
		f->on[op->arg] = op->kind == '+';
		break;
	case 'O':
		f->state = OPEN;
		f->freed = false;
		break;
	case 'H':
		f->state = SETUP;
		f->params = op->arg;
		break;
	case 'F':
		f->state = OPEN;
		f->freed = true;
		break;
	case 'P':
		f->state = PREPARED;
		break;
	case 'S':
	case 'R':
		f->state = RUNNING;
		break;
	case 'U':
		f->state = PAUSED;
		break;
	case 'D':
	case 'V':
		f->state = SETUP;
		break;
	case 'X':
		f->state = XRUN;
		break;
	case 'W':
		f->state = f->before;
		break;
	case 'C':
		f->state = CLOSED;
		break;
	case 'Z':
		suspend(l);
		break;
	}
}

void legal_apply(struct legal *l, const struct op *op)
{
	int b;

	apply_to_fe(l, op);
	for (b = 0; b < MODEL_BES; b++) {
		apply_to_be(l, DPCM_PLAY, b);
		apply_to_be(l, DPCM_CAPT, b);
	}
}

/*
 * Drawing
 */

static const char * const likely[] = {
	[CLOSED] = "O",
	[OPEN] = "HHHHHHHHHC",
	[SETUP] = "PPPPPPPPHFDC",
	[PREPARED] = "SSSSSSSSSSPHFDC",
	[UNREADY] = "",
	[RUNNING] = "UUUUDDVXC",
	[PAUSED] = "RRRRRRDCP",
	[SUSPENDED] = "WWWWWDCP",
	[XRUN] = "PPPPPDC",
};

static void draw(const struct legal *l, struct op *op)
{
	unsigned int dice = draw_random(100);
	const char *letters;

	memset(op, 0, sizeof(*op));
	op->fe = l->fes[draw_random(l->n)];
	if (dice < 20) {
		op->arg = draw_random(l->bes);
		op->kind = l->fe[op->fe].on[op->arg] ? '-' : '+';
	} else if (dice < 23) {
		op->kind = 'Z';
		op->fe = 0;
	} else {
		letters = likely[l->fe[op->fe].state];
		op->kind = letters[draw_random(strlen(letters))];
		if (op->kind == 'H' && draw_random(4) == 0)
			op->arg = draw_random(OPS_PARAMS);
	}
}

/* Playback FEs, capture FEs or any */
void legal_begin(struct legal *l, uint64_t seed)
{
	unsigned int first, all, i, k;

	memset(l, 0, sizeof(*l));
	draw_seed(seed);
	first = draw_random(4) ? 0 : MODEL_PLAYBACKS;
	all = draw_random(4) ? MODEL_PLAYBACKS : MODEL_FES;
	if (first)
		all = MODEL_FES;
	l->bes = 1 + draw_random(MODEL_BES);
	l->n = 1 + draw_random(all - first > 3 ? 3 : all - first);
	for (i = 0; i < l->n;) {
		l->fes[i] = first + draw_random(all - first);
		for (k = 0; k < i && l->fes[k] != l->fes[i]; k++)
			;
		i += k == i;
	}
}

void legal_draw(const struct legal *l, struct op *op)
{
	do
		draw(l, op);
	while (!legal_possible(l, op) || legal_kept_out(l, op));
}

bool legal_finish(const struct legal *l, struct op *op)
{
	memset(op, 0, sizeof(*op));
	op->kind = 'C';
	for (op->fe = 0; op->fe < MODEL_FES; op->fe++)
		if (legal_possible(l, op))
			return true;
	op->kind = '-';
	for (op->fe = 0; op->fe < MODEL_FES; op->fe++)
		for (op->arg = 0; op->arg < MODEL_BES; op->arg++)
			if (legal_possible(l, op))
				return true;
	return false;
}
