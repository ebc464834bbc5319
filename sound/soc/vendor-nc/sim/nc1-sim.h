/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The NC1 simulator: declarations that its parts share.
 *
 *   sim-core.c	  platform driver, register windows, resets, the clock
 *   sim-clk.c	  the clocks of the blocks, which can fail
 *   sim-frames.c  one batch of frames through front ends, crossbar and ports
 *   sim-gain.c	  volume and mute of the ports
 *   sim-dma.c	  dmaengine provider: channels, descriptors, residue
 *   sim-cache.c	  non-coherent memory: CPU view, DRAM view, sync
 *   sim-lines.c	  its cache lines, as one architecture or another has them
 *   sim-count.c	  counts bytes that were synced, and bytes that were not
 *   sim-bench.c	  the sound card at the other end of the cables
 *   sim-fetch.c	  a playback device that fetches data as it is committed
 *
 * Locks, outer to inner:
 *
 *   sim->tick	  held while frames move and their interrupts are delivered.
 *		  Softirq, or process context with softirqs off. Taken with no
 *		  other lock held; taking it waits for interrupts in delivery.
 *   stream lock   of the ALSA core, taken by period-elapsed inside the tick
 *   chan->vc.lock one for each DMA channel, interrupts off
 *   bench->lock	  all bench streams, interrupts off
 *   sim->buf_lock DMA buffers and their two views, interrupts off
 */
#ifndef _NC1_SIM_H
#define _NC1_SIM_H

#include <linux/clk-provider.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/prandom.h>
#include <linux/reset-controller.h>
#include <linux/spinlock.h>
#include <sound/pcm.h>

#include "virt-dma.h"

#include "../nc1-regs.h"

#define NC1_SIM_FES		6	/* 0 to 3 play, 4 and 5 record */
#define NC1_SIM_PLAY_FES	4
#define NC1_SIM_OUTS		2	/* I2S0, I2S1 transmit */
#define NC1_SIM_INS		2	/* I2S1, PDM0 receive */
#define NC1_SIM_CHUNK		64	/* most frames that move at once */
#define NC1_SIM_LINE		64	/* bytes of a cache line */
#define NC1_SIM_MAX_BURST	64	/* bytes */
#define NC1_SIM_FRAME_MAX	(NC1_MAX_CHANNELS * 4)

/* Blocks in the order of their reset lines. */
enum nc1_sim_block {
	NC1_SIM_FE0,
	NC1_SIM_XBAR = NC1_SIM_FE0 + NC1_SIM_FES,
	NC1_SIM_I2S0,
	NC1_SIM_I2S1,
	NC1_SIM_PDM0,
	NC1_SIM_BLOCKS
};

/* Clocks in the order of their numbers in the device tree. */
enum nc1_sim_clk {
	NC1_SIM_BUS,
	NC1_SIM_MCLK48K,
	NC1_SIM_MCLK44K,
	NC1_SIM_CLKS
};

/* A frame inside the crossbar: 32 bits a channel, left aligned. */
struct nc1_frame {
	s32 ch[NC1_MAX_CHANNELS];
};

/* Contents of FMT and RATE. rate is 0 if the block does not run. */
struct nc1_format {
	unsigned int rate;
	unsigned int channels;
	unsigned int width;	/* bits of a sample: 16, 24 or 32 */
};

static inline unsigned int nc1_frame_bytes(const struct nc1_format *fmt)
{
	return fmt->channels * (fmt->width == 16 ? 2 : 4);
}

/* sim-lines.c */

enum nc1_cache {
	NC1_CACHE_ARM,
	NC1_CACHE_MIPS,			/* only sync for the device drops lines */
	NC1_CACHE_THROUGH,		/* no dirty lines */
	NC1_CACHE_REFILL,		/* fetches lines again all the time */
};

/* sim-cache.c */

/**
 * struct nc1_buf - memory that the CPU and the DMA controller share
 * @list: in sim->bufs
 * @cpu: the CPU's view: the pages that kernel and user space see
 * @dram: the device's view
 * @clean: the CPU's view when it was last equal to DRAM: a line that differs
 *	from it is dirty
 * @absent: a bit for each line that is not in the cache, see NC1_CACHE_MIPS
 * @written_from: first line that the device has written in this tick
 * @written_to: and the one behind the last
 * @addr: DMA address
 * @size: bytes, whole pages
 *
 * The contents of @dram, @clean and @absent are protected by sim->buf_lock; @cpu is
 * written by anyone at any time, as a cache is.
 */
struct nc1_buf {
	struct list_head list;
	u8 *cpu;
	u8 *dram;
	u8 *clean;
	unsigned long *absent;
	size_t written_from;
	size_t written_to;
	dma_addr_t addr;
	size_t size;
};

/* sim-count.c */

/* Sync calls in one direction; bytes, but for the first two. */
struct nc1_sync_count {
	u64 calls;
	u64 lines;		/* cache lines: the cost */
	u64 bytes;
	u64 irqsoff;		/* of these with interrupts off */
	u64 largest;		/* largest range of one call */
	u64 smallest;
};

/**
 * struct nc1_stretch - one CPU's syncs since its interrupts were disabled
 * @work: runs as soon as they are on again, and ends the stretch
 * @bytes: that were synced
 *
 * Belongs to its CPU, with interrupts off.
 */
struct nc1_stretch {
	struct irq_work work;
	u64 bytes;
};

/* Bytes that a device fetched and that differ from those of the CPU. */
struct nc1_stale {
	u64 bytes;
	size_t at;		/* offset of the first one in the buffer */
};

/* sim-dma.c */

struct nc1_desc {
	struct virt_dma_desc vd;
	dma_addr_t addr;
	size_t bytes;
	size_t period;
	bool interrupts;	/* at the end of each period */
};

/**
 * struct nc1_chan - one DMA channel and the FIFO of the front end behind it
 * @vc: all below is protected by vc.lock
 * @sim: the simulator
 * @desc: the only descriptor, there from the channel's request on
 * @desc_busy: it has been prepared and not been terminated
 * @active: it has been issued
 * @paused: no data moves
 * @burst: bytes
 * @moved: position in the buffer up to which memory was read or written
 * @done: position up to which the front end consumed (playback) or produced
 * @fifo: the bytes between the two
 * @fifo_len: the number of these bytes
 * @start: first frame of the transfer, counted from time 0 at its rate
 * @frames: frames since then
 * @stale: bytes that were fetched before they were synced
 * @underruns: frames of zeros played for want of data since boot
 * @overruns: frames that could not be recorded since boot
 * @started: @start is valid
 * @elapsed: a period has ended and its interrupt is not delivered yet
 */
struct nc1_chan {
	struct virt_dma_chan vc;
	struct nc1_sim *sim;
	struct nc1_desc desc;
	bool desc_busy;
	bool active;
	bool paused;
	size_t burst;
	size_t moved;
	size_t done;
	u8 fifo[NC1_SIM_MAX_BURST + NC1_SIM_FRAME_MAX];
	unsigned int fifo_len;
	u64 start;
	u64 frames;
	struct nc1_stale stale;
	u64 underruns;
	u64 overruns;
	bool started;
	bool elapsed;
};

/* sim-bench.c */

enum nc1_bench_id {
	NC1_BENCH_OUT0,				/* hears I2S0 */
	NC1_BENCH_OUT1,				/* hears I2S1 */
	NC1_BENCH_IN0,				/* feeds I2S1 */
	NC1_BENCH_IN1,				/* feeds PDM0 */
	NC1_BENCH_STREAMS
};

/**
 * struct nc1_bench_stream - one direction of one cable
 * @substream: while open
 * @fmt: while running; rate 0 otherwise
 * @ptr: frame in the buffer
 * @start: first frame of the stream, counted from time 0 at its rate
 * @frames: frames since then
 * @overruns: frames that overwrote unread ones, or were played twice
 * @elapsed: a period has ended and its callback is not called yet
 *
 * Protected by bench->lock.
 */
struct nc1_bench_stream {
	struct snd_pcm_substream *substream;
	struct nc1_format fmt;
	snd_pcm_uframes_t ptr;
	u64 start;
	u64 frames;
	u64 overruns;
	bool elapsed;
};

struct nc1_bench {
	spinlock_t lock;	/* protects the streams */
	struct snd_card *card;
	struct nc1_bench_stream stream[NC1_BENCH_STREAMS];
};

/* sim-clk.c */

/* One clock, on or off */
struct nc1_gate {
	struct clk_hw hw;
	struct nc1_sim *sim;
};

/* sim-core.c */

/**
 * struct nc1_regs - the registers of a batch, read at one moment
 * @fe: format of each front end, rate 0 if it is not enabled
 * @out: of each transmitter
 * @in: of each receiver
 * @out_mask: which FEs each transmitter plays
 * @in_mask: which receivers FE4 and FE5 record
 * @out_gain: GAIN of each transmitter
 * @in_gain: RXGAIN of each receiver
 */
struct nc1_regs {
	struct nc1_format fe[NC1_SIM_FES];
	struct nc1_format out[NC1_SIM_OUTS];
	struct nc1_format in[NC1_SIM_INS];
	u32 out_mask[NC1_SIM_OUTS];
	u32 in_mask[NC1_SIM_INS];
	u32 out_gain[NC1_SIM_OUTS];
	u32 in_gain[NC1_SIM_INS];
};

/**
 * struct nc1_sim - the simulator
 * @dev: platform device, also the DMA device of all PCM buffers
 * @window: all register windows, ordinary memory
 * @rcdev: the reset lines
 * @gate: the clocks
 * @clks_on: those that are on, a bit each; written under no lock of the simulator
 * @dma: the dmaengine provider
 * @chan: its channels, one for each request line
 * @bench: the other end of the cables
 * @debugfs: the directory nc1-sim
 * @coherent: both views of memory are one: there are no caches in between
 * @refuse: with N the N-th call from now on fails, see nc1_sim_refuses(); 0: none
 *
 * @tick: see the top of this file; protects from here to @stat
 * @in_reset: reset lines that are asserted
 * @now: simulated time in nanoseconds
 * @last: when @now was last advanced
 * @resting: the clock stood still
 * @step: the clock moves on request only
 * @regs: the registers of this batch
 * @stat: the STAT registers as last written
 * @play: frames of the chunk in flight, by playback FE
 * @mix: the same for one sink
 * @cable: the frames at one receiver's pins
 * @rx: the frames of the chunk in flight, by receiver
 *
 * @timer: ticks while a stream runs
 *
 * @buf_lock: protects from here to the end
 * @bufs: all &struct nc1_buf
 * @for_device: calls of the DMA API that sync for the device
 * @for_cpu: calls that sync for the CPU
 * @stray: calls for memory that is not, or no longer, a buffer
 * @longest: most bytes that were synced before interrupts were enabled again
 * @stretch: the bytes since interrupts were disabled
 * @audio: bytes that DMA moved
 * @spoilt: recorded bytes that a write-back of dirty lines has overwritten
 * @fetched: bytes that the devices of sim-fetch.c moved
 * @fetch_stale: bytes that they fetched before these were synced
 * @cache: the rules of the cache
 * @evict: dirty lines a tick tries to write back, for each buffer
 * @refill: clean lines a tick tries to fetch again, for each buffer
 * @rnd: state of the random numbers that choose the lines
 * @bus_errors: DMA to or from memory that is no buffer
 */
struct nc1_sim {
	struct device *dev;
	void __iomem *window;
	struct reset_controller_dev rcdev;
	struct nc1_gate gate[NC1_SIM_CLKS];
	unsigned long clks_on;
	struct dma_device dma;
	struct nc1_chan chan[NC1_SIM_FES];
	struct nc1_bench bench;
	struct dentry *debugfs;
	bool coherent;
	atomic_t refuse;

	spinlock_t tick;	/* outermost: frames move under it */
	u32 in_reset;
	u64 now;
	ktime_t last;
	bool resting;
	bool step;
	struct nc1_regs regs;
	u32 stat[NC1_SIM_BLOCKS];
	struct nc1_frame play[NC1_SIM_PLAY_FES][NC1_SIM_CHUNK];
	struct nc1_frame mix[NC1_SIM_CHUNK];
	struct nc1_frame cable[1][NC1_SIM_CHUNK];
	struct nc1_frame rx[NC1_SIM_INS][NC1_SIM_CHUNK];

	struct hrtimer timer;

	spinlock_t buf_lock;	/* innermost: buffers, views, counters */
	struct list_head bufs;
	struct nc1_sync_count for_device;
	struct nc1_sync_count for_cpu;
	u64 stray;
	u64 longest;
	struct nc1_stretch __percpu *stretch;
	u64 audio;
	u64 spoilt;
	u64 fetched;
	struct nc1_stale fetch_stale;
	enum nc1_cache cache;
	u32 evict;
	u32 refill;
	struct rnd_state rnd;
	u64 bus_errors;
};

bool nc1_sim_refuses(struct nc1_sim *sim);
__printf(4, 5)
int nc1_sim_refuse(struct nc1_sim *sim, int err, const char *property,
		   const char *fmt, ...);
void nc1_sim_kick(struct nc1_sim *sim);
void nc1_sim_wait(struct nc1_sim *sim);

/* sim-clk.c */
int nc1_sim_clk_init(struct nc1_sim *sim);
int nc1_sim_clk_provide(struct nc1_sim *sim);

/* sim-frames.c */
void nc1_sim_run_until(struct nc1_sim *sim, u64 target);
void nc1_sim_reset_block(struct nc1_sim *sim, enum nc1_sim_block block,
			 bool assert);
u64 nc1_sim_frame_at(u64 ns, unsigned int rate);
u64 nc1_sim_time_of(u64 frame, unsigned int rate);

/* sim-gain.c */
void nc1_sim_gain(struct nc1_frame *frames, unsigned int count,
		  const struct nc1_format *fmt, u32 gain);

/* sim-dma.c */
int nc1_sim_dma_init(struct nc1_sim *sim);
void nc1_chan_play(struct nc1_chan *chan, const struct nc1_format *fmt,
		   struct nc1_frame *frames, unsigned int count, u64 first,
		   u32 *stat);
void nc1_chan_record(struct nc1_chan *chan, const struct nc1_format *fmt,
		     const struct nc1_frame *frames, unsigned int count,
		     u64 first, u32 *stat);
unsigned int nc1_chan_to_go(struct nc1_chan *chan, const struct nc1_format *fmt);
void nc1_chan_interrupt(struct nc1_chan *chan);

/* sim-cache.c */
void nc1_sim_cache_init(struct nc1_sim *sim);
void nc1_sim_cache_exit(void *data);
void *nc1_sim_dram(struct nc1_sim *sim, dma_addr_t addr, size_t len)
	__must_hold(&sim->buf_lock);
void nc1_sim_wrote(struct nc1_sim *sim, dma_addr_t addr, size_t len)
	__must_hold(&sim->buf_lock);
void nc1_sim_stale(struct nc1_sim *sim, dma_addr_t addr, size_t len, size_t at,
		   struct nc1_stale *stale)
	__must_hold(&sim->buf_lock);
void nc1_sim_cache_tick(struct nc1_sim *sim);

/* sim-lines.c */
void nc1_sim_lines_begin(struct nc1_buf *buf);
void nc1_sim_lines_sync(struct nc1_sim *sim, struct nc1_buf *buf, size_t from,
			size_t to, enum dma_data_direction dir, bool for_device)
	__must_hold(&sim->buf_lock);
void nc1_sim_lines_before(struct nc1_sim *sim, struct nc1_buf *buf, size_t from,
			  size_t len)
	__must_hold(&sim->buf_lock);
void nc1_sim_lines_written(struct nc1_sim *sim, struct nc1_buf *buf, size_t from,
			   size_t len)
	__must_hold(&sim->buf_lock);
void nc1_sim_lines_tick(struct nc1_sim *sim, struct nc1_buf *buf)
	__must_hold(&sim->buf_lock);
void nc1_sim_line_evict(struct nc1_sim *sim, struct nc1_buf *buf, size_t at)
	__must_hold(&sim->buf_lock);
void nc1_sim_line_refill(struct nc1_buf *buf, size_t at);

/* sim-count.c */
int nc1_sim_count_init(struct nc1_sim *sim);
void nc1_sim_count_sync(struct nc1_sim *sim, size_t from, size_t size,
			bool for_device, bool irqsoff)
	__must_hold(&sim->buf_lock);

/* sim-bench.c */
int nc1_sim_bench_init(struct nc1_sim *sim);
struct snd_pcm *nc1_bench_new_pcm(struct nc1_sim *sim, int device, const char *name,
				  int plays, const struct snd_pcm_ops *play,
				  int records, const struct snd_pcm_ops *record);
void nc1_bench_hear(struct nc1_sim *sim, enum nc1_bench_id id,
		    const struct nc1_frame *frames, unsigned int count, u64 first);
void nc1_bench_feed(struct nc1_sim *sim, enum nc1_bench_id id,
		    struct nc1_frame *frames, unsigned int count, u64 first);
unsigned int nc1_bench_rate(struct nc1_sim *sim, enum nc1_bench_id id);
unsigned int nc1_bench_to_go(struct nc1_sim *sim, enum nc1_bench_id id);
void nc1_bench_interrupt(struct nc1_sim *sim, enum nc1_bench_id id);

/* sim-fetch.c */
int nc1_sim_fetch_init(struct nc1_sim *sim);

/* Samples in memory and inside the crossbar. Any width but 16 takes 32 bits. */
static inline void nc1_frame_unpack(struct nc1_frame *frame, const void *mem,
				    const struct nc1_format *fmt)
{
	const __le16 *s16 = mem;
	const __le32 *s32 = mem;
	unsigned int c;

	memset(frame, 0, sizeof(*frame));
	for (c = 0; c < fmt->channels; c++)
		if (fmt->width == 16)
			frame->ch[c] = (u32)le16_to_cpu(s16[c]) << 16;
		else
			frame->ch[c] = le32_to_cpu(s32[c]) << (32 - fmt->width);
}

static inline void nc1_frame_pack(void *mem, const struct nc1_frame *frame,
				  const struct nc1_format *fmt)
{
	__le16 *s16 = mem;
	__le32 *s32 = mem;
	unsigned int c;

	for (c = 0; c < fmt->channels; c++)
		if (fmt->width == 16)
			s16[c] = cpu_to_le16(frame->ch[c] >> 16);
		else
			s32[c] = cpu_to_le32(frame->ch[c] >> (32 - fmt->width));
}

#endif
