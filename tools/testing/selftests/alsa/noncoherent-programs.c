// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: small programs that use the ring like known ones.
 *
 * The tests of noncoherent-rows use the calls of the ALSA core as intended. The programs
 * that people run were written for other buffers: for one that programs share with the
 * device, as on a coherent machine, or for one that is synced as a whole at each call.
 * Each program here follows the public source that its comment names; the rows Y12 to
 * Y22 are in Documentation/sound/soc/vendor-nc/sync-testing.rst. Stock Linux 6.12 syncs
 * the whole buffer when a program moves appl_ptr or requests hw_ptr. The results of
 * make check-stock:
 *
 *	heard		y12_aaudio*, y12_tinyalsa, y12_stop_* and y12_quarter*, but for the
 *			frames that are stored after the last call; y18
 *	not heard	y12_ask_*, y12_dmix*, y12_pause, y12_rewind*,
 *			y12_tinyalsa_2_bursts, y13, y20, y22
 *
 * The tests that are heard cost 136 to 1370 bytes for a byte of audio, so that all fail
 * but y18_cleared_again, whose cost is not checked.
 *
 * Programs that cannot work are left out: those that commit first and store afterwards
 * (Wine), and those that read recorded frames without any call.
 */
#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>

#include "../kselftest.h"
#include "noncoherent-players.h"

#define PERIOD		480
#define BUFFER		3840
#define BURST		240
#define LEAST_AHEAD	(PERIOD / 4)

/* The bench card's device whose driver copies by itself */
#define COPY		4

/* Most that may be maintained for a byte of audio, in percent */
#define COMMITTED	127
#define NOT_COMMITTED	300
#define ONLY_READ	110
#define STORED_OVER	230
#define CLEARED		260

/*
 * Y12: programs that commit one period, or nothing, and then only store
 *
 * Android: AAudio stores some bursts ahead of a position that it asks the HAL for
 * (frameworks/av, media/libaaudio/src/client/, services/oboeservice/). The HAL has
 * opened the stream with PCM_MMAP | PCM_NOIRQ and has committed one period
 * (out_create_mmap_buffer() in hal/audio_hw.c of the primary HALs of several SoCs).
 */
static bool aaudio(bool unwoken)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = unwoken, .stop = RAW_FOREVER,
		.first = PERIOD, .step = BURST, .ahead = 3 * BURST, .ask = raw_update_told,
		.percent = NOT_COMMITTED,
	};

	return plays(&how);
}

static bool y12_aaudio(void)
{
	return aaudio(true);
}

static bool y12_aaudio_wakeups(void)
{
	return aaudio(false);
}

/*
 * tinyalsa 1.1.1, pcm.c: pcm_mmap_commit() moves appl_ptr by SYNC_PTR; pcm_start() is
 * PREPARE, SYNC_PTR, START; pcm_mmap_get_hw_ptr() is SYNC_PTR with HWSYNC, and the
 * appl_ptr of before.
 */
static bool tinyalsa(unsigned int bursts)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = true, .stop = RAW_FOREVER,
		.first = PERIOD, .prepares_again = true, .step = bursts * BURST,
		.ahead = (bursts + 1) * BURST, .ask = raw_update_told, .percent = NOT_COMMITTED,
	};

	return plays(&how);
}

static bool y12_tinyalsa(void)
{
	return tinyalsa(1);
}

static bool y12_tinyalsa_2_bursts(void)
{
	return tinyalsa(2);
}

/*
 * tinyalsa takes stop_threshold from struct pcm_config, and HALs set it to "never":
 * INT32_MAX (pcm_config_mmap_playback in hal/audio_hw.c), UINT_MAX, or what fits below
 * the boundary. All of them are larger than the buffer, which is what counts.
 */
static bool never_stops(unsigned long stop)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = true, .stop = stop,
		.first = PERIOD, .step = BURST, .ahead = 3 * BURST, .ask = raw_update_told,
		.percent = NOT_COMMITTED,
	};

	return plays(&how);
}

static bool y12_stop_int_max(void)
{
	return never_stops(0x7fffffff);
}

static bool y12_stop_uint_max(void)
{
	return never_stops(0xffffffff);
}

static bool y12_stop_below_boundary(void)
{
	return never_stops(BELOW_BOUNDARY);
}

static bool y12_stop_8_buffers(void)
{
	return never_stops(8 * BUFFER);
}

/*
 * include/uapi/sound/asound.h: with the flag APPL a program passes no appl_ptr. Stock
 * syncs nothing for playback then.
 */
static bool y12_ask_only(void)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = true, .stop = RAW_FOREVER,
		.first = PERIOD, .step = BURST, .ahead = 3 * BURST, .ask = raw_update_only,
		.percent = NOT_COMMITTED,
	};

	return plays(&how);
}

/* alsa-lib, src/pcm/pcm_hw.c, snd_pcm_hw_status(): STATUS is the only question. */
static bool y12_ask_status(void)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .stop = RAW_FOREVER,
		.first = PERIOD, .step = BURST, .ahead = 3 * BURST, .ask = raw_status,
		.percent = NOT_COMMITTED,
	};

	return plays(&how);
}

/*
 * The promise: a quarter of a period, what DMA has fetched, and half of the rest for a
 * position that moves in steps.
 */
static bool quarter(bool unwoken)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = unwoken, .stop = RAW_FOREVER,
		.first = PERIOD, .step = 48, .piece = 8, .ahead = LEAST_AHEAD + 8 + 48,
		.ask = raw_update_told, .percent = NOT_COMMITTED,
	};

	return plays(&how);
}

static bool y12_quarter(void)
{
	return quarter(true);
}

static bool y12_quarter_wakeups(void)
{
	return quarter(false);
}

/* Frames that were stored before a pause are changed in it: a player that seeks. */
static bool y12_pause(void)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .stop = RAW_FOREVER, .first = PERIOD,
		.step = BURST, .ahead = 3 * BURST, .ask = raw_update_told, .pauses = true,
		.percent = NOT_COMMITTED,
	};

	return plays(&how);
}

/*
 * A mixer that has filled its ring and gets another sound: it goes back, by REWIND or by
 * a smaller appl_ptr in SYNC_PTR, and from then on commits nothing.
 */
static const struct player rewinder = {
	.period = PERIOD, .buffer = BUFFER, .unwoken = true, .stop = RAW_FOREVER,
};

static int rewind_by_ioctl(struct raw_pcm *p, unsigned long frames)
{
	long n = raw_rewind(p, frames);

	return n < 0 ? n : n != (long)frames;
}

static int rewind_by_sync_ptr(struct raw_pcm *p, unsigned long frames)
{
	p->appl -= frames;
	return raw_tell(p);
}

static bool y12_rewind(void)
{
	return plays_rewound(&rewinder, rewind_by_ioctl);
}

static bool y12_rewind_sync_ptr(void)
{
	return plays_rewound(&rewinder, rewind_by_sync_ptr);
}

/*
 * alsa-lib, src/pcm/pcm_direct.c and pcm_dmix.c: the slave never stops and is silenced
 * as it is played; what is mixed is stored ahead of hw_ptr and never committed.
 */
static bool dmix(bool unwoken, unsigned int period)
{
	const struct player how = {
		.period = period, .buffer = 4 * period, .unwoken = unwoken,
		.stop = RAW_FOREVER, .silenced = true, .step = period / 2,
		.ahead = period, .ask = raw_update_only, .percent = NOT_COMMITTED,
	};

	return plays(&how);
}

static bool y12_dmix(void)
{
	return dmix(false, PERIOD);
}

static bool y12_dmix_unwoken(void)
{
	return dmix(true, 2 * PERIOD);
}

static bool y12_dmix_large(void)
{
	return dmix(false, 4096);
}

/*
 * JACK, linux/alsa/alsa_driver.c: the ring is full of silence at the start; each
 * period is stored and committed when poll() says so. In soft mode it never stops.
 */
static bool commits_periods(void)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .stop = RAW_FOREVER, .first = BUFFER,
		.commits = true, .step = PERIOD, .ahead = BUFFER, .ask = raw_update,
		.percent = COMMITTED,
	};

	return plays(&how);
}

/*
 * PulseAudio, src/modules/alsa/alsa-sink.c, mmap_write() with tsched=1: no period
 * wakeups, stop_threshold at the boundary, and at its own times it stores and commits
 * what there is room for.
 */
static bool commits_by_timer(void)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = true, .stop = RAW_FOREVER,
		.first = BUFFER - 100, .commits = true, .step = 333, .ahead = BUFFER - 60,
		.ask = raw_update, .percent = COMMITTED,
	};

	return plays(&how);
}

/*
 * PipeWire, spa/plugins/alsa/alsa-pcm.c, with little latency: its timer, and a little
 * more than a quarter of a period ahead. What it has committed is not synced again.
 */
static bool commits_late(void)
{
	const struct player how = {
		.period = PERIOD, .buffer = BUFFER, .unwoken = true, .stop = RAW_FOREVER,
		.first = 2 * BURST, .commits = true, .step = BURST, .ahead = 2 * BURST + 64,
		.ask = raw_status, .percent = COMMITTED,
	};

	return plays(&how);
}

/*
 * Y18: programs that store into recorded frames
 *
 * Chromium OS, third_party/adhd, cras/src/server/cras_iodev.c,
 * cras_iodev_get_input_buffer(): software gain, mute and DSP in the mapped ring, of
 * whatever number of frames is there; then it commits them.
 */
static bool in_place(unsigned int chunk, bool pauses, unsigned int evict)
{
	const struct recorder how = {
		.period = PERIOD, .buffer = BUFFER, .step = 100, .ask = raw_update,
		.chunk = chunk, .stores = true, .commits = true, .pauses = pauses,
		.evict = evict, .percent = STORED_OVER,
	};

	return records(&how);
}

static bool y18_in_place(void)
{
	return in_place(37, false, 0);
}

static bool y18_in_place_all(void)
{
	return in_place(0, false, 0);
}

static bool y18_in_place_lines(void)
{
	return in_place(64, false, 0);
}

static bool y18_in_place_evict(void)
{
	return in_place(64, false, 4);
}

/* Frames that were recorded before the pause wait, and some lines are dirty. */
static bool y18_pause(void)
{
	return in_place(0, true, 0);
}

/*
 * HALs clear the capture ring before START (in_create_mmap_buffer() in
 * hal/audio_hw.c). Here with another value than the zero that it is, for
 * a store that changes nothing goes unnoticed in the simulator.
 */
static bool cleared(unsigned int evict)
{
	const struct recorder how = {
		.period = PERIOD, .buffer = BUFFER, .step = 50, .ask = raw_update,
		.commits = true, .fills = true, .evict = evict, .percent = CLEARED,
	};

	return records(&how);
}

static bool y18_cleared(void)
{
	return cleared(0);
}

static bool y18_cleared_evict(void)
{
	return cleared(200);
}

static bool y18_cleared_again(void)
{
	const struct recorder how = {
		.period = PERIOD, .buffer = BUFFER, .step = 50, .ask = raw_update,
		.commits = true, .evict = 200,
	};

	return records_again(&how);
}

/* A mapping that could be stored into, and is not */
static bool reader(void)
{
	const struct recorder how = {
		.period = PERIOD, .buffer = BUFFER, .step = 128, .ask = raw_update,
		.commits = true, .percent = ONLY_READ,
	};

	return records(&how);
}

/* Y20: an event loop: poll(), and one period of the ring */
static bool y20_poll(void)
{
	const struct recorder how = { .period = PERIOD, .buffer = BUFFER };

	return polls(&how);
}

/* STATUS reports the position; no commits (tinycap of tinyalsa in MMAP mode) */
static bool recorder_status(void)
{
	const struct recorder how = {
		.period = PERIOD, .buffer = BUFFER, .step = 100, .ask = raw_status,
		.percent = 135,
	};

	return records(&how);
}

/*
 * Y13: a driver with the operation copy (sound/soc/qcom/lpass-platform.c): frames that
 * were not written yet are fetched as well, and were not synced.
 */
static bool y13_copy(void)
{
	struct nc_stale stale;
	struct raw_pcm p;

	if (sy_prealloc(nc_bench(), COPY, true, 0, 0) ||
	    sy_prealloc(nc_bench(), COPY, true, 0, 64) ||
	    !sy_ok("open", raw_open(&p, nc_bench(), COPY, true)) ||
	    !sy_ok("hw_params", raw_hw_params(&p, false, PERIOD, BUFFER)) ||
	    !sy_ok("sw_params", raw_sw_params(&p, RAW_FOREVER, 0, 0)) ||
	    !sy_ok("prepare", raw_prepare(&p)) || !sy_zero_counters() ||
	    !sy_ok("start", raw_start(&p)) || nc_stale_read(&stale))
		return false;
	if (stale.fetched != BUFFER * RAW_FRAME)
		return sy_wrong("fetched %llu bytes\n", stale.fetched);
	return !stale.fetch || sy_wrong("%llu of %llu bytes were fetched stale\n",
					stale.fetch, stale.fetched);
}

/*
 * Y22: where only the sync for the device drops lines (some MIPS, sh, m68k, openrisc,
 * hexagon), memory is handed back before it is recorded into again.
 */
static bool second_lap(bool reads, unsigned int step)
{
	const struct recorder how = {
		.period = PERIOD, .buffer = BUFFER, .step = step, .ask = raw_update,
		.reads = reads, .commits = true,
	};

	return sy_cache("mips") && records(&how);
}

static bool y22_mapped(void)
{
	return second_lap(false, PERIOD);
}

static bool y22_mapped_unaligned(void)
{
	return second_lap(false, 100);
}

static bool y22_read(void)
{
	return second_lap(true, PERIOD);
}

static bool y22_read_unaligned(void)
{
	return second_lap(true, 100);
}

static const struct sy_test programs[] = {
	{ "y12_aaudio", "AAudio: one period committed, the rest stored ahead", y12_aaudio },
	{ "y12_aaudio_wakeups", "the same with period wakeups", y12_aaudio_wakeups },
	{ "y12_tinyalsa", "tinyalsa prepares again before it starts", y12_tinyalsa },
	{ "y12_tinyalsa_2_bursts", "and asks at each second burst", y12_tinyalsa_2_bursts },
	{ "y12_stop_int_max", "stop_threshold INT32_MAX", y12_stop_int_max },
	{ "y12_stop_uint_max", "stop_threshold UINT_MAX", y12_stop_uint_max },
	{ "y12_stop_below_boundary", "stop_threshold just below the boundary",
	  y12_stop_below_boundary },
	{ "y12_stop_8_buffers", "stop_threshold of eight buffers", y12_stop_8_buffers },
	{ "y12_ask_only", "SYNC_PTR tells no appl_ptr", y12_ask_only },
	{ "y12_ask_status", "STATUS is all that is asked", y12_ask_status },
	{ "y12_quarter", "stores a quarter of a period ahead", y12_quarter },
	{ "y12_quarter_wakeups", "the same with period wakeups", y12_quarter_wakeups },
	{ "y12_pause", "stores other data in a pause", y12_pause },
	{ "y12_rewind", "rewinds, and commits nothing from then on", y12_rewind },
	{ "y12_rewind_sync_ptr", "the same by SYNC_PTR", y12_rewind_sync_ptr },
	{ "y12_dmix", "dmix: never commits", y12_dmix },
	{ "y12_dmix_unwoken", "the same without period wakeups", y12_dmix_unwoken },
	{ "y12_dmix_large", "the same with long periods", y12_dmix_large },
	{ "commits_periods", "JACK commits each period", commits_periods },
	{ "commits_by_timer", "PulseAudio commits at its own times", commits_by_timer },
	{ "commits_late", "PipeWire commits just in time", commits_late },
	{ "y18_in_place", "CRAS mutes in place, in chunks that are no lines", y18_in_place },
	{ "y18_in_place_all", "all that is there at once", y18_in_place_all },
	{ "y18_in_place_lines", "in chunks that are lines", y18_in_place_lines },
	{ "y18_in_place_evict", "and the cache writes them back at any time", y18_in_place_evict },
	{ "y18_pause", "pauses while recorded frames wait", y18_pause },
	{ "y18_cleared", "a HAL clears the ring before it starts", y18_cleared },
	{ "y18_cleared_evict", "and the cache writes it back when it likes",
	  y18_cleared_evict },
	{ "y18_cleared_again", "drops, clears and records again", y18_cleared_again },
	{ "reader", "a mapping that could be stored into costs no more", reader },
	{ "y20_poll", "poll() is all that is called", y20_poll },
	{ "recorder_status", "STATUS is all that is called", recorder_status },
	{ "y13_copy", "a driver that copies gets a buffer that was handed over", y13_copy },
	{ "y22_mapped", "mips: the second lap of a map", y22_mapped },
	{ "y22_mapped_unaligned", "mips: in pieces that are no lines", y22_mapped_unaligned },
	{ "y22_read", "mips: the second lap of read()", y22_read },
	{ "y22_read_unaligned", "mips: in pieces that are no lines", y22_read_unaligned },
};

/*
 * Playback is cleaned by all caches in the same way, and a cache that writes through has
 * nothing to clean: two programs will do.
 */
static const char * const played[] = {
	"y12_[!a]*", "y12_as*", "y12_aaudio_wakeups", "commits_periods", "commits_late",
	"y13_*", NULL
};

/*
 * Without a commit nothing says which frames were used, so none are handed back; and only
 * that drops a line of a cache such as this.
 */
static const char * const not_handed_back[] = { "y20_poll", "recorder_status", NULL };

/* They choose their cache. */
static const char * const with_mips[] = { "y22_*", NULL };

int main(int argc, char **argv)
{
	sy_leave_out(NULL, played);
	sy_leave_out("mips", not_handed_back);
	sy_leave_out("through", with_mips);
	sy_leave_out("refill", with_mips);
	return sy_main(argc, argv, programs, ARRAY_SIZE(programs));
}
