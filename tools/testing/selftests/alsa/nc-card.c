// SPDX-License-Identifier: GPL-2.0
/*
 * Streams for the NC1 tests, see nc-card.h.
 *
 * Every function that can fail prints a TAP comment line with the failure, so that
 * a test only needs to return it.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

/*
 * Cards that are there, or come and go
 */

/* The first call of every test: without both cards there is nothing to test. */
void nc_begin(void)
{
	/* A guest that dies must not take finished lines with it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	nc_clock_runs();
	if (!nc_cards_present())
		ksft_exit_skip("no cards %s and %s\n", nc_card(), nc_bench());
	if (nc_board_read())
		ksft_exit_fail_msg("it is not known what %s has\n", nc_card());
	if (!nc_board.plays || !nc_board.recs || !nc_board.outs || !nc_board.ins)
		ksft_exit_skip("%s does not play and record\n", nc_card());
}

/* A socket on which the kernel reports devices and drivers that come and go */
static int open_uevents(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	ksft_print_msg("uevents: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Waits for news from the kernel and reads all of it. */
static bool wait_for_uevent(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[4096];

	if (poll(&p, 1, NC_TIMEOUT_MS) != 1)
		return false;
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
	return true;
}

/* Asks @there again whenever a device or driver came or went. */
bool nc_wait(bool (*there)(void))
{
	struct timespec end, now;
	int fd = open_uevents();
	bool ok;

	if (fd < 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += NC_SECONDS;
	do {
		ok = there();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!ok && now.tv_sec < end.tv_sec && wait_for_uevent(fd));
	close(fd);
	return ok;
}

/*
 * Parameters with a buffer of 20 to 64 ms: long enough for a slow guest, short
 * enough that a stream of some thousand frames goes round it more than once.
 */
struct nc_cfg nc_cfg(snd_pcm_access_t access, snd_pcm_format_t format,
		     unsigned int channels, unsigned int rate)
{
	struct nc_cfg cfg = {
		.access = access,
		.format = format,
		.channels = channels,
		.rate = rate,
		.period = rate < 16000 ? 128 : 512,
	};

	cfg.buffer = (rate < 96000 ? 4 : 8) * cfg.period;
	return cfg;
}

/*
 * Little work and a quarter of a second of buffer: for tests in which the clock
 * runs by itself, on a guest that may be slow.
 */
struct nc_cfg nc_slow_cfg(void)
{
	struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED,
				   SND_PCM_FORMAT_S16_LE, 2, 8000);

	cfg.period = 256;
	cfg.buffer = 2048;
	return cfg;
}

/* Two laps of the buffer, one more period, and a part of a period. */
size_t nc_some_frames(const struct nc_cfg *cfg)
{
	return 2 * cfg->buffer + cfg->period + cfg->period / 3 + 1;
}

const char *nc_access_name(snd_pcm_access_t access)
{
	return access == SND_PCM_ACCESS_MMAP_INTERLEAVED ? "mmap" : "rw";
}

/*
 * Streams
 */

static int failed(const struct nc_stream *s, const char *what, int err)
{
	ksft_print_msg("%s: %s: %s\n", s->name, what, snd_strerror(err));
	return err;
}

static int set_hw_params(struct nc_stream *s)
{
	struct nc_cfg *cfg = &s->cfg;
	snd_pcm_hw_params_t *hw;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(s->pcm, hw);
	if (err < 0)
		return failed(s, "hw_params_any", err);
	err = snd_pcm_hw_params_set_access(s->pcm, hw, cfg->access);
	if (err < 0)
		return failed(s, nc_access_name(cfg->access), err);
	err = snd_pcm_hw_params_set_format(s->pcm, hw, cfg->format);
	if (err < 0)
		return failed(s, snd_pcm_format_name(cfg->format), err);
	err = snd_pcm_hw_params_set_channels(s->pcm, hw, cfg->channels);
	if (err < 0)
		return failed(s, "channels", err);
	err = snd_pcm_hw_params_set_rate(s->pcm, hw, cfg->rate, 0);
	if (err < 0)
		return failed(s, "rate", err);
	err = snd_pcm_hw_params_set_period_size_near(s->pcm, hw, &cfg->period,
						     NULL);
	if (err < 0)
		return failed(s, "period size", err);
	err = snd_pcm_hw_params_set_buffer_size_near(s->pcm, hw, &cfg->buffer);
	if (err < 0)
		return failed(s, "buffer size", err);
	err = snd_pcm_hw_params(s->pcm, hw);
	return err < 0 ? failed(s, "hw_params", err) : 0;
}

/*
 * Only nc_start() starts a stream, never the first write or read. Playback
 * stops at the end of a period: the rest of the last one must be filled with
 * silence, which alsa-lib does by itself only from 1.2.9 on. (Two periods,
 * because 6.1 uses the position at the last interrupt but one.)
 */
static int set_sw_params(struct nc_stream *s)
{
	snd_pcm_sw_params_t *sw;
	snd_pcm_uframes_t boundary;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_sw_params_current(s->pcm, sw);
	if (err >= 0)
		err = snd_pcm_sw_params_get_boundary(sw, &boundary);
	if (err >= 0)
		err = snd_pcm_sw_params_set_start_threshold(s->pcm, sw, boundary);
	if (err >= 0 && s->playback)
		err = snd_pcm_sw_params_set_silence_threshold(s->pcm, sw,
							      2 * s->cfg.period);
	if (err >= 0 && s->playback)
		err = snd_pcm_sw_params_set_silence_size(s->pcm, sw,
							 2 * s->cfg.period);
	if (err >= 0)
		err = snd_pcm_sw_params(s->pcm, sw);
	return err < 0 ? failed(s, "sw_params", err) : 0;
}

/* Gives an open stream its parameters and its memory, and prepares it. */
int nc_setup(struct nc_stream *s, const struct nc_cfg *cfg, size_t frames)
{
	int err;

	s->cfg = *cfg;
	err = set_hw_params(s);
	if (!err)
		err = set_sw_params(s);
	if (err)
		return err;

	s->frame_bytes = snd_pcm_format_physical_width(cfg->format) / 8 *
			 cfg->channels;
	s->frames = frames;
	s->pos = 0;
	s->draining = false;
	s->finished = false;
	free(s->data);
	s->data = calloc(frames, s->frame_bytes);
	return s->data ? 0 : failed(s, "memory", -ENOMEM);
}

static int open_stream(struct nc_stream *s, const char *card, int dev,
		       snd_pcm_stream_t dir, const struct nc_cfg *cfg,
		       size_t frames)
{
	char hw[64];
	int err;

	snprintf(hw, sizeof(hw), "hw:%s,%d", card, dev);
	s->playback = dir == SND_PCM_STREAM_PLAYBACK;
	err = snd_pcm_open(&s->pcm, hw, dir, SND_PCM_NONBLOCK);
	if (err < 0) {
		s->pcm = NULL;
		return failed(s, hw, err);
	}
	err = nc_setup(s, cfg, frames);
	if (err)
		nc_close(s);
	return err;
}

int nc_open_fe(struct nc_stream *s, const struct nc_end *fe,
	       const struct nc_cfg *cfg, size_t frames)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "%s", fe->name);
	return open_stream(s, nc_card(), fe->dev, fe->dir, cfg, frames);
}

/*
 * The bench gets a longer buffer than the front end and short periods: it is
 * what nc_pump() wakes up for. A recorder gets two seconds of room beyond what the
 * caller expects to hear.
 */
int nc_open_bench(struct nc_stream *s, const struct nc_end *port,
		  const struct nc_cfg *cfg, size_t frames)
{
	bool play = port->dir == SND_PCM_STREAM_PLAYBACK;
	struct nc_cfg bench = *cfg;

	memset(s, 0, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "%s-%s", port->name,
		 play ? "in" : "out");
	s->bench = true;
	bench.access = SND_PCM_ACCESS_RW_INTERLEAVED;
	bench.period = cfg->rate / 100;
	bench.buffer = 4 * cfg->buffer;
	return open_stream(s, nc_bench(), port->dev, port->dir, &bench,
			   play ? frames : frames + 2 * cfg->rate);
}

void nc_close(struct nc_stream *s)
{
	if (s->pcm)
		snd_pcm_close(s->pcm);
	free(s->data);
	s->pcm = NULL;
	s->data = NULL;
}

/* Ready to start from the beginning, with the same parameters and data. */
int nc_again(struct nc_stream *s)
{
	int err = snd_pcm_prepare(s->pcm);

	if (err < 0)
		return failed(s, "prepare", err);
	s->pos = 0;
	s->draining = false;
	s->finished = false;
	if (!s->playback)
		memset(s->data, 0, s->frames * s->frame_bytes);
	return 0;
}

static snd_pcm_sframes_t move_mmap(struct nc_stream *s, size_t frames)
{
	const snd_pcm_channel_area_t *area;
	snd_pcm_uframes_t offset, count = frames;
	unsigned char *ring;
	int err;

	/*
	 * alsa-lib learns the position without asking the kernel to hand the
	 * recorded frames over to the CPU. Ask for that after the position is
	 * known, so that it covers every frame that is read below.
	 */
	if (!s->playback) {
		err = snd_pcm_hwsync(s->pcm);
		if (err < 0)
			return err;
	}
	err = snd_pcm_mmap_begin(s->pcm, &area, &offset, &count);
	if (err < 0)
		return err;
	ring = (unsigned char *)area->addr + area->first / 8 +
	       offset * s->frame_bytes;
	if (s->playback)
		memcpy(ring, nc_frame(s, s->pos), count * s->frame_bytes);
	else
		memcpy(nc_frame(s, s->pos), ring, count * s->frame_bytes);
	return snd_pcm_mmap_commit(s->pcm, offset, count);
}

/*
 * Write or read the frames that are possible now, and not those that become possible
 * meanwhile: on a slow guest that would never end, and the other streams would wait.
 */
static int move(struct nc_stream *s)
{
	snd_pcm_sframes_t n, avail = snd_pcm_avail_update(s->pcm);

	if (avail > (snd_pcm_sframes_t)(s->frames - s->pos))
		avail = s->frames - s->pos;
	for (n = avail; avail > 0; avail -= n) {
		if (s->cfg.access == SND_PCM_ACCESS_MMAP_INTERLEAVED)
			n = move_mmap(s, avail);
		else if (s->playback)
			n = snd_pcm_writei(s->pcm, nc_frame(s, s->pos), avail);
		else
			n = snd_pcm_readi(s->pcm, nc_frame(s, s->pos), avail);
		if (n < 0)
			break;
		s->pos += n;
	}
	if (n >= 0)
		return 0;
	ksft_print_msg("%s: at frame %zu of %zu: %s\n", s->name, s->pos,
		       s->frames, snd_strerror(n));
	return n;
}

/* Called when all is written; a second time when the drain may have ended. */
static int drain(struct nc_stream *s)
{
	int err;

	if (!s->draining) {
		err = snd_pcm_drain(s->pcm);
		if (err < 0 && err != -EAGAIN)
			return failed(s, "drain", err);
		s->draining = true;
	}
	s->finished = snd_pcm_state(s->pcm) == SND_PCM_STATE_SETUP;
	return 0;
}

static int serve(struct nc_stream *s, int revents)
{
	int err;

	if (revents & POLLNVAL)
		return failed(s, "gone", -ENODEV);
	if (!s->playback && s->pos == s->frames)
		return -ENOSPC;
	err = move(s);
	if (err || !s->playback || s->pos < s->frames)
		return err;
	if (!s->hold)
		return drain(s);
	/* Nothing left to write: only the end of the stream is news. */
	return revents & POLLERR ? -EPIPE : 0;
}

/* Playback is filled first; what fits into the buffer as a whole drains. */
int nc_start(struct nc_stream *s)
{
	int err;

	if (s->playback) {
		err = move(s);
		if (err)
			return err;
		if (s->pos == s->frames && !s->hold)
			return drain(s);
	}
	err = snd_pcm_start(s->pcm);
	return err < 0 ? failed(s, "start", err) : 0;
}

static int gave_up(struct nc_stream **set, int n, int err)
{
	int i;

	ksft_print_msg("%s\n", err == -ENOSPC ? "a recorder is full" :
		       "nothing moves");
	for (i = 0; i < n; i++)
		ksft_print_msg("%s: state %s, at frame %zu of %zu\n",
			       set[i]->name,
			       snd_pcm_state_name(snd_pcm_state(set[i]->pcm)),
			       set[i]->pos, set[i]->frames);
	return err;
}

/* Like poll(), but lets the clock step on where it does not run by itself. */
static int wait_ready(struct pollfd *fd, int n, unsigned int rate)
{
	unsigned int ms, got;

	for (ms = 0; ms < NC_TIMEOUT_MS; ms += 2) {
		got = poll(fd, n, 0);
		if (got)
			return got;
		if (!nc_clock_step(rate / 500, rate))
			return poll(fd, n, NC_TIMEOUT_MS);
	}
	return 0;
}

/* Waits until a stream is ready and serves all that are. */
int nc_pump(struct nc_stream **set, int n)
{
	struct pollfd fd[NC_MAX_STREAMS];
	int i, got, err;

	for (i = 0; i < n; i++) {
		struct nc_stream *s = set[i];

		if (snd_pcm_poll_descriptors(s->pcm, &fd[i], 1) != 1)
			return failed(s, "poll descriptor", -EBADF);
		if (s->finished)
			fd[i].fd = -1;
		else if (s->playback && s->pos == s->frames)
			fd[i].events = 0;	/* errors are always reported */
	}
	got = wait_ready(fd, n, set[0]->cfg.rate);
	if (got < 0)
		return failed(set[0], "poll", -errno);
	for (i = 0; i < n; i++) {
		if (fd[i].fd < 0 || !fd[i].revents)
			continue;
		err = serve(set[i], fd[i].revents);
		if (err)
			return err == -ENOSPC ? gave_up(set, n, err) : err;
	}
	return got ? 0 : gave_up(set, n, -ETIMEDOUT);
}

/* Goes on until the stream @s has moved some frames. */
int nc_go_on(struct nc_stream **set, int n, struct nc_stream *s,
	     size_t frames)
{
	size_t want = s->pos + frames;
	int err = 0;

	while (!err && s->pos < want)
		err = nc_pump(set, n);
	return err;
}

bool nc_in_state(const struct nc_stream *s, snd_pcm_state_t state)
{
	snd_pcm_state_t now = snd_pcm_state(s->pcm);

	if (now == state)
		return true;
	ksft_print_msg("%s: state %s instead of %s\n", s->name,
		       snd_pcm_state_name(now), snd_pcm_state_name(state));
	return false;
}

/*
 * Frames that a player has reported as played are in the recorders by now, or soon
 * will be. Record a little more, to detect frames that should not be there.
 */
int nc_tail(struct nc_stream **set, int n)
{
	size_t want[NC_MAX_STREAMS] = { 0 };
	int i, err;

	for (i = 0; i < n; i++)
		if (!set[i]->playback)
			want[i] = set[i]->pos + set[i]->cfg.rate / 50 +
				  2 * set[i]->cfg.period;
	for (i = 0; i < n; i++) {
		while (set[i]->pos < want[i]) {
			err = nc_pump(set, n);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Starts the recorders, then the players. */
int nc_start_all(struct nc_stream **set, int n)
{
	int i, pass, err = 0;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; !err && i < n; i++)
			if (set[i]->playback == pass)
				err = nc_start(set[i]);
	return err;
}

/* Starts everything and goes on until all that is played has been heard. */
int nc_run(struct nc_stream **set, int n)
{
	int i, err = nc_start_all(set, n);

	for (i = 0; i < n; i++)
		while (!err && set[i]->playback && !set[i]->finished)
			err = nc_pump(set, n);
	return err ? : nc_tail(set, n);
}
