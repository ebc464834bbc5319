/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of front ends (FE), back ends (BE), and the links between them.
 *
 *	dpcm_link		a link is added or removed, or a BE gets the runtime
 *				of another FE
 *	dpcm_state		an operation other than a trigger is complete
 *	dpcm_fe_trigger		a command of an FE is complete, or has returned an error
 *	dpcm_link_trigger	the state that one link of the FE requests for it
 *	dpcm_be_trigger		the command that the BE of that link gets, and why
 *
 * FE and BE have the names of their DAI links. The events of a trigger are written
 * under the stream locks, so their order is the order of what happened.
 *
 * Documentation/sound/soc/tracing.rst
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM snd_dpcm

#if !defined(_TRACE_SND_DPCM_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SND_DPCM_H

#include <linux/tracepoint.h>
#include <sound/pcm.h>
#include <sound/soc.h>
#include <sound/soc-dpcm-link.h>

#include <trace/events/snd_dpcm-compat.h>

#ifndef _TRACE_SND_DPCM_ONCE
#define _TRACE_SND_DPCM_ONCE

/* Changes of a link */
enum snd_dpcm_trace_link {
	SND_DPCM_TRACE_CONNECT,		/* it is in the lists of FE and BE */
	SND_DPCM_TRACE_LEAVE,		/* it is not started any more */
	SND_DPCM_TRACE_DISCONNECT,	/* it is off the lists, about to be freed */
	SND_DPCM_TRACE_REPARENT,	/* the BE has the runtime of this FE now */
};

/* Why a BE was given that command, or none */
enum snd_dpcm_trace_why {
	SND_DPCM_TRACE_ASKED,		/* its links ask for it */
	SND_DPCM_TRACE_THERE,		/* it is in that state already */
	SND_DPCM_TRACE_UNPREPARED,	/* it is not prepared for commands */
	SND_DPCM_TRACE_NO_COMMAND,	/* ALSA has none for this */
};

/* Stands for -1: the tables of trace-cmd have no negative numbers. */
#define SND_DPCM_TRACE_NONE	255

#endif

/* so that user space can print their names, too */
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_CONNECT);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_LEAVE);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_DISCONNECT);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_REPARENT);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_ASKED);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_THERE);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_UNPREPARED);
TRACE_DEFINE_ENUM(SND_DPCM_TRACE_NO_COMMAND);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_RUN_STOPPED);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_RUN_PAUSED);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_RUN_SUSPENDED);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_RUN_STARTED);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_NEW);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_OPEN);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_HW_PARAMS);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_PREPARE);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_START);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_STOP);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_PAUSED);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_SUSPEND);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_HW_FREE);
TRACE_DEFINE_ENUM(SND_SOC_DPCM_STATE_CLOSE);

#define snd_dpcm_show_stream(stream) \
	((stream) ? "capture" : "playback")

#define snd_dpcm_show_cmd(cmd)						\
	__print_symbolic(cmd,						\
		{ SND_DPCM_TRACE_NONE,			"nothing" },	\
		{ SNDRV_PCM_TRIGGER_STOP,		"stop" },	\
		{ SNDRV_PCM_TRIGGER_START,		"start" },	\
		{ SNDRV_PCM_TRIGGER_PAUSE_PUSH,		"pause" },	\
		{ SNDRV_PCM_TRIGGER_PAUSE_RELEASE,	"release" },	\
		{ SNDRV_PCM_TRIGGER_SUSPEND,		"suspend" },	\
		{ SNDRV_PCM_TRIGGER_RESUME,		"resume" },	\
		{ SNDRV_PCM_TRIGGER_DRAIN,		"drain" })

/* enum snd_soc_dpcm_run, or a BE that got no command */
#define snd_dpcm_show_run(run)						\
	__print_symbolic(run,						\
		{ SND_DPCM_TRACE_NONE,		"idle" },		\
		{ SND_SOC_DPCM_RUN_STOPPED,	"stopped" },		\
		{ SND_SOC_DPCM_RUN_PAUSED,	"paused" },		\
		{ SND_SOC_DPCM_RUN_SUSPENDED,	"suspended" },		\
		{ SND_SOC_DPCM_RUN_STARTED,	"started" })

#define snd_dpcm_show_state(state)					\
	__print_symbolic(state,						\
		{ SND_SOC_DPCM_STATE_NEW,	"new" },		\
		{ SND_SOC_DPCM_STATE_OPEN,	"open" },		\
		{ SND_SOC_DPCM_STATE_HW_PARAMS,	"hw_params" },		\
		{ SND_SOC_DPCM_STATE_PREPARE,	"prepare" },		\
		{ SND_SOC_DPCM_STATE_START,	"start" },		\
		{ SND_SOC_DPCM_STATE_STOP,	"stop" },		\
		{ SND_SOC_DPCM_STATE_PAUSED,	"paused" },		\
		{ SND_SOC_DPCM_STATE_SUSPEND,	"suspend" },		\
		{ SND_SOC_DPCM_STATE_HW_FREE,	"hw_free" },		\
		{ SND_SOC_DPCM_STATE_CLOSE,	"close" })

#define snd_dpcm_show_what(what)					\
	__print_symbolic(what,						\
		{ SND_DPCM_TRACE_CONNECT,	"connect" },		\
		{ SND_DPCM_TRACE_LEAVE,		"leave" },		\
		{ SND_DPCM_TRACE_DISCONNECT,	"disconnect" },		\
		{ SND_DPCM_TRACE_REPARENT,	"reparent" })

#define snd_dpcm_show_why(why)						\
	__print_symbolic(why,						\
		{ SND_DPCM_TRACE_ASKED,		"asked" },		\
		{ SND_DPCM_TRACE_THERE,		"there" },		\
		{ SND_DPCM_TRACE_UNPREPARED,	"unprepared" },		\
		{ SND_DPCM_TRACE_NO_COMMAND,	"no_command" })

/*
 * @fe may be NULL: a BE that has no runtime. Called with the BE's stream lock
 * held, on LEAVE as on the others.
 */
TRACE_EVENT(dpcm_link,
	    TP_PROTO(const struct snd_soc_pcm_runtime *fe,
		     const struct snd_soc_pcm_runtime *be, int stream,
		     enum snd_dpcm_trace_link what),
	    TP_ARGS(fe, be, stream, what),
	    TP_STRUCT__entry(__string(fe, fe ? fe->dai_link->name : "-")
			     __string(be, be->dai_link->name)
			     __field(int, stream)
			     __field(int, what)),
	    TP_fast_assign(snd_dpcm_assign_str(fe, fe ? fe->dai_link->name : "-");
			   snd_dpcm_assign_str(be, be->dai_link->name);
			   __entry->stream = stream;
			   __entry->what = what;),
	    TP_printk("fe=%s be=%s %s %s", __get_str(fe), __get_str(be),
		      snd_dpcm_show_stream(__entry->stream),
		      snd_dpcm_show_what(__entry->what))
);

TRACE_EVENT(dpcm_state,
	    TP_PROTO(const struct snd_soc_pcm_runtime *rtd, int stream,
		     enum snd_soc_dpcm_state state),
	    TP_ARGS(rtd, stream, state),
	    TP_STRUCT__entry(__string(name, rtd->dai_link->name)
			     __field(int, stream)
			     __field(int, state)
			     __field(bool, is_be)),
	    TP_fast_assign(snd_dpcm_assign_str(name, rtd->dai_link->name);
			   __entry->is_be = rtd->dai_link->no_pcm;
			   __entry->stream = stream;
			   __entry->state = state;),
	    TP_printk("%s=%s %s %s", __entry->is_be ? "be" : "fe", __get_str(name),
		      snd_dpcm_show_stream(__entry->stream),
		      snd_dpcm_show_state(__entry->state))
);

TRACE_EVENT(dpcm_fe_trigger,
	    TP_PROTO(const struct snd_soc_pcm_runtime *fe, int stream, int cmd, int err),
	    TP_ARGS(fe, stream, cmd, err),
	    TP_STRUCT__entry(__string(fe, fe->dai_link->name)
			     __field(int, stream)
			     __field(int, cmd)
			     __field(int, err)),
	    TP_fast_assign(snd_dpcm_assign_str(fe, fe->dai_link->name);
			   __entry->stream = stream;
			   __entry->cmd = cmd;
			   __entry->err = err;),
	    TP_printk("fe=%s %s %s err=%d", __get_str(fe),
		      snd_dpcm_show_stream(__entry->stream),
		      snd_dpcm_show_cmd(__entry->cmd), __entry->err)
);

/* @was and @run: the state that the link requested before the command, and after it */
TRACE_EVENT(dpcm_link_trigger,
	    TP_PROTO(const struct snd_soc_pcm_runtime *fe,
		     const struct snd_soc_pcm_runtime *be, int stream, int cmd,
		     int was, int run, bool ready),
	    TP_ARGS(fe, be, stream, cmd, was, run, ready),
	    TP_STRUCT__entry(__string(fe, fe->dai_link->name)
			     __string(be, be->dai_link->name)
			     __field(int, stream)
			     __field(int, cmd)
			     __field(int, was)
			     __field(int, run)
			     __field(bool, ready)),
	    TP_fast_assign(snd_dpcm_assign_str(fe, fe->dai_link->name);
			   snd_dpcm_assign_str(be, be->dai_link->name);
			   __entry->stream = stream;
			   __entry->cmd = cmd;
			   __entry->was = was;
			   __entry->run = run;
			   __entry->ready = ready;),
	    TP_printk("fe=%s be=%s %s %s was=%s asks=%s ready=%d", __get_str(fe), __get_str(be),
		      snd_dpcm_show_stream(__entry->stream),
		      snd_dpcm_show_cmd(__entry->cmd),
		      snd_dpcm_show_run(__entry->was), snd_dpcm_show_run(__entry->run),
		      __entry->ready)
);

/*
 * @does and @wanted: enum snd_soc_dpcm_run, @does may be -1; @cmd: the command for the
 * BE, or -1; @err: its return value
 */
TRACE_EVENT(dpcm_be_trigger,
	    TP_PROTO(const struct snd_soc_pcm_runtime *be, int stream, int does,
		     int wanted, int cmd, int err),
	    TP_ARGS(be, stream, does, wanted, cmd, err),
	    TP_STRUCT__entry(__string(be, be->dai_link->name)
			     __field(int, stream)
			     __field(int, wanted)
			     __field(int, err)
			     __field(int, why)
			     __field(u8, does)
			     __field(u8, cmd)),
	    TP_fast_assign(snd_dpcm_assign_str(be, be->dai_link->name);
			   __entry->stream = stream;
			   __entry->does = does;
			   __entry->wanted = wanted;
			   __entry->cmd = cmd;
			   __entry->err = err;
			   __entry->why = cmd >= 0 ? SND_DPCM_TRACE_ASKED :
					  does < 0 ? SND_DPCM_TRACE_UNPREPARED :
					  does == wanted ? SND_DPCM_TRACE_THERE :
							   SND_DPCM_TRACE_NO_COMMAND;),
	    TP_printk("be=%s %s does=%s wanted=%s: %s err=%d why=%s", __get_str(be),
		      snd_dpcm_show_stream(__entry->stream),
		      snd_dpcm_show_run(__entry->does), snd_dpcm_show_run(__entry->wanted),
		      snd_dpcm_show_cmd(__entry->cmd), __entry->err,
		      snd_dpcm_show_why(__entry->why))
);

#endif /* _TRACE_SND_DPCM_H */

#include <trace/define_trace.h>
