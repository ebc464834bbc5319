// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: /sys/kernel/debug/dpcm-sim/.
 *
 *	state	    FEs and BEs that are open, their last commands, FEs heard at BEs
 *	faults	    wrong calls that BEs received; any write clears it
 *	fail	    "BE p|c STEP [COUNT]" or "fe FE STEP [COUNT]": calls that
 *		    will fail; "clear" removes all. STEP is startup, hw_params, prepare,
 *		    start (and PAUSE_RELEASE), stop, pause, suspend, resume, trigger
 *		    (any of those five) or, of a BE only, fixup
 *	delay	    "BE p|c CALL US": duration of a call; "clear" for none, also
 *		    ends delays that are going on
 *	step	    "FRAMES": move the DMA of all running FEs
 *	period_us   duration of a period of the DMA; 0: it is stepped
 *	xrun	    "FE": let it underrun
 *	suspend	    any write: suspend all streams
 *	sleep	    any write: a system sleep, from begin to end: streams that run
 *		    are suspended, and the BEs lose their registers
 *	unbind	    "card", "fe" or "be": unbind that driver, and the card with it;
 *		    takes until all files of the card are closed
 *	early	    1 while the registration of the card waits (early=1); any write
 *		    lets it go on
 *	graph	    change a route that has no switch (dpcm-graph.c): "disable" or
 *		    "enable" a pin, "free" a widget, "add" a path
 *	calls	    calls of the drivers (dpcm-record.c); any write clears it
 *	hold	    "FE US": hold the FE's stream lock; "FE US xrun": and let the
 *		    stream underrun before it is released; "FE 0" releases it;
 *		    reading shows the locks that are held, and whether a thread waits
 *
 * Each line of "state" describes one BE and direction, or one FE:
 *
 *	be0 p open=1 params=1 prepared=1 run=run heard=0x3 runtime=fe0 rate=48000
 *	    calls=4 format=2 channels=2 lost=0
 *	fe0 p open=1 run=run be=0x1 rate=48000 format=2 channels=2
 *
 * (the first is one line.) run is stop, run, pause or suspend, heard has a bit for
 * each FE, be one for each BE whose switch is on; runtime is none, stale or its FE;
 * rate, format (SNDRV_PCM_FORMAT_*) and channels are of the last hw_params; lost: after
 * a sleep the BE has had neither RESUME nor prepare.
 *
 * All of it is for tests that run as root, any number of them at a time.
 */
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "dpcm-sim.h"

#define DPCM_SIM_MIN_PERIOD_US	50

static const char * const dpcm_sim_run_name[] = {
	[DPCM_SIM_STOP] = "stop",
	[DPCM_SIM_RUN] = "run",
	[DPCM_SIM_PAUSE] = "pause",
	[DPCM_SIM_SUSPEND] = "suspend",
};

/* Find the FE whose runtime a BE points to. Nothing is read through that pointer. */
static void dpcm_sim_show_runtime(struct seq_file *s, struct dpcm_sim_be *be)
{
	struct snd_pcm_runtime *runtime;
	struct dpcm_sim_fe *fe;

	runtime = be->substream ? READ_ONCE(be->substream->runtime) : NULL;
	if (!runtime) {
		seq_puts(s, " runtime=none");
		return;
	}
	for (fe = be->sim->fe; fe < be->sim->fe + be->sim->fes; fe++) {
		if (fe->stream == be->stream && fe->substream &&
		    READ_ONCE(fe->substream->runtime) == runtime) {
			seq_printf(s, " runtime=fe%d", fe->id);
			return;
		}
	}
	seq_puts(s, " runtime=stale");
}

static void dpcm_sim_show_be(struct seq_file *s, struct dpcm_sim_be *be)
{
	struct dpcm_sim *sim = be->sim;
	u64 heard = 0;
	int i;

	if (be->run == DPCM_SIM_RUN)
		for (i = 0; i < sim->fes; i++)
			if (sim->fe[i].stream == be->stream &&
			    dpcm_sim_fe_heard(sim, i, be->id))
				heard |= BIT_ULL(i);
	seq_printf(s, "be%d %c open=%d params=%d prepared=%d run=%s heard=0x%llx",
		   be->id, dpcm_sim_dir(be->stream), be->open, be->params,
		   be->prepared, dpcm_sim_run_name[be->run], heard);
	dpcm_sim_show_runtime(s, be);
	seq_printf(s, " rate=%u calls=%lu format=%d channels=%u lost=%d\n",
		   be->sound.rate, be->calls, (__force int)be->sound.format,
		   be->sound.channels, be->lost);
}

static void dpcm_sim_show_fe(struct seq_file *s, struct dpcm_sim_fe *fe)
{
	struct dpcm_sim *sim = fe->sim;
	u32 on = 0;
	int i;

	if (fe->stream == SNDRV_PCM_STREAM_CAPTURE)
		on = sim->regs[DPCM_SIM_REG_IN(fe->id - sim->playback)];
	else
		for (i = 0; i < sim->bes; i++)
			if (sim->regs[DPCM_SIM_REG_OUT(i, fe->id)] &
			    BIT(fe->id % 32))
				on |= BIT(i);
	seq_printf(s, "fe%d %c open=%d run=%s be=0x%x rate=%u format=%d channels=%u\n",
		   fe->id, dpcm_sim_dir(fe->stream), fe->open,
		   dpcm_sim_run_name[fe->run], on, fe->sound.rate,
		   (__force int)fe->sound.format, fe->sound.channels);
}

static int dpcm_sim_state_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;
	int i;

	spin_lock_irq(&sim->lock);
	for (i = 0; i < sim->bes; i++) {
		dpcm_sim_show_be(s, &sim->be[i][SNDRV_PCM_STREAM_PLAYBACK]);
		dpcm_sim_show_be(s, &sim->be[i][SNDRV_PCM_STREAM_CAPTURE]);
	}
	for (i = 0; i < sim->fes; i++)
		dpcm_sim_show_fe(s, &sim->fe[i]);
	spin_unlock_irq(&sim->lock);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(dpcm_sim_state);

static int dpcm_sim_faults_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;
	int i;

	spin_lock_irq(&sim->lock);
	seq_printf(s, "%lu\n", sim->faults);
	for (i = 0; i < min_t(unsigned long, sim->faults, DPCM_SIM_FAULTS); i++)
		seq_printf(s, "%s\n", sim->fault[i]);
	spin_unlock_irq(&sim->lock);

	return 0;
}

static int dpcm_sim_calls_show(struct seq_file *s, void *unused)
{
	dpcm_sim_record_show(s);

	return 0;
}

static int dpcm_sim_fail_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;
	struct dpcm_sim_be *be;
	int i, step;

	spin_lock_irq(&sim->lock);
	for (i = 0; i < 2 * sim->bes; i++) {
		be = &sim->be[i / 2][i % 2];
		for (step = 0; step < DPCM_SIM_STEPS; step++)
			if (be->fail[step])
				seq_printf(s, "%d %c %s %d\n", be->id,
					   dpcm_sim_dir(be->stream),
					   dpcm_sim_step_name[step],
					   be->fail[step]);
	}
	for (i = 0; i < sim->fes; i++)
		for (step = 0; step < DPCM_SIM_STEPS; step++)
			if (sim->fe[i].fail[step])
				seq_printf(s, "fe %d %s %d\n", i,
					   dpcm_sim_step_name[step],
					   sim->fe[i].fail[step]);
	spin_unlock_irq(&sim->lock);

	return 0;
}

static int dpcm_sim_delay_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;
	struct dpcm_sim_be *be;
	int i, call;

	spin_lock_irq(&sim->lock);
	for (i = 0; i < 2 * sim->bes; i++) {
		be = &sim->be[i / 2][i % 2];
		for (call = 0; call < DPCM_SIM_CALLS; call++)
			if (be->delay[call])
				seq_printf(s, "%d %c %s %u\n", be->id,
					   dpcm_sim_dir(be->stream),
					   dpcm_sim_call_name[call],
					   be->delay[call]);
	}
	spin_unlock_irq(&sim->lock);

	return 0;
}

/*
 * A lock is contended when a thread waits for it: then a test can rely on the order of
 * that thread and the next one. A stream lock that is a mutex does not show this.
 */
static int dpcm_sim_hold_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;
	int i;

	for (i = 0; i < sim->fes; i++) {
		struct dpcm_sim_fe *fe = &sim->fe[i];
		struct snd_pcm_substream *substream = READ_ONCE(fe->substream);
		bool contended = false;

		if (!substream)
			continue;
		if (!substream->pcm->nonatomic)
			contended = spin_is_contended(&substream->self_group.lock);
		seq_printf(s, "fe%d held=%d waits=%d contended=%d\n", i,
			   !!READ_ONCE(fe->held), atomic_read(&fe->waits),
			   contended);
	}

	return 0;
}

static int dpcm_sim_period_us_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;

	seq_printf(s, "%u\n", READ_ONCE(sim->period_us));

	return 0;
}

static int dpcm_sim_early_show(struct seq_file *s, void *unused)
{
	struct dpcm_sim *sim = s->private;

	spin_lock_irq(&sim->lock);
	seq_printf(s, "%d\n", sim->early == DPCM_SIM_WAITS);
	spin_unlock_irq(&sim->lock);

	return 0;
}

/*
 * Read the written text without blanks at its ends. Each of these returns -EINVAL for
 * an invalid text.
 */

static struct dpcm_sim_be *dpcm_sim_find_be(struct dpcm_sim *sim, int be,
					    char dir)
{
	if (be < 0 || be >= sim->bes || (dir != 'p' && dir != 'c'))
		return NULL;

	return &sim->be[be][dir == 'p' ? SNDRV_PCM_STREAM_PLAYBACK :
			    SNDRV_PCM_STREAM_CAPTURE];
}

static struct dpcm_sim_fe *dpcm_sim_find_fe(struct dpcm_sim *sim, int fe)
{
	return fe < 0 || fe >= sim->fes ? NULL : &sim->fe[fe];
}

static int dpcm_sim_faults_set(struct dpcm_sim *sim, const char *text)
{
	spin_lock_irq(&sim->lock);
	sim->faults = 0;
	spin_unlock_irq(&sim->lock);

	return 0;
}

static int dpcm_sim_calls_set(struct dpcm_sim *sim, const char *text)
{
	dpcm_sim_record_clear();

	return 0;
}

static int dpcm_sim_fail_clear(struct dpcm_sim *sim)
{
	int i;

	spin_lock_irq(&sim->lock);
	for (i = 0; i < 2 * sim->bes; i++)
		memset(sim->be[i / 2][i % 2].fail, 0, sizeof(sim->be[0][0].fail));
	for (i = 0; i < sim->fes; i++)
		memset(sim->fe[i].fail, 0, sizeof(sim->fe[i].fail));
	spin_unlock_irq(&sim->lock);

	return 0;
}

static int dpcm_sim_fail_set(struct dpcm_sim *sim, const char *text)
{
	int id, step, n, count = 1;
	struct dpcm_sim_be *be;
	struct dpcm_sim_fe *fe;
	char name[12], dir;
	int *fail = NULL;

	if (!strcmp(text, "clear"))
		return dpcm_sim_fail_clear(sim);

	n = sscanf(text, "fe %d %11s %d", &id, name, &count);
	if (n >= 2) {
		fe = dpcm_sim_find_fe(sim, id);
		step = match_string(dpcm_sim_step_name, DPCM_SIM_STEP_FIXUP, name);
		if (fe && step >= 0)
			fail = &fe->fail[step];
	} else if (sscanf(text, "%d %c %11s %d", &id, &dir, name, &count) >= 3) {
		be = dpcm_sim_find_be(sim, id, dir);
		step = match_string(dpcm_sim_step_name, DPCM_SIM_STEPS, name);
		if (be && step >= 0)
			fail = &be->fail[step];
	}
	if (!fail || count < 0)
		return -EINVAL;

	spin_lock_irq(&sim->lock);
	*fail = count;
	spin_unlock_irq(&sim->lock);

	return 0;
}

static int dpcm_sim_delay_set(struct dpcm_sim *sim, const char *text)
{
	struct dpcm_sim_be *be;
	char name[12], dir;
	unsigned int us;
	int id, i, call;

	if (!strcmp(text, "clear")) {
		spin_lock_irq(&sim->lock);
		for (i = 0; i < 2 * sim->bes; i++)
			memset(sim->be[i / 2][i % 2].delay, 0,
			       sizeof(sim->be[0][0].delay));
		spin_unlock_irq(&sim->lock);
		return 0;
	}

	if (sscanf(text, "%d %c %11s %u", &id, &dir, name, &us) != 4 ||
	    us > DPCM_SIM_MAX_US)
		return -EINVAL;
	be = dpcm_sim_find_be(sim, id, dir);
	call = match_string(dpcm_sim_call_name, DPCM_SIM_CALLS, name);
	if (!be || call < 0)
		return -EINVAL;

	spin_lock_irq(&sim->lock);
	be->delay[call] = us;
	spin_unlock_irq(&sim->lock);

	return 0;
}

static int dpcm_sim_step_set(struct dpcm_sim *sim, const char *text)
{
	unsigned int frames;

	if (kstrtouint(text, 0, &frames))
		return -EINVAL;
	dpcm_sim_step(sim, frames);

	return 0;
}

static int dpcm_sim_period_us_set(struct dpcm_sim *sim, const char *text)
{
	unsigned int us;

	if (kstrtouint(text, 0, &us) || us > DPCM_SIM_MAX_US ||
	    (us && us < DPCM_SIM_MIN_PERIOD_US))
		return -EINVAL;
	dpcm_sim_set_period(sim, us);

	return 0;
}

static int dpcm_sim_xrun_set(struct dpcm_sim *sim, const char *text)
{
	struct dpcm_sim_fe *fe;
	int id;

	fe = kstrtoint(text, 0, &id) ? NULL : dpcm_sim_find_fe(sim, id);

	return fe ? dpcm_sim_xrun(fe) : -EINVAL;
}

static int dpcm_sim_suspend_set(struct dpcm_sim *sim, const char *text)
{
	dpcm_sim_suspend(sim);

	return 0;
}

static int dpcm_sim_sleep_set(struct dpcm_sim *sim, const char *text)
{
	return dpcm_sim_sleep(sim);
}

static int dpcm_sim_unbind_set(struct dpcm_sim *sim, const char *text)
{
	return dpcm_sim_unbind(sim, text);
}

static int dpcm_sim_early_set(struct dpcm_sim *sim, const char *text)
{
	dpcm_sim_early_end(sim);

	return 0;
}

static int dpcm_sim_graph_set(struct dpcm_sim *sim, const char *text)
{
	return dpcm_sim_graph_change(&sim->card, text);
}

static int dpcm_sim_hold_set(struct dpcm_sim *sim, const char *text)
{
	struct dpcm_sim_fe *fe;
	char then[8] = "";
	unsigned int us;
	int id;

	if (sscanf(text, "%d %u %7s", &id, &us, then) < 2 || us > DPCM_SIM_MAX_US ||
	    (*then && strcmp(then, "xrun")))
		return -EINVAL;
	fe = dpcm_sim_find_fe(sim, id);
	if (!fe)
		return -EINVAL;
	if (us)
		return dpcm_sim_hold(fe, us, *then);
	dpcm_sim_let_go(fe);

	return 0;
}

static ssize_t dpcm_sim_write(struct file *file, const char __user *user,
			      size_t count, struct dpcm_sim *sim,
			      int (*set)(struct dpcm_sim *sim, const char *text))
{
	char buf[64];
	char *text;
	int ret;

	if (count >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, user, count))
		return -EFAULT;
	buf[count] = '\0';
	text = strim(buf);

	ret = set(sim, text);
	if (ret == -EINVAL)
		dev_err(sim->dev, "%pD: cannot understand \"%s\"\n", file, text);

	return ret ?: count;
}

static int dpcm_sim_none_show(struct seq_file *s, void *unused)
{
	return 0;
}

#define dpcm_sim_step_show	dpcm_sim_none_show
#define dpcm_sim_xrun_show	dpcm_sim_none_show
#define dpcm_sim_suspend_show	dpcm_sim_none_show
#define dpcm_sim_sleep_show	dpcm_sim_none_show
#define dpcm_sim_unbind_show	dpcm_sim_none_show
#define dpcm_sim_graph_show	dpcm_sim_none_show

#define DPCM_SIM_FILE(name)						\
static int dpcm_sim_##name##_open(struct inode *inode, struct file *file) \
{									\
	return single_open(file, dpcm_sim_##name##_show,		\
			   inode->i_private);				\
}									\
									\
static ssize_t dpcm_sim_##name##_write(struct file *file,		\
				       const char __user *user,		\
				       size_t count, loff_t *pos)	\
{									\
	struct seq_file *s = file->private_data;			\
									\
	return dpcm_sim_write(file, user, count, s->private,		\
			      dpcm_sim_##name##_set);			\
}									\
									\
static const struct file_operations dpcm_sim_##name##_fops = {		\
	.owner = THIS_MODULE,						\
	.open = dpcm_sim_##name##_open,					\
	.read = seq_read,						\
	.write = dpcm_sim_##name##_write,				\
	.llseek = seq_lseek,						\
	.release = single_release,					\
}

DPCM_SIM_FILE(faults);
DPCM_SIM_FILE(fail);
DPCM_SIM_FILE(delay);
DPCM_SIM_FILE(step);
DPCM_SIM_FILE(period_us);
DPCM_SIM_FILE(xrun);
DPCM_SIM_FILE(suspend);
DPCM_SIM_FILE(sleep);
DPCM_SIM_FILE(unbind);
DPCM_SIM_FILE(early);
DPCM_SIM_FILE(graph);
DPCM_SIM_FILE(hold);
DPCM_SIM_FILE(calls);

static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} dpcm_sim_files[] = {
	{ "state", 0400, &dpcm_sim_state_fops },
	{ "faults", 0600, &dpcm_sim_faults_fops },
	{ "fail", 0600, &dpcm_sim_fail_fops },
	{ "delay", 0600, &dpcm_sim_delay_fops },
	{ "step", 0200, &dpcm_sim_step_fops },
	{ "period_us", 0600, &dpcm_sim_period_us_fops },
	{ "xrun", 0200, &dpcm_sim_xrun_fops },
	{ "suspend", 0200, &dpcm_sim_suspend_fops },
	{ "sleep", 0200, &dpcm_sim_sleep_fops },
	{ "unbind", 0200, &dpcm_sim_unbind_fops },
	{ "early", 0600, &dpcm_sim_early_fops },
	{ "graph", 0200, &dpcm_sim_graph_fops },
	{ "hold", 0600, &dpcm_sim_hold_fops },
	{ "calls", 0600, &dpcm_sim_calls_fops },
};

/**
 * dpcm_sim_debugfs_init() - create the files
 * @sim: the card, not in use yet
 */
void dpcm_sim_debugfs_init(struct dpcm_sim *sim)
{
	int i;

	sim->dir = debugfs_create_dir("dpcm-sim", NULL);
	for (i = 0; i < ARRAY_SIZE(dpcm_sim_files); i++)
		debugfs_create_file(dpcm_sim_files[i].name,
				    dpcm_sim_files[i].mode, sim->dir, sim,
				    dpcm_sim_files[i].fops);
}

/**
 * dpcm_sim_debugfs_exit() - remove the files
 * @sim: the card
 */
void dpcm_sim_debugfs_exit(struct dpcm_sim *sim)
{
	debugfs_remove_recursive(sim->dir);
}
