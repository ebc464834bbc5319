// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: random operations, and after each the card compared with a model.
 *
 * After every operation the model (dpcm-model.h) predicts whether it must have
 * succeeded and the state of each back end; the card's debugfs file shows the last
 * command of each back end and what it plays. Operations are drawn from the model's
 * state, so that most of them are possible, some are not allowed and some fail by
 * an injected error. They come in episodes of some hundred that begin and end with
 * all streams closed; each has a seed of its own, so any of them can be run again
 * alone.
 *
 * If the card differs, the episode is cut to the shortest sequence that still shows
 * a difference, and printed in the form of dpcm-scene.h: it can be a scene there.
 *
 * dpcm-fuzz [-q] [OPS [SEED]] -n OPS, -s SEED: the same; -q: shorten nothing
 * dpcm-fuzz [-m] -r SEQUENCE  play it; -m: shorten it if it fails (commas may
 *                             stand for the blanks in it)
 * -c NAME=VALUE,...           more parameters for the test card; without it, each tenth
 *                             of a run has others
 */
#define _GNU_SOURCE

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../kselftest.h"
#include "dpcm-card.h"
#include "dpcm-draw.h"
#include "tracefs.h"

#define OPS_MAX		4096	/* of one sequence */
#define LINES		10	/* test results; each is a tenth of the operations */
#define EPISODE		250
#define MAX_REPLAYS	3000	/* while a sequence is shortened */
#define CARD		"fe=4 capture=2 be=3 compress=0"

static struct dpcm_pcm pcm[MODEL_FES];
static struct model model;
static char card[128] = CARD;

/*
 * Each tenth of a run has a card of its own, if the test card is a module and no other
 * is requested: each value of a parameter, and many pairs of them.
 */
static bool chosen;
static bool quick;
static const char * const kinds[LINES] = {
	"", "sym=7", "order=1", "nores=1", "nonatomic=1", "order=2",
	"sym=7 order=1 nonatomic=1", "nores=1 order=2", "sym=7 nores=1",
	"order=1 nonatomic=1",
};

/*
 * Reading the faults costs as much as an operation. They stay until they are cleared,
 * so the long run reads them now and then; a replay reads them after each operation
 * and finds the one that caused them.
 */
#define LOOK		16
static bool look_each_time = true;
static unsigned int looked;

/* How the card differed */
struct difference {
	int at;			/* index of the operation, -1: it did not */
	char why[256];
};

/* Progress of the whole run */
static unsigned long long wanted, done, told_done;
static time_t begin, told;

/*
 * Card
 */

/* In one line, as all that TAP is to ignore */
static bool any_faults(char *words, size_t len)
{
	int n = dpcm_faults(words, len);
	char *c;

	for (c = words; n && *c; c++)
		if (*c == '\n')
			*c = c[1] ? ';' : 0;
	return n;
}

static bool compare(bool right, int ret, char *why, size_t len)
{
	struct dpcm_state state;
	int err;

	if (!right) {
		snprintf(why, len, ret < 0 ? "failed: %s" : "did not fail%.0s", strerror(-ret));
		return false;
	}
	err = dpcm_read_state(&state);
	if (err) {
		snprintf(why, len, "state: %s", strerror(-err));
		return false;
	}
	if (!model_check(&model, &state, why, len))
		return false;
	return (!look_each_time && ++looked % LOOK) || !any_faults(why, len);
}

/* Closes all and switches all off; false if that does not make it quiet. */
static bool quiet(void)
{
	char why[256];
	int i;

	dpcm_fail_clear();
	for (i = 0; i < MODEL_FES; i++) {
		if (dpcm_close(pcm + i))
			return false;
		pcm[i].fd = -1;
	}
	dpcm_routes_off();
	dpcm_faults_clear();
	model_reset(&model, card);
	return compare(true, 0, why, sizeof(why));
}

/*
 * A card that has once gone wrong may be wrong where it does not show: take a
 * new one, where the test card is a module.
 */
static void renew(void)
{
	quiet();
	if (dpcm_load(card) && dpcm_find())
		ksft_exit_fail_msg("the card does not come back\n");
	if (!quiet())
		ksft_exit_fail_msg("the card does not get quiet\n");
}

/* Marks the operation of the events in a trace of a replay. */
static void mark(const struct op *op)
{
	char text[16];

	if (!look_each_time)
		return;
	ops_print_one(text, sizeof(text), op);
	tracefs_mark(text);
}

/* One operation, with the failure that was armed for it, or NULL */
static bool one_op(const struct op *e, const struct op *op, char *why, size_t len)
{
	enum hit hit = e ? draw_hit(&model, e, op) : HIT_NO;
	int ret, left;
	bool right;

	if (!model_possible(&model, op))
		return true;
	ret = hit == HIT_NO ? 0 : ops_execute(e, pcm, &left);
	if (ret) {
		snprintf(why, len, "cannot arm: %s", strerror(-ret));
		return false;
	}
	mark(op);
	ret = ops_execute(op, pcm, &left);
	if (hit == HIT_NO || (hit == HIT_MAYBE && left))
		e = NULL;
	right = model_apply(&model, op, e, ret);
	if (compare(right, ret, why, len))
		return true;
	if (look_each_time)
		tracefs_mark("wrong");
	return false;
}

/* Plays a sequence on a quiet card. */
static bool play(const struct op *ops, int n, struct difference *d)
{
	const struct op *e = NULL;

	d->at = -1;
	if (!quiet())
		renew();
	for (d->at = 0; d->at < n; d->at++) {
		if (ops[d->at].kind == 'E' || ops[d->at].kind == 'G') {
			e = ops + d->at;
			continue;
		}
		if (!one_op(e, ops + d->at, d->why, sizeof(d->why)))
			return false;
		e = NULL;
	}
	d->at = -1;
	return true;
}

/*
 * Shortening
 */

static int replays;

/* The same but for the numbers? Else another, shorter failure would take over. */
static bool alike(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;;) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b)
			return false;
		if (!*a++)
			return true;
		b++;
	}
}

/* Check whether the sequence still fails so. If so, cut the operations after that. */
static bool still(struct op *ops, int *n, const struct difference *wanted)
{
	struct difference d;

	if (replays >= MAX_REPLAYS)
		return false;
	replays++;
	if (play(ops, *n, &d))
		return false;
	renew();
	*n = d.at + 1;
	return alike(d.why, wanted->why);
}

/* Remove pieces of one size wherever that leaves the failure; return the rest. */
static int remove_pieces(struct op *ops, int n, int piece, const struct difference *d)
{
	static struct op try[OPS_MAX];
	int from, to, len;

	for (to = n; to > 0; to -= piece) {
		from = to > piece ? to - piece : 0;
		memcpy(try, ops, from * sizeof(*ops));
		memcpy(try + from, ops + to, (n - to) * sizeof(*ops));
		len = from + n - to;
		if (!len || !still(try, &len, d))
			continue;
		memcpy(ops, try, len * sizeof(*ops));
		n = len;
		to = (from < n ? from : n) + piece;
	}
	return n;
}

/* Smaller and smaller pieces; single ones until none can go any more. */
static int shorten(struct op *ops, int n, const struct difference *d)
{
	int piece, before;

	replays = 0;
	for (piece = n / 2; piece > 1; piece /= 2)
		n = remove_pieces(ops, n, piece, d);
	do {
		before = n;
		n = remove_pieces(ops, n, 1, d);
	} while (n < before);
	return n;
}

static void report(struct op *ops, int n, struct difference *d, bool minimise)
{
	struct difference again;
	char text[16];

	ops_print_one(text, sizeof(text), ops + d->at);
	ksft_print_msg("operation %d, %s: %s\n", d->at + 1, text, d->why);
	n = d->at + 1;
	renew();
	if (!minimise)
		return;
	if (play(ops, n, &again)) {
		ksft_print_msg("the same sequence does not fail again:\n");
		ops_print(ops, n);
		return;
	}
	renew();
	n = shorten(ops, n, &again);
	if (!play(ops, n, &again)) {
		ops_print_one(text, sizeof(text), ops + again.at);
		ksft_print_msg("shortest of %d replays, fails at %s: %s\n", replays,
			       text, again.why);
	}
	ops_print(ops, n);
	renew();
}

/*
 * Random operations
 */

/* The parameters that are not those of every card, or "" */
static const char *kind(void)
{
	return card + strlen(CARD) + (card[strlen(CARD)] == ' ');
}

static void progress(void)
{
	time_t now = time(NULL), took = now - begin;

	/* A clock that counts instructions may stand still for this program. */
	if (!done || (now - told < 10 && done - told_done < wanted / 50))
		return;
	told = now;
	told_done = done;
	ksft_print_msg("%llu of %llu operations, %llu a second, about %llu s left\n",
		       done, wanted, took ? done / took : 0,
		       done < wanted ? (wanted - done) * took / done : 0);
}

/* One operation, appended to the sequence */
static bool step(struct op *ops, int *n, const struct op *op, struct difference *d)
{
	struct op *e = NULL;

	if (op->kind != 'X' && draw_random(8) == 0 && draw_failure(&model, ops + *n, op))
		e = ops + (*n)++;
	d->at = *n;
	ops[(*n)++] = *op;
	done++;
	return one_op(e, op, d->why, sizeof(d->why));
}

/* Random operations, then all is closed and switched off, one by one. */
static bool episode(uint64_t seed)
{
	static struct op ops[OPS_MAX];
	struct difference d;
	struct op op = { 0 };
	bool ok = true;
	int n = 0, i;

	draw_seed(seed);
	if (!quiet())
		renew();
	look_each_time = false;
	for (i = 0; ok && i < EPISODE; i++) {
		draw_op(&model, &op);
		if (model_possible(&model, &op))
			ok = step(ops, &n, &op, &d);
	}
	op.kind = 'C';
	for (op.fe = 0; ok && op.fe < MODEL_FES; op.fe++)
		if (model_possible(&model, &op))
			ok = step(ops, &n, &op, &d);
	op.kind = '-';
	for (i = 0; ok && i < MODEL_FES * MODEL_BES; i++) {
		op.fe = i / MODEL_BES;
		op.arg = i % MODEL_BES;
		if (model.fe[op.fe].on[op.arg])
			ok = step(ops, &n, &op, &d);
	}
	look_each_time = true;
	if (ok && any_faults(d.why, sizeof(d.why))) {
		ok = false;
		d.at = n - 1;
	}
	if (!ok) {
		ksft_print_msg("seed %llu, card \"%s\":\n", (unsigned long long)seed, kind());
		report(ops, n, &d, !quick);
	}
	progress();
	return ok;
}

/* The card of a line of the results */
static void take_card(int line)
{
	int err = 0;

	if (!chosen) {
		snprintf(card, sizeof(card), CARD " %s", kinds[line - 1]);
		err = dpcm_load(card);
	}
	if (err == -EOPNOTSUPP) {
		snprintf(card, sizeof(card), CARD);
		err = dpcm_find();
	}
	if (err)
		ksft_exit_fail_msg("no card %s: %s\n", card, strerror(-err));
}

/* A tenth of the run; the first difference ends it, the next begins anew. */
static bool tenth(struct dpcm_log *log, uint64_t *seed, unsigned long long end)
{
	const char *splat;
	bool ok = true;

	for (; ok && done < end; ++*seed) {
		ok = episode(*seed);
		splat = dpcm_log_splat(log);
		if (!splat)
			continue;
		ok = false;
		ksft_print_msg("seed %llu: %s\n", (unsigned long long)*seed, splat);
	}
	done = end;
	return ok;
}

static void fuzz(uint64_t seed)
{
	struct dpcm_log log;
	uint64_t first;
	bool ok;
	int line;

	if (dpcm_log_open(&log))
		ksft_exit_fail_msg("no /dev/kmsg\n");
	ksft_set_plan(LINES);
	ksft_print_msg("seed %llu, %llu operations\n", (unsigned long long)seed, wanted);
	begin = time(NULL) - 1;
	told = begin;
	for (line = 1; line <= LINES; line++) {
		first = seed;
		take_card(line);
		ok = tenth(&log, &seed, wanted * line / LINES);
		ksft_test_result(ok, "random operations, seeds %llu to %llu, card \"%s\"\n",
				 (unsigned long long)first, (unsigned long long)seed - 1,
				 kind());
	}
}

static void replay(const char *sequence, bool minimise)
{
	static struct op ops[OPS_MAX];
	const char *at = sequence;
	int n = ops_parse(&at, ops, OPS_MAX);
	struct difference d;
	bool ok;

	if (n < 0)
		ksft_exit_fail_msg("\"%s\" is no operation\n", at);
	ksft_set_plan(1);
	ok = play(ops, n, &d);
	if (!ok)
		report(ops, n, &d, minimise);
	ksft_test_result(ok, "%s\n", sequence);
}

static void add_parameters(const char *text)
{
	char *c;

	snprintf(card, sizeof(card), CARD " %s", text);
	for (c = card; *c; c++)
		if (*c == ',')
			*c = ' ';
	chosen = true;
}

static unsigned long long number(const char *text, const char *otherwise)
{
	char *end;
	unsigned long long n;

	if (!text)
		text = otherwise;
	n = strtoull(text, &end, 0);
	if (!*text || *end)
		ksft_exit_fail_msg("cannot read %s\n", text);
	return n;
}

int main(int argc, char **argv)
{
	const char *ops = getenv("DPCM_FUZZ_OPS"), *seed = getenv("DPCM_FUZZ_SEED");
	const char *sequence = NULL;
	bool minimise = false;
	int c, i;

	while ((c = getopt(argc, argv, "n:s:r:c:mq")) != -1) {
		switch (c) {
		case 'n':
			ops = optarg;
			break;
		case 's':
			seed = optarg;
			break;
		case 'r':
			sequence = optarg;
			break;
		case 'c':
			add_parameters(optarg);
			break;
		case 'm':
			minimise = true;
			break;
		case 'q':
			quick = true;
			break;
		default:
			return KSFT_FAIL;
		}
	}
	if (optind < argc)
		ops = argv[optind++];
	if (optind < argc)
		seed = argv[optind++];
	wanted = number(ops, "50000");

	dpcm_begin(card);
	if (!dpcm.sim)
		ksft_exit_skip("what a BE does can be seen only on the test card\n");
	if (dpcm.playback != MODEL_PLAYBACKS || dpcm.bes != MODEL_BES ||
	    dpcm.capture != MODEL_FES - MODEL_PLAYBACKS)
		ksft_exit_skip("the card is not one with %s\n", card);
	for (i = 0; i < MODEL_FES; i++)
		pcm[i].fd = -1;
	if (sequence)
		replay(sequence, minimise);
	else
		fuzz(number(seed, "1"));
	quiet();
	ksft_finished();
}
