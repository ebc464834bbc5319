// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the links between front ends and back ends (soc-dpcm.c)
 *
 * The back ends here have no DAIs; the trigger of their link records the command and
 * can return an error. The main test goes through every state of a back end, with one
 * to three front ends in every state that a link can have, and gives each command
 * to the first of them. expect() computes the expected state, in another way than
 * soc-dpcm.c.
 */

#include "soc-dpcm-test.h"

static int fake_trigger(struct snd_pcm_substream *substream, int cmd)
{
	struct fake *fake = container_of(substream, struct fake, substream);

	fake->told = cmd;
	fake->calls++;
	return fake->refuse ? REFUSED : 0;
}

static int fake_hw_params(struct snd_pcm_substream *substream,
			  struct snd_pcm_hw_params *params)
{
	struct fake *fake = container_of(substream, struct fake, substream);

	fake->configured++;
	return 0;
}

static const struct snd_soc_ops fake_ops = {
	.trigger = fake_trigger,
	.hw_params = fake_hw_params,
};

static void fake_init(struct kunit *test, struct fakes *fakes, struct fake *fake,
		      const char *name)
{
	struct snd_pcm_substream *substream = &fake->substream;
	int stream;

	fake->rtd = kunit_kzalloc(test, sizeof(*fake->rtd), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake->rtd);

	fake->rtd->card = &fakes->card;
	fake->rtd->dai_link = &fake->link;
	fake->rtd->pcm = &fake->pcm;
	fake->link.name = name;
	fake->link.ops = &fake_ops;
	fake->pcm.streams[STREAM].substream = substream;
	substream->pcm = &fake->pcm;
	substream->stream = STREAM;
	substream->private_data = fake->rtd;
	mutex_init(&substream->self_group.mutex);
	spin_lock_init(&substream->self_group.lock);
	for_each_pcm_streams(stream) {
		INIT_LIST_HEAD(&fake->rtd->dpcm[stream].be_clients);
		INIT_LIST_HEAD(&fake->rtd->dpcm[stream].fe_clients);
	}
}

int dpcm_test_init(struct kunit *test)
{
	struct fakes *fakes = kunit_kzalloc(test, sizeof(*fakes), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fakes);
	mutex_init(&fakes->card.pcm_mutex);
	INIT_LIST_HEAD(&fakes->card.rtd_list);
	for (i = 0; i < FAKES; i++) {
		fake_init(test, fakes, &fakes->fe[i], "FE");
		fake_init(test, fakes, &fakes->be[i], "BE");
		fakes->fe[i].substream.runtime = &fakes->fe[i].runtime;
		dpcm_be_init(fakes->be[i].rtd);
	}
	test->priv = fakes;
	return 0;
}

void unlink_all(struct fakes *fakes)
{
	struct snd_soc_dpcm *dpcm, *next;
	LIST_HEAD(removed);
	int i;

	for (i = 0; i < FAKES; i++) {
		for_each_dpcm_be(fakes->fe[i].rtd, STREAM, dpcm)
			dpcm->stage = SND_SOC_DPCM_STAGE_CLOSED;
		dpcm_links_leave(fakes->fe[i].rtd, STREAM, SND_SOC_DPCM_SCOPE_ALL);
		dpcm_links_remove(fakes->fe[i].rtd, STREAM, &removed);
	}
	list_for_each_entry_safe(dpcm, next, &removed, list_fe)
		kfree(dpcm);
}

void dpcm_test_exit(struct kunit *test)
{
	struct fakes *fakes = test->priv;

	mutex_lock(&fakes->card.pcm_mutex);
	unlink_all(fakes);
	mutex_unlock(&fakes->card.pcm_mutex);
}

struct snd_soc_dpcm *link_up(struct kunit *test, int fe, int be,
			     enum snd_soc_dpcm_stage stage)
{
	struct fakes *fakes = test->priv;
	struct snd_soc_dpcm *dpcm;

	dpcm = dpcm_link_new(fakes->fe[fe].rtd, fakes->be[be].rtd, STREAM);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dpcm);
	dpcm->state = SND_SOC_DPCM_LINK_STATE_LIVE;
	dpcm->stage = stage;
	return dpcm;
}

static int scoped_command(struct kunit *test, int fe, int cmd,
			  enum snd_soc_dpcm_scope scope)
{
	struct fakes *fakes = test->priv;
	struct fake *fake = &fakes->fe[fe];
	int ret;

	snd_pcm_stream_lock_irq(&fake->substream);
	ret = dpcm_links_trigger(fake->rtd, STREAM, cmd, scope);
	snd_pcm_stream_unlock_irq(&fake->substream);
	return ret;
}

static int command(struct kunit *test, int fe, int cmd)
{
	return scoped_command(test, fe, cmd, SND_SOC_DPCM_SCOPE_ALL);
}

/* Every state a link can have: only one that is ready was ever started. */
static const struct {
	enum snd_soc_dpcm_link_state state;
	enum snd_soc_dpcm_stage stage;
	enum snd_soc_dpcm_run run;
} link_states[] = {
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_CLOSED, SND_SOC_DPCM_RUN_STOPPED },
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_OPEN, SND_SOC_DPCM_RUN_STOPPED },
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_PARAMS, SND_SOC_DPCM_RUN_STOPPED },
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_STOPPED },
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_SUSPENDED },
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_PAUSED },
	{ SND_SOC_DPCM_LINK_STATE_LIVE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_STARTED },
	{ SND_SOC_DPCM_LINK_STATE_NEW, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_STOPPED },
	{ SND_SOC_DPCM_LINK_STATE_FREE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_STOPPED },
	{ SND_SOC_DPCM_LINK_STATE_FREE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_PAUSED },
	{ SND_SOC_DPCM_LINK_STATE_FREE, SND_SOC_DPCM_STAGE_READY, SND_SOC_DPCM_RUN_STARTED },
};

/* Every state of a BE; one that lost its power must be prepared. */
static const struct be_state {
	enum snd_soc_dpcm_state state;
	bool lost;
} be_states[] = {
	{ SND_SOC_DPCM_STATE_NEW }, { SND_SOC_DPCM_STATE_OPEN },
	{ SND_SOC_DPCM_STATE_HW_PARAMS }, { SND_SOC_DPCM_STATE_HW_PARAMS, true },
	{ SND_SOC_DPCM_STATE_PREPARE }, { SND_SOC_DPCM_STATE_START },
	{ SND_SOC_DPCM_STATE_STOP }, { SND_SOC_DPCM_STATE_PAUSED },
	{ SND_SOC_DPCM_STATE_SUSPEND }, { SND_SOC_DPCM_STATE_HW_FREE },
	{ SND_SOC_DPCM_STATE_CLOSE },
};

static const int commands[] = {
	SNDRV_PCM_TRIGGER_START, SNDRV_PCM_TRIGGER_STOP,
	SNDRV_PCM_TRIGGER_PAUSE_PUSH, SNDRV_PCM_TRIGGER_PAUSE_RELEASE,
	SNDRV_PCM_TRIGGER_SUSPEND, SNDRV_PCM_TRIGGER_RESUME,
	SNDRV_PCM_TRIGGER_DRAIN,
};

struct outcome {
	enum snd_soc_dpcm_run run;	/* of the first link */
	int told;			/* to the BE */
	struct be_state be;
	int ret;
};

/* Get the precedence of a state; written in another way than enum snd_soc_dpcm_run. */
static int precedence(enum snd_soc_dpcm_run run)
{
	switch (run) {
	case SND_SOC_DPCM_RUN_STARTED:
		return 3;
	case SND_SOC_DPCM_RUN_SUSPENDED:
		return 2;
	case SND_SOC_DPCM_RUN_PAUSED:
		return 1;
	default:
		return 0;
	}
}

/* Expected state of the first of @n links after @cmd; @s has their indices. */
static void expect(struct outcome *o, const int *s, int n,
		   const struct be_state *be, int cmd, bool refuse)
{
	enum snd_soc_dpcm_run now = link_states[s[0]].run, all;
	bool live = link_states[s[0]].stage == SND_SOC_DPCM_STAGE_READY &&
		    link_states[s[0]].state != SND_SOC_DPCM_LINK_STATE_FREE;
	int i;

	o->run = now;
	o->told = NOTHING;
	o->be = *be;
	o->ret = 0;

	if (cmd == SNDRV_PCM_TRIGGER_STOP)
		o->run = SND_SOC_DPCM_RUN_STOPPED;
	if (cmd == SNDRV_PCM_TRIGGER_PAUSE_PUSH && now == SND_SOC_DPCM_RUN_STARTED)
		o->run = SND_SOC_DPCM_RUN_PAUSED;
	if (cmd == SNDRV_PCM_TRIGGER_SUSPEND && now == SND_SOC_DPCM_RUN_STARTED)
		o->run = SND_SOC_DPCM_RUN_SUSPENDED;
	if (live && (cmd == SNDRV_PCM_TRIGGER_START ||
		     cmd == SNDRV_PCM_TRIGGER_PAUSE_RELEASE ||
		     cmd == SNDRV_PCM_TRIGGER_RESUME))
		o->run = SND_SOC_DPCM_RUN_STARTED;
	if (o->run == now)
		return;

	all = o->run;
	for (i = 1; i < n; i++)
		if (precedence(link_states[s[i]].run) > precedence(all))
			all = link_states[s[i]].run;

	if (be->lost && all == SND_SOC_DPCM_RUN_STARTED) {
		o->ret = -EBADFD;
	} else if (be->state == SND_SOC_DPCM_STATE_START) {
		if (all == SND_SOC_DPCM_RUN_STOPPED)
			o->told = SNDRV_PCM_TRIGGER_STOP;
		if (all == SND_SOC_DPCM_RUN_SUSPENDED)
			o->told = SNDRV_PCM_TRIGGER_SUSPEND;
		if (all == SND_SOC_DPCM_RUN_PAUSED)
			o->told = SNDRV_PCM_TRIGGER_PAUSE_PUSH;
	} else if (all == SND_SOC_DPCM_RUN_STARTED) {
		if (be->state == SND_SOC_DPCM_STATE_PREPARE ||
		    be->state == SND_SOC_DPCM_STATE_STOP)
			o->told = SNDRV_PCM_TRIGGER_START;
		if (be->state == SND_SOC_DPCM_STATE_SUSPEND)
			o->told = SNDRV_PCM_TRIGGER_RESUME;
		if (be->state == SND_SOC_DPCM_STATE_PAUSED)
			o->told = SNDRV_PCM_TRIGGER_PAUSE_RELEASE;
	} else if (all == SND_SOC_DPCM_RUN_STOPPED) {
		if (be->state == SND_SOC_DPCM_STATE_PAUSED)
			o->told = SNDRV_PCM_TRIGGER_STOP;
		if (be->state == SND_SOC_DPCM_STATE_SUSPEND) {
			o->be.state = SND_SOC_DPCM_STATE_HW_PARAMS;
			o->be.lost = true;
		}
	}

	if (o->told != NOTHING && refuse)
		o->ret = REFUSED;
	if (o->ret && cmd != SNDRV_PCM_TRIGGER_STOP && cmd != SNDRV_PCM_TRIGGER_SUSPEND)
		o->run = now;
	if (o->told == NOTHING || o->ret)
		return;

	if (all == SND_SOC_DPCM_RUN_STARTED)
		o->be.state = SND_SOC_DPCM_STATE_START;
	else if (all == SND_SOC_DPCM_RUN_PAUSED)
		o->be.state = SND_SOC_DPCM_STATE_PAUSED;
	else if (all == SND_SOC_DPCM_RUN_SUSPENDED)
		o->be.state = SND_SOC_DPCM_STATE_SUSPEND;
	else
		o->be.state = SND_SOC_DPCM_STATE_STOP;
}

static void one_case(struct kunit *test, struct snd_soc_dpcm **links, const int *s,
		     int n, const struct be_state *state, int cmd, bool refuse)
{
	struct fakes *fakes = test->priv;
	struct fake *be = &fakes->be[0];
	struct snd_soc_dpcm_runtime *seen = &be->rtd->dpcm[STREAM];
	struct outcome want;
	int i, ret;

	for (i = 0; i < n; i++) {
		links[i]->state = link_states[s[i]].state;
		links[i]->stage = link_states[s[i]].stage;
		links[i]->run = link_states[s[i]].run;
	}
	seen->state = state->state;
	seen->lost = state->lost;
	be->refuse = refuse;
	be->told = NOTHING;
	be->calls = 0;
	/* The state was forced: nothing was started that could be undone. */
	be->rtd->mark_trigger = NULL;

	expect(&want, s, n, state, cmd, refuse);
	ret = command(test, 0, cmd);

	if (ret != want.ret || links[0]->run != want.run || be->told != want.told ||
	    be->calls != (want.told == NOTHING ? 0 : 1) ||
	    seen->state != want.be.state || seen->lost != want.be.lost)
		KUNIT_FAIL(test, "links %d %d %d of %d, BE %d%s, cmd %d, refuse %d\n"
			   "seen ret %d run %d told %d state %d lost %d\n"
			   "want ret %d run %d told %d state %d lost %d\n",
			   s[0], s[1], s[2], n, state->state, state->lost ? " lost" : "",
			   cmd, refuse, ret, links[0]->run, be->told, seen->state,
			   seen->lost, want.ret, want.run, want.told, want.be.state,
			   want.be.lost);
	for (i = 1; i < n; i++)
		if (links[i]->run != link_states[s[i]].run)
			KUNIT_FAIL(test, "the link of another FE changed\n");
}

/* All states of @n links, as the digits of a number. */
static void every_case(struct kunit *test, int n)
{
	const int base = ARRAY_SIZE(link_states);
	struct snd_soc_dpcm *links[FAKES];
	int i, b, c, number, numbers = 1;
	unsigned long cases = 0;

	for (i = 0; i < n; i++) {
		links[i] = link_up(test, i, 0, SND_SOC_DPCM_STAGE_CLOSED);
		numbers *= base;
	}
	for (number = 0; number < numbers; number++) {
		const int s[FAKES] = {
			number % base, number / base % base, number / base / base,
		};

		for (b = 0; b < ARRAY_SIZE(be_states); b++)
			for (c = 0; c < ARRAY_SIZE(commands); c++) {
				one_case(test, links, s, n, &be_states[b], commands[c], false);
				one_case(test, links, s, n, &be_states[b], commands[c], true);
				cases += 2;
			}
		cond_resched();
	}
	kunit_info(test, "%lu cases\n", cases);
}

static void dpcm_test_one_link(struct kunit *test)
{
	every_case(test, 1);
}

static void dpcm_test_two_links(struct kunit *test)
{
	every_case(test, 2);
}

static void dpcm_test_three_links(struct kunit *test)
{
	every_case(test, 3);
}

/* If a BE returns an error, the BEs before it must be restored. */
static void dpcm_test_refused_start(struct kunit *test)
{
	struct fakes *fakes = test->priv;
	struct snd_soc_dpcm *dpcm;
	int i, bad;

	for (i = 0; i < FAKES; i++)
		link_up(test, 0, i, SND_SOC_DPCM_STAGE_READY);
	for (bad = 0; bad < FAKES; bad++) {
		for (i = 0; i < FAKES; i++) {
			fakes->be[i].rtd->dpcm[STREAM].state = SND_SOC_DPCM_STATE_PREPARE;
			fakes->be[i].refuse = i == bad;
		}
		KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_START), REFUSED);
		for_each_dpcm_be(fakes->fe[0].rtd, STREAM, dpcm)
			KUNIT_EXPECT_EQ(test, (int)dpcm->run, (int)SND_SOC_DPCM_RUN_STOPPED);
		for (i = 0; i < FAKES; i++)
			KUNIT_EXPECT_NE(test, (int)fakes->be[i].rtd->dpcm[STREAM].state,
					(int)SND_SOC_DPCM_STATE_START);

		/* ALSA undoes it: no BE gets a command */
		for (i = 0; i < FAKES; i++)
			fakes->be[i].calls = 0;
		KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_STOP), 0);
		for (i = 0; i < FAKES; i++)
			KUNIT_EXPECT_EQ(test, fakes->be[i].calls, 0);
	}

	/* The same for a pause: all of them run on. */
	for (i = 0; i < FAKES; i++)
		fakes->be[i].refuse = false;
	KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_START), 0);
	fakes->be[0].refuse = true;
	KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_PAUSE_PUSH), REFUSED);
	for (i = 0; i < FAKES; i++)
		KUNIT_EXPECT_EQ(test, (int)fakes->be[i].rtd->dpcm[STREAM].state,
				(int)SND_SOC_DPCM_STATE_START);
}

/* ALSA ignores errors of SUSPEND: it goes to all BEs, and RESUME restores all. */
static void dpcm_test_refused_suspend(struct kunit *test)
{
	struct fakes *fakes = test->priv;
	struct snd_soc_dpcm *dpcm;
	int i, bad;

	for (i = 0; i < FAKES; i++) {
		link_up(test, 0, i, SND_SOC_DPCM_STAGE_READY);
		fakes->be[i].rtd->dpcm[STREAM].state = SND_SOC_DPCM_STATE_PREPARE;
	}
	KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_START), 0);
	for (bad = 0; bad < FAKES; bad++) {
		fakes->be[bad].refuse = true;
		KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_SUSPEND), REFUSED);
		for_each_dpcm_be(fakes->fe[0].rtd, STREAM, dpcm)
			KUNIT_EXPECT_EQ(test, (int)dpcm->run, (int)SND_SOC_DPCM_RUN_SUSPENDED);
		for (i = 0; i < FAKES; i++)
			KUNIT_EXPECT_EQ(test, (int)fakes->be[i].rtd->dpcm[STREAM].state,
					(int)(i == bad ? SND_SOC_DPCM_STATE_START :
							 SND_SOC_DPCM_STATE_SUSPEND));
		fakes->be[bad].refuse = false;
		KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_RESUME), 0);
		for (i = 0; i < FAKES; i++)
			KUNIT_EXPECT_EQ(test, (int)fakes->be[i].rtd->dpcm[STREAM].state,
					(int)SND_SOC_DPCM_STATE_START);
	}
}

/* A BE that lost its power in a system suspend is prepared or resumed first. */
static void dpcm_test_power_loss(struct kunit *test)
{
	static const struct {
		enum snd_soc_dpcm_run run;	/* of its link */
		struct be_state before, after;
	} cases[] = {
		{ SND_SOC_DPCM_RUN_STOPPED, { SND_SOC_DPCM_STATE_OPEN },
		  { SND_SOC_DPCM_STATE_OPEN } },
		{ SND_SOC_DPCM_RUN_STOPPED, { SND_SOC_DPCM_STATE_HW_PARAMS },
		  { SND_SOC_DPCM_STATE_HW_PARAMS } },
		{ SND_SOC_DPCM_RUN_STOPPED, { SND_SOC_DPCM_STATE_PREPARE },
		  { SND_SOC_DPCM_STATE_HW_PARAMS, true } },
		{ SND_SOC_DPCM_RUN_STOPPED, { SND_SOC_DPCM_STATE_STOP },
		  { SND_SOC_DPCM_STATE_HW_PARAMS, true } },
		{ SND_SOC_DPCM_RUN_PAUSED, { SND_SOC_DPCM_STATE_PAUSED },
		  { SND_SOC_DPCM_STATE_HW_PARAMS, true } },
		{ SND_SOC_DPCM_RUN_SUSPENDED, { SND_SOC_DPCM_STATE_SUSPEND },
		  { SND_SOC_DPCM_STATE_SUSPEND } },
		/* SUSPEND returned an error */
		{ SND_SOC_DPCM_RUN_SUSPENDED, { SND_SOC_DPCM_STATE_START },
		  { SND_SOC_DPCM_STATE_SUSPEND } },
		/* STOP returned an error */
		{ SND_SOC_DPCM_RUN_STOPPED, { SND_SOC_DPCM_STATE_START },
		  { SND_SOC_DPCM_STATE_HW_PARAMS, true } },
		/* its link has ignore_suspend */
		{ SND_SOC_DPCM_RUN_STARTED, { SND_SOC_DPCM_STATE_START },
		  { SND_SOC_DPCM_STATE_START } },
	};
	struct fakes *fakes = test->priv;
	struct snd_soc_pcm_runtime *be = fakes->be[0].rtd;
	struct snd_soc_dpcm *link = link_up(test, 0, 0, SND_SOC_DPCM_STAGE_READY);
	unsigned long flags;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		link->run = cases[i].run;
		be->dpcm[STREAM].state = cases[i].before.state;
		be->dpcm[STREAM].lost = cases[i].before.lost;
		fakes->be[0].calls = 0;
		dpcm_be_lock(be, STREAM, flags);
		dpcm_be_suspended(be, STREAM);
		dpcm_be_unlock(be, STREAM, flags);
		KUNIT_EXPECT_EQ(test, (int)be->dpcm[STREAM].state, (int)cases[i].after.state);
		KUNIT_EXPECT_EQ(test, be->dpcm[STREAM].lost, cases[i].after.lost);
		KUNIT_EXPECT_EQ(test, fakes->be[0].calls, 0);
	}
}

/* STOP goes to all BEs, whatever they return, and is tried again. */
static void dpcm_test_refused_stop(struct kunit *test)
{
	struct fakes *fakes = test->priv;
	int i;

	for (i = 0; i < FAKES; i++) {
		link_up(test, 0, i, SND_SOC_DPCM_STAGE_READY);
		fakes->be[i].rtd->dpcm[STREAM].state = SND_SOC_DPCM_STATE_PREPARE;
	}
	link_up(test, 1, 1, SND_SOC_DPCM_STAGE_READY);
	KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_START), 0);

	fakes->be[1].refuse = true;
	KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_STOP), REFUSED);
	for (i = 0; i < FAKES; i++)
		KUNIT_EXPECT_EQ(test, (int)fakes->be[i].rtd->dpcm[STREAM].state,
				(int)(i == 1 ? SND_SOC_DPCM_STATE_START : SND_SOC_DPCM_STATE_STOP));

	fakes->be[1].refuse = false;
	KUNIT_EXPECT_EQ(test, command(test, 1, SNDRV_PCM_TRIGGER_START), 0);
	KUNIT_EXPECT_EQ(test, command(test, 1, SNDRV_PCM_TRIGGER_STOP), 0);
	KUNIT_EXPECT_EQ(test, (int)fakes->be[1].rtd->dpcm[STREAM].state,
			(int)SND_SOC_DPCM_STATE_STOP);
}

/* A BE has the runtime of an FE that holds it open, and of no other. */
static void dpcm_test_runtime(struct kunit *test)
{
	struct fakes *fakes = test->priv;
	struct snd_pcm_substream *be = &fakes->be[0].substream;
	struct snd_soc_dpcm *links[FAKES];
	unsigned long flags;
	int i, open;

	for (i = 0; i < FAKES; i++)
		links[i] = link_up(test, i, 0, SND_SOC_DPCM_STAGE_CLOSED);

	/* a compressed stream has none to lend */
	fakes->fe[2].substream.runtime = NULL;
	for (open = 0; open < 1 << FAKES; open++) {
		for (i = 0; i < FAKES; i++)
			links[i]->stage = open & 1 << i ? SND_SOC_DPCM_STAGE_OPEN :
							  SND_SOC_DPCM_STAGE_CLOSED;
		dpcm_be_lock(fakes->be[0].rtd, STREAM, flags);
		dpcm_be_borrow_runtime(fakes->be[0].rtd, STREAM);
		dpcm_be_unlock(fakes->be[0].rtd, STREAM, flags);
		if (!(open & 3))
			KUNIT_EXPECT_NULL(test, be->runtime);
		else if ((open & 3) != 3)
			KUNIT_EXPECT_PTR_EQ(test, be->runtime, &fakes->fe[(open & 3) - 1].runtime);
		else
			KUNIT_EXPECT_NOT_NULL(test, be->runtime);
	}

	/* An FE with parameters comes first, then the one whose runtime the BE has. */
	for (i = 0; i < 2; i++) {
		links[i]->stage = SND_SOC_DPCM_STAGE_PARAMS;
		links[!i]->stage = SND_SOC_DPCM_STAGE_OPEN;
		dpcm_be_lock(fakes->be[0].rtd, STREAM, flags);
		dpcm_be_borrow_runtime(fakes->be[0].rtd, STREAM);
		KUNIT_EXPECT_PTR_EQ(test, be->runtime, &fakes->fe[i].runtime);
		links[!i]->stage = SND_SOC_DPCM_STAGE_READY;
		dpcm_be_borrow_runtime(fakes->be[0].rtd, STREAM);
		KUNIT_EXPECT_PTR_EQ(test, be->runtime, &fakes->fe[i].runtime);
		dpcm_be_unlock(fakes->be[0].rtd, STREAM, flags);
	}
}

static void dpcm_test_new_and_remove(struct kunit *test)
{
	struct fakes *fakes = test->priv;
	struct snd_soc_dpcm *dpcm;
	LIST_HEAD(removed);

	dpcm = link_up(test, 0, 0, SND_SOC_DPCM_STAGE_CLOSED);
	link_up(test, 0, 1, SND_SOC_DPCM_STAGE_READY);
	link_up(test, 1, 0, SND_SOC_DPCM_STAGE_READY);
	KUNIT_EXPECT_NULL(test, dpcm_link_new(fakes->fe[0].rtd, fakes->be[0].rtd, STREAM));

	dpcm_link_leave(dpcm, STREAM);
	dpcm_links_remove(fakes->fe[0].rtd, STREAM, &removed);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&removed));
	KUNIT_EXPECT_PTR_EQ(test, list_first_entry(&removed, struct snd_soc_dpcm, list_fe), dpcm);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&fakes->fe[0].rtd->dpcm[STREAM].be_clients));
	KUNIT_EXPECT_TRUE(test, list_is_singular(&fakes->be[0].rtd->dpcm[STREAM].fe_clients));
	kfree(dpcm);
}

/*
 * No FE of this card is atomic: a BE gets the kind of lock of the FE that is linked. A
 * nonatomic FE may use an atomic BE; an atomic FE must not use a nonatomic one.
 */
static void dpcm_test_atomicity(struct kunit *test)
{
	struct fakes *fakes = test->priv;

	fakes->fe[0].pcm.nonatomic = true;
	link_up(test, 0, 0, SND_SOC_DPCM_STAGE_CLOSED);
	KUNIT_EXPECT_TRUE(test, fakes->be[0].pcm.nonatomic);
	KUNIT_EXPECT_EQ(test, PTR_ERR(dpcm_link_new(fakes->fe[1].rtd, fakes->be[0].rtd, STREAM)),
			-EINVAL);
	unlink_all(fakes);
	link_up(test, 1, 0, SND_SOC_DPCM_STAGE_CLOSED);
	KUNIT_EXPECT_FALSE(test, fakes->be[0].pcm.nonatomic);
	link_up(test, 0, 0, SND_SOC_DPCM_STAGE_CLOSED);
	KUNIT_EXPECT_FALSE(test, fakes->be[0].pcm.nonatomic);

	fakes->be[1].link.nonatomic = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR(dpcm_link_new(fakes->fe[1].rtd, fakes->be[1].rtd, STREAM)),
			-EINVAL);
}

/* A command for new links, or for links that are removed, is for no others. */
static void dpcm_test_scope(struct kunit *test)
{
	struct fakes *fakes = test->priv;
	struct snd_soc_dpcm *links[FAKES];
	int i;

	for (i = 0; i < FAKES; i++) {
		links[i] = link_up(test, 0, i, SND_SOC_DPCM_STAGE_READY);
		fakes->be[i].rtd->dpcm[STREAM].state = SND_SOC_DPCM_STATE_PREPARE;
	}
	links[1]->state = SND_SOC_DPCM_LINK_STATE_NEW;
	KUNIT_EXPECT_EQ(test, scoped_command(test, 0, SNDRV_PCM_TRIGGER_START,
					     SND_SOC_DPCM_SCOPE_NEW), 0);
	for (i = 0; i < FAKES; i++)
		KUNIT_EXPECT_EQ(test, fakes->be[i].calls, i == 1);

	links[1]->state = SND_SOC_DPCM_LINK_STATE_LIVE;
	KUNIT_EXPECT_EQ(test, command(test, 0, SNDRV_PCM_TRIGGER_START), 0);
	for (i = 0; i < FAKES; i++)
		KUNIT_EXPECT_EQ(test, fakes->be[i].calls, 1);

	links[2]->state = SND_SOC_DPCM_LINK_STATE_FREE;
	KUNIT_EXPECT_EQ(test, scoped_command(test, 0, SNDRV_PCM_TRIGGER_STOP,
					     SND_SOC_DPCM_SCOPE_FREE), 0);
	for (i = 0; i < FAKES; i++)
		KUNIT_EXPECT_EQ(test, fakes->be[i].calls, i == 2 ? 2 : 1);
}

LOCKED(dpcm_test_one_link);
LOCKED(dpcm_test_two_links);
LOCKED(dpcm_test_three_links);
LOCKED(dpcm_test_refused_start);
LOCKED(dpcm_test_refused_suspend);
LOCKED(dpcm_test_refused_stop);
LOCKED(dpcm_test_power_loss);
LOCKED(dpcm_test_runtime);
LOCKED(dpcm_test_new_and_remove);
LOCKED(dpcm_test_atomicity);
LOCKED(dpcm_test_scope);

static struct kunit_case dpcm_test_cases[] = {
	KUNIT_CASE(dpcm_test_one_link_locked),
	KUNIT_CASE(dpcm_test_two_links_locked),
	KUNIT_CASE(dpcm_test_three_links_locked),
	KUNIT_CASE(dpcm_test_refused_start_locked),
	KUNIT_CASE(dpcm_test_refused_suspend_locked),
	KUNIT_CASE(dpcm_test_refused_stop_locked),
	KUNIT_CASE(dpcm_test_power_loss_locked),
	KUNIT_CASE(dpcm_test_runtime_locked),
	KUNIT_CASE(dpcm_test_new_and_remove_locked),
	KUNIT_CASE(dpcm_test_atomicity_locked),
	KUNIT_CASE(dpcm_test_scope_locked),
	{}
};

static struct kunit_suite dpcm_test_suite = {
	.name = "soc-dpcm",
	.init = dpcm_test_init,
	.exit = dpcm_test_exit,
	.test_cases = dpcm_test_cases,
};

kunit_test_suites(&dpcm_test_suite);
