// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: the calls of the drivers of a card, to compare two kernels.
 *
 * Random legal sequences (dpcm-legal.h) are played on a test card that records each
 * callback of its DAIs, components, links and mixers. Operations and callbacks are
 * written one a line, a callback behind a blank:
 *
 *	card order=1
 *	sequence 17
 *	+00
 *	O0
 *	 BE0-component p open
 *	 BE0-link p startup
 *
 * lab/drivers.py compares the files of two kernels. This program only checks that
 * each operation succeeded, that no BE received a wrong call, and that the record is
 * complete; then both kernels have played the same.
 *
 * dpcm-drivers [SEQUENCES [SEED]]   number of sequences for each kind of card
 * dpcm-drivers -r SEQUENCE [-c N]   play this one, on the card number N of the list
 *
 * DPCM_DRIVERS_OUT in the environment: the file to write to, instead of comments.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "dpcm-card.h"
#include "dpcm-legal.h"

#define OPERATIONS	50	/* of a sequence, before all is closed */
#define LEGAL_MAX	256	/* with that */
#define TEXT		65536	/* more than the card records */

static const char * const cards[] = {
	"order=0", "order=1", "order=2", "nonatomic=1", "codecs=2",
};

static struct dpcm_pcm pcm[MODEL_FES];
static FILE *out;
static int calls = -1;

static void note(const char *text)
{
	if (out)
		fprintf(out, "%s\n", text);
	else
		ksft_print_msg("%s\n", text);
}

/* Read the calls since the last time; false if some of them are lost. */
static bool note_calls(void)
{
	static char text[TEXT];
	char *line, *save = NULL;
	size_t used = 0;
	ssize_t n;
	char what[96];

	while ((n = pread(calls, text + used, sizeof(text) - 1 - used, used)) > 0)
		used += n;
	text[used] = '\0';
	if (n < 0 || write(calls, "0", 1) != 1)
		return false;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "lost ", 5))
			return false;
		snprintf(what, sizeof(what), " %s", line);
		note(what);
	}
	return true;
}

static bool one_op(const struct op *op)
{
	char text[16];
	int ret, left;

	ops_print_one(text, sizeof(text), op);
	note(text);
	ret = ops_execute(op, pcm, &left);
	if (ret < 0) {
		ksft_print_msg("%s: %s\n", text, strerror(-ret));
		return false;
	}
	if (note_calls())
		return true;
	ksft_print_msg("%s: calls were lost\n", text);
	return false;
}

static bool no_faults(void)
{
	char words[1024], *c;

	if (!dpcm_faults(words, sizeof(words)))
		return true;
	for (c = words; *c; c++)
		if (*c == '\n')
			*c = c[1] ? ';' : '\0';
	ksft_print_msg("a BE complains: %s\n", words);
	return false;
}

/*
 * Sequences
 */

static void close_all(void)
{
	int i;

	for (i = 0; i < MODEL_FES; i++) {
		dpcm_close(pcm + i);
		pcm[i].fd = -1;
	}
	dpcm_routes_off();
	dpcm_faults_clear();
}

static void load(const char *card)
{
	char parameters[128];
	int i;

	if (calls >= 0)
		close(calls);
	for (i = 0; i < MODEL_FES; i++)
		pcm[i].fd = -1;
	snprintf(parameters, sizeof(parameters), LEGAL_CARD " record=1 %s", card);
	if (dpcm_load(parameters))
		ksft_exit_fail_msg("no card with %s\n", parameters);
	calls = open(DPCM_SIM_DIR "calls", O_RDWR | O_CLOEXEC);
	if (calls < 0)
		ksft_exit_fail_msg("the card does not record\n");
}

static bool sequence(uint64_t seed)
{
	static struct op ops[LEGAL_MAX];
	struct legal l;
	bool ok = true;
	int n = 0;

	legal_begin(&l, seed);
	while (ok && n < OPERATIONS) {
		legal_draw(&l, ops + n);
		legal_apply(&l, ops + n);
		ok = one_op(ops + n++);
	}
	while (ok && legal_finish(&l, ops + n)) {
		legal_apply(&l, ops + n);
		ok = one_op(ops + n++);
	}
	ok = ok && no_faults();
	if (!ok)
		ops_print(ops, n);
	return ok;
}

static bool sequences(const char *card, uint64_t seed, unsigned long count)
{
	bool ok = true, good;
	char text[64];

	load(card);
	snprintf(text, sizeof(text), "card %s", card);
	note(text);
	for (; count; count--, seed++) {
		snprintf(text, sizeof(text), "sequence %llu", (unsigned long long)seed);
		note(text);
		good = sequence(seed);
		if (!good) {
			ksft_print_msg("%s, sequence %llu\n", card,
				       (unsigned long long)seed);
			close_all();
			load(card);
		}
		ok = ok && good;
	}
	return ok;
}

static void replay(const char *text, const char *card)
{
	static struct op ops[LEGAL_MAX];
	const char *rest = text;
	bool ok = true;
	int n, i;

	ksft_set_plan(1);
	load(card);
	n = ops_parse(&rest, ops, LEGAL_MAX);
	if (n < 0)
		ksft_exit_fail_msg("this is no operation: %s\n", rest);
	note(card);
	for (i = 0; ok && i < n; i++)
		ok = one_op(ops + i);
	ok = no_faults() && ok;
	ksft_test_result(ok, "%s\n", text);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (!*text || *end)
		ksft_exit_fail_msg("cannot read %s\n", text);
	return n;
}

int main(int argc, char **argv)
{
	const char *file = getenv("DPCM_DRIVERS_OUT"), *text = NULL;
	unsigned long count = 20, seed = 1, card = 0, i;
	struct legal_rule *rule;
	int c;

	while ((c = getopt(argc, argv, "r:c:")) != -1) {
		if (c == 'r')
			text = optarg;
		else if (c == 'c')
			card = number(optarg) % ARRAY_SIZE(cards);
		else
			return KSFT_FAIL;
	}
	if (optind < argc)
		count = number(argv[optind++]);
	if (optind < argc)
		seed = number(argv[optind++]);

	dpcm_begin(LEGAL_CARD " record=1");
	if (!dpcm.sim)
		ksft_exit_skip("what drivers are told can be seen only on the test card\n");
	if (file) {
		out = fopen(file, "we");
		if (!out)
			ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	}
	if (text) {
		replay(text, cards[card]);
	} else {
		ksft_set_plan(ARRAY_SIZE(cards));
		for (i = 0; i < ARRAY_SIZE(cards); i++)
			ksft_test_result(sequences(cards[i], seed + i * count, count),
					 "%lu sequences, %s\n", count, cards[i]);
		for (rule = legal_rules; rule->row; rule++)
			ksft_print_msg("%s kept out %lu: %s\n", rule->row,
				       rule->kept_out, rule->what);
	}
	if (out && fclose(out))
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	close_all();
	ksft_finished();
}
