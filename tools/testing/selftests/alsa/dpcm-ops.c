// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of the DPCM tests, see dpcm-ops.h; dpcm-scene.h explains them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-ops.h"

const struct dpcm_params ops_params[OPS_PARAMS] = {
	{ 48000, SNDRV_PCM_FORMAT_S16_LE, 2 },
	{ 44100, SNDRV_PCM_FORMAT_S16_LE, 2 },
	{ 96000, SNDRV_PCM_FORMAT_S16_LE, 2 },
	{ 16000, SNDRV_PCM_FORMAT_S16_LE, 2 },
	{ 48000, SNDRV_PCM_FORMAT_S32_LE, 2 },
	{ 48000, SNDRV_PCM_FORMAT_S16_LE, 1 },
};

/* Names of the test card */
static const char * const step_name[STEPS] = {
	[STEP_OPEN] = "startup",
	[STEP_HW_PARAMS] = "hw_params",
	[STEP_PREPARE] = "prepare",
	[STEP_START] = "start",
	[STEP_STOP] = "stop",
	[STEP_FIXUP] = "fixup",
	[STEP_PAUSE] = "pause",
	[STEP_SUSPEND] = "suspend",
	[STEP_RESUME] = "resume",
};

int ops_base;
static bool armed;

/*
 * Text
 */

const char *ops_skip(const char *text)
{
	return text + strspn(text, " ,\t\n");
}

int ops_parse_fe(char c)
{
	int fe = -1;

	if (c >= '0' && c <= '9')
		fe = c - '0' + ops_base;
	else if (c >= 'a' && c < 'a' + dpcm.capture)
		fe = c - 'a' + dpcm.playback;
	return fe < dpcm.fes ? fe : -1;
}

char ops_fe_name(int fe)
{
	return dpcm_dir(fe) == DPCM_CAPT ? 'a' + fe - dpcm.playback : '0' + fe;
}

static bool parse_fe(const char **s, unsigned char *to)
{
	int fe = ops_parse_fe(**s);

	*to = fe;
	*s += fe >= 0;
	return fe >= 0;
}

static bool parse_digit(const char **s, unsigned char *to, int limit)
{
	if (**s < '0' || **s >= '0' + limit)
		return false;
	*to = *(*s)++ - '0';
	return true;
}

/* Those from the number of BEs on are the capture side of the same BEs. */
static bool parse_be(const char **s, unsigned char *be, unsigned char *dir)
{
	if (!parse_digit(s, be, 2 * dpcm.bes))
		return false;
	*dir = *be >= dpcm.bes ? DPCM_CAPT : dpcm_dir(ops_base);
	*be %= dpcm.bes;
	return true;
}

static bool parse_operands(const char **s, struct op *op)
{
	switch (op->kind) {
	case 'Z':
	case 'z':
		return true;
	case '+':
	case '-':
		return parse_fe(s, &op->fe) && parse_be(s, &op->arg, &op->dir);
	case 'H':
		if (!parse_fe(s, &op->fe))
			return false;
		parse_digit(s, &op->arg, OPS_PARAMS);
		return true;
	case 'L':
		return parse_fe(s, &op->fe) && parse_fe(s, &op->arg);
	case 'E':
		return parse_digit(s, &op->arg, STEPS) &&
		       parse_be(s, &op->fe, &op->dir);
	case 'G':
		return parse_digit(s, &op->arg, STEPS) && parse_fe(s, &op->fe);
	}
	return *s && strchr("OFPSURDVXxCNW", op->kind) && parse_fe(s, &op->fe);
}

int ops_parse_one(const char *text, struct op *op)
{
	const char *s = text;

	memset(op, 0, sizeof(*op));
	if (!*s)
		return -1;
	op->kind = *s++;
	if (!parse_operands(&s, op))
		return -1;
	if (op->kind != 'E')
		op->dir = 0;
	if (*s == '!' || *s == '?')
		op->suffix = *s++;
	return *s && ops_skip(s) == s ? -1 : s - text;
}

int ops_parse(const char **text, struct op *ops, int max)
{
	int n = 0, used;

	for (*text = ops_skip(*text); **text && n < max; *text = ops_skip(*text)) {
		used = ops_parse_one(*text, ops + n++);
		if (used < 0)
			return -1;
		*text += used;
	}
	return n;
}

int ops_print_one(char *to, size_t len, const struct op *op)
{
	char fe = ops_fe_name(op->fe);

	switch (op->kind) {
	case 'Z':
	case 'z':
		return snprintf(to, len, "%c", op->kind);
	case '+':
	case '-':
		return snprintf(to, len, "%c%c%d", op->kind, fe, op->arg);
	case 'H':
		if (!op->arg)
			break;
		return snprintf(to, len, "H%c%d", fe, op->arg);
	case 'L':
		return snprintf(to, len, "L%c%c", fe, ops_fe_name(op->arg));
	case 'E':
		return snprintf(to, len, "E%d%d", op->arg,
				op->fe + (op->dir == DPCM_CAPT ? dpcm.bes : 0));
	case 'G':
		return snprintf(to, len, "G%d%c", op->arg, fe);
	}
	return snprintf(to, len, "%c%c", op->kind, fe);
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

/*
 * Card
 */

/* The DMA moves until the buffer is empty. */
static int drain(struct dpcm_pcm *p)
{
	int err = dpcm_drain(p);

	if (err != -EAGAIN)
		return err;
	if (dpcm_pcm_state(p) == SNDRV_PCM_STATE_DRAINING)
		err = dpcm_step(OPS_BUFFER);
	else
		err = 0;
	return err ? : dpcm_pcm_state(p) == SNDRV_PCM_STATE_SETUP ? 0 : -EBUSY;
}

static int execute(const struct op *op, struct dpcm_pcm *pcm)
{
	struct dpcm_pcm *p = pcm + op->fe;

	switch (op->kind) {
	case '+':
	case '-':
		return dpcm_route(op->fe, op->arg, op->kind == '+');
	case 'O':
		return dpcm_open(p, op->fe);
	case 'H':
		return dpcm_hw_params_set(p, ops_params + op->arg);
	case 'F':
		return dpcm_hw_free(p);
	case 'P':
		return dpcm_prepare(p);
	case 'S':
		return dpcm_start(p);
	case 'U':
		return dpcm_pause(p, true);
	case 'R':
		return dpcm_pause(p, false);
	case 'D':
		return dpcm_drop(p);
	case 'V':
		return drain(p);
	case 'X':
		return dpcm_stop_xrun(op->fe);
	case 'x':
		return dpcm_xrun(p);
	case 'C':
		return dpcm_close(p);
	case 'L':
		return dpcm_link(p, pcm + op->arg);
	case 'N':
		return dpcm_unlink(p);
	case 'Z':
		return dpcm_suspend_all();
	case 'z':
		return dpcm_sleep();
	case 'W':
		return dpcm_resume(p);
	}
	return -EINVAL;
}

int ops_execute(const struct op *op, struct dpcm_pcm *pcm, int *left)
{
	int err;

	*left = 0;
	if (op->kind == 'E' || op->kind == 'G') {
		armed = true;
		return op->kind == 'E' ?
		       dpcm_fail_be(op->fe, op->dir, step_name[op->arg], 1) :
		       dpcm_fail_fe(op->fe, step_name[op->arg], 1);
	}
	err = execute(op, pcm);
	if (armed) {
		*left = dpcm_armed();
		dpcm_fail_clear();
		armed = false;
	}
	return err;
}
