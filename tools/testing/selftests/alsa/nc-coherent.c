// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: cache maintenance is done if it is needed, and only then.
 *
 * The device tree says whether the DMA controller is coherent with the CPU's
 * caches (dma-coherent). If it is, the sound must be exact without a single
 * sync call; if it is not, it must be exact because of them, and both
 * directions must be counted. The same program is run on boards of both
 * kinds.
 *
 * For example it finds dma-coherent being ignored, a driver that decides by
 * itself, and a test bench on which the sync calls do not matter.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

#define TREE		"/proc/device-tree"
#define COMPATIBLE	"vendor-nc,nc1-sim"

enum { NOT_FOUND = -1, NON_COHERENT, COHERENT };

static bool has_property(const char *node, const char *property)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", node, property);
	return !access(path, F_OK);
}

static bool is_compatible(const char *node)
{
	char path[512], list[256];
	size_t n, at;
	FILE *f;

	snprintf(path, sizeof(path), "%s/compatible", node);
	f = fopen(path, "r");
	if (!f)
		return false;
	n = fread(list, 1, sizeof(list) - 1, f);
	fclose(f);
	list[n] = 0;
	for (at = 0; at < n; at += strlen(list + at) + 1)
		if (!strcmp(list + at, COMPATIBLE))
			return true;
	return false;
}

/* A node is coherent if it or one of its parents has dma-coherent. */
static int find_simulator(const char *node, bool coherent)
{
	int found = NOT_FOUND;
	struct dirent *d;
	char path[512];
	DIR *dir;

	coherent = coherent || has_property(node, "dma-coherent");
	if (is_compatible(node))
		return coherent ? COHERENT : NON_COHERENT;
	dir = opendir(node);
	if (!dir)
		return NOT_FOUND;
	while (found == NOT_FOUND && (d = readdir(dir))) {
		if (d->d_type != DT_DIR || d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", node, d->d_name);
		found = find_simulator(path, coherent);
	}
	closedir(dir);
	return found;
}

/* As many calls and bytes as the kind of device needs: some, or none */
static bool counted(int tree, unsigned long long calls,
		    unsigned long long bytes, unsigned long long audio)
{
	ksft_print_msg("%llu calls, %llu bytes for %llu bytes of audio\n",
		       calls, bytes, audio);
	if (!audio)
		return false;
	return tree == COHERENT ? !calls && !bytes : calls && bytes >= audio;
}

static bool playback(int tree, snd_pcm_access_t access)
{
	struct nc_cfg cfg = nc_cfg(access, SND_PCM_FORMAT_S16_LE, 2, 48000);
	const struct nc_board *b = &nc_board;
	struct nc_stream play;
	struct nc_sync sync;
	bool ok;

	if (nc_sync_zero() || nc_join(&b->play[0], &b->out[0], true) ||
	    nc_open_fe(&play, &b->play[0], &cfg, nc_some_frames(&cfg)))
		return false;
	ok = nc_plays_exact(&play, &b->out[0], 1) && !nc_sync_read(&sync) &&
	     counted(tree, sync.device_calls, sync.device_bytes,
		     play.frames * play.frame_bytes);
	nc_close(&play);
	return ok;
}

static bool capture(int tree, snd_pcm_access_t access)
{
	struct nc_cfg cfg = nc_cfg(access, SND_PCM_FORMAT_S16_LE, 2, 48000);
	const struct nc_board *b = &nc_board;
	size_t frames = nc_some_frames(&cfg);
	struct nc_stream rec, play = { 0 };
	struct nc_stream *set[] = { &rec, &play };
	struct nc_sync sync;
	bool ok = false;

	if (nc_sync_zero() || nc_join(&b->rec[0], &b->in[0], true) ||
	    nc_open_fe(&rec, &b->rec[0], &cfg, frames + cfg.rate))
		return false;
	if (!nc_open_bench(&play, &b->in[0], &cfg, frames)) {
		nc_fill(&play, 2);
		ok = !nc_run(set, 2) && nc_heard(&rec, &play) &&
		     !nc_sync_read(&sync) &&
		     counted(tree, sync.cpu_calls, sync.cpu_bytes,
			     rec.pos * rec.frame_bytes);
	}
	nc_close(&play);
	nc_close(&rec);
	return ok;
}

int main(void)
{
	static const snd_pcm_access_t accesses[] = {
		SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED,
	};
	unsigned int i;
	int tree, need;

	nc_begin();
	nc_clock_steps();
	tree = find_simulator(TREE, false);
	if (tree == NOT_FOUND)
		ksft_exit_skip("no %s in the device tree\n", COMPATIBLE);
	ksft_set_plan(5);
	if (nc_routes_off())
		ksft_exit_fail_msg("no crossbar switches\n");
	ksft_print_msg("the device tree says %s\n",
		       tree == COHERENT ? "dma-coherent" : "not coherent");

	need = nc_need_sync();
	ksft_test_result(need == (tree == NON_COHERENT),
			 "need_sync agrees with the device tree\n");
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		ksft_test_result(playback(tree, accesses[i]),
				 "playback %s: exact with %s\n",
				 nc_access_name(accesses[i]),
				 tree == COHERENT ? "no sync" : "sync");
		ksft_test_result(capture(tree, accesses[i]),
				 "capture %s: exact with %s\n",
				 nc_access_name(accesses[i]),
				 tree == COHERENT ? "no sync" : "sync");
	}
	nc_routes_off();
	ksft_finished();
}
