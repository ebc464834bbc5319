// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: the trace events show which frames were synced, and for which side.
 *
 * Each range of an event is compared with the one that the application has
 * moved, and the bytes of all of them with what the simulator counted at the DMA API:
 * a sync that is not in the trace, or an event without a sync, would show there.
 *
 * And lockdep's own event shows that a position is reported without buffer_mutex if
 * there is nothing to sync (Y17).
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"
#include "tracefs.h"

#define SYSTEM	"snd_pcm_sync"
#define LOCK	"lock/lock_acquire"
#define PERIOD	256
#define BUFFER	1024
#define FRAME	4

static struct tracefs_lines lines;

/* Sum of the ranges of the trace, in bytes */
struct sum {
	unsigned long long device, cpu;
};

static bool begin(void)
{
	return !tracefs_begin(SYSTEM) ? sy_zero_counters() :
					sy_wrong("events cannot be switched on\n");
}

/*
 * Ends the trace. Each event has to be one of @who, and the ranges follow each other
 * from @pos on, round the end of the ring.
 */
static bool ends(const char *who, unsigned int pos, const unsigned int *frames, int count)
{
	struct sum sum = { 0 };
	char text[96];
	struct nc_sync sync;
	bool ok = true;
	int i;

	if (tracefs_end(SYSTEM) || tracefs_read(&lines) || nc_sync_read(&sync))
		return sy_wrong("the trace cannot be read\n");
	for (i = 0; i < lines.count; i++) {
		const char *line = strchr(lines.line[i], '/');
		unsigned long long bytes;

		snprintf(text, sizeof(text), "/sub0: %s: pos=%u, frames=%u, bytes=%u, buf=%u",
			 who, pos, i < count ? frames[i] : 0, i < count ? frames[i] * FRAME : 0,
			 BUFFER);
		if (!line || strcmp(line, text))
			ok = sy_wrong("%s, expected: %s\n", lines.line[i], text);
		if (i < count)
			pos = (pos + frames[i]) % BUFFER;
		if (sscanf(strstr(lines.line[i], "bytes="), "bytes=%llu", &bytes) == 1)
			*(strstr(who, "to cpu") ? &sum.cpu : &sum.device) += bytes;
	}
	if (i != count)
		ok = sy_wrong("%d events, expected: %d\n", i, count);
	if (sum.device != sync.device_bytes || sum.cpu != sync.cpu_bytes)
		ok = sy_wrong("traced: %llu and %llu bytes, synced: %llu and %llu\n", sum.device,
			      sum.cpu, sync.device_bytes, sync.cpu_bytes);
	return ok;
}

/* Three pieces of 192 frames, the second of them round the end of the ring */
static bool plays(bool mmap, const char *who, const unsigned int *frames, int count)
{
	struct nc_stream play;
	struct raw_pcm p;
	int i;

	if (!sy_pattern(&play, 2 * BUFFER, 1) || !sy_open(&p, FE0, mmap, PERIOD, BUFFER) ||
	    (mmap && !sy_ok("sync_ptr", raw_peek(&p))) || !sy_give(&p, &play, BUFFER - 256) ||
	    !sy_ok("start", raw_start(&p)) || !sy_step(2 * PERIOD) ||
	    (mmap && !sy_ok("hwsync", raw_update(&p))) || !begin())
		return false;
	for (i = 0; i < 3; i++)
		if (!sy_give(&p, &play, 192))
			return false;
	return ends(who, BUFFER - 256, frames, count);
}

static bool tells_written(void)
{
	/* write() copies up to the end of the ring, then from its start */
	static const unsigned int frames[] = { 192, 64, 128, 192 };

	return plays(false, "written to device", frames, ARRAY_SIZE(frames));
}

static bool tells_commit(void)
{
	static const unsigned int frames[] = { 192, 192, 192 };

	return plays(true, "commit to device", frames, ARRAY_SIZE(frames));
}

static bool tells_handover(void)
{
	static const unsigned int frames[] = { BUFFER };
	struct raw_pcm p;

	return begin() && sy_open(&p, FE0, false, PERIOD, BUFFER) &&
	       ends("handover to device", 0, frames, 1);
}

static bool tells_heard(void)
{
	static const unsigned int frames[] = { PERIOD, PERIOD, PERIOD, PERIOD, PERIOD };
	unsigned char data[PERIOD * FRAME];
	struct nc_stream play;
	struct raw_pcm p;
	int i;

	if (!sy_feed(&play, 2 * BUFFER, 1) || !sy_open(&p, FE4, false, PERIOD, BUFFER) ||
	    !sy_ok("start", raw_start(&p)) || !begin())
		return false;
	for (i = 0; i < 5; i++)
		if (!sy_step(PERIOD) || !sy_ok("read", raw_read(&p, data, PERIOD)))
			return false;
	return ends("heard to cpu", 0, frames, ARRAY_SIZE(frames));
}

static bool lock_begin(void)
{
	return (!tracefs_put("events/" LOCK "/filter", "name == \"&runtime->buffer_mutex\"") &&
		!tracefs_begin(LOCK)) || sy_wrong("lock_acquire cannot be switched on\n");
}

/* Ends the trace. The mutex must have been taken, or not. */
static bool lock_end(bool taken, const char *what)
{
	if (tracefs_end(LOCK) || tracefs_read(&lines))
		return sy_wrong("the trace cannot be read\n");
	return !!lines.count == taken ||
	       sy_wrong("%s: buffer_mutex was taken %d times\n", what, lines.count);
}

static int delay(struct raw_pcm *p)
{
	long frames;

	return raw_delay(p, &frames);
}

static bool asks_without_lock(struct raw_pcm *p)
{
	static const struct {
		const char *name;
		int (*call)(struct raw_pcm *p);
	} asks[] = {
		{ "SYNC_PTR", raw_update }, { "SYNC_PTR with HWSYNC", raw_update_told },
		{ "STATUS", raw_status }, { "DELAY", delay }, { "HWSYNC", raw_hwsync },
	};
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(asks); i++)
		ok &= lock_begin() && sy_ok(asks[i].name, asks[i].call(p)) &&
		      lock_end(false, asks[i].name);
	return ok;
}

/* Nothing moves but at the test's request. What does move takes the mutex. */
static bool position_played(void)
{
	struct nc_stream play;
	struct raw_pcm p;

	return sy_pattern(&play, 2 * BUFFER, 1) && sy_open(&p, FE0, true, PERIOD, BUFFER) &&
	       sy_ok("sync_ptr", raw_peek(&p)) && sy_give(&p, &play, BUFFER - 256) &&
	       sy_ok("start", raw_start(&p)) && sy_step(2 * PERIOD) &&
	       sy_ok("hwsync", raw_update(&p)) && asks_without_lock(&p) && lock_begin() &&
	       sy_give(&p, &play, 192) && lock_end(true, "a commit");
}

static bool position_recorded(void)
{
	struct nc_stream play;
	struct raw_pcm p;

	return sy_feed(&play, 2 * BUFFER, 1) && sy_open(&p, FE4, false, PERIOD, BUFFER) &&
	       sy_ok("start", raw_start(&p)) && sy_step(PERIOD) &&
	       sy_ok("hwsync", raw_update(&p)) && asks_without_lock(&p) && sy_step(PERIOD) &&
	       lock_begin() && sy_ok("status", raw_status(&p)) &&
	       lock_end(true, "STATUS after a period");
}

static const struct sy_test tests[] = {
	{ "handover", "the buffer that hw_params has cleared", tells_handover },
	{ "written", "what is written, round the end of the ring", tells_written },
	{ "commit", "what is committed, round the end of the ring", tells_commit },
	{ "heard", "what is recorded", tells_heard },
	{ "y17_played", "Y17: a position of playback without buffer_mutex", position_played },
	{ "y17_recorded", "Y17: the same of a recording", position_recorded },
};

int main(int argc, char **argv)
{
	return sy_main(argc, argv, tests, ARRAY_SIZE(tests));
}
