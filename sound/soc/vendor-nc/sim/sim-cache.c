// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: memory that is not coherent.
 *
 * A machine emulator has no caches, so a missing sync would never be heard.
 * Here every buffer of the DMA device exists twice: the CPU's view, which kernel
 * and user space access, and DRAM, which the DMA controller accesses. Only the
 * sync calls of the DMA API copy between them, in lines of 64 bytes. The effect of
 * a sync on a line depends on the architecture (sim-lines.c): ARMv7, unless the file
 * "cache" in debugfs names another one.
 *
 * A real cache also writes back and fetches lines at any time. Two files in debugfs do
 * that, off at first: "evict" writes random dirty lines back, "refill" drops random
 * clean ones.
 *
 * For a device that is "dma-coherent" none of this exists: it keeps the kernel's own
 * DMA operations and both views are the same memory.
 *
 * The module parameter "caches" overrides the device tree, to test a wrong one. Without
 * caches on a board that is not coherent a sync is the kernel's own maintenance: it
 * does nothing in an emulator, and can be counted. With caches on a board that is
 * "dma-coherent" the two views are never synced.
 */
#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of_address.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../compat.h"
#include "nc1-sim.h"

static int nc1_sim_caches = -1;
module_param_named(caches, nc1_sim_caches, int, 0444);
MODULE_PARM_DESC(caches, "Model caches: 1, or 0; -1: as the device tree says (default)");

/* Bytes that were never synced: 0x5a5a is easily heard and easily seen. */
#define NC1_SIM_STALE	0x5a

/* The simulator that owns the DMA device. */
static struct nc1_sim *nc1_sim_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static struct nc1_buf *nc1_buf_find(struct nc1_sim *sim, dma_addr_t addr,
				    size_t len)
	__must_hold(&sim->buf_lock)
{
	struct nc1_buf *buf;

	lockdep_assert_held(&sim->buf_lock);

	list_for_each_entry(buf, &sim->bufs, list)
		if (addr >= buf->addr && addr + len <= buf->addr + buf->size)
			return buf;

	return NULL;
}

static void nc1_buf_free(struct nc1_buf *buf)
{
	free_pages((unsigned long)buf->cpu, get_order(buf->size));
	vfree(buf->dram);
	vfree(buf->clean);
	bitmap_free(buf->absent);
	kfree(buf);
}

/*
 * The PCM core must not allocate or free from trigger, pointer or a period's end:
 * might_sleep() reports that, even if this call would not have slept.
 */
static struct page *nc1_ops_alloc_pages(struct device *dev, size_t size,
					dma_addr_t *addr,
					enum dma_data_direction dir, gfp_t gfp)
{
	struct nc1_sim *sim = nc1_sim_of(dev);
	struct nc1_buf *buf;
	unsigned long flags;
	struct page *page;

	might_sleep();
	buf = kzalloc_obj(*buf);
	if (!buf)
		return NULL;

	buf->size = PAGE_ALIGN(size);
	page = alloc_pages(gfp | __GFP_ZERO, get_order(size));
	if (!page)
		goto err_free;
	buf->cpu = page_address(page);

	/*
	 * DRAM has the data of an earlier user of this memory. The zeros that
	 * the CPU wrote over it are in the cache: all lines are dirty.
	 */
	/* The caller gets the error; like dma_alloc_pages(), this logs nothing. */
	buf->dram = __vmalloc(buf->size, GFP_KERNEL | __GFP_NOWARN);
	buf->clean = __vmalloc(buf->size, GFP_KERNEL | __GFP_NOWARN);
	buf->absent = bitmap_zalloc(buf->size / NC1_SIM_LINE, GFP_KERNEL);
	if (!buf->dram || !buf->clean || !buf->absent)
		goto err_free_pages;
	memset(buf->dram, NC1_SIM_STALE, buf->size);
	memset(buf->clean, NC1_SIM_STALE, buf->size);
	nc1_sim_lines_begin(buf);

	buf->addr = virt_to_phys(buf->cpu);
	*addr = buf->addr;

	spin_lock_irqsave(&sim->buf_lock, flags);
	list_add(&buf->list, &sim->bufs);
	spin_unlock_irqrestore(&sim->buf_lock, flags);

	return page;

err_free_pages:
	nc1_buf_free(buf);
	return NULL;
err_free:
	kfree(buf);
	return NULL;
}

static void nc1_ops_free_pages(struct device *dev, size_t size,
			       struct page *page, dma_addr_t addr,
			       enum dma_data_direction dir)
{
	struct nc1_sim *sim = nc1_sim_of(dev);
	struct nc1_buf *buf;
	unsigned long flags;

	might_sleep();
	spin_lock_irqsave(&sim->buf_lock, flags);
	buf = nc1_buf_find(sim, addr, size);
	if (buf)
		list_del(&buf->list);
	spin_unlock_irqrestore(&sim->buf_lock, flags);

	if (!WARN_ON(!buf))
		nc1_buf_free(buf);
}

static void nc1_ops_sync(struct device *dev, dma_addr_t addr, size_t size,
			 enum dma_data_direction dir, bool for_device)
{
	struct nc1_sim *sim = nc1_sim_of(dev);
	bool irqsoff = irqs_disabled();
	struct nc1_buf *buf;
	unsigned long flags;
	size_t from;

	spin_lock_irqsave(&sim->buf_lock, flags);
	nc1_sim_count_sync(sim, addr, size, for_device, irqsoff);
	buf = nc1_buf_find(sim, addr, size);
	if (!buf) {
		WARN_ONCE(!sim->stray++, "sync of memory that is no DMA buffer\n");
		goto unlock;
	}

	from = addr - buf->addr;
	nc1_sim_lines_sync(sim, buf, from, from + size, dir, for_device);
unlock:
	spin_unlock_irqrestore(&sim->buf_lock, flags);
}

static void nc1_ops_sync_for_device(struct device *dev, dma_addr_t addr,
				    size_t size, enum dma_data_direction dir)
{
	nc1_ops_sync(dev, addr, size, dir, true);
}

static void nc1_ops_sync_for_cpu(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir)
{
	nc1_ops_sync(dev, addr, size, dir, false);
}

/*
 * Only coherent memory is mapped through this hook, and this device never
 * allocates any. It is here because the ALSA core takes a device without it for
 * one whose memory cannot be mapped at all.
 */
static int nc1_ops_mmap(struct device *dev, struct vm_area_struct *vma,
			void *cpu, dma_addr_t addr, size_t size,
			unsigned long attrs)
{
	return -ENXIO;
}

static const struct dma_map_ops nc1_sim_dma_ops = {
	.NC1_DMA_OPS_ALLOC_PAGES = nc1_ops_alloc_pages,
	.free_pages = nc1_ops_free_pages,
	.mmap = nc1_ops_mmap,
	.sync_single_for_device = nc1_ops_sync_for_device,
	.sync_single_for_cpu = nc1_ops_sync_for_cpu,
};

/* For a device that is coherent in the device tree only */
static const struct dma_map_ops nc1_sim_unsynced_ops = {
	.NC1_DMA_OPS_ALLOC_PAGES = nc1_ops_alloc_pages,
	.free_pages = nc1_ops_free_pages,
	.mmap = nc1_ops_mmap,
};

/**
 * nc1_sim_dram() - get the memory that the DMA controller accesses at an address
 * @sim: the simulator
 * @addr: DMA address
 * @len: bytes
 *
 * Context: sim->buf_lock held, for as long as the memory is used.
 * Return: the device's view of the memory, or NULL if it is not a DMA buffer: a
 * real controller would get a bus error or, worse, access other memory.
 */
void *nc1_sim_dram(struct nc1_sim *sim, dma_addr_t addr, size_t len)
{
	struct nc1_buf *buf;

	lockdep_assert_held(&sim->buf_lock);

	if (sim->coherent)
		return phys_to_virt(addr);

	buf = nc1_buf_find(sim, addr, len);
	if (buf) {
		nc1_sim_lines_before(sim, buf, addr - buf->addr, len);
		return buf->dram + (addr - buf->addr);
	}

	WARN_ONCE(!sim->bus_errors++, "DMA to memory that is no buffer\n");

	return NULL;
}

/**
 * nc1_sim_wrote() - note that the DMA controller has written to nc1_sim_dram()'s memory
 * @sim: the simulator
 * @addr: DMA address
 * @len: bytes
 *
 * Context: sim->buf_lock held, since nc1_sim_dram().
 */
void nc1_sim_wrote(struct nc1_sim *sim, dma_addr_t addr, size_t len)
{
	struct nc1_buf *buf;

	lockdep_assert_held(&sim->buf_lock);

	buf = sim->coherent ? NULL : nc1_buf_find(sim, addr, len);
	if (buf)
		nc1_sim_lines_written(sim, buf, addr - buf->addr, len);
}

/**
 * nc1_sim_stale() - compare bytes that a device fetches with those of the CPU
 * @sim: the simulator
 * @addr: DMA address
 * @len: bytes
 * @at: offset of the first one in its buffer
 * @stale: the bytes that differ are added to it
 *
 * Context: sim->buf_lock held.
 */
void nc1_sim_stale(struct nc1_sim *sim, dma_addr_t addr, size_t len, size_t at,
		   struct nc1_stale *stale)
{
	struct nc1_buf *buf;
	size_t first, i;

	lockdep_assert_held(&sim->buf_lock);

	buf = nc1_buf_find(sim, addr, len);
	if (!buf)
		return;
	first = addr - buf->addr;
	nc1_sim_lines_before(sim, buf, first, len);
	if (!memcmp(buf->dram + first, buf->cpu + first, len))
		return;
	for (i = 0; i < len; i++) {
		if (buf->dram[first + i] == buf->cpu[first + i])
			continue;
		if (!stale->bytes++)
			stale->at = at + i;
	}
}

static size_t nc1_random_line(struct nc1_sim *sim, struct nc1_buf *buf)
{
	u32 lines = buf->size / NC1_SIM_LINE;

	return (size_t)(prandom_u32_state(&sim->rnd) % lines) * NC1_SIM_LINE;
}

/**
 * nc1_sim_cache_tick() - write back and fetch lines without a sync
 * @sim: the simulator
 *
 * Context: any. Takes sim->buf_lock.
 */
void nc1_sim_cache_tick(struct nc1_sim *sim)
{
	struct nc1_buf *buf;
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&sim->buf_lock, flags);
	list_for_each_entry(buf, &sim->bufs, list) {
		for (i = 0; i < sim->evict; i++)
			nc1_sim_line_evict(sim, buf, nc1_random_line(sim, buf));
		for (i = 0; i < sim->refill; i++)
			nc1_sim_line_refill(buf, nc1_random_line(sim, buf));
		nc1_sim_lines_tick(sim, buf);
	}
	spin_unlock_irqrestore(&sim->buf_lock, flags);
}

static int nc1_need_sync_get(void *data, u64 *val)
{
	struct nc1_sim *sim = data;

	*val = dma_need_sync(sim->dev, 0);

	return 0;
}

static const char * const nc1_caches[] = {
	[NC1_CACHE_ARM] = "arm",
	[NC1_CACHE_MIPS] = "mips",
	[NC1_CACHE_THROUGH] = "through",
	[NC1_CACHE_REFILL] = "refill",
};

static int nc1_cache_show(struct seq_file *s, void *unused)
{
	struct nc1_sim *sim = s->private;

	seq_printf(s, "%s\n", nc1_caches[READ_ONCE(sim->cache)]);

	return 0;
}

static int nc1_cache_open(struct inode *inode, struct file *file)
{
	return single_open(file, nc1_cache_show, inode->i_private);
}

static ssize_t nc1_cache_write(struct file *file, const char __user *user,
			       size_t count, loff_t *pos)
{
	struct seq_file *s = file->private_data;
	struct nc1_sim *sim = s->private;
	struct nc1_buf *buf;
	char name[16] = {};
	int cache;

	if (count >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, user, count))
		return -EFAULT;
	cache = __sysfs_match_string(nc1_caches, ARRAY_SIZE(nc1_caches), name);
	if (cache < 0)
		return cache;

	spin_lock_irq(&sim->buf_lock);
	sim->cache = cache;
	list_for_each_entry(buf, &sim->bufs, list)
		nc1_sim_lines_begin(buf);
	spin_unlock_irq(&sim->buf_lock);

	return count;
}

static const struct file_operations nc1_cache_fops = {
	.owner = THIS_MODULE,
	.open = nc1_cache_open,
	.read = seq_read,
	.write = nc1_cache_write,
	.llseek = seq_lseek,
	.release = single_release,
};

DEFINE_DEBUGFS_ATTRIBUTE(nc1_need_sync_fops, nc1_need_sync_get, NULL, "%llu\n");

/**
 * nc1_sim_cache_init() - make the DMA device non-coherent, if it has to be
 * @sim: the simulator
 *
 * To be called before the device's DMA mask is set: then the DMA API determines
 * whether the device needs sync.
 */
void nc1_sim_cache_init(struct nc1_sim *sim)
{
	bool told = of_dma_is_coherent(sim->dev->of_node);

	spin_lock_init(&sim->buf_lock);
	INIT_LIST_HEAD(&sim->bufs);
	prandom_seed_state(&sim->rnd, 1);

	sim->coherent = nc1_sim_caches < 0 ? told : !nc1_sim_caches;
	if (!sim->coherent)
		set_dma_ops(sim->dev, told ? &nc1_sim_unsynced_ops : &nc1_sim_dma_ops);

	debugfs_create_file("need_sync", 0400, sim->debugfs, sim,
			    &nc1_need_sync_fops);
	debugfs_create_file("cache", 0600, sim->debugfs, sim, &nc1_cache_fops);
	debugfs_create_u32("evict", 0600, sim->debugfs, &sim->evict);
	debugfs_create_u32("refill", 0600, sim->debugfs, &sim->refill);
}

/**
 * nc1_sim_cache_exit() - restore the device's own DMA operations
 * @data: the simulator
 *
 * All buffers have been freed: the PCMs were released with their DMA channels.
 */
void nc1_sim_cache_exit(void *data)
{
	struct nc1_sim *sim = data;

	WARN_ON(!list_empty(&sim->bufs));
	if (!sim->coherent)
		set_dma_ops(sim->dev, NULL);
}
