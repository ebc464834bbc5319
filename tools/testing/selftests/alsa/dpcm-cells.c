// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>

#include "../kselftest.h"
#include "dpcm-cells.h"

const char * const cell_operation[CELL_OPERATIONS] = {
	"start", "stop", "pause", "release", "period", "route-off", "route-on",
};

static struct dpcm_pcm pcm[CELL_FES];

void cell_load(int fes, int bes)
{
	char card[64];
	int fe;

	for (fe = 0; fe < CELL_FES; fe++)
		pcm[fe].fd = -1;
	snprintf(card, sizeof(card), "fe=%d capture=0 be=%d compress=0", fes, bes);
	dpcm_begin(card);
	if (dpcm.sim && (dpcm.playback != fes || dpcm.bes != bes) && dpcm_load(card))
		ksft_exit_skip("the card cannot be loaded with %s\n", card);
	if (!dpcm.sim)
		ksft_exit_skip("needs the test card\n");
	dpcm_routes_off();
}

int cell_set_up(const struct cell *c)
{
	int fe, be, err;

	for (fe = 0; fe < c->fes; fe++) {
		for (be = 0; be < c->bes; be++) {
			err = dpcm_route(fe, be, true);
			if (err)
				return err;
		}
		err = dpcm_open(pcm + fe, fe);
		err = err ? err : dpcm_hw_params(pcm + fe, 48000);
		err = err ? err : dpcm_prepare(pcm + fe);
		if (err)
			return err;
	}
	return 0;
}

int cell_start_others(const struct cell *c)
{
	int fe, err = 0;

	for (fe = 1; !err && c->others_run && fe < c->fes; fe++)
		err = dpcm_start(pcm + fe);
	return err;
}

void cell_tear_down(void)
{
	int fe;

	for (fe = 0; fe < dpcm.playback; fe++)
		dpcm_close(pcm + fe);
	dpcm_routes_off();
}

/* Is FE 0 heard at each BE of the cell, or at none? */
static int heard(const struct cell *c, bool yes)
{
	struct dpcm_state s;
	int be, err = dpcm_read_state(&s);

	for (be = 0; !err && be < c->bes; be++)
		if ((s.be[be][DPCM_PLAY].heard & 1) != yes)
			err = -EIO;
	return err;
}

static int operate(const struct cell *c, enum cell_operation operation)
{
	switch (operation) {
	case CELL_START:
		return dpcm_start(pcm);
	case CELL_STOP:
		return dpcm_drop(pcm);
	case CELL_PAUSE:
		return dpcm_pause(pcm, true);
	case CELL_RELEASE:
		return dpcm_pause(pcm, false);
	case CELL_ELAPSED:
		return dpcm_step(CELL_PERIOD);
	/* Of the last BE: where there are several, FE 0 still runs on the others. */
	case CELL_ROUTE_OFF:
		return dpcm_route(0, c->bes - 1, false);
	case CELL_ROUTE_ON:
		return dpcm_route(0, c->bes - 1, true);
	default:
		return -EINVAL;
	}
}

int cell_round(const struct cell *c, const struct cell_ruler *ruler)
{
	static const struct {
		enum cell_operation operation;
		int heard;	/* afterwards; -1 if unknown */
	} order[] = {
		{ CELL_START, 1 }, { CELL_ELAPSED, 1 }, { CELL_PAUSE, 0 }, { CELL_RELEASE, 1 },
		{ CELL_ROUTE_OFF, -1 }, { CELL_ROUTE_ON, 1 }, { CELL_STOP, 0 },
	};
	unsigned int i;
	int err;

	err = dpcm_prepare(pcm);
	for (i = 0; !err && i < ARRAY_SIZE(order); i++) {
		ruler->begin();
		err = operate(c, order[i].operation);
		ruler->end(order[i].operation);
		if (!err && order[i].heard >= 0)
			err = heard(c, order[i].heard);
	}
	return err;
}
