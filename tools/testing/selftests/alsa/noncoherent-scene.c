// SPDX-License-Identifier: GPL-2.0
/*
 * Shared by the tests of explicit sync, see noncoherent-scene.h.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

/* Of the NC1 drivers: bytes that a front end preallocates */
#define PREALLOC_KIB	256
#define MAX_CACHES	8
/* Whether consumed capture memory is handed back to the device, Y or N */
#define HAND_BACK	"/sys/module/snd_pcm/parameters/capture_hand_back"

/*
 * The kernel's log
 */

int sy_log_open(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0)
		ksft_exit_fail_msg("/dev/kmsg: %s\n", strerror(errno));
	lseek(log, 0, SEEK_END);
	return log;
}

const char *sy_log_splat(int log)
{
	static const char * const splats[] = {
		"BUG: ", "WARNING: ", "Unable to handle", "Internal error",
		"kernel BUG at", "refcount_t: ", "blocked for more than",
		"rcu: INFO",
	};
	static char found[512];
	char line[2048], *text;
	unsigned int i;
	ssize_t n;

	/* Each read is one record; EPIPE: some were overwritten. */
	found[0] = '\0';
	while ((n = read(log, line, sizeof(line) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		line[n < 0 ? 0 : n] = '\0';
		text = strchr(line, ';');
		for (i = 0; text && i < ARRAY_SIZE(splats); i++) {
			/* check-kcsan.sh decides whose functions race. */
			if (found[0] || !strstr(text, splats[i]) || strstr(text, "BUG: KCSAN"))
				continue;
			text[strcspn(text, "\n")] = '\0';
			snprintf(found, sizeof(found), "%s", text + 1);
		}
	}
	return found[0] ? found : NULL;
}

/*
 * The card as it was
 */

int sy_prealloc(const char *card, int device, bool playback, int sub,
		unsigned int kib)
{
	char path[96];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/asound/%s/pcm%d%c/sub%d/prealloc",
		 card, device, playback ? 'p' : 'c', sub);
	f = fopen(path, "w");
	err = f ? 0 : -errno;
	if (f) {
		fprintf(f, "%u\n", kib);
		if (fclose(f))
			err = -errno;
	}
	if (err)
		ksft_print_msg("%s: %s\n", path, strerror(-err));
	return err;
}

int sy_fresh(int fe)
{
	return sy_prealloc(nc_card(), fe, fe < FE4, 0, 0) ? :
	       sy_prealloc(nc_card(), fe, fe < FE4, 0, PREALLOC_KIB);
}

static const char *cache = "arm";	/* of all tests */
static char handed_back;		/* as it was, or 0 if the kernel has no such thing */
static bool hands_back;			/* now */

static int hand_back(char yes)
{
	FILE *f = fopen(HAND_BACK, "w");

	if (!f)
		return -errno;
	fputc(yes, f);
	return fclose(f) ? -errno : 0;
}

bool sy_hands_back(void)
{
	return hands_back;
}

bool sy_cache(const char *name)
{
	int err = nc_sim_choose("cache", name);

	hands_back = !strcmp(name, "mips");
	/* The stock kernel cannot be told to. */
	if (!err && handed_back)
		err = hand_back(hands_back ? 'Y' : handed_back);
	return !err || sy_wrong("a cache as that of %s: %s\n", name, strerror(-err));
}

int sy_reset(void)
{
	if (!sy_cache(cache))
		return -EINVAL;
	return nc_sim_set("evict", 0) ? : nc_sim_set("refill", 0) ? :
	       nc_routes_off() ? : nc_route("I2S0", "FE0", true) ? :
	       nc_route("FE4", "I2S1", true) ? :
	       sy_fresh(FE0) ? : sy_fresh(FE4) ? : nc_sync_zero();
}

void sy_begin(void)
{
	FILE *f;

	nc_begin();
	if (nc_need_sync() != 1)
		ksft_exit_skip("this device needs no sync, or nothing tells\n");
	nc_clock_steps();
	f = fopen(HAND_BACK, "r");
	if (f && fscanf(f, "%c", &handed_back) != 1)
		handed_back = 0;
	if (f)
		fclose(f);
}

/*
 * Streams
 */

bool sy_ok(const char *what, long err)
{
	return err >= 0 || sy_wrong("%s: %s\n", what, strerror(-err));
}

bool sy_open(struct raw_pcm *p, int fe, bool mmap, unsigned long period,
	     unsigned long buffer)
{
	return sy_ok("open", raw_open(p, nc_card(), fe, fe < FE4)) &&
	       sy_ok("hw_params", raw_hw_params(p, mmap, period, buffer)) &&
	       sy_ok("sw_params", raw_sw_params(p, buffer, 0, 0)) &&
	       (!mmap || sy_ok("mmap", raw_map(p))) &&
	       sy_ok("prepare", raw_prepare(p));
}

bool sy_step(unsigned int frames)
{
	return nc_clock_step(frames, RAW_RATE) || sy_wrong("the clock does not step\n");
}

static bool hogging;

static int write_sysctl(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;

	return f && !fclose(f) && ok ? 0 : -1;
}

bool sy_hog(bool (*run)(void))
{
	static const char throttle[] = "/proc/sys/kernel/sched_rt_runtime_us";
	const struct sched_param first = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	const struct sched_param other = { 0 };
	bool ok;

	if (write_sysctl(throttle, "-1\n") || sched_setscheduler(0, SCHED_FIFO, &first))
		return sy_wrong("no real-time priority: %s\n", strerror(errno));
	hogging = true;
	ok = run();
	hogging = false;
	return !sched_setscheduler(0, SCHED_OTHER, &other) &&
	       !write_sysctl(throttle, "950000\n") && ok;
}

/* Not less than that time, however slow the machine is */
static bool let_pass(long ns)
{
	struct timespec t = { .tv_nsec = ns }, begin, now;

	if (!hogging) {
		while (nanosleep(&t, &t))
			if (errno != EINTR)
				return sy_wrong("nanosleep: %s\n", strerror(errno));
		return true;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000000000LL + now.tv_nsec - begin.tv_nsec < ns);
	return true;
}

bool sy_pass_at(unsigned int rate, unsigned int frames, unsigned int piece)
{
	unsigned int n;

	for (; frames; frames -= n) {
		n = frames < piece ? frames : piece;
		if (!let_pass(n * (1000000000LL / rate)) ||
		    (!nc_clock_step(n, rate) && !sy_wrong("the clock does not step\n")))
			return false;
	}
	return true;
}

bool sy_pass(unsigned int frames, unsigned int piece)
{
	return sy_pass_at(RAW_RATE, frames, piece);
}

bool sy_give(struct raw_pcm *p, struct nc_stream *play, size_t frames)
{
	long n = frames;

	if (p->mmap) {
		raw_put(p, p->appl, nc_frame(play, play->pos), frames);
		if (!sy_ok("commit", raw_commit(p, frames)))
			return false;
	} else {
		n = raw_write(p, nc_frame(play, play->pos), frames);
		if (!sy_ok("write", n))
			return false;
		/* There was room: the caller has looked. */
		if (n != (long)frames)
			return sy_wrong("wrote %ld of %zu frames\n", n, frames);
		if (!sy_ok("sync_ptr", raw_peek(p)))
			return false;
	}
	play->pos += frames;
	return true;
}

bool sy_give_all(struct raw_pcm *p, struct nc_stream *play, size_t piece)
{
	size_t n;

	if (!sy_ok("sync_ptr", raw_peek(p)))
		return false;
	while (play->pos < play->frames) {
		n = play->frames - play->pos < piece ? play->frames - play->pos : piece;
		if (raw_avail(p) >= n) {
			if (!sy_give(p, play, n))
				return false;
			continue;
		}
		if (p->state == RAW_PREPARED && !sy_ok("start", raw_start(p)))
			return false;
		if (!sy_step(64) || !sy_ok("sync_ptr", raw_update(p)))
			return false;
	}
	return p->state != RAW_PREPARED || sy_ok("start", raw_start(p));
}

bool sy_pattern(struct nc_stream *play, size_t frames, uint32_t seed)
{
	memset(play, 0, sizeof(*play));
	snprintf(play->name, sizeof(play->name), "the pattern");
	play->cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_FORMAT_S16_LE,
			   RAW_FRAME / 2, RAW_RATE);
	play->frame_bytes = RAW_FRAME;
	play->frames = frames;
	play->data = calloc(frames, RAW_FRAME);
	if (!play->data)
		return sy_wrong("no memory\n");
	nc_fill(play, seed);
	return true;
}

/* The bench's buffer holds all of it: it need not be read while time passes. */
static struct nc_cfg bench_cfg(size_t frames)
{
	struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED,
				   SND_PCM_FORMAT_S16_LE, RAW_FRAME / 2, RAW_RATE);

	/* The bench gets four times this, in periods of 10 ms. */
	cfg.buffer = (frames / 4 / 480 + 2) * 480;
	return cfg;
}

bool sy_listen(struct nc_stream *rec, size_t frames)
{
	struct nc_cfg cfg = bench_cfg(frames);

	return !nc_open_bench(rec, &nc_board.out[0], &cfg, frames) &&
	       !nc_start(rec);
}

bool sy_feed(struct nc_stream *play, size_t frames, uint32_t seed)
{
	struct nc_cfg cfg = bench_cfg(frames);

	if (nc_open_bench(play, &nc_board.in[0], &cfg, frames))
		return false;
	nc_fill(play, seed);
	return !nc_start(play);
}

bool sy_collect(struct nc_stream *rec)
{
	snd_pcm_sframes_t n = snd_pcm_avail(rec->pcm);

	if (n > 0 && (size_t)n > rec->frames - rec->pos)
		n = rec->frames - rec->pos;
	if (n > 0)
		n = snd_pcm_readi(rec->pcm, nc_frame(rec, rec->pos), n);
	if (n < 0)
		return sy_wrong("%s: %s\n", rec->name, snd_strerror(n));
	rec->pos += n;
	return true;
}

bool sy_records(struct raw_pcm *p, const struct nc_stream *play, size_t frames)
{
	struct nc_stream rec;
	size_t first;
	long n;

	if (!sy_pattern(&rec, frames, 3) || !sy_ok("start", raw_start(p)))
		return false;
	while (raw_avail(p) < frames)
		if (!sy_step(64) || !sy_ok("status", raw_status(p)))
			return false;
	memset(rec.data, 0, frames * RAW_FRAME);
	n = raw_read(p, rec.data, frames);
	if (!sy_ok("read", n))
		return false;
	rec.pos = n;
	first = nc_next_sound(&rec, 0);
	return nc_same(&rec, first, play, frames - first);
}

bool sy_hears(struct nc_stream *rec, const struct nc_stream *play, size_t frames)
{
	if (!sy_collect(rec))
		return false;
	return nc_same(rec, nc_next_sound(rec, 0), play, frames);
}

/*
 * Counters of the simulator
 */

bool sy_zero_counters(void)
{
	return !nc_sync_zero();
}

bool sy_costs(const char *what, unsigned long long lines, size_t audio,
	      unsigned int percent)
{
	unsigned long long bytes = lines * NC_LINE;

	if (!audio)
		return sy_wrong("%s: nothing moved\n", what);
	ksft_print_msg("%s: %llu bytes of maintenance for %zu of audio: %llu.%02llu\n",
		       what, bytes, audio, bytes / audio, bytes * 100 / audio % 100);
	if (hands_back)
		ksft_print_msg("%s: not judged with this cache\n", what);
	return hands_back || bytes * 100 <= (unsigned long long)audio * percent ||
	       sy_wrong("%s: more than %u.%02u\n", what, percent / 100, percent % 100);
}

bool sy_nothing_stale(void)
{
	struct nc_stale stale;

	if (nc_stale_read(&stale))
		return false;
	if (stale.fe0 || stale.fetch || stale.spoilt)
		return sy_wrong("%llu bytes stale at FE0, %llu at the bench; %llu spoilt\n",
				stale.fe0, stale.fetch, stale.spoilt);
	return true;
}

/*
 * Each test in a process of its own: whatever it leaves open goes with it.
 */

bool sy_alone(bool (*run)(const void *arg), const void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return sy_wrong("fork: %s\n", strerror(errno));
	if (!pid) {
		bool ok = !sy_reset() && run(arg);

		fflush(NULL);
		_exit(!ok);
	}
	if (waitpid(pid, &status, 0) != pid)
		return sy_wrong("wait: %s\n", strerror(errno));
	if (WIFSIGNALED(status))
		return sy_wrong("killed by signal %d\n", WTERMSIG(status));
	return !WEXITSTATUS(status);
}

static bool run_test(const void *arg)
{
	const struct sy_test *t = arg;

	return t->run();
}

static bool is_chosen(const struct sy_test *t, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], t->name))
			return true;
	return argc == 1;
}

static struct {
	const char *name;
	const char * const *tests;
} left_out[4];

void sy_leave_out(const char *name, const char * const *tests)
{
	unsigned int i = 0;

	while (left_out[i].tests)
		i++;
	left_out[i].name = name;
	left_out[i].tests = tests;
}

static bool is_left_out(const struct sy_test *t, const char *name)
{
	const char * const *test;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(left_out); i++) {
		if (left_out[i].name ? strcmp(left_out[i].name, name) : !strcmp(name, "arm"))
			continue;
		for (test = left_out[i].tests; test && *test; test++)
			if (!fnmatch(*test, t->name, 0))
				return true;
	}
	return false;
}

static void run_with(const char *name, const struct sy_test *tests, int count, int argc,
		     char **argv)
{
	bool arm = !strcmp(name, "arm");
	int i;

	cache = name;
	for (i = 0; i < count; i++) {
		if (!is_chosen(&tests[i], argc, argv))
			continue;
		if (is_left_out(&tests[i], name))
			ksft_print_msg("left out with %s: %s\n", name, tests[i].name);
		else
			ksft_test_result(sy_alone(run_test, &tests[i]), "%s%s%s: %s\n",
					 arm ? "" : name, arm ? "" : " ",
					 tests[i].name, tests[i].title);
	}
}

/* "-l" lists the tests, names choose some of them. */
int sy_main(int argc, char **argv, const struct sy_test *tests, int count)
{
	char *names[MAX_CACHES] = { "arm" }, *env = getenv("NONCOHERENT_MODE"), *name;
	int i, k, n = 0, caches = 1;

	if (argc == 2 && !strcmp(argv[1], "-l")) {
		for (i = 0; i < count; i++)
			printf("%s\n", tests[i].name);
		return 0;
	}
	if (env && *env) {
		caches = 0;
		for (name = strtok(strdup(env), ","); name && caches < MAX_CACHES;
		     name = strtok(NULL, ","))
			names[caches++] = name;
	}
	for (k = 0; k < caches; k++)
		for (i = 0; i < count; i++)
			n += is_chosen(&tests[i], argc, argv) &&
			     !is_left_out(&tests[i], names[k]);
	sy_begin();
	if (!n)
		ksft_exit_fail_msg("no such test; -l lists them\n");
	ksft_set_plan(n);
	for (k = 0; k < caches; k++)
		run_with(names[k], tests, count, argc, argv);
	sy_cache("arm");
	nc_routes_off();
	ksft_finished();
	return 0;
}
