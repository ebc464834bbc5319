/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenes on a DPCM card, written as short as they are thought.
 *
 * A scene is a text of operations, f a FE and b a BE, one digit each:
 *
 *	+fb -fb		switch between FE f and BE b on, off
 *	Of Hf hf Ff	open, hw_params with 48000 or 44100 Hz, hw_free
 *	Pf Sf Uf Rf	prepare, start, pause, release
 *	Df Xf Cf	drop, xrun, close
 *	Lfg		link FE f and FE g
 *	Z Wf		suspend all, resume FE f
 *	Ecb		BE b fails its next call c: 0 startup, 1 hw_params,
 *			2 prepare, 3 trigger
 *	Tf		the FE itself fails its next trigger
 *	!		after an operation: it has to fail
 *
 * What is expected then is a text, too: a word for each BE that is open, all
 * others have to be closed.
 *
 *	b=run/fg@r	BE b runs, FE f and FE g are heard there, at r Hz
 *	b=stop		BE b is open, but does not run; also pause, suspend
 *
 * Wherever that is compared, no BE may have complained, no BE may point to the
 * runtime of a stream that is gone, and each FE's DMA has to do what the state
 * of its PCM says.
 *
 * Scenes that a kind of card runs with other FEs are written for FE 0 and up:
 * scene_base is added to each f.
 *
 * The functions say on a comment line what is wrong and return false.
 */
#ifndef DPCM_SCENE_H
#define DPCM_SCENE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dpcm-card.h"

struct scene_test {
	const char *name;
	const char *title;
	const char *parameters;		/* of the test card */
	bool (*run)(void);
	int cpus;			/* that it needs */
};

int scene_main(int argc, char **argv, const struct scene_test *tests, int count);

extern struct dpcm_pcm scene_pcm[DPCM_MAX_FE];
extern int scene_base;

bool scene(const char *text);
bool scene_expect(const char *text);
/* A scene and what is expected then */
bool scene_then(const char *text, const char *expected);
/* A card with no past; with the parameters of the test, or others */
bool scene_reset(void);
bool scene_reset_with(const char *parameters);
/* Closes all and looks whether everything is as at the begin */
bool scene_end(void);
bool scene_wrong(const char *fmt, ...);
/* Ends the test here: it cannot be done on this machine. */
void scene_skip(const char *why);

/* Does something in another thread. */
struct scene_thread {
	pthread_t thread;
	int (*call)(int fe, int arg);
	int fe, arg, result;
	atomic_bool done;
};

bool scene_begin(struct scene_thread *t, int (*call)(int fe, int arg), int fe,
		 int arg);
int scene_join(struct scene_thread *t);

#endif
