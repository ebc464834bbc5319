// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: check whether dma-coherent in the device tree is right.
 *
 *	noncoherent-truth [CARD DEVICE CARD DEVICE]
 *
 * If the device tree has dma-coherent for a DMA controller that is not coherent, no
 * buffer is synced, and old samples are heard, in pieces of a cache line. If it lacks
 * it for a coherent one, cache maintenance is done for nothing. The program detects
 * both, as it accesses frames before they are synced:
 *
 *	playback	A ring is filled with one pattern and committed. As soon as it
 *			plays, the rest of it is overwritten with another one that is
 *			not. A device that accesses the caches plays the second,
 *			one that does not the first, and one that gets no sync
 *			neither of them.
 *	capture		The empty ring is read, so that its lines are in the cache.
 *			Then it is recorded into, and read again without a call: so
 *			the frames were not synced. After HWSYNC all of them must be
 *			there.
 *
 * A real cache may write lines back, or drop them, by itself: so one frame of the
 * first pattern is enough to know a device that is not coherent, and only if all are
 * those of the second it is taken for one that is.
 *
 * On a real board the first CARD and DEVICE play, and a digital cable leads to the
 * second ones, which record; routes must be on. Without arguments it is the NC1
 * card and its bench. The simulator can contradict the device tree (its parameter
 * "caches"): then the test passes if that was detected.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define RING		4096
#define PERIOD		1024
#define HEARD		(3 * RING)	/* room for the ring and what is before it */
#define FED		16384
#define CACHES		"/sys/module/snd_soc_nc1_sim/parameters/caches"

/* One that plays, and one that records what it plays */
struct cable {
	const char *play, *record;
	int play_device, record_device;
};

/* Measured behaviour of the device */
enum finding { FAILED, NOTHING, HANDED_OVER, LOOKS };

static const char * const finding_text[] = {
	[FAILED] = "the test could not be done",
	[NOTHING] = "nothing gets from the CPU to the device and back (no cable, no route?)",
	[HANDED_OVER] = "the device does not look into the caches",
	[LOOKS] = "the device looks into the caches",
};

static const unsigned char *frame_at(const unsigned char *data, size_t frame)
{
	return data + frame * RAW_FRAME;
}

static bool same(const unsigned char *a, size_t i, const unsigned char *b, size_t j)
{
	return !memcmp(frame_at(a, i), frame_at(b, j), RAW_FRAME);
}

/* How many of @count frames of @a, from @i on, are those of @b, from @j on? */
static size_t alike(const unsigned char *a, size_t i, const unsigned char *b, size_t j,
		    size_t count)
{
	size_t n = 0, k;

	for (k = 0; k < count; k++)
		n += same(a, i + k, b, j + k);
	return n;
}

/* Where most of the first @count frames of @what are in @data; -1 if nowhere */
static long find(const unsigned char *data, size_t frames, const unsigned char *what,
		 size_t count)
{
	size_t at;

	for (at = 0; at + count <= frames; at++)
		if (alike(data, at, what, 0, count) > count / 2)
			return at;
	return -1;
}

/* Until something can be read, or has been recorded. */
static bool wait_for(struct raw_pcm *p)
{
	struct pollfd fd = { .fd = p->fd, .events = p->playback ? POLLOUT : POLLIN };

	return poll(&fd, 1, NC_TIMEOUT_MS) == 1 ||
	       sy_wrong("nothing is %s\n", p->playback ? "played" : "recorded");
}

static bool listen_to(struct raw_pcm *p, unsigned char *to, size_t frames)
{
	size_t pos = 0;
	long n;

	while (pos < frames) {
		n = raw_read(p, to + pos * RAW_FRAME, frames - pos);
		if (n == -EAGAIN && wait_for(p))
			continue;
		if (n <= 0)
			return sy_ok("read", n ? n : -EIO);
		pos += n;
	}
	return true;
}

static bool set_up(struct raw_pcm *p, const char *card, int device, bool playback,
		   bool mmap, unsigned long period, unsigned long buffer)
{
	return sy_ok(card, raw_open(p, card, device, playback)) &&
	       sy_ok("hw_params", raw_hw_params(p, mmap, period, buffer)) &&
	       sy_ok("sw_params", raw_sw_params(p, buffer, 0, 0)) &&
	       (!mmap || sy_ok("mmap", raw_map(p))) &&
	       sy_ok("prepare", raw_prepare(p)) && sy_ok("sync_ptr", raw_peek(p));
}

static enum finding judge_playback(const unsigned char *heard,
				   const unsigned char *committed,
				   const unsigned char *later)
{
	const size_t half = RING / 2;
	long at = find(heard, HEARD - RING, committed, RING / 4);
	size_t old, new;

	if (at < 0)
		return NOTHING;
	old = alike(heard, at + half, committed, half, half);
	new = alike(heard, at + half, later, half, half);
	ksft_print_msg("of %zu frames %zu are those handed over, %zu those written later\n",
		       half, old, new);
	/* Some are the same in both patterns. */
	return new == half ? LOOKS : HANDED_OVER;
}

static enum finding play(const struct cable *cable, bool *synced)
{
	struct nc_stream committed, later;
	enum finding found = FAILED;
	struct raw_pcm p, ear;
	unsigned char *heard = calloc(HEARD, RAW_FRAME);

	if (heard && sy_pattern(&committed, RING, 1) && sy_pattern(&later, RING, 2) &&
	    set_up(&ear, cable->record, cable->record_device, false, false, PERIOD, HEARD) &&
	    set_up(&p, cable->play, cable->play_device, true, true, PERIOD, RING) &&
	    sy_ok("refine", raw_is_synced(&p, synced)) && sy_ok("start", raw_start(&ear))) {
		raw_put(&p, 0, committed.data, RING);
		if (sy_ok("commit", raw_commit(&p, RING)) && sy_ok("start", raw_start(&p))) {
			raw_put(&p, RING / 4, nc_frame(&later, RING / 4), RING - RING / 4);
			if (listen_to(&ear, heard, HEARD - PERIOD))
				found = judge_playback(heard, committed.data, later.data);
		}
	}
	raw_close(&p);
	raw_close(&ear);
	return found;
}

static enum finding record(const struct cable *cable, bool *synced)
{
	const size_t half = RING / 2, some = RING / 4;
	unsigned char *before = malloc(half * RAW_FRAME), *after = malloc(half * RAW_FRAME);
	enum finding found = FAILED;
	struct raw_pcm p, mouth;
	struct nc_stream fed;
	size_t i, cached = 0;

	if (!before || !after || !sy_pattern(&fed, FED, 3) ||
	    !set_up(&p, cable->record, cable->record_device, false, true, PERIOD, RING) ||
	    !sy_ok("refine", raw_is_synced(&p, synced)) ||
	    !set_up(&mouth, cable->play, cable->play_device, true, false, PERIOD, FED) ||
	    !sy_ok("write", raw_write(&mouth, fed.data, FED)) ||
	    !sy_ok("start", raw_start(&mouth)))
		goto out;
	for (i = 0; i < p.map_bytes; i++)
		cached += p.map[i];
	if (cached) {
		ksft_print_msg("the new buffer is not empty\n");
		goto out;
	}
	/*
	 * Nothing may be called for the recording, or what was recorded is synced: the
	 * other end tells when half of the ring has passed.
	 */
	if (!sy_ok("start", raw_start(&p)) || !sy_ok("sync_ptr", raw_update(&mouth)))
		goto out;
	mouth.period = mouth.hw + half + PERIOD / 4;
	if (!sy_ok("sw_params", raw_sw_params(&mouth, FED, 0, 0)) || !wait_for(&mouth))
		goto out;
	memcpy(before, p.map, half * RAW_FRAME);
	if (!sy_ok("hwsync", raw_hwsync(&p)))
		goto out;
	memcpy(after, p.map, half * RAW_FRAME);
	/* The first ones may be from before the other end had begun. */
	if (find(fed.data, FED, frame_at(before, half - some), some) >= 0)
		found = LOOKS;
	else if (find(fed.data, FED, frame_at(after, half - some), some) >= 0)
		found = HANDED_OVER;
	else
		found = NOTHING;
out:
	raw_close(&p);
	raw_close(&mouth);
	return found;
}

/* Print the nodes that have dma-coherent: one of them is the right one. */
static int tell_node(const char *path, const struct stat *st, int type, struct FTW *at)
{
	if (type == FTW_F && !strcmp(path + at->base, "dma-coherent"))
		ksft_print_msg("  %.*s\n", at->base - 1, path);
	return 0;
}

static bool agrees(const char *who, enum finding found, bool synced)
{
	ksft_print_msg("%s: %s\n", who, finding_text[found]);
	if (synced && found == LOOKS)
		ksft_print_msg("%s: add dma-coherent to the node of its DMA controller\n", who);
	if (synced || found == LOOKS)
		return found == (synced ? HANDED_OVER : LOOKS);
	ksft_print_msg("%s: the device tree says dma-coherent, and that is not true\n", who);
	ksft_print_msg("take it out of the node of the DMA controller; it is in\n");
	nftw("/sys/firmware/devicetree/base", tell_node, 16, FTW_PHYS);
	return false;
}

/* 1 or 0 if the simulator's parameter overrides the device tree, or else -1 */
static int simulated_caches(void)
{
	FILE *f = fopen(CACHES, "re");
	int caches = -1;

	if (f) {
		if (fscanf(f, "%d", &caches) != 1)
			caches = -1;
		fclose(f);
	}
	return caches;
}

static void test(const char *who, enum finding (*look)(const struct cable *, bool *),
		 const struct cable *cable, int caches)
{
	bool synced = false, lie, ok;
	enum finding found = look(cable, &synced);

	lie = caches >= 0 && caches != synced;
	ok = agrees(who, found, synced) != lie;
	/* In any case: if there is a sync, it must work. */
	ok &= found != FAILED && !(synced && found == NOTHING);
	ksft_test_result(ok, "%s: the device tree %s\n", who,
			 lie ? "was found out to lie" : "tells the truth");
}

int main(int argc, char **argv)
{
	struct cable playback = { nc_card(), nc_bench(), FE0, BENCH_I2S0 };
	struct cable capture = { nc_bench(), nc_card(), BENCH_I2S1, FE4 };
	int caches = -1;

	if (argc == 5) {
		playback = (struct cable){ argv[1], argv[3], atoi(argv[2]), atoi(argv[4]) };
		capture = playback;
		ksft_print_header();
	} else if (argc == 1) {
		nc_begin();
		caches = simulated_caches();
		if (nc_routes_off() || nc_route("I2S0", "FE0", true) ||
		    nc_route("FE4", "I2S1", true))
			ksft_exit_fail_msg("no crossbar switches\n");
		nc_ctl_close();
	} else {
		ksft_exit_fail_msg("usage: noncoherent-truth [CARD DEVICE CARD DEVICE]\n");
	}
	ksft_set_plan(2);
	test("playback", play, &playback, caches);
	test("capture", record, &capture, caches);
	ksft_finished();
}
