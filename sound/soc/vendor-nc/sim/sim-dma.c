// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: the DMA controller.
 *
 * One dmaengine channel for each request line, with the FIFO of the front end
 * behind it. A channel moves memory in bursts, at requests of its front end:
 *
 *	memory --burst--> [ FIFO ] --frame--> crossbar		playback
 *	memory <--burst-- [ FIFO ] <--frame-- crossbar		capture
 *	        moved               done
 *
 * Residue counts in bursts that are done: consumed by the front end, or written
 * to memory. A transfer is cyclic, and a channel has one descriptor which
 * exists as long as the channel is in use: there are no allocations in atomic
 * context.
 *
 * A period's interrupt is delivered by the tick between two frames
 * (nc1_chan_interrupt()), not by a tasklet some time later: so a stream that
 * stops at a period's end stops exactly there, under any load of the machine.
 */
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/of_dma.h>

#include "nc1-sim.h"

static struct nc1_chan *nc1_chan_of(struct dma_chan *chan)
{
	return container_of(to_virt_chan(chan), struct nc1_chan, vc);
}

/* Position up to which whole bursts are done, for a position in the buffer. */
static size_t nc1_chan_burst_pos(struct nc1_chan *chan, size_t pos)
{
	size_t in_period = pos % chan->desc.period;

	return pos - in_period % chan->burst;
}

/* Bytes of the next burst at a position: short at the end of a period. */
static size_t nc1_chan_burst_len(struct nc1_chan *chan, size_t pos)
{
	return min(chan->burst, chan->desc.period - pos % chan->desc.period);
}

static size_t nc1_chan_advance(struct nc1_chan *chan, size_t pos, size_t bytes)
{
	pos += bytes;
	if (pos >= chan->desc.bytes)
		pos -= chan->desc.bytes;

	return pos;
}

/*
 * Move one burst between memory and the FIFO; return its length in bytes. The caller
 * takes sim->buf_lock once for a chunk: a lock for each burst would cost more than
 * all the rest.
 */
static size_t nc1_chan_burst(struct nc1_chan *chan, u8 *fifo, bool play)
{
	size_t len = nc1_chan_burst_len(chan, chan->moved);
	u8 *dram = nc1_sim_dram(chan->sim, chan->desc.addr + chan->moved, len);

	lockdep_assert_held(&chan->vc.lock);

	if (dram && play) {
		memcpy(fifo, dram, len);
		nc1_sim_stale(chan->sim, chan->desc.addr + chan->moved, len,
			      chan->moved, &chan->stale);
	} else if (dram) {
		memcpy(dram, fifo, len);
		nc1_sim_wrote(chan->sim, chan->desc.addr + chan->moved, len);
	} else if (play) {
		memset(fifo, 0, len);
	}
	chan->sim->audio += len;
	chan->moved = nc1_chan_advance(chan, chan->moved, len);

	return len;
}

static void nc1_chan_count(struct nc1_chan *chan, u64 first)
{
	if (!chan->started) {
		chan->started = true;
		chan->start = first;
		chan->frames = 0;
	}
	chan->frames++;
}

/**
 * nc1_chan_play() - take frames out of a playback channel
 * @chan: the channel
 * @fmt: the front end's format
 * @frames: filled in, zeros where there is no data
 * @count: frames, at most NC1_SIM_CHUNK
 * @first: number of the first frame since time 0
 * @stat: the front end's STAT register
 *
 * Context: inside the tick. Takes vc.lock and sim->buf_lock.
 */
void nc1_chan_play(struct nc1_chan *chan, const struct nc1_format *fmt,
		   struct nc1_frame *frames, unsigned int count, u64 first,
		   u32 *stat)
{
	unsigned int bytes = nc1_frame_bytes(fmt);
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&chan->vc.lock, flags);
	spin_lock(&chan->sim->buf_lock);
	for (i = 0; i < count; i++) {
		if (!chan->active || chan->paused) {
			memset(&frames[i], 0, sizeof(*frames));
			*stat |= NC1_STAT_UNDERRUN;
			chan->underruns++;
			continue;
		}
		while (chan->fifo_len < bytes)
			chan->fifo_len += nc1_chan_burst(chan, chan->fifo +
							 chan->fifo_len, true);
		nc1_frame_unpack(&frames[i], chan->fifo, fmt);
		chan->fifo_len -= bytes;
		memmove(chan->fifo, chan->fifo + bytes, chan->fifo_len);

		nc1_chan_count(chan, first + i);
		chan->done = nc1_chan_advance(chan, chan->done, bytes);
		if (chan->done % chan->desc.period == 0)
			chan->elapsed = true;
	}
	spin_unlock(&chan->sim->buf_lock);
	spin_unlock_irqrestore(&chan->vc.lock, flags);
}

/**
 * nc1_chan_record() - put frames into a capture channel
 * @chan: the channel
 * @fmt: the front end's format
 * @frames: the frames to record
 * @count: frames, at most NC1_SIM_CHUNK
 * @first: number of the first frame since time 0
 * @stat: the front end's STAT register
 *
 * Context: inside the tick. Takes vc.lock and sim->buf_lock.
 */
void nc1_chan_record(struct nc1_chan *chan, const struct nc1_format *fmt,
		     const struct nc1_frame *frames, unsigned int count,
		     u64 first, u32 *stat)
{
	unsigned int bytes = nc1_frame_bytes(fmt);
	unsigned long flags;
	unsigned int i;
	size_t len;

	spin_lock_irqsave(&chan->vc.lock, flags);
	spin_lock(&chan->sim->buf_lock);
	for (i = 0; i < count; i++) {
		if (!chan->active || chan->paused) {
			*stat |= NC1_STAT_OVERRUN;
			chan->overruns++;
			continue;
		}
		nc1_frame_pack(chan->fifo + chan->fifo_len, &frames[i], fmt);
		chan->fifo_len += bytes;
		nc1_chan_count(chan, first + i);

		while (chan->fifo_len >= nc1_chan_burst_len(chan, chan->moved)) {
			len = nc1_chan_burst(chan, chan->fifo, false);
			chan->fifo_len -= len;
			memmove(chan->fifo, chan->fifo + len, chan->fifo_len);
			chan->done = chan->moved;
			if (chan->done % chan->desc.period == 0)
				chan->elapsed = true;
		}
	}
	spin_unlock(&chan->sim->buf_lock);
	spin_unlock_irqrestore(&chan->vc.lock, flags);
}

/**
 * nc1_chan_to_go() - count the frames until the next interrupt
 * @chan: the channel
 * @fmt: the front end's format
 *
 * Context: any. Takes vc.lock.
 * Return: frames, at least 1; UINT_MAX if the channel does not move.
 */
unsigned int nc1_chan_to_go(struct nc1_chan *chan, const struct nc1_format *fmt)
{
	unsigned int bytes = nc1_frame_bytes(fmt);
	unsigned int frames = UINT_MAX;
	unsigned long flags;
	size_t left;

	spin_lock_irqsave(&chan->vc.lock, flags);
	if (chan->active && !chan->paused) {
		left = chan->desc.period - chan->done % chan->desc.period;
		/* A capture FIFO holds frames that are recorded, not done. */
		if (chan->vc.chan.chan_id >= NC1_SIM_PLAY_FES)
			left -= min_t(size_t, left, chan->fifo_len);
		frames = max_t(size_t, 1, DIV_ROUND_UP(left, bytes));
	}
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	return frames;
}

/**
 * nc1_chan_interrupt() - deliver the interrupt of a period that ended
 * @chan: the channel
 *
 * Context: inside the tick, no other lock held. Calls the DMA client.
 */
void nc1_chan_interrupt(struct nc1_chan *chan)
{
	struct dmaengine_desc_callback cb;
	unsigned long flags;
	bool elapsed;

	spin_lock_irqsave(&chan->vc.lock, flags);
	elapsed = chan->elapsed && chan->active && chan->desc.interrupts;
	chan->elapsed = false;
	if (elapsed)
		dmaengine_desc_get_callback(&chan->desc.vd.tx, &cb);
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	if (elapsed)
		dmaengine_desc_callback_invoke(&cb, NULL);
}

/* The descriptor is a part of its channel: nothing to free. */
static void nc1_dma_desc_free(struct virt_dma_desc *vd)
{
}

static int nc1_dma_config(struct dma_chan *dchan, struct dma_slave_config *cfg)
{
	struct nc1_chan *chan = nc1_chan_of(dchan);
	bool play = dchan->chan_id < NC1_SIM_PLAY_FES;
	size_t burst = play ? cfg->dst_maxburst * cfg->dst_addr_width :
			      cfg->src_maxburst * cfg->src_addr_width;
	unsigned long flags;
	int ret = 0;

	if (!burst || burst > NC1_SIM_MAX_BURST || nc1_sim_refuses(chan->sim))
		return -EINVAL;

	spin_lock_irqsave(&chan->vc.lock, flags);
	if (chan->active)
		ret = -EBUSY;
	else
		chan->burst = burst;
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	return ret;
}

static struct dma_async_tx_descriptor *
nc1_dma_prep_cyclic(struct dma_chan *dchan, dma_addr_t addr, size_t bytes,
		    size_t period, enum dma_transfer_direction dir,
		    unsigned long tx_flags)
{
	struct nc1_chan *chan = nc1_chan_of(dchan);
	bool play = dchan->chan_id < NC1_SIM_PLAY_FES;
	unsigned long flags;
	bool busy;

	if (dir != (play ? DMA_MEM_TO_DEV : DMA_DEV_TO_MEM) ||
	    !period || bytes % period || nc1_sim_refuses(chan->sim))
		return NULL;

	spin_lock_irqsave(&chan->vc.lock, flags);
	busy = chan->desc_busy || !chan->burst;
	if (!busy) {
		chan->desc_busy = true;
		chan->desc.addr = addr;
		chan->desc.bytes = bytes;
		chan->desc.period = period;
		chan->desc.interrupts = tx_flags & DMA_PREP_INTERRUPT;
	}
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	return busy ? NULL : vchan_tx_prep(&chan->vc, &chan->desc.vd, tx_flags);
}

static void nc1_dma_issue_pending(struct dma_chan *dchan)
{
	struct nc1_chan *chan = nc1_chan_of(dchan);
	unsigned long flags;

	spin_lock_irqsave(&chan->vc.lock, flags);
	if (vchan_issue_pending(&chan->vc) && !chan->active) {
		chan->active = true;
		chan->paused = false;
		chan->started = false;
		chan->elapsed = false;
		chan->moved = 0;
		chan->done = 0;
		chan->fifo_len = 0;
	}
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	nc1_sim_kick(chan->sim);
}

static void nc1_dma_set_paused(struct dma_chan *dchan, bool paused)
{
	struct nc1_chan *chan = nc1_chan_of(dchan);
	unsigned long flags;

	spin_lock_irqsave(&chan->vc.lock, flags);
	chan->paused = paused;
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	nc1_sim_kick(chan->sim);
}

static int nc1_dma_pause(struct dma_chan *dchan)
{
	nc1_dma_set_paused(dchan, true);

	return 0;
}

static int nc1_dma_resume(struct dma_chan *dchan)
{
	nc1_dma_set_paused(dchan, false);

	return 0;
}

static int nc1_dma_terminate_all(struct dma_chan *dchan)
{
	struct nc1_chan *chan = nc1_chan_of(dchan);
	unsigned long flags;
	LIST_HEAD(head);

	spin_lock_irqsave(&chan->vc.lock, flags);
	chan->active = false;
	chan->paused = false;
	chan->elapsed = false;
	chan->desc_busy = false;
	/* Forget the descriptor; there is nothing to free. */
	vchan_get_all_descriptors(&chan->vc, &head);
	INIT_LIST_HEAD(&chan->desc.vd.node);
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	return 0;
}

static int nc1_dma_alloc_chan_resources(struct dma_chan *dchan)
{
	return 1;
}

static void nc1_dma_free_chan_resources(struct dma_chan *dchan)
{
	nc1_dma_terminate_all(dchan);
	nc1_sim_wait(nc1_chan_of(dchan)->sim);
}

static void nc1_dma_synchronize(struct dma_chan *dchan)
{
	nc1_sim_wait(nc1_chan_of(dchan)->sim);
}

static enum dma_status nc1_dma_tx_status(struct dma_chan *dchan,
					 dma_cookie_t cookie,
					 struct dma_tx_state *state)
{
	struct nc1_chan *chan = nc1_chan_of(dchan);
	enum dma_status status;
	unsigned long flags;

	status = dma_cookie_status(dchan, cookie, state);
	if (status == DMA_COMPLETE || !state)
		return status;

	spin_lock_irqsave(&chan->vc.lock, flags);
	if (chan->active) {
		dma_set_residue(state, chan->desc.bytes -
				nc1_chan_burst_pos(chan, chan->done));
		if (chan->paused)
			status = DMA_PAUSED;
	}
	spin_unlock_irqrestore(&chan->vc.lock, flags);

	return status;
}

static struct dma_chan *nc1_dma_xlate(struct of_phandle_args *spec,
				      struct of_dma *ofdma)
{
	struct nc1_sim *sim = ofdma->of_dma_data;
	u32 line = spec->args[0];

	/* The front end that requests the channel reports it. */
	if (spec->args_count != 1 || line >= NC1_SIM_FES)
		return NULL;

	return dma_get_slave_channel(&sim->chan[line].vc.chan);
}

static void nc1_dma_of_free(void *data)
{
	struct device *dev = data;

	of_dma_controller_free(dev->of_node);
}

/**
 * nc1_sim_dma_init() - register the DMA channels
 * @sim: the simulator
 *
 * Context: may sleep. Everything is released with the device.
 * Return: 0 or a negative error.
 */
int nc1_sim_dma_init(struct nc1_sim *sim)
{
	struct dma_device *dma = &sim->dma;
	struct device *dev = sim->dev;
	int i, ret;

	dma->dev = dev;
	dma_cap_set(DMA_SLAVE, dma->cap_mask);
	dma_cap_set(DMA_CYCLIC, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma->directions = BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM);
	dma->src_addr_widths = BIT(DMA_SLAVE_BUSWIDTH_2_BYTES) |
			       BIT(DMA_SLAVE_BUSWIDTH_4_BYTES);
	dma->dst_addr_widths = dma->src_addr_widths;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_alloc_chan_resources = nc1_dma_alloc_chan_resources;
	dma->device_free_chan_resources = nc1_dma_free_chan_resources;
	dma->device_config = nc1_dma_config;
	dma->device_prep_dma_cyclic = nc1_dma_prep_cyclic;
	dma->device_issue_pending = nc1_dma_issue_pending;
	dma->device_pause = nc1_dma_pause;
	dma->device_resume = nc1_dma_resume;
	dma->device_terminate_all = nc1_dma_terminate_all;
	dma->device_synchronize = nc1_dma_synchronize;
	dma->device_tx_status = nc1_dma_tx_status;
	INIT_LIST_HEAD(&dma->channels);

	for (i = 0; i < NC1_SIM_FES; i++) {
		sim->chan[i].sim = sim;
		sim->chan[i].vc.desc_free = nc1_dma_desc_free;
		vchan_init(&sim->chan[i].vc, dma);
	}

	ret = dmaenginem_async_device_register(dma);
	if (ret)
		return ret;

	ret = of_dma_controller_register(dev->of_node, nc1_dma_xlate, sim);
	if (ret)
		return ret;

	return devm_add_action_or_reset(dev, nc1_dma_of_free, dev);
}
