// SPDX-License-Identifier: GPL-2.0
/*
 * A PCM without a library, see noncoherent-raw.h.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sound/asound.h>

#include "../kselftest.h"
#include "nc-hwparams.h"
#include "noncoherent-raw.h"

static int call(struct raw_pcm *p, unsigned long request, void *arg)
{
	return ioctl(p->fd, request, arg) < 0 ? -errno : 0;
}

/* The number of the card with this id */
int raw_card(const char *id)
{
	char path[64], link[16];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/asound/%s", id);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = '\0';
	return strncmp(link, "card", 4) ? -ENODEV : atoi(link + 4);
}

int raw_open(struct raw_pcm *p, const char *card, int device, bool playback)
{
	char path[64];
	int number = raw_card(card);

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	p->playback = playback;
	if (number < 0)
		return number;
	snprintf(path, sizeof(path), "/dev/snd/pcmC%dD%d%c", number, device,
		 playback ? 'p' : 'c');
	p->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return p->fd < 0 ? -errno : 0;
}

void raw_close(struct raw_pcm *p)
{
	raw_unmap(p);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* What is in a frame, and how many of them a second */
struct sound {
	int format;
	unsigned int sample, frame;	/* bytes */
	unsigned int rate;
};

static const struct sound narrow = {
	SNDRV_PCM_FORMAT_S16_LE, 2, RAW_FRAME, RAW_RATE,
};

static const struct sound wide = {
	SNDRV_PCM_FORMAT_S32_LE, 4, RAW_WIDE_FRAME, RAW_WIDE_RATE,
};

static void hw_fill(struct snd_pcm_hw_params *params, const struct sound *sound,
		    unsigned int access, unsigned long period, unsigned long buffer)
{
	hwparams_any(params);
	hwparams_choice(params, SNDRV_PCM_HW_PARAM_ACCESS, access);
	hwparams_choice(params, SNDRV_PCM_HW_PARAM_FORMAT, sound->format);
	hwparams_number(params, SNDRV_PCM_HW_PARAM_CHANNELS, sound->frame / sound->sample);
	hwparams_number(params, SNDRV_PCM_HW_PARAM_RATE, sound->rate);
	hwparams_number(params, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, period);
	hwparams_number(params, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, buffer);
}

static int hw_params(struct raw_pcm *p, const struct sound *sound, unsigned int access,
		     unsigned long period, unsigned long buffer, unsigned int flags)
{
	struct snd_pcm_hw_params params;
	int err;

	hw_fill(&params, sound, access, period, buffer);
	params.flags = flags;
	err = call(p, SNDRV_PCM_IOCTL_HW_PARAMS, &params);
	if (err)
		return err;
	p->mmap = access == SNDRV_PCM_ACCESS_MMAP_INTERLEAVED ||
		  access == SNDRV_PCM_ACCESS_MMAP_NONINTERLEAVED;
	p->period = period;
	p->buffer = buffer;
	p->frame = sound->frame;
	p->hw = 0;
	p->appl = 0;
	return 0;
}

int raw_hw_untold(struct raw_pcm *p, unsigned long period, unsigned long buffer)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *params = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (params == MAP_FAILED)
		return -errno;
	hw_fill(params, &narrow, SNDRV_PCM_ACCESS_RW_INTERLEAVED, period, buffer);
	err = mprotect(params, page, PROT_READ) ? -errno :
	      call(p, SNDRV_PCM_IOCTL_HW_PARAMS, params);
	munmap(params, page);
	return err;
}

int raw_hw_params(struct raw_pcm *p, bool mmap, unsigned long period,
		  unsigned long buffer)
{
	return hw_params(p, &narrow, mmap ? SNDRV_PCM_ACCESS_MMAP_INTERLEAVED :
			 SNDRV_PCM_ACCESS_RW_INTERLEAVED, period, buffer, 0);
}

static int has_info(struct raw_pcm *p, unsigned int flags)
{
	struct snd_pcm_hw_params params;
	int err;

	hwparams_any(&params);
	err = call(p, SNDRV_PCM_IOCTL_HW_REFINE, &params);
	return err ? err : (params.info & flags) == flags;
}

int raw_hw_unwoken(struct raw_pcm *p, unsigned long period, unsigned long buffer)
{
	int offered = has_info(p, SNDRV_PCM_INFO_NO_PERIOD_WAKEUP);

	if (offered <= 0)
		return offered ? : -EOPNOTSUPP;
	return hw_params(p, &narrow, SNDRV_PCM_ACCESS_MMAP_INTERLEAVED, period, buffer,
			 SNDRV_PCM_HW_PARAMS_NO_PERIOD_WAKEUP);
}

int raw_hw_wide(struct raw_pcm *p, unsigned long period, unsigned long buffer)
{
	return hw_params(p, &wide, SNDRV_PCM_ACCESS_MMAP_INTERLEAVED, period, buffer, 0);
}

int raw_hw_planes(struct raw_pcm *p, bool mmap, unsigned long period,
		  unsigned long buffer)
{
	return hw_params(p, &narrow, mmap ? SNDRV_PCM_ACCESS_MMAP_NONINTERLEAVED :
			 SNDRV_PCM_ACCESS_RW_NONINTERLEAVED, period, buffer, 0);
}

int raw_hw_choose(struct raw_pcm *p, bool mmap)
{
	struct snd_pcm_hw_params params;
	int err;

	hwparams_any(&params);
	hwparams_choice(&params, SNDRV_PCM_HW_PARAM_ACCESS,
			mmap ? SNDRV_PCM_ACCESS_MMAP_INTERLEAVED :
			SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	params.intervals[SNDRV_PCM_HW_PARAM_BUFFER_TIME -
			 SNDRV_PCM_HW_PARAM_FIRST_INTERVAL].max = 500000;
	err = call(p, SNDRV_PCM_IOCTL_HW_PARAMS, &params);
	if (err)
		return err;
	p->mmap = mmap;
	p->period = hwparams_chosen(&params, SNDRV_PCM_HW_PARAM_PERIOD_SIZE);
	p->buffer = hwparams_chosen(&params, SNDRV_PCM_HW_PARAM_BUFFER_SIZE);
	p->frame = hwparams_chosen(&params, SNDRV_PCM_HW_PARAM_FRAME_BITS) / 8;
	p->hw = 0;
	p->appl = 0;
	return 0;
}

int raw_can_mmap(struct raw_pcm *p)
{
	return has_info(p, SNDRV_PCM_INFO_MMAP | SNDRV_PCM_INFO_MMAP_VALID);
}

int raw_is_synced(struct raw_pcm *p, bool *yes)
{
	int ret = has_info(p, SNDRV_PCM_INFO_EXPLICIT_SYNC);

	*yes = ret > 0;
	return ret;
}

int raw_hw_free(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_HW_FREE, NULL);
}

int raw_sw_params(struct raw_pcm *p, unsigned long stop,
		  unsigned long silence_threshold, unsigned long silence_size)
{
	struct snd_pcm_sw_params sw = { 0 };
	int err;

	sw.tstamp_mode = SNDRV_PCM_TSTAMP_NONE;
	sw.period_step = 1;
	sw.avail_min = p->period;
	sw.start_threshold = RAW_FOREVER;
	sw.stop_threshold = stop;
	sw.silence_threshold = silence_threshold;
	sw.silence_size = silence_size;
	err = call(p, SNDRV_PCM_IOCTL_SW_PARAMS, &sw);
	if (!err)
		p->boundary = sw.boundary;
	return err;
}

static int map(struct raw_pcm *p, int prot)
{
	size_t page = sysconf(_SC_PAGESIZE);

	p->map_bytes = (p->buffer * p->frame + page - 1) / page * page;
	p->map = mmap(NULL, p->map_bytes, prot, MAP_SHARED, p->fd,
		      SNDRV_PCM_MMAP_OFFSET_DATA);
	if (p->map != MAP_FAILED)
		return 0;
	p->map = NULL;
	return -errno;
}

int raw_map(struct raw_pcm *p)
{
	return map(p, PROT_READ | (p->playback ? PROT_WRITE : 0));
}

int raw_map_writable(struct raw_pcm *p)
{
	return map(p, PROT_READ | PROT_WRITE);
}

void raw_unmap(struct raw_pcm *p)
{
	if (p->map)
		munmap(p->map, p->map_bytes);
	p->map = NULL;
}

int raw_prepare(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_PREPARE, NULL);
}

int raw_start(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_START, NULL);
}

int raw_drop(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_DROP, NULL);
}

/* It ends later, and this says -EAGAIN until then. */
int raw_drain(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_DRAIN, NULL);
}

int raw_pause(struct raw_pcm *p, bool on)
{
	return ioctl(p->fd, SNDRV_PCM_IOCTL_PAUSE, (long)on) < 0 ? -errno : 0;
}

int raw_link(struct raw_pcm *p, struct raw_pcm *to)
{
	return ioctl(p->fd, SNDRV_PCM_IOCTL_LINK, (long)to->fd) < 0 ? -errno : 0;
}

int raw_unlink(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_UNLINK, NULL);
}

static long xfer(struct raw_pcm *p, unsigned long request, void *data,
		 unsigned long frames)
{
	struct snd_xferi xferi = { .buf = data, .frames = frames };
	int err = call(p, request, &xferi);

	return err ? err : xferi.result;
}

long raw_write(struct raw_pcm *p, const void *data, unsigned long frames)
{
	return xfer(p, SNDRV_PCM_IOCTL_WRITEI_FRAMES, (void *)data, frames);
}

static long xfer_planes(struct raw_pcm *p, unsigned long request, void **planes,
			unsigned long frames)
{
	struct snd_xfern xfern = { .bufs = planes, .frames = frames };
	int err = call(p, request, &xfern);

	return err ? err : xfern.result;
}

long raw_write_planes(struct raw_pcm *p, void **planes, unsigned long frames)
{
	return xfer_planes(p, SNDRV_PCM_IOCTL_WRITEN_FRAMES, planes, frames);
}

long raw_read_planes(struct raw_pcm *p, void **planes, unsigned long frames)
{
	return xfer_planes(p, SNDRV_PCM_IOCTL_READN_FRAMES, planes, frames);
}

long raw_read(struct raw_pcm *p, void *data, unsigned long frames)
{
	return xfer(p, SNDRV_PCM_IOCTL_READI_FRAMES, data, frames);
}

long raw_rewind(struct raw_pcm *p, unsigned long frames)
{
	snd_pcm_uframes_t n = frames;
	int err = call(p, SNDRV_PCM_IOCTL_REWIND, &n);

	return err ? err : (long)n;
}

long raw_forward(struct raw_pcm *p, unsigned long frames)
{
	snd_pcm_uframes_t n = frames;
	int err = call(p, SNDRV_PCM_IOCTL_FORWARD, &n);

	return err ? err : (long)n;
}

static int sync_ptr(struct raw_pcm *p, unsigned int flags, unsigned long appl)
{
	struct snd_pcm_sync_ptr s;
	int err;

	memset(&s, 0, sizeof(s));
	s.flags = flags;
	s.c.control.appl_ptr = appl;
	s.c.control.avail_min = p->period;
	err = call(p, SNDRV_PCM_IOCTL_SYNC_PTR, &s);
	if (err)
		return err;
	p->hw = s.s.status.hw_ptr;
	p->appl = s.c.control.appl_ptr;
	p->state = s.s.status.state;
	return 0;
}

int raw_update(struct raw_pcm *p)
{
	return sync_ptr(p, SNDRV_PCM_SYNC_PTR_HWSYNC | SNDRV_PCM_SYNC_PTR_APPL |
			SNDRV_PCM_SYNC_PTR_AVAIL_MIN, 0);
}

int raw_peek(struct raw_pcm *p)
{
	return sync_ptr(p, SNDRV_PCM_SYNC_PTR_APPL | SNDRV_PCM_SYNC_PTR_AVAIL_MIN, 0);
}

int raw_update_told(struct raw_pcm *p)
{
	return sync_ptr(p, SNDRV_PCM_SYNC_PTR_HWSYNC, p->appl);
}

int raw_tell(struct raw_pcm *p)
{
	return sync_ptr(p, 0, p->appl);
}

int raw_update_only(struct raw_pcm *p)
{
	return sync_ptr(p, SNDRV_PCM_SYNC_PTR_HWSYNC | SNDRV_PCM_SYNC_PTR_APPL, 0);
}

int raw_commit(struct raw_pcm *p, unsigned long frames)
{
	unsigned long appl = p->appl + frames;

	if (appl >= p->boundary || appl < frames)
		appl -= p->boundary;
	return sync_ptr(p, SNDRV_PCM_SYNC_PTR_AVAIL_MIN, appl);
}

int raw_hwsync(struct raw_pcm *p)
{
	return call(p, SNDRV_PCM_IOCTL_HWSYNC, NULL);
}

int raw_delay(struct raw_pcm *p, long *frames)
{
	snd_pcm_sframes_t n = 0;
	int err = call(p, SNDRV_PCM_IOCTL_DELAY, &n);

	*frames = n;
	return err;
}

int raw_status(struct raw_pcm *p)
{
	struct snd_pcm_status status;
	int err;

	memset(&status, 0, sizeof(status));
	err = call(p, SNDRV_PCM_IOCTL_STATUS, &status);
	if (err)
		return err;
	p->hw = status.hw_ptr;
	p->appl = status.appl_ptr;
	p->state = status.state;
	return 0;
}

int raw_poll(struct raw_pcm *p)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN | POLLOUT };

	return poll(&pfd, 1, 0) < 0 ? -errno : pfd.revents;
}

/* What can be written or read, as of the pointers that are known */
unsigned long raw_avail(const struct raw_pcm *p)
{
	unsigned long ahead = p->playback ? p->appl - p->hw : p->hw - p->appl;

	if (ahead > p->boundary)
		ahead += p->boundary;
	return p->playback ? p->buffer - ahead : ahead;
}

static unsigned long piece_at(const struct raw_pcm *p, unsigned long at,
			      unsigned long frames)
{
	return frames < p->buffer - at ? frames : p->buffer - at;
}

void raw_put(struct raw_pcm *p, unsigned long at, const void *data,
	     unsigned long frames)
{
	const unsigned char *from = data;
	unsigned long n;

	for (at %= p->buffer; frames; frames -= n, at = 0) {
		n = piece_at(p, at, frames);
		memcpy(p->map + at * p->frame, from, n * p->frame);
		from += n * p->frame;
	}
}

void raw_get(struct raw_pcm *p, unsigned long at, void *data,
	     unsigned long frames)
{
	unsigned char *to = data;
	unsigned long n;

	for (at %= p->buffer; frames; frames -= n, at = 0) {
		n = piece_at(p, at, frames);
		memcpy(to, p->map + at * p->frame, n * p->frame);
		to += n * p->frame;
	}
}
