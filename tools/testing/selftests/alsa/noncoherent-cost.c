// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: bytes of cache maintenance for a byte of audio.
 *
 * How audio is moved, in pieces of how many frames, out of how large a preallocated
 * buffer: each case is played or recorded through the simulated card and compared,
 * so a number counts only if the sound is right. Maintenance is counted in whole
 * cache lines, both directions.
 *
 * The numbers go out as comments "# how,frames,prealloc,audio,maintained,calls,longest"
 * and, if the environment names a file in NONCOHERENT_COST_OUT, into that as CSV.
 * "longest" is how many bytes were synced in one stretch with interrupts off.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-upkeep.h"

static const unsigned int pieces[] = { 64, 65, 256, 1024 };
static const unsigned int preallocs[] = { 16, 64, 256 };

static FILE *csv;

static void tell(const struct upkeep *u)
{
	char line[128];

	snprintf(line, sizeof(line), "%s,%u,%u,%zu,%llu,%llu,%llu\n",
		 upkeep_name[u->how], u->piece, u->prealloc, u->audio,
		 u->lines * NC_LINE, u->calls, u->longest);
	ksft_print_msg("%s", line);
	if (csv)
		fputs(line, csv);
}

static bool measure(const void *arg)
{
	struct upkeep u = *(const struct upkeep *)arg;

	if (!upkeep_measure(&u))
		return false;
	tell(&u);
	return true;
}

static void test(enum upkeep_how how, unsigned int piece, unsigned int prealloc)
{
	struct upkeep u = {
		.how = how,
		.piece = piece,
		/* An unaligned piece goes into aligned periods; a mixer's is one. */
		.period = piece == 65 && how != UPKEEP_DMIX ? 64 : piece,
		.prealloc = prealloc,
	};

	u.buffer = 4 * u.period;
	ksft_test_result(sy_alone(measure, &u), "%s of %u frames, %u KiB\n",
			 upkeep_name[how], piece, prealloc);
}

int main(void)
{
	const char *file = getenv("NONCOHERENT_COST_OUT");
	unsigned int how, i, k;

	sy_begin();
	if (file) {
		csv = fopen(file, "w");
		if (!csv)
			ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
		fputs("how,frames,prealloc,audio,maintained,calls,longest\n", csv);
	}
	ksft_set_plan((UPKEEP_MMAP_READ + 1) * ARRAY_SIZE(pieces) * ARRAY_SIZE(preallocs));
	for (how = 0; how <= UPKEEP_MMAP_READ; how++)
		for (i = 0; i < ARRAY_SIZE(pieces); i++)
			for (k = 0; k < ARRAY_SIZE(preallocs); k++)
				test(how, pieces[i], preallocs[k]);
	if (csv && fclose(csv))
		ksft_exit_fail_msg("%s: %s\n", file, strerror(errno));
	nc_routes_off();
	ksft_finished();
	return 0;
}
