// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: programs that map an OSS device (Y19).
 *
 * Games of the nineties and programs that follow the OSS Programmer's Guide (4Front, "Using
 * the mmap mode") set a trigger, read the position of the device by GETOPTR and store
 * ahead of that; they never call write(). Recorders call GETIPTR, or wait with select().
 * ALSA's emulation moves appl_ptr by itself.
 *
 * FE0 is the first OSS device of its card, FE4 the second one: a kernel with
 * snd_pcm_oss.adsp_map=4,4.
 *
 * On stock Linux all of them fail.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/soundcard.h>
#include <unistd.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define FRAGMENT_BITS	11
#define FRAGMENT	2048		/* bytes */
#define FRAGMENTS	8
#define RING		(FRAGMENTS * FRAGMENT)
#define FRAMES(bytes)	((bytes) / RAW_FRAME)
#define LAPS		4

struct oss {
	int fd;
	unsigned char *ring;
};

static bool control(struct oss *o, const char *what, unsigned long request, int value)
{
	return ioctl(o->fd, request, &value) >= 0 || sy_wrong("%s: %s\n", what, strerror(errno));
}

static bool open_oss(struct oss *o, const char *name, int prot)
{
	char path[32], number[12] = "";
	audio_buf_info space;

	if (raw_card(nc_card()) > 0)
		snprintf(number, sizeof(number), "%d", raw_card(nc_card()));
	snprintf(path, sizeof(path), "/dev/%s%s", name, number);
	o->fd = open(path, prot & PROT_WRITE ? O_RDWR : O_RDONLY);
	if (o->fd < 0)
		return sy_wrong("%s: %s\n", path, strerror(errno));
	if (!control(o, "SETFRAGMENT", SNDCTL_DSP_SETFRAGMENT, FRAGMENTS << 16 | FRAGMENT_BITS) ||
	    !control(o, "SETFMT", SNDCTL_DSP_SETFMT, AFMT_S16_LE) ||
	    !control(o, "CHANNELS", SNDCTL_DSP_CHANNELS, RAW_FRAME / 2) ||
	    !control(o, "SPEED", SNDCTL_DSP_SPEED, RAW_RATE))
		return false;
	if (ioctl(o->fd, prot & PROT_WRITE ? SNDCTL_DSP_GETOSPACE : SNDCTL_DSP_GETISPACE,
		  &space) < 0)
		return sy_wrong("space: %s\n", strerror(errno));
	if (space.fragsize != FRAGMENT || space.fragstotal != FRAGMENTS)
		return sy_wrong("%d fragments of %d bytes\n", space.fragstotal, space.fragsize);
	o->ring = mmap(NULL, RING, prot, MAP_SHARED, o->fd, 0);
	if (o->ring == MAP_FAILED)
		return sy_wrong("mmap: %s\n", strerror(errno));
	return control(o, "SETTRIGGER", SNDCTL_DSP_SETTRIGGER, 0) && sy_zero_counters();
}

/* Bytes that the device has moved since it started */
static bool position(struct oss *o, unsigned long request, size_t *bytes)
{
	struct count_info info;

	if (ioctl(o->fd, request, &info) < 0)
		return sy_wrong("GETOPTR or GETIPTR: %s\n", strerror(errno));
	if (info.ptr != info.bytes % RING)
		return sy_wrong("byte %d of the ring after %d bytes\n", info.ptr, info.bytes);
	*bytes = info.bytes;
	return true;
}

/*
 * Stores a pattern into the ring, never more than @ahead bytes ahead of the device, and
 * reads the position after each @step frames.
 */
static bool plays(size_t ahead, unsigned int step)
{
	const size_t total = LAPS * RING + 52;
	size_t at = 0, stored = 0, limit;
	struct nc_stream play, rec;
	struct nc_sync sync;
	struct oss o;
	bool ok;

	if (!sy_pattern(&play, FRAMES(total), 1) || !open_oss(&o, "dsp", PROT_WRITE) ||
	    !sy_listen(&rec, FRAMES(total + 2 * RING)))
		return false;
	for (;;) {
		limit = at + ahead < total ? at + ahead : total;
		for (; stored < limit; stored += RAW_FRAME)
			memcpy(o.ring + stored % RING, play.data + stored, RAW_FRAME);
		if (!at && !control(&o, "SETTRIGGER", SNDCTL_DSP_SETTRIGGER, PCM_ENABLE_OUTPUT))
			return false;
		if (stored == total)
			break;
		if (!sy_pass(step, SY_PIECE) || !position(&o, SNDCTL_DSP_GETOPTR, &at))
			return false;
		if (!at)
			return sy_wrong("it does not play\n");
	}
	ok = !nc_sync_read(&sync) &&
	     sy_costs("mapped", sync.device_lines + sync.cpu_lines, at, 300);
	return sy_pass(FRAMES(ahead) + 64, SY_PIECE) && sy_hears(&rec, &play, FRAMES(total)) &&
	       sy_nothing_stale() && ok;
}

static bool y19_play(void)
{
	return plays(2 * FRAGMENT, FRAMES(FRAGMENT / 2));
}

static bool y19_play_near(void)
{
	return plays(FRAGMENT / 4 + FRAGMENT / 8 + 64, FRAMES(FRAGMENT / 8));
}

static bool by_position(struct oss *o, size_t *there)
{
	return position(o, SNDCTL_DSP_GETIPTR, there);
}

/* select() only reports that there are frames; the program's own clock gives the number. */
static bool by_select(struct oss *o, size_t *there)
{
	struct pollfd pfd = { .fd = o->fd, .events = POLLIN };

	if (poll(&pfd, 1, 0) < 0)
		return sy_wrong("poll: %s\n", strerror(errno));
	if (!(pfd.revents & POLLIN))
		return sy_wrong("poll() says %#x after %zu bytes\n", pfd.revents, *there);
	*there += FRAGMENT;
	return true;
}

static bool records(bool (*ask)(struct oss *o, size_t *there))
{
	const size_t total = LAPS * RING;
	struct nc_stream play, rec;
	size_t there = 0, first;
	struct oss o;

	if (!sy_pattern(&rec, FRAMES(total), 3) || !open_oss(&o, "adsp", PROT_READ) ||
	    !sy_feed(&play, FRAMES(total), 2) ||
	    !control(&o, "SETTRIGGER", SNDCTL_DSP_SETTRIGGER, PCM_ENABLE_INPUT))
		return false;
	while (rec.pos < FRAMES(total) - FRAMES(FRAGMENT)) {
		if (!sy_pass(FRAMES(FRAGMENT), SY_PIECE) || !ask(&o, &there))
			return false;
		for (; rec.pos < FRAMES(there); rec.pos++)
			memcpy(nc_frame(&rec, rec.pos),
			       o.ring + rec.pos * RAW_FRAME % RING, RAW_FRAME);
	}
	first = nc_next_sound(&rec, 0);
	if (first == rec.pos)
		return sy_wrong("%zu frames recorded, and all of them silence\n", rec.pos);
	return nc_same(&rec, first, &play, rec.pos - first);
}

static bool y19_record(void)
{
	return records(by_position);
}

static bool y19_record_select(void)
{
	return records(by_select);
}

static const struct sy_test tests[] = {
	{ "y19_play", "OSS: what is stored ahead of GETOPTR is heard", y19_play },
	{ "y19_play_near", "also little more than a quarter of a fragment ahead",
	  y19_play_near },
	{ "y19_record", "OSS: what GETIPTR tells of is there", y19_record },
	{ "y19_record_select", "so is what select() tells of", y19_record_select },
};

int main(int argc, char **argv)
{
	return sy_main(argc, argv, tests, ARRAY_SIZE(tests));
}
