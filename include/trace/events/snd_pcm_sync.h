/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explicit sync of PCM buffers: which frames are synced, why and for which side. One
 * event for each range of the ring that is not empty; it is one call of the DMA API for
 * each plane of the buffer, and one more if the range wraps. A handover goes on to the
 * end of the page, and with MMAP_COMPLEX any sync is one of the whole buffer.
 *
 * hw_ptr, appl_ptr and xruns have events of their own: hwptr, applptr and xrun of the
 * system snd_pcm, with CONFIG_SND_PCM_XRUN_DEBUG.
 *
 * Documentation/sound/soc/tracing.rst
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM snd_pcm_sync

#if !defined(_TRACE_SND_PCM_SYNC_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SND_PCM_SYNC_H

#include <linux/irqflags.h>
#include <linux/tracepoint.h>
#include <sound/pcm.h>

#ifndef _TRACE_SND_PCM_SYNC_ONCE
#define _TRACE_SND_PCM_SYNC_ONCE

/* Why frames are synced; all but the last for the device. */
enum snd_pcm_sync_who {
	SND_PCM_SYNC_HANDOVER,	/* hw_params has cleared the buffer; a recording starts */
	SND_PCM_SYNC_WRITTEN,	/* write() has copied frames */
	SND_PCM_SYNC_COMMIT,	/* an application moves appl_ptr in its mapping */
	SND_PCM_SYNC_FORWARD,	/* an application skips frames */
	SND_PCM_SYNC_SILENCE,	/* the core has silenced frames */
	SND_PCM_SYNC_AHEAD,	/* of an application that does not commit */
	SND_PCM_SYNC_LATER,	/* the rest of a range that was too long */
	SND_PCM_SYNC_TAKEN,	/* capture: an application has done with the frames */
	SND_PCM_SYNC_HEARD,	/* capture, for the CPU: hw_ptr is about to be reported */
};

#endif

/* so that user space can print their names, too */
TRACE_DEFINE_ENUM(SND_PCM_SYNC_HANDOVER);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_WRITTEN);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_COMMIT);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_FORWARD);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_SILENCE);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_AHEAD);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_LATER);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_TAKEN);
TRACE_DEFINE_ENUM(SND_PCM_SYNC_HEARD);

#define snd_pcm_sync_show_who(who)					\
	__print_symbolic(who,						\
		{ SND_PCM_SYNC_HANDOVER,	"handover" },		\
		{ SND_PCM_SYNC_WRITTEN,		"written" },		\
		{ SND_PCM_SYNC_COMMIT,		"commit" },		\
		{ SND_PCM_SYNC_FORWARD,		"forward" },		\
		{ SND_PCM_SYNC_SILENCE,		"silence" },		\
		{ SND_PCM_SYNC_AHEAD,		"ahead" },		\
		{ SND_PCM_SYNC_LATER,		"later" },		\
		{ SND_PCM_SYNC_TAKEN,		"taken" },		\
		{ SND_PCM_SYNC_HEARD,		"heard" })

/* @ptr, @frames: the range, in frames; @ptr is a pointer or a position in the ring */
TRACE_EVENT(snd_pcm_sync,
	    TP_PROTO(const struct snd_pcm_substream *substream,
		     enum snd_pcm_sync_who who, snd_pcm_uframes_t ptr,
		     snd_pcm_uframes_t frames),
	    TP_ARGS(substream, who, ptr, frames),
	    TP_STRUCT__entry(__field(unsigned int, card)
			     __field(unsigned int, device)
			     __field(unsigned int, number)
			     __field(unsigned int, stream)
			     __field(int, who)
			     __field(unsigned int, frame_bits)
			     __field(unsigned long, pos)
			     __field(unsigned long, frames)
			     __field(unsigned long, buffer_size)
			     __field(bool, to_cpu)
			     __field(bool, atomic)),
	    TP_fast_assign(__entry->card = substream->pcm->card->number;
			   __entry->device = substream->pcm->device;
			   __entry->number = substream->number;
			   __entry->stream = substream->stream;
			   __entry->who = who;
			   __entry->to_cpu = who == SND_PCM_SYNC_HEARD;
			   __entry->atomic = irqs_disabled();
			   __entry->pos = ptr % substream->runtime->buffer_size;
			   __entry->frames = frames;
			   __entry->buffer_size = substream->runtime->buffer_size;
			   __entry->frame_bits = substream->runtime->frame_bits;),
	    TP_printk("pcmC%uD%u%s/sub%u: %s to %s%s: pos=%lu, frames=%lu, bytes=%lu, buf=%lu",
		      __entry->card, __entry->device,
		      __entry->stream ? "c" : "p",
		      __entry->number,
		      snd_pcm_sync_show_who(__entry->who),
		      __entry->to_cpu ? "cpu" : "device",
		      __entry->atomic ? ", atomic" : "",
		      __entry->pos, __entry->frames,
		      __entry->frames * __entry->frame_bits / 8,
		      __entry->buffer_size)
);

#endif /* _TRACE_SND_PCM_SYNC_H */

#include <trace/define_trace.h>
