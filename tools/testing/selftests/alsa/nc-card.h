/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the tests of the NC1 audio card.
 *
 * Two cards take part. One is under test: it is a board's own, NC1Phone for
 * example. The bench (id NC1Bench) is the other end of its cables: it records
 * the output of the ports and feeds their input. The environment variables
 * NC_CARD and NC_BENCH choose other ids. nc_board has the front ends and ports
 * of the board, as read from the cards: a test takes the first ones, and leaves
 * out cases for which there are too few.
 *
 * A struct nc_stream is an open PCM together with its memory: all frames that it
 * will play, or room for all that it may record. No function sleeps. A test calls
 * nc_pump() until the event that it waits for; a recorder that runs all the time
 * is its clock, and the recorder's room is the limit: when it is full the wait
 * has failed.
 *
 * The simulator's clock runs by itself, or a test lets nc_pump() step it
 * (nc_clock_steps()): time then passes only while all streams are served, so
 * that no machine is too slow for any sound. If the hardware is not simulated
 * the clock always runs.
 */
#ifndef NC_CARD_H
#define NC_CARD_H

#include <alsa/asoundlib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing at all moved for so long: the stream hangs. */
#define NC_TIMEOUT_MS	10000
/* For drivers and cards that come and go */
#define NC_SECONDS	30

#define NC_MAX_STREAMS	8

/* PCM devices of the bench and of the phone, for tests that run on the phone only */
enum { BENCH_I2S0, BENCH_I2S1 };
enum { FE0, FE4 = 4 };

/* An end of a path: a front end, or a port as the bench has it */
struct nc_end {
	char name[16];		/* that of the data sheet and of the simulator's files */
	int dev;		/* PCM device, of the card under test or the bench */
	snd_pcm_stream_t dir;	/* what that device does */
};

#define NC_MAX_ENDS	4

struct nc_board {
	struct nc_end play[NC_MAX_ENDS];	/* front ends that play */
	struct nc_end rec[NC_MAX_ENDS];		/* and that record */
	struct nc_end out[NC_MAX_ENDS];		/* ports that transmit */
	struct nc_end in[NC_MAX_ENDS];		/* and that receive */
	int plays, recs, outs, ins;		/* how many */
};

extern struct nc_board nc_board;

struct nc_cfg {
	snd_pcm_access_t access;
	snd_pcm_format_t format;
	unsigned int channels;
	unsigned int rate;
	snd_pcm_uframes_t period;
	snd_pcm_uframes_t buffer;
};

struct nc_stream {
	char name[24];		/* in the simulator's files: FE0, I2S0-out */
	snd_pcm_t *pcm;
	struct nc_cfg cfg;
	bool playback;
	bool bench;
	bool hold;		/* do not drain when everything is written */
	bool draining;
	bool finished;		/* the drain has ended */
	size_t frame_bytes;
	size_t frames;		/* to play, or room to record */
	size_t pos;		/* written or read so far */
	unsigned char *data;
};

/* A cache is maintained by whole lines of NC_LINE bytes. */
#define NC_LINE		64

struct nc_sync {
	unsigned long long device_calls, device_bytes, device_lines;
	unsigned long long cpu_calls, cpu_bytes, cpu_lines;
	unsigned long long audio_bytes;
	unsigned long long bus_errors;
	unsigned long long stray;	/* calls for memory that is no buffer */
	unsigned long long longest;	/* bytes with interrupts off in between */
};

struct nc_stale {
	unsigned long long fe0;		/* bytes that FE0 fetched too early */
	unsigned long long fetch;	/* and the bench's device that has .ack */
	unsigned long long fetched;	/* of all that one fetched */
	unsigned long long spoilt;	/* recorded, and then written upon */
};

/* The board */
const char *nc_card(void);
const char *nc_bench(void);
bool nc_cards_present(void);
int nc_board_read(void);
void nc_begin(void);
bool nc_wait(bool (*there)(void));

/* Parameters */
struct nc_cfg nc_slow_cfg(void);
struct nc_cfg nc_cfg(snd_pcm_access_t access, snd_pcm_format_t format,
		     unsigned int channels, unsigned int rate);
size_t nc_some_frames(const struct nc_cfg *cfg);
const char *nc_access_name(snd_pcm_access_t access);

/* Streams */
int nc_setup(struct nc_stream *s, const struct nc_cfg *cfg, size_t frames);
int nc_open_fe(struct nc_stream *s, const struct nc_end *fe,
	       const struct nc_cfg *cfg, size_t frames);
int nc_open_bench(struct nc_stream *s, const struct nc_end *port,
		  const struct nc_cfg *cfg, size_t frames);
void nc_close(struct nc_stream *s);
int nc_again(struct nc_stream *s);
int nc_start(struct nc_stream *s);
int nc_pump(struct nc_stream **set, int n);
int nc_go_on(struct nc_stream **set, int n, struct nc_stream *s, size_t frames);
int nc_tail(struct nc_stream **set, int n);
bool nc_in_state(const struct nc_stream *s, snd_pcm_state_t state);
int nc_start_all(struct nc_stream **set, int n);
int nc_run(struct nc_stream **set, int n);

/* Samples */
int nc_get(const struct nc_stream *s, size_t frame, unsigned int channel);
void nc_fill(struct nc_stream *s, uint32_t seed);
unsigned char *nc_frame(const struct nc_stream *s, size_t frame);
bool nc_is_zero(const struct nc_stream *s, size_t frame);
size_t nc_next_sound(const struct nc_stream *s, size_t frame);
bool nc_same(const struct nc_stream *rec, size_t at,
	     const struct nc_stream *play, size_t frames);
void nc_strip(struct nc_stream *rec);
bool nc_heard(const struct nc_stream *rec, const struct nc_stream *play);
bool nc_plays_exact(struct nc_stream *fe, const struct nc_end *port, uint32_t seed);

/* Crossbar switches, by the names of the data sheet */
int nc_called(const char *block, char *name);
int nc_route(const char *sink, const char *source, bool on);
int nc_join(const struct nc_end *fe, const struct nc_end *port, bool on);
int nc_routes_off(void);
void nc_ctl_close(void);

/* Runtime PM */
int nc_blocks_on(void);
int nc_wait_off(long limit, long *ms);

/* The simulator's debugfs files */
int nc_start_frame(const struct nc_stream *s, long long *frame);
int nc_need_sync(void);
void nc_clock_steps(void);
bool nc_clock_step(unsigned int frames, unsigned int rate);
void nc_clock_runs(void);
int nc_sync_zero(void);
int nc_sync_read(struct nc_sync *sync);
int nc_stale_read(struct nc_stale *stale);
int nc_sim_set(const char *file, unsigned int value);
int nc_sim_choose(const char *file, const char *name);
int nc_sim_get(const char *file, unsigned int *value);
long long nc_moved(const char *fe);

#endif
