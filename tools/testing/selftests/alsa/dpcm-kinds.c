// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: failures, and all kinds of cards.
 *
 * A stream that fails to join a BE, at any step, leaves everybody else as they
 * were, and whoever asked for it learns that it failed: the one who opens,
 * prepares or starts, or the one who writes the switch. A pause, a release or a
 * resume that fails has not happened.
 *
 * And what a plain atomic playback card can do, each of the others can: capture,
 * nonatomic, BE before FE, several codecs, chained components, compressed.
 *
 * dpcm-scene.h explains how the sequences are written.
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

static bool failed_route(void)
{
	static const char * const fail[] = { "E01", "E11", "E21", "E31" };
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(fail); i++) {
		if (i && !scene_reset())
			return false;
		ok &= scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1") &&
		      scene(fail[i]) && scene_then("+11!", "0=run/01") &&
		      scene_then("-11", "0=run/01") &&
		      scene_then("+11", "0=run/01 1=run/1") &&
		      scene_then("D1", "0=run/0 1=stop");
		ok &= scene_end();
	}
	return ok;
}

/* What could not be followed is tried again at the next change, of whatever route. */
static bool failed_route_later(void)
{
	return scene("+00 +10 O0 H0 P0 S0 O1 H1 P1 S1 E01") &&
	       scene_then("+11!", "0=run/01") &&
	       scene_then("+20", "0=run/01 1=run/1") &&
	       scene_then("-20 D1 C1", "0=run/0");
}

static bool failed_join(void)
{
	return scene("+00 +10 +11 O0 H0 P0 S0") &&
	       scene_then("E01 O1!", "0=run/0") &&
	       scene_then("O1 E11 H1!", "0=run/0 1=stop") &&
	       scene_then("H1 E21 P1!", "0=run/0 1=stop") &&
	       scene_then("P1 E31 S1!", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("C1", "0=run/0");
}

/* For the ALSA core a stream that was prepared stays so if it is not the next time. */
static bool failed_prepare(void)
{
	return scene("+00 +10 O0 H0 P0 O1 H1 P1") &&
	       scene_then("S0 D0 E20 P1! S1!", "0=stop") &&
	       scene_then("P1 S1", "0=run/1") && scene_then("D1 P1", "0=stop") &&
	       scene_then("-10 P1! S1!", "0=stop") &&
	       scene_then("+10 P1 S1", "0=run/1");
}

/* The FE itself fails: the BEs that it has started before do not stay on. */
static bool failed_fe(void)
{
	return scene("+00 +10 +11 O0 H0 P0 S0 O1 H1 P1") &&
	       scene_then("T1 S1!", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("C1", "0=run/0");
}

static bool failed_pause(void)
{
	bool ok;

	ok = scene("+00 O0 H0 P0 S0") &&
	     scene_then("E30 U0!", "0=run/0") && scene_then("U0", "0=pause") &&
	     scene_then("E30 R0!", "0=pause") && scene_then("R0", "0=run/0") &&
	     scene_then("D0", "0=stop");
	ok &= scene_end();
	/* Of two BEs only one fails. */
	return scene_reset() && scene("+00 +01 O0 H0 P0 S0") &&
	       scene_then("E31 U0!", "0=run/0 1=run/0") &&
	       scene_then("U0", "0=pause 1=pause") &&
	       scene_then("E30 R0!", "0=pause 1=pause") &&
	       scene_then("R0", "0=run/0 1=run/0") &&
	       scene_then("D0", "0=stop 1=stop") && ok;
}

/* ALSA takes no error from a suspend: only the way back can fail. */
static bool failed_resume(void)
{
	return scene_then("+00 O0 H0 P0 S0 Z", "0=suspend") &&
	       scene_then("E30 W0!", "0=suspend") &&
	       scene_then("W0", "0=run/0") && scene("E30 Z W0") &&
	       scene_expect("0=run/0") && scene_then("D0", "0=stop");
}

/* Nobody has looked at the pointer since they ran empty: the pause comes first. */
static bool paused_empty(int streams)
{
	int i;

	for (i = 0; i < streams; i++)
		if (dpcm_stop_after(&scene_pcm[i], 8))
			return scene_wrong("FE%d: no sw_params", i);
	if (dpcm_step(16))
		return scene_wrong("no step");
	return scene_then("U0", "0=pause");
}

static bool pause_of_empty(void)
{
	bool ok;

	ok = scene_then("+00 O0 H0 P0 S0", "0=run/0") && paused_empty(1) &&
	     scene_then("R0", "0=run/0") && scene_then("D0", "0=stop");
	ok &= scene_end();
	return scene_reset() &&
	       scene_then("+00 +10 O0 H0 O1 H1 L01 P0 S0", "0=run/01") &&
	       paused_empty(2) && scene_then("D0", "0=stop") && ok;
}

static bool new_params(void)
{
	return scene_then("+00 O0 H0 h0 P0 S0", "0=run/0@44100") &&
	       scene_then("D0 H0 P0 S0", "0=run/0@48000") &&
	       scene_then("D0 P0 h0 P0 S0", "0=run/0@44100") &&
	       scene_then("+10 O1 H1 H1", "0=run/0@44100");
}

/* The life of two streams on two BEs; scene_base says which streams. */
static bool life(void)
{
	return scene_then("+00 O0", "0=stop") && scene_then("H0 P0", "0=stop") &&
	       scene_then("S0", "0=run/0") &&
	       scene_then("+10 O1 H1 P1", "0=run/0") &&
	       scene_then("S1", "0=run/01") &&
	       scene_then("+11", "0=run/01 1=run/1") &&
	       scene_then("U0", "0=run/1 1=run/1") &&
	       scene_then("U1", "0=pause 1=pause") &&
	       scene_then("R0", "0=run/0 1=pause") &&
	       scene_then("R1", "0=run/01 1=run/1") &&
	       scene_then("Z", "0=suspend 1=suspend") &&
	       scene_then("W1", "0=run/1 1=run/1") &&
	       scene_then("W0", "0=run/01 1=run/1") &&
	       scene_then("X1", "0=run/0 1=stop") &&
	       scene_then("P1 S1", "0=run/01 1=run/1") &&
	       scene_then("-10", "0=run/0 1=run/1") &&
	       scene_then("D0", "0=stop 1=run/1") &&
	       scene_then("F0", "0=stop 1=run/1") &&
	       scene_then("C0", "1=run/1") && scene_then("C1", "");
}

static bool capture(void)
{
	scene_base = dpcm.playback;
	return life();
}

/* A BE that runs is not joined there: each stream has its own. */
static bool chained(void)
{
	return scene_then("+00 +11 O0 H0 P0 S0", "0=run/0") &&
	       scene_then("O1 H1 P1 S1", "0=run/0 1=run/1") &&
	       scene_then("U0", "0=pause 1=run/1") &&
	       scene_then("R0", "0=run/0 1=run/1") &&
	       scene_then("Z", "0=suspend 1=suspend") &&
	       scene_then("W0 W1", "0=run/0 1=run/1") &&
	       scene_then("-11", "0=run/0") && scene_then("C1", "0=run/0") &&
	       scene_then("D0", "0=stop");
}

/* Linux 6.1 has bespoke triggers; where there are none the card says so. */
static bool order_bespoke(void)
{
	static const char * const refused[] = {
		"order=3: this kernel has no bespoke triggers", NULL
	};
	struct dpcm_log log;
	bool said;

	if (dpcm_log_open(&log))
		return scene_wrong("no kernel log");
	if (!dpcm_load("order=3")) {
		dpcm_log_close(&log);
		return scene_reset_with("order=3") && life();
	}
	said = dpcm_log_find(&log, refused);
	dpcm_log_close(&log);
	if (!said)
		return scene_wrong("refused without a word");
	if (dpcm_load(""))
		return scene_wrong("the card does not come back");
	return life();
}

static bool merged(void)
{
	return scene_then("+00 O0 h0! H0 P0 S0", "0=run/0@48000") &&
	       scene_then("C0", "");
}

static bool mismatch(void)
{
	struct dpcm_log log;
	char line[2048];
	int lines = 0;
	ssize_t n;

	if (dpcm_log_open(&log) || !scene_then("+00 O0!", ""))
		return false;
	while ((n = read(log.fd, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		lines += strstr(line, "nonatomic") && strstr(line, "FE0") &&
			 strstr(line, "BE0");
	}
	dpcm_log_close(&log);
	if (lines != 1)
		return scene_wrong("%d lines say it", lines);
	return true;
}

/*
 * Compressed stream
 */

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

static bool compressed_life(void)
{
	const int fe = dpcm.fes - 1;
	char heard[32], both[32];
	bool ok;
	int fd;

	if (!dpcm.compressed)
		scene_skip("no compressed stream");
	snprintf(heard, sizeof(heard), "0=run/%d", fe);
	snprintf(both, sizeof(both), "0=run/0%d", fe);
	if (dpcm_route(fe, 0, true))
		return scene_wrong("no switch for FE%d", fe);
	fd = compr_open();
	if (fd < 0)
		return scene_wrong("compressed: %s", strerror(-fd));
	ok = scene_expect("0=stop") && !compr(fd, SNDRV_COMPRESS_START, NULL) &&
	     scene_expect(heard) && !compr(fd, SNDRV_COMPRESS_PAUSE, NULL) &&
	     scene_expect("0=pause") && !compr(fd, SNDRV_COMPRESS_RESUME, NULL) &&
	     scene_expect(heard) && scene_then("+00 O0 H0 P0", heard) &&
	     scene_then("S0", both) && !compr(fd, SNDRV_COMPRESS_STOP, NULL) &&
	     scene_expect("0=run/0");
	close(fd);
	return ok && scene_expect("0=run/0") && scene_then("D0", "0=stop");
}

static const struct scene_test kinds[] = {
	{ "failed_route",
	  "a failed route switch is an error and leaves all others alone",
	  NULL, failed_route, 1 },
	{ "failed_route_later",
	  "the next route switch tries again what failed",
	  NULL, failed_route_later, 1 },
	{ "failed_join",
	  "open, hw_params, prepare or start that fails leaves the neighbour alone",
	  NULL, failed_join, 1 },
	{ "failed_prepare",
	  "a stream that cannot be prepared again does not start",
	  NULL, failed_prepare, 1 },
	{ "failed_fe",
	  "a start that fails in the FE leaves no BE on",
	  "order=1", failed_fe, 1 },
	{ "failed_pause",
	  "a pause or release that fails has not happened",
	  NULL, failed_pause, 1 },
	{ "failed_resume",
	  "a suspend or resume that fails leaves no trace",
	  NULL, failed_resume, 1 },
	{ "pause_of_empty",
	  "a stream that has run empty is paused, alone or linked",
	  NULL, pause_of_empty, 1 },
	{ "new_params",
	  "hw_params without hw_free reach a BE that nobody else uses",
	  NULL, new_params, 1 },
	{ "playback",
	  "two streams on two BEs", NULL, life, 1 },
	{ "capture",
	  "two capture streams on two BEs", NULL, capture, 1 },
	{ "order_post",
	  "the same with BEs before FEs", "order=1", life, 1 },
	{ "order_mixed",
	  "the same with both orders", "order=2", life, 1 },
	{ "order_bespoke",
	  "the same with triggers of the driver's own, if the kernel has them",
	  NULL, order_bespoke, 1 },
	{ "nonatomic",
	  "the same with nonatomic links", "nonatomic=1", life, 1 },
	{ "nonatomic_fe",
	  "the same with nonatomic FEs", "nonatomic=2", life, 1 },
	{ "codecs",
	  "the same with two codecs on each BE", "codecs=2", life, 1 },
	{ "chained",
	  "chained components: a BE for each stream",
	  "chain=1", chained, 1 },
	{ "merged",
	  "a stream is offered what its BE can do and no more", "merged=1", merged, 1 },
	{ "compressed",
	  "a compressed stream shares a BE with another",
	  NULL, compressed_life, 1 },
	{ "mismatch",
	  "an atomic FE does not open with a nonatomic BE, and one line names both",
	  "nonatomic=3", mismatch, 1 },
};

int main(int argc, char **argv)
{
	return scene_main(argc, argv, kinds, ARRAY_SIZE(kinds));
}
