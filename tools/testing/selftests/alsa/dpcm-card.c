// SPDX-License-Identifier: GPL-2.0
/*
 * A DPCM card, its streams and its switches, for all dpcm-* tests; see dpcm-card.h.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "dpcm-card.h"
#include "nc-hwparams.h"

#define MAX_CARDS	32
#define SIM_ID		"DPCMSim"
#define SIM_MODULE	"snd_soc_dpcm_sim"
/* A module stays in use for a moment after the last close. */
#define UNLOAD_MS	5000

struct dpcm_card dpcm = { .index = -1, .ctl = -1, .state = -1 };
bool dpcm_open_needs_be;

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

bool dpcm_poll(bool (*done)(void *arg), void *arg, int ms)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	while (!done(arg)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
			return done(arg);
		poll(NULL, 0, 1);
	}
	return true;
}

/*
 * Finding the card
 */

void dpcm_forget(void)
{
	if (dpcm.state >= 0)
		close(dpcm.state);
	if (dpcm.ctl >= 0)
		close(dpcm.ctl);
	memset(&dpcm, 0, sizeof(dpcm));
	dpcm.index = -1;
	dpcm.ctl = -1;
	dpcm.state = -1;
}

static int be_number(const char *name, size_t length)
{
	int i;

	if (length >= sizeof(dpcm.be_name[0]))
		return -1;
	for (i = 0; i < dpcm.bes; i++)
		if (strlen(dpcm.be_name[i]) == length &&
		    !memcmp(dpcm.be_name[i], name, length))
			return i;
	if (dpcm.bes == DPCM_MAX_BE)
		return -1;
	memcpy(dpcm.be_name[dpcm.bes], name, length);
	return dpcm.bes++;
}

/* "FE<n>" and nothing more */
static int fe_number(const char *name, size_t length)
{
	char *end;
	long fe;

	if (length < 3 || strncmp(name, "FE", 2))
		return -1;
	fe = strtol(name + 2, &end, 10);
	return end == name + length && fe >= 0 && fe < DPCM_MAX_FE ? fe : -1;
}

/* "SINK Mixer SOURCE Switch", one of the two a FE */
static void note_switch(const char *name, unsigned int numid, uint64_t *capture)
{
	const char *mixer = strstr(name, " Mixer "), *source, *end;
	int fe, be;

	source = mixer ? mixer + strlen(" Mixer ") : NULL;
	end = source ? strstr(source, " Switch") : NULL;
	if (!end || end[strlen(" Switch")])
		return;
	fe = fe_number(source, end - source);
	if (fe >= 0) {
		be = be_number(name, mixer - name);
	} else {
		fe = fe_number(name, mixer - name);
		if (fe < 0)
			return;
		be = be_number(source, end - source);
		*capture |= UINT64_C(1) << fe;
	}
	if (be < 0)
		return;
	dpcm.numid[fe][be] = numid;
	if (fe >= dpcm.fes)
		dpcm.fes = fe + 1;
}

static int note_switches(uint64_t *capture)
{
	struct snd_ctl_elem_list list = { 0 };
	struct snd_ctl_elem_id *ids;
	unsigned int i;
	int err;

	err = call(dpcm.ctl, SNDRV_CTL_IOCTL_ELEM_LIST, &list);
	if (err || !list.count)
		return err;
	ids = calloc(list.count, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	list.space = list.count;
	list.pids = ids;
	err = call(dpcm.ctl, SNDRV_CTL_IOCTL_ELEM_LIST, &list);
	for (i = 0; !err && i < list.used; i++)
		note_switch((const char *)ids[i].name, ids[i].numid, capture);
	free(ids);
	return err;
}

static int try_card(int index, const char *id)
{
	struct snd_ctl_card_info info;
	uint64_t capture = 0;
	char path[64];
	int fe, err;

	dpcm_forget();
	snprintf(path, sizeof(path), "/dev/snd/controlC%d", index);
	dpcm.ctl = open(path, O_RDWR | O_CLOEXEC);
	if (dpcm.ctl < 0)
		return -errno;
	err = call(dpcm.ctl, SNDRV_CTL_IOCTL_CARD_INFO, &info);
	if (err)
		return err;
	if (id && strcmp(id, (const char *)info.id))
		return -ENODEV;
	err = note_switches(&capture);
	if (err)
		return err;
	if (!dpcm.fes || !dpcm.bes)
		return -ENODEV;

	dpcm.index = index;
	dpcm.sim = !strcmp((const char *)info.id, SIM_ID);
	snprintf(path, sizeof(path), "/dev/snd/comprC%dD%d", index,
		 dpcm.fes - 1);
	dpcm.compressed = !access(path, F_OK);
	for (fe = 0; fe < dpcm.fes; fe++)
		dpcm.capture += !!(capture & UINT64_C(1) << fe);
	dpcm.playback = dpcm.fes - dpcm.capture - dpcm.compressed;
	if (dpcm.sim) {
		dpcm.state = open(DPCM_SIM_DIR "state", O_RDONLY | O_CLOEXEC);
		if (dpcm.state < 0)
			return -errno;
	}
	return 0;
}

static int find_id(const char *id)
{
	int index, err = -ENODEV;

	for (index = 0; err && index < MAX_CARDS; index++)
		err = try_card(index, id);
	return err;
}

/* The card that DPCM_CARD names, the test card, or any that will do. */
int dpcm_find(void)
{
	const char *id = getenv("DPCM_CARD");
	int err = find_id(id ? : SIM_ID);

	if (err && !id)
		err = find_id(NULL);
	if (err)
		dpcm_forget();
	return err;
}

static bool module_is_gone(void *err)
{
	*(int *)err = syscall(SYS_delete_module, SIM_MODULE, O_NONBLOCK) ?
		      -errno : 0;
	return *(int *)err != -EAGAIN && *(int *)err != -EBUSY;
}

int dpcm_unload(void)
{
	int err = 0;

	dpcm_forget();
	if (!access("/sys/module/" SIM_MODULE, F_OK))
		dpcm_poll(module_is_gone, &err, UNLOAD_MS);
	return err;
}

/* All switches of a new card are off. */
static void ask_for_needs(void)
{
	static bool asked;
	struct dpcm_pcm p;

	if (asked || !dpcm.sim)
		return;
	asked = true;
	dpcm_open_needs_be = dpcm_open(&p, 0) == -EINVAL;
	dpcm_close(&p);
}

int dpcm_load(const char *parameters)
{
	char command[256];
	int err;

	/* Built in it has the parameters that it has. */
	if (!access("/sys/module/" SIM_MODULE, F_OK) &&
	    access("/sys/module/" SIM_MODULE "/initstate", F_OK))
		return -EOPNOTSUPP;
	err = dpcm_unload();
	if (err)
		return err;
	snprintf(command, sizeof(command), "modprobe " SIM_MODULE
		 " %s >/dev/null 2>&1", parameters ? : "");
	if (system(command))
		return -EOPNOTSUPP;
	err = dpcm_find();
	if (!err)
		ask_for_needs();
	return err;
}

void dpcm_begin(const char *parameters)
{
	int err;

	/* A guest that dies must not take finished lines with it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	err = getenv("DPCM_CARD") ? -EOPNOTSUPP : dpcm_load(parameters);
	if (err == -EOPNOTSUPP)
		err = dpcm_find();
	if (err)
		ksft_exit_skip("no DPCM card: %s\n", strerror(-err));
}

enum dpcm_dir dpcm_dir(int fe)
{
	return fe >= dpcm.playback && fe < dpcm.playback + dpcm.capture ?
	       DPCM_CAPT : DPCM_PLAY;
}

/*
 * Streams
 */

int dpcm_open(struct dpcm_pcm *p, int fe)
{
	char path[64];

	p->fe = fe;
	snprintf(path, sizeof(path), "/dev/snd/pcmC%dD%d%c", dpcm.index, fe,
		 dpcm_dir(fe) == DPCM_PLAY ? 'p' : 'c');
	p->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return p->fd < 0 ? -errno : 0;
}

/* 4 periods of 240 frames */
int dpcm_hw_params_set(struct dpcm_pcm *p, const struct dpcm_params *set)
{
	struct snd_pcm_hw_params params;
	struct snd_pcm_sw_params sw = { 0 };
	int err;

	hwparams_any(&params);
	hwparams_choice(&params, SNDRV_PCM_HW_PARAM_ACCESS,
			SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	hwparams_choice(&params, SNDRV_PCM_HW_PARAM_FORMAT, set->format);
	hwparams_number(&params, SNDRV_PCM_HW_PARAM_CHANNELS, set->channels);
	hwparams_number(&params, SNDRV_PCM_HW_PARAM_RATE, set->rate);
	hwparams_number(&params, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, 240);
	hwparams_number(&params, SNDRV_PCM_HW_PARAM_PERIODS, 4);
	err = call(p->fd, SNDRV_PCM_IOCTL_HW_PARAMS, &params);
	if (err)
		return err;

	/* Never underrun, and start without data. */
	sw.tstamp_mode = SNDRV_PCM_TSTAMP_NONE;
	sw.period_step = 1;
	sw.avail_min = 240;
	sw.start_threshold = 1;
	sw.stop_threshold = ~0UL;
	return call(p->fd, SNDRV_PCM_IOCTL_SW_PARAMS, &sw);
}

/* 2 channels, 16 bits */
int dpcm_hw_params(struct dpcm_pcm *p, unsigned int rate)
{
	const struct dpcm_params set = { rate, SNDRV_PCM_FORMAT_S16_LE, 2 };

	return dpcm_hw_params_set(p, &set);
}

int dpcm_stop_after(struct dpcm_pcm *p, unsigned int frames)
{
	struct snd_pcm_sw_params sw = {
		.period_step = 1,
		.avail_min = 1,
		.start_threshold = 1,
	};
	struct snd_pcm_status status = { 0 };
	int err = call(p->fd, SNDRV_PCM_IOCTL_STATUS, &status);

	sw.stop_threshold = status.avail + frames;
	return err ? err : call(p->fd, SNDRV_PCM_IOCTL_SW_PARAMS, &sw);
}

int dpcm_hw_free(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_HW_FREE, NULL);
}

int dpcm_prepare(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_PREPARE, NULL);
}

int dpcm_start(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_START, NULL);
}

int dpcm_pause(struct dpcm_pcm *p, bool on)
{
	return ioctl(p->fd, SNDRV_PCM_IOCTL_PAUSE, (int)on) < 0 ? -errno : 0;
}

int dpcm_drop(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_DROP, NULL);
}

int dpcm_drain(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_DRAIN, NULL);
}

int dpcm_xrun(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_XRUN, NULL);
}

int dpcm_resume(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_RESUME, NULL);
}

int dpcm_link(struct dpcm_pcm *p, struct dpcm_pcm *other)
{
	return ioctl(p->fd, SNDRV_PCM_IOCTL_LINK, other->fd) < 0 ? -errno : 0;
}

int dpcm_unlink(struct dpcm_pcm *p)
{
	return call(p->fd, SNDRV_PCM_IOCTL_UNLINK, NULL);
}

int dpcm_close(struct dpcm_pcm *p)
{
	int fd = p->fd;

	p->fd = -1;
	return fd >= 0 && close(fd) ? -errno : 0;
}

int dpcm_up(struct dpcm_pcm *p, int fe, unsigned int rate)
{
	int err;

	err = dpcm_open(p, fe);
	if (err)
		return err;
	err = dpcm_hw_params(p, rate) ? : dpcm_prepare(p) ? : dpcm_start(p);
	if (err)
		dpcm_close(p);
	return err;
}

int dpcm_pcm_state(struct dpcm_pcm *p)
{
	struct snd_pcm_status status = { 0 };
	int err = call(p->fd, SNDRV_PCM_IOCTL_STATUS, &status);

	return err ? : (int)status.state;
}

/*
 * Switches
 */

static int elem(unsigned long request, int fe, int be, long *value)
{
	struct snd_ctl_elem_value v = { 0 };
	int err;

	if (!dpcm.numid[fe][be])
		return -ENOENT;
	v.id.numid = dpcm.numid[fe][be];
	v.value.integer.value[0] = *value;
	err = call(dpcm.ctl, request, &v);
	*value = v.value.integer.value[0];
	return err;
}

int dpcm_route(int fe, int be, bool on)
{
	long value = on;

	return elem(SNDRV_CTL_IOCTL_ELEM_WRITE, fe, be, &value);
}

int dpcm_routed(int fe, int be)
{
	long value = 0;
	int err = elem(SNDRV_CTL_IOCTL_ELEM_READ, fe, be, &value);

	return err ? : !!value;
}

int dpcm_routes_off(void)
{
	int fe, be, err = 0, ret;

	for (fe = 0; fe < dpcm.fes; fe++) {
		for (be = 0; be < dpcm.bes; be++) {
			if (!dpcm.numid[fe][be])
				continue;
			ret = dpcm_route(fe, be, false);
			err = err ? : ret;
		}
	}
	return err;
}
