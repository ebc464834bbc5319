// SPDX-License-Identifier: GPL-2.0
/*
 * Scenes on a DPCM card: the operations and the expected state after them, see
 * dpcm-scene.h; and the program around the tests.
 *
 * Each test is a process of its own. If a kernel bug kills or hangs it, the test has
 * failed, and the next ones run, if the kernel still can. The card is loaded again
 * after each scene that failed, as counters may have leaked. That takes seconds, so it
 * is not done after scenes that passed.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-scene.h"
#include "tracefs.h"

#define TEST_MS		90000
#define KILL_MS		5000

struct dpcm_pcm scene_pcm[DPCM_MAX_FE];

static const char *scene_parameters;
/* The card that the last process left: its parameters, or "?" after a failure */
static char *scene_loaded;
#define LOADED_SIZE	64

static void forget_loaded(void)
{
	snprintf(scene_loaded, LOADED_SIZE, "?");
}

static struct dpcm_log scene_log = { .fd = -1 };
/* The text that ran last, for messages */
static char scene_text[256];
static int threads_begun;

bool scene_wrong(const char *fmt, ...)
{
	va_list args;

	printf("# after \"%s\": ", scene_text);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	return false;
}

void scene_skip(const char *why)
{
	ksft_print_msg("SKIP: %s\n", why);
	exit(KSFT_SKIP);
}

/*
 * Operations
 */

/* Marks the operation of the events in a trace. */
static void scene_mark(const char *op, int length)
{
	char mark[16];

	snprintf(mark, sizeof(mark), "%.*s", length, op);
	tracefs_mark(mark);
}

static bool operate(const char *text, int length, const struct op *op)
{
	int left, err;

	if (op->kind == 'z' && !dpcm_can_sleep())
		scene_skip("the card cannot sleep");
	scene_mark(text, length);
	err = ops_execute(op, scene_pcm, &left);
	if (op->suffix == '!' && !err)
		return scene_wrong("%.*s did not fail", length, text);
	if (!op->suffix && err)
		return scene_wrong("%.*s: %s", length, text, strerror(-err));
	return true;
}

bool scene(const char *text)
{
	const char *at;
	struct op op;
	int length;

	snprintf(scene_text, sizeof(scene_text), "%s", text);
	for (at = ops_skip(text); *at; at = ops_skip(at + length)) {
		length = ops_parse_one(at, &op);
		if (length < 0)
			return scene_wrong("\"%s\" is no operation", at);
		if (!operate(at, length, &op))
			return false;
	}
	return true;
}

/*
 * Expected state
 */

static const char * const run_name[] = {
	[DPCM_STOP] = "stop",
	[DPCM_RUN] = "run",
	[DPCM_PAUSE] = "pause",
	[DPCM_SUSPEND] = "suspend",
};

/* The word about one BE */
struct expected {
	bool open;
	enum dpcm_run run;
	uint64_t heard;
	unsigned int rate;
};

/* The word of the text at @at, which moves on */
static bool parse_word(const char **at, struct expected list[][2])
{
	int be = **at - '0', fe, dir;
	struct expected *e;
	unsigned int i;

	if (be < 0 || be >= 2 * dpcm.bes || (*at)[1] != '=')
		return false;
	dir = be >= dpcm.bes ? DPCM_CAPT : dpcm_dir(ops_base);
	e = &list[be % dpcm.bes][dir];
	e->open = true;
	*at += 2;
	for (i = 0; i < ARRAY_SIZE(run_name); i++)
		if (!strncmp(*at, run_name[i], strlen(run_name[i])))
			e->run = i;
	*at += strlen(run_name[e->run]);
	if (**at == '/')
		while ((fe = ops_parse_fe(*++*at)) >= 0)
			e->heard |= UINT64_C(1) << fe;
	if (**at == '@')
		e->rate = strtoul(*at + 1, (char **)at, 10);
	return !**at || ops_skip(*at) != *at;
}

static bool check_be(int be, const struct dpcm_be_state *s,
		     const struct expected *e)
{
	if (s->open != e->open || s->run != e->run || s->heard != e->heard)
		return scene_wrong("BE%d is %s, %s, hears 0x%llx; expected %s, %s, 0x%llx",
				   be, s->open ? "open" : "closed",
				   run_name[s->run],
				   (unsigned long long)s->heard,
				   e->open ? "open" : "closed",
				   run_name[e->run],
				   (unsigned long long)e->heard);
	if (s->runtime == DPCM_STALE)
		return scene_wrong("BE%d points to the runtime of no stream",
				   be);
	if (!s->open && s->runtime != DPCM_NONE)
		return scene_wrong("BE%d is closed and points to FE%d's runtime",
				   be, s->runtime);
	if (e->rate && s->is.rate != e->rate)
		return scene_wrong("BE%d is at %u Hz instead of %u", be,
				   s->is.rate, e->rate);
	return true;
}

/* A stream that is suspended while paused stays paused in hardware. */
static bool check_fe(int fe, const struct dpcm_fe_state *s)
{
	struct dpcm_pcm *p = &scene_pcm[fe];
	int state = p->fd < 0 ? SNDRV_PCM_STATE_OPEN : dpcm_pcm_state(p);
	bool ok;

	if (dpcm_is_compressed(fe))
		return true;
	switch (state) {
	case SNDRV_PCM_STATE_RUNNING:
	case SNDRV_PCM_STATE_DRAINING:
		ok = s->run == DPCM_RUN;
		break;
	case SNDRV_PCM_STATE_PAUSED:
		ok = s->run == DPCM_PAUSE;
		break;
	case SNDRV_PCM_STATE_SUSPENDED:
		ok = s->run != DPCM_RUN;
		break;
	default:
		ok = s->run == DPCM_STOP;
		break;
	}
	if (!ok)
		return scene_wrong("FE%d's DMA is in %s, its PCM in state %d",
				   fe, run_name[s->run], state);
	return true;
}

static bool no_faults(void)
{
	char words[512];
	int n = dpcm_faults(words, sizeof(words)), end;

	for (end = strlen(words); end && words[end - 1] == '\n';)
		words[--end] = '\0';
	for (; end; end--)
		if (words[end] == '\n')
			words[end] = ';';
	if (n)
		return scene_wrong("%d faults: %s", n, words);
	return true;
}

bool scene_expect(const char *text)
{
	struct expected list[DPCM_MAX_BE][2] = { 0 };
	const char *at;
	struct dpcm_state s;
	bool ok = true;
	int i, err;

	for (at = ops_skip(text); *at; at = ops_skip(at))
		if (!parse_word(&at, list))
			return scene_wrong("\"%s\" cannot be expected", text);
	err = dpcm_read_state(&s);
	if (err)
		return scene_wrong("no state: %s", strerror(-err));
	for (i = 0; i < dpcm.bes; i++) {
		ok &= check_be(i, &s.be[i][DPCM_PLAY], &list[i][DPCM_PLAY]);
		ok &= check_be(i, &s.be[i][DPCM_CAPT], &list[i][DPCM_CAPT]);
	}
	for (i = 0; i < dpcm.fes; i++)
		ok &= check_fe(i, &s.fe[i]);
	return no_faults() && ok;
}

bool scene_then(const char *text, const char *expected)
{
	return scene(text) && scene_expect(expected);
}

/*
 * Begin and end
 */

static bool is_unused(void *unused)
{
	FILE *f = fopen("/sys/module/snd_soc_dpcm_sim/refcnt", "re");
	int count = 0;

	if (!f)
		return true;
	if (fscanf(f, "%d", &count) != 1)
		count = -1;
	fclose(f);
	return !count;
}

bool scene_end(void)
{
	const char *splat;
	bool ok = true;
	int fe, err;

	if (!dpcm.sim)
		return true;
	dpcm_delay_clear();
	dpcm_fail_clear();
	for (fe = 0; fe < DPCM_MAX_FE; fe++)
		dpcm_close(&scene_pcm[fe]);
	err = dpcm_routes_off();
	if (err)
		ok = scene_wrong("switches off: %s", strerror(-err));
	strncat(scene_text, ", all closed",
		sizeof(scene_text) - strlen(scene_text) - 1);
	ok &= scene_expect("");
	splat = dpcm_log_splat(&scene_log);
	if (splat)
		ok = scene_wrong("%s", splat);
	/* A BE that was opened more often than closed keeps the module. */
	dpcm_forget();
	if (!dpcm_poll(is_unused, NULL, 2000))
		ok = scene_wrong("the module is still in use");
	if (!ok)
		forget_loaded();
	return ok;
}

bool scene_reset_with(const char *parameters)
{
	int err;

	parameters = parameters ? : "";
	threads_begun = 0;
	snprintf(scene_text, sizeof(scene_text), "begin");
	ops_base = 0;
	if (strcmp(parameters, scene_loaded)) {
		forget_loaded();
		err = dpcm_load(parameters);
	} else {
		err = dpcm_find();
	}
	if (err)
		return scene_wrong("cannot load the card with \"%s\": %s",
				   parameters, strerror(-err));
	snprintf(scene_loaded, LOADED_SIZE, "%s", parameters);
	return true;
}

bool scene_reset(void)
{
	return scene_reset_with(scene_parameters);
}

bool scene_each(const scene_call *scenes, int count)
{
	bool ok = true;
	int i;

	for (i = 0; i < count; i++) {
		if (i && !scene_reset())
			return false;
		if (!scenes[i]()) {
			forget_loaded();
			ok = false;
		}
		ok &= scene_end();
	}
	return ok;
}

/*
 * Threads
 *
 * Some of them spin in the kernel with interrupts off until another one has done
 * its part. A thread that the scheduler puts on the CPU of one that spins never
 * begins, as it is not moved to another CPU. So each gets a CPU: the first one is for
 * the main thread of the scene, the others are used in turn.
 */

static void use_cpu(cpu_set_t *set, int n)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	CPU_ZERO(set);
	CPU_SET(n && cpus > 1 ? 1 + (n - 1) % (cpus - 1) : 0, set);
}

static void *thread(void *arg)
{
	struct scene_thread *t = arg;

	t->result = t->call(t->fe, t->arg);
	atomic_store(&t->done, true);
	return NULL;
}

bool scene_begin(struct scene_thread *t, int (*call)(int fe, int arg), int fe,
		 int arg)
{
	pthread_attr_t attr;
	cpu_set_t cpu;
	int err;

	t->call = call;
	t->fe = fe;
	t->arg = arg;
	atomic_store(&t->done, false);
	use_cpu(&cpu, ++threads_begun);
	pthread_attr_init(&attr);
	err = pthread_attr_setaffinity_np(&attr, sizeof(cpu), &cpu);
	err = err ? : pthread_create(&t->thread, &attr, thread, t);
	pthread_attr_destroy(&attr);
	return !err || scene_wrong("no thread: %s", strerror(err));
}

int scene_join(struct scene_thread *t)
{
	pthread_join(t->thread, NULL);
	return t->result;
}

/*
 * The program
 */

/* In the child: KSFT_PASS, KSFT_FAIL or KSFT_SKIP */
static int run_here(const struct scene_test *test)
{
	cpu_set_t cpu;
	bool ok;
	int fe;

	for (fe = 0; fe < DPCM_MAX_FE; fe++)
		scene_pcm[fe].fd = -1;
	if (sysconf(_SC_NPROCESSORS_ONLN) < test->cpus)
		scene_skip("it needs more CPUs");
	scene_parameters = test->parameters;
	use_cpu(&cpu, 0);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		scene_skip("it cannot choose its CPU");
	dpcm_log_open(&scene_log);
	ok = scene_reset();
	if (ok) {
		ok = test->run();
		if (!ok)
			forget_loaded();
		ok = scene_end() && ok;
	}
	return ok ? KSFT_PASS : KSFT_FAIL;
}

struct child {
	pid_t pid;
	int status;
};

static bool has_ended(void *arg)
{
	struct child *child = arg;

	return waitpid(child->pid, &child->status, WNOHANG) == child->pid;
}

/* False if the child cannot even be killed: nothing can run after that. */
static bool run_test(const struct scene_test *test)
{
	struct child child;

	fflush(stdout);
	child.pid = fork();
	if (child.pid < 0)
		ksft_exit_fail_msg("fork: %s\n", strerror(errno));
	if (!child.pid)
		exit(run_here(test));

	if (!dpcm_poll(has_ended, &child, TEST_MS)) {
		kill(child.pid, SIGKILL);
		ksft_print_msg("it hangs\n");
		if (!dpcm_poll(has_ended, &child, KILL_MS)) {
			ksft_test_result_fail("%s: %s\n", test->name,
					      test->title);
			return false;
		}
	}
	if (WIFSIGNALED(child.status))
		ksft_print_msg("it was killed by signal %d\n",
			       WTERMSIG(child.status));
	if (!WIFEXITED(child.status) || WEXITSTATUS(child.status) != KSFT_PASS)
		forget_loaded();
	if (!WIFEXITED(child.status) || WEXITSTATUS(child.status) == KSFT_FAIL)
		ksft_test_result_fail("%s: %s\n", test->name, test->title);
	else if (WEXITSTATUS(child.status) == KSFT_SKIP)
		ksft_test_result_skip("%s: %s\n", test->name, test->title);
	else
		ksft_test_result_pass("%s: %s\n", test->name, test->title);
	return true;
}

static bool is_chosen(const struct scene_test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], test->name))
			return true;
	return argc == 1;
}

/* All tests, or those that the arguments name; -l lists the names. */
int scene_main(int argc, char **argv, const struct scene_test *tests, int count)
{
	int i, n = 0, err;

	if (argc == 2 && !strcmp(argv[1], "-l")) {
		for (i = 0; i < count; i++)
			printf("%s\n", tests[i].name);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	for (i = 0; i < count; i++)
		n += is_chosen(&tests[i], argc, argv);
	if (!n)
		ksft_exit_fail_msg("no such test; -l lists them\n");
	scene_loaded = mmap(NULL, LOADED_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scene_loaded == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	err = dpcm_load(NULL);
	if (err)
		ksft_exit_skip("no DPCM test card: %s\n", strerror(-err));
	dpcm_forget();
	ksft_set_plan(n);
	for (i = 0; i < count; i++) {
		if (!is_chosen(&tests[i], argc, argv))
			continue;
		if (!run_test(&tests[i]))
			ksft_exit_fail_msg("%s cannot be killed\n",
					   tests[i].name);
	}
	ksft_finished();
	return 0;
}
