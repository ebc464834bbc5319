// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: frames through front ends, crossbar and ports.
 *
 * Time advances in batches. Within a batch no register changes: they are read at
 * its begin, and it ends when the first interrupt is due. So frames can move in
 * chunks, and yet a driver that reacts to an interrupt acts between two frames, as
 * with hardware that is slow compared to the CPU.
 *
 * Blocks at one rate move in step; blocks at different rates exchange no frames. So
 * each rate is simulated by itself:
 *
 *	FE0..3 -> mix -> I2S0, I2S1 -> bench	bench -> I2S1, PDM0 -> mix -> FE4, 5
 */
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/limits.h>
#include <linux/math64.h>

#include "nc1-sim.h"

/* The blocks and streams that can have a rate of their own. */
#define NC1_MAX_RATES	(NC1_SIM_FES + NC1_SIM_OUTS + NC1_SIM_INS + \
			 NC1_BENCH_STREAMS)

/* The ports in the order of their reset lines, and their directions. */
static const enum nc1_sim_block nc1_out_block[] = { NC1_SIM_I2S0, NC1_SIM_I2S1 };
static const enum nc1_sim_block nc1_in_block[] = { NC1_SIM_I2S1, NC1_SIM_PDM0 };
static const enum nc1_bench_id nc1_out_bench[] = { NC1_BENCH_OUT0, NC1_BENCH_OUT1 };
static const enum nc1_bench_id nc1_in_bench[] = { NC1_BENCH_IN0, NC1_BENCH_IN1 };

static void __iomem *nc1_reg(struct nc1_sim *sim, enum nc1_sim_block block,
			     unsigned int reg)
{
	static const unsigned int base[NC1_SIM_BLOCKS] = {
		NC1_WINDOW_FE(0), NC1_WINDOW_FE(1), NC1_WINDOW_FE(2),
		NC1_WINDOW_FE(3), NC1_WINDOW_FE(4), NC1_WINDOW_FE(5),
		[NC1_SIM_XBAR] = NC1_WINDOW_XBAR,
		[NC1_SIM_I2S0] = NC1_WINDOW_I2S(0),
		[NC1_SIM_I2S1] = NC1_WINDOW_I2S(1),
		[NC1_SIM_PDM0] = NC1_WINDOW_PDM0,
	};

	return sim->window + base[block] + reg;
}

/**
 * nc1_sim_reset_block() - apply a reset line to registers
 * @sim: the simulator
 * @block: the block of the line
 * @assert: asserted or released
 *
 * Context: sim->tick held.
 */
void nc1_sim_reset_block(struct nc1_sim *sim, enum nc1_sim_block block,
			 bool assert)
{
	enum nc1_block_id id = NC1_BLOCK_FE_PLAYBACK;
	unsigned int reg;

	lockdep_assert_held(&sim->tick);

	for (reg = 0; reg <= NC1_MAX_REGISTER; reg += 4)
		writel(0, nc1_reg(sim, block, reg));
	sim->stat[block] = 0;

	if (assert) {
		sim->in_reset |= BIT(block);
		return;
	}

	sim->in_reset &= ~BIT(block);
	if (block == NC1_SIM_PDM0)
		id = NC1_BLOCK_PDM;
	else if (block > NC1_SIM_XBAR)
		id = NC1_BLOCK_I2S;
	else if (block == NC1_SIM_XBAR)
		id = NC1_BLOCK_XBAR;
	else if (block >= NC1_SIM_PLAY_FES)
		id = NC1_BLOCK_FE_CAPTURE;
	writel(FIELD_PREP(NC1_ID_MAGIC, NC1_MAGIC) | FIELD_PREP(NC1_ID_BLOCK, id) |
	       FIELD_PREP(NC1_ID_REV, NC1_REV), nc1_reg(sim, block, NC1_ID));
}

static struct nc1_format nc1_read_format(struct nc1_sim *sim,
					 enum nc1_sim_block block, u32 enable,
					 unsigned int fmt_reg)
{
	static const unsigned int width[] = { 16, 24, 32, 32 };
	struct nc1_format format = {};
	u32 fmt, rate, div, clks;

	if (!(readl(nc1_reg(sim, block, NC1_CTRL)) & enable) ||
	    sim->in_reset & BIT(block))
		return format;

	fmt = readl(nc1_reg(sim, block, fmt_reg));
	rate = readl(nc1_reg(sim, block, NC1_RATE));
	div = FIELD_GET(NC1_RATE_DIV, rate);
	clks = BIT(NC1_SIM_BUS) | (rate & NC1_RATE_SRC_44K ?
				   BIT(NC1_SIM_MCLK44K) : BIT(NC1_SIM_MCLK48K));
	if (!div || (READ_ONCE(sim->clks_on) & clks) != clks)
		return format;

	format.rate = (rate & NC1_RATE_SRC_44K ? NC1_MCLK44K_HZ :
						 NC1_MCLK48K_HZ) / div;
	format.channels = FIELD_GET(NC1_FMT_CHANNELS, fmt) + 1;
	format.channels = min_t(u32, format.channels, NC1_MAX_CHANNELS);
	format.width = width[FIELD_GET(NC1_FMT_WIDTH, fmt)];

	return format;
}

static void nc1_read_regs_once(struct nc1_sim *sim, struct nc1_regs *regs)
{
	int i;

	memset(regs, 0, sizeof(*regs));
	for (i = 0; i < NC1_SIM_FES; i++)
		regs->fe[i] = nc1_read_format(sim, i, i < NC1_SIM_PLAY_FES ?
					      NC1_CTRL_TXEN : NC1_CTRL_RXEN,
					      NC1_FMT);
	for (i = 0; i < NC1_SIM_OUTS; i++) {
		regs->out[i] = nc1_read_format(sim, nc1_out_block[i],
					       NC1_CTRL_TXEN, NC1_FMT);
		regs->out_mask[i] = readl(nc1_reg(sim, NC1_SIM_XBAR, NC1_XBAR_OUT(i)));
		regs->out_gain[i] = readl(nc1_reg(sim, nc1_out_block[i], NC1_GAIN));
	}
	for (i = 0; i < NC1_SIM_INS; i++) {
		regs->in[i] = nc1_read_format(sim, nc1_in_block[i], NC1_CTRL_RXEN,
					      i ? NC1_FMT : NC1_RXFMT);
		regs->in_mask[i] = readl(nc1_reg(sim, NC1_SIM_XBAR,
						 NC1_XBAR_IN(NC1_SIM_PLAY_FES + i)));
		regs->in_gain[i] = readl(nc1_reg(sim, nc1_in_block[i], NC1_RXGAIN));
	}
}

/*
 * Hardware sees all registers at one edge. A driver on another CPU writes them
 * one after the other, so read until two passes agree.
 */
static void nc1_read_regs(struct nc1_sim *sim)
{
	struct nc1_regs again;

	do {
		nc1_read_regs_once(sim, &sim->regs);
		nc1_read_regs_once(sim, &again);
	} while (memcmp(&again, &sim->regs, sizeof(again)));
}

static void nc1_write_stat(struct nc1_sim *sim, enum nc1_sim_block block, u32 stat)
{
	if (stat == sim->stat[block])
		return;

	sim->stat[block] = stat;
	writel(stat, nc1_reg(sim, block, NC1_STAT));
}

/* The sticky bits of a block are cleared when it is enabled. */
static u32 nc1_begin_stat(struct nc1_sim *sim, enum nc1_sim_block block)
{
	u32 stat = sim->stat[block];

	return stat & NC1_STAT_BUSY ? stat : NC1_STAT_BUSY;
}

/*
 * Add some of the sources: first the whole sum, then the saturation. The sink
 * takes the channels and bits of its format.
 */
static void nc1_mix(struct nc1_frame *mix, const struct nc1_format *sink,
		    const struct nc1_frame (*source)[NC1_SIM_CHUNK],
		    unsigned int sources, u32 mask, unsigned int count)
{
	u32 bits = ~0u << (32 - sink->width);
	unsigned int i, c, n;
	s64 sum;

	memset(mix, 0, count * sizeof(*mix));
	if (!mask)
		return;
	for (i = 0; i < count; i++)
		for (c = 0; c < sink->channels; c++) {
			for (n = 0, sum = 0; n < sources; n++)
				if (mask & BIT(n))
					sum += source[n][i].ch[c];
			mix[i].ch[c] = clamp_t(s64, sum, S32_MIN, S32_MAX) & bits;
		}
}

static void nc1_move_out(struct nc1_sim *sim, int out, unsigned int rate,
			 unsigned int count, u64 first)
{
	const struct nc1_regs *regs = &sim->regs;
	enum nc1_sim_block block = nc1_out_block[out];
	u32 stat = nc1_begin_stat(sim, block);
	u32 heard = 0;
	int i;

	if (regs->out[out].rate == rate) {
		for (i = 0; i < NC1_SIM_PLAY_FES; i++) {
			if (!(regs->out_mask[out] & BIT(i)) || !regs->fe[i].rate)
				continue;
			if (regs->fe[i].rate == rate)
				heard |= BIT(i);
			else
				stat |= NC1_STAT_RATE;
		}
		nc1_mix(sim->mix, &regs->out[out], sim->play, NC1_SIM_PLAY_FES,
			heard, count);
		nc1_sim_gain(sim->mix, count, &regs->out[out], regs->out_gain[out]);
		nc1_write_stat(sim, block, stat);
	} else {
		memset(sim->mix, 0, count * sizeof(*sim->mix));
	}
	if (nc1_bench_rate(sim, nc1_out_bench[out]) == rate)
		nc1_bench_hear(sim, nc1_out_bench[out], sim->mix, count, first);
}

static void nc1_move_in(struct nc1_sim *sim, int in, unsigned int rate,
			unsigned int count, u64 first)
{
	const struct nc1_format *port = &sim->regs.in[in];

	memset(sim->cable, 0, count * sizeof(*sim->cable[0]));
	if (nc1_bench_rate(sim, nc1_in_bench[in]) == rate)
		nc1_bench_feed(sim, nc1_in_bench[in], sim->cable[0], count, first);
	if (port->rate == rate) {
		nc1_mix(sim->rx[in], port, sim->cable, 1, BIT(0), count);
		nc1_sim_gain(sim->rx[in], count, port, sim->regs.in_gain[in]);
		nc1_write_stat(sim, nc1_in_block[in],
			       nc1_begin_stat(sim, nc1_in_block[in]));
	}
}

/* Move all blocks of one rate by up to a chunk of frames. */
static void nc1_move(struct nc1_sim *sim, unsigned int rate, unsigned int count,
		     u64 first)
{
	const struct nc1_regs *regs = &sim->regs;
	u32 stat, heard;
	int i, k;

	for (i = 0; i < NC1_SIM_PLAY_FES; i++) {
		if (regs->fe[i].rate != rate)
			continue;
		stat = nc1_begin_stat(sim, i);
		nc1_chan_play(&sim->chan[i], &regs->fe[i], sim->play[i], count,
			      first, &stat);
		nc1_write_stat(sim, i, stat);
	}
	for (i = 0; i < NC1_SIM_OUTS; i++)
		nc1_move_out(sim, i, rate, count, first);
	for (i = 0; i < NC1_SIM_INS; i++)
		nc1_move_in(sim, i, rate, count, first);

	for (k = 0; k < NC1_SIM_FES - NC1_SIM_PLAY_FES; k++) {
		int fe = NC1_SIM_PLAY_FES + k;

		if (regs->fe[fe].rate != rate)
			continue;
		for (i = 0, heard = 0; i < NC1_SIM_INS; i++)
			if (regs->in_mask[k] & BIT(i) && regs->in[i].rate == rate)
				heard |= BIT(i);
		nc1_mix(sim->mix, &regs->fe[fe], sim->rx, NC1_SIM_INS, heard, count);
		stat = nc1_begin_stat(sim, fe);
		nc1_chan_record(&sim->chan[fe], &regs->fe[fe], sim->mix, count,
				first, &stat);
		nc1_write_stat(sim, fe, stat);
	}
}

static int nc1_add_rate(unsigned int *rates, int n, unsigned int rate)
{
	int i;

	if (!rate)
		return n;
	for (i = 0; i < n; i++)
		if (rates[i] == rate)
			return n;
	rates[n] = rate;

	return n + 1;
}

static int nc1_collect_rates(struct nc1_sim *sim, unsigned int *rates)
{
	int i, n = 0;

	for (i = 0; i < NC1_SIM_FES; i++)
		n = nc1_add_rate(rates, n, sim->regs.fe[i].rate);
	for (i = 0; i < NC1_SIM_OUTS; i++)
		n = nc1_add_rate(rates, n, sim->regs.out[i].rate);
	for (i = 0; i < NC1_SIM_INS; i++)
		n = nc1_add_rate(rates, n, sim->regs.in[i].rate);
	for (i = 0; i < NC1_BENCH_STREAMS; i++)
		n = nc1_add_rate(rates, n, nc1_bench_rate(sim, i));

	return n;
}

/* Count the frames at this rate until the next interrupt, at most a chunk. */
static unsigned int nc1_frames_to_go(struct nc1_sim *sim, unsigned int rate)
{
	unsigned int to_go = NC1_SIM_CHUNK;
	int i;

	for (i = 0; i < NC1_SIM_FES; i++)
		if (sim->regs.fe[i].rate == rate)
			to_go = min(to_go, nc1_chan_to_go(&sim->chan[i],
							  &sim->regs.fe[i]));
	for (i = 0; i < NC1_BENCH_STREAMS; i++)
		if (nc1_bench_rate(sim, i) == rate)
			to_go = min(to_go, nc1_bench_to_go(sim, i));

	return to_go;
}

/**
 * nc1_sim_frame_at() - count the frames that have begun at a time
 * @ns: simulated nanoseconds since time 0
 * @rate: frames per second
 *
 * Return: frames.
 */
u64 nc1_sim_frame_at(u64 ns, unsigned int rate)
{
	return mul_u64_u32_div(ns, rate, NSEC_PER_SEC);
}

/**
 * nc1_sim_time_of() - get the first time at which a number of frames has begun
 * @frame: frames since time 0
 * @rate: frames per second
 *
 * Return: simulated nanoseconds since time 0.
 */
u64 nc1_sim_time_of(u64 frame, unsigned int rate)
{
	u64 ns = mul_u64_u32_div(frame, NSEC_PER_SEC, rate);

	return nc1_sim_frame_at(ns, rate) < frame ? ns + 1 : ns;
}

static bool nc1_block_runs(const struct nc1_regs *regs, enum nc1_sim_block block)
{
	switch (block) {
	case NC1_SIM_XBAR:
		return false;
	case NC1_SIM_I2S0:
		return regs->out[0].rate;
	case NC1_SIM_I2S1:
		return regs->out[1].rate || regs->in[0].rate;
	case NC1_SIM_PDM0:
		return regs->in[1].rate;
	default:
		return regs->fe[block].rate;
	}
}

/* Up to the next interrupt, or to the target. */
static void nc1_sim_batch(struct nc1_sim *sim, u64 target)
{
	unsigned int rates[NC1_MAX_RATES];
	u64 first, end = target;
	int i, n;

	nc1_read_regs(sim);
	n = nc1_collect_rates(sim, rates);
	for (i = 0; i < n; i++) {
		first = nc1_sim_frame_at(sim->now, rates[i]);
		end = min(end, nc1_sim_time_of(first + nc1_frames_to_go(sim, rates[i]),
					       rates[i]));
	}
	for (i = 0; i < n; i++) {
		first = nc1_sim_frame_at(sim->now, rates[i]);
		nc1_move(sim, rates[i], nc1_sim_frame_at(end, rates[i]) - first, first);
	}
	sim->now = end;

	for (i = 0; i < NC1_SIM_FES; i++)
		nc1_chan_interrupt(&sim->chan[i]);
	for (i = 0; i < NC1_BENCH_STREAMS; i++)
		nc1_bench_interrupt(sim, i);
}

/**
 * nc1_sim_run_until() - let frames move until a time
 * @sim: the simulator
 * @target: simulated nanoseconds since time 0
 *
 * Context: softirqs off, sim->tick held. Calls the clients of DMA channels and
 * of the bench's PCMs, which may take their stream locks.
 */
void nc1_sim_run_until(struct nc1_sim *sim, u64 target)
{
	int i;

	lockdep_assert_held(&sim->tick);

	while (sim->now < target)
		nc1_sim_batch(sim, target);
	nc1_sim_cache_tick(sim);

	for (i = 0; i < NC1_SIM_BLOCKS; i++)
		if (!nc1_block_runs(&sim->regs, i))
			nc1_write_stat(sim, i, sim->stat[i] & ~NC1_STAT_BUSY);
}
