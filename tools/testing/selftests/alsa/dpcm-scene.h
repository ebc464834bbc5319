/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenes on a DPCM card, in a short notation.
 *
 * A scene is a text of operations with blanks or commas between them; what the random
 * test (dpcm-fuzz.c) prints is one, too. f and g are FEs: a digit, or a, b, ... for
 * those that capture. b is a BE, a digit; from the number of BEs on (with three BEs:
 * 3 to 5) it means the capture side.
 *
 *	+fb -fb		switch between FE f and BE b on, off
 *	Of Cf		open, close
 *	Hf Hfr		hw_params with set r: 0 48000 Hz, 1 44100, 2 96000,
 *			3 16000, all S16_LE and 2 channels; 4 S32_LE and 5 one
 *			channel, both at 48000 Hz
 *	Ff		hw_free
 *	Pf Sf		prepare, start
 *	Uf Rf		pause, release
 *	Df Vf		drop, drain
 *	Xf xf		xrun as the DMA's interrupt has it, xrun by its ioctl
 *	Lfg Nf		link FE f and FE g, unlink FE f
 *	Z Wf		suspend all streams, resume FE f
 *	z		system sleep in which the BEs lose their power
 *	Ewb Gwf		in the next operation, BE b or the component of FE f
 *			fails in step w once: 0 open, 1 hw_params, 2 prepare,
 *			3 start or release, 4 stop, 5 fixup, 6 pause, 7 suspend,
 *			8 resume
 *	! ?		after an operation: it must fail, it may fail
 *
 * The expected state is a text, too: a word for each BE that is open, all others
 * must be closed.
 *
 *	b=run/fg@r	BE b runs, FE f and FE g are heard there, at r Hz
 *	b=stop		BE b is open, but does not run; also pause, suspend
 *
 * When that is compared, no BE may have received a wrong call, no BE may point to the
 * runtime of a stream that was closed, and the state of each FE's DMA must be that of
 * its PCM.
 *
 * Scenes that a kind of card runs with other FEs are written for FE 0 and up:
 * ops_base is added to each f that is a digit, and when that is a capture FE each b
 * means the capture side.
 *
 * On an error the functions print a comment line and return false.
 */
#ifndef DPCM_SCENE_H
#define DPCM_SCENE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dpcm-ops.h"

struct scene_test {
	const char *name;
	const char *title;
	const char *parameters;		/* of the test card */
	bool (*run)(void);
	int cpus;			/* that it needs */
};

int scene_main(int argc, char **argv, const struct scene_test *tests, int count);

extern struct dpcm_pcm scene_pcm[DPCM_MAX_FE];

bool scene(const char *text);
bool scene_expect(const char *text);
/* A scene and the expected state after it */
bool scene_then(const char *text, const char *expected);
/* A card with no past; with the parameters of the test, or others */
bool scene_reset(void);
bool scene_reset_with(const char *parameters);
/* Each on a card with no past; all of them, also after one that fails */
typedef bool (*scene_call)(void);
bool scene_each(const scene_call *scenes, int count);
/* Close all and check that the card is as at the begin */
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
