// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's log during a DPCM test, from a point in time on, and whether lockdep
 * is still active.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dpcm-card.h"

int dpcm_log_open(struct dpcm_log *log)
{
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0)
		return -errno;
	lseek(log->fd, 0, SEEK_END);
	return 0;
}

const char *dpcm_log_find(struct dpcm_log *log, const char * const *texts)
{
	static char found[512];
	char line[2048];
	bool any = false;
	ssize_t n;
	int i;

	/* Each read is one record; EPIPE: some were overwritten. */
	while ((n = read(log->fd, line, sizeof(line) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		line[n] = '\0';
		for (i = 0; texts[i] && !any; i++) {
			char *text = strchr(line, ';');

			/* check-kcsan.sh decides whose functions race. */
			if (!text || !strstr(text, texts[i]) || strstr(text, "BUG: KCSAN"))
				continue;
			any = true;
			text[strcspn(text, "\n")] = '\0';
			snprintf(found, sizeof(found), "%s", text + 1);
		}
	}
	return any ? found : NULL;
}

const char *dpcm_log_splat(struct dpcm_log *log)
{
	static const char * const splats[] = {
		"BUG: ", "WARNING: ", "Unable to handle", "Internal error",
		"kernel BUG at", "list_del corruption", "list_add corruption",
		"refcount_t: ", "blocked for more than", "rcu: INFO",
		NULL
	};

	return dpcm_log_find(log, splats);
}

void dpcm_log_close(struct dpcm_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

bool dpcm_lockdep_on(void)
{
	char line[128];
	bool on = false;
	int value;
	FILE *f = fopen("/proc/lockdep_stats", "re");

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " debug_locks: %d", &value) == 1)
			on = value;
	fclose(f);
	return on;
}
