/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A card to test DPCM with, without hardware: front ends, back ends and a
 * switch between any two of them.
 *
 *	FE0..  --> "BE<b> Mixer FE<f> Switch" --> BE<b> --> its codec DAIs
 *	FE<n>  <-- "FE<n> Mixer BE<b> Switch" <-- BE<b> <-- its codec DAIs
 *
 * Nothing sounds. Each BE instead keeps book of what it has been told, as a
 * driver with hardware would, and judges it: a driver may rely on what ALSA
 * promises, so whatever breaks such a promise is a fault of the caller.
 * Callbacks can be made slow or made to fail on demand.
 *
 *	dpcm-card.c	parameters, links, switches, the module
 *	dpcm-fe.c	FE: a DMA that moves when it is told to, or by a timer
 *	dpcm-be.c	BE: keeps book, judges, fails, takes its time
 *	dpcm-debugfs.c	/sys/kernel/debug/dpcm-sim/, for the tests
 *
 * The truth is what the hardware would do: a FE is heard at a BE when the BE
 * runs, the FE's DMA runs and the switch between them is on. What the DPCM core
 * believes about its links does not enter into it.
 */
#ifndef _DPCM_SIM_H
#define _DPCM_SIM_H

#include <linux/hrtimer.h>
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

/* Callbacks of a BE; the first four can fail. */
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

#define DPCM_SIM_CAN_FAIL	(DPCM_SIM_TRIGGER + 1)

struct dpcm_sim;

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
 * @held: one of them holds the stream lock, for so many microseconds
 * @run: what the DMA does; @sim's lock
 * @fail: so many triggers are going to fail; @sim's lock
 * @pos: frame of the buffer; written under @sim's lock, read without
 * @period: in frames, since prepare; @sim's lock
 * @buffer: in frames, since prepare; @sim's lock
 * @took: the last interrupt of the free running clock, in ns; @sim's lock
 * @bytes: written to the compressed stream; under ALSA's own lock
 * @timer: the free running clock
 * @elapsed: what the timer cannot do when the PCM is nonatomic
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
	int fail;
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
 * @triggered: inside of trigger
 * @busy: the callback that it is in and that may sleep, or %DPCM_SIM_IDLE
 * @run: what trigger last told it
 * @rate: of the last hw_params
 * @calls: of trigger
 * @fail: so many calls are going to fail
 * @delay: how long a call takes, in us
 */
struct dpcm_sim_be {
	struct dpcm_sim *sim;
	int id;
	int stream;
	struct snd_pcm_substream *substream;
	bool open;
	bool params;
	bool prepared;
	bool triggered;
	enum dpcm_sim_call busy;
	enum dpcm_sim_run run;
	unsigned int rate;
	unsigned long calls;
	int fail[DPCM_SIM_CALLS];
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
 * @lock: leaf lock; guards what FEs and BEs say about themselves
 * @unpinned: close waits here for the last pin of its FE
 * @fe: front ends
 * @be: back ends
 * @regs: switches; @lock
 * @period_us: period of the free running clock, 0 if there is none; @lock
 * @faults: number of faults so far; @lock
 * @fault: the first of them in words; @lock
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
	struct dpcm_sim_fe fe[DPCM_SIM_FES + DPCM_SIM_CAPTURES + 1];
	struct dpcm_sim_be be[DPCM_SIM_BES][SNDRV_PCM_STREAM_LAST + 1];
	u32 regs[DPCM_SIM_REGS];
	unsigned int period_us;
	unsigned long faults;
	char fault[DPCM_SIM_FAULTS][64];
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

/* dpcm-fe.c */
extern const struct snd_soc_dai_ops dpcm_sim_fe_dai_ops;
extern const struct snd_soc_dai_ops dpcm_sim_compr_dai_ops;
extern const struct snd_soc_component_driver dpcm_sim_fe_driver;
void dpcm_sim_fe_init(struct dpcm_sim *sim, int id);
bool dpcm_sim_fe_heard(struct dpcm_sim *sim, int fe, int be);
void dpcm_sim_step(struct dpcm_sim *sim, unsigned int frames);
void dpcm_sim_set_period(struct dpcm_sim *sim, unsigned int us);
int dpcm_sim_xrun(struct dpcm_sim_fe *fe);
int dpcm_sim_hold(struct dpcm_sim_fe *fe, unsigned int us);
void dpcm_sim_let_go(struct dpcm_sim_fe *fe);
void dpcm_sim_suspend(struct dpcm_sim *sim);

/**
 * struct dpcm_sim_command - what a command of trigger means
 * @name: NULL if there is no such command
 * @to: what it leads to
 * @from: a bit for each state in which a driver may expect it
 */
struct dpcm_sim_command {
	const char *name;
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
void dpcm_sim_take_time(const unsigned int *us, bool sleep);

/* dpcm-debugfs.c */
int dpcm_sim_debugfs_init(struct dpcm_sim *sim);

#endif
