// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: system sleep.
 *
 * In a system sleep the supply of the BEs is off: a BE that was configured has
 * lost its registers, and must get RESUME or prepare before it starts or goes on
 * after a pause. ALSA suspends streams that run and sends no command to those that
 * are prepared or paused. A BE whose SUSPEND failed does not run either, and RESUME
 * starts it again.
 *
 * "sleep" in debugfs does the same with the card as a sleep of the system, without
 * that. The card works with a sleep of the system, too.
 */
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <sound/soc.h>

#include "dpcm-sim.h"

/**
 * dpcm_sim_lose() - switch the supply of the BEs off
 * @card: the card, all of which is suspended
 */
int dpcm_sim_lose(struct snd_soc_card *card)
{
	struct dpcm_sim *sim = snd_soc_card_get_drvdata(card);
	struct dpcm_sim_be *be;
	int i;

	spin_lock_irq(&sim->lock);
	for (i = 0; i < 2 * sim->bes; i++) {
		be = &sim->be[i / 2][i % 2];
		if (dpcm_sim_kind.awake && !be->id)
			continue;
		be->lost = be->params;
		if (be->run == DPCM_SIM_RUN)
			be->run = DPCM_SIM_SUSPEND;
	}
	spin_unlock_irq(&sim->lock);

	return 0;
}

/**
 * dpcm_sim_sleep() - simulate a system sleep, from its begin to the end of its resume
 * @sim: the card
 *
 * The programs of streams that ran resume them.
 *
 * Return: 0 or an error code.
 */
int dpcm_sim_sleep(struct dpcm_sim *sim)
{
	int ret = -EOPNOTSUPP;

#ifdef CONFIG_PM_SLEEP
	mutex_lock(&sim->sleep);
	ret = -ENODEV;
	if (sim->registered) {
		ret = snd_soc_suspend(sim->dev);
		if (!ret)
			ret = snd_soc_resume(sim->dev);
		flush_work(&sim->card.deferred_resume_work);
	}
	mutex_unlock(&sim->sleep);
#endif
	return ret;
}
