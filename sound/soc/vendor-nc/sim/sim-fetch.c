// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: a device that fetches data as it is committed.
 *
 * A cyclic DMA engine reads a frame long after the application has committed it,
 * and a late sync is rarely heard. Other drivers are called at each commit, by the
 * PCM operation "ack", and fetch the new frames at once. These devices of the bench
 * card do:
 *
 *	device 3	playback: without a cable
 *			capture: a sequence of its own
 *	device 4	playback: without a cable
 *
 * Channels may be interleaved or lie in planes, one behind the other. Frames that were
 * fetched are only compared; "stale" in debugfs counts the bytes that differ from those
 * that the CPU has written. All frames but the last period are played at once.
 *
 * Capture is the reverse: as soon as the application has made room, all of the buffer
 * but a period is recorded. Each sample differs from its neighbours, in its channel
 * and in the next, so that a sample in the wrong place is detected: channel c of frame
 * n is n * NC1_MAX_CHANNELS + c + 1, in 16 bits.
 *
 * The driver of device 4 copies written frames by itself (the PCM operation "copy"). It
 * fetches its whole buffer when it starts, with any contents.
 *
 * Playback of device 3 has one substream more than the ALSA core preallocates buffers for
 * (snd_pcm.maximum_substreams, 4 unless it is given): the last one gets its buffer
 * in hw_params.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <sound/core.h>
#include <sound/pcm.h>

#include "../compat.h"
#include "nc1-sim.h"

#define NC1_FETCH_DEVICE	3
#define NC1_COPY_DEVICE		4
#define NC1_FETCH_SUBSTREAMS	5
#define NC1_FETCH_BUFFER_BYTES	(64 * 1024)

/* They count up to the boundary, as the pointers of ALSA do. Under the stream lock. */
struct nc1_fetch {
	snd_pcm_uframes_t fetched;
	snd_pcm_uframes_t played;
	snd_pcm_uframes_t recorded;
};

static const struct snd_pcm_hardware nc1_fetch_hardware = {
	.info = SNDRV_PCM_INFO_INTERLEAVED | SNDRV_PCM_INFO_NONINTERLEAVED |
		SNDRV_PCM_INFO_MMAP | SNDRV_PCM_INFO_MMAP_VALID,
	.formats = SNDRV_PCM_FMTBIT_S16_LE,
	.rates = SNDRV_PCM_RATE_48000,
	.rate_min = 48000,
	.rate_max = 48000,
	.channels_min = 1,
	.channels_max = NC1_MAX_CHANNELS,
	.buffer_bytes_max = NC1_FETCH_BUFFER_BYTES,
	.period_bytes_min = 64,
	.period_bytes_max = NC1_FETCH_BUFFER_BYTES / 2,
	.periods_min = 2,
	.periods_max = NC1_FETCH_BUFFER_BYTES / 64,
};

static int nc1_fetch_open(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct nc1_fetch *fetch;
	int err;

	runtime->hw = nc1_fetch_hardware;
	err = snd_pcm_hw_constraint_integer(runtime, SNDRV_PCM_HW_PARAM_PERIODS);
	if (err < 0)
		return err;
	fetch = kzalloc_obj(*fetch);
	if (!fetch)
		return -ENOMEM;
	runtime->private_data = fetch;

	return 0;
}

static int nc1_fetch_close(struct snd_pcm_substream *substream)
{
	kfree(substream->runtime->private_data);

	return 0;
}

static int nc1_fetch_prepare(struct snd_pcm_substream *substream)
{
	struct nc1_fetch *fetch = substream->runtime->private_data;

	/* Another thread may commit meanwhile. */
	snd_pcm_stream_lock_irq(substream);
	memset(fetch, 0, sizeof(*fetch));
	snd_pcm_stream_unlock_irq(substream);

	return 0;
}

/* Frames that @to is ahead of @from; if they seem more than a buffer, @to is behind. */
static snd_pcm_uframes_t nc1_fetch_ahead(struct snd_pcm_runtime *runtime,
					 snd_pcm_uframes_t from,
					 snd_pcm_uframes_t to)
{
	snd_pcm_uframes_t frames = to - from;

	if (to < from)
		frames += runtime->boundary;

	return frames <= runtime->buffer_size ? frames : 0;
}

static bool nc1_fetch_interleaved(struct snd_pcm_runtime *runtime)
{
	return runtime->access == SNDRV_PCM_ACCESS_RW_INTERLEAVED ||
	       runtime->access == SNDRV_PCM_ACCESS_MMAP_INTERLEAVED;
}

/* The frames from @at on, which do not wrap, in each plane of the buffer */
static void nc1_fetch_piece(struct nc1_sim *sim, struct snd_pcm_runtime *runtime,
			    snd_pcm_uframes_t at, snd_pcm_uframes_t frames)
{
	unsigned int planes = nc1_fetch_interleaved(runtime) ? 1 : runtime->channels;
	size_t plane_bytes = runtime->dma_bytes / planes;
	size_t bytes = frames_to_bytes(runtime, frames) / planes;
	size_t offset = frames_to_bytes(runtime, at) / planes;
	unsigned int i;

	lockdep_assert_held(&sim->buf_lock);

	for (i = 0; i < planes; i++, offset += plane_bytes) {
		if (!sim->coherent)
			nc1_sim_stale(sim, runtime->dma_addr + offset, bytes,
				      offset, &sim->fetch_stale);
		sim->fetched += bytes;
	}
}

/* All committed frames but a period have been played. */
static void nc1_fetch_play(struct snd_pcm_runtime *runtime)
{
	struct nc1_fetch *fetch = runtime->private_data;
	snd_pcm_uframes_t appl = runtime->control->appl_ptr;

	if (nc1_fetch_ahead(runtime, fetch->played, appl) <= runtime->period_size)
		return;
	fetch->played = appl - runtime->period_size;
	if (appl < runtime->period_size)
		fetch->played += runtime->boundary;
}

/* Fetch new frames now. A rewind undoes nothing. */
static int nc1_fetch_ack(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);
	struct nc1_fetch *fetch = runtime->private_data;
	snd_pcm_uframes_t appl = runtime->control->appl_ptr;
	snd_pcm_uframes_t frames, piece, at;
	unsigned long flags;

	lockdep_assert_held(&substream->self_group.lock);
	frames = nc1_fetch_ahead(runtime, fetch->fetched, appl);
	at = fetch->fetched % runtime->buffer_size;
	fetch->fetched = appl;

	spin_lock_irqsave(&sim->buf_lock, flags);
	for (; frames; frames -= piece, at = 0) {
		piece = min(frames, runtime->buffer_size - at);
		nc1_fetch_piece(sim, runtime, at, piece);
	}
	spin_unlock_irqrestore(&sim->buf_lock, flags);

	nc1_fetch_play(runtime);

	return 0;
}

static int nc1_fetch_trigger(struct snd_pcm_substream *substream, int cmd)
{
	return 0;
}

static snd_pcm_uframes_t nc1_fetch_pointer(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct nc1_fetch *fetch = runtime->private_data;

	lockdep_assert_held(&substream->self_group.lock);

	return fetch->played % runtime->buffer_size;
}

static const struct snd_pcm_ops nc1_fetch_ops = {
	.open = nc1_fetch_open,
	.close = nc1_fetch_close,
	.prepare = nc1_fetch_prepare,
	.trigger = nc1_fetch_trigger,
	.ack = nc1_fetch_ack,
	.pointer = nc1_fetch_pointer,
};

static int nc1_copy(struct snd_pcm_substream *substream, int channel,
		    unsigned long at, nc1_copy_from *from, unsigned long bytes)
{
	void *to = substream->runtime->dma_area + at;

	return nc1_copy_in(to, from, bytes) ? 0 : -EFAULT;
}

static int nc1_copy_trigger(struct snd_pcm_substream *substream, int cmd)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);
	unsigned long flags;

	if (cmd != SNDRV_PCM_TRIGGER_START)
		return 0;

	spin_lock_irqsave(&sim->buf_lock, flags);
	nc1_fetch_piece(sim, runtime, 0, runtime->buffer_size);
	spin_unlock_irqrestore(&sim->buf_lock, flags);
	nc1_fetch_play(runtime);

	return 0;
}

static const struct snd_pcm_ops nc1_copy_ops = {
	.open = nc1_fetch_open,
	.close = nc1_fetch_close,
	.prepare = nc1_fetch_prepare,
	.trigger = nc1_copy_trigger,
	.pointer = nc1_fetch_pointer,
	.NC1_PCM_COPY = nc1_copy,
};

/* Fill the free room but for a period: a full buffer would be an overrun. */
static void nc1_record(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);
	struct nc1_fetch *fetch = runtime->private_data;
	unsigned int channels = runtime->channels, c;
	snd_pcm_uframes_t end, frames, at;
	bool interleaved = nc1_fetch_interleaved(runtime);
	unsigned long flags;
	u16 *dram;

	lockdep_assert_held(&substream->self_group.lock);
	end = runtime->control->appl_ptr + runtime->buffer_size - runtime->period_size;
	if (end >= runtime->boundary)
		end -= runtime->boundary;
	frames = nc1_fetch_ahead(runtime, fetch->recorded, end);

	spin_lock_irqsave(&sim->buf_lock, flags);
	dram = nc1_sim_dram(sim, runtime->dma_addr, runtime->dma_bytes);
	for (; dram && frames; frames--) {
		at = fetch->recorded % runtime->buffer_size;
		for (c = 0; c < channels; c++)
			dram[interleaved ? at * channels + c : c * runtime->buffer_size + at] =
				fetch->recorded * NC1_MAX_CHANNELS + c + 1;
		if (++fetch->recorded == runtime->boundary)
			fetch->recorded = 0;
	}
	if (dram)
		nc1_sim_wrote(sim, runtime->dma_addr, runtime->dma_bytes);
	spin_unlock_irqrestore(&sim->buf_lock, flags);
}

static int nc1_record_ack(struct snd_pcm_substream *substream)
{
	if (snd_pcm_running(substream))
		nc1_record(substream);

	return 0;
}

static int nc1_record_trigger(struct snd_pcm_substream *substream, int cmd)
{
	if (cmd == SNDRV_PCM_TRIGGER_START)
		nc1_record(substream);

	return 0;
}

static snd_pcm_uframes_t nc1_record_pointer(struct snd_pcm_substream *substream)
{
	struct snd_pcm_runtime *runtime = substream->runtime;
	struct nc1_fetch *fetch = runtime->private_data;

	lockdep_assert_held(&substream->self_group.lock);

	return fetch->recorded % runtime->buffer_size;
}

static const struct snd_pcm_ops nc1_record_ops = {
	.open = nc1_fetch_open,
	.close = nc1_fetch_close,
	.prepare = nc1_fetch_prepare,
	.trigger = nc1_record_trigger,
	.ack = nc1_record_ack,
	.pointer = nc1_record_pointer,
};

static int nc1_fetch_new_pcm(struct nc1_sim *sim, int device, const char *name,
			     int plays, const struct snd_pcm_ops *play, int records)
{
	struct snd_pcm *pcm;

	pcm = nc1_bench_new_pcm(sim, device, name, plays, play, records, &nc1_record_ops);
	if (IS_ERR(pcm))
		return PTR_ERR(pcm);

	return snd_pcm_set_managed_buffer_all(pcm, SNDRV_DMA_TYPE_NONCOHERENT,
					      sim->dev, NC1_FETCH_BUFFER_BYTES,
					      NC1_FETCH_BUFFER_BYTES);
}

/**
 * nc1_sim_fetch_init() - add the devices to the bench card
 * @sim: the simulator, whose bench has a card that is not registered yet
 *
 * Context: may sleep.
 * Return: 0 or a negative error.
 */
int nc1_sim_fetch_init(struct nc1_sim *sim)
{
	int ret;

	ret = nc1_fetch_new_pcm(sim, NC1_FETCH_DEVICE, "Fetch", NC1_FETCH_SUBSTREAMS,
				&nc1_fetch_ops, 1);
	if (ret)
		return ret;

	return nc1_fetch_new_pcm(sim, NC1_COPY_DEVICE, "Copy", 1, &nc1_copy_ops, 0);
}
