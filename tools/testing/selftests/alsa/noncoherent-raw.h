/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A PCM without a library, for the tests of explicit sync.
 *
 * The tests check which ioctl syncs which bytes, so a test must select the ioctl that it
 * calls. Streams are 16-bit stereo at 48 kHz, non-blocking, and start only when
 * told to, but for raw_hw_choose(). Functions return 0 (or a number of frames) or a
 * negative error.
 */
#ifndef NONCOHERENT_RAW_H
#define NONCOHERENT_RAW_H

#include <stdbool.h>
#include <stddef.h>

#define RAW_RATE	48000
#define RAW_FRAME	4	/* bytes */
/* What raw_hw_wide() sets: 32 bits, eight channels */
#define RAW_WIDE_RATE	192000
#define RAW_WIDE_FRAME	32	/* bytes */
/* As a threshold: not below any boundary, and not negative either */
#define RAW_FOREVER	(~0UL >> 1)

struct raw_pcm {
	int fd;
	bool playback;
	bool mmap;
	unsigned long period, buffer;
	unsigned int frame;		/* bytes */
	unsigned long boundary;
	unsigned long hw, appl;		/* as SYNC_PTR last reported */
	int state;			/* as SYNC_PTR or STATUS last reported */
	unsigned char *map;
	size_t map_bytes;
};

enum { RAW_OPEN, RAW_SETUP, RAW_PREPARED, RAW_RUNNING, RAW_XRUN, RAW_DRAINING, RAW_PAUSED };

int raw_card(const char *id);
int raw_open(struct raw_pcm *p, const char *card, int device, bool playback);
void raw_close(struct raw_pcm *p);
int raw_hw_params(struct raw_pcm *p, bool mmap, unsigned long period,
		  unsigned long buffer);
/* Through a map, and without an interrupt at the end of each period */
int raw_hw_unwoken(struct raw_pcm *p, unsigned long period, unsigned long buffer);
/* Through a map, the most bytes a second that NC1 takes */
int raw_hw_wide(struct raw_pcm *p, unsigned long period, unsigned long buffer);
/* Not interleaved: a plane for each channel */
int raw_hw_planes(struct raw_pcm *p, bool mmap, unsigned long period,
		  unsigned long buffer);
/* From memory that cannot be written: they are set, and -EFAULT is all that is told. */
int raw_hw_untold(struct raw_pcm *p, unsigned long period, unsigned long buffer);
/* Parameters that the device chooses, at most half a second; the first frame starts it. */
int raw_hw_choose(struct raw_pcm *p, bool mmap);
/* Whether it offers mmap: 1, 0 or a negative error */
int raw_can_mmap(struct raw_pcm *p);
/* Whether the device reports that bytes that change hands must be synced */
int raw_is_synced(struct raw_pcm *p, bool *yes);
int raw_hw_free(struct raw_pcm *p);
int raw_sw_params(struct raw_pcm *p, unsigned long stop,
		  unsigned long silence_threshold, unsigned long silence_size);
int raw_map(struct raw_pcm *p);
/* One that can be stored into, whatever its direction */
int raw_map_writable(struct raw_pcm *p);
void raw_unmap(struct raw_pcm *p);

int raw_prepare(struct raw_pcm *p);
int raw_start(struct raw_pcm *p);
int raw_drop(struct raw_pcm *p);
int raw_drain(struct raw_pcm *p);
int raw_pause(struct raw_pcm *p, bool on);
int raw_link(struct raw_pcm *p, struct raw_pcm *to);
int raw_unlink(struct raw_pcm *p);

long raw_write(struct raw_pcm *p, const void *data, unsigned long frames);
long raw_write_planes(struct raw_pcm *p, void **planes, unsigned long frames);
long raw_read(struct raw_pcm *p, void *data, unsigned long frames);
long raw_read_planes(struct raw_pcm *p, void **planes, unsigned long frames);
long raw_rewind(struct raw_pcm *p, unsigned long frames);
long raw_forward(struct raw_pcm *p, unsigned long frames);

/* SYNC_PTR with HWSYNC, and without */
int raw_update(struct raw_pcm *p);
int raw_peek(struct raw_pcm *p);
/* SYNC_PTR that moves appl_ptr on */
int raw_commit(struct raw_pcm *p, unsigned long frames);
/* SYNC_PTR that tells the appl_ptr that is known, with HWSYNC or without */
int raw_update_told(struct raw_pcm *p);
int raw_tell(struct raw_pcm *p);
/* HWSYNC and APPL and nothing else: it sets avail_min as well */
int raw_update_only(struct raw_pcm *p);
int raw_hwsync(struct raw_pcm *p);
int raw_delay(struct raw_pcm *p, long *frames);
int raw_status(struct raw_pcm *p);
/* poll() that does not wait: the events, or a negative error */
int raw_poll(struct raw_pcm *p);

unsigned long raw_avail(const struct raw_pcm *p);
/* Through the map, round the end of the ring, without a commit */
void raw_put(struct raw_pcm *p, unsigned long at, const void *data,
	     unsigned long frames);
void raw_get(struct raw_pcm *p, unsigned long at, void *data,
	     unsigned long frames);

#endif
