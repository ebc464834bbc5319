// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: channels that are not interleaved.
 *
 * Each channel has a plane of the buffer, one behind the other, so the frames of one
 * write are a range in each of them. Too much is synced if the rest of the planes is
 * synced, too; the second channel is stale if only the first one is synced. The same
 * holds for recorded frames.
 *
 * The device is number 3 of the bench (sim-fetch.c). Playback fetches frames at the
 * commit, and counts those that it fetched before they were synced. Capture records a
 * sequence, as soon as there is room for it.
 */
#define _GNU_SOURCE

#include <stdint.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define FETCH		3
#define PERIOD		256
#define BUFFER		1024
#define CHANNELS	(RAW_FRAME / 2)
#define ROUNDS		12
/* From one recorded frame to the next */
#define RECORD_STEP	8

/* All bytes differ from the old ones, so frames that are fetched too early differ. */
static uint16_t next(void)
{
	static uint32_t x = 1;

	x = x * 1664525 + 1013904223;
	return x >> 16 | 1;
}

static bool open_planes(struct raw_pcm *p, bool playback, bool mmap)
{
	return sy_ok("open", raw_open(p, nc_bench(), FETCH, playback)) &&
	       sy_ok("hw_params", raw_hw_planes(p, mmap, PERIOD, BUFFER)) &&
	       sy_ok("sw_params", raw_sw_params(p, BUFFER, 0, 0)) &&
	       (!mmap || sy_ok("mmap", raw_map(p))) &&
	       sy_ok("prepare", raw_prepare(p)) && sy_ok("sync_ptr", raw_peek(p)) &&
	       sy_zero_counters();
}

static long give_write(struct raw_pcm *p, long frames)
{
	static uint16_t data[CHANNELS][BUFFER];
	void *planes[CHANNELS];
	unsigned int c;
	long i;

	for (c = 0; c < CHANNELS; c++) {
		planes[c] = data[c];
		for (i = 0; i < frames; i++)
			data[c][i] = next();
	}
	return raw_write_planes(p, planes, frames);
}

static long give_mmap(struct raw_pcm *p, long frames)
{
	uint16_t *plane = (uint16_t *)p->map;
	unsigned int c;
	long err, i;

	for (c = 0; c < CHANNELS; c++, plane += BUFFER)
		for (i = 0; i < frames; i++)
			plane[(p->appl + i) % BUFFER] = next();
	err = raw_commit(p, frames);
	return err ? err : frames;
}

/* A full ring, then more as it is played, in pieces of @frames, round its end */
static bool plays(bool mmap, long frames, unsigned int percent)
{
	long (*give)(struct raw_pcm *p, long frames) = mmap ? give_mmap : give_write;
	unsigned long long ranges = BUFFER / PERIOD;
	size_t audio = BUFFER + ROUNDS * frames;
	struct nc_stale stale;
	struct nc_sync sync;
	struct raw_pcm p;
	unsigned int i;
	long n;
	bool ok;

	if (!open_planes(&p, true, mmap))
		return false;
	for (i = 0; i < BUFFER / PERIOD + ROUNDS; i++) {
		bool more = i >= BUFFER / PERIOD;
		long want = more ? frames : PERIOD;

		if (i == BUFFER / PERIOD && !sy_ok("start", raw_start(&p)))
			return false;
		/* Only SYNC_PTR reports the position in the mapped ring. */
		if (more && !sy_ok("sync_ptr", raw_update(&p)))
			return false;
		if (more)
			ranges += 1 + (p.appl % BUFFER + want > BUFFER);
		n = give(&p, want);
		if (n != want)
			return sy_wrong("piece %u: %ld of %ld frames\n", i, n, want);
	}
	if (nc_sync_read(&sync) || nc_stale_read(&stale))
		return false;
	ok = sy_costs(mmap ? "mmap" : "write", sync.device_lines, audio * RAW_FRAME, percent);
	if (sync.device_calls > ranges * CHANNELS)
		ok = sy_wrong("%llu calls for %llu ranges in %u planes\n", sync.device_calls,
			      ranges, CHANNELS);
	if (stale.fetched != audio * RAW_FRAME)
		ok = sy_wrong("fetched %llu instead of %zu bytes\n", stale.fetched,
			      audio * RAW_FRAME);
	return ok && (!stale.fetch || sy_wrong("%llu of %llu bytes were fetched stale\n",
					       stale.fetch, stale.fetched));
}

static long take_read(struct raw_pcm *p, uint16_t data[CHANNELS][BUFFER],
		      unsigned long frames)
{
	void *planes[CHANNELS];
	unsigned int c;

	for (c = 0; c < CHANNELS; c++)
		planes[c] = data[c];
	return raw_read_planes(p, planes, frames);
}

static long take_mmap(struct raw_pcm *p, uint16_t data[CHANNELS][BUFFER],
		      unsigned long frames)
{
	const uint16_t *plane = (const uint16_t *)p->map;
	unsigned long i;
	unsigned int c;
	long err;

	for (c = 0; c < CHANNELS; c++, plane += BUFFER)
		for (i = 0; i < frames; i++)
			data[c][i] = plane[(p->appl + i) % BUFFER];
	err = raw_commit(p, frames);
	return err ? err : (long)frames;
}

/* The sequence that sim-fetch.c records */
static bool is_sequence(uint16_t data[CHANNELS][BUFFER], unsigned long at,
			unsigned long frames)
{
	unsigned long n;
	unsigned int c;
	uint16_t want;

	for (c = 0; c < CHANNELS; c++) {
		for (n = 0; n < frames; n++) {
			want = (at + n) * RECORD_STEP + c + 1;
			if (data[c][n] != want)
				return sy_wrong("channel %u, frame %lu: %#x instead of %#x\n",
						c, at + n, data[c][n], want);
		}
	}
	return true;
}

/* Recorded frames, in pieces of @frames, round the ring's end */
static bool records(bool mmap, unsigned long frames, unsigned int percent)
{
	static uint16_t data[CHANNELS][BUFFER];
	unsigned long told = BUFFER - PERIOD, at = 0;
	unsigned long long ranges = 1;
	struct nc_sync sync;
	struct raw_pcm p;
	bool ok;
	long n;

	if (!open_planes(&p, false, mmap) || !sy_ok("start", raw_start(&p)))
		return false;
	for (;;) {
		if (!sy_ok("sync_ptr", raw_update(&p)))
			return false;
		if (p.hw != told)
			return sy_wrong("%lu frames told instead of %lu\n", p.hw, told);
		n = mmap ? take_mmap(&p, data, frames) : take_read(&p, data, frames);
		if (n != (long)frames)
			return sy_wrong("frame %lu: %ld of %ld frames\n", at, n, frames);
		if (!is_sequence(data, at, frames))
			return false;
		at += frames;
		if (at >= ROUNDS * frames)
			break;
		/* It has recorded as many, and the next SYNC_PTR reports them. */
		ranges += 1 + (told % BUFFER + frames > BUFFER);
		told += frames;
	}
	if (nc_sync_read(&sync))
		return false;
	ok = sy_costs(mmap ? "mmap" : "read", sync.device_lines + sync.cpu_lines,
		      told * RAW_FRAME, percent);
	if (!sy_hands_back() && sync.device_calls + sync.cpu_calls > ranges * CHANNELS)
		ok = sy_wrong("%llu calls for %llu ranges in %u planes\n",
			      sync.device_calls + sync.cpu_calls, ranges, CHANNELS);
	return ok;
}

static bool write_aligned(void)
{
	return plays(false, PERIOD, 110);
}

static bool write_unaligned(void)
{
	return plays(false, PERIOD - 19, 135);
}

static bool mmap_aligned(void)
{
	return plays(true, PERIOD, 110);
}

static bool mmap_unaligned(void)
{
	return plays(true, PERIOD - 19, 135);
}

static bool read_aligned(void)
{
	return records(false, PERIOD, 110);
}

static bool read_unaligned(void)
{
	return records(false, PERIOD - 19, 135);
}

static bool mmap_read_aligned(void)
{
	return records(true, PERIOD, 110);
}

static bool mmap_read_unaligned(void)
{
	return records(true, PERIOD - 19, 135);
}

static const struct sy_test tests[] = {
	{ "planes_write", "a write is handed over in each plane", write_aligned },
	{ "planes_write_unaligned", "so is one that ends in the middle of a line",
	  write_unaligned },
	{ "planes_mmap", "a commit is handed over in each plane", mmap_aligned },
	{ "planes_mmap_unaligned", "so is one that ends in the middle of a line",
	  mmap_unaligned },
	{ "planes_read", "what is read is taken over in each plane", read_aligned },
	{ "planes_read_unaligned", "so is a part that ends in the middle of a line",
	  read_unaligned },
	{ "planes_mmap_read", "what is told of is taken over in each plane",
	  mmap_read_aligned },
	{ "planes_mmap_read_unaligned", "so is a part that ends in the middle of a line",
	  mmap_read_unaligned },
};

int main(int argc, char **argv)
{
	return sy_main(argc, argv, tests, ARRAY_SIZE(tests));
}
