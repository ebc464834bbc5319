// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: every driver is unbound while sound plays and is recorded.
 *
 * One thread unbinds the driver from its device through sysfs while the main
 * thread keeps one front end playing and one recording. Both streams must end with
 * an error in bounded time, the unbinding must return once they are closed, and
 * when all drivers are bound again the card must be registered again by itself and
 * play exactly.
 *
 * nc-unbind: each device once. nc-unbind ROUNDS [SEED]: ROUNDS times, in random order.
 *
 * For example it finds a stream that hangs when its card goes away, a DMA
 * channel or a callback that is used after it was freed (with KASAN), a probe
 * that fails the second time, and a card that does not come back.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

#define DRIVERS		"/sys/bus/platform/drivers/"
#define MAX_DEVICES	16

/*
 * In this order everything is bound again. The simulator is not among them: it
 * is the silicon, and silicon is not unbound.
 */
static const char * const drivers[] = {
	"nc1-xbar", "nc1-fe", "nc1-port", "asoc-audio-graph-card2",
};

struct device {
	const char *driver;
	char name[64];
	int err;		/* of the unbinding */
};

static struct device device[MAX_DEVICES];
static int devices;

/* Bound devices are the links in a driver's directory, but for its module. */
static void find_devices(const char *driver)
{
	struct dirent *d;
	char path[96];
	DIR *dir;

	snprintf(path, sizeof(path), DRIVERS "%s", driver);
	dir = opendir(path);
	while (dir && devices < MAX_DEVICES && (d = readdir(dir))) {
		if (d->d_type != DT_LNK || !strcmp(d->d_name, "module"))
			continue;
		device[devices].driver = driver;
		snprintf(device[devices].name, sizeof(device[devices].name),
			 "%.63s", d->d_name);
		devices++;
	}
	if (dir)
		closedir(dir);
}

static bool is_bound(const struct device *d)
{
	char path[160];

	snprintf(path, sizeof(path), DRIVERS "%s/%s", d->driver, d->name);
	return !access(path, F_OK);
}

static int tell_driver(const struct device *d, const char *what)
{
	char path[96];
	int fd, err = 0;

	snprintf(path, sizeof(path), DRIVERS "%s/%s", d->driver, what);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, d->name, strlen(d->name)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static void *unbind(void *arg)
{
	struct device *d = arg;

	d->err = tell_driver(d, "unbind");
	return NULL;
}

/* Bind drivers that are not bound. True if all are bound, and the cards registered. */
static bool bind_all(void)
{
	bool all = true;
	int i;

	for (i = 0; i < devices; i++) {
		if (is_bound(&device[i]))
			continue;
		/* It may be bound by itself at this moment: check again below. */
		device[i].err = tell_driver(&device[i], "bind");
		all &= is_bound(&device[i]);
	}
	return all && nc_cards_present();
}

static bool bound_again(void)
{
	int i;

	if (nc_wait(bind_all))
		return true;
	ksft_print_msg("the cards did not come back\n");
	for (i = 0; i < devices; i++)
		if (!is_bound(&device[i]))
			ksft_print_msg("%s is not bound to %s: %s\n",
				       device[i].name, device[i].driver,
				       strerror(-device[i].err));
	return false;
}

static int start_streams(struct nc_stream *play, struct nc_stream *rec)
{
	const struct nc_board *b = &nc_board;
	struct nc_cfg cfg = nc_slow_cfg();
	struct nc_stream *set[] = { rec, play };
	int err;

	err = nc_join(&b->play[0], &b->out[0], true) ? :
	      nc_join(&b->rec[0], &b->in[0], true);
	/* It would keep the card from going away. */
	nc_ctl_close();
	if (!err)
		err = nc_open_fe(play, &b->play[0], &cfg, 60 * cfg.rate);
	cfg.access = SND_PCM_ACCESS_MMAP_INTERLEAVED;
	if (!err)
		err = nc_open_fe(rec, &b->rec[0], &cfg, 60 * cfg.rate);
	if (!err)
		err = nc_start(rec) ? : nc_start(play);
	while (!err && play->pos < play->cfg.buffer + 4 * play->cfg.period)
		err = nc_pump(set, 2);
	return err;
}

/* Goes on until the stream reports an error; its end would be none. */
static bool ends_with_error(struct nc_stream *s)
{
	int err = 0;

	while (!err && !s->finished)
		err = nc_pump(&s, 1);
	ksft_print_msg("%s ended at frame %zu: %s\n", s->name, s->pos,
		       snd_strerror(err));
	return err && err != -ETIMEDOUT && err != -ENOSPC && err != -EPIPE;
}

static bool unbound_while_playing(struct device *d)
{
	struct nc_stream play = { 0 }, rec = { 0 };
	struct timespec end;
	pthread_t thread;
	bool ok;

	if (start_streams(&play, &rec) ||
	    pthread_create(&thread, NULL, unbind, d)) {
		nc_close(&play);
		nc_close(&rec);
		return false;
	}
	ok = ends_with_error(&play);
	ok = ends_with_error(&rec) && ok;
	nc_close(&play);
	nc_close(&rec);

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += NC_SECONDS;
	if (pthread_timedjoin_np(thread, NULL, &end))
		ksft_exit_fail_msg("unbinding %s hangs\n", d->name);
	if (d->err)
		ksft_print_msg("unbind: %s\n", strerror(-d->err));
	return ok && !d->err;
}

static bool plays_exact(void)
{
	const struct nc_end *fe = nc_board.play, *port = nc_board.out;
	struct nc_cfg cfg = nc_slow_cfg();
	struct nc_stream play;
	bool ok = false;

	if (nc_join(fe, port, true))
		return false;
	/* It may take ten times as long as it sounds: a lap of the buffer is enough. */
	if (!nc_open_fe(&play, fe, &cfg, nc_some_frames(&cfg) - cfg.buffer)) {
		ok = nc_plays_exact(&play, port, 1);
		nc_close(&play);
	}
	return ok;
}

static bool many_rounds(unsigned long rounds, unsigned int seed)
{
	unsigned long i;
	struct device *d;

	for (i = 0; i < rounds; i++) {
		d = &device[rand_r(&seed) / 7 % devices];
		if (!unbound_while_playing(d) || !bound_again() || !plays_exact()) {
			ksft_print_msg("round %lu: %s %s\n", i, d->driver, d->name);
			return false;
		}
		ksft_print_msg("%lu of %lu\n", i + 1, rounds);
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned int seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	unsigned int i;
	bool ok;
	int n;

	nc_begin();
	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		n = devices;
		find_devices(drivers[i]);
		if (n == devices)
			ksft_exit_skip("no device is bound to %s\n", drivers[i]);
	}
	if (argc > 1) {
		if (!rounds)
			ksft_exit_fail_msg("cannot read %s\n", argv[1]);
		ksft_set_plan(1);
		ok = many_rounds(rounds, seed);
		nc_routes_off();
		ksft_test_result(ok, "%lu devices unbound, bound again and exact\n", rounds);
		ksft_finished();
	}
	ksft_set_plan(2 * devices);
	for (n = 0; n < devices; n++) {
		ok = unbound_while_playing(&device[n]);
		ksft_test_result(ok, "%s %s unbound: the streams end\n",
				 device[n].driver, device[n].name);
		ok = bound_again() && plays_exact();
		ksft_test_result(ok, "%s %s bound again: exact\n",
				 device[n].driver, device[n].name);
	}
	nc_routes_off();
	ksft_finished();
}
