// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: the lines of a cache that is not coherent.
 *
 * Each buffer exists three times: the CPU's view, DRAM, and the value of both when they
 * were last equal ("clean"). A line of the CPU's view that differs from the latter is
 * dirty. (A store of the same value is not detected; in a real cache that line would be
 * dirty, too.) The effect of a sync depends on the architecture. The file "cache" in
 * debugfs selects one:
 *
 *	arm	sync for the device cleans: dirty lines are written to DRAM. If the
 *		device only writes (DMA_FROM_DEVICE), it invalidates instead. Sync for
 *		the CPU invalidates: lines are dropped, the CPU sees DRAM again.
 *	mips	Sync for the device cleans and then drops the lines, unless the device
 *		only reads. Sync for the CPU does nothing: a line that is not in the
 *		cache is fetched when the CPU reads it, another one stays as it is. A
 *		line is in the cache from the first sync for the CPU, or from the first
 *		store, on.
 *	through	As arm, but there are no dirty lines: data that the CPU stores is in
 *		DRAM at once, word by word.
 *	refill	As arm, but each clean line is dropped and fetched again in each tick,
 *		as a CPU that speculates may do.
 *
 * If an invalidated range begins or ends inside a line, that line is cleaned first, as
 * it may contain other data.
 *
 * All functions are called with sim->buf_lock held.
 */
#include <linux/bitmap.h>
#include <linux/string.h>

#include "nc1-sim.h"

static bool nc1_line_is_dirty(struct nc1_buf *buf, size_t at)
{
	return memcmp(buf->cpu + at, buf->clean + at, NC1_SIM_LINE);
}

/* Write a line back if it is dirty. */
static void nc1_line_clean(struct nc1_buf *buf, size_t at)
{
	if (!nc1_line_is_dirty(buf, at))
		return;

	memcpy(buf->clean + at, buf->cpu + at, NC1_SIM_LINE);
	memcpy(buf->dram + at, buf->clean + at, NC1_SIM_LINE);
}

/* Write words that the CPU has stored since both views were equal to DRAM. */
static void nc1_line_through(struct nc1_buf *buf, size_t at)
{
	u32 *cpu = (u32 *)(buf->cpu + at);
	u32 *clean = (u32 *)(buf->clean + at);
	u32 *dram = (u32 *)(buf->dram + at);
	unsigned int i;
	u32 word;

	if (!nc1_line_is_dirty(buf, at))
		return;

	for (i = 0; i < NC1_SIM_LINE / sizeof(u32); i++) {
		word = READ_ONCE(cpu[i]);
		if (word == clean[i])
			continue;
		clean[i] = word;
		dram[i] = word;
	}
}

/* Drop a line: the CPU sees DRAM. */
static void nc1_line_drop(struct nc1_buf *buf, size_t at)
{
	memcpy(buf->cpu + at, buf->dram + at, NC1_SIM_LINE);
	memcpy(buf->clean + at, buf->dram + at, NC1_SIM_LINE);
}

/**
 * nc1_sim_line_evict() - write a line back without a sync, if it is dirty
 * @sim: the simulator
 * @buf: the buffer
 * @at: offset of the line
 *
 * Bytes that the device has written to DRAM since both views were equal are lost.
 */
void nc1_sim_line_evict(struct nc1_sim *sim, struct nc1_buf *buf, size_t at)
{
	unsigned int i;

	if (sim->cache == NC1_CACHE_THROUGH) {
		nc1_line_through(buf, at);
		return;
	}
	if (!nc1_line_is_dirty(buf, at))
		return;

	for (i = 0; i < NC1_SIM_LINE; i++)
		sim->spoilt += buf->dram[at + i] != buf->clean[at + i];
	nc1_line_clean(buf, at);
}

/**
 * nc1_sim_line_refill() - drop a line and fetch it again without a sync, if it is clean
 * @buf: the buffer
 * @at: offset of the line
 *
 * The CPU may write to it meanwhile, as it may while a real line is being filled: a
 * word that changed stays changed.
 */
void nc1_sim_line_refill(struct nc1_buf *buf, size_t at)
{
	u32 *cpu = (u32 *)(buf->cpu + at);
	u32 *clean = (u32 *)(buf->clean + at);
	u32 *dram = (u32 *)(buf->dram + at);
	unsigned int i;

	if (nc1_line_is_dirty(buf, at))
		return;

	for (i = 0; i < NC1_SIM_LINE / sizeof(u32); i++) {
		cmpxchg(&cpu[i], clean[i], dram[i]);
		clean[i] = dram[i];
	}
}

static void nc1_lines_clean(struct nc1_buf *buf, size_t first, size_t end,
			    enum dma_data_direction dir)
{
	size_t at;

	/*
	 * If the device never writes, DRAM has the data of the last sync: copying a
	 * clean line changes nothing, and is ten times faster than searching for
	 * dirty ones.
	 */
	if (dir == DMA_TO_DEVICE) {
		memcpy(buf->dram + first, buf->cpu + first, end - first);
		memcpy(buf->clean + first, buf->dram + first, end - first);
		return;
	}

	for (at = first; at < end; at += NC1_SIM_LINE)
		nc1_line_clean(buf, at);
}

static void nc1_lines_invalidate(struct nc1_sim *sim, struct nc1_buf *buf,
				 size_t from, size_t to)
{
	size_t first = round_down(from, NC1_SIM_LINE);
	size_t end = round_up(to, NC1_SIM_LINE);

	if (first != from)
		nc1_sim_line_evict(sim, buf, first);
	if (end != to)
		nc1_sim_line_evict(sim, buf, end - NC1_SIM_LINE);

	memcpy(buf->cpu + first, buf->dram + first, end - first);
	memcpy(buf->clean + first, buf->dram + first, end - first);
}

/* Mark the lines of a range as not in the cache, or as possibly in it. */
static void nc1_lines_absent(struct nc1_buf *buf, size_t first, size_t end, bool absent)
{
	unsigned int line = first / NC1_SIM_LINE;
	unsigned int lines = (end - first) / NC1_SIM_LINE;

	if (absent)
		bitmap_set(buf->absent, line, lines);
	else
		bitmap_clear(buf->absent, line, lines);
}

/**
 * nc1_sim_lines_sync() - sync lines by the rules of the architecture
 * @sim: the simulator
 * @buf: the buffer
 * @from: offset of the first byte
 * @to: offset behind the last byte
 * @dir: whether the device reads or writes
 * @for_device: for the device, or for the CPU
 */
void nc1_sim_lines_sync(struct nc1_sim *sim, struct nc1_buf *buf, size_t from,
			size_t to, enum dma_data_direction dir, bool for_device)
{
	size_t first = round_down(from, NC1_SIM_LINE);
	size_t end = round_up(to, NC1_SIM_LINE);
	bool mips = sim->cache == NC1_CACHE_MIPS;
	size_t at;

	if (sim->cache == NC1_CACHE_THROUGH)
		for (at = first; at < end; at += NC1_SIM_LINE)
			nc1_line_through(buf, at);

	if (for_device && dir != DMA_FROM_DEVICE)
		nc1_lines_clean(buf, first, end, dir);
	else if (for_device || (dir != DMA_TO_DEVICE && !mips))
		nc1_lines_invalidate(sim, buf, from, to);

	if (!mips || dir == DMA_TO_DEVICE)
		return;
	if (for_device)
		for (at = first; at < end; at += NC1_SIM_LINE)
			nc1_line_drop(buf, at);
	nc1_lines_absent(buf, first, end, for_device);
}

/**
 * nc1_sim_lines_before() - prepare lines that the device is about to read or write
 * @sim: the simulator
 * @buf: the buffer
 * @from: offset of the first byte
 * @len: bytes
 */
void nc1_sim_lines_before(struct nc1_sim *sim, struct nc1_buf *buf, size_t from,
			  size_t len)
{
	size_t at = round_down(from, NC1_SIM_LINE);

	for (; at < from + len; at += NC1_SIM_LINE) {
		if (sim->cache == NC1_CACHE_THROUGH)
			nc1_line_through(buf, at);
		/* A store fetches the line. */
		if (sim->cache == NC1_CACHE_MIPS && nc1_line_is_dirty(buf, at))
			clear_bit(at / NC1_SIM_LINE, buf->absent);
	}
}

/**
 * nc1_sim_lines_written() - update lines that the device has written
 * @sim: the simulator
 * @buf: the buffer
 * @from: offset of the first byte
 * @len: bytes
 */
void nc1_sim_lines_written(struct nc1_sim *sim, struct nc1_buf *buf, size_t from,
			   size_t len)
{
	size_t at = round_down(from, NC1_SIM_LINE);

	buf->written_from = min(buf->written_from, at);
	buf->written_to = max(buf->written_to, round_up(from + len, NC1_SIM_LINE));
	if (sim->cache != NC1_CACHE_MIPS)
		return;

	/* The CPU will fetch a line that is absent when it reads it. */
	for (; at < from + len; at += NC1_SIM_LINE)
		if (test_bit(at / NC1_SIM_LINE, buf->absent))
			nc1_sim_line_refill(buf, at);
}

/**
 * nc1_sim_lines_tick() - fetch lines again after a tick, if the cache does that
 * @sim: the simulator
 * @buf: the buffer
 *
 * Only lines that the device has written have changed.
 */
void nc1_sim_lines_tick(struct nc1_sim *sim, struct nc1_buf *buf)
{
	size_t at;

	if (sim->cache == NC1_CACHE_REFILL)
		for (at = buf->written_from; at < buf->written_to; at += NC1_SIM_LINE)
			nc1_sim_line_refill(buf, at);
	buf->written_from = buf->size;
	buf->written_to = 0;
}

/**
 * nc1_sim_lines_begin() - initialise the lines of a new buffer, or after a change of the cache
 * @buf: the buffer
 *
 * All lines are in the cache. Lines that differ from DRAM are dirty.
 */
void nc1_sim_lines_begin(struct nc1_buf *buf)
{
	bitmap_zero(buf->absent, buf->size / NC1_SIM_LINE);
	buf->written_from = buf->size;
	buf->written_to = 0;
}
