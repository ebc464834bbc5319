// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail, one at a time: see nomem.h.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nomem.h"

/* Of the thread that called nomem_begin() */
static int nth_fd = -1;

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	size_t length = strlen(text);
	bool ok = fd >= 0 && write(fd, text, length) == (ssize_t)length;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool nomem_begin(void)
{
	/* Without a trace in the log for each */
	static const char * const set[][2] = {
		{ "/sys/kernel/debug/failslab/verbose", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(set); i++) {
		if (!put(set[i][0], set[i][1]))
			return false;
	}
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	return nth_fd >= 0;
}

/* Those that may not sleep count always; there are none in what the tests call. */
void nomem_count(enum nomem_kind kind)
{
	bool pages = kind == NOMEM_PAGES;

	if (!put("/sys/kernel/debug/failslab/ignore-gfp-wait", pages ? "Y" : "N") ||
	    !put("/sys/kernel/debug/fail_page_alloc/min-order", pages ? "0" : "20"))
		ksft_exit_fail_msg("cannot choose what fails\n");
}

static void set_nth(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(nth_fd, text, length, 0) != length)
		ksft_exit_fail_msg("cannot write fail-nth\n");
}

void nomem_arm(unsigned int nth)
{
	set_nth(nth);
}

bool nomem_hit(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) <= 0)
		ksft_exit_fail_msg("cannot read fail-nth\n");
	set_nth(0);
	return !atoi(text);
}
