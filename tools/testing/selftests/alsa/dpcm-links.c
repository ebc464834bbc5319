// SPDX-License-Identifier: GPL-2.0
/*
 * The model's part of DPCM: the state of a BE that follows from its links, and the part
 * of it that the card shows; see dpcm-model.h.
 */
#include <stdio.h>
#include <string.h>

#include "dpcm-model.h"

static const char * const run_name[] = { "stop", "run", "pause", "suspend" };

enum dpcm_dir model_dir_of(const struct model *m, const struct model_fe *f)
{
	return f - m->fe < MODEL_PLAYBACKS ? DPCM_PLAY : DPCM_CAPT;
}

static bool is_linked(const struct model *m, const struct model_fe *f,
		      enum dpcm_dir dir, int b)
{
	return model_dir_of(m, f) == dir && f->link[b];
}

bool model_any_link(const struct model *m, enum dpcm_dir dir, int b,
		    enum dpcm_run go, const struct model_fe *not)
{
	const struct model_fe *f;

	for (f = m->fe; f < MODEL_END(m); f++)
		if (is_linked(m, f, dir, b) && f->go[b] == go &&
		    !(not && (f == not || (f->group && f->group == not->group))))
			return true;
	return false;
}

bool model_be_open(const struct model *m, enum dpcm_dir dir, int b)
{
	const struct model_fe *f;

	for (f = m->fe; f < MODEL_END(m); f++)
		if (is_linked(m, f, dir, b))
			return true;
	return false;
}

bool model_be_runs(const struct model *m, enum dpcm_dir dir, int b)
{
	return m->be[dir][b].may == MAY(DPCM_RUN);
}

bool model_has_link(const struct model_fe *f)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (f->link[b])
			return true;
	return false;
}

enum verdict model_links_start(const struct model *m, const struct model_fe *f)
{
	enum verdict all = SUCCEEDS, one;
	int b;

	for (b = 0; b < MODEL_BES; b++) {
		one = f->link[b] ? m->be[model_dir_of(m, f)][b].starts : SUCCEEDS;
		all = one > all ? one : all;
	}
	return all;
}

/*
 * State of a BE
 */

static enum dpcm_run be_wanted(const struct model *m, enum dpcm_dir dir, int b)
{
	static const enum dpcm_run order[] = { DPCM_RUN, DPCM_SUSPEND, DPCM_PAUSE };
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (model_any_link(m, dir, b, order[i], NULL))
			return order[i];
	return DPCM_STOP;
}

/* There is a command from RUN to all others and back, and from a pause to a stop. */
static enum dpcm_run be_next(enum dpcm_run from, enum dpcm_run wanted)
{
	if (from == DPCM_RUN || wanted == DPCM_RUN)
		return wanted;
	if (from == DPCM_PAUSE && wanted == DPCM_STOP)
		return DPCM_STOP;
	return from;
}

static unsigned int be_may(const struct model *m, const struct model_be *be,
			   enum dpcm_run wanted)
{
	unsigned int may = 0;
	int run;

	for (run = DPCM_STOP; run <= DPCM_SUSPEND; run++) {
		if (!(be->may & MAY(run)))
			continue;
		may |= MAY(be_next(run, wanted));
		/* A prepare ends a suspension, and the pause of a BE that needs it. */
		if (m->prepares && (run == DPCM_SUSPEND || run == DPCM_PAUSE) &&
		    (run == DPCM_SUSPEND || m->sleeps || be->starts != SUCCEEDS))
			may |= MAY(be_next(DPCM_STOP, wanted));
	}
	if (be->stuck)
		may |= be->was | MAY(DPCM_RUN);
	/* Without power it does not run. */
	return be->stuck && m->sleeps ? may | MAY(DPCM_SUSPEND) : may;
}

void model_update_bes(struct model *m)
{
	enum dpcm_run wanted;
	struct model_be *be;
	int dir, b;

	for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
		for (b = 0; b < MODEL_BES; b++) {
			be = &m->be[dir][b];
			wanted = be_wanted(m, dir, b);
			if (be->may & MAY(DPCM_SUSPEND) && wanted == DPCM_STOP &&
			    be->starts == SUCCEEDS)
				be->starts = be->stuck ? UNSURE : FAILS;
			be->may = be_may(m, be, wanted);
			if (model_be_open(m, dir, b))
				continue;
			memset(be, 0, sizeof(*be));
			be->may = MAY(DPCM_STOP);
		}
	}
}

void model_trigger(struct model *m, struct model_fe *f, enum dpcm_run cmd)
{
	int b;

	f->dma = cmd;
	if (cmd == DPCM_STOP)
		f->ready = false;
	for (b = 0; b < MODEL_BES; b++)
		f->go[b] = cmd;
	model_update_bes(m);
}

void model_undone(struct model *m, const struct model_fe *f)
{
	enum dpcm_dir dir = model_dir_of(m, f);
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (f->link[b])
			m->be[dir][b].may |= MAY(be_next(DPCM_RUN, be_wanted(m, dir, b)));
}

void model_settle(struct model *m, struct model_fe *f)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		f->go[b] = DPCM_STOP;
	model_update_bes(m);
}

/*
 * Parameters
 */

enum verdict model_suits(const struct model *m, const struct model_fe *f, int b,
			 unsigned int params)
{
	enum dpcm_dir dir = model_dir_of(m, f);
	const struct model_fe *s;
	bool sure = true;

	for (s = m->fe; s < MODEL_END(m); s++) {
		if (s == f || !is_linked(m, s, dir, b) || !s->params || s->params == params)
			continue;
		if (s->ready || (m->sym && m->be[dir][b].params == s->params))
			return FAILS;
		sure &= !m->sym;
	}
	/* A DAI may still have those of before, and of the other direction. */
	if (m->sym && (m->stored[b] | f->limits) & ~MAY(params))
		sure = false;
	return sure ? SUCCEEDS : UNSURE;
}

enum verdict model_suits_all(const struct model *m, const struct model_fe *f,
			     unsigned int params)
{
	enum verdict all = m->sym && f->limits & ~MAY(params) ? UNSURE : SUCCEEDS, one;
	int b;

	for (b = 0; b < MODEL_BES; b++) {
		if (!f->link[b])
			continue;
		one = model_suits(m, f, b, params);
		if (one == FAILS)
			return FAILS;
		if (one == UNSURE)
			all = UNSURE;
	}
	return all;
}

/* The BE has the parameters of @f: FEs that are prepared with others must prepare again. */
void model_takes(struct model *m, const struct model_fe *f, int b)
{
	struct model_fe *s;

	for (s = m->fe; f->params && s < MODEL_END(m); s++) {
		enum fe_state *state = s->state == SUSPENDED ? &s->before : &s->state;

		if (s != f && is_linked(m, s, model_dir_of(m, f), b) && s->params &&
		    s->params != f->params && *state == PREPARED)
			*state = UNREADY;
	}
}

/*
 * Links that are made
 */

static bool is_missing(const struct model_fe *f, int b)
{
	return f->state != CLOSED && f->on[b] && !f->link[b];
}

/* UNSURE: the model cannot predict whether a link is made. */
enum verdict model_joins(const struct model *m, const struct model_fe *f)
{
	enum verdict all = SUCCEEDS, one;
	int b;

	for (b = 0; b < MODEL_BES; b++) {
		if (!is_missing(f, b) || !f->params)
			continue;
		one = model_suits(m, f, b, f->params);
		if (one != SUCCEEDS)
			all = one;
		if (one == UNSURE)
			break;
	}
	return all;
}

/* Make missing links; @refused is a BE that has returned an error, or -1. */
bool model_join_missing(struct model *m, struct model_fe *f, int refused)
{
	bool all = true;
	int b;

	for (b = 0; b < MODEL_BES; b++) {
		if (!is_missing(f, b))
			continue;
		/* A BE whose start failed had the parameters. */
		if (b == refused && f->params)
			m->stored[b] |= MAY(f->params);
		if (b == refused || (f->params && model_suits(m, f, b, f->params) != SUCCEEDS)) {
			all = false;
			continue;
		}
		f->link[b] = true;
		model_takes(m, f, b);
		/* A paused or suspended FE starts the BE when it goes on itself. */
		f->go[b] = f->state == RUNNING ? DPCM_RUN : DPCM_STOP;
	}
	model_update_bes(m);
	return all;
}

/*
 * State that the card shows
 */

static unsigned int params_of(const struct dpcm_be_state *s)
{
	unsigned int i;

	for (i = 0; s->params && i < OPS_PARAMS; i++)
		if (s->is.rate == ops_params[i].rate && s->is.format == ops_params[i].format &&
		    s->is.channels == ops_params[i].channels)
			return i + 1;
	return s->params ? OPS_PARAMS + 1 : 0;
}

static unsigned int heard_at(const struct model *m, enum dpcm_dir dir, int b,
			     const struct dpcm_state *seen)
{
	const struct model_fe *f;
	unsigned int heard = 0;

	if (seen->be[b][dir].run != DPCM_RUN)
		return 0;
	for (f = m->fe; f < MODEL_END(m); f++)
		if (model_dir_of(m, f) == dir && f->on[b] && seen->fe[f - m->fe].run == DPCM_RUN)
			heard |= 1u << (f - m->fe);
	return heard;
}

/* Parameters, and whether the BE is prepared, as its links request */
static bool check_links(const struct model *m, enum dpcm_dir dir, int b,
			const struct dpcm_be_state *s, char *why, size_t len)
{
	const struct model_be *be = &m->be[dir][b];
	const struct model_fe *f, *lends = m->fe + s->runtime;
	bool any = false, mine = false;

	for (f = m->fe; f < MODEL_END(m); f++) {
		if (!is_linked(m, f, dir, b) || !f->params)
			continue;
		any = true;
		mine |= f->params == be->params;
		if (!f->ready)
			continue;
		if (f->params != be->params)
			snprintf(why, len, "rate=%u format=%d channels=%u, not those of fe%d",
				 s->is.rate, s->is.format, s->is.channels, (int)(f - m->fe));
		else if (s->lost && !be->excused && s->run != DPCM_RUN && s->run != DPCM_SUSPEND)
			snprintf(why, len, "lost");
		else if (f->state != SUSPENDED && !be->excused && !s->prepared)
			snprintf(why, len, "not prepared");
		else
			continue;
		return false;
	}
	if (be->vague)
		return true;
	if (s->params != any)
		snprintf(why, len, "params=%d instead of %d", s->params, any);
	else if (any && !mine)
		snprintf(why, len, "rate=%u format=%d channels=%u are of no FE",
			 s->is.rate, s->is.format, s->is.channels);
	else if (any && !lends->params)
		snprintf(why, len, "runtime=%d is of an FE without parameters", s->runtime);
	else
		return true;
	return false;
}

/* The uncertain state is known now. */
static void learn(struct model *m, enum dpcm_dir dir, int b, const struct dpcm_be_state *s)
{
	struct model_be *be = &m->be[dir][b];
	enum dpcm_run wanted = be_wanted(m, dir, b);

	be->may = MAY(s->run);
	be->was = be->may;
	if (be_next(s->run, wanted) == s->run)
		be->stuck = false;
	if (s->run != DPCM_SUSPEND)
		be->starts = s->lost && s->run != DPCM_RUN ? FAILS : SUCCEEDS;
	if (!s->lost)
		be->excused = false;
	be->params = params_of(s);
	if (be->params)
		m->stored[b] |= MAY(be->params);
}

bool model_check_be(struct model *m, enum dpcm_dir dir, int b,
		    const struct dpcm_state *seen, char *why, size_t len)
{
	const struct dpcm_be_state *s = &seen->be[b][dir];
	bool open = model_be_open(m, dir, b);
	unsigned int heard = heard_at(m, dir, b, seen), may = m->be[dir][b].may;

	learn(m, dir, b, s);
	if (s->open != open)
		snprintf(why, len, "open=%d instead of %d", s->open, open);
	/* A sleep ends a pause, but the BE gets no command before it is prepared. */
	else if (!(may & MAY(s->run)) && !(s->lost && s->run == DPCM_PAUSE))
		snprintf(why, len, "run=%s instead of %s", run_name[s->run],
			 run_name[be_wanted(m, dir, b)]);
	else if (s->heard != heard)
		snprintf(why, len, "heard=%#llx instead of %#x",
			 (unsigned long long)s->heard, heard);
	else if (s->runtime == DPCM_STALE)
		snprintf(why, len, "runtime=stale");
	else if (open ? s->runtime < 0 || s->runtime >= MODEL_FES ||
		 !m->fe[s->runtime].link[b] : s->runtime != DPCM_NONE)
		snprintf(why, len, "runtime=%d is of no FE that is linked", s->runtime);
	else if (m->be[dir][b].params > OPS_PARAMS)
		snprintf(why, len, "rate=%u format=%d channels=%u", s->is.rate,
			 s->is.format, s->is.channels);
	else if (!open && s->params)
		snprintf(why, len, "closed with parameters");
	else
		return !open || check_links(m, dir, b, s, why, len);
	return false;
}
