/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the tests of explicit sync.
 *
 * The front end under test is a struct raw_pcm; the other end of the cable is the
 * bench card, which records all that FE0 plays, or feeds FE4. Time stands still
 * but in sy_step(), so every place in a ring is known to the frame.
 */
#ifndef NONCOHERENT_SCENE_H
#define NONCOHERENT_SCENE_H

#include "nc-card.h"
#include "noncoherent-raw.h"

/* Prints why, and is false. */
#define sy_wrong(...)	(ksft_print_msg(__VA_ARGS__), false)

/* The file of the kernel's log, from now on */
int sy_log_open(void);
/* The first line that reports an error, or NULL */
const char *sy_log_splat(int log);

void sy_begin(void);
/*
 * As after boot, with the clock in steps and the routes of FE0 and FE4 on, and with the
 * cache that the environment asks for, see sy_main().
 */
int sy_reset(void);
/* Another cache, until the next sy_reset(); also sets the kernel's parameter for it. */
bool sy_cache(const char *name);
/* How much memory a stream gets in advance; 0: it is allocated in hw_params. */
int sy_prealloc(const char *card, int device, bool playback, int sub,
		unsigned int kib);
/* Forget the memory of a stream: the new one has 0x5a in DRAM. */
int sy_fresh(int fe);

/* A front end with parameters, prepared; stop_threshold is the buffer */
bool sy_open(struct raw_pcm *p, int fe, bool mmap, unsigned long period,
	     unsigned long buffer);
bool sy_ok(const char *what, long err);
/* The device moves on at once. */
bool sy_step(unsigned int frames);
/*
 * The same in pieces of @piece frames, and before each one as much time passes as it
 * lasts: the kernel's timers keep up with the device.
 */
bool sy_pass(unsigned int frames, unsigned int piece);
bool sy_pass_at(unsigned int rate, unsigned int frames, unsigned int piece);
#define SY_PIECE	8
/*
 * With the highest real-time priority, and sy_pass() never sleeps: no other thread runs
 * on this CPU, the only one where time is exact.
 */
bool sy_hog(bool (*run)(void));
/* Write or commit a number of frames of @play, from its pos on. */
bool sy_give(struct raw_pcm *p, struct nc_stream *play, size_t frames);
/* All of it in pieces, and starts the stream when there is no more room. */
bool sy_give_all(struct raw_pcm *p, struct nc_stream *play, size_t piece);

/* A pattern of a number of frames, without a PCM */
bool sy_pattern(struct nc_stream *play, size_t frames, uint32_t seed);
/* The bench: what FE0 plays is recorded, or a pattern is fed to FE4. */
bool sy_listen(struct nc_stream *rec, size_t frames);
bool sy_feed(struct nc_stream *play, size_t frames, uint32_t seed);
/* Takes all that was recorded. */
bool sy_collect(struct nc_stream *rec);
/* FE4, prepared, records so many frames of @play before they are read; with a ring for them. */
bool sy_records(struct raw_pcm *p, const struct nc_stream *play, size_t frames);
bool sy_hears(struct nc_stream *rec, const struct nc_stream *play, size_t frames);

bool sy_zero_counters(void);
/* Consumed capture memory is handed back: its upkeep is another one, and not judged. */
bool sy_hands_back(void);
/* Whole cache lines, in bytes, for a byte of audio: at most @percent / 100 */
bool sy_costs(const char *what, unsigned long long lines, size_t audio,
	      unsigned int percent);
bool sy_nothing_stale(void);

/* In a process of its own, on a card that was reset */
bool sy_alone(bool (*run)(const void *arg), const void *arg);

struct sy_test {
	const char *name;
	const char *title;
	bool (*run)(void);
};

/*
 * Tests, or patterns of names, that are not run with this cache, or with NULL with any
 * but arm's; NULL ends the list. To be called first.
 */
void sy_leave_out(const char *name, const char * const *tests);
/*
 * All tests, or those that are named. NONCOHERENT_MODE=NAME,NAME in the environment runs
 * them with these caches of the simulator, one after the other, instead of arm's.
 */
int sy_main(int argc, char **argv, const struct sy_test *tests, int count);

#endif
