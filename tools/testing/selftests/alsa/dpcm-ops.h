/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of the DPCM tests: read from a text, written to one, executed on the
 * card. dpcm-scene.h describes the text. Scenes (dpcm-scene.c) and the random
 * test (dpcm-fuzz.c) have them from here, so a sequence of one is a sequence of the
 * other.
 */
#ifndef DPCM_OPS_H
#define DPCM_OPS_H

#include "dpcm-card.h"

#define OPS_RATES	4	/* parameter sets that differ in the rate only */
#define OPS_PARAMS	6	/* all parameter sets */
#define OPS_BUFFER	960	/* frames of a stream */

extern const struct dpcm_params ops_params[OPS_PARAMS];

/* The step in which a BE or an FE fails (operations E and G) */
enum step {
	STEP_OPEN,
	STEP_HW_PARAMS,
	STEP_PREPARE,
	STEP_START,
	STEP_STOP,
	STEP_FIXUP,
	STEP_PAUSE,
	STEP_SUSPEND,
	STEP_RESUME,
	STEPS
};

/* One operation; kind is its letter. */
struct op {
	char kind;
	unsigned char fe;	/* E: the BE */
	unsigned char arg;	/* + -: BE, H: parameters, L: the other FE, E G: step */
	unsigned char dir;	/* E: direction of the BE */
	char suffix;		/* '!', '?' or 0 */
};

/* Added to each FE of a text; a capture FE also turns its BEs to capture. */
extern int ops_base;

/* Reads the first operation: how many characters it has, or -1 if it is none */
int ops_parse_one(const char *text, struct op *op);
/* Read all; return their number, or -1 and the part of @text that is no operation. */
int ops_parse(const char **text, struct op *ops, int max);
/* Skips blanks and commas. */
const char *ops_skip(const char *text);
/* A digit, or a letter for a capture FE; the FE's number or -1 */
int ops_parse_fe(char c);
char ops_fe_name(int fe);

int ops_print_one(char *to, size_t len, const struct op *op);
/* In lines that TAP ignores */
void ops_print(const struct op *ops, int n);

/*
 * Execute the operation; 0 or a negative error code. Failures armed by E and G are cleared
 * after the next operation; @left is the number of such failures that did not happen.
 */
int ops_execute(const struct op *op, struct dpcm_pcm *pcm, int *left);

#endif
