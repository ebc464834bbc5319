// SPDX-License-Identifier: GPL-2.0-only
/*
 * NC1 simulator: the other end of the cables.
 *
 * A sound card "NC1Bench" of its own, which takes the place of a measuring
 * device: any ALSA program can record the signal that a port transmits, and
 * play the signal that a port receives.
 *
 *	device 0	capture: I2S0
 *	device 1	capture: I2S1, playback: I2S1
 *	device 2	playback: PDM0; maps its buffer by itself
 *	device 3	playback, capture: no cable, see sim-fetch.c
 *	device 4	playback: the same
 *
 * A bench stream runs at the rate, format and channels it was opened with. It
 * records zeros if the port is off or runs at another rate, and ports receive
 * zeros if the bench does not play. No loss is silent: if a program does not read
 * its buffer in time, that is an overrun of the ALSA core, and is counted here as
 * well. When the board suspends, the bench does not: the streams go on.
 *
 * Device 2 has an operation mmap of its own, as some drivers have, which calls the
 * default of the core. It is there for noncoherent-mmap: for such a stream hw_params
 * does not fail if the buffer may not be mapped, only mmap() does.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <sound/core.h>
#include <sound/initval.h>
#include <sound/pcm.h>

#include "nc1-sim.h"

/* Long enough for every recording in the tests to fit in whole. */
#define NC1_BENCH_BUFFER_BYTES	(8 * 1024 * 1024)

static const char * const nc1_bench_names[NC1_BENCH_STREAMS] = {
	[NC1_BENCH_OUT0] = "I2S0-out",
	[NC1_BENCH_OUT1] = "I2S1-out",
	[NC1_BENCH_IN0] = "I2S1-in",
	[NC1_BENCH_IN1] = "PDM0-in",
};

static const struct snd_pcm_hardware nc1_bench_hardware = {
	.info = SNDRV_PCM_INFO_INTERLEAVED | SNDRV_PCM_INFO_MMAP |
		SNDRV_PCM_INFO_MMAP_VALID,
	.formats = SNDRV_PCM_FMTBIT_S16_LE | SNDRV_PCM_FMTBIT_S24_LE |
		   SNDRV_PCM_FMTBIT_S32_LE,
	.rates = SNDRV_PCM_RATE_8000_192000,
	.rate_min = 8000,
	.rate_max = 192000,
	.channels_min = 1,
	.channels_max = NC1_MAX_CHANNELS,
	.buffer_bytes_max = NC1_BENCH_BUFFER_BYTES,
	.period_bytes_min = 64,
	.period_bytes_max = NC1_BENCH_BUFFER_BYTES / 2,
	.periods_min = 2,
	.periods_max = NC1_BENCH_BUFFER_BYTES / 64,
};

static struct nc1_bench_stream *nc1_bench_of(struct snd_pcm_substream *substream)
{
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);
	bool play = substream->stream == SNDRV_PCM_STREAM_PLAYBACK;
	int device = substream->pcm->device;

	/* Devices 1 and 2 play, 0 and 1 record. */
	return &sim->bench.stream[play ? NC1_BENCH_IN0 + device - 1 :
					 NC1_BENCH_OUT0 + device];
}

static int nc1_bench_open(struct snd_pcm_substream *substream)
{
	substream->runtime->hw = nc1_bench_hardware;

	return snd_pcm_hw_constraint_integer(substream->runtime,
					     SNDRV_PCM_HW_PARAM_PERIODS);
}

static int nc1_bench_close(struct snd_pcm_substream *substream)
{
	return 0;
}

static int nc1_bench_trigger(struct snd_pcm_substream *substream, int cmd)
{
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);
	struct nc1_bench_stream *stream = nc1_bench_of(substream);
	struct snd_pcm_runtime *runtime = substream->runtime;
	unsigned long flags;

	if (cmd != SNDRV_PCM_TRIGGER_START && cmd != SNDRV_PCM_TRIGGER_STOP)
		return -EINVAL;

	spin_lock_irqsave(&sim->bench.lock, flags);
	stream->elapsed = false;
	if (cmd == SNDRV_PCM_TRIGGER_STOP) {
		stream->fmt.rate = 0;
		stream->substream = NULL;
	} else {
		stream->substream = substream;
		stream->fmt.rate = runtime->rate;
		stream->fmt.channels = runtime->channels;
		stream->fmt.width = snd_pcm_format_width(runtime->format);
		stream->ptr = 0;
		stream->frames = 0;
	}
	spin_unlock_irqrestore(&sim->bench.lock, flags);

	nc1_sim_kick(sim);

	return 0;
}

static int nc1_bench_prepare(struct snd_pcm_substream *substream)
{
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);

	spin_lock_irq(&sim->bench.lock);
	nc1_bench_of(substream)->ptr = 0;
	spin_unlock_irq(&sim->bench.lock);

	return 0;
}

static snd_pcm_uframes_t nc1_bench_pointer(struct snd_pcm_substream *substream)
{
	struct nc1_sim *sim = snd_pcm_substream_chip(substream);
	snd_pcm_uframes_t ptr;
	unsigned long flags;

	spin_lock_irqsave(&sim->bench.lock, flags);
	ptr = nc1_bench_of(substream)->ptr;
	spin_unlock_irqrestore(&sim->bench.lock, flags);

	return ptr;
}

static int nc1_bench_sync_stop(struct snd_pcm_substream *substream)
{
	nc1_sim_wait(snd_pcm_substream_chip(substream));

	return 0;
}

static const struct snd_pcm_ops nc1_bench_ops = {
	.open = nc1_bench_open,
	.close = nc1_bench_close,
	.prepare = nc1_bench_prepare,
	.trigger = nc1_bench_trigger,
	.pointer = nc1_bench_pointer,
	.sync_stop = nc1_bench_sync_stop,
};

static const struct snd_pcm_ops nc1_bench_map_ops = {
	.open = nc1_bench_open,
	.close = nc1_bench_close,
	.prepare = nc1_bench_prepare,
	.trigger = nc1_bench_trigger,
	.pointer = nc1_bench_pointer,
	.sync_stop = nc1_bench_sync_stop,
	.mmap = snd_pcm_lib_default_mmap,
};

/**
 * nc1_bench_rate() - get the rate of a stream
 * @sim: the simulator
 * @id: which stream
 *
 * Return: frames per second, 0 if it does not run.
 */
unsigned int nc1_bench_rate(struct nc1_sim *sim, enum nc1_bench_id id)
{
	/* One word; the tick allows for a stream that stops meanwhile. */
	return READ_ONCE(sim->bench.stream[id].fmt.rate);
}

/**
 * nc1_bench_to_go() - count the frames until a stream's period ends
 * @sim: the simulator
 * @id: which stream
 *
 * Return: frames, at least 1; UINT_MAX if the stream does not run.
 */
unsigned int nc1_bench_to_go(struct nc1_sim *sim, enum nc1_bench_id id)
{
	struct nc1_bench_stream *stream = &sim->bench.stream[id];
	unsigned int frames = UINT_MAX;
	struct snd_pcm_runtime *runtime;
	unsigned long flags;

	spin_lock_irqsave(&sim->bench.lock, flags);
	if (stream->substream) {
		runtime = stream->substream->runtime;
		frames = runtime->period_size - stream->ptr % runtime->period_size;
	}
	spin_unlock_irqrestore(&sim->bench.lock, flags);

	return frames;
}

/* Frames between the application and the cable: to be read, or to be played. */
static snd_pcm_uframes_t nc1_bench_queued(struct nc1_bench_stream *stream)
{
	struct snd_pcm_runtime *runtime = stream->substream->runtime;
	snd_pcm_uframes_t appl = READ_ONCE(runtime->control->appl_ptr);
	snd_pcm_sframes_t queued;

	if (stream->substream->stream == SNDRV_PCM_STREAM_PLAYBACK)
		queued = appl - stream->frames;
	else
		queued = stream->frames - appl;

	return clamp_t(snd_pcm_sframes_t, queued, 0, runtime->buffer_size);
}

/* Get the place of the next frame in the buffer, and move past it. */
static void *nc1_bench_next(struct nc1_bench_stream *stream, u64 frame)
{
	struct snd_pcm_runtime *runtime = stream->substream->runtime;
	void *at = runtime->dma_area +
		   stream->ptr * nc1_frame_bytes(&stream->fmt);

	if (!stream->frames)
		stream->start = frame;
	stream->frames++;
	stream->ptr++;
	if (stream->ptr % runtime->period_size == 0)
		stream->elapsed = true;
	if (stream->ptr == runtime->buffer_size)
		stream->ptr = 0;

	return at;
}

/**
 * nc1_bench_hear() - record the frames that a port transmits
 * @sim: the simulator
 * @id: NC1_BENCH_OUT0 or NC1_BENCH_OUT1
 * @frames: the frames
 * @count: how many
 * @first: number of the first frame since time 0
 *
 * Context: inside the tick. Takes bench->lock.
 */
void nc1_bench_hear(struct nc1_sim *sim, enum nc1_bench_id id,
		    const struct nc1_frame *frames, unsigned int count, u64 first)
{
	struct nc1_bench_stream *stream = &sim->bench.stream[id];
	snd_pcm_uframes_t room;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&sim->bench.lock, flags);
	if (stream->substream) {
		room = stream->substream->runtime->buffer_size -
		       nc1_bench_queued(stream);
		stream->overruns += count - min_t(snd_pcm_uframes_t, count, room);
		for (i = 0; i < count; i++)
			nc1_frame_pack(nc1_bench_next(stream, first + i),
				       &frames[i], &stream->fmt);
	}
	spin_unlock_irqrestore(&sim->bench.lock, flags);
}

/**
 * nc1_bench_feed() - play the frames that a port receives
 * @sim: the simulator
 * @id: NC1_BENCH_IN0 or NC1_BENCH_IN1
 * @frames: filled in
 * @count: how many
 * @first: number of the first frame since time 0
 *
 * Context: inside the tick. Takes bench->lock.
 */
void nc1_bench_feed(struct nc1_sim *sim, enum nc1_bench_id id,
		    struct nc1_frame *frames, unsigned int count, u64 first)
{
	struct nc1_bench_stream *stream = &sim->bench.stream[id];
	snd_pcm_uframes_t queued;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&sim->bench.lock, flags);
	if (stream->substream) {
		queued = nc1_bench_queued(stream);
		stream->overruns += count - min_t(snd_pcm_uframes_t, count, queued);
		for (i = 0; i < count; i++)
			nc1_frame_unpack(&frames[i],
					 nc1_bench_next(stream, first + i),
					 &stream->fmt);
	}
	spin_unlock_irqrestore(&sim->bench.lock, flags);
}

/**
 * nc1_bench_interrupt() - call ALSA at the end of a period
 * @sim: the simulator
 * @id: which stream
 *
 * Context: inside the tick, no other lock held: nc1_bench_sync_stop() waits
 * for the tick, so the substream is there. Takes its stream lock.
 */
void nc1_bench_interrupt(struct nc1_sim *sim, enum nc1_bench_id id)
{
	struct nc1_bench_stream *stream = &sim->bench.stream[id];
	struct snd_pcm_substream *substream = NULL;
	unsigned long flags;

	spin_lock_irqsave(&sim->bench.lock, flags);
	if (stream->elapsed)
		substream = stream->substream;
	stream->elapsed = false;
	spin_unlock_irqrestore(&sim->bench.lock, flags);

	if (substream)
		snd_pcm_period_elapsed(substream);
}

static int nc1_bench_state_show(struct seq_file *s, void *unused)
{
	struct nc1_sim *sim = s->private;
	struct nc1_bench_stream stream;
	int i;

	for (i = 0; i < NC1_BENCH_STREAMS; i++) {
		spin_lock_irq(&sim->bench.lock);
		stream = sim->bench.stream[i];
		spin_unlock_irq(&sim->bench.lock);
		seq_printf(s, "%s start %llu frames %llu overruns %llu\n",
			   nc1_bench_names[i], stream.start, stream.frames,
			   stream.overruns);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nc1_bench_state);

/**
 * nc1_bench_new_pcm() - add a device to the bench card
 * @sim: the simulator, whose bench has a card that is not registered yet
 * @device: number of the device
 * @name: its name
 * @plays: number of substreams that play
 * @play: their operations
 * @records: number of substreams that record
 * @record: their operations
 *
 * Context: may sleep.
 * Return: the PCM, still without buffers, or an ERR_PTR.
 */
struct snd_pcm *nc1_bench_new_pcm(struct nc1_sim *sim, int device, const char *name,
				  int plays, const struct snd_pcm_ops *play,
				  int records, const struct snd_pcm_ops *record)
{
	struct snd_pcm *pcm;
	int ret;

	ret = snd_pcm_new(sim->bench.card, name, device, plays, records, &pcm);
	if (ret)
		return ERR_PTR(ret);

	pcm->private_data = sim;
	strscpy(pcm->name, name, sizeof(pcm->name));
	if (plays)
		snd_pcm_set_ops(pcm, SNDRV_PCM_STREAM_PLAYBACK, play);
	if (records)
		snd_pcm_set_ops(pcm, SNDRV_PCM_STREAM_CAPTURE, record);

	return pcm;
}

/* One end of a cable: a device that plays or records, or both */
static int nc1_bench_new_end(struct nc1_sim *sim, int device, const char *name,
			     int plays, int records, const struct snd_pcm_ops *ops)
{
	struct snd_pcm *pcm;

	pcm = nc1_bench_new_pcm(sim, device, name, plays, ops, records, ops);
	if (IS_ERR(pcm))
		return PTR_ERR(pcm);

	pcm->no_device_suspend = true;

	return snd_pcm_set_managed_buffer_all(pcm, SNDRV_DMA_TYPE_VMALLOC, NULL,
					      0, NC1_BENCH_BUFFER_BYTES);
}

/**
 * nc1_sim_bench_init() - register the card
 * @sim: the simulator
 *
 * Context: may sleep. The card is released with the device.
 * Return: 0 or a negative error.
 */
int nc1_sim_bench_init(struct nc1_sim *sim)
{
	struct snd_card *card;
	int ret;

	spin_lock_init(&sim->bench.lock);

	ret = snd_devm_card_new(sim->dev, SNDRV_DEFAULT_IDX1, "NC1Bench",
				THIS_MODULE, 0, &card);
	if (ret)
		return ret;

	sim->bench.card = card;
	strscpy(card->driver, "nc1-sim", sizeof(card->driver));
	strscpy(card->shortname, "NC1 bench", sizeof(card->shortname));
	strscpy(card->longname, "NC1 simulator, other end of the cables",
		sizeof(card->longname));

	ret = nc1_bench_new_end(sim, 0, "I2S0", 0, 1, &nc1_bench_ops);
	if (!ret)
		ret = nc1_bench_new_end(sim, 1, "I2S1", 1, 1, &nc1_bench_ops);
	if (!ret)
		ret = nc1_bench_new_end(sim, 2, "PDM0", 1, 0, &nc1_bench_map_ops);
	if (!ret)
		ret = nc1_sim_fetch_init(sim);
	if (ret)
		return ret;

	debugfs_create_file("bench", 0400, sim->debugfs, sim, &nc1_bench_state_fops);

	return snd_card_register(card);
}
