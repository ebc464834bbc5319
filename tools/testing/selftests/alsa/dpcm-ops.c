// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of dpcm-fuzz: how they are written, which failure reaches
 * which of them, and how they are drawn; see dpcm-ops.h.
 *
 * They are drawn from the model's state, so that most of them are possible:
 * each state of a stream has a string of letters, and the more often a letter
 * stands there, the more often it is drawn. A failure is tried until the model
 * says that the operation can meet it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "dpcm-ops.h"

static uint64_t random_state;

/*
 * Notation
 */

int ops_print_one(char *to, size_t len, const struct op *op)
{
	static const char * const rate[] = { "", "a", "b", "c" };

	switch (op->kind) {
	case '+':
	case '-':
	case 'L':
		return snprintf(to, len, "%c%d%d", op->kind, op->fe, op->arg);
	case 'E':
		return snprintf(to, len, "%sE%d%d", op->dir ? "c" : "", op->arg, op->fe);
	case 'H':
		return snprintf(to, len, "H%d%s", op->fe, rate[op->arg]);
	case 'Z':
		return snprintf(to, len, "Z");
	}
	return snprintf(to, len, "%c%d", op->kind, op->fe);
}

void ops_print(const struct op *ops, int n)
{
	char line[80];
	int len = 0, i;

	for (i = 0; i < n; i++) {
		if (len > 70) {
			ksft_print_msg("  %s\n", line);
			len = 0;
		}
		len += ops_print_one(line + len, sizeof(line) - len, ops + i);
		line[len++] = ' ';
		line[len] = 0;
	}
	if (len)
		ksft_print_msg("  %s\n", line);
}

static bool digit(const char **s, unsigned char *to, int limit)
{
	if (**s < '0' || **s >= '0' + limit)
		return false;
	*to = *(*s)++ - '0';
	return true;
}

static bool parse_op(const char *s, struct op *op)
{
	memset(op, 0, sizeof(*op));
	if (*s == 'c') {
		op->dir = DPCM_CAPT;
		if (*++s != 'E')
			return false;
	}
	if (!*s || !strchr("+-OHFPSURDXCZWELN", *s))
		return false;
	op->kind = *s++;
	if (op->kind == 'E')
		return digit(&s, &op->arg, FAIL_FE_TRIGGER + 1) &&
		       digit(&s, &op->fe, op->arg == FAIL_FE_TRIGGER ? MODEL_FES :
			     MODEL_BES) && !*s;
	if (op->kind != 'Z' && !digit(&s, &op->fe, MODEL_FES))
		return false;
	if (op->kind == '+' || op->kind == '-')
		return digit(&s, &op->arg, MODEL_BES) && !*s;
	if (op->kind == 'L')
		return digit(&s, &op->arg, MODEL_FES) && !*s;
	if (op->kind == 'H' && *s >= 'a' && *s <= 'c')
		op->arg = *s++ - 'a' + 1;
	return !*s;
}

int ops_parse(const char *text, struct op *ops)
{
	char *copy = strdup(text), *word, *save = NULL;
	int n = 0;

	for (word = strtok_r(copy, " ,\t\n", &save); word && n < OPS_MAX;
	     word = strtok_r(NULL, " ,\t\n", &save))
		if (!parse_op(word, ops + n++))
			ksft_exit_fail_msg("\"%s\" is no operation\n", word);
	free(copy);
	return n;
}

/*
 * Armed failures
 */

/* How many links are missing, since their making failed? */
static int missing(const struct model *m)
{
	const struct model_fe *f;
	int b, n = 0;

	for (f = m->fe; f < MODEL_END(m); f++)
		for (b = 0; b < MODEL_BES; b++)
			n += f->state != CLOSED && f->on[b] && !f->link[b];
	return n;
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

/* Is a trigger of the BE the first that the operation causes there? */
static bool hits_trigger(struct model *m, struct model_fe *f, enum dpcm_dir dir,
			 int b, const struct op *op)
{
	bool runs = model_be_runs(m, dir, b), linked = group_link(m, f, dir, b);

	switch (op->kind) {
	case '+':
		return f->state == RUNNING && op->arg == b && !runs;
	case 'S':
		return model_all_in(m, f, PREPARED) && linked && !runs;
	case 'R':
		return model_all_in(m, f, PAUSED) && linked && !runs &&
		       !release_starts(m, f);
	case 'U':
		return model_all_in(m, f, RUNNING) && linked && runs &&
		       !model_any_link(m, dir, b, DPCM_RUN, f);
	case 'W':
		return !f->group && f->state == SUSPENDED && f->before == RUNNING &&
		       linked && !runs;
	}
	return false;
}

static bool hits_fe(struct model *m, struct model_fe *f, struct model_fe *failing,
		    const struct op *op)
{
	if (f != failing && !(f->group && f->group == failing->group))
		return false;
	switch (op->kind) {
	case 'S':
		return model_all_in(m, f, PREPARED);
	case 'R':
		return model_all_in(m, f, PAUSED) && !release_starts(m, f);
	case 'U':
		return model_all_in(m, f, RUNNING);
	case 'W':
		/* The core undoes no resume: a group would be left half resumed. */
		return !f->group && f->state == SUSPENDED && f->before == RUNNING;
	}
	return false;
}

/*
 * Will the failure that @e arms make @op fail? Where more than one stream or
 * link could be hit, or the failure could hit a stop, the answer is no: such a
 * failure is not armed.
 */
enum hit ops_hit(const struct model *model, const struct op *e, const struct op *op)
{
	struct model copy = *model, *m = &copy;
	struct model_fe *f = m->fe + op->fe;
	enum dpcm_dir dir = e->dir;
	int b = e->fe, i;
	bool joins;

	if (!model_possible(m, op))
		return HIT_NO;
	if (e->arg == FAIL_FE_TRIGGER)
		return hits_fe(m, f, m->fe + e->fe, op) ? HIT_SURE : HIT_NO;
	joins = op->kind == '+' && f->state != CLOSED && model_dir_of(m, f) == dir &&
		op->arg == b && !f->on[b] && !missing(m);
	if (op->kind == '+' && !joins)
		return HIT_NO;

	switch (e->arg) {
	case FAIL_STARTUP:
		if (!joins && !(op->kind == 'O' && model_dir_of(m, f) == dir && f->on[b]))
			return HIT_NO;
		return model_be_open(m, dir, b) ? HIT_NO : HIT_SURE;
	case FAIL_HW_PARAMS:
		if (op->kind == 'H' && f->link[b] && model_dir_of(m, f) == dir &&
		    (f->state == OPEN || f->state == SETUP || f->state == PREPARED ||
		     f->state == UNREADY))
			return HIT_MAYBE;
		return joins ? HIT_MAYBE : HIT_NO;
	case FAIL_PREPARE:
		if (joins)
			return HIT_MAYBE;
		if (op->kind != 'P' || f->group || !f->link[b] || model_dir_of(m, f) != dir ||
		    f->state == OPEN || f->state == RUNNING)
			return HIT_NO;
		/* What has become of a link that was suspended is not certain then. */
		for (i = 0; i < MODEL_BES; i++)
			if (f->link[i] && f->go[i] != DPCM_STOP && f->state != PAUSED)
				return HIT_NO;
		return HIT_MAYBE;
	case FAIL_TRIGGER:
		return hits_trigger(m, f, dir, b, op) ? HIT_SURE : HIT_NO;
	}
	return HIT_NO;
}

/*
 * Random operations
 */

void ops_seed(uint64_t seed)
{
	random_state = seed;
}

/* splitmix64 */
unsigned int ops_random(unsigned int n)
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
	[RUNNING] = "UUUUUDDXXCCPHL",
	[PAUSED] = "RRRRRRUDDCCPPXSL",
	[SUSPENDED] = "WWWWWWWWDCPSR",
	[XRUN] = "PPPPPDCHUS",
};

void ops_draw(const struct model *m, struct op *op)
{
	unsigned int dice = ops_random(100);
	const char *letters;

	memset(op, 0, sizeof(*op));
	op->fe = ops_random(MODEL_FES);
	if (dice < 24) {
		op->arg = ops_random(MODEL_BES);
		op->kind = m->fe[op->fe].on[op->arg] ? '-' : '+';
	} else if (dice < 26) {
		op->kind = 'Z';
		op->fe = 0;
	} else {
		letters = likely[m->fe[op->fe].state];
		if (m->fe[op->fe].group && dice < 32)
			letters = "N";
		op->kind = letters[ops_random(strlen(letters))];
		if (op->kind == 'L')
			op->arg = ops_random(MODEL_FES);
		if (op->kind == 'H')
			op->arg = ops_random(MODEL_RATES);
	}
}

/* A failure that reaches @op, if a few tries find one */
bool ops_draw_failure(const struct model *m, struct op *e, const struct op *op)
{
	int tries;

	for (tries = 0; tries < 12; tries++) {
		memset(e, 0, sizeof(*e));
		e->kind = 'E';
		e->arg = ops_random(FAIL_FE_TRIGGER + 1);
		if (e->arg == FAIL_FE_TRIGGER) {
			e->fe = op->fe;
		} else {
			e->fe = ops_random(MODEL_BES);
			e->dir = op->fe < MODEL_PLAYBACKS ? DPCM_PLAY : DPCM_CAPT;
		}
		if (ops_hit(m, e, op) != HIT_NO)
			return true;
	}
	return false;
}

