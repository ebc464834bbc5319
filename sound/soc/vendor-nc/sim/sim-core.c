// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: the device, its clock and its resets.
 *
 * The simulator stands in for the silicon: the DMA controller, the reset
 * controller, and what happens behind the register windows. The windows are
 * ordinary memory that the device tree reserves; the real drivers map them as
 * registers, as on hardware. The simulator reads them before each batch of
 * frames.
 *
 * The clock ticks once per millisecond of real time while a stream runs. If
 * the machine is too slow for that, simulated time is stretched: catching up
 * would cause an underrun that no hardware has. A test can stop the clock and
 * step it frame by frame ("mode" and "step" in debugfs), or let it run faster or
 * slower (the module's parameter "speed").
 *
 * Documentation/sound/soc/vendor-nc/nc1-hardware.rst describes the hardware,
 * Documentation/sound/soc/vendor-nc/nc1-sim.rst how to use the simulator.
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>

#include "../compat.h"
#include "nc1-sim.h"

#define NC1_SIM_TICK_NS		NSEC_PER_MSEC
/*
 * The part of a delay that is made up for; the rest stretches time. Not too little:
 * the ALSA core returns an error if a stream needs 1.1 times as long as it should.
 */
#define NC1_SIM_CATCH_UP_NS	(50 * NC1_SIM_TICK_NS)
#define NC1_SIM_MAX_SPEED	10000	/* percent */

static unsigned int nc1_sim_speed = 100;

static int nc1_sim_set_speed(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, NC1_SIM_MAX_SPEED);
}

static const struct kernel_param_ops nc1_sim_speed_ops = {
	.set = nc1_sim_set_speed,
	.get = param_get_uint,
};

module_param_cb(speed, &nc1_sim_speed_ops, &nc1_sim_speed, 0644);
MODULE_PARM_DESC(speed, "Simulated time for real time, in percent (default 100)");

/**
 * nc1_sim_kick() - start the clock, as a stream may run now
 * @sim: the simulator
 *
 * Context: any.
 */
void nc1_sim_kick(struct nc1_sim *sim)
{
	if (!hrtimer_is_queued(&sim->timer))
		hrtimer_start(&sim->timer, ns_to_ktime(NC1_SIM_TICK_NS),
			      HRTIMER_MODE_REL_SOFT);
}

/**
 * nc1_sim_wait() - wait for interrupts that are being delivered
 * @sim: the simulator
 *
 * Context: process context, no stream lock held.
 */
void nc1_sim_wait(struct nc1_sim *sim)
{
	spin_lock_bh(&sim->tick);
	spin_unlock_bh(&sim->tick);
}

static bool nc1_sim_moves(struct nc1_sim *sim)
{
	int i;

	for (i = 0; i < NC1_SIM_FES; i++)
		if (READ_ONCE(sim->chan[i].active))
			return true;
	for (i = 0; i < NC1_BENCH_STREAMS; i++)
		if (nc1_bench_rate(sim, i))
			return true;

	return false;
}

static enum hrtimer_restart nc1_sim_timer(struct hrtimer *timer)
{
	struct nc1_sim *sim = container_of(timer, struct nc1_sim, timer);
	ktime_t now = ktime_get();
	u64 simulated;
	s64 passed;

	spin_lock(&sim->tick);
	passed = ktime_to_ns(ktime_sub(now, sim->last));
	/* After a rest there is nothing to make up for. */
	if (sim->resting)
		passed = NC1_SIM_TICK_NS;
	passed = clamp_t(s64, passed, 0, NC1_SIM_CATCH_UP_NS);
	sim->last = now;
	simulated = div_u64((u64)passed * READ_ONCE(nc1_sim_speed), 100);
	if (!sim->step)
		nc1_sim_run_until(sim, sim->now + simulated);
	sim->resting = sim->step || !nc1_sim_moves(sim);
	if (!sim->resting)
		nc1_sim_kick(sim);
	spin_unlock(&sim->tick);

	return HRTIMER_NORESTART;
}

/**
 * nc1_sim_refuses() - check whether this is the call that a test lets fail
 * @sim: the simulator
 *
 * Counts calls that can fail in hardware: a clock does not start, a block does not come
 * out of reset, a DMA channel cannot be configured or accepts no transfer.
 *
 * Context: any.
 * Return: true once, at the call that the debugfs file "refuse" names.
 */
bool nc1_sim_refuses(struct nc1_sim *sim)
{
	return !atomic_dec_if_positive(&sim->refuse);
}

static int nc1_sim_set_reset(struct reset_controller_dev *rcdev,
			     unsigned long line, bool assert)
{
	struct nc1_sim *sim = container_of(rcdev, struct nc1_sim, rcdev);

	spin_lock_bh(&sim->tick);
	nc1_sim_reset_block(sim, line, assert);
	spin_unlock_bh(&sim->tick);

	return 0;
}

static int nc1_sim_assert(struct reset_controller_dev *rcdev, unsigned long line)
{
	return nc1_sim_set_reset(rcdev, line, true);
}

static int nc1_sim_deassert(struct reset_controller_dev *rcdev,
			    unsigned long line)
{
	if (nc1_sim_refuses(container_of(rcdev, struct nc1_sim, rcdev)))
		return -EIO;

	return nc1_sim_set_reset(rcdev, line, false);
}

static const struct reset_control_ops nc1_sim_reset_ops = {
	.assert = nc1_sim_assert,
	.deassert = nc1_sim_deassert,
};

static int nc1_fe_state_show(struct seq_file *s, void *unused)
{
	struct nc1_sim *sim = s->private;
	int i;

	for (i = 0; i < NC1_SIM_FES; i++) {
		struct nc1_chan *chan = &sim->chan[i];
		u64 start, frames, underruns, overruns;

		spin_lock_irq(&chan->vc.lock);
		start = chan->start;
		frames = chan->frames;
		underruns = chan->underruns;
		overruns = chan->overruns;
		spin_unlock_irq(&chan->vc.lock);
		seq_printf(s, "FE%d start %llu frames %llu underruns %llu overruns %llu\n",
			   i, start, frames, underruns, overruns);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nc1_fe_state);

static int nc1_mode_show(struct seq_file *s, void *unused)
{
	struct nc1_sim *sim = s->private;

	seq_puts(s, READ_ONCE(sim->step) ? "step\n" : "run\n");

	return 0;
}

static int nc1_mode_open(struct inode *inode, struct file *file)
{
	return single_open(file, nc1_mode_show, inode->i_private);
}

static ssize_t nc1_mode_write(struct file *file, const char __user *user,
			      size_t count, loff_t *pos)
{
	struct seq_file *s = file->private_data;
	struct nc1_sim *sim = s->private;
	char buf[8] = {};
	bool step;

	if (count >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, user, count))
		return -EFAULT;

	if (sysfs_streq(buf, "step"))
		step = true;
	else if (sysfs_streq(buf, "run"))
		step = false;
	else
		return -EINVAL;

	spin_lock_bh(&sim->tick);
	sim->step = step;
	sim->resting = true;
	spin_unlock_bh(&sim->tick);
	nc1_sim_kick(sim);

	return count;
}

static const struct file_operations nc1_mode_fops = {
	.owner = THIS_MODULE,
	.open = nc1_mode_open,
	.read = seq_read,
	.write = nc1_mode_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* "FRAMES RATE": let FRAMES frames of that rate begin. */
static ssize_t nc1_step_write(struct file *file, const char __user *user,
			      size_t count, loff_t *pos)
{
	struct nc1_sim *sim = file->private_data;
	unsigned int frames, rate, done;
	char buf[32] = {};
	u64 first;

	if (count >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, user, count))
		return -EFAULT;
	if (sscanf(buf, "%u %u", &frames, &rate) != 2 ||
	    rate < 8000 || rate > 192000 || !READ_ONCE(sim->step))
		return -EINVAL;

	/* Let other threads take the lock from time to time. */
	for (; frames; frames -= done) {
		done = min_t(unsigned int, frames, NC1_SIM_CHUNK);
		spin_lock_bh(&sim->tick);
		first = nc1_sim_frame_at(sim->now, rate);
		nc1_sim_run_until(sim, nc1_sim_time_of(first + done, rate));
		spin_unlock_bh(&sim->tick);
		cond_resched();
	}

	return count;
}

static const struct file_operations nc1_step_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = nc1_step_write,
	.llseek = noop_llseek,
};

static void nc1_sim_debugfs_exit(void *data)
{
	debugfs_remove_recursive(data);
}

static void nc1_sim_timer_exit(void *data)
{
	struct nc1_sim *sim = data;

	hrtimer_cancel(&sim->timer);
}

/**
 * nc1_sim_refuse() - report in one line a fault of the board
 * @sim: the simulator
 * @err: the error
 * @property: the property that is wrong
 * @fmt: the fault, and how to mend it
 *
 * Return: the value for probe to return: -ENODEV, to which the driver core adds no line, or
 * @err if that is -EPROBE_DEFER or -ENOMEM.
 */
int nc1_sim_refuse(struct nc1_sim *sim, int err, const char *property,
		   const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (err != -EPROBE_DEFER && err != -ENOMEM)
		err = -ENODEV;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	dev_err_probe(sim->dev, err, "%pOF: %s: %pV\n",
		      sim->dev->of_node, property, &vaf);
	va_end(args);

	return err;
}

/* Blocks that use the simulator's resets, and have their windows elsewhere. */
static bool nc1_sim_misses_blocks(struct nc1_sim *sim, struct reserved_mem *mem)
{
	bool has = false, misses = false;
	struct device_node *np, *provider;
	struct resource res;

	for_each_node_with_property(np, "resets") {
		provider = of_parse_phandle(np, "resets", 0);
		of_node_put(provider);
		if (provider != sim->dev->of_node ||
		    of_address_to_resource(np, 0, &res))
			continue;
		if (res.start >= mem->base && res.end < mem->base + mem->size)
			has = true;
		else
			misses = true;
	}

	/* If only one block is elsewhere, its own node is wrong, and its driver reports it. */
	return misses && !has;
}

static int nc1_sim_check_cells(struct nc1_sim *sim, const char *name)
{
	u32 cells = 0;

	of_property_read_u32(sim->dev->of_node, name, &cells);
	if (cells != 1)
		return nc1_sim_refuse(sim, -EINVAL, name,
				      "missing or not 1; make it 1");

	return 0;
}

static int nc1_sim_map(struct nc1_sim *sim)
{
	struct device_node *np;
	struct reserved_mem *mem;
	bool no_map;

	np = of_parse_phandle(sim->dev->of_node, "memory-region", 0);
	mem = np ? of_reserved_mem_lookup(np) : NULL;
	no_map = of_property_read_bool(np, "no-map");
	of_node_put(np);
	if (!mem)
		return nc1_sim_refuse(sim, -EINVAL, "memory-region",
				      "missing or no reserved memory; give that of the register windows");
	if (mem->size < NC1_WINDOWS_SIZE)
		return nc1_sim_refuse(sim, -EINVAL, "memory-region",
				      "%pa bytes are too few; reserve %#x",
				      &mem->size, NC1_WINDOWS_SIZE);
	if (!no_map)
		return nc1_sim_refuse(sim, -EINVAL, "memory-region",
				      "mapped as memory; make it \"no-map\"");
	if (nc1_sim_misses_blocks(sim, mem))
		return nc1_sim_refuse(sim, -EINVAL, "memory-region",
				      "at %pa there is no block's window; reserve %#x bytes at that of FE0",
				      &mem->base, NC1_WINDOWS_SIZE);

	sim->window = devm_ioremap(sim->dev, mem->base, mem->size);
	if (!sim->window)
		return nc1_sim_refuse(sim, -EINVAL, "memory-region",
				      "cannot be mapped; reserve %#x bytes",
				      NC1_WINDOWS_SIZE);

	return 0;
}

static int nc1_sim_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct nc1_sim *sim;
	int i, ret;

	sim = devm_kzalloc(dev, sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return -ENOMEM;
	sim->dev = dev;
	sim->resting = true;
	spin_lock_init(&sim->tick);
	platform_set_drvdata(pdev, sim);

	ret = nc1_sim_check_cells(sim, "#dma-cells");
	if (!ret)
		ret = nc1_sim_check_cells(sim, "#reset-cells");
	if (!ret)
		ret = nc1_sim_check_cells(sim, "#clock-cells");
	if (!ret)
		ret = nc1_sim_map(sim);
	if (!ret)
		ret = nc1_sim_clk_init(sim);
	if (ret)
		return ret;

	hrtimer_setup(&sim->timer, nc1_sim_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	ret = devm_add_action_or_reset(dev, nc1_sim_timer_exit, sim);
	if (ret)
		return ret;

	/* Removed before the timer, which its files can start. */
	sim->debugfs = debugfs_create_dir("nc1-sim", NULL);
	ret = devm_add_action_or_reset(dev, nc1_sim_debugfs_exit, sim->debugfs);
	if (ret)
		return ret;

	ret = nc1_sim_count_init(sim);
	if (ret)
		return ret;
	nc1_sim_cache_init(sim);
	ret = devm_add_action_or_reset(dev, nc1_sim_cache_exit, sim);
	if (ret)
		return ret;
	ret = dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (ret)
		return ret;
	dma_set_max_seg_size(dev, SZ_1M);

	spin_lock_bh(&sim->tick);
	for (i = 0; i < NC1_SIM_BLOCKS; i++)
		nc1_sim_reset_block(sim, i, true);
	spin_unlock_bh(&sim->tick);

	ret = nc1_sim_dma_init(sim);
	if (ret)
		return dev_err_probe(dev, ret, "%pOF: no DMA controller\n",
				     dev->of_node);

	ret = nc1_sim_bench_init(sim);
	if (ret)
		return dev_err_probe(dev, ret, "%pOF: no bench card\n",
				     dev->of_node);

	debugfs_create_file("fe", 0400, sim->debugfs, sim, &nc1_fe_state_fops);
	debugfs_create_file("mode", 0600, sim->debugfs, sim, &nc1_mode_fops);
	debugfs_create_file("step", 0200, sim->debugfs, sim, &nc1_step_fops);
	debugfs_create_atomic_t("refuse", 0600, sim->debugfs, &sim->refuse);
	debugfs_create_ulong("clocks", 0400, sim->debugfs, &sim->clks_on);

	/* Last: from here on the drivers of the blocks find their clocks and resets. */
	ret = nc1_sim_clk_provide(sim);
	if (ret)
		return ret;
	sim->rcdev.owner = THIS_MODULE;
	sim->rcdev.ops = &nc1_sim_reset_ops;
	sim->rcdev.of_node = dev->of_node;
	sim->rcdev.nr_resets = NC1_SIM_BLOCKS;

	return devm_reset_controller_register(dev, &sim->rcdev);
}

static const struct of_device_id nc1_sim_of_match[] = {
	{ .compatible = "vendor-nc,nc1-sim" },
	{ }
};
MODULE_DEVICE_TABLE(of, nc1_sim_of_match);

static struct platform_driver nc1_sim_driver = {
	.probe = nc1_sim_probe,
	.driver = {
		.name = "nc1-sim",
		.of_match_table = nc1_sim_of_match,
		/*
		 * Users of a reset line or a DMA channel hold the module, but
		 * nothing would stop sysfs from unbinding the device below
		 * them: fw_devlink forgets its links when modules come late.
		 */
		.suppress_bind_attrs = true,
	},
};
module_platform_driver(nc1_sim_driver);

MODULE_DESCRIPTION("NC1 audio simulator");
MODULE_LICENSE("GPL");
