// SPDX-License-Identifier: GPL-2.0
/*
 * Cached PCM buffers and user space: mapped, or not because the data cache aliases.
 *
 *	noncoherent-mmap [-l] [TEST...]
 *
 * If the data cache aliases (VIVT, and VIPT with large ways) no cached buffer may be
 * mapped, and an application must get an error after which it can fall back to read
 * and write. If it does not alias, and for uncached buffers, mapping must succeed. A
 * driver that maps by itself can offer mmap; if it calls the core for that, mmap()
 * fails there.
 *
 * All devices of all cards are tried whose driver is one of those below, or is named
 * by CACHED_DRIVER in the environment; a PCM does not report its type of memory. arm's
 * kernel logs at boot whether the cache aliases; if its log does not go back so far,
 * or on other machines, set CACHE_ALIASING=yes or no in the environment.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>

#include "../kselftest.h"
#include "noncoherent-scene.h"

#define MAX_DEVICES	64
/* Nothing moved for so long: the stream hangs. */
#define SECONDS		10

static const struct {
	const char *driver;
	bool cached;
	int own_map;	/* the device that has an operation mmap; 0 for none */
} known[] = {
	{ "USB-Audio", true, 0 },	/* vmalloc */
	{ "Loopback", true, 0 },	/* vmalloc */
	{ "Dummy", true, 0 },		/* continuous, or a page for all */
	{ "nc1-sim", true, 2 },		/* vmalloc, device 3: noncoherent */
	{ "NC1-Phone", true, 0 },	/* noncoherent */
	{ "aaci-pl041", false, 0 },	/* of the DMA API */
};

static struct device {
	char card[32];
	int number;
	bool playback;
	bool cached, offered, mappable;
} devices[MAX_DEVICES];
static int device_count;

/*
 * The devices, and the expected results
 */

/* Read the log since the boot: 1 yes, 0 no, -1 no such line. */
static int log_says_aliasing(void)
{
	int size = klogctl(10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0);
	char *log = size > 0 ? calloc(1, size + 1) : NULL;
	int says = -1;

	if (log && klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, size) > 0) {
		if (strstr(log, "CPU: VIVT data cache") ||
		    strstr(log, "CPU: VIPT aliasing data cache"))
			says = 1;
		else if (strstr(log, "nonaliasing data cache"))
			says = 0;
	}
	free(log);
	return says;
}

static bool cache_aliases(void)
{
	const char *told = getenv("CACHE_ALIASING");
	int says;

	if (told && strcmp(told, "yes") && strcmp(told, "no"))
		ksft_exit_fail_msg("CACHE_ALIASING=%s: yes or no\n", told);
	says = told ? !strcmp(told, "yes") : log_says_aliasing();
	if (says < 0)
		ksft_exit_skip("set CACHE_ALIASING=yes or no: the kernel's log does not tell\n");
	return says;
}

static void add_devices(snd_ctl_t *ctl, const char *card, bool cached, int own_map,
			bool aliasing)
{
	struct device *d;
	snd_pcm_info_t *info;
	int number = -1, stream;

	snd_pcm_info_alloca(&info);
	while (!snd_ctl_pcm_next_device(ctl, &number) && number >= 0)
		for (stream = 0; stream <= (int)SND_PCM_STREAM_LAST; stream++) {
			snd_pcm_info_set_device(info, number);
			snd_pcm_info_set_stream(info, stream);
			if (snd_ctl_pcm_info(ctl, info) || device_count == MAX_DEVICES)
				continue;
			d = &devices[device_count++];
			snprintf(d->card, sizeof(d->card), "%s", card);
			d->number = number;
			d->playback = stream == SND_PCM_STREAM_PLAYBACK;
			d->cached = cached;
			d->mappable = !(aliasing && cached);
			d->offered = d->mappable || (own_map && number == own_map);
		}
}

static void find_devices(bool aliasing)
{
	const char *told = getenv("CACHED_DRIVER"), *driver;
	snd_ctl_card_info_t *card;
	snd_ctl_t *ctl;
	char name[16];
	unsigned int i;
	int number = -1;

	snd_ctl_card_info_alloca(&card);
	while (!snd_card_next(&number) && number >= 0) {
		snprintf(name, sizeof(name), "hw:%d", number);
		if (snd_ctl_open(&ctl, name, 0))
			continue;
		if (!snd_ctl_card_info(ctl, card)) {
			driver = snd_ctl_card_info_get_driver(card);
			for (i = 0; i < ARRAY_SIZE(known); i++)
				if (!strcmp(driver, known[i].driver))
					add_devices(ctl, snd_ctl_card_info_get_id(card),
						    known[i].cached, known[i].own_map, aliasing);
			if (told && !strcmp(driver, told))
				add_devices(ctl, snd_ctl_card_info_get_id(card), true, 0, aliasing);
		}
		snd_ctl_close(ctl);
	}
}

/* Front ends of the simulated card take parameters only if they have a route. */
static bool route_phone(void)
{
	return !nc_route("I2S0", "FE0", true) && !nc_route("I2S0", "FE1", true) &&
	       !nc_route("I2S0", "FE2", true) && !nc_route("I2S0", "FE3", true) &&
	       !nc_route("FE4", "I2S1", true) && !nc_route("FE5", "PDM0", true);
}

/*
 * One device
 */

static bool bad(const struct device *d, const char *what)
{
	return sy_wrong("%s,%d %s: %s\n", d->card, d->number,
			d->playback ? "playback" : "capture", what);
}

static bool info_is_right(const struct device *d, struct raw_pcm *p)
{
	int can = raw_can_mmap(p);

	if (can < 0)
		return bad(d, strerror(-can));
	return can == d->offered || bad(d, can ? "mmap is offered" : "mmap is not offered");
}

static bool params_are_right(const struct device *d, struct raw_pcm *p)
{
	int err = raw_hw_choose(p, true);

	if (err == (d->offered ? 0 : -EINVAL))
		return true;
	return bad(d, err ? strerror(-err) : "takes parameters with mmap access");
}

static bool map_is_right(const struct device *d, struct raw_pcm *p)
{
	int err = raw_hw_choose(p, true);

	if (err && !d->offered)
		err = raw_hw_choose(p, false);
	if (err)
		return bad(d, strerror(-err));
	err = raw_map(p);
	if (err)
		return (!d->mappable && err == -ENXIO) || bad(d, strerror(-err));
	if (!d->mappable)
		return bad(d, "user space has a map of the buffer");
	/* Where there is no page we would be killed. */
	return !(p->map[0] | p->map[p->map_bytes - 1]) || bad(d, "the buffer is not clear");
}

static bool moves(const struct device *d, struct raw_pcm *p)
{
	struct pollfd fd = { .fd = p->fd, .events = d->playback ? POLLOUT : POLLIN };
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += SECONDS;
	do {
		if (raw_status(p))
			return bad(d, "has no status");
		if (p->hw)
			return true;
		poll(&fd, 1, 10);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec);
	return bad(d, "does not move");
}

/* The others have nothing to fall back from, and emulated ones do not always move. */
static bool rw_is_right(const struct device *d, struct raw_pcm *p)
{
	void *data = NULL;
	long n;

	if (!d->cached)
		return true;
	n = raw_hw_choose(p, false) ? : raw_prepare(p);
	if (!n)
		data = calloc(p->buffer, p->frame);
	if (data && d->playback)
		n = raw_write(p, data, p->buffer);
	else if (data)
		n = raw_start(p);
	if (n >= 0 && !moves(d, p))
		n = -ETIMEDOUT;
	if (n >= 0 && !d->playback)
		n = raw_read(p, data, p->buffer);
	free(data);
	return n > 0 || bad(d, n ? strerror(-n) : "no frame was moved");
}

static const struct {
	const char *name, *title;
	bool (*right)(const struct device *d, struct raw_pcm *p);
} tests[] = {
	{ "y11_info", "mmap is offered where it may be", info_is_right },
	{ "y11_params", "parameters with mmap access", params_are_right },
	{ "y11_map", "a map of the buffer", map_is_right },
	{ "y11_rw", "read and write", rw_is_right },
};

static bool run(unsigned int test)
{
	struct raw_pcm p;
	bool ok = true;
	int i, err;

	for (i = 0; i < device_count; i++) {
		err = raw_open(&p, devices[i].card, devices[i].number, devices[i].playback);
		ok &= err ? bad(&devices[i], strerror(-err)) : tests[test].right(&devices[i], &p);
		raw_close(&p);
	}
	return ok;
}

static bool is_chosen(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	unsigned int i, plan = 0;
	bool aliasing;

	if (argc == 2 && !strcmp(argv[1], "-l")) {
		for (i = 0; i < ARRAY_SIZE(tests); i++)
			puts(tests[i].name);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	aliasing = cache_aliases();
	find_devices(aliasing);
	if (!device_count)
		ksft_exit_skip("no card of a driver that is known here\n");
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		plan += is_chosen(tests[i].name, argc, argv);
	if (!plan)
		ksft_exit_fail_msg("no such test; -l lists them\n");
	ksft_set_plan(plan);
	ksft_print_msg("the data cache %s; %d devices\n",
		       aliasing ? "aliases" : "does not alias", device_count);
	if (nc_cards_present()) {
		nc_clock_runs();
		if (!route_phone())
			ksft_exit_fail_msg("the simulated card has no routes\n");
	}
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (is_chosen(tests[i].name, argc, argv))
			ksft_test_result(run(i), "%s: %s\n", tests[i].name, tests[i].title);
	if (nc_cards_present())
		nc_routes_off();
	nc_ctl_close();
	ksft_finished();
}
