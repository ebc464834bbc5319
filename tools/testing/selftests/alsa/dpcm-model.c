// SPDX-License-Identifier: GPL-2.0
/*
 * What must be true of a DPCM card after any sequence of operations, see
 * dpcm-model.h.
 *
 * From the top: links and BEs, then what the ALSA core does to one stream or
 * to a group of linked ones, and what can be seen of all that.
 */
#include <stdio.h>
#include <string.h>

#include "dpcm-model.h"

const unsigned int model_rates[MODEL_RATES] = { 48000, 44100, 16000, 96000 };

static const char * const run_name[] = { "stop", "run", "pause", "suspend" };

enum dpcm_dir model_dir_of(const struct model *m, const struct model_fe *f)
{
	return f - m->fe < MODEL_PLAYBACKS ? DPCM_PLAY : DPCM_CAPT;
}

void model_reset(struct model *m)
{
	memset(m, 0, sizeof(*m));
	memset(m->be, 1, sizeof(m->be));	/* MAY(DPCM_STOP) */
}

/*
 * Links and BEs
 */

/* Has the BE a link that is in state @go? A link of the group @not is no link. */
bool model_any_link(const struct model *m, enum dpcm_dir dir, int b,
		    enum dpcm_run go, const struct model_fe *not)
{
	const struct model_fe *f;

	for (f = m->fe; f < MODEL_END(m); f++)
		if (model_dir_of(m, f) == dir && f->link[b] && f->go[b] == go &&
		    !(not && (f == not || (f->group && f->group == not->group))))
			return true;
	return false;
}

bool model_be_open(const struct model *m, enum dpcm_dir dir, int b)
{
	const struct model_fe *f;

	for (f = m->fe; f < MODEL_END(m); f++)
		if (model_dir_of(m, f) == dir && f->link[b])
			return true;
	return false;
}

/* The rule: run, else pause, else suspend, else stop. */
static enum dpcm_run be_wanted(const struct model *m, enum dpcm_dir dir, int b)
{
	static const enum dpcm_run order[] = { DPCM_RUN, DPCM_PAUSE, DPCM_SUSPEND };
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (model_any_link(m, dir, b, order[i], NULL))
			return order[i];
	return DPCM_STOP;
}

#define MAY(run) (1u << (run))

static unsigned int be_may(enum dpcm_run from, enum dpcm_run wanted)
{
	if (from == DPCM_RUN || wanted == DPCM_RUN || wanted == DPCM_PAUSE)
		return MAY(wanted);
	if (wanted == DPCM_SUSPEND)
		return MAY(wanted) | MAY(from) | MAY(DPCM_STOP);
	return from == DPCM_SUSPEND ? MAY(wanted) | MAY(from) : MAY(wanted);
}

static void update_bes(struct model *m)
{
	unsigned int may;
	int dir, b, run;

	for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
		for (b = 0; b < MODEL_BES; b++) {
			may = 0;
			for (run = DPCM_STOP; run <= DPCM_SUSPEND; run++)
				if (m->be[dir][b] & MAY(run))
					may |= be_may(run, be_wanted(m, dir, b));
			m->be[dir][b] = model_be_open(m, dir, b) ? may : MAY(DPCM_STOP);
		}
	}
}

bool model_be_runs(const struct model *m, enum dpcm_dir dir, int b)
{
	return m->be[dir][b] == MAY(DPCM_RUN);
}

/* A trigger reaches the FE and all its links. */
static void trigger(struct model *m, struct model_fe *f, enum dpcm_run cmd)
{
	int b;

	f->dma = cmd;
	for (b = 0; b < MODEL_BES; b++)
		f->go[b] = cmd;
	update_bes(m);
}

/*
 * An FE alone on a BE decides its rate. One that comes later does not, if another
 * is ready to play; which of two decides that are not is the core's freedom.
 */
static void update_rate(struct model *m, const struct model_fe *f, int b)
{
	unsigned int *rate = &m->rate[model_dir_of(m, f)][b];
	const struct model_fe *s;
	bool shared = false;

	for (s = m->fe; s < MODEL_END(m); s++) {
		if (s == f || model_dir_of(m, s) != model_dir_of(m, f) || !s->link[b])
			continue;
		if (s->state == PREPARED || s->state == RUNNING || s->state == PAUSED)
			return;
		shared |= s->rate != 0;
	}
	*rate = shared ? 0 : f->rate;
}

static void set_rate(struct model *m, struct model_fe *f, unsigned int rate)
{
	int b;

	f->rate = rate;
	for (b = 0; b < MODEL_BES; b++)
		if (f->link[b])
			update_rate(m, f, b);
}

/* After hw_params, hw_free or prepare an FE is neither paused nor suspended. */
static void settle(struct model *m, struct model_fe *f)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		f->go[b] = DPCM_STOP;
	update_bes(m);
}

static void join(struct model *m, struct model_fe *f, int b)
{
	f->link[b] = true;
	/* A paused or suspended FE starts the BE when it goes on itself. */
	f->go[b] = f->state == RUNNING ? DPCM_RUN : DPCM_STOP;
	update_rate(m, f, b);
	update_bes(m);
}

/* Every change of a switch is a chance for each link that failed before. */
static void join_missing(struct model *m, const struct model_fe *but, int but_b)
{
	struct model_fe *f;
	int b;

	for (f = m->fe; f < MODEL_END(m); f++)
		for (b = 0; b < MODEL_BES; b++)
			if (f->state != CLOSED && f->on[b] && !f->link[b] &&
			    !(f == but && b == but_b))
				join(m, f, b);
}

/* for the core */
static bool is_prepared(const struct model_fe *f)
{
	return f->state == PREPARED || f->state == UNREADY;
}

static bool has_link(const struct model_fe *f)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (f->link[b])
			return true;
	return false;
}

/*
 * The ALSA core: one stream, or all that are linked with it
 */

/* Lists the group of @f in the core's order: who was linked last comes first. */
int model_members(struct model *m, const struct model_fe *f, struct model_fe **list)
{
	struct model_fe *s;
	int n = 0, i;

	if (!f->group) {
		list[0] = m->fe + (f - m->fe);
		return 1;
	}
	for (s = m->fe; s < MODEL_END(m); s++) {
		if (s->group != f->group)
			continue;
		for (i = n++; i > 0 && list[i - 1]->place < s->place; i--)
			list[i] = list[i - 1];
		list[i] = s;
	}
	return n;
}

/* How many of the group of @f are in the state, and are they all? */
static int in(struct model *m, const struct model_fe *f, enum fe_state state)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), count = 0;

	while (n--)
		count += list[n]->state == state;
	return count;
}

bool model_all_in(struct model *m, const struct model_fe *f, enum fe_state state)
{
	struct model_fe *list[MODEL_FES];

	return in(m, f, state) == model_members(m, f, list);
}

/* Start, pause and release: all or none */
static bool go(struct model *m, struct model_fe *f, enum fe_state from,
	       enum fe_state to, enum dpcm_run cmd, bool fails)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;

	if (fails || !model_all_in(m, f, from))
		return false;
	for (i = 0; i < n; i++) {
		trigger(m, list[i], cmd);
		list[i]->state = to;
	}
	return true;
}

static void stop(struct model *m, struct model_fe *f, enum fe_state to)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;

	/* One member without parameters, and nobody is stopped. */
	if (in(m, f, OPEN))
		return;
	for (i = 0; i < n; i++) {
		if (list[i]->state == RUNNING)
			trigger(m, list[i], DPCM_STOP);
		list[i]->state = to;
	}
}

static bool drop(struct model *m, struct model_fe *f)
{
	if (f->state == OPEN)
		return false;
	if (f->state == PAUSED)
		go(m, f, PAUSED, RUNNING, DPCM_RUN, false);
	stop(m, f, SETUP);
	return true;
}

static bool prepare(struct model *m, struct model_fe *f, bool fails)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;

	if (f->state == PAUSED || f->state == SUSPENDED)
		drop(m, f);
	update_bes(m);		/* with some BEs prepared, whatever comes */
	if (in(m, f, OPEN) || in(m, f, RUNNING))
		return false;
	/* When one fails those before it are ready, and for the core as they were. */
	for (i = 0; i < n; i++) {
		if (fails || !has_link(list[i])) {
			if (list[i]->state == PREPARED)
				list[i]->state = UNREADY;
			return false;
		}
		settle(m, list[i]);
		if (list[i]->state == UNREADY)
			list[i]->state = PREPARED;
	}
	for (i = 0; i < n; i++)
		list[i]->state = PREPARED;
	return true;
}

static bool hw_params(struct model *m, struct model_fe *f, unsigned int rate, bool fails)
{
	if (f->state != OPEN && f->state != SETUP && !is_prepared(f))
		return false;
	f->state = fails ? OPEN : SETUP;
	set_rate(m, f, fails ? 0 : rate);
	settle(m, f);
	return !fails;
}

static bool hw_free(struct model *m, struct model_fe *f)
{
	if (f->state != SETUP && !is_prepared(f))
		return false;
	f->state = OPEN;
	set_rate(m, f, 0);
	settle(m, f);
	return true;
}

static bool open_fe(struct model *m, struct model_fe *f, bool fails)
{
	int b;

	if (fails)
		return false;
	f->state = OPEN;
	for (b = 0; b < MODEL_BES; b++)
		if (f->on[b])
			join(m, f, b);
	return true;
}

static bool unlink_fe(struct model *m, struct model_fe *f)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;

	if (!f->group)
		return false;
	/* The last one is not linked any more either. */
	for (i = 0; n == 2 && i < n; i++)
		list[i]->group = 0;
	f->group = 0;
	return true;
}

static bool link_fe(struct model *m, struct model_fe *f, struct model_fe *with)
{
	struct model_fe *s;

	if (f->state == OPEN || f == with || with->group ||
	    (f->state != with->state && !(is_prepared(f) && is_prepared(with))))
		return false;
	if (!f->group) {
		f->group = ++m->groups;
		f->place = 0;
	}
	with->place = 0;
	for (s = m->fe; s < MODEL_END(m); s++)
		if (s->group == f->group && s->place >= with->place)
			with->place = s->place + 1;
	with->group = f->group;
	return true;
}

static bool close_fe(struct model *m, struct model_fe *f)
{
	drop(m, f);
	if (f->state != OPEN)
		settle(m, f);
	unlink_fe(m, f);
	set_rate(m, f, 0);
	f->state = CLOSED;
	f->dma = DPCM_STOP;
	memset(f->link, 0, sizeof(f->link));
	update_bes(m);
	return true;
}

/* The system suspends: PCM by PCM; a group goes with its first member. */
static void suspend(struct model *m)
{
	struct model_fe *list[MODEL_FES], *f;
	int n, i;

	for (f = m->fe; f < MODEL_END(m); f++) {
		if (f->state == CLOSED || in(m, f, SUSPENDED) ||
		    in(m, f, OPEN) || in(m, f, SETUP))
			continue;
		n = model_members(m, f, list);
		for (i = 0; i < n; i++) {
			if (list[i]->state == RUNNING)
				trigger(m, list[i], DPCM_SUSPEND);
			list[i]->before = list[i]->state;
			list[i]->state = SUSPENDED;
		}
	}
}

static bool resume(struct model *m, struct model_fe *f, bool fails)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;

	if (fails || !model_all_in(m, f, SUSPENDED))
		return false;
	for (i = 0; i < n; i++) {
		if (list[i]->before == RUNNING)
			trigger(m, list[i], DPCM_RUN);
		list[i]->state = list[i]->before;
	}
	return true;
}

static bool set_switch(struct model *m, struct model_fe *f, int b, bool on,
		       bool fails)
{
	if (f->on[b] == on)
		return true;
	f->on[b] = on;
	if (!on)
		f->link[b] = false;
	update_bes(m);
	join_missing(m, fails ? f : NULL, b);
	return !fails;
}

/* Can @op be done at all? Only what needs an open FE, or a closed one, cannot. */
bool model_possible(const struct model *m, const struct op *op)
{
	switch (op->kind) {
	case '+':
	case '-':
	case 'Z':
	case 'X':
	case 'E':
		return true;
	case 'O':
		return m->fe[op->fe].state == CLOSED;
	case 'L':
		return m->fe[op->fe].state != CLOSED && m->fe[op->arg].state != CLOSED;
	default:
		return m->fe[op->fe].state != CLOSED;
	}
}

/* Does it; true if it must succeed. @fails: an armed failure has hit it. */
bool model_apply(struct model *m, const struct op *op, bool fails)
{
	struct model_fe *f = m->fe + op->fe;

	/* What fails may have used the freedom that silent BEs have. */
	update_bes(m);
	switch (op->kind) {
	case '+':
	case '-':
		return set_switch(m, f, op->arg, op->kind == '+', fails);
	case 'O':
		return open_fe(m, f, fails);
	case 'H':
		return hw_params(m, f, model_rates[op->arg], fails);
	case 'F':
		return hw_free(m, f);
	case 'P':
		return prepare(m, f, fails);
	case 'S':
		return go(m, f, PREPARED, RUNNING, DPCM_RUN, fails);
	case 'U':
		return go(m, f, RUNNING, PAUSED, DPCM_PAUSE, fails);
	case 'R':
		return go(m, f, PAUSED, RUNNING, DPCM_RUN, fails);
	case 'D':
		return drop(m, f);
	case 'X':
		if (f->state == RUNNING)
			stop(m, f, XRUN);
		return f->state != CLOSED;
	case 'C':
		return close_fe(m, f);
	case 'Z':
		suspend(m);
		return true;
	case 'W':
		return resume(m, f, fails);
	case 'L':
		return link_fe(m, f, m->fe + op->arg);
	case 'N':
		return unlink_fe(m, f);
	}
	return true;
}

/*
 * What can be seen
 */

static bool check_be(const struct model *m, enum dpcm_dir dir, int b,
		     const struct dpcm_be_state *s, char *why, size_t len)
{
	bool open = model_be_open(m, dir, b), params = false, prepared = false;
	const struct model_fe *f;
	unsigned int heard = 0;

	for (f = m->fe; f < MODEL_END(m); f++) {
		if (model_dir_of(m, f) != dir)
			continue;
		if (f->on[b] && f->dma == DPCM_RUN && model_be_runs(m, dir, b))
			heard |= 1u << (f - m->fe);
		/* As much is certain of the parameters; more is the core's freedom. */
		if (f->link[b]) {
			params |= f->state != OPEN;
			prepared |= f->state == PREPARED || f->state == RUNNING ||
				    f->state == PAUSED;
		}
	}

	if (s->open != open)
		snprintf(why, len, "open=%d instead of %d", s->open, open);
	else if (!(m->be[dir][b] & MAY(s->run)))
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
	else if (params && !s->params)
		snprintf(why, len, "no params");
	else if (params && m->rate[dir][b] && s->rate != m->rate[dir][b])
		snprintf(why, len, "rate=%u instead of %u", s->rate, m->rate[dir][b]);
	else if (prepared && !s->prepared)
		snprintf(why, len, "not prepared");
	else
		return true;
	return false;
}

/* Compares the card with the model; says in @why what is not as it must be. */
bool model_check(struct model *m, const struct dpcm_state *seen,
		 char *why, size_t len)
{
	const struct dpcm_fe_state *s;
	enum dpcm_run dma;
	int dir, b, i, n;
	bool open;

	for (i = 0; i < MODEL_FES; i++) {
		s = seen->fe + i;
		dma = m->fe[i].dma;
		n = snprintf(why, len, "fe%d: ", i);
		open = m->fe[i].state != CLOSED;
		if (s->open != open) {
			snprintf(why + n, len - n, "open=%d", s->open);
			return false;
		}
		/* Whether it stands still by a pause or a stop does not matter. */
		if (s->run != dma && (s->run == DPCM_RUN || dma == DPCM_RUN)) {
			snprintf(why + n, len - n, "run=%s instead of %s",
				 run_name[s->run], run_name[dma]);
			return false;
		}
	}
	for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
		for (b = 0; b < MODEL_BES; b++) {
			n = snprintf(why, len, "be%d %c: ", b, "pc"[dir]);
			if (!check_be(m, dir, b, &seen->be[b][dir], why + n, len - n))
				return false;
			m->be[dir][b] = MAY(seen->be[b][dir].run);
		}
	}
	return true;
}
