// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: counts the bytes that were synced, and the bytes that were not.
 *
 * Two files in debugfs. "sync" counts the calls of the DMA API: calls, bytes, whole
 * cache lines, and the bytes that were synced with interrupts off. "stale" counts
 * errors: data that a device fetched before it was synced, and recorded data that
 * a cache overwrote with old lines. Any write to one of them sets all numbers of
 * both to zero.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "nc1-sim.h"

static void nc1_stretch_ends(struct irq_work *work)
{
	container_of(work, struct nc1_stretch, work)->bytes = 0;
}

/**
 * nc1_sim_count_sync() - count one call of the DMA API
 * @sim: the simulator
 * @from: the begin of the range
 * @size: its bytes
 * @for_device: for the device, or for the CPU
 * @irqsoff: the caller has interrupts off
 *
 * Context: sim->buf_lock held.
 */
void nc1_sim_count_sync(struct nc1_sim *sim, size_t from, size_t size,
			bool for_device, bool irqsoff)
{
	struct nc1_sync_count *count = for_device ? &sim->for_device : &sim->for_cpu;
	struct nc1_stretch *stretch = this_cpu_ptr(sim->stretch);

	lockdep_assert_held(&sim->buf_lock);

	count->calls++;
	count->bytes += size;
	count->lines += (round_up(from + size, NC1_SIM_LINE) -
			 round_down(from, NC1_SIM_LINE)) / NC1_SIM_LINE;
	count->largest = max_t(u64, count->largest, size);
	if (count->calls == 1 || size < count->smallest)
		count->smallest = size;
	if (!irqsoff)
		return;

	count->irqsoff += size;
	stretch->bytes += size;
	sim->longest = max(sim->longest, stretch->bytes);
	irq_work_queue(&stretch->work);
}

static void nc1_sync_print(struct seq_file *s, const char *what,
			   const struct nc1_sync_count *count)
{
	seq_printf(s, "%s calls %llu bytes %llu irqsoff %llu largest %llu smallest %llu lines %llu\n",
		   what, count->calls, count->bytes, count->irqsoff,
		   count->largest, count->smallest, count->lines);
}

static int nc1_sync_show(struct seq_file *s, void *unused)
{
	u64 audio, bus_errors, stray, longest;
	struct nc1_sync_count dev, cpu;
	struct nc1_sim *sim = s->private;

	spin_lock_irq(&sim->buf_lock);
	dev = sim->for_device;
	cpu = sim->for_cpu;
	audio = sim->audio;
	bus_errors = sim->bus_errors;
	stray = sim->stray;
	longest = sim->longest;
	spin_unlock_irq(&sim->buf_lock);

	nc1_sync_print(s, "for_device", &dev);
	nc1_sync_print(s, "for_cpu", &cpu);
	seq_printf(s, "audio bytes %llu\n", audio);
	seq_printf(s, "bus_errors %llu\n", bus_errors);
	seq_printf(s, "stray %llu\n", stray);
	seq_printf(s, "longest %llu\n", longest);

	return 0;
}

static int nc1_stale_show(struct seq_file *s, void *unused)
{
	struct nc1_sim *sim = s->private;
	struct nc1_stale stale;
	u64 fetched, spoilt;
	int i;

	for (i = 0; i < NC1_SIM_PLAY_FES; i++) {
		spin_lock_irq(&sim->chan[i].vc.lock);
		stale = sim->chan[i].stale;
		spin_unlock_irq(&sim->chan[i].vc.lock);
		seq_printf(s, "FE%d stale %llu at %zu\n", i, stale.bytes, stale.at);
	}

	spin_lock_irq(&sim->buf_lock);
	stale = sim->fetch_stale;
	fetched = sim->fetched;
	spoilt = sim->spoilt;
	spin_unlock_irq(&sim->buf_lock);
	seq_printf(s, "fetch stale %llu at %zu of %llu\n", stale.bytes, stale.at,
		   fetched);
	seq_printf(s, "spoilt %llu\n", spoilt);

	return 0;
}

static int nc1_sync_open(struct inode *inode, struct file *file)
{
	return single_open(file, nc1_sync_show, inode->i_private);
}

static int nc1_stale_open(struct inode *inode, struct file *file)
{
	return single_open(file, nc1_stale_show, inode->i_private);
}

static ssize_t nc1_count_zero(struct file *file, const char __user *user,
			      size_t count, loff_t *pos)
{
	struct seq_file *s = file->private_data;
	struct nc1_sim *sim = s->private;
	int i;

	for (i = 0; i < NC1_SIM_PLAY_FES; i++) {
		spin_lock_irq(&sim->chan[i].vc.lock);
		memset(&sim->chan[i].stale, 0, sizeof(sim->chan[i].stale));
		spin_unlock_irq(&sim->chan[i].vc.lock);
	}

	spin_lock_irq(&sim->buf_lock);
	memset(&sim->for_device, 0, sizeof(sim->for_device));
	memset(&sim->for_cpu, 0, sizeof(sim->for_cpu));
	memset(&sim->fetch_stale, 0, sizeof(sim->fetch_stale));
	sim->stray = 0;
	sim->longest = 0;
	sim->audio = 0;
	sim->spoilt = 0;
	sim->fetched = 0;
	sim->bus_errors = 0;
	spin_unlock_irq(&sim->buf_lock);

	return count;
}

static const struct file_operations nc1_sync_fops = {
	.owner = THIS_MODULE,
	.open = nc1_sync_open,
	.read = seq_read,
	.write = nc1_count_zero,
	.llseek = seq_lseek,
	.release = single_release,
};

static const struct file_operations nc1_stale_fops = {
	.owner = THIS_MODULE,
	.open = nc1_stale_open,
	.read = seq_read,
	.write = nc1_count_zero,
	.llseek = seq_lseek,
	.release = single_release,
};

static void nc1_sim_count_exit(void *data)
{
	struct nc1_sim *sim = data;
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(&per_cpu_ptr(sim->stretch, cpu)->work);
}

/**
 * nc1_sim_count_init() - prepare the counters
 * @sim: the simulator
 *
 * Context: may sleep, before the device has DMA operations that count.
 * Return: 0 or a negative error.
 */
int nc1_sim_count_init(struct nc1_sim *sim)
{
	int cpu;

	sim->stretch = devm_alloc_percpu(sim->dev, struct nc1_stretch);
	if (!sim->stretch)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		init_irq_work(&per_cpu_ptr(sim->stretch, cpu)->work,
			      nc1_stretch_ends);

	debugfs_create_file("sync", 0600, sim->debugfs, sim, &nc1_sync_fops);
	debugfs_create_file("stale", 0600, sim->debugfs, sim, &nc1_stale_fops);

	return devm_add_action_or_reset(sim->dev, nc1_sim_count_exit, sim);
}
