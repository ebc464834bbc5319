// SPDX-License-Identifier: GPL-2.0
/*
 * NC1: volume and mute of the ports, bit for bit.
 *
 * Each direction of a port has a volume of 0 to 127, half a decibel each, of which the
 * highest is 0 dB, and a switch. The data sheet defines the attenuated sample; the test
 * computes it with pow(), and compares it with the output of a port, or the recording.
 *
 * For example it finds a wrong step, a volume that is rounded another way, one that works
 * on the wrong port, direction or channel, that is forgotten while the block is off, or
 * that is changed in the middle of a frame, and a scale in dB that differs from the sound.
 */
#define _GNU_SOURCE

#include <math.h>
#include <stdio.h>

#include "../kselftest.h"
#include "nc-card.h"

#define STEPS	127		/* the highest volume, 0 dB */
#define OFF_MS	8000		/* a route switch leaves a port on for some seconds */

struct gain {
	int att;		/* half decibels down from 0 dB */
	bool mute;
};

static const struct gain zero, gains[] = {
	{ 0, false }, { 1, false }, { 12, false }, { 41, false }, { 127, false },
	{ 0, true }, { 12, true },
};

static const snd_pcm_format_t formats[] = {
	SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S24_LE, SND_PCM_FORMAT_S32_LE,
};

static snd_ctl_t *ctl;
static int factor[STEPS + 1];

/*
 * Controls
 */

static int failed(const char *name, int err)
{
	ksft_print_msg("%s: %s\n", name, snd_strerror(err));
	return err;
}

/* Its name begins with the board's name of the port. The bench records the output. */
static snd_ctl_elem_value_t *control(snd_ctl_elem_value_t *value, const struct nc_end *port,
				     const char *what)
{
	bool out = port->dir == SND_PCM_STREAM_CAPTURE;
	char name[44], called[16] = "";

	nc_called(port->name, called);
	snprintf(name, sizeof(name), "%s %s %s", called, out ? "Playback" : "Capture", what);
	snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_value_set_name(value, name);
	return value;
}

static int set(const struct nc_end *port, const struct gain *gain)
{
	snd_ctl_elem_value_t *volume, *on;
	int err;

	snd_ctl_elem_value_alloca(&volume);
	snd_ctl_elem_value_alloca(&on);
	snd_ctl_elem_value_set_integer(control(volume, port, "Volume"), 0, STEPS - gain->att);
	snd_ctl_elem_value_set_boolean(control(on, port, "Switch"), 0, !gain->mute);
	err = snd_ctl_elem_write(ctl, volume);
	if (err < 0)
		return failed(snd_ctl_elem_value_get_name(volume), err);
	err = snd_ctl_elem_write(ctl, on);
	return err < 0 ? failed(snd_ctl_elem_value_get_name(on), err) : 0;
}

static bool is_set(const struct nc_end *port, const struct gain *gain)
{
	snd_ctl_elem_value_t *volume, *on;
	int err, level, is_on;

	snd_ctl_elem_value_alloca(&volume);
	snd_ctl_elem_value_alloca(&on);
	err = snd_ctl_elem_read(ctl, control(volume, port, "Volume"));
	if (err >= 0)
		err = snd_ctl_elem_read(ctl, control(on, port, "Switch"));
	if (err < 0)
		return failed(port->name, err), false;
	level = snd_ctl_elem_value_get_integer(volume, 0);
	is_on = snd_ctl_elem_value_get_boolean(on, 0);
	if (level == STEPS - gain->att && is_on == !gain->mute)
		return true;
	ksft_print_msg("%s: volume %d switch %d instead of %d and %d\n", port->name, level, is_on,
		       STEPS - gain->att, !gain->mute);
	return false;
}

static bool for_all_ports(bool (*done)(const struct nc_end *port, const struct gain *gain),
			  const struct nc_end *but, const struct gain *gain)
{
	bool ok = true;
	int i;

	for (i = 0; i < nc_board.outs; i++)
		if (&nc_board.out[i] != but)
			ok &= done(&nc_board.out[i], gain);
	for (i = 0; i < nc_board.ins; i++)
		if (&nc_board.in[i] != but)
			ok &= done(&nc_board.in[i], gain);
	return ok;
}

static bool could_set(const struct nc_end *port, const struct gain *gain)
{
	return !set(port, gain);
}

/* One volume and one switch; all volumes have the dB that they should have. */
static bool scale(const struct nc_end *port)
{
	snd_ctl_elem_value_t *value;
	snd_ctl_elem_info_t *info;
	snd_ctl_elem_id_t *id;
	long level, back, db, min, max;
	int err;

	snd_ctl_elem_value_alloca(&value);
	snd_ctl_elem_info_alloca(&info);
	snd_ctl_elem_id_alloca(&id);

	snd_ctl_elem_value_get_id(control(value, port, "Switch"), id);
	snd_ctl_elem_info_set_id(info, id);
	err = snd_ctl_elem_info(ctl, info);
	if (err < 0)
		return failed(snd_ctl_elem_id_get_name(id), err), false;
	if (snd_ctl_elem_info_get_type(info) != SND_CTL_ELEM_TYPE_BOOLEAN ||
	    snd_ctl_elem_info_get_count(info) != 1) {
		ksft_print_msg("%s: not one switch\n", snd_ctl_elem_id_get_name(id));
		return false;
	}

	snd_ctl_elem_value_get_id(control(value, port, "Volume"), id);
	snd_ctl_elem_info_set_id(info, id);
	err = snd_ctl_elem_info(ctl, info);
	if (err >= 0)
		err = snd_ctl_get_dB_range(ctl, id, &min, &max);
	if (err < 0)
		return failed(snd_ctl_elem_id_get_name(id), err), false;
	ksft_print_msg("%s: %ld to %ld, %ld to %ld hundredths of a dB\n",
		       snd_ctl_elem_id_get_name(id), snd_ctl_elem_info_get_min(info),
		       snd_ctl_elem_info_get_max(info), min, max);
	if (snd_ctl_elem_info_get_count(info) != 1 || snd_ctl_elem_info_get_min(info) != 0 ||
	    snd_ctl_elem_info_get_max(info) != STEPS || min != -50 * STEPS || max != 0)
		return false;
	for (level = 0; level <= STEPS; level++) {
		err = snd_ctl_convert_to_dB(ctl, id, level, &db);
		if (err >= 0)
			err = snd_ctl_convert_from_dB(ctl, id, db, &back, 0);
		if (err < 0)
			return failed(snd_ctl_elem_id_get_name(id), err), false;
		if (db == 50 * (level - STEPS) && back == level)
			continue;
		ksft_print_msg("%ld is %ld hundredths of a dB, which is %ld\n", level, db, back);
		return false;
	}
	return true;
}

/*
 * Sound: from a front end through a port to the bench, or the other way
 */

struct cable {
	struct nc_stream fe, bench;
	struct nc_stream *set[2];
	struct nc_stream *rec, *play;
	long long start;	/* of the recording, and of the played sound, in its frames */
};

static const struct nc_end *other_end(const struct nc_end *port)
{
	return port->dir == SND_PCM_STREAM_CAPTURE ? nc_board.play : nc_board.rec;
}

static bool open_cable(struct cable *c, const struct nc_end *port, snd_pcm_format_t format,
		       size_t frames)
{
	struct nc_cfg cfg = nc_cfg(SND_PCM_ACCESS_RW_INTERLEAVED, format, 2, 8000);
	bool out = port->dir == SND_PCM_STREAM_CAPTURE;

	memset(c, 0, sizeof(*c));
	if (!frames)
		frames = nc_some_frames(&cfg);
	c->rec = out ? &c->bench : &c->fe;
	c->play = out ? &c->fe : &c->bench;
	c->set[0] = c->rec;
	c->set[1] = c->play;
	if (nc_open_fe(&c->fe, other_end(port), &cfg, out ? frames : frames + 2 * cfg.rate) ||
	    nc_open_bench(&c->bench, port, &cfg, frames))
		return false;
	nc_fill(c->play, 1 + out);
	return true;
}

static void close_cable(struct cable *c)
{
	nc_close(&c->fe);
	nc_close(&c->bench);
}

/* All blocks count the same frames. The played frames must be in the recording. */
static bool place(struct cable *c)
{
	long long rec, play;

	if (nc_start_frame(c->rec, &rec) || nc_start_frame(c->play, &play))
		return false;
	c->start = play - rec;
	if (c->start >= 0 && c->start + c->play->frames <= c->rec->pos)
		return true;
	ksft_print_msg("%s: frames %lld to %lld are not in the recording of %zu\n",
		       c->play->name, c->start, c->start + (long long)c->play->frames,
		       c->rec->pos);
	return false;
}

static int attenuated(int sample, const struct gain *gain)
{
	return gain->mute ? 0 : ((long long)sample * factor[gain->att] + 32768) >> 16;
}

/* The recorded sample is the one that was played at that time, attenuated. */
static bool same(const struct cable *c, size_t frame, unsigned int channel,
		 const struct gain *gain, int *want)
{
	long long at = (long long)frame - c->start;
	bool played = at >= 0 && at < (long long)c->play->frames;

	*want = played ? attenuated(nc_get(c->play, at, channel), gain) : 0;
	return nc_get(c->rec, frame, channel) == *want;
}

static bool same_frame(const struct cable *c, size_t frame, const struct gain *gain)
{
	int want;

	return same(c, frame, 0, gain, &want) && same(c, frame, 1, gain, &want);
}

static bool all_same(const struct cable *c, const struct gain *gain)
{
	unsigned int channel;
	size_t frame;
	int want;

	for (frame = 0; frame < c->rec->pos; frame++) {
		for (channel = 0; channel < c->rec->cfg.channels; channel++) {
			if (same(c, frame, channel, gain, &want))
				continue;
			ksft_print_msg("%s %s att %d mute %d: %zu channel %u: %d instead of %d\n",
				       c->rec->name, snd_pcm_format_name(c->rec->cfg.format),
				       gain->att, gain->mute, frame, channel,
				       nc_get(c->rec, frame, channel), want);
			return false;
		}
	}
	return true;
}

/* With the volume as it was set before */
static bool sounds(const struct nc_end *port, snd_pcm_format_t format, const struct gain *gain)
{
	struct cable c;
	bool ok;

	ok = open_cable(&c, port, format, 0) && !nc_run(c.set, 2) && place(&c) &&
	     all_same(&c, gain);
	close_cable(&c);
	return ok;
}

static bool exact(const struct nc_end *port)
{
	unsigned int i, f;

	for (i = 0; i < ARRAY_SIZE(gains); i++)
		for (f = 0; f < ARRAY_SIZE(formats); f++)
			if (set(port, &gains[i]) || !sounds(port, formats[f], &gains[i]))
				return false;
	return true;
}

/*
 * Changes while it sounds: mute, then all volumes from 0 dB down. Time passes in
 * nc_pump() only, so the test knows with which frame each change must be heard.
 */
static struct gain change(int n)
{
	struct gain gain = { n ? n - 1 : 0, !n };

	return gain;
}

#define CHANGES	(STEPS + 2)

static long long recorded(const struct nc_stream *rec)
{
	return rec->bench ? (long long)rec->pos + snd_pcm_avail(rec->pcm) : nc_moved(rec->name);
}

static bool changed_well(const struct cable *c, const long long *from)
{
	struct gain gain = zero;
	size_t frame;
	int n = 0;

	for (frame = 0; frame < c->rec->pos; frame++) {
		if (n < CHANGES && (long long)frame == from[n])
			gain = change(n++);
		if (same_frame(c, frame, &gain))
			continue;
		ksft_print_msg("%s: frame %zu, %lld after change %d, is not by att %d mute %d\n",
			       c->rec->name, frame, n ? frame - from[n - 1] : 0LL, n, gain.att,
			       gain.mute);
		return false;
	}
	return n == CHANGES;
}

static bool changes(const struct nc_end *port)
{
	long long from[CHANGES];
	struct gain gain;
	struct cable c;
	int n;
	bool ok;

	ok = !set(port, &zero) &&
	     open_cable(&c, port, SND_PCM_FORMAT_S32_LE, 50 * CHANGES + 4096) &&
	     !nc_start_all(c.set, 2) && !nc_go_on(c.set, 2, c.rec, 1024);
	for (n = 0; ok && n < CHANGES; n++) {
		gain = change(n);
		from[n] = recorded(c.rec);
		ok = !set(port, &gain) && !nc_go_on(c.set, 2, c.rec, 37);
	}
	while (ok && !c.play->finished)
		ok = !nc_pump(c.set, 2);
	ok = ok && !nc_tail(c.set, 2) && place(&c) && changed_well(&c, from);
	close_cable(&c);
	return ok;
}

/* The block is on when the volume is set, goes off, and loses its registers. */
static bool kept(const struct nc_end *port)
{
	const struct gain gain = { 33, false };
	struct cable c;
	bool ok;
	long ms;

	ok = !set(port, &zero) && open_cable(&c, port, SND_PCM_FORMAT_S16_LE, 0) &&
	     !set(port, &gain);
	close_cable(&c);
	if (!ok || nc_wait_off(OFF_MS, &ms)) {
		ksft_print_msg("blocks are on\n");
		return false;
	}
	return is_set(port, &gain) && sounds(port, SND_PCM_FORMAT_S16_LE, &gain) &&
	       is_set(port, &gain);
}

/* All others are silent, in both directions, and this one does not mind. */
static bool alone(const struct nc_end *port)
{
	const struct gain quiet = { 127, true };
	bool ok;

	ok = for_all_ports(could_set, port, &quiet) && !set(port, &zero) &&
	     for_all_ports(is_set, port, &quiet) && is_set(port, &zero) &&
	     sounds(port, SND_PCM_FORMAT_S32_LE, &zero);
	return for_all_ports(could_set, NULL, &zero) && ok;
}

static const struct {
	const char *title;
	bool (*run)(const struct nc_end *port);
} tests[] = {
	{ "has steps of 0.5 dB from -63.5 to 0 dB", scale },
	{ "volume and mute are exact", exact },
	{ "changes while it sounds, each from its frame on", changes },
	{ "volume is kept while the block is off", kept },
	{ "does not mind the others", alone },
};

static void try(const struct nc_end *port)
{
	bool out = port->dir == SND_PCM_STREAM_CAPTURE, ok;
	const struct nc_end *fe = other_end(port);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		ok = !nc_join(fe, port, true) && tests[i].run(port);
		ok = !set(port, &zero) && ok;
		ksft_test_result(!nc_join(fe, port, false) && ok, "%s %s: %s\n", port->name,
				 out ? "playback" : "capture", tests[i].title);
	}
}

int main(void)
{
	char card[64];
	int i;

	nc_begin();
	nc_clock_steps();
	ksft_set_plan((nc_board.outs + nc_board.ins) * ARRAY_SIZE(tests) + 1);
	snprintf(card, sizeof(card), "hw:%s", nc_card());
	if (nc_routes_off() || snd_ctl_open(&ctl, card, 0))
		ksft_exit_fail_msg("no crossbar switches\n");
	for (i = 0; i <= STEPS; i++)
		factor[i] = lround(65536 * pow(10, -i / 40.0));

	for (i = 0; i < nc_board.outs; i++)
		try(&nc_board.out[i]);
	for (i = 0; i < nc_board.ins; i++)
		try(&nc_board.in[i]);
	ksft_test_result(for_all_ports(is_set, NULL, &zero), "all are at 0 dB again\n");
	snd_ctl_close(ctl);
	ksft_finished();
}
