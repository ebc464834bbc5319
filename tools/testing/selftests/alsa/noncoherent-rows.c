// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit sync: ten defects of the stock core, and other possible ones.
 *
 * Each was found on Linux 6.1 and 6.12 (Y9 on 6.12 only), where the ALSA core syncs
 * the whole buffer whenever a pointer moves, and still too late, or not at all, or
 * after it was freed. The right rule: a frame is synced for the device once, when it
 * is committed and before the pointer passes it; it is synced for the CPU before it
 * is reported; the buffer that hw_params clears is synced for the device; and no more
 * than that.
 *
 * The costs, Y1, are those of noncoherent-upkeep.c; Y6 and Y9, in which memory is
 * freed, are in noncoherent-freed.c.
 */
#define _GNU_SOURCE

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../kselftest.h"
#include "noncoherent-freed.h"
#include "noncoherent-scene.h"
#include "noncoherent-upkeep.h"

/* Some compilers choose 64-bit time where the C library has both. */
#if !defined(TIME64) && defined(__TIMESIZE) && __TIMESIZE == 32
static_assert(sizeof(time_t) == 4, "wanted 32-bit time");
#endif

#define PERIOD		256
#define BUFFER		1024
/* The bench card's device that fetches in .ack, and its last substream */
#define FETCH		3
#define FETCH_BEYOND	4

/*
 * Y1: the cost
 */

static bool cost(enum upkeep_how how, unsigned int piece, unsigned int percent)
{
	struct upkeep u = {
		.how = how,
		.piece = piece,
		.period = PERIOD,
		.buffer = BUFFER,
		.prealloc = 256,
	};
	bool ok;

	if (!upkeep_measure(&u))
		return false;
	ok = sy_costs(upkeep_name[how], u.lines, u.audio, percent);
	/* Without a commit the core is not called for the frames that change hands. */
	if (how != UPKEEP_DMIX && !sy_hands_back() && u.calls > u.ranges)
		ok = sy_wrong("%llu calls for %llu contiguous ranges\n", u.calls,
			      u.ranges);
	return sy_nothing_stale() && ok;
}

static bool y1_write(void)
{
	return cost(UPKEEP_WRITE, PERIOD, 110);
}

static bool y1_write_short(void)
{
	return cost(UPKEEP_WRITE, 64, 110);
}

static bool y1_write_unaligned(void)
{
	return cost(UPKEEP_WRITE, 65, 135);
}

static bool y1_mmap_commit(void)
{
	return cost(UPKEEP_MMAP, PERIOD, 110);
}

static bool y1_mmap_forever(void)
{
	return cost(UPKEEP_MMAP_FOREVER, PERIOD, 120);
}

static bool y1_capture(void)
{
	return cost(UPKEEP_READ, PERIOD, 110);
}

static bool y1_capture_mmap(void)
{
	return cost(UPKEEP_MMAP_READ, PERIOD, 110);
}

static bool y1_rewind(void)
{
	struct nc_stream play;
	struct nc_sync sync;
	struct raw_pcm p;

	if (!sy_pattern(&play, BUFFER, 1) ||
	    !sy_open(&p, FE0, true, PERIOD, BUFFER) ||
	    !sy_ok("sync_ptr", raw_peek(&p)) || !sy_give(&p, &play, BUFFER) ||
	    !sy_ok("start", raw_start(&p)) || !sy_step(PERIOD) ||
	    !sy_zero_counters() || !sy_ok("rewind", raw_rewind(&p, PERIOD)) ||
	    nc_sync_read(&sync))
		return false;
	return !sync.device_calls || sy_wrong("a rewind syncs %llu bytes\n", sync.device_bytes);
}

/*
 * Y2: hw_params clears the buffer, and its old contents are played
 */

/* Starts without data and compares the frames of the buffer. */
static bool plays_silence(struct raw_pcm *p)
{
	struct nc_stream rec;
	size_t sound;

	if (!sy_listen(&rec, 2 * p->buffer) ||
	    !sy_ok("sw_params", raw_sw_params(p, RAW_FOREVER, 0, 0)) ||
	    !sy_ok("prepare", raw_prepare(p)) || !sy_ok("start", raw_start(p)) ||
	    !sy_step(p->buffer) || !sy_collect(&rec))
		return false;
	sound = nc_next_sound(&rec, 0);
	if (rec.pos < p->buffer)
		return sy_wrong("heard only %zu frames\n", rec.pos);
	return sound == rec.pos ||
	       sy_wrong("frame %zu of %zu is %#x instead of silence\n", sound,
			rec.pos, nc_get(&rec, sound, 0) & 0xffff);
}

static bool y2_fresh_buffer(void)
{
	struct raw_pcm p;

	return sy_open(&p, FE0, false, PERIOD, BUFFER) && plays_silence(&p);
}

static bool y2_previous_stream(void)
{
	struct nc_stream play;
	struct raw_pcm p;

	return sy_pattern(&play, BUFFER, 1) &&
	       sy_open(&p, FE0, false, PERIOD, BUFFER) && sy_give_all(&p, &play, PERIOD) &&
	       sy_ok("drop", raw_drop(&p)) &&
	       sy_ok("hw_params", raw_hw_params(&p, false, PERIOD, BUFFER)) &&
	       plays_silence(&p);
}

/*
 * Stock syncs the whole buffer with the write. A core that syncs only written frames
 * relies on the sync in hw_params; and no frames are synced ahead for this stream.
 */
static bool silence_after_data(void)
{
	struct nc_stream play, rec;
	struct raw_pcm p;
	size_t sound;

	if (!sy_pattern(&play, PERIOD, 1) || !sy_open(&p, FE0, false, PERIOD, BUFFER) ||
	    !sy_ok("sw_params", raw_sw_params(&p, 2 * BUFFER, 0, 0)) ||
	    !sy_listen(&rec, 2 * BUFFER) || !sy_give_all(&p, &play, PERIOD) ||
	    !sy_step(BUFFER - 64) || !sy_collect(&rec))
		return false;
	sound = nc_next_sound(&rec, 0);
	if (!nc_same(&rec, sound, &play, PERIOD))
		return false;
	sound = nc_next_sound(&rec, sound + PERIOD);
	return sound == rec.pos ||
	       sy_wrong("frame %zu of %zu is %#x instead of silence\n", sound, rec.pos,
			nc_get(&rec, sound, 0) & 0xffff);
}

/*
 * Y3: lines that hw_params made dirty are written back over recorded frames
 */

static bool y3_capture_eviction(void)
{
	const size_t frames = 4096 - 64;
	struct nc_stream play;
	struct raw_pcm p;

	/* The first lap, all of it before it is read */
	return !nc_sim_set("evict", 200) && sy_feed(&play, frames, 2) &&
	       sy_open(&p, FE4, false, PERIOD, 4096) && sy_zero_counters() &&
	       sy_records(&p, &play, frames) && sy_nothing_stale();
}

/*
 * Y4: the cleared buffer shows old contents of DRAM
 */

static bool all_zero(const struct raw_pcm *p, const char *when)
{
	size_t i, other = 0, first = 0;

	for (i = p->map_bytes; i-- > 0;)
		if (p->map[i]) {
			first = i;
			other++;
		}
	return !other || sy_wrong("%s: %zu of %zu bytes are foreign, the first is %#x at %zu\n",
				  when, other, p->map_bytes, p->map[first], first);
}

static bool no_leak(bool prepare)
{
	struct raw_pcm p;
	long delay;

	if (!sy_ok("open", raw_open(&p, nc_card(), FE4, false)) ||
	    !sy_ok("hw_params", raw_hw_params(&p, true, PERIOD, BUFFER)) ||
	    !sy_ok("mmap", raw_map(&p)) || !all_zero(&p, "after hw_params"))
		return false;
	if (prepare && !sy_ok("prepare", raw_prepare(&p)))
		return false;
	/* In state SETUP they fail, and should. */
	if ((raw_hwsync(&p) < 0) == prepare)
		return sy_wrong("hwsync: not what was expected\n");
	if (!all_zero(&p, "after HWSYNC"))
		return false;
	raw_delay(&p, &delay);
	if (!all_zero(&p, "after DELAY"))
		return false;
	raw_update(&p);
	return all_zero(&p, "after SYNC_PTR");
}

static bool y4_info_leak(void)
{
	return no_leak(false);
}

static bool y4_info_leak_prepared(void)
{
	return no_leak(true);
}

/*
 * Y5 and Y7: on the device that fetches each frame as it is committed
 */

/* The substream number @sub, since the others are taken */
static bool open_fetch(struct raw_pcm *p, int sub, bool mmap)
{
	struct raw_pcm other;

	for (; sub; sub--)
		if (!sy_ok("open", raw_open(&other, nc_bench(), FETCH, true)))
			return false;
	return sy_ok("open", raw_open(p, nc_bench(), FETCH, true)) &&
	       sy_ok("hw_params", raw_hw_params(p, mmap, PERIOD, BUFFER)) &&
	       sy_ok("sw_params", raw_sw_params(p, BUFFER, 0, 0)) &&
	       (!mmap || sy_ok("mmap", raw_map(p))) &&
	       sy_ok("prepare", raw_prepare(p)) && sy_ok("sync_ptr", raw_peek(p)) &&
	       sy_zero_counters();
}

static bool all_fetched(size_t frames)
{
	struct nc_stale stale;

	if (nc_stale_read(&stale))
		return false;
	if (stale.fetched != frames * RAW_FRAME)
		return sy_wrong("fetched %llu instead of %zu bytes\n", stale.fetched,
				frames * RAW_FRAME);
	return !stale.fetch || sy_wrong("%llu of %llu bytes were fetched stale\n",
					stale.fetch, stale.fetched);
}

static bool y5_beyond_maximum(void)
{
	struct nc_stream play;
	struct raw_pcm p;

	return sy_pattern(&play, BUFFER, 1) && open_fetch(&p, FETCH_BEYOND, false) &&
	       sy_give(&p, &play, PERIOD) && sy_give(&p, &play, PERIOD) &&
	       all_fetched(2 * PERIOD);
}

static bool y7_publish_order(void)
{
	struct nc_stream play;
	struct raw_pcm p;
	int i;

	if (!sy_pattern(&play, 4 * BUFFER, 1) || !open_fetch(&p, 0, true))
		return false;
	for (i = 0; i < 4; i++)
		if (!sy_give(&p, &play, PERIOD))
			return false;
	/* It plays as it fetches: go round the ring, in pieces that do not divide it. */
	if (!sy_ok("start", raw_start(&p)))
		return false;
	for (i = 0; i < 12; i++)
		if (!sy_ok("sync_ptr", raw_update(&p)) || !sy_give(&p, &play, PERIOD - 19))
			return false;
	return all_fetched(4 * PERIOD + 12 * (PERIOD - 19));
}

static bool y7_forward(void)
{
	struct nc_stream play;
	struct raw_pcm p;
	long n;

	if (!sy_pattern(&play, BUFFER, 1) || !open_fetch(&p, 0, true))
		return false;
	raw_put(&p, 0, play.data, BUFFER);
	n = raw_forward(&p, 3 * PERIOD);
	return sy_ok("forward", n) &&
	       (n == 3 * PERIOD || sy_wrong("forward: %ld frames\n", n)) && all_fetched(n);
}

/*
 * Y8: whole buffers are synced with interrupts off
 */

static bool longest_is(unsigned long long most)
{
	struct nc_sync sync;

	if (nc_sync_read(&sync))
		return false;
	ksft_print_msg("at most %llu bytes in one stretch with interrupts off\n",
		       sync.longest);
	return sync.longest <= most || sy_wrong("more than %llu\n", most);
}

/* A free-running stream is silenced at the start, as a whole. */
static bool y8_irqs_off(void)
{
	struct raw_pcm p;

	return sy_open(&p, FE0, false, 4096, 65536) && sy_zero_counters() &&
	       sy_ok("sw_params", raw_sw_params(&p, RAW_FOREVER, 0, RAW_FOREVER)) &&
	       sy_ok("start", raw_start(&p)) && sy_step(2 * 4096 + 64) &&
	       longest_is(16384);
}

/* One that is about to run dry is silenced by the period's interrupt. */
static bool y8_period_interrupt(void)
{
	struct nc_stream play;
	struct raw_pcm p;

	return sy_pattern(&play, BUFFER, 1) && sy_open(&p, FE0, false, PERIOD, BUFFER) &&
	       sy_ok("sw_params", raw_sw_params(&p, BUFFER, BUFFER, BUFFER)) &&
	       sy_give_all(&p, &play, PERIOD) && sy_zero_counters() &&
	       sy_step(2 * PERIOD) && longest_is(16384);
}

static bool y8_dmix(void)
{
	return cost(UPKEEP_DMIX, PERIOD, 300) && longest_is(16384);
}

/*
 * Y10: recorded frames that are reported to programs without HWSYNC
 */

static bool is_told(int (*tell)(struct raw_pcm *p))
{
	struct nc_stream play, rec;
	struct raw_pcm p;
	size_t first;

	if (!sy_feed(&play, BUFFER, 2) || !sy_pattern(&rec, BUFFER, 3) ||
	    !sy_open(&p, FE4, true, PERIOD, BUFFER) || !sy_ok("start", raw_start(&p)) ||
	    !sy_step(3 * PERIOD + 64) || !sy_ok("tell", tell(&p)))
		return false;
	rec.pos = raw_avail(&p);
	if (rec.pos < 2 * PERIOD)
		return sy_wrong("told of %zu frames only\n", rec.pos);
	raw_get(&p, 0, rec.data, rec.pos);
	first = nc_next_sound(&rec, 0);
	if (first == rec.pos)
		return sy_wrong("told of %zu frames, and sees none of them\n", rec.pos);
	return nc_same(&rec, first, &play, rec.pos - first);
}

static bool y10_capture_without_hwsync(void)
{
	return is_told(raw_peek);
}

static bool y10_capture_status(void)
{
	return is_told(raw_status);
}

/*
 * What the ring had before is silenced as soon as it was played; on Linux 6.1 no longer
 * when a period was played that nobody has written.
 */
static bool dry(unsigned long period, bool (*pass)(unsigned int frames))
{
	const unsigned long buffer = 4 * period;
	struct nc_stream play, rec;
	struct raw_pcm p;
	size_t sound;

	if (!sy_pattern(&play, buffer, 1) || !sy_open(&p, FE0, false, period, buffer) ||
	    !sy_ok("sw_params", raw_sw_params(&p, 2 * buffer, buffer, buffer)) ||
	    !sy_listen(&rec, 2 * buffer) || !sy_give_all(&p, &play, period) ||
	    !pass(buffer + period - 64) || !sy_collect(&rec))
		return false;
	sound = nc_next_sound(&rec, 0);
	if (!nc_same(&rec, sound, &play, buffer))
		return false;
	sound = nc_next_sound(&rec, sound + buffer);
	return sound == rec.pos ||
	       sy_wrong("frame %zu of %zu is %#x instead of silence\n", sound, rec.pos,
			nc_get(&rec, sound, 0) & 0xffff);
}

static bool silence_when_dry(void)
{
	return dry(PERIOD, sy_step);
}

/* More than is synced with interrupts off */
static bool silence_when_dry_long(void)
{
	return dry(16 * PERIOD, sy_step);
}

/*
 * Y15: deferred syncs, while no other thread runs
 */

static bool pass(unsigned int frames)
{
	return sy_pass(frames, SY_PIECE);
}

static bool dry_long(void)
{
	return dry(16 * PERIOD, pass);
}

static bool y15_silence(void)
{
	return sy_hog(dry_long);
}

static bool y15_ahead(void)
{
	return sy_hog(y8_dmix);
}

/* As dmix, with the most bytes a second that the hardware takes */
static bool plays_wide(void)
{
	const unsigned int period = 480, buffer = 8 * period, total = 2 * buffer;
	const unsigned int piece = period / 8, ahead = period;
	struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_FORMAT_S32_LE,
				   RAW_WIDE_FRAME / 4, RAW_WIDE_RATE);
	struct nc_stream play, rec;
	unsigned int limit, from;
	struct raw_pcm p;

	cfg.period = period;
	cfg.buffer = buffer;
	play = (struct nc_stream) { .cfg = cfg, .frame_bytes = RAW_WIDE_FRAME, .frames = total };
	play.data = calloc(total, RAW_WIDE_FRAME);
	if (!play.data)
		return sy_wrong("no memory\n");
	nc_fill(&play, 4);
	if (nc_open_bench(&rec, &nc_board.out[0], &cfg, total + buffer) || nc_start(&rec) ||
	    !sy_ok("open", raw_open(&p, nc_card(), FE0, true)) ||
	    !sy_ok("hw_params", raw_hw_wide(&p, period, buffer)) ||
	    !sy_ok("sw_params", raw_sw_params(&p, RAW_FOREVER, 0, 0)) ||
	    !sy_ok("mmap", raw_map(&p)) || !sy_ok("prepare", raw_prepare(&p)))
		return false;
	raw_put(&p, 0, play.data, ahead);
	if (!sy_zero_counters() || !sy_ok("start", raw_start(&p)))
		return false;
	for (from = ahead; from < total; from = limit) {
		if (!sy_pass_at(RAW_WIDE_RATE, piece, piece) ||
		    !sy_ok("position", raw_update(&p)))
			return false;
		limit = p.hw + ahead < total ? p.hw + ahead : total;
		raw_put(&p, from, nc_frame(&play, from), limit - from);
	}
	return sy_pass_at(RAW_WIDE_RATE, ahead, piece) && sy_hears(&rec, &play, total) &&
	       longest_is(16384) && sy_nothing_stale();
}

static bool y15_wide(void)
{
	return sy_hog(plays_wide);
}

/* The pointers of the second recording are where those of the first one were. */
static bool record_again(void)
{
	const size_t first = BUFFER / 2, second = BUFFER / 4;
	struct nc_stream play, rec;
	struct raw_pcm p;
	size_t at;

	if (!sy_feed(&play, 4 * BUFFER, 2) || !sy_pattern(&rec, BUFFER, 3) ||
	    !sy_open(&p, FE4, true, PERIOD, BUFFER) || !sy_ok("start", raw_start(&p)) ||
	    !sy_step(first) || !sy_ok("update", raw_update(&p)) ||
	    !sy_ok("drop", raw_drop(&p)) || !sy_ok("prepare", raw_prepare(&p)) ||
	    !sy_ok("start", raw_start(&p)) || !sy_step(second) ||
	    !sy_ok("update", raw_update(&p)))
		return false;
	rec.pos = raw_avail(&p);
	if (rec.pos < second / 2)
		return sy_wrong("recorded %zu frames only\n", rec.pos);
	raw_get(&p, 0, rec.data, rec.pos);
	for (at = first / 2; at + rec.pos <= play.frames; at++)
		if (!memcmp(rec.data, nc_frame(&play, at), rec.pos * RAW_FRAME))
			return true;
	return sy_wrong("the %zu frames are not those that came in then\n", rec.pos);
}

/* No other call is made that could sync the recorded frames. */
static bool read_alone(void)
{
	struct nc_stream play, rec;
	struct raw_pcm p;
	size_t first;
	long n;

	if (!sy_feed(&play, BUFFER, 2) || !sy_pattern(&rec, BUFFER, 3) ||
	    !sy_open(&p, FE4, false, PERIOD, BUFFER) || !sy_ok("start", raw_start(&p)) ||
	    !sy_step(3 * PERIOD + 64))
		return false;
	n = raw_read(&p, rec.data, 3 * PERIOD);
	if (!sy_ok("read", n))
		return false;
	if (n < 2 * PERIOD)
		return sy_wrong("read %ld frames only\n", n);
	rec.pos = n;
	first = nc_next_sound(&rec, 0);
	if (first == rec.pos)
		return sy_wrong("read %zu frames, and sees none of them\n", rec.pos);
	return nc_same(&rec, first, &play, rec.pos - first);
}

/*
 * Not the sync, but what it counts with: the pointers of a 32-bit program end where
 * that has room for them, also on a 64-bit kernel, and from the first moment.
 */
static bool boundary_is(struct raw_pcm *p, unsigned long boundary)
{
	int err = raw_hw_untold(p, PERIOD, BUFFER);

	if (err != -EFAULT)
		return sy_wrong("parameters that cannot be told: %d\n", err);
	p->hw = 0;
	p->appl = 0;
	p->boundary = ~0UL;
	err = raw_commit(p, boundary);
	if (err != -EINVAL)
		return sy_wrong("a commit of %lu frames, the boundary: %d\n", boundary, err);
	return sy_ok("one frame less", raw_commit(p, boundary - 1));
}

static bool boundary_of_program(void)
{
	struct raw_pcm p;
	bool ok;

	if (!sy_ok("open", raw_open(&p, nc_card(), FE0, true)))
		return false;
	ok = boundary_is(&p, 1UL << (8 * sizeof(long) - 2));
	raw_close(&p);
	return ok;
}

static const struct sy_test rows[] = {
	{ "y1_write", "a write costs the upkeep of what was written", y1_write },
	{ "y1_write_short", "so does one of 64 frames", y1_write_short },
	{ "y1_write_unaligned", "and one that ends in the middle of a line", y1_write_unaligned },
	{ "y1_mmap_commit", "a commit costs the upkeep of what was committed", y1_mmap_commit },
	{ "y1_mmap_forever", "also in a stream that never runs dry", y1_mmap_forever },
	{ "y1_capture", "a read costs the upkeep of what was read", y1_capture },
	{ "y1_capture_mmap", "a HWSYNC that of what was recorded since", y1_capture_mmap },
	{ "y1_rewind", "a rewind costs nothing", y1_rewind },
	{ "y2_fresh_buffer", "a start without data plays nothing of what memory held",
	  y2_fresh_buffer },
	{ "y2_previous_stream", "nor of the stream before", y2_previous_stream },
	{ "silence_after_data", "nor after the data that was written", silence_after_data },
	{ "silence_when_dry", "nor what was played a lap ago", silence_when_dry },
	{ "silence_when_dry_long", "with long periods neither", silence_when_dry_long },
	{ "y3_capture_eviction", "a cache spoils nothing that was recorded", y3_capture_eviction },
	{ "y4_info_leak", "a buffer that was set up shows zeros", y4_info_leak },
	{ "y4_info_leak_prepared", "and when it is prepared as well", y4_info_leak_prepared },
	{ "y5_beyond_maximum", "a buffer that was not preallocated is synced", y5_beyond_maximum },
	{ "y6_race", "no sync of a buffer that another thread frees", freed_by_another },
	{ "y7_publish_order", "a commit is synced before it is told", y7_publish_order },
	{ "y7_forward", "so is a forward", y7_forward },
	{ "y8_irqs_off", "at most 16 KiB with interrupts off at a start", y8_irqs_off },
	{ "y8_period_interrupt", "and in a period's interrupt", y8_period_interrupt },
	{ "y8_dmix", "who never commits is heard, at little cost", y8_dmix },
	{ "y15_silence", "silence is synced in time while no other thread runs", y15_silence },
	{ "y15_ahead", "so is what nobody commits", y15_ahead },
	{ "y15_wide", "also with eight channels of 32 bits at 192 kHz", y15_wide },
	{ "boundary_of_program", "pointers end where the program has room for them",
	  boundary_of_program },
	{ "y10_capture_without_hwsync", "SYNC_PTR tells of no frame that is not there",
	  y10_capture_without_hwsync },
	{ "y10_capture_status", "nor does STATUS", y10_capture_status },
	/* Last: where it fails, memory is damaged. */
	{ "read_alone", "nor does a read", read_alone },
	{ "record_again", "a second recording shows nothing of the first", record_again },
	{ "y9_partial_mmap", "a part of a buffer that was mapped is not freed",
	  freed_by_munmap },
};

/* The same with each cache */
static const char * const without_cache[] = { "y6_race", "y9_*", "boundary_*", NULL };

int main(int argc, char **argv)
{
	sy_leave_out(NULL, without_cache);
	return sy_main(argc, argv, rows, ARRAY_SIZE(rows));
}
