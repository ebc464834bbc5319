// SPDX-License-Identifier: GPL-2.0
/*
 * The simulator's debugfs files for the NC1 tests, see nc-card.h.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

#define DEBUGFS "/sys/kernel/debug/nc1-sim/"
/* Values of a line of "sync" that no test needs */
#define REST	"irqsoff %*u largest %*u smallest %*u "

static int step_fd = -1;

static FILE *open_debugfs(const char *file, const char *mode)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), DEBUGFS "%s", file);
	f = fopen(path, mode);
	if (!f)
		ksft_print_msg("%s: %s\n", path, strerror(errno));
	return f;
}

static int write_debugfs(const char *file, const char *text)
{
	FILE *f = open_debugfs(file, "w");
	int err = -ENOENT;

	if (f) {
		fputs(text, f);
		err = fclose(f) ? -errno : 0;
	}
	return err;
}

/* From now on nc_pump() steps the clock, until the program ends. */
void nc_clock_steps(void)
{
	static bool ends;

	if (access(DEBUGFS "step", W_OK))
		return;
	step_fd = open(DEBUGFS "step", O_WRONLY);
	if (step_fd < 0 || write_debugfs("mode", "step\n"))
		ksft_exit_fail_msg("the clock cannot be stepped\n");
	if (!ends)
		ends = !atexit(nc_clock_runs);
}

void nc_clock_runs(void)
{
	if (step_fd >= 0)
		close(step_fd);
	step_fd = -1;
	if (!access(DEBUGFS "mode", W_OK))
		write_debugfs("mode", "run\n");
}

/* False if the clock runs by itself. */
bool nc_clock_step(unsigned int frames, unsigned int rate)
{
	char text[32];

	if (step_fd < 0)
		return false;
	snprintf(text, sizeof(text), "%u %u", frames, rate);
	if (write(step_fd, text, strlen(text)) < 0)
		ksft_exit_fail_msg("step %s: %s\n", text, strerror(errno));
	return true;
}

/*
 * When the stream, which runs or was the last one there, began: counted in
 * frames at its rate on the clock that all blocks share.
 */
int nc_start_frame(const struct nc_stream *s, long long *frame)
{
	const char *file = s->bench ? "bench" : "fe";
	FILE *f = open_debugfs(file, "r");
	char line[160], name[32];
	int err = -ENOENT;

	if (!f)
		return err;
	while (err && fgets(line, sizeof(line), f))
		if (sscanf(line, "%31s start %lld", name, frame) == 2 &&
		    !strcmp(name, s->name))
			err = 0;
	fclose(f);
	if (err)
		ksft_print_msg(DEBUGFS "%s: no start of %s\n", file, s->name);
	return err;
}

/* 1, 0 or an error */
int nc_need_sync(void)
{
	FILE *f = open_debugfs("need_sync", "r");
	int need = -ENOENT;

	if (!f)
		return need;
	if (fscanf(f, "%d", &need) != 1)
		need = -EINVAL;
	fclose(f);
	return need;
}

int nc_sync_zero(void)
{
	return write_debugfs("sync", "0\n");
}

int nc_sync_read(struct nc_sync *sync)
{
	FILE *f = open_debugfs("sync", "r");
	int got;

	if (!f)
		return -ENOENT;
	got = fscanf(f, "for_device calls %llu bytes %llu " REST "lines %llu\n"
			"for_cpu calls %llu bytes %llu " REST "lines %llu\n"
			"audio bytes %llu\n"
			"bus_errors %llu\n"
			"stray %llu\n"
			"longest %llu",
		     &sync->device_calls, &sync->device_bytes,
		     &sync->device_lines, &sync->cpu_calls, &sync->cpu_bytes,
		     &sync->cpu_lines, &sync->audio_bytes, &sync->bus_errors,
		     &sync->stray, &sync->longest);
	fclose(f);
	if (got == 10)
		return 0;
	ksft_print_msg(DEBUGFS "sync: cannot read it (%d)\n", got);
	return -EINVAL;
}

/* nc_sync_zero() sets these to zero as well. */
int nc_stale_read(struct nc_stale *stale)
{
	FILE *f = open_debugfs("stale", "r");
	int got;

	if (!f)
		return -ENOENT;
	got = fscanf(f, "FE0 stale %llu%*[^\n]\nFE1%*[^\n]\nFE2%*[^\n]\nFE3%*[^\n]\n"
			"fetch stale %llu at %*u of %llu\n"
			"spoilt %llu",
		     &stale->fe0, &stale->fetch, &stale->fetched, &stale->spoilt);
	fclose(f);
	if (got == 4)
		return 0;
	ksft_print_msg(DEBUGFS "stale: cannot read it (%d)\n", got);
	return -EINVAL;
}

/* One of the simulator's knobs: evict, refill */
int nc_sim_set(const char *file, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u\n", value);
	return write_debugfs(file, text);
}

/* The one that is a name: cache */
int nc_sim_choose(const char *file, const char *name)
{
	char text[32];

	snprintf(text, sizeof(text), "%s\n", name);
	return write_debugfs(file, text);
}

int nc_sim_get(const char *file, unsigned int *value)
{
	FILE *f = open_debugfs(file, "r");
	int err = f && fscanf(f, "%u", value) == 1 ? 0 : -ENOENT;

	if (f)
		fclose(f);
	return err;
}

/* Frames that DMA has moved in the running or last stream, or an error */
long long nc_moved(const char *fe)
{
	FILE *f = open_debugfs("fe", "r");
	long long frames, moved = -ENOENT;
	char line[160], name[32];

	if (!f)
		return moved;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%31s start %*d frames %lld", name, &frames) == 2 &&
		    !strcmp(name, fe))
			moved = frames;
	fclose(f);
	return moved;
}
