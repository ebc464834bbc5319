// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: the clocks.
 *
 * Three gates behind three clocks of the board, for all blocks. sim-frames.c does not
 * move a block without its clocks. Enabling a gate can fail, as with a broken oscillator
 * or a dead supply in hardware.
 */
#include <linux/clk.h>
#include <linux/clk-provider.h>
#include <linux/err.h>
#include <linux/of.h>

#include "nc1-sim.h"

static const struct {
	const char *input, *name;
	unsigned long rate;	/* 0: any */
} nc1_clks[NC1_SIM_CLKS] = {
	[NC1_SIM_BUS] = { "bus", "nc1-bus", 0 },
	[NC1_SIM_MCLK48K] = { "mclk48k", "nc1-mclk48k", NC1_MCLK48K_HZ },
	[NC1_SIM_MCLK44K] = { "mclk44k", "nc1-mclk44k", NC1_MCLK44K_HZ },
};

/* In both the framework holds a spinlock with interrupts off: no sim->tick here. */
static int nc1_clk_enable(struct clk_hw *hw)
{
	struct nc1_gate *gate = container_of(hw, struct nc1_gate, hw);

	if (nc1_sim_refuses(gate->sim))
		return -EIO;
	set_bit(gate - gate->sim->gate, &gate->sim->clks_on);

	return 0;
}

static void nc1_clk_disable(struct clk_hw *hw)
{
	struct nc1_gate *gate = container_of(hw, struct nc1_gate, hw);

	clear_bit(gate - gate->sim->gate, &gate->sim->clks_on);
}

static const struct clk_ops nc1_clk_ops = {
	.enable = nc1_clk_enable,
	.disable = nc1_clk_disable,
};

static struct clk_hw *nc1_clk_of(struct of_phandle_args *args, void *data)
{
	struct nc1_sim *sim = data;

	if (args->args[0] >= NC1_SIM_CLKS)
		return ERR_PTR(-EINVAL);

	return &sim->gate[args->args[0]].hw;
}

static int nc1_clk_add(struct nc1_sim *sim, enum nc1_sim_clk id)
{
	const char *input = nc1_clks[id].input;
	struct clk_parent_data parent = { .fw_name = input };
	struct clk_init_data init = {
		.name = nc1_clks[id].name,
		.ops = &nc1_clk_ops,
		.parent_data = &parent,
		.num_parents = 1,
	};
	struct clk *clk;

	if (of_property_match_string(sim->dev->of_node, "clock-names", input) < 0)
		return nc1_sim_refuse(sim, -EINVAL, "clock-names",
				      "lacks \"%s\"; name all three clocks", input);
	clk = devm_clk_get(sim->dev, input);
	if (IS_ERR(clk))
		return nc1_sim_refuse(sim, PTR_ERR(clk), "clocks",
				      "no clock for \"%s\"; give one that exists and is enabled",
				      input);
	if (nc1_clks[id].rate && clk_get_rate(clk) != nc1_clks[id].rate)
		return nc1_sim_refuse(sim, -EINVAL, "clocks",
				      "\"%s\" runs at %lu Hz; give one of %lu Hz",
				      input, clk_get_rate(clk), nc1_clks[id].rate);
	sim->gate[id].sim = sim;
	sim->gate[id].hw.init = &init;

	return devm_clk_hw_register(sim->dev, &sim->gate[id].hw);
}

/**
 * nc1_sim_clk_init() - make the gates
 * @sim: the simulator
 *
 * Return: 0, or an error; if the device tree is wrong, after a line in the log.
 */
int nc1_sim_clk_init(struct nc1_sim *sim)
{
	int i, ret;

	for (i = 0; i < NC1_SIM_CLKS; i++) {
		ret = nc1_clk_add(sim, i);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * nc1_sim_clk_provide() - let the drivers of the blocks find the gates
 * @sim: the simulator
 *
 * Return: 0 or an error.
 */
int nc1_sim_clk_provide(struct nc1_sim *sim)
{
	return devm_of_clk_add_hw_provider(sim->dev, nc1_clk_of, sim);
}
