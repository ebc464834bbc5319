// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: back ends that check their calls.
 *
 * ALSA promises a driver an order of its callbacks: startup before hw_params
 * before prepare before the first trigger; START only while stopped, RELEASE
 * only while paused, RESUME only while suspended; no hw_params, prepare,
 * hw_free or shutdown while the stream runs; never two callbacks at once; and a
 * runtime that stays for as long as a callback uses it. After a system sleep the
 * registers are lost (dpcm-power.c), and START or PAUSE_RELEASE needs RESUME or
 * prepare first. An FE that is heard at a BE has the same parameters (dpcm-heard.c). A
 * driver of real hardware does not check this, and fails. Here each breach becomes a
 * line in "faults", and the call is carried out nevertheless, as by hardware.
 *
 * One rule is left out: ALSA prepares a stream again after each STOP. A BE with
 * several FEs cannot require that: after the prepare of one FE another FE may START.
 *
 * Callbacks that sleep mark the BE busy, trigger marks it triggered: the card's
 * lock is never held while a callback is slow.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/string.h>
#include <sound/pcm_params.h>

#include "dpcm-sim.h"

const char * const dpcm_sim_call_name[DPCM_SIM_CALLS + 1] = {
	[DPCM_SIM_STARTUP] = "startup",
	[DPCM_SIM_HW_PARAMS] = "hw_params",
	[DPCM_SIM_PREPARE] = "prepare",
	[DPCM_SIM_TRIGGER] = "trigger",
	[DPCM_SIM_HW_FREE] = "hw_free",
	[DPCM_SIM_SHUTDOWN] = "shutdown",
};

const char * const dpcm_sim_step_name[DPCM_SIM_STEPS] = {
	[DPCM_SIM_STEP_STARTUP] = "startup",
	[DPCM_SIM_STEP_HW_PARAMS] = "hw_params",
	[DPCM_SIM_STEP_PREPARE] = "prepare",
	[DPCM_SIM_STEP_TRIGGER] = "trigger",
	[DPCM_SIM_STEP_START] = "start",
	[DPCM_SIM_STEP_STOP] = "stop",
	[DPCM_SIM_STEP_PAUSE] = "pause",
	[DPCM_SIM_STEP_SUSPEND] = "suspend",
	[DPCM_SIM_STEP_RESUME] = "resume",
	[DPCM_SIM_STEP_FIXUP] = "fixup",
};

static struct dpcm_sim_be *dpcm_sim_be_of(struct snd_soc_dai *dai, int stream)
{
	struct dpcm_sim *sim = dpcm_sim_of(dai->component);

	return &sim->be[dai->id][stream];
}

/**
 * dpcm_sim_fault() - record a wrong call
 * @sim: the card
 * @fmt: the call and the FE or BE, in words
 *
 * Context: @sim's lock is held.
 */
void dpcm_sim_fault(struct dpcm_sim *sim, const char *fmt, ...)
{
	va_list args;

	lockdep_assert_held(&sim->lock);
	if (sim->faults++ >= DPCM_SIM_FAULTS)
		return;

	va_start(args, fmt);
	vscnprintf(sim->fault[sim->faults - 1], sizeof(sim->fault[0]), fmt, args);
	va_end(args);
}

static void __printf(2, 3) be_fault(struct dpcm_sim_be *be, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	dpcm_sim_fault(be->sim, "be%d %c: %pV", be->id, dpcm_sim_dir(be->stream), &vaf);
	va_end(args);
}

/**
 * dpcm_sim_fails() - check whether this is the call that a test lets fail
 * @fail: the counts of the FE or BE
 * @step: the callback
 *
 * Context: the card's lock is held.
 */
bool dpcm_sim_fails(int *fail, enum dpcm_sim_step step)
{
	if (!fail[step])
		return false;
	fail[step]--;

	return true;
}

/**
 * dpcm_sim_fails_command() - check whether this is the command that a test lets fail
 * @fail: the counts of the FE or BE
 * @cmd: one of dpcm_sim_commands
 *
 * Context: the card's lock is held.
 */
bool dpcm_sim_fails_command(int *fail, int cmd)
{
	return dpcm_sim_fails(fail, DPCM_SIM_STEP_TRIGGER) ||
	       dpcm_sim_fails(fail, dpcm_sim_commands[cmd].step);
}

/**
 * dpcm_sim_take_time() - take some time
 * @us: duration in microseconds; setting it to 0 meanwhile ends it
 * @sleep: the caller can sleep
 *
 * Context: any, if not @sleep.
 */
void dpcm_sim_take_time(const unsigned int *us, bool sleep)
{
	ktime_t begin = ktime_get();
	s64 left;

	for (;;) {
		left = READ_ONCE(*us) - ktime_us_delta(ktime_get(), begin);
		if (left <= 0)
			break;
		if (sleep)
			usleep_range(min_t(s64, left, 1000),
				     min_t(s64, left, 1000) + 1);
		else
			udelay(min_t(s64, left, 10));
	}
}

/* The begin of a callback that may sleep */
static int dpcm_sim_enter(struct dpcm_sim_be *be, enum dpcm_sim_call call)
{
	const char *name = dpcm_sim_call_name[call];
	struct dpcm_sim *sim = be->sim;
	int ret = 0;

	spin_lock_irq(&sim->lock);
	if (be->busy != DPCM_SIM_IDLE)
		be_fault(be, "%s during %s", name,
			 dpcm_sim_call_name[be->busy]);
	if (be->triggered)
		be_fault(be, "%s during trigger", name);
	if (be->run == DPCM_SIM_RUN)
		be_fault(be, "%s while running", name);
	if (be->open ? call == DPCM_SIM_STARTUP : call != DPCM_SIM_STARTUP)
		be_fault(be, "%s while %s", name,
			 be->open ? "open" : "closed");
	if (call == DPCM_SIM_PREPARE && !be->params)
		be_fault(be, "prepare before hw_params");
	be->busy = call;
	switch (call) {
	case DPCM_SIM_STARTUP:
		ret = dpcm_sim_fails(be->fail, DPCM_SIM_STEP_STARTUP) ? -EIO : 0;
		break;
	case DPCM_SIM_HW_PARAMS:
		ret = dpcm_sim_fails(be->fail, DPCM_SIM_STEP_HW_PARAMS) ? -EIO : 0;
		break;
	case DPCM_SIM_PREPARE:
		ret = dpcm_sim_fails(be->fail, DPCM_SIM_STEP_PREPARE) ? -EIO : 0;
		break;
	default:
		break;
	}
	spin_unlock_irq(&sim->lock);
	if (READ_ONCE(be->delay[call]))
		dpcm_sim_take_time(&be->delay[call], true);

	return ret;
}

/* Its end. The state of the BE is changed here, or in trigger. */
static int dpcm_sim_leave(struct dpcm_sim_be *be, enum dpcm_sim_call call,
			  const struct dpcm_sim_sound *sound, int ret)
{
	spin_lock_irq(&be->sim->lock);
	be->busy = DPCM_SIM_IDLE;
	if (!ret) {
		switch (call) {
		case DPCM_SIM_STARTUP:
			be->open = true;
			break;
		case DPCM_SIM_HW_PARAMS:
			be->params = true;
			be->prepared = false;
			be->sound = *sound;
			break;
		case DPCM_SIM_PREPARE:
			be->prepared = true;
			be->lost = false;
			break;
		case DPCM_SIM_SHUTDOWN:
			be->open = false;
			fallthrough;
		case DPCM_SIM_HW_FREE:
			be->params = false;
			be->prepared = false;
			be->lost = false;
			be->run = DPCM_SIM_STOP;
			be->sound = (struct dpcm_sim_sound) {};
			break;
		default:
			break;
		}
		/* A new start ends a pause or a suspend. */
		if (call == DPCM_SIM_PREPARE && be->run != DPCM_SIM_RUN)
			be->run = DPCM_SIM_STOP;
	}
	spin_unlock_irq(&be->sim->lock);

	return ret;
}

static int dpcm_sim_be_startup(struct snd_pcm_substream *substream,
			       struct snd_soc_dai *dai)
{
	struct dpcm_sim_be *be = dpcm_sim_be_of(dai, substream->stream);
	int ret;

	ret = dpcm_sim_enter(be, DPCM_SIM_STARTUP);
	spin_lock_irq(&be->sim->lock);
	be->substream = substream;
	spin_unlock_irq(&be->sim->lock);

	return dpcm_sim_leave(be, DPCM_SIM_STARTUP, NULL, ret);
}

static int dpcm_sim_be_hw_params(struct snd_pcm_substream *substream,
				 struct snd_pcm_hw_params *params,
				 struct snd_soc_dai *dai)
{
	struct dpcm_sim_be *be = dpcm_sim_be_of(dai, substream->stream);
	int ret = dpcm_sim_enter(be, DPCM_SIM_HW_PARAMS);
	struct dpcm_sim_sound sound;

	dpcm_sim_note_sound(&sound, params);

	return dpcm_sim_leave(be, DPCM_SIM_HW_PARAMS, &sound, ret);
}

static int dpcm_sim_be_prepare(struct snd_pcm_substream *substream,
			       struct snd_soc_dai *dai)
{
	struct dpcm_sim_be *be = dpcm_sim_be_of(dai, substream->stream);
	int ret = dpcm_sim_enter(be, DPCM_SIM_PREPARE);
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (dpcm_sim_kind.rt && (!runtime || !runtime->rate)) {
		spin_lock_irq(&be->sim->lock);
		be_fault(be, "prepare with the runtime of a FE without parameters");
		spin_unlock_irq(&be->sim->lock);
	}

	return dpcm_sim_leave(be, DPCM_SIM_PREPARE, NULL, ret);
}

/* These two cannot fail. */
static int dpcm_sim_be_hw_free(struct snd_pcm_substream *substream,
			       struct snd_soc_dai *dai)
{
	struct dpcm_sim_be *be = dpcm_sim_be_of(dai, substream->stream);

	dpcm_sim_enter(be, DPCM_SIM_HW_FREE);

	return dpcm_sim_leave(be, DPCM_SIM_HW_FREE, NULL, 0);
}

static void dpcm_sim_be_shutdown(struct snd_pcm_substream *substream,
				 struct snd_soc_dai *dai)
{
	struct dpcm_sim_be *be = dpcm_sim_be_of(dai, substream->stream);

	dpcm_sim_enter(be, DPCM_SIM_SHUTDOWN);
	dpcm_sim_leave(be, DPCM_SIM_SHUTDOWN, NULL, 0);
}

/**
 * dpcm_sim_be_fixup() - choose the parameters of a BE
 * @rtd: its link
 * @params: those of the FE, to be changed
 *
 * A compressed FE has none that a BE could use. The direction is not an argument: a
 * failure is for both.
 */
int dpcm_sim_be_fixup(struct snd_soc_pcm_runtime *rtd,
		      struct snd_pcm_hw_params *params)
{
	struct dpcm_sim *sim = snd_soc_card_get_drvdata(rtd->card);
	struct dpcm_sim_be *be = sim->be[rtd->dai_link->id];
	bool fails;

	dpcm_sim_record_fixup(rtd, params);
	spin_lock_irq(&sim->lock);
	fails = dpcm_sim_fails(be[SNDRV_PCM_STREAM_PLAYBACK].fail, DPCM_SIM_STEP_FIXUP) ||
		dpcm_sim_fails(be[SNDRV_PCM_STREAM_CAPTURE].fail, DPCM_SIM_STEP_FIXUP);
	spin_unlock_irq(&sim->lock);
	if (fails)
		return -EIO;
	if (params_rate(params) && !dpcm_sim_kind.fixed)
		return 0;

	*hw_param_interval(params, SNDRV_PCM_HW_PARAM_RATE) =
		(struct snd_interval) { .min = 48000, .max = 48000 };
	*hw_param_interval(params, SNDRV_PCM_HW_PARAM_CHANNELS) =
		(struct snd_interval) { .min = 2, .max = 2 };
	snd_mask_none(hw_param_mask(params, SNDRV_PCM_HW_PARAM_FORMAT));
	params_set_format(params, SNDRV_PCM_FORMAT_S16_LE);

	return 0;
}

/*
 * The state after a command, and the states in which a driver may expect it. STOP
 * also ends a pause; a stream that is paused is not suspended.
 */
const struct dpcm_sim_command dpcm_sim_commands[DPCM_SIM_COMMANDS] = {
	[SNDRV_PCM_TRIGGER_STOP] = {
		"STOP", DPCM_SIM_STEP_STOP, DPCM_SIM_STOP,
		BIT(DPCM_SIM_RUN) | BIT(DPCM_SIM_PAUSE) },
	[SNDRV_PCM_TRIGGER_START] = {
		"START", DPCM_SIM_STEP_START, DPCM_SIM_RUN,
		BIT(DPCM_SIM_STOP) | BIT(DPCM_SIM_PAUSE) |
		BIT(DPCM_SIM_SUSPEND) },
	[SNDRV_PCM_TRIGGER_PAUSE_PUSH] = {
		"PAUSE_PUSH", DPCM_SIM_STEP_PAUSE, DPCM_SIM_PAUSE,
		BIT(DPCM_SIM_RUN) },
	[SNDRV_PCM_TRIGGER_PAUSE_RELEASE] = {
		"PAUSE_RELEASE", DPCM_SIM_STEP_START, DPCM_SIM_RUN,
		BIT(DPCM_SIM_PAUSE) },
	[SNDRV_PCM_TRIGGER_SUSPEND] = {
		"SUSPEND", DPCM_SIM_STEP_SUSPEND, DPCM_SIM_SUSPEND,
		BIT(DPCM_SIM_RUN) },
	[SNDRV_PCM_TRIGGER_RESUME] = {
		"RESUME", DPCM_SIM_STEP_RESUME, DPCM_SIM_RUN,
		BIT(DPCM_SIM_SUSPEND) },
};

const char * const dpcm_sim_doing[] = {
	[DPCM_SIM_STOP] = "stopped",
	[DPCM_SIM_RUN] = "running",
	[DPCM_SIM_PAUSE] = "paused",
	[DPCM_SIM_SUSPEND] = "suspended",
};

static void dpcm_sim_judge(struct dpcm_sim_be *be, int cmd)
{
	const char *name = dpcm_sim_commands[cmd].name;

	if (be->busy != DPCM_SIM_IDLE)
		be_fault(be, "%s during %s", name,
			 dpcm_sim_call_name[be->busy]);
	if (be->triggered)
		be_fault(be, "%s during trigger", name);
	if (!be->prepared)
		be_fault(be, "%s before prepare", name);
	if (be->lost && (cmd == SNDRV_PCM_TRIGGER_START ||
			 cmd == SNDRV_PCM_TRIGGER_PAUSE_RELEASE))
		be_fault(be, "%s after sleep without prepare", name);
	if (!(dpcm_sim_commands[cmd].from & BIT(be->run)))
		be_fault(be, "%s while %s", name,
			 dpcm_sim_doing[be->run]);
}

static int dpcm_sim_be_trigger(struct snd_pcm_substream *substream, int cmd,
			       struct snd_soc_dai *dai)
{
	struct dpcm_sim_be *be = dpcm_sim_be_of(dai, substream->stream);
	struct snd_pcm_runtime *runtime = READ_ONCE(substream->runtime);
	struct dpcm_sim *sim = be->sim;
	unsigned long flags;

	if (cmd < 0 || cmd >= DPCM_SIM_COMMANDS ||
	    !dpcm_sim_commands[cmd].name)
		return -EINVAL;

	spin_lock_irqsave(&sim->lock, flags);
	be->calls++;
	if (dpcm_sim_fails_command(be->fail, cmd)) {
		spin_unlock_irqrestore(&sim->lock, flags);
		return -EIO;
	}
	dpcm_sim_judge(be, cmd);
	/* If its STOP failed before, it is not heard by the FE for which it stops. */
	if (cmd != SNDRV_PCM_TRIGGER_STOP)
		dpcm_sim_judge_be(be, snd_pcm_substream_chip(substream));
	be->triggered = true;
	spin_unlock_irqrestore(&sim->lock, flags);

	if (READ_ONCE(be->delay[DPCM_SIM_TRIGGER]))
		dpcm_sim_take_time(&be->delay[DPCM_SIM_TRIGGER],
				   substream->pcm->nonatomic);
	/* A driver reads its runtime here; KASAN reports if it was freed. */
	if (runtime)
		READ_ONCE(runtime->rate);

	spin_lock_irqsave(&sim->lock, flags);
	if (runtime != READ_ONCE(substream->runtime))
		be_fault(be, "runtime changed during %s",
			 dpcm_sim_commands[cmd].name);
	be->triggered = false;
	be->run = dpcm_sim_commands[cmd].to;
	if (cmd == SNDRV_PCM_TRIGGER_RESUME)
		be->lost = false;
	dpcm_sim_judge_be(be, snd_pcm_substream_chip(substream));
	spin_unlock_irqrestore(&sim->lock, flags);

	return 0;
}

const struct snd_soc_dai_ops dpcm_sim_be_dai_ops = {
	.startup = dpcm_sim_be_startup,
	.hw_params = dpcm_sim_be_hw_params,
	.prepare = dpcm_sim_be_prepare,
	.trigger = dpcm_sim_be_trigger,
	.hw_free = dpcm_sim_be_hw_free,
	.shutdown = dpcm_sim_be_shutdown,
};
