// SPDX-License-Identifier: GPL-2.0
/*
 * The model's part of the ALSA core: operations on one stream or on a group of linked
 * ones; see dpcm-model.h.
 */
#include <stdio.h>
#include <string.h>

#include "dpcm-model.h"
/* The Makefile need not know it. */
#include "dpcm-links.c"

void model_reset(struct model *m, const char *card)
{
	int dir, b;

	memset(m, 0, sizeof(*m));
	for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++)
		for (b = 0; b < MODEL_BES; b++)
			m->be[dir][b].may = MAY(DPCM_STOP);
	m->sym = strstr(card, "sym=") && !strstr(card, "sym=0");
	m->nores = strstr(card, "nores=1");
}

/* for the core */
static bool is_prepared(const struct model_fe *f)
{
	return f->state == PREPARED || f->state == UNREADY;
}

/*
 * The ALSA core: one stream, or all that are linked with it
 */

/* List the group of @f in the core's order: the stream that was linked last is first. */
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

/* Do all BEs of the group start? */
static enum verdict group_starts(struct model *m, const struct model_fe *f)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list);
	enum verdict all = SUCCEEDS, one;

	while (n--) {
		one = model_links_start(m, list[n]);
		all = one > all ? one : all;
	}
	return all;
}

/* Check whether the FE, or a BE of it, fails in the command; @e is the armed failure. */
static bool refuses(const struct model *m, const struct model_fe *f, enum dpcm_run cmd,
		    const struct op *e, bool happened)
{
	enum verdict starts = cmd == DPCM_RUN ? model_links_start(m, f) : SUCCEEDS;

	if (f->state == UNREADY || starts == FAILS || (starts == UNSURE && !happened))
		return true;
	if (!e)
		return false;
	return e->kind == 'G' ? f == m->fe + e->fe :
	       model_dir_of(m, f) == e->dir && f->link[e->fe];
}

/*
 * Start, pause and release: all or none. Streams before the one that fails are brought
 * back; by a stop, if they were started.
 */
static bool go(struct model *m, struct model_fe *f, enum fe_state from,
	       enum fe_state to, enum dpcm_run cmd, const struct op *e, bool happened)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i, refuser = 0;

	if (in(m, f, from) + (from == PREPARED ? in(m, f, UNREADY) : 0) != n)
		return false;
	while (refuser < n && !refuses(m, list[refuser], cmd, e, happened))
		refuser++;
	if (refuser < n) {
		for (i = 0; i <= refuser; i++) {
			model_undone(m, list[i]);
			list[i]->ready &= i == refuser || from != PREPARED;
		}
		return false;
	}
	for (i = 0; i < n; i++) {
		model_trigger(m, list[i], cmd);
		list[i]->ready = true;
		list[i]->state = to;
	}
	return true;
}

static void stop(struct model *m, struct model_fe *f, enum fe_state to)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;

	/* If one member has no parameters, none is stopped. */
	if (in(m, f, OPEN))
		return;
	for (i = 0; i < n; i++) {
		if (list[i]->state == RUNNING)
			model_trigger(m, list[i], DPCM_STOP);
		list[i]->state = to;
	}
}

static bool drop(struct model *m, struct model_fe *f)
{
	if (f->state == OPEN)
		return false;
	if (f->state == PAUSED)
		go(m, f, PAUSED, RUNNING, DPCM_RUN, NULL, true);
	stop(m, f, SETUP);
	return true;
}

static bool xrun(struct model *m, struct model_fe *f)
{
	if (f->state == RUNNING)
		stop(m, f, XRUN);
	return f->state == XRUN;
}

/* One member; those before it are prepared, but not yet for the core. */
static enum verdict prepare_one(struct model *m, struct model_fe *f, bool fails)
{
	enum verdict ok = fails || !(model_has_link(f) || dpcm_open_needs_be) ? FAILS :
			  model_suits_all(m, f, f->params);

	model_settle(m, f);
	f->ready = false;
	return ok;
}

static void prepared(struct model *m, struct model_fe *f, bool ok)
{
	int b;

	for (b = 0; ok && b < MODEL_BES; b++)
		if (f->link[b])
			model_takes(m, f, b);
	f->ready = ok;
	if (ok) {
		f->loose = false;
		f->dma = DPCM_STOP;
	}
	/* For the core a stream that was prepared stays so. */
	if (is_prepared(f))
		f->state = ok ? PREPARED : UNREADY;
}

static bool prepare(struct model *m, struct model_fe *f, bool fails, bool happened)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;
	bool ok = true;

	if (f->state == PAUSED || f->state == SUSPENDED)
		drop(m, f);
	model_update_bes(m);
	if (in(m, f, OPEN) || in(m, f, RUNNING))
		return false;
	for (i = 0; ok && i < n; i++) {
		enum verdict one = prepare_one(m, list[i], fails);

		ok = one == UNSURE ? happened : one == SUCCEEDS;
		prepared(m, list[i], ok);
	}
	for (i = 0; ok && i < n; i++)
		list[i]->state = PREPARED;
	return ok;
}

static bool hw_params(struct model *m, struct model_fe *f, unsigned int params,
		      bool fails, bool happened)
{
	enum verdict one;
	bool ok;
	int b;

	if (f->state != OPEN && f->state != SETUP && !is_prepared(f))
		return false;
	one = fails ? FAILS : model_suits_all(m, f, params);
	ok = one == UNSURE ? happened : one == SUCCEEDS;
	/* Parameters that failed in one BE may have been those of another for a moment. */
	for (b = 0; b < MODEL_BES; b++)
		if (f->link[b])
			m->stored[b] |= MAY(params);
	f->state = ok ? SETUP : OPEN;
	f->params = ok ? params : 0;
	f->ready = false;
	for (b = 0; b < MODEL_BES; b++)
		if (f->link[b])
			model_takes(m, f, b);
	model_settle(m, f);
	return ok;
}

static bool hw_free(struct model *m, struct model_fe *f)
{
	if (f->state != SETUP && !is_prepared(f))
		return false;
	f->state = OPEN;
	f->params = 0;
	f->ready = false;
	model_settle(m, f);
	return true;
}

static bool open_fe(struct model *m, struct model_fe *f, bool fails, bool happened)
{
	unsigned int limits = 0;
	bool routed = false;
	int b;

	for (b = 0; b < MODEL_BES; b++) {
		routed |= f->on[b];
		if (f->on[b])
			limits |= m->stored[b];
	}
	if (!routed && dpcm_open_needs_be)
		return false;
	/* Two BEs with different symmetric parameters leave none. */
	if (fails || (m->sym && limits & (limits - 1) && !happened))
		return false;
	f->state = OPEN;
	f->limits = m->sym ? limits : 0;
	model_join_missing(m, f, -1);
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
	bool on[MODEL_BES];

	drop(m, f);
	model_settle(m, f);
	unlink_fe(m, f);
	memcpy(on, f->on, sizeof(on));
	memset(f, 0, sizeof(*f));
	memcpy(f->on, on, sizeof(on));
	model_update_bes(m);
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
				model_trigger(m, list[i], DPCM_SUSPEND);
			list[i]->before = list[i]->state;
			list[i]->state = SUSPENDED;
		}
	}
	model_update_bes(m);
}

static bool resume(struct model *m, struct model_fe *f, bool fails, bool happened)
{
	struct model_fe *list[MODEL_FES];
	int n = model_members(m, f, list), i;
	enum verdict one = fails ? FAILS : f->before == RUNNING ? group_starts(m, f) : SUCCEEDS;

	if (m->nores || !model_all_in(m, f, SUSPENDED))
		return false;
	if (one == FAILS || (one == UNSURE && !happened)) {
		model_undone(m, f);
		return false;
	}
	for (i = 0; i < n; i++) {
		if (list[i]->before == RUNNING)
			model_trigger(m, list[i], DPCM_RUN);
		list[i]->state = list[i]->before;
	}
	return true;
}

/* A switch can always be set, also if BEs return errors. */
static bool set_switch(struct model *m, struct model_fe *f, const struct op *op, bool fails)
{
	bool on = op->kind == '+';

	if (f->on[op->arg] == on)
		return true;
	f->on[op->arg] = on;
	if (!on)
		f->link[op->arg] = false;
	model_update_bes(m);
	model_join_missing(m, f, fails ? op->arg : -1);
	return true;
}

/*
 * Operations
 */

/* Check whether the switch would leave a link whose state is unknown. */
static bool joins_either(const struct model *m, const struct op *op)
{
	struct model copy = *m;
	struct model_fe *f = copy.fe + op->fe;

	f->on[op->arg] = op->kind == '+';
	f->link[op->arg] &= f->on[op->arg];
	return model_joins(&copy, f) == UNSURE;
}

static bool prepares_either(const struct model *m, const struct op *op)
{
	struct model copy = *m;
	struct model_fe *list[MODEL_FES];
	int n = model_members(&copy, copy.fe + op->fe, list), i;

	for (i = 0; n > 1 && i < n; i++)
		if (model_suits_all(&copy, list[i], list[i]->params) == UNSURE)
			return true;
	return false;
}

/* While an FE is heard whose stop failed, others only leave. */
static bool waits(const struct model *m, const struct op *op)
{
	const struct model_fe *f;

	for (f = m->fe; f < MODEL_END(m); f++)
		if (f->loose && f != m->fe + op->fe && !strchr("CDFN", op->kind))
			return true;
	return false;
}

bool model_possible(const struct model *m, const struct op *op)
{
	const struct model_fe *f = m->fe + op->fe;
	struct model copy = *m;

	if (waits(m, op))
		return false;
	switch (op->kind) {
	case '+':
	case '-':
		return f->on[op->arg] == (op->kind == '+') || !joins_either(m, op);
	case 'Z':
	case 'X':
		return true;
	case 'z':
		return dpcm_can_sleep();
	case 'O':
		return f->state == CLOSED;
	case 'L':
		return f->state != CLOSED && m->fe[op->arg].state != CLOSED;
	case 'V':
		return f->state == RUNNING && !f->group && model_dir_of(m, f) == DPCM_PLAY;
	case 'P':
		return f->state != CLOSED && !prepares_either(m, op);
	case 'S':
		/* Those that started before the one that did not are stopped again. */
		return f->state != CLOSED && !(f->group && group_starts(&copy, f) == UNSURE);
	case 'R':
	case 'W':
		/* The core brings back only a part of a group. */
		return f->state != CLOSED && !f->loose &&
		       !(f->group && group_starts(&copy, f) != SUCCEEDS);
	default:
		return f->state != CLOSED;
	}
}

static bool apply(struct model *m, const struct op *op, const struct op *e, bool happened)
{
	struct model_fe *f = m->fe + op->fe;
	bool fails = e;

	switch (op->kind) {
	case '+':
	case '-':
		return set_switch(m, f, op, fails);
	case 'O':
		return open_fe(m, f, fails, happened);
	case 'H':
		return hw_params(m, f, op->arg + 1, fails, happened);
	case 'F':
		return hw_free(m, f);
	case 'P':
		return prepare(m, f, fails, happened);
	case 'S':
		return go(m, f, PREPARED, RUNNING, DPCM_RUN, e, happened);
	case 'U':
		return go(m, f, RUNNING, PAUSED, DPCM_PAUSE, e, happened);
	case 'R':
		return go(m, f, PAUSED, RUNNING, DPCM_RUN, e, happened);
	case 'D':
	case 'V':
		return drop(m, f);
	case 'X':
		xrun(m, f);
		return f->state != CLOSED;
	case 'x':
		return xrun(m, f);
	case 'C':
		return close_fe(m, f);
	case 'Z':
	case 'z':
		suspend(m);
		return true;
	case 'W':
		return resume(m, f, fails, happened);
	case 'L':
		return link_fe(m, f, m->fe + op->arg);
	case 'N':
		return unlink_fe(m, f);
	}
	return true;
}

/* A failure that the operation does not return; false if it is another. */
static bool passes_over(struct model *m, const struct op *op, const struct op *e)
{
	struct model_be *be = &m->be[e->dir][e->fe];

	if (e->arg == STEP_STOP || e->arg == STEP_SUSPEND) {
		if (e->kind == 'G')
			m->fe[e->fe].loose = m->fe[e->fe].state != CLOSED;
		else
			be->stuck = true;
		return true;
	}
	if (e->kind == 'E')
		be->vague |= e->arg == STEP_HW_PARAMS || e->arg == STEP_FIXUP;
	if (op->kind == 'z' && e->arg == STEP_PREPARE)
		be->excused = true;
	return op->kind == 'z';
}

static void forget_closed(struct model *m)
{
	int b;

	for (b = 0; b < MODEL_BES; b++)
		if (!model_be_open(m, DPCM_PLAY, b) && !model_be_open(m, DPCM_CAPT, b))
			m->stored[b] = 0;
}

bool model_apply(struct model *m, const struct op *op, const struct op *e, int ret)
{
	struct model_fe *f = m->fe + op->fe;
	bool ok;
	int b;

	m->prepares = strchr("PH+-FCOz", op->kind);
	m->sleeps = op->kind == 'z';
	ok = apply(m, op, e && !passes_over(m, op, e) ? e : NULL, ret >= 0);
	model_update_bes(m);
	/* The set of a BE is certain again. */
	for (b = 0; ok && !e && strchr("HP", op->kind) && b < MODEL_BES; b++)
		if (f->link[b])
			m->be[model_dir_of(m, f)][b].vague = false;
	forget_closed(m);
	return ok == (ret >= 0);
}

/*
 * State that the card shows
 */

static const char *check_fe(const struct model_fe *f, const struct dpcm_fe_state *s)
{
	bool open = f->state != CLOSED;

	if (s->open != open)
		return s->open ? "open" : "closed";
	/* It does not run; whether by a pause or a stop does not matter. */
	if (s->run == f->dma || f->loose || (s->run != DPCM_RUN && f->dma != DPCM_RUN))
		return NULL;
	return s->run == DPCM_RUN ? "runs" : "does not run";
}

bool model_check(struct model *m, const struct dpcm_state *seen, char *why, size_t len)
{
	const char *wrong;
	int dir, b, i, n;

	for (i = 0; i < MODEL_FES; i++) {
		wrong = check_fe(m->fe + i, seen->fe + i);
		if (wrong) {
			snprintf(why, len, "fe%d: %s", i, wrong);
			return false;
		}
	}
	for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
		for (b = 0; b < MODEL_BES; b++) {
			n = snprintf(why, len, "be%d %c: ", b, "pc"[dir]);
			if (!model_check_be(m, dir, b, seen, why + n, len - n))
				return false;
		}
	}
	return true;
}
