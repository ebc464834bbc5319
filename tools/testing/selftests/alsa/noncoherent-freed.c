// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync of memory that is freed, see noncoherent-freed.h.
 *
 * A sync reads the description of the buffer and maintains its memory. If neither
 * the stream lock nor the mutex of the buffer is held, HW_PARAMS or HW_FREE in
 * another thread frees both meanwhile. KASAN reports the first, the simulator the
 * second: a sync of memory that is not a buffer.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "noncoherent-freed.h"
#include "noncoherent-scene.h"

#define FETCH		3
#define SECONDS		6
#define MARK		0xa7

/*
 * Y6
 */

static void asked(struct race *r, long err)
{
	__atomic_add_fetch(&r->asked, 1, __ATOMIC_RELAXED);
	if (err >= 0)
		__atomic_add_fetch(&r->moved, 1, __ATOMIC_RELAXED);
}

static bool stopped(struct race *r)
{
	return __atomic_load_n(&r->stop, __ATOMIC_ACQUIRE);
}

/* All that may sync, on a descriptor of its own. */
static void *ask(void *arg)
{
	struct race *r = arg;
	struct raw_pcm p = r->pcm;
	long delay;

	p.fd = dup(r->pcm.fd);
	while (p.fd >= 0 && !stopped(r)) {
		asked(r, raw_delay(&p, &delay));
		asked(r, raw_hwsync(&p));
		asked(r, raw_update(&p));
		asked(r, raw_peek(&p));
		asked(r, raw_commit(&p, 16));
		asked(r, raw_rewind(&p, 8));
		asked(r, raw_forward(&p, 8));
		asked(r, raw_status(&p));
	}
	if (p.fd >= 0)
		close(p.fd);
	return NULL;
}

/*
 * The buffer is allocated, used for a moment and freed. It is never larger than
 * the largest buffer of a card, and not always of the same size.
 */
static void *change(void *arg)
{
	struct race *r = arg;
	struct raw_pcm *p = &r->pcm;
	unsigned int i;
	bool linked;
	int err;

	for (i = 0; !stopped(r); i++) {
		err = raw_hw_params(p, true, 256, 1024 << i % 4);
		err = err ? : raw_sw_params(p, RAW_FOREVER, 0, 0);
		err = err ? : raw_prepare(p);
		/* If both are in the same state, for once */
		linked = !err && r->linked && i % 8 == 0 && !raw_link(p, r->linked);
		/* It cannot start without data if the others have rewound it. */
		if (!err && i % 2)
			raw_start(p);
		if (linked)
			raw_unlink(p);
		raw_drop(p);
		err = err ? : raw_hw_free(p);
		if (err == -EBUSY)
			r->busy++;
		else if (err && !(r->grouped && err == -EBADFD))
			r->err = err;
		else
			r->params += !err;
	}
	return NULL;
}

static bool race_report(const struct race *r, int i)
{
	bool ok = true;

	ksft_print_msg("stream %d: %lu parameters, %lu calls, %lu of them on a buffer\n",
		       i, r->params, r->asked, r->moved);
	if (!r->params || !r->moved)
		ok = sy_wrong("stream %d: one side did nothing\n", i);
	if (r->busy)
		ok = sy_wrong("stream %d: refused with EBUSY %lu times\n", i, r->busy);
	if (r->err)
		ok = sy_wrong("stream %d: %s\n", i, strerror(-r->err));
	return ok;
}

static bool race_is_clean(int log)
{
	const char *splat = sy_log_splat(log);
	struct nc_sync sync;
	bool ok = true;

	if (splat)
		ok = sy_wrong("%s\n", splat);
	if (nc_sync_read(&sync))
		return false;
	if (sync.stray)
		ok = sy_wrong("%llu syncs of memory that is no buffer\n", sync.stray);
	return ok;
}

bool race_run(struct race *races, int n, unsigned int seconds)
{
	pthread_t thread[4 * 4];
	struct timespec end;
	int log = sy_log_open(), threads = 0, i;
	bool ok = true;

	if (nc_sync_zero() || n > 4)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (i = 0; i < n; i++) {
		if (pthread_create(&thread[threads++], NULL, change, &races[i]) ||
		    pthread_create(&thread[threads++], NULL, ask, &races[i]) ||
		    pthread_create(&thread[threads++], NULL, ask, &races[i]))
			ksft_exit_fail_msg("no threads\n");
	}
	/* Requests the time. */
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
	for (i = 0; i < n; i++)
		__atomic_store_n(&races[i].stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < n; i++)
		ok &= race_report(&races[i], i);
	ok &= race_is_clean(log);
	close(log);
	return ok;
}

bool freed_by_another(void)
{
	struct race race = { 0 };
	bool ok;

	if (sy_prealloc(nc_bench(), FETCH, true, 0, 0) ||
	    !sy_ok("open", raw_open(&race.pcm, nc_bench(), FETCH, true)))
		return false;
	ok = race_run(&race, 1, SECONDS);
	raw_close(&race.pcm);
	return !sy_prealloc(nc_bench(), FETCH, true, 0, 64) && ok;
}

/*
 * Y9
 */

/*
 * The page that was freed last is the next one to be used, for the same kind of
 * memory: the kernel's own. Data in a pipe is that.
 */
static bool is_taken_by_another(const unsigned char *page, size_t size)
{
	unsigned char data[1024];
	bool taken = false;
	int fd[2], i;
	size_t at;

	if (pipe2(fd, O_NONBLOCK | O_CLOEXEC))
		ksft_exit_fail_msg("pipe: %s\n", strerror(errno));
	memset(data, MARK, sizeof(data));
	for (i = 0; i < 64 && write(fd[1], data, sizeof(data)) > 0; i++)
		;
	for (at = 0; at < size; at++)
		taken |= page[at] == MARK;
	close(fd[0]);
	close(fd[1]);
	return taken;
}

bool freed_by_munmap(void)
{
	size_t size = sysconf(_SC_PAGESIZE), at;
	unsigned char *part;
	struct raw_pcm p;

	if (!sy_open(&p, FE0, true, 1024, 4096))
		return false;
	for (at = size; at < p.map_bytes; at += size) {
		memset(p.map + at, at / size, size);
		part = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, p.fd, at);
		if (part == MAP_FAILED)
			return sy_wrong("a page at %zu cannot be mapped: %s\n", at,
					strerror(errno));
		if (memcmp(part, p.map + at, size))
			return sy_wrong("the page at %zu is another one\n", at);
		part[1] ^= 1;
		if (memcmp(part, p.map + at, size))
			return sy_wrong("the page at %zu is a copy\n", at);
		munmap(part, size);
		if (is_taken_by_another(p.map + at, size))
			return sy_wrong("the page at %zu was freed and belongs to somebody else\n",
					at);
	}
	return true;
}
