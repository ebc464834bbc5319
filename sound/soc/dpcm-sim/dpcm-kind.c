// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: its kind, as set by the parameters of the module.
 */
#include <linux/errno.h>
#include <linux/module.h>

#include "../vendor-nc/compat.h"
#include "dpcm-sim.h"

struct dpcm_sim_kind dpcm_sim_kind = {
	.playback = 4,
	.captures = 2,
	.bes = 3,
	.compressed = 1,
	.codecs = 1,
};

module_param_named(fe, dpcm_sim_kind.playback, int, 0444);
MODULE_PARM_DESC(fe, "Playback FEs, 1 to 32 (default 4)");

module_param_named(capture, dpcm_sim_kind.captures, int, 0444);
MODULE_PARM_DESC(capture, "Capture FEs, 0 to 16 (default 2)");

module_param_named(be, dpcm_sim_kind.bes, int, 0444);
MODULE_PARM_DESC(be, "BEs, 1 to 8 (default 3)");

module_param_named(compress, dpcm_sim_kind.compressed, int, 0444);
MODULE_PARM_DESC(compress, "Compressed playback FEs, 0 or 1 (default 1)");

module_param_named(codecs, dpcm_sim_kind.codecs, int, 0444);
MODULE_PARM_DESC(codecs, "Codec DAIs of each BE, 1 or 2 (default 1)");

module_param_named(nonatomic, dpcm_sim_kind.nonatomic, int, 0444);
MODULE_PARM_DESC(nonatomic, "Nonatomic links: 0 none (default), 1 all, 2 those of FEs, 3 those of BEs, 4 those of odd FEs, 5 those of odd BEs");

module_param_named(order, dpcm_sim_kind.order, int, 0444);
MODULE_PARM_DESC(order, "FE or BE first: 0 pre (default), 1 post, 2 pre and post in turn, 3 bespoke");

module_param_named(chain, dpcm_sim_kind.chain, int, 0444);
MODULE_PARM_DESC(chain, "Component chaining, 0 or 1 (default 0)");

module_param_named(merged, dpcm_sim_kind.merged, int, 0444);
MODULE_PARM_DESC(merged, "Codecs do 48 kHz stereo only and FEs offer what they can, 0 or 1 (default 0)");

module_param_named(sym, dpcm_sim_kind.sym, int, 0444);
MODULE_PARM_DESC(sym, "Symmetries of the BEs' DAIs: 1 rate, 2 channels, 4 sample bits, and their sums (default 0)");

module_param_named(nores, dpcm_sim_kind.nores, int, 0444);
MODULE_PARM_DESC(nores, "FEs cannot resume, 0 or 1 (default 0)");

module_param_named(hwlim, dpcm_sim_kind.hwlim, int, 0444);
MODULE_PARM_DESC(hwlim, "The component of the FEs does 48 kHz only, 0 or 1 (default 0)");

module_param_named(rt, dpcm_sim_kind.rt, int, 0444);
MODULE_PARM_DESC(rt, "The BEs' prepare needs the rate of their runtime, 0 or 1 (default 0)");

module_param_named(fixed, dpcm_sim_kind.fixed, int, 0444);
MODULE_PARM_DESC(fixed, "BEs convert to 48 kHz, S16_LE, stereo, 0 or 1 (default 0)");

module_param_named(awake, dpcm_sim_kind.awake, int, 0444);
MODULE_PARM_DESC(awake, "FE 0 and BE 0 go on during a system sleep, 0 or 1 (default 0)");

module_param_named(early, dpcm_sim_kind.early, int, 0444);
MODULE_PARM_DESC(early, "Loading waits in the middle of the card's registration, 0 or 1 (default 0)");

module_param_named(graph, dpcm_sim_kind.graph, int, 0444);
MODULE_PARM_DESC(graph, "FE 0 has routes that change without a switch, 0 or 1 (default 0)");

module_param_named(deaf, dpcm_sim_kind.deaf, int, 0444);
MODULE_PARM_DESC(deaf, "BE 0 does not record, 0 or 1 (default 0)");

static const struct {
	const char *name;
	const int *value;
	int min, max;
} params[] = {
	{ "fe", &dpcm_sim_kind.playback, 1, DPCM_SIM_FES },
	{ "capture", &dpcm_sim_kind.captures, 0, DPCM_SIM_CAPTURES },
	{ "be", &dpcm_sim_kind.bes, 1, DPCM_SIM_BES },
	{ "compress", &dpcm_sim_kind.compressed, 0, 1 },
	{ "codecs", &dpcm_sim_kind.codecs, 1, DPCM_SIM_CODECS },
	{ "nonatomic", &dpcm_sim_kind.nonatomic, 0, 5 },
	{ "order", &dpcm_sim_kind.order, 0, 3 },
	{ "chain", &dpcm_sim_kind.chain, 0, 1 },
	{ "merged", &dpcm_sim_kind.merged, 0, 1 },
	{ "sym", &dpcm_sim_kind.sym, 0, 7 },
	{ "nores", &dpcm_sim_kind.nores, 0, 1 },
	{ "hwlim", &dpcm_sim_kind.hwlim, 0, 1 },
	{ "rt", &dpcm_sim_kind.rt, 0, 1 },
	{ "fixed", &dpcm_sim_kind.fixed, 0, 1 },
	{ "deaf", &dpcm_sim_kind.deaf, 0, 1 },
	{ "awake", &dpcm_sim_kind.awake, 0, 1 },
	{ "early", &dpcm_sim_kind.early, 0, 1 },
	{ "graph", &dpcm_sim_kind.graph, 0, 1 },
	{ "record", &dpcm_sim_recording, 0, 1 },
};

/**
 * dpcm_sim_kind_check() - check whether the parameters are possible
 *
 * Return: 0, or -EINVAL after a line in the log that names the wrong one.
 */
int dpcm_sim_kind_check(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		int value = *params[i].value;

		if (value < params[i].min || value > params[i].max) {
			pr_err("dpcm-sim: %s=%d is not one of %d to %d\n",
			       params[i].name, value, params[i].min, params[i].max);
			return -EINVAL;
		}
	}
	if (dpcm_sim_kind.graph && (dpcm_sim_kind.playback < 2 || dpcm_sim_kind.bes < 3)) {
		pr_err("dpcm-sim: graph=1 needs two playback FEs and three BEs\n");
		return -EINVAL;
	}
#ifndef NC1_BESPOKE_TRIGGER
	if (dpcm_sim_kind.order == 3) {
		pr_err("dpcm-sim: order=3: this kernel has no bespoke triggers\n");
		return -EINVAL;
	}
#endif
	return 0;
}
