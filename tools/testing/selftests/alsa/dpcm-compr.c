// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: a compressed stream.
 *
 * Its DAI, its component and its BEs get each command one after the other. If one of
 * them returns an error, the command is undone in those before it; a STOP goes to all of
 * them in any case. For the card's DAI a second start, or a close while it runs, is a
 * fault. dpcm-scene.h explains how the sequences of the other streams are written.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sound/asound.h>
#include <sound/compress_offload.h>

#include "../kselftest.h"
#include "dpcm-scene.h"

static int compr(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

static int compr_open(void)
{
	struct snd_compr_params params = { 0 };
	char path[64], data[4096] = { 0 };
	int fd, err;

	snprintf(path, sizeof(path), "/dev/snd/comprC%dD%d", dpcm.index,
		 dpcm.fes - 1);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	params.buffer.fragment_size = 1024;
	params.buffer.fragments = 4;
	params.codec.id = SND_AUDIOCODEC_MP3;
	params.codec.ch_in = 2;
	params.codec.ch_out = 2;
	params.codec.sample_rate = 48000;
	err = compr(fd, SNDRV_COMPRESS_SET_PARAMS, &params);
	/* It becomes ready to start when it has data. */
	if (!err && write(fd, data, sizeof(data)) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* Routed to BE0, open and ready to start; a scene prints its error. */
static int begin(void)
{
	int fe = dpcm.fes - 1, fd;

	if (!dpcm.compressed)
		scene_skip("no compressed stream");
	if (dpcm_route(fe, 0, true)) {
		scene_wrong("no switch for FE%d", fe);
		return -1;
	}
	fd = compr_open();
	if (fd < 0)
		scene_wrong("compressed: %s", strerror(-fd));
	return fd;
}

static bool life(void)
{
	const int fe = dpcm.fes - 1;
	char heard[32], both[32];
	bool ok;
	int fd;

	snprintf(heard, sizeof(heard), "0=run/%d", fe);
	snprintf(both, sizeof(both), "0=run/0%d", fe);
	fd = begin();
	if (fd < 0)
		return false;
	ok = scene_expect("0=stop") && !compr(fd, SNDRV_COMPRESS_START, NULL) &&
	     scene_expect(heard) && !compr(fd, SNDRV_COMPRESS_PAUSE, NULL) &&
	     scene_expect("0=pause") && !compr(fd, SNDRV_COMPRESS_RESUME, NULL) &&
	     scene_expect(heard) && scene_then("+00 O0 H0 P0", heard) &&
	     scene_then("S0", both) && !compr(fd, SNDRV_COMPRESS_STOP, NULL) &&
	     scene_expect("0=run/0");
	close(fd);
	return ok && scene_expect("0=run/0") && scene_then("D0", "0=stop");
}

/* Its BE has parameters of the fixup; others come with theirs. */
static bool beside_other_rates(void)
{
	char heard[32], both[32];
	bool ok;
	int fd;

	snprintf(heard, sizeof(heard), "0=run/%d@48000", dpcm.fes - 1);
	snprintf(both, sizeof(both), "0=run/0%d@48000", dpcm.fes - 1);
	fd = begin();
	if (fd < 0)
		return false;
	ok = !compr(fd, SNDRV_COMPRESS_START, NULL) && scene_expect(heard) &&
	     scene("+00 O0 H01!") && scene_expect(heard) && scene("H0 P0 S0") &&
	     scene_expect(both) && !compr(fd, SNDRV_COMPRESS_STOP, NULL) &&
	     scene_expect("0=run/0@48000");
	close(fd);
	return ok && scene_then("D0 H01 P0 S0", "0=run/0@44100");
}

/* The step of the component, or that of BE0, fails once. */
static bool fails(int fd, bool be, const char *step, unsigned long request)
{
	int err = be ? dpcm_fail_be(0, DPCM_PLAY, step, 1) :
		       dpcm_fail_fe(dpcm.fes - 1, step, 1);

	if (err)
		return scene_wrong("cannot arm %s", step);
	if (!compr(fd, request, NULL))
		return scene_wrong("%s of the %s did not fail", step,
				   be ? "BE" : "component");
	return true;
}

static bool does(int fd, unsigned long request, const char *expected)
{
	int err = compr(fd, request, NULL);

	return err ? scene_wrong("compressed: %s", strerror(-err)) :
		     scene_expect(expected);
}

static bool refuses(bool be)
{
	char heard[32];
	bool ok;
	int fd;

	snprintf(heard, sizeof(heard), "0=run/%d", dpcm.fes - 1);
	fd = begin();
	if (fd < 0)
		return false;
	ok = fails(fd, be, "start", SNDRV_COMPRESS_START) && scene_expect("0=stop") &&
	     does(fd, SNDRV_COMPRESS_START, heard) &&
	     fails(fd, be, "pause", SNDRV_COMPRESS_PAUSE) && scene_expect(heard) &&
	     does(fd, SNDRV_COMPRESS_PAUSE, "0=pause") &&
	     fails(fd, be, "start", SNDRV_COMPRESS_RESUME) && scene_expect("0=pause") &&
	     does(fd, SNDRV_COMPRESS_RESUME, heard) &&
	     does(fd, SNDRV_COMPRESS_STOP, "0=stop");
	close(fd);
	return ok && scene_expect("");
}

static bool component_refuses(void)
{
	return refuses(false);
}

static bool be_refuses(void)
{
	return refuses(true);
}

/* The component runs on; the DAI and the BE have stopped. */
static bool refuses_to_stop(void)
{
	char heard[32];
	bool ok;
	int fd;

	snprintf(heard, sizeof(heard), "0=run/%d", dpcm.fes - 1);
	fd = begin();
	if (fd < 0)
		return false;
	ok = does(fd, SNDRV_COMPRESS_START, heard) &&
	     fails(fd, false, "stop", SNDRV_COMPRESS_STOP) && scene_expect("0=stop");
	close(fd);
	return ok && scene_expect("");
}

static const struct scene_test tests[] = {
	{ "compressed",
	  "a compressed stream shares a BE with another", NULL, life, 1 },
	{ "beside_other_rates",
	  "who comes to a compressed stream has the rate of its BE",
	  NULL, beside_other_rates, 1 },
	{ "component_refuses",
	  "what a component refuses the DAI takes back", NULL, component_refuses, 1 },
	{ "be_refuses",
	  "what a BE refuses the DAI and the component take back", NULL, be_refuses, 1 },
	{ "refuses_to_stop",
	  "a component that does not stop keeps no BE on", NULL, refuses_to_stop, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, tests, ARRAY_SIZE(tests));
}
