/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the tests of DPCM: a card with front ends (FE) that switches connect
 * to back ends (BE).
 *
 * The card is found by its PCM devices of a dynamic link and its switches: they
 * are named "BE<b> Mixer FE<f> Switch" for playback and "FE<f> Mixer BE<b> Switch"
 * for capture. The test card (CONFIG_SND_SOC_DPCM_SIM) has nothing else, and its
 * debugfs files show the last command of each BE. On a board the names of the BEs
 * are the part before " Mixer FE"; the commands of a BE are unknown there, and
 * tests that need them are skipped.
 *
 * All calls are the kernel's own ioctls, without a library: one call of a test
 * is one call of the kernel, and two threads may make them at the same time. Unless
 * noted otherwise a function returns 0 or a negative error code and prints nothing,
 * as most of the errors are expected.
 *
 * FEs are numbered as their devices: playback first, then capture, then the
 * compressed one. Streams never underrun: their stop threshold is the boundary.
 */
#ifndef DPCM_CARD_H
#define DPCM_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DPCM_SIM_DIR	"/sys/kernel/debug/dpcm-sim/"

#define DPCM_MAX_FE	64
#define DPCM_MAX_BE	8

enum dpcm_dir { DPCM_PLAY, DPCM_CAPT };

/* Last command of a stream */
enum dpcm_run { DPCM_STOP, DPCM_RUN, DPCM_PAUSE, DPCM_SUSPEND };

/* Not the number of an FE: dpcm_be_state.runtime */
#define DPCM_NONE	(-1)
#define DPCM_STALE	(-2)

struct dpcm_card {
	int index;		/* of the card, or -1 */
	int ctl;		/* the open control device */
	bool sim;		/* the test card, with its debugfs */
	int state;		/* its open file of that name */
	int fes;		/* all: playback, capture, compressed */
	int playback, capture, compressed, bes;
	/* Numeric ids of the switches, 0 where there is none */
	unsigned int numid[DPCM_MAX_FE][DPCM_MAX_BE];
	char be_name[DPCM_MAX_BE][32];
};

extern struct dpcm_card dpcm;

/*
 * Where an FE that reaches no BE is refused: by open since Linux 7, by prepare before.
 * dpcm_load() finds it out, once for a program and those that it forks.
 */
extern bool dpcm_open_needs_be;

/* An open PCM; fd is -1 when it is closed. */
struct dpcm_pcm {
	int fe, fd;
};

/* Hardware parameters of a stream */
struct dpcm_params {
	unsigned int rate;
	int format;		/* SNDRV_PCM_FORMAT_* */
	unsigned int channels;
};

struct dpcm_be_state {
	bool open, params, prepared;
	bool lost;		/* slept since RESUME or prepare */
	enum dpcm_run run;
	uint64_t heard;		/* one bit for each FE */
	int runtime;		/* number of an FE, DPCM_NONE or DPCM_STALE */
	struct dpcm_params is;	/* of the last hw_params */
	unsigned long calls;
};

struct dpcm_fe_state {
	bool open;
	enum dpcm_run run;
	uint64_t be;		/* switches that are on, one bit for each BE */
};

struct dpcm_state {
	struct dpcm_be_state be[DPCM_MAX_BE][2];
	struct dpcm_fe_state fe[DPCM_MAX_FE];
};

/*
 * The card. dpcm_begin() is the first call of a test program: it prints the TAP
 * header, loads the test card if it can, finds the card, or skips the program.
 * dpcm_load() removes the test card and loads it with other parameters, for
 * example "fe=9 be=1"; NULL is "". It fails with -EOPNOTSUPP if the card is not a
 * module, or not the test card.
 */
void dpcm_begin(const char *parameters);
int dpcm_load(const char *parameters);
int dpcm_unload(void);
int dpcm_find(void);
void dpcm_forget(void);

/* Is FE n a capture FE? */
enum dpcm_dir dpcm_dir(int fe);
static inline bool dpcm_is_compressed(int fe)
{
	return dpcm.compressed && fe == dpcm.fes - 1;
}

/*
 * PCM calls, one ioctl each. Only dpcm_hw_params() and dpcm_hw_params_set() also
 * set the software parameters: a stream never runs empty. After dpcm_stop_after() it does, a
 * number of frames from now. dpcm_up() makes all calls up to RUNNING.
 */
int dpcm_open(struct dpcm_pcm *p, int fe);
int dpcm_hw_params(struct dpcm_pcm *p, unsigned int rate);
int dpcm_hw_params_set(struct dpcm_pcm *p, const struct dpcm_params *set);
int dpcm_stop_after(struct dpcm_pcm *p, unsigned int frames);
int dpcm_hw_free(struct dpcm_pcm *p);
int dpcm_prepare(struct dpcm_pcm *p);
int dpcm_start(struct dpcm_pcm *p);
int dpcm_pause(struct dpcm_pcm *p, bool on);
int dpcm_drop(struct dpcm_pcm *p);
int dpcm_drain(struct dpcm_pcm *p);	/* -EAGAIN: it has begun, or is done */
int dpcm_xrun(struct dpcm_pcm *p);	/* SNDRV_PCM_IOCTL_XRUN */
int dpcm_resume(struct dpcm_pcm *p);
int dpcm_link(struct dpcm_pcm *p, struct dpcm_pcm *other);
int dpcm_unlink(struct dpcm_pcm *p);
int dpcm_close(struct dpcm_pcm *p);	/* a closed one may be closed again */
int dpcm_up(struct dpcm_pcm *p, int fe, unsigned int rate);
/* SNDRV_PCM_STATE_* or a negative error code */
int dpcm_pcm_state(struct dpcm_pcm *p);

/* Switches: 0 or the return value of the write of the control */
int dpcm_route(int fe, int be, bool on);
int dpcm_routed(int fe, int be);	/* 1, 0 or an error */
int dpcm_routes_off(void);

/* The test card's debugfs (dpcm-sim.c), see sound/soc/dpcm-sim/dpcm-sim.h */
int dpcm_read_state(struct dpcm_state *s);
int dpcm_fail_be(int be, enum dpcm_dir dir, const char *what, int count);
int dpcm_fail_fe(int fe, const char *what, int count);
int dpcm_fail_clear(void);
int dpcm_armed(void);			/* failures that have not happened yet */
int dpcm_delay(int be, enum dpcm_dir dir, const char *what, unsigned int us);
int dpcm_delay_clear(void);		/* also ends delays that go on */
int dpcm_step(unsigned int frames);
int dpcm_period_us(unsigned int us);
int dpcm_stop_xrun(int fe);		/* snd_pcm_stop_xrun() in the kernel */
int dpcm_suspend_all(void);
int dpcm_sleep(void);			/* the system, and the BEs lose power */
bool dpcm_can_sleep(void);
int dpcm_hold(int fe, unsigned int us);	/* returns when it is let go */
int dpcm_hold_xrun(int fe, unsigned int us);	/* and underruns then, with the lock held */
int dpcm_let_go(int fe);
/* The number of protocol violations; the first of them in words */
int dpcm_faults(char *words, size_t size);
int dpcm_faults_clear(void);
int dpcm_sim_write(const char *file, const char *text);
int dpcm_sim_read(const char *file, char *text, size_t size);

/*
 * The kernel's log (dpcm-log.c) from a point in time on. A splat is a line that KASAN,
 * lockdep, a BUG or a WARNING begins with.
 */
struct dpcm_log {
	int fd;
};

int dpcm_log_open(struct dpcm_log *log);
/* Reads on to the end; the first line that contains one of texts, or NULL */
const char *dpcm_log_find(struct dpcm_log *log, const char * const *texts);
const char *dpcm_log_splat(struct dpcm_log *log);
void dpcm_log_close(struct dpcm_log *log);
bool dpcm_lockdep_on(void);

/* Runs done(arg) until it is true; false when that takes longer than ms. */
bool dpcm_poll(bool (*done)(void *arg), void *arg, int ms);

#endif
