// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: modules are removed, and loaded again.
 *
 * While a stream plays the removal of any of the drivers must fail, and the
 * stream must go on undisturbed. When no stream is open all of them
 * can be removed, and loaded again from /lib/modules, and the sound is exact.
 *
 * nc-modules: once. nc-modules ROUNDS: removed and loaded ROUNDS times.
 *
 * For example it finds a module that can be removed under a running stream,
 * a reference that is never given back, and anything that is left over from
 * the first life of a module and stops the second.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

/* Loaded in this order; what uses others comes after them. */
static struct module {
	const char *name;
	char file[256];
	bool removed;
	int err;
} modules[] = {
	{ .name = "snd_soc_nc1_block" },
	{ .name = "snd_soc_nc1_sim" },
	{ .name = "snd_soc_nc1_fe" },
	{ .name = "snd_soc_nc1_xbar" },
	{ .name = "snd_soc_nc1_port" },
	{ .name = "snd_soc_audio_graph_card2" },
};

static int remove_module(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

static int load_module(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	close(fd);
	return err;
}

static bool is_loaded(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	return !access(path, F_OK);
}

/* Files are named with dashes or underscores, modules with underscores. */
static int note_module_file(const char *path, const struct stat *st, int type,
			    struct FTW *at)
{
	const char *file = path + at->base;
	unsigned int i;
	size_t n;

	(void)st;
	if (type != FTW_F)
		return 0;
	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		for (n = 0; file[n] && file[n] != '.'; n++)
			if (modules[i].name[n] !=
			    (file[n] == '-' ? '_' : file[n]))
				break;
		if (!modules[i].name[n] && !strcmp(file + n, ".ko"))
			snprintf(modules[i].file, sizeof(modules[i].file),
				 "%s", path);
	}
	return 0;
}

/* The first module that cannot be tested, or NULL */
static const char *find_modules(void)
{
	struct utsname uts;
	char path[96];
	unsigned int i;

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%.64s", uts.release);
	nftw(path, note_module_file, 16, FTW_PHYS);
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		if (!modules[i].file[0] || !is_loaded(modules[i].name))
			return modules[i].name;
	return NULL;
}

/* Every module must be in use. The last one is tried first, as rmmod would. */
static void *try_removal(void *arg)
{
	unsigned int i;

	for (i = ARRAY_SIZE(modules); i--;)
		modules[i].err = remove_module(modules[i].name);
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

static bool removal_refused(void)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		if (modules[i].err == -EWOULDBLOCK || modules[i].err == -EBUSY)
			continue;
		ksft_print_msg("%s, in use: %s\n", modules[i].name,
			       modules[i].err ? strerror(-modules[i].err) :
			       "removed");
		ok = false;
	}
	return ok;
}

/*
 * Removal is tried in a thread of its own: if it does not fail, it waits until
 * the stream is closed.
 */
static void in_use(void)
{
	struct nc_cfg cfg = nc_slow_cfg();
	struct nc_stream play, rec = { 0 };
	struct nc_stream *set[] = { &rec, &play };
	bool refused = false, exact;
	atomic_bool done = false;
	pthread_t thread;
	int err;

	err = nc_open_fe(&play, &nc_board.play[0], &cfg, 3 * cfg.rate);
	if (!err)
		err = nc_open_bench(&rec, &nc_board.out[0], &cfg, play.frames);
	if (!err) {
		nc_fill(&play, 1);
		err = nc_start_all(set, 2);
	}
	while (!err && play.pos < 2 * cfg.buffer)
		err = nc_pump(set, 2);
	if (!err)
		err = -pthread_create(&thread, NULL, try_removal, &done);
	if (err)
		ksft_exit_fail_msg("no stream to remove modules from\n");
	while (!err && !play.finished)
		err = nc_pump(set, 2);
	exact = !err && !nc_tail(set, 2) && nc_heard(&rec, &play);
	if (!atomic_load(&done))
		ksft_print_msg("the removal waits for the end of the stream\n");
	else
		refused = removal_refused();
	nc_close(&play);
	nc_close(&rec);
	/* An open control device is a use, too. */
	nc_ctl_close();
	pthread_join(thread, NULL);
	ksft_test_result(refused, "playing: no module can be removed\n");
	ksft_test_result(exact, "playing: the stream goes on exact\n");
}

/* In rounds, because a module may be used by one that comes before it. */
static bool remove_all(void)
{
	unsigned int i, left = ARRAY_SIZE(modules), before;

	do {
		before = left;
		for (i = ARRAY_SIZE(modules); i--;) {
			if (modules[i].removed)
				continue;
			modules[i].removed = !remove_module(modules[i].name);
			left -= modules[i].removed;
		}
	} while (left && left < before);
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		if (!modules[i].removed)
			ksft_print_msg("%s is still in use\n", modules[i].name);
	return !left;
}

static bool load_all(void)
{
	bool ok = true;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		if (!modules[i].removed)
			continue;
		err = load_module(modules[i].file);
		if (err)
			ksft_print_msg("%s: %s\n", modules[i].file,
				       strerror(-err));
		modules[i].removed = err;
		ok &= !err;
	}
	return ok;
}

static bool plays_exact(void)
{
	const struct nc_end *fe = nc_board.play, *port = nc_board.out;
	struct nc_cfg cfg = nc_slow_cfg();
	struct nc_stream play;
	bool ok;

	if (!nc_wait(nc_cards_present) || nc_join(fe, port, true) ||
	    nc_open_fe(&play, fe, &cfg, nc_some_frames(&cfg)))
		return false;
	/* No machine is too busy for it. */
	nc_clock_steps();
	ok = nc_plays_exact(&play, port, 2);
	nc_close(&play);
	nc_clock_runs();
	return ok;
}

static bool many_rounds(unsigned long rounds)
{
	unsigned long i;

	for (i = 0; i < rounds; i++) {
		/* An open control device is a use. */
		nc_ctl_close();
		if (!remove_all() || !load_all() || !plays_exact()) {
			ksft_print_msg("round %lu\n", i);
			return false;
		}
		ksft_print_msg("%lu of %lu\n", i + 1, rounds);
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	const char *missing;
	bool ok;

	nc_begin();
	missing = find_modules();
	if (missing)
		ksft_exit_skip("%s is not a loaded module\n", missing);
	if (argc > 1) {
		if (!rounds)
			ksft_exit_fail_msg("cannot read %s\n", argv[1]);
		ksft_set_plan(1);
		ok = many_rounds(rounds);
		ksft_test_result(ok, "all modules removed and loaded %lu times: exact\n", rounds);
		nc_routes_off();
		ksft_finished();
	}
	ksft_set_plan(5);
	if (nc_routes_off() || nc_join(&nc_board.play[0], &nc_board.out[0], true))
		ksft_exit_fail_msg("no crossbar switches\n");

	in_use();
	ksft_test_result(remove_all(), "idle: all modules can be removed\n");
	ksft_test_result(load_all(), "idle: all modules can be loaded again\n");
	ksft_test_result(plays_exact(), "loaded again: exact\n");
	nc_routes_off();
	ksft_finished();
}
