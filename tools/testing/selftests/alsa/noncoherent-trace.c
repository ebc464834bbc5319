// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: the trace events show which frames were synced, and for which side.
 *
 * Each range of an event is compared with the one that the application has
 * moved, and the bytes of all of them with what the simulator counted at the DMA API:
 * a sync that is not in the trace, or an event without a sync, would show there.
 *
 * And lockdep's own event shows that a position is reported without buffer_mutex if
 * there is nothing to sync (Y17). If there is something, two threads request a position
 * at the same time, and the time of the longest wait is compared with that of the sync.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"
#include "tracefs.h"

#define SYSTEM	"snd_pcm_sync"
#define LOCK	"lock/lock_acquire"
#define PERIOD	256
#define BUFFER	1024
#define FRAME	4
/* A sync of half of this buffer takes long */
#define LONG_PERIOD	8192
#define LONG_BUFFER	65536
#define ROUNDS		16

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

/*
 * The longest wait. All times are in ns of CLOCK_MONOTONIC, which counts instructions here.
 */

struct request {
	struct raw_pcm p;
	long long after, took;
	atomic_llong begin;		/* when the other thread calls SYNC_PTR; 0: not known yet */
	int err;
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_until(long long ns)
{
	const struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void *request(void *arg)
{
	struct request *r = arg;
	long long begin = now() + 1000000;

	atomic_store(&r->begin, begin);
	sleep_until(begin + r->after);
	r->err = raw_status(&r->p);
	r->took = now() - begin - r->after;
	return NULL;
}

static bool create_first(pthread_t *thread, struct request *r)
{
	const struct sched_param first = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &first);
	err = pthread_create(thread, &attr, request, r);
	pthread_attr_destroy(&attr);
	return !err || sy_wrong("no real-time thread: %s\n", strerror(err));
}

/* STATUS is called with real-time priority, @after ns after SYNC_PTR has begun. */
static bool waits(struct raw_pcm *p, long long after, long long *longest)
{
	struct request r = { .p = *p, .after = after };
	pthread_t thread;
	long long begin;
	bool ok;

	if (!sy_step(LONG_BUFFER / 2) || !create_first(&thread, &r))
		return false;
	do
		begin = atomic_load(&r.begin);
	while (!begin);
	sleep_until(begin);
	ok = sy_ok("hwsync", raw_update(p));
	pthread_join(thread, NULL);
	*longest = r.took > *longest ? r.took : *longest;
	return ok && sy_ok("status", r.err) && sy_ok("commit", raw_commit(p, LONG_BUFFER / 2));
}

static bool longest_wait(void)
{
	long long alone, idle = 0, longest = 0;
	struct nc_sync sync;
	struct raw_pcm p;
	int i;

	/* What is recorded does not matter. */
	if (!sy_open(&p, FE4, true, LONG_PERIOD, LONG_BUFFER) ||
	    !sy_ok("start", raw_start(&p)) || !sy_step(LONG_BUFFER / 2))
		return false;
	alone = now();
	if (!sy_ok("hwsync", raw_update(&p)))
		return false;
	alone = now() - alone;
	/* When the other thread has done, the call and the wakeup before it take that long. */
	if (!sy_ok("commit", raw_commit(&p, LONG_BUFFER / 2)) || !waits(&p, 8 * alone, &idle) ||
	    !sy_zero_counters())
		return false;
	for (i = 0; i < ROUNDS; i++)
		if (!waits(&p, i * alone / ROUNDS, &longest))
			return false;
	ksft_print_msg("sync: %lld us, request without: %lld us, longest request: %lld us\n",
		       alone / 1000, idle / 1000, longest / 1000);
	if (nc_sync_read(&sync) || sync.cpu_bytes != ROUNDS * LONG_BUFFER / 2 * FRAME)
		return sy_wrong("synced %llu bytes, recorded %u\n", sync.cpu_bytes,
				ROUNDS * LONG_BUFFER / 2 * FRAME);
	return longest <= 2 * (alone + idle) || sy_wrong("that is more than twice the two\n");
}

static const struct sy_test tests[] = {
	{ "handover", "the buffer that hw_params has cleared", tells_handover },
	{ "written", "what is written, round the end of the ring", tells_written },
	{ "commit", "what is committed, round the end of the ring", tells_commit },
	{ "heard", "what is recorded", tells_heard },
	{ "y17_played", "Y17: a position of playback without buffer_mutex", position_played },
	{ "y17_recorded", "Y17: the same of a recording", position_recorded },
	{ "y17_longest", "Y17: a request of a position waits for one sync at most", longest_wait },
};

int main(int argc, char **argv)
{
	return sy_main(argc, argv, tests, ARRAY_SIZE(tests));
}
