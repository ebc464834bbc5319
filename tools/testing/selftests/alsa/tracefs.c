// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tracefs.h"

/* Where it is mounted by itself if debugfs is, and where it may be mounted, too */
static const char *root(void)
{
	static const char * const roots[] = {
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing",
	};
	char path[64];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/trace", roots[i]);
		if (!access(path, R_OK | W_OK))
			return roots[i];
	}
	return NULL;
}

static int put(const char *file, const char *text, int flags)
{
	char path[128];
	int fd, err;

	if (!root())
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/%s", root(), file);
	fd = open(path, O_WRONLY | flags);
	if (fd < 0)
		return -errno;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

int tracefs_put(const char *file, const char *text)
{
	return put(file, text, 0);
}

FILE *tracefs_open(const char *file)
{
	char path[128];

	if (!root())
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", root(), file);
	return fopen(path, "r");
}

static int switch_events(const char *system, bool on)
{
	char file[96];

	snprintf(file, sizeof(file), "events/%s/enable", system);
	return put(file, on ? "1" : "0", 0);
}

bool tracefs_has(const char *system)
{
	char path[128];

	if (!root())
		return false;
	snprintf(path, sizeof(path), "%s/events/%s", root(), system);
	return !access(path, F_OK);
}

int tracefs_begin(const char *system)
{
	int err = put("trace", "", O_TRUNC);

	/* The clocks of two CPUs need not agree; this one does. */
	err = err ? err : put("trace_clock", "global", 0);
	return err ? err : switch_events(system, true);
}

int tracefs_end(const char *system)
{
	return switch_events(system, false);
}

int tracefs_read(struct tracefs_lines *lines)
{
	FILE *f = tracefs_open("trace");
	char line[512], *text;
	int err = 0;

	lines->count = 0;
	if (!f)
		return -ENOENT;
	while (!err && fgets(line, sizeof(line), f)) {
		/* "   task-pid   [cpu] flags   seconds.micros: event: text" */
		text = line[0] == '#' ? NULL : strstr(line, ": ");
		if (!text)
			continue;
		line[strcspn(line, "\n")] = 0;
		if (lines->count == TRACEFS_LINES || strlen(text + 2) >= TRACEFS_LENGTH)
			err = -E2BIG;
		else
			snprintf(lines->line[lines->count++], TRACEFS_LENGTH, "%s", text + 2);
	}
	fclose(f);
	return err;
}

void tracefs_mark(const char *text)
{
	put("trace_marker", text, 0);
}
