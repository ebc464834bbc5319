// SPDX-License-Identifier: GPL-2.0
/*
 * The debugfs files of the DPCM test card: the commands of each BE, and failures, delays
 * and steps of the DMA on command; see dpcm-card.h and the card's dpcm-sim.h.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "dpcm-card.h"

int dpcm_sim_write(const char *file, const char *text)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), DPCM_SIM_DIR "%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int dpcm_sim_read(const char *file, char *text, size_t size)
{
	char path[64];
	size_t n = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), DPCM_SIM_DIR "%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		got = read(fd, text + n, size - 1 - n);
		n += got > 0 ? got : 0;
	} while (got > 0 && n < size - 1);
	text[n] = '\0';
	close(fd);
	return got < 0 ? -errno : 0;
}

static int tell(const char *file, const char *fmt, ...)
{
	char text[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return dpcm_sim_write(file, text);
}

static enum dpcm_run run_of(const char *name)
{
	static const char * const names[] = {
		[DPCM_STOP] = "stop",
		[DPCM_RUN] = "run",
		[DPCM_PAUSE] = "pause",
		[DPCM_SUSPEND] = "suspend",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return i;
	return DPCM_STOP;
}

static int runtime_of(const char *name)
{
	if (!strncmp(name, "fe", 2))
		return atoi(name + 2);
	return strcmp(name, "none") ? DPCM_STALE : DPCM_NONE;
}

static bool read_line(struct dpcm_state *s, const char *line)
{
	struct dpcm_be_state be;
	struct dpcm_fe_state fe;
	int id, open, params, prepared, lost = 0;
	char dir, run[16], runtime[16];
	unsigned long long mask;

	memset(&be, 0, sizeof(be));
	if (sscanf(line,
		   "be%d %c open=%d params=%d prepared=%d run=%15s heard=%llx runtime=%15s rate=%u calls=%lu format=%d channels=%u lost=%d",
		   &id, &dir, &open, &params, &prepared, run, &mask, runtime,
		   &be.is.rate, &be.calls, &be.is.format, &be.is.channels, &lost) >= 10) {
		if (id < 0 || id >= DPCM_MAX_BE)
			return false;
		be.open = open;
		be.params = params;
		be.prepared = prepared;
		be.lost = lost;
		be.run = run_of(run);
		be.heard = mask;
		be.runtime = runtime_of(runtime);
		s->be[id][dir == 'c' ? DPCM_CAPT : DPCM_PLAY] = be;
		return true;
	}
	if (sscanf(line, "fe%d %c open=%d run=%15s be=%llx", &id, &dir,
		   &open, run, &mask) == 5) {
		if (id < 0 || id >= DPCM_MAX_FE)
			return false;
		fe.open = open;
		fe.run = run_of(run);
		fe.be = mask;
		s->fe[id] = fe;
		return true;
	}
	return false;
}

int dpcm_read_state(struct dpcm_state *s)
{
	char text[8192], *line, *next;
	ssize_t n;

	memset(s, 0, sizeof(*s));
	n = pread(dpcm.state, text, sizeof(text) - 1, 0);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	for (line = text; *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			return -EINVAL;
		*next++ = '\0';
		if (!read_line(s, line))
			return -EINVAL;
	}
	return 0;
}

int dpcm_fail_be(int be, enum dpcm_dir dir, const char *what, int count)
{
	return tell("fail", "%d %c %s %d", be, dir == DPCM_PLAY ? 'p' : 'c',
		    what, count);
}

int dpcm_fail_fe(int fe, const char *what, int count)
{
	return tell("fail", "fe %d %s %d", fe, what, count);
}

int dpcm_fail_clear(void)
{
	return dpcm_sim_write("fail", "clear");
}

int dpcm_armed(void)
{
	int armed = 0, count, err;
	char text[4096], *line;

	err = dpcm_sim_read("fail", text, sizeof(text));
	if (err)
		return err;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%*s %*s %*s %d", &count) == 1)
			armed += count;
	return armed;
}

int dpcm_delay(int be, enum dpcm_dir dir, const char *what, unsigned int us)
{
	return tell("delay", "%d %c %s %u", be, dir == DPCM_PLAY ? 'p' : 'c',
		    what, us);
}

int dpcm_delay_clear(void)
{
	return dpcm_sim_write("delay", "clear");
}

int dpcm_step(unsigned int frames)
{
	return tell("step", "%u", frames);
}

int dpcm_period_us(unsigned int us)
{
	return tell("period_us", "%u", us);
}

int dpcm_stop_xrun(int fe)
{
	return tell("xrun", "%d", fe);
}

int dpcm_suspend_all(void)
{
	return dpcm_sim_write("suspend", "1");
}

bool dpcm_can_sleep(void)
{
	return !access(DPCM_SIM_DIR "sleep", W_OK);
}

int dpcm_sleep(void)
{
	return dpcm_sim_write("sleep", "1");
}

int dpcm_hold(int fe, unsigned int us)
{
	return tell("hold", "%d %u", fe, us);
}

int dpcm_hold_xrun(int fe, unsigned int us)
{
	return tell("hold", "%d %u xrun", fe, us);
}

int dpcm_let_go(int fe)
{
	return dpcm_hold(fe, 0);
}

int dpcm_faults(char *words, size_t size)
{
	char text[2048], *rest;
	int err;

	if (size)
		words[0] = '\0';
	err = dpcm_sim_read("faults", text, sizeof(text));
	if (err)
		return err;
	rest = strchr(text, '\n');
	if (size)
		snprintf(words, size, "%s", rest ? rest + 1 : "");
	return atoi(text);
}

int dpcm_faults_clear(void)
{
	return dpcm_sim_write("faults", "0");
}
