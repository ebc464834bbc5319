// SPDX-License-Identifier: GPL-2.0
/*
 * The board under test: its blocks and its switches. See nc-card.h.
 *
 * They are read from the cards. A front end is a PCM device of the card under test; the
 * address in its name shows which one it is. A port is a PCM device of the bench that the
 * routes of the card lead to; only the device tree has the pins.
 *
 * Tests use the names of the data sheet for the blocks, as the simulator does. The names
 * of the board, which its switches have as well, are in the nodes.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "nc-card.h"

#define FAMILY	"NC1"
#define DEVICES	"/sys/bus/platform/devices"

struct nc_board nc_board;

/*
 * The two cards
 */

const char *nc_bench(void)
{
	return getenv("NC_BENCH") ? : FAMILY "Bench";
}

/* The first of the family that is not the bench */
static void find_card(char *id, size_t size)
{
	snd_ctl_card_info_t *info;
	int number = -1;
	snd_ctl_t *ctl;
	char hw[16];

	snd_ctl_card_info_alloca(&info);
	while (!id[0] && !snd_card_next(&number) && number >= 0) {
		const char *found = "";

		snprintf(hw, sizeof(hw), "hw:%d", number);
		if (snd_ctl_open(&ctl, hw, 0))
			continue;
		if (!snd_ctl_card_info(ctl, info))
			found = snd_ctl_card_info_get_id(info);
		if (!strncmp(found, FAMILY, strlen(FAMILY)) && strcmp(found, nc_bench()))
			snprintf(id, size, "%s", found);
		snd_ctl_close(ctl);
	}
}

/* Once found it is known: it may go away, and be waited for. */
const char *nc_card(void)
{
	const char *chosen = getenv("NC_CARD");
	static char id[16];

	if (chosen)
		return chosen;
	if (!id[0])
		find_card(id, sizeof(id));
	return id[0] ? id : FAMILY "Phone";
}

bool nc_cards_present(void)
{
	return snd_card_get_index(nc_card()) >= 0 &&
	       snd_card_get_index(nc_bench()) >= 0;
}

/*
 * The card's routes: strings, sink and source in turn
 */

static char routing[4096];
static size_t routing_size;

static int read_routing(void)
{
	char path[96];
	int err;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/sound/card%d/device/of_node/routing",
		 snd_card_get_index(nc_card()));
	f = fopen(path, "r");
	if (!f) {
		err = -errno;
		ksft_print_msg("%s: %s\n", path, strerror(-err));
		return err;
	}
	routing_size = fread(routing, 1, sizeof(routing) - 1, f);
	fclose(f);
	return 0;
}

static bool is_end_of_route(const char *name, bool source)
{
	bool is_source = false;
	const char *s;

	for (s = routing; s < routing + routing_size; s += strlen(s) + 1) {
		if (is_source == source && !strcmp(s, name))
			return true;
		is_source = !is_source;
	}
	return false;
}

/*
 * Blocks
 */

static const struct {
	const char *name;
	const char *window;
} blocks[] = {
	{ "FE0", "5f000000" }, { "FE1", "5f000100" }, { "FE2", "5f000200" },
	{ "FE3", "5f000300" }, { "FE4", "5f000400" }, { "FE5", "5f000500" },
	{ "I2S0", "5f002000" }, { "I2S1", "5f003000" }, { "PDM0", "5f004000" },
};

/* The board's name of a block: 15 letters. Also an unused block has a switch. */
int nc_called(const char *block, char *name)
{
	char pattern[96];
	unsigned int i;
	int got = 0;
	glob_t found;
	FILE *f;

	for (i = 0; i < ARRAY_SIZE(blocks) && strcmp(blocks[i].name, block); i++)
		;
	if (i == ARRAY_SIZE(blocks))
		return -EINVAL;
	snprintf(pattern, sizeof(pattern),
		 "/sys/firmware/devicetree/base/soc/*@%s/sound-name-prefix",
		 blocks[i].window);
	if (glob(pattern, 0, NULL, &found))
		return -ENOENT;
	f = fopen(found.gl_pathv[0], "r");
	if (f) {
		got = fscanf(f, "%15s", name);
		fclose(f);
	}
	globfree(&found);
	return got == 1 ? 0 : -EIO;
}

/*
 * PCM devices
 */

static int add(struct nc_end *ends, int *count, const char *name,
	       const snd_pcm_info_t *info)
{
	struct nc_end *end = &ends[*count];

	if (*count == NC_MAX_ENDS) {
		ksft_print_msg("no room for %s\n", name);
		return -ENOSPC;
	}
	snprintf(end->name, sizeof(end->name), "%s", name);
	end->dev = snd_pcm_info_get_device(info);
	end->dir = snd_pcm_info_get_stream(info);
	(*count)++;
	return 0;
}

/* audio-graph-card2 calls the PCM "fe.audio-fe@5f000100.Call...", after node and DAI. */
static const char *fe_name(const char *id)
{
	char window[32];
	unsigned int i;

	if (sscanf(id, "fe.%*[^.@]@%31[^.]", window) != 1)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		if (!strcmp(blocks[i].window, window))
			return blocks[i].name;
	}
	return NULL;
}

static int add_fe(const snd_pcm_info_t *info)
{
	const char *name = fe_name(snd_pcm_info_get_id(info));

	if (!name) {
		ksft_print_msg("%s,%u, \"%s\": no front end\n", nc_card(),
			       snd_pcm_info_get_device(info),
			       snd_pcm_info_get_id(info));
		return -ENOENT;
	}
	if (snd_pcm_info_get_stream(info) == SND_PCM_STREAM_PLAYBACK)
		return add(nc_board.play, &nc_board.plays, name, info);
	return add(nc_board.rec, &nc_board.recs, name, info);
}

/* The bench records the frames that a port transmits, and the other way round. */
static int add_port(const snd_pcm_info_t *info)
{
	const char *name = snd_pcm_info_get_id(info);
	char end[32], called[16];
	int err;

	/* The bench has one device more, which is no port. */
	err = nc_called(name, called);
	if (err)
		return err == -EINVAL ? 0 : err;
	if (snd_pcm_info_get_stream(info) == SND_PCM_STREAM_CAPTURE) {
		snprintf(end, sizeof(end), "%s Mixer", called);
		if (is_end_of_route(end, true))
			return add(nc_board.out, &nc_board.outs, name, info);
	} else {
		snprintf(end, sizeof(end), "XBAR %s", called);
		if (is_end_of_route(end, false))
			return add(nc_board.in, &nc_board.ins, name, info);
	}
	return 0;
}

/* Calls @found for each device of a card, once for each direction that it has. */
static int walk_pcms(const char *card, int (*found)(const snd_pcm_info_t *info))
{
	int dir, dev = -1, err;
	snd_pcm_info_t *info;
	snd_ctl_t *ctl;
	char hw[64];

	snprintf(hw, sizeof(hw), "hw:%s", card);
	err = snd_ctl_open(&ctl, hw, 0);
	if (err < 0) {
		ksft_print_msg("%s: %s\n", hw, snd_strerror(err));
		return err;
	}
	snd_pcm_info_alloca(&info);
	while (!err) {
		err = snd_ctl_pcm_next_device(ctl, &dev);
		if (err || dev < 0)
			break;
		for (dir = 0; !err && dir <= SND_PCM_STREAM_LAST; dir++) {
			snd_pcm_info_set_device(info, dev);
			snd_pcm_info_set_subdevice(info, 0);
			snd_pcm_info_set_stream(info, dir);
			if (!snd_ctl_pcm_info(ctl, info))
				err = found(info);
		}
	}
	snd_ctl_close(ctl);
	return err;
}

/* Fills in nc_board. */
int nc_board_read(void)
{
	int err;

	memset(&nc_board, 0, sizeof(nc_board));
	err = read_routing() ? : walk_pcms(nc_card(), add_fe) ? :
	      walk_pcms(nc_bench(), add_port);
	if (!err)
		ksft_print_msg("%s: %d front ends play, %d record; %d ports transmit, %d receive\n",
			       nc_card(), nc_board.plays, nc_board.recs,
			       nc_board.outs, nc_board.ins);
	return err;
}

/*
 * Crossbar switches
 */

static snd_ctl_t *ctl;

static int open_ctl(void)
{
	char card[64];
	int err;

	if (ctl)
		return 0;
	snprintf(card, sizeof(card), "hw:%s", nc_card());
	err = snd_ctl_open(&ctl, card, 0);
	if (err >= 0)
		return 0;
	ctl = NULL;
	ksft_print_msg("%s: %s\n", card, snd_strerror(err));
	return err;
}

/* A switch, by the board's names of the blocks */
static int set_switch(const char *sink, const char *source, bool on)
{
	snd_ctl_elem_value_t *value;
	char name[44];
	int err;

	snprintf(name, sizeof(name), "%s Mixer %s Switch", sink, source);
	snd_ctl_elem_value_alloca(&value);
	snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_value_set_name(value, name);
	snd_ctl_elem_value_set_boolean(value, 0, on);
	err = open_ctl();
	if (err)
		return err;
	err = snd_ctl_elem_write(ctl, value);
	if (err >= 0)
		return 0;
	ksft_print_msg("%s: %s: %s\n", nc_card(), name, snd_strerror(err));
	return err;
}

int nc_route(const char *sink, const char *source, bool on)
{
	char to[16], from[16];
	int err;

	err = nc_called(sink, to) ? : nc_called(source, from);
	if (err) {
		ksft_print_msg("%s to %s: what does the board call them? %s\n", source, sink,
			       strerror(-err));
		return err;
	}
	return set_switch(to, from, on);
}

/* The way that the front end's sound goes */
int nc_join(const struct nc_end *fe, const struct nc_end *port, bool on)
{
	if (fe->dir == SND_PCM_STREAM_PLAYBACK)
		return nc_route(port->name, fe->name, on);
	return nc_route(fe->name, port->name, on);
}

/* All that the crossbar has, also those that lead nowhere on this board */
int nc_routes_off(void)
{
	snd_ctl_elem_list_t *list;
	char sink[16], source[16];
	unsigned int i, count = 0;
	int err;

	err = open_ctl();
	if (err)
		return err;
	snd_ctl_elem_list_alloca(&list);
	err = snd_ctl_elem_list(ctl, list);
	if (err >= 0)
		err = snd_ctl_elem_list_alloc_space(list, snd_ctl_elem_list_get_count(list));
	if (err >= 0)
		err = snd_ctl_elem_list(ctl, list);
	for (i = 0; err >= 0 && i < snd_ctl_elem_list_get_used(list); i++) {
		if (sscanf(snd_ctl_elem_list_get_name(list, i),
			   "%15s Mixer %15s Switch", sink, source) != 2)
			continue;
		err = set_switch(sink, source, false);
		count++;
	}
	snd_ctl_elem_list_free_space(list);
	return err < 0 ? err : count ? 0 : -ENOENT;
}

/* A card whose control device is open cannot be freed. */
void nc_ctl_close(void)
{
	if (ctl)
		snd_ctl_close(ctl);
	ctl = NULL;
}

/*
 * Runtime PM
 */

/* How many blocks of the subsystem are on; negative: an error */
int nc_blocks_on(void)
{
	char path[320], text[16], driver[320];
	struct dirent *entry;
	int on = 0, blocks = 0;
	DIR *dir = opendir(DEVICES);
	ssize_t got;
	FILE *f;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), DEVICES "/%s/driver", entry->d_name);
		got = readlink(path, driver, sizeof(driver) - 1);
		driver[got < 0 ? 0 : got] = 0;
		if (!strstr(driver, "/nc1-") || strstr(driver, "/nc1-sim"))
			continue;
		snprintf(path, sizeof(path), DEVICES "/%s/power/runtime_status", entry->d_name);
		f = fopen(path, "r");
		if (!f || fscanf(f, "%15s", text) != 1)
			text[0] = 0;
		if (f)
			fclose(f);
		blocks++;
		on += !!strcmp(text, "suspended");
	}
	if (dir)
		closedir(dir);
	return blocks ? on : -ENODEV;
}

/*
 * Wait for a time in ms until all blocks and their clocks are off; return the number of
 * those that are still on, or an error.
 */
int nc_wait_off(long limit, long *ms)
{
	struct timespec begin, now;
	unsigned int clocks;
	int on;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		on = nc_blocks_on();
		if (nc_sim_get("clocks", &clocks))
			return -EIO;
		if (on >= 0)
			on += __builtin_popcount(clocks);
		clock_gettime(CLOCK_MONOTONIC, &now);
		*ms = (now.tv_sec - begin.tv_sec) * 1000 +
		      (now.tv_nsec - begin.tv_nsec) / 1000000;
	} while (on > 0 && *ms < limit);
	return on;
}
