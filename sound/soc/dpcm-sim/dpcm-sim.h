/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A card to test DPCM with, without hardware: front ends, back ends and a
 * switch between any two of them.
 *
 *	FE0..  --> "BE<b> Mixer FE<f> Switch" --> BE<b> --> its codec DAIs
 *	FE<n>  <-- "FE<n> Mixer BE<b> Switch" <-- BE<b> <-- its codec DAIs
 *
 * There is no sound. Each BE records and checks its calls instead: a driver may
 * rely on the rules of ALSA, so a call against such a rule is a fault of the
 * caller. Tests can make callbacks slow, and make them fail.
 *
 *	dpcm-kind.c	the module's parameters
 *	dpcm-card.c	links, switches, the module
 *	dpcm-fe.c	FE: a DMA that moves at request, or by a timer
 *	dpcm-compr.c	the compressed FE
 *	dpcm-be.c	BE: records and checks calls, fails, is slow
 *	dpcm-heard.c	which FE is heard at which BE, and with which parameters
 *	dpcm-power.c	system sleep, in which the BEs lose their registers
 *	dpcm-early.c	a card that is registered and not yet complete
 *	dpcm-graph.c	routes that change without a switch
 *	dpcm-record.c	the calls of each DAI, component and link, in order
 *	dpcm-debugfs.c	/sys/kernel/debug/dpcm-sim/, for the tests
 *
 * The card computes the state that hardware would have: a FE is heard at a BE when
 * the BE runs, the FE's DMA runs and the switch between them is on. The links of the
 * DPCM core are not used for that.
 */
#ifndef _DPCM_SIM_H
#define _DPCM_SIM_H

#include <linux/dcache.h>
#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <sound/soc.h>

#define DPCM_SIM_FES		32	/* that play */
#define DPCM_SIM_CAPTURES	16
#define DPCM_SIM_BES		8
#define DPCM_SIM_CODECS		2	/* of one BE */

/* Switches are bits of registers: two for each BE, one for a capture FE. */
#define DPCM_SIM_REG_OUT(be, fe)	(2 * (be) + (fe) / 32)
#define DPCM_SIM_REG_IN(capture)	(2 * DPCM_SIM_BES + (capture))
#define DPCM_SIM_REGS			DPCM_SIM_REG_IN(DPCM_SIM_CAPTURES)

#define DPCM_SIM_FAULTS		16	/* that are kept in words */
#define DPCM_SIM_MAX_US		(10 * USEC_PER_SEC)

enum dpcm_sim_run {
	DPCM_SIM_STOP,
	DPCM_SIM_RUN,
	DPCM_SIM_PAUSE,
	DPCM_SIM_SUSPEND,
};

/* Callbacks of a BE, each of which can be slow */
enum dpcm_sim_call {
	DPCM_SIM_STARTUP,
	DPCM_SIM_HW_PARAMS,
	DPCM_SIM_PREPARE,
	DPCM_SIM_TRIGGER,
	DPCM_SIM_HW_FREE,
	DPCM_SIM_SHUTDOWN,
	DPCM_SIM_CALLS,
	DPCM_SIM_IDLE = DPCM_SIM_CALLS,
};

/* Calls that can be made to fail: see "fail" in dpcm-debugfs.c */
enum dpcm_sim_step {
	DPCM_SIM_STEP_STARTUP,
	DPCM_SIM_STEP_HW_PARAMS,
	DPCM_SIM_STEP_PREPARE,
	DPCM_SIM_STEP_TRIGGER,		/* any command, also those below */
	DPCM_SIM_STEP_START,
	DPCM_SIM_STEP_STOP,
	DPCM_SIM_STEP_PAUSE,
	DPCM_SIM_STEP_SUSPEND,
	DPCM_SIM_STEP_RESUME,
	DPCM_SIM_STEP_FIXUP,
	DPCM_SIM_STEPS,
};

struct dpcm_sim;
struct seq_file;

/**
 * struct dpcm_sim_kind - the kind of the card, from the module's parameters
 * @playback: number of playback FEs, without the compressed one
 * @captures: number of capture FEs
 * @bes: number of BEs
 * @compressed: number of compressed FEs
 * @codecs: number of codec DAIs of each BE
 * @nonatomic: which links are: 0 none, 1 all, 2 FEs, 3 BEs, 4 FEs with odd numbers,
 *             5 BEs with odd numbers
 * @order: 0 pre, 1 post, 2 in turn, 3 bespoke
 * @chain: component chaining
 * @merged: FEs have the limits of the codecs
 * @sym: symmetries of the DAIs of the BEs: 1 rate, 2 channels, 4 sample bits
 * @nores: FEs cannot resume
 * @hwlim: the FEs' component does 48 kHz only
 * @rt: the BEs' prepare needs the rate of the runtime
 * @fixed: BEs convert
 * @deaf: BE 0 does not record
 * @awake: FE 0 and BE 0 go on during a system sleep
 * @early: loading waits in the middle of the card's registration
 * @graph: FE 0 has routes that change without a switch
 */
struct dpcm_sim_kind {
	int playback;
	int captures;
	int bes;
	int compressed;
	int codecs;
	int nonatomic;
	int order;
	int chain;
	int merged;
	int sym;
	int nores;
	int hwlim;
	int rt;
	int fixed;
	int deaf;
	int awake;
	int early;
	int graph;
};

/**
 * struct dpcm_sim_sound - parameters of a stream that can be heard
 * @rate: in Hz; 0 if there are none
 * @format: of a sample
 * @channels: number of channels
 */
struct dpcm_sim_sound {
	unsigned int rate;
	snd_pcm_format_t format;
	unsigned int channels;
};

/**
 * struct dpcm_sim_fe - a front end
 * @sim: the card
 * @id: its number and that of its PCM device
 * @stream: its one direction
 * @compressed: not a PCM
 * @substream: since the first open; @sim's lock
 * @open: opened and not yet closed; @sim's lock
 * @pins: users outside of ALSA's callbacks, close waits for them; @sim's lock
 * @waits: how many of them wait for the stream lock
 * @held: one of them holds the stream lock, for this number of microseconds
 * @run: state of the DMA; @sim's lock
 * @dai_run: last command of the DAI of a compressed FE; @sim's lock
 * @sound: of the last hw_params; @sim's lock
 * @fail: numbers of calls that will fail; @sim's lock
 * @pos: frame of the buffer; written under @sim's lock, read without
 * @period: in frames, since prepare; @sim's lock
 * @buffer: in frames, since prepare; @sim's lock
 * @took: the last interrupt of the free running clock, in ns; @sim's lock
 * @bytes: written to the compressed stream; under ALSA's own lock
 * @timer: the free running clock
 * @elapsed: work item for a nonatomic PCM, for which the timer cannot end a period
 */
struct dpcm_sim_fe {
	struct dpcm_sim *sim;
	int id;
	int stream;
	bool compressed;
	struct snd_pcm_substream *substream;
	bool open;
	int pins;
	atomic_t waits;
	unsigned int held;
	enum dpcm_sim_run run;
	enum dpcm_sim_run dai_run;
	struct dpcm_sim_sound sound;
	int fail[DPCM_SIM_STEPS];
	unsigned int pos;
	unsigned int period;
	unsigned int buffer;
	u64 took;
	u64 bytes;
	struct hrtimer timer;
	struct work_struct elapsed;
};

/**
 * struct dpcm_sim_be - one direction of a back end; all under @sim's lock
 * @sim: the card
 * @id: its number
 * @stream: its direction
 * @substream: since the first startup
 * @open: between startup and shutdown
 * @params: between hw_params and hw_free
 * @prepared: prepared since the last hw_params
 * @lost: there was a system sleep and neither prepare nor RESUME since
 * @triggered: inside of trigger
 * @busy: the callback that it is in and that may sleep, or %DPCM_SIM_IDLE
 * @run: state after the last trigger
 * @sound: of the last hw_params
 * @calls: of trigger
 * @fail: numbers of calls that will fail
 * @delay: duration of a call, in us
 */
struct dpcm_sim_be {
	struct dpcm_sim *sim;
	int id;
	int stream;
	struct snd_pcm_substream *substream;
	bool open;
	bool params;
	bool prepared;
	bool lost;
	bool triggered;
	enum dpcm_sim_call busy;
	enum dpcm_sim_run run;
	struct dpcm_sim_sound sound;
	unsigned long calls;
	int fail[DPCM_SIM_STEPS];
	unsigned int delay[DPCM_SIM_CALLS];
};

/**
 * struct dpcm_sim - the card
 * @dev: the platform device
 * @card: the ASoC card
 * @fes: number of FEs: playback, then capture, then compressed
 * @playback: number of playback FEs, without the compressed one
 * @captures: number of capture FEs
 * @bes: number of BEs
 * @lock: leaf lock; protects the state of FEs and BEs
 * @unpinned: close waits here for the last pin of its FE
 * @sleep: one system sleep at a time, and one unregistration
 * @registered: the card is
 * @gone: the card was unregistered
 * @early: the registration of the card waits, or has waited
 * @early_wait: where it does
 * @fe: front ends
 * @be: back ends
 * @regs: switches; @lock
 * @period_us: period of the free running clock, 0 if there is none; @lock
 * @faults: number of faults so far; @lock
 * @fault: the first of them in words; @lock
 * @dir: in debugfs
 * @widgets: mixers, and the ends of the BEs
 * @num_widgets: how many
 */
struct dpcm_sim {
	struct device *dev;
	struct snd_soc_card card;
	int fes;
	int playback;
	int captures;
	int bes;
	spinlock_t lock;	/* leaf */
	wait_queue_head_t unpinned;
	struct mutex sleep;	/* one at a time */
	bool registered;
	bool gone;
	enum { DPCM_SIM_LATE, DPCM_SIM_WAITS, DPCM_SIM_WAITED } early;
	wait_queue_head_t early_wait;
	struct dpcm_sim_fe fe[DPCM_SIM_FES + DPCM_SIM_CAPTURES + 1];
	struct dpcm_sim_be be[DPCM_SIM_BES][SNDRV_PCM_STREAM_LAST + 1];
	u32 regs[DPCM_SIM_REGS];
	unsigned int period_us;
	unsigned long faults;
	char fault[DPCM_SIM_FAULTS][64];
	struct dentry *dir;
	const struct snd_soc_dapm_widget *widgets;
	int num_widgets;
};

/* The device's own data is the card's: ASoC puts it there. */
static inline struct dpcm_sim *dpcm_sim_of(struct snd_soc_component *component)
{
	return snd_soc_card_get_drvdata(component->card);
}

static inline char dpcm_sim_dir(int stream)
{
	return stream == SNDRV_PCM_STREAM_PLAYBACK ? 'p' : 'c';
}

/* dpcm-kind.c */
extern struct dpcm_sim_kind dpcm_sim_kind;
int dpcm_sim_kind_check(void);

/* dpcm-card.c */
int dpcm_sim_unbind(struct dpcm_sim *sim, const char *what);

/* dpcm-fe.c */
extern const struct snd_soc_dai_ops dpcm_sim_fe_dai_ops;
extern const struct snd_soc_component_driver dpcm_sim_fe_driver;
void dpcm_sim_fe_init(struct dpcm_sim *sim, int id);
struct dpcm_sim_fe *dpcm_sim_fe_of(struct snd_soc_component *component,
				   struct snd_soc_pcm_runtime *rtd);
int dpcm_sim_fe_do_trigger(struct dpcm_sim_fe *fe,
			   struct snd_soc_pcm_runtime *rtd, int cmd);
void dpcm_sim_step(struct dpcm_sim *sim, unsigned int frames);
void dpcm_sim_set_period(struct dpcm_sim *sim, unsigned int us);
int dpcm_sim_xrun(struct dpcm_sim_fe *fe);
int dpcm_sim_hold(struct dpcm_sim_fe *fe, unsigned int us, bool xrun);
void dpcm_sim_let_go(struct dpcm_sim_fe *fe);
void dpcm_sim_suspend(struct dpcm_sim *sim);

/**
 * struct dpcm_sim_command - description of a command of trigger
 * @name: NULL if there is no such command
 * @step: the step of "fail" that makes it fail
 * @to: the state after it
 * @from: a bit for each state in which a driver may expect it
 */
struct dpcm_sim_command {
	const char *name;
	enum dpcm_sim_step step;
	enum dpcm_sim_run to;
	u8 from;
};

#define DPCM_SIM_COMMANDS	(SNDRV_PCM_TRIGGER_RESUME + 1)

/* dpcm-be.c */
extern const struct dpcm_sim_command dpcm_sim_commands[DPCM_SIM_COMMANDS];
extern const char * const dpcm_sim_doing[];
__printf(2, 3) void dpcm_sim_fault(struct dpcm_sim *sim, const char *fmt, ...);
extern const struct snd_soc_dai_ops dpcm_sim_be_dai_ops;
extern const char * const dpcm_sim_call_name[DPCM_SIM_CALLS + 1];
extern const char * const dpcm_sim_step_name[DPCM_SIM_STEPS];
bool dpcm_sim_fails(int *fail, enum dpcm_sim_step step);
bool dpcm_sim_fails_command(int *fail, int cmd);
int dpcm_sim_be_fixup(struct snd_soc_pcm_runtime *rtd,
		      struct snd_pcm_hw_params *params);
void dpcm_sim_take_time(const unsigned int *us, bool sleep);

/* dpcm-compr.c */
extern const struct snd_soc_dai_ops dpcm_sim_compr_dai_ops;
extern const struct snd_soc_cdai_ops dpcm_sim_compr_cdai_ops;
extern const struct snd_compress_ops dpcm_sim_compress_ops;

/* dpcm-heard.c */
bool dpcm_sim_fe_heard(struct dpcm_sim *sim, int fe, int be);
void dpcm_sim_note_sound(struct dpcm_sim_sound *sound,
			 const struct snd_pcm_hw_params *params);
void dpcm_sim_judge_fe(struct dpcm_sim_fe *fe, struct snd_soc_pcm_runtime *rtd);
void dpcm_sim_judge_be(struct dpcm_sim_be *be, struct snd_soc_pcm_runtime *rtd);

/* dpcm-power.c */
int dpcm_sim_lose(struct snd_soc_card *card);
int dpcm_sim_sleep(struct dpcm_sim *sim);

/* dpcm-early.c */
int dpcm_sim_early_begin(struct snd_soc_card *card);
void dpcm_sim_early_end(struct dpcm_sim *sim);

/* dpcm-graph.c */
int dpcm_sim_graph_begin(struct snd_soc_card *card);
int dpcm_sim_graph_change(struct snd_soc_card *card, const char *what);

/* dpcm-record.c */
extern int dpcm_sim_recording;
extern const struct snd_soc_dai_ops dpcm_sim_record_be_ops;
extern const struct snd_soc_dai_ops dpcm_sim_record_dai_ops;
extern const struct snd_soc_ops dpcm_sim_record_link_ops;
void dpcm_sim_record_show(struct seq_file *s);
void dpcm_sim_record_clear(void);
void dpcm_sim_record_call(struct snd_pcm_substream *substream, const char *what);
void dpcm_sim_record_fixup(struct snd_soc_pcm_runtime *rtd,
			   struct snd_pcm_hw_params *params);
int dpcm_sim_record_open(struct snd_soc_component *component,
			 struct snd_pcm_substream *substream);
int dpcm_sim_record_close(struct snd_soc_component *component,
			  struct snd_pcm_substream *substream);
int dpcm_sim_record_hw_params(struct snd_soc_component *component,
			      struct snd_pcm_substream *substream,
			      struct snd_pcm_hw_params *params);
int dpcm_sim_record_hw_free(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream);
int dpcm_sim_record_prepare(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream);
int dpcm_sim_record_trigger(struct snd_soc_component *component,
			    struct snd_pcm_substream *substream, int cmd);
int dpcm_sim_record_widget(struct snd_soc_dapm_widget *w,
			   struct snd_kcontrol *kcontrol, int event);

/* dpcm-debugfs.c */
void dpcm_sim_debugfs_init(struct dpcm_sim *sim);
void dpcm_sim_debugfs_exit(struct dpcm_sim *sim);

#endif
