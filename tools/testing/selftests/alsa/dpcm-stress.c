// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: players, pausers, closers and route switches at the same time, with
 * slow back ends and a fast DMA.
 *
 * dpcm-fuzz tests one operation after the other; here only the races count. A
 * back end that takes 300 us and more for a trigger gives another thread, or the
 * DMA's interrupt on another CPU, the time to use a link that is being added or
 * removed. Two operations are counted, those that must be safe: closes of a stream
 * whose DMA runs, and switches of an FE whose DMA runs. The program ends when there
 * were enough of them. It fails if that takes too long, if a thread hangs, or at
 * the first warning in the kernel's log. At the end all streams are closed, and
 * the card must be stopped, without faults, and able to play again.
 *
 * dpcm-stress [COUNT [SEED]]; or in the environment DPCM_STRESS_COUNT (default
 * 20000) and DPCM_STRESS_SECONDS (default 900). SEED (default 1) determines the
 * random numbers of the threads; their order depends on the clock.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-card.h"

#define CARD		"fe=4 capture=2 be=3 compress=0"
#define FES		6
#define ROUTERS		2
#define RATE		48000
#define TURNS		4	/* switches, at most, that one start waits for */
#define PATIENCE_MS	100
#define STUCK_SECONDS	20
#define PHASES		8
#define LEAKS		"/sys/kernel/debug/kmemleak"
#define LEAK_AGE	6	/* kmemleak ignores memory that is younger than 5 s */

/*
 * The slow callbacks and the speed of the DMA; the run goes through all of them. A DMA
 * that is too fast for an emulated CPU leaves it no time for other work. Callbacks that
 * sleep let other threads run between the steps of a join.
 */
static const struct phase {
	unsigned int trigger_us, sleep_us, period_us;
} phase[] = {
	{ 300, 0, 10000 },
	{ 300, 300, 2000 },
	{ 400, 0, 5000 },
	{ 600, 600, 10000 },
};

/* A thread; each counts its operations, so that one that hangs is detected. */
struct worker {
	pthread_t thread;
	void (*run)(struct worker *w);
	int fe;			/* the first one that it plays or switches */
	unsigned int seed;
	atomic_ulong moves;
};

static struct worker worker[FES + ROUTERS];
static int workers;
static unsigned int first_seed;
static atomic_bool ended;
static atomic_bool playing[FES];	/* its DMA runs; set by its player */
static atomic_ulong closes, switches;
static atomic_uint switched[FES];	/* how often that happened to it */
static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;	/* one was switched */
static atomic_int wrong;		/* calls that failed and must not */

static unsigned int dice(struct worker *w, unsigned int sides)
{
	return rand_r(&w->seed) / 7 % sides;
}

/*
 * A call that may meet a suspend, an xrun or a prune of another thread fails
 * with one of these; nothing else may happen.
 */
static bool fine(const char *what, int fe, int err)
{
	switch (err) {
	case 0:
	case -EALREADY:
	case -EPIPE:
	case -ESTRPIPE:
	case -EBADFD:
		return true;
	}
	if (atomic_fetch_add(&wrong, 1) < 20)
		ksft_print_msg("FE%d: %s: %s\n", fe, what, strerror(-err));
	return false;
}

/* Brings a stream on to where it runs, from wherever others have put it. */
static bool get_going(struct dpcm_pcm *p)
{
	int err;

	if (dpcm_pcm_state(p) == SNDRV_PCM_STATE_SUSPENDED)
		dpcm_resume(p);
	if (dpcm_pcm_state(p) == SNDRV_PCM_STATE_RUNNING)
		return true;
	err = dpcm_prepare(p);
	/* -EINVAL: no BE is routed just now. -EBUSY: linked with one that runs. */
	if (err == -EINVAL || err == -EBUSY || !fine("prepare", p->fe, err))
		return false;
	return fine("start", p->fe, dpcm_start(p)) &&
	       dpcm_pcm_state(p) == SNDRV_PCM_STATE_RUNNING;
}

static void burst(struct worker *w, struct dpcm_pcm *p)
{
	/* Many short ones, for the closes and switches, and some long ones. */
	int n = 1 + (dice(w, 8) ? 0 : dice(w, 16));

	while (n--) {
		if (!fine("pause", p->fe, dpcm_pause(p, true)))
			return;
		if (!fine("release", p->fe, dpcm_pause(p, false)))
			return;
		atomic_fetch_add(&w->moves, 1);
	}
}

/*
 * Waits until a switch has met this stream, but not for ever: it may be the turn of
 * others. Streams that only pause and release would leave the CPUs no time for the
 * switches.
 */
static void wait_for_switch(struct dpcm_pcm *p, unsigned int before)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_nsec += PATIENCE_MS * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&turn_lock);
	while (!atomic_load(&ended) && atomic_load(&switched[p->fe]) == before &&
	       !pthread_cond_timedwait(&turn, &turn_lock, &end))
		;
	pthread_mutex_unlock(&turn_lock);
}

/* All that happens to one open stream until it is to be closed */
static void play(struct worker *w, struct dpcm_pcm *p)
{
	int rounds = 1 + dice(w, 2), turns;
	unsigned int before;

	while (rounds-- && !atomic_load(&ended)) {
		if (!get_going(p))
			return;
		playing[p->fe] = true;
		/* Then the DMA's interrupt stops it. */
		if (dice(w, 3) == 0)
			dpcm_stop_after(p, 1 + dice(w, 4096));
		for (turns = dice(w, TURNS); turns >= 0; turns--) {
			before = atomic_load(&switched[p->fe]);
			burst(w, p);
			if (dpcm_pcm_state(p) != SNDRV_PCM_STATE_RUNNING)
				break;
			if (turns)
				wait_for_switch(p, before);
		}
		playing[p->fe] = false;
		if (rounds && dice(w, 2))
			fine("drop", p->fe, dpcm_drop(p));
		atomic_fetch_add(&w->moves, 1);
	}
}

static void close_it(struct dpcm_pcm *p)
{
	bool runs = dpcm_pcm_state(p) == SNDRV_PCM_STATE_RUNNING;

	if (fine("close", p->fe, dpcm_close(p)) && runs)
		atomic_fetch_add(&closes, 1);
	p->fd = -1;
}

/* All have one rate: with another one, an FE would get an error from a BE in use. */
static bool set_up(struct dpcm_pcm *p, int fe)
{
	int err = dpcm_open(p, fe);

	/* No BE is routed just now. */
	if (err == -EINVAL && dpcm_open_needs_be)
		return false;
	return fine("open", fe, err) && fine("hw_params", fe, dpcm_hw_params(p, RATE));
}

/* Plays one FE again and again. */
static void player(struct worker *w)
{
	struct dpcm_pcm p = { .fe = w->fe, .fd = -1 };

	if (!set_up(&p, w->fe))
		return;
	play(w, &p);
	close_it(&p);
}

/* Plays two FEs that are linked: an operation on one is done on both. */
static void pair(struct worker *w)
{
	struct dpcm_pcm p = { .fd = -1 }, q = { .fd = -1 };

	if (!set_up(&p, w->fe) || !set_up(&q, w->fe + 1)) {
		dpcm_close(&p);
		return;
	}
	fine("link", w->fe, dpcm_link(&p, &q));
	play(w, dice(w, 2) ? &p : &q);
	if (dice(w, 2))
		fine("unlink", w->fe, dpcm_unlink(&q));
	close_it(&p);
	close_it(&q);
}

/*
 * Switches the routes of every ROUTERS-th FE, and now and then suspends, stops and holds
 * streams of other threads. It takes an FE that plays, or one that has no route.
 */
static void router(struct worker *w)
{
	static unsigned int routes[FES];	/* a bit for each BE */
	int fe = w->fe + ROUTERS * dice(w, FES / ROUTERS), be = dice(w, dpcm.bes), tries;
	bool runs, on;
	int err;

	for (tries = 1; tries < FES / ROUTERS; tries++) {
		if (atomic_load(&playing[fe]) || !routes[fe])
			break;
		fe = (fe + ROUTERS) % FES;
	}
	runs = atomic_load(&playing[fe]);
	switch (dice(w, 64)) {
	case 0:
		dpcm_suspend_all();
		return;
	case 1:
	case 2:
		dpcm_stop_xrun(fe);
		return;
	case 3:
	case 4:
		dpcm_hold(fe, 500);
		return;
	}
	/* An FE seldom loses its last route: it would have to wait for the next. */
	if (routes[fe] == 1U << be && dice(w, 4))
		be = (be + 1) % dpcm.bes;
	on = !(routes[fe] & 1U << be);
	err = dpcm_route(fe, be, on);
	if (!fine("switch", fe, err) || err)
		return;
	routes[fe] ^= 1U << be;
	if (!runs || !atomic_load(&playing[fe]))
		return;
	atomic_fetch_add(&switches, 1);
	pthread_mutex_lock(&turn_lock);
	atomic_fetch_add(&switched[fe], 1);
	pthread_cond_broadcast(&turn);
	pthread_mutex_unlock(&turn_lock);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&ended)) {
		w->run(w);
		atomic_fetch_add(&w->moves, 1);
	}
	return NULL;
}

static void set_phase(const struct phase *p)
{
	static const char * const sleeping[] = {
		"startup", "hw_params", "prepare", "hw_free", "shutdown",
	};
	unsigned int i;
	int be, dir;

	for (be = 0; be < dpcm.bes; be++) {
		for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
			dpcm_delay(be, dir, "trigger", p->trigger_us);
			for (i = 0; i < ARRAY_SIZE(sleeping); i++)
				dpcm_delay(be, dir, sleeping[i], p->sleep_us);
		}
	}
	dpcm_period_us(p->period_us);
}

static bool start_worker(void (*run)(struct worker *w), int fe)
{
	struct worker *w = worker + workers;

	w->run = run;
	w->fe = fe;
	w->seed = first_seed * ARRAY_SIZE(worker) + workers;
	if (pthread_create(&w->thread, NULL, work, w))
		return false;
	workers++;
	return true;
}

static unsigned long all_moves(void)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i < workers; i++)
		n += atomic_load(&worker[i].moves);
	return n;
}

/* Why the run ended, or NULL when there was enough of everything */
static const char *watch(struct dpcm_log *log, unsigned long count, time_t limit)
{
	time_t begin = time(NULL), now, told = begin, moved = begin;
	unsigned long n = 0, moves = 0, last = -1UL, turn = 0, took;
	const char *splat;

	set_phase(phase);
	for (;;) {
		poll(NULL, 0, 200);
		now = time(NULL);
		n = atomic_load(&closes) + atomic_load(&switches);
		splat = dpcm_log_splat(log);
		if (splat)
			return splat;
		if (n >= count)
			return NULL;
		if (now - begin > limit)
			return "it took too long";
		moves = all_moves();
		if (moves != last)
			moved = now;
		else if (now - moved > STUCK_SECONDS)
			return "nothing moves any more";
		last = moves;
		if (n * PHASES / count != turn) {
			turn = n * PHASES / count;
			set_phase(phase + turn % ARRAY_SIZE(phase));
		}
		if (now - told >= 10) {
			told = now;
			took = now - begin;
			ksft_print_msg("%lu of %lu (%lu closes), %lu a second, about %lu s left\n",
				       n, count, atomic_load(&closes), n / took,
				       n ? (count - n) * took / n : 0);
		}
	}
}

/* All threads end; one that does not is named, and the rest is not safe then. */
static bool join_all(void)
{
	struct timespec end;
	bool ok = true;
	int i;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += STUCK_SECONDS + 10;
	for (i = 0; i < workers; i++) {
		if (!pthread_timedjoin_np(worker[i].thread, NULL, &end))
			continue;
		ksft_print_msg("thread %d (FE%d) hangs\n", i, worker[i].fe);
		ok = false;
	}
	return ok;
}

/*
 * Afterwards
 */

static bool no_faults(void)
{
	char words[1024] = "";
	int n = dpcm_faults(words, sizeof(words));

	if (n)
		ksft_print_msg("%d faults: %s\n", n, words);
	return !n;
}

static bool all_quiet(void)
{
	struct dpcm_state s;
	struct dpcm_be_state *b;
	bool ok = true;
	int be, dir;

	if (dpcm_read_state(&s))
		return false;
	for (be = 0; be < dpcm.bes; be++) {
		for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
			b = &s.be[be][dir];
			if (!b->open && b->run == DPCM_STOP && !b->heard &&
			    b->runtime == DPCM_NONE)
				continue;
			ksft_print_msg("BE%d %c: open %d, run %d, heard %#llx, runtime %d\n",
				       be, "pc"[dir], b->open, b->run,
				       (unsigned long long)b->heard, b->runtime);
			ok = false;
		}
	}
	return ok;
}

/* Remains of a wrong state show in the next stream. */
static bool plays_again(void)
{
	static const int fes[] = { 0, 4 };
	struct dpcm_pcm p = { .fd = -1 };
	struct dpcm_be_state *b;
	struct dpcm_state s;
	bool ok = true;
	int be, dir, err;

	for (be = 0; be < dpcm.bes; be++) {
		for (dir = DPCM_PLAY; dir <= DPCM_CAPT; dir++) {
			err = dpcm_route(fes[dir], be, true);
			err = err ? err : dpcm_up(&p, fes[dir], RATE);
			err = err ? err : dpcm_read_state(&s);
			b = &s.be[be][dir];
			if (err || b->run != DPCM_RUN || b->heard != 1ULL << fes[dir]) {
				ksft_print_msg("BE%d %c does not play: %s\n", be,
					       "pc"[dir], strerror(-err));
				ok = false;
			}
			dpcm_close(&p);
			dpcm_route(fes[dir], be, false);
		}
	}
	return all_quiet() && no_faults() && ok;
}

/* The core shows each link as a folder in that of its FE. */
static bool no_links_left(void)
{
	char path[128];
	struct dirent *entry;
	bool ok = true;
	DIR *dir;
	int fe;

	for (fe = 0; fe < dpcm.fes; fe++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/asoc/DPCMSim/FE%d", fe);
		dir = opendir(path);
		while (dir && (entry = readdir(dir))) {
			if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
				continue;
			ksft_print_msg("FE%d: link %s is left\n", fe, entry->d_name);
			ok = false;
		}
		if (dir)
			closedir(dir);
	}
	return ok;
}

static bool leak_command(const char *text)
{
	int fd = open(LEAKS, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Two scans: the first may meet a pointer that only a register held. */
static bool no_leaks(void)
{
	char line[256];
	bool ok = true;
	FILE *f;

	sleep(LEAK_AGE);
	if (!leak_command("scan") || !leak_command("scan"))
		return false;
	f = fopen(LEAKS, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strstr(line, "snd_") && !strstr(line, "dpcm"))
			continue;
		ksft_print_msg("leak: %s", line);
		ok = false;
	}
	if (f)
		fclose(f);
	return ok;
}

static unsigned long number(const char *text, const char *otherwise)
{
	char *end;
	unsigned long n = strtoul(text ? text : otherwise, &end, 0);

	if (*end || !n)
		ksft_exit_fail_msg("cannot read %s\n", text);
	return n;
}

static bool start_workers(void)
{
	return start_worker(router, 0) && start_worker(router, 1) &&
	       start_worker(player, 0) && start_worker(player, 1) &&
	       start_worker(pair, 2) && start_worker(player, 4) &&
	       start_worker(player, 5);
}

int main(int argc, char **argv)
{
	unsigned long count = number(argc > 1 ? argv[1] : getenv("DPCM_STRESS_COUNT"),
				     "20000");
	time_t limit = number(getenv("DPCM_STRESS_SECONDS"), "900");
	bool leaks = !access(LEAKS, W_OK), lockdep, joined;
	struct dpcm_log log;
	const char *why;

	first_seed = number(argc > 2 ? argv[2] : NULL, "1");
	dpcm_begin(CARD);
	if (!dpcm.sim || dpcm.fes != FES)
		ksft_exit_skip("needs the test card with %s\n", CARD);
	ksft_set_plan(8);
	lockdep = dpcm_lockdep_on();
	if (dpcm_log_open(&log))
		ksft_exit_fail_msg("no /dev/kmsg\n");
	if (leaks)
		leak_command("clear");
	dpcm_routes_off();
	dpcm_faults_clear();

	why = start_workers() ? watch(&log, count, limit) : "no threads";
	atomic_store(&ended, true);
	ksft_test_result(!why, "%lu closes and %lu switches of running streams, wanted %lu: %s\n",
			 atomic_load(&closes), atomic_load(&switches), count,
			 why ? why : "enough");
	dpcm_delay_clear();
	joined = join_all();
	ksft_test_result(joined, "all threads ended\n");
	if (!joined)
		ksft_exit_fail_msg("the card cannot be judged while a thread hangs\n");
	dpcm_period_us(0);
	dpcm_routes_off();

	ksft_test_result(!atomic_load(&wrong), "no call failed that must not\n");
	ksft_test_result(no_faults(), "no BE saw a protocol violation\n");
	ksft_test_result(all_quiet(), "all BEs are closed and quiet\n");
	ksft_test_result(plays_again(), "all BEs play again\n");
	if (leaks)
		ksft_test_result(no_links_left() && no_leaks(), "nothing is left (kmemleak)\n");
	else
		ksft_test_result(no_links_left(), "no link is left\n");
	why = why && strncmp(why, "it ", 3) ? why : dpcm_log_splat(&log);
	ksft_test_result(!why && dpcm_lockdep_on() == lockdep, "no splat%s%s\n",
			 why ? ": " : "", why ? why : "");
	ksft_finished();
}
