// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns and comparison for the NC1 tests, see nc-card.h.
 */
#define _GNU_SOURCE

#include <endian.h>
#include <limits.h>
#include <string.h>

#include "../kselftest.h"
#include "nc-card.h"

unsigned char *nc_frame(const struct nc_stream *s, size_t frame)
{
	return s->data + frame * s->frame_bytes;
}

/* In units of the format: -32768 to 32767 for S16_LE and so on. */
int nc_get(const struct nc_stream *s, size_t frame, unsigned int channel)
{
	unsigned char *p = nc_frame(s, frame);

	if (s->cfg.format == SND_PCM_FORMAT_S16_LE)
		return (int16_t)le16toh(((uint16_t *)p)[channel]);
	return (int32_t)le32toh(((uint32_t *)p)[channel]);
}

static void put(struct nc_stream *s, size_t frame, unsigned int channel,
		int value)
{
	unsigned char *p = nc_frame(s, frame);

	if (s->cfg.format == SND_PCM_FORMAT_S16_LE)
		((uint16_t *)p)[channel] = htole16(value);
	else
		((uint32_t *)p)[channel] = htole32(value);
}

/* Any change of one input bit changes about half of the output bits. */
static uint32_t noise(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x7feb352d;
	x = (x ^ (x >> 15)) * 0x846ca68b;
	return x ^ (x >> 16);
}

/*
 * White noise over the full range of the format with the extreme values
 * now and then. No sample is zero: silence is never part of the pattern.
 */
void nc_fill(struct nc_stream *s, uint32_t seed)
{
	unsigned int shift = 32 - snd_pcm_format_width(s->cfg.format);
	unsigned int channel;
	size_t frame;
	int value;

	for (frame = 0; frame < s->frames; frame++) {
		for (channel = 0; channel < s->cfg.channels; channel++) {
			value = noise(frame * 8 + channel + (seed << 24));
			if (frame % 100 == 50)
				value = INT_MAX;
			else if (frame % 100 == 51)
				value = INT_MIN;
			value >>= shift;
			put(s, frame, channel, value ? : 1);
		}
	}
}

bool nc_is_zero(const struct nc_stream *s, size_t frame)
{
	const unsigned char *p = nc_frame(s, frame);
	size_t i;

	for (i = 0; i < s->frame_bytes; i++)
		if (p[i])
			return false;
	return true;
}

/* The first frame from here on that is not zero, or the end. */
size_t nc_next_sound(const struct nc_stream *s, size_t frame)
{
	while (frame < s->pos && nc_is_zero(s, frame))
		frame++;
	return frame;
}

/* Says where in the pattern the frame is that was recorded instead. */
static void explain(const struct nc_stream *rec, size_t at,
		    const struct nc_stream *play, size_t want)
{
	size_t k, n = rec->pos - at < 4 ? rec->pos - at : 4;

	ksft_print_msg("%s: recorded frame %zu should be frame %zu of %s (%#x) but is %#x\n",
		       rec->name, at, want, play->name, nc_get(play, want, 0),
		       nc_get(rec, at, 0));
	if (nc_is_zero(rec, at)) {
		ksft_print_msg("there are %zu frames of silence\n",
			       nc_next_sound(rec, at) - at);
		return;
	}
	for (k = 0; k + n <= play->frames; k++) {
		if (!memcmp(nc_frame(rec, at), nc_frame(play, k),
			    n * play->frame_bytes)) {
			ksft_print_msg("that is frame %zu\n", k);
			return;
		}
	}
	ksft_print_msg("that is no frame of the pattern\n");
}

/* The recording from frame @at on is the first @frames that were played. */
bool nc_same(const struct nc_stream *rec, size_t at,
	     const struct nc_stream *play, size_t frames)
{
	size_t k;

	if (rec->pos - at < frames) {
		ksft_print_msg("%s: only %zu of %zu frames\n", rec->name,
			       rec->pos - at, frames);
		frames = rec->pos - at;
		nc_same(rec, at, play, frames);
		return false;
	}
	for (k = 0; k < frames; k++) {
		if (memcmp(nc_frame(rec, at + k), nc_frame(play, k),
			   play->frame_bytes)) {
			explain(rec, at + k, play, k);
			return false;
		}
	}
	return true;
}

/* Silence, everything that was played, silence; no frame more or less. */
bool nc_heard(const struct nc_stream *rec, const struct nc_stream *play)
{
	size_t first = nc_next_sound(rec, 0), rest;

	if (first == rec->pos) {
		ksft_print_msg("%s: silence, %zu frames of it\n", rec->name,
			       rec->pos);
		return false;
	}
	if (!nc_same(rec, first, play, play->frames))
		return false;
	rest = nc_next_sound(rec, first + play->frames);
	if (rest < rec->pos) {
		ksft_print_msg("%s: sound %zu frames after the end of %s\n",
			       rec->name, rest - first - play->frames,
			       play->name);
		return false;
	}
	return true;
}

/* Takes the frames of silence out of a recording. */
void nc_strip(struct nc_stream *rec)
{
	size_t from, to = 0;

	for (from = 0; from < rec->pos; from++)
		if (!nc_is_zero(rec, from))
			memmove(nc_frame(rec, to++), nc_frame(rec, from),
				rec->frame_bytes);
	rec->pos = to;
}

/* Plays all of @fe, which is prepared and routed, and listens on the bench. */
bool nc_plays_exact(struct nc_stream *fe, const struct nc_end *port, uint32_t seed)
{
	struct nc_stream rec;
	struct nc_stream *set[] = { &rec, fe };
	bool ok;

	if (nc_open_bench(&rec, port, &fe->cfg, fe->frames))
		return false;
	nc_fill(fe, seed);
	ok = !nc_run(set, 2) && nc_heard(&rec, fe);
	nc_close(&rec);
	return ok;
}
