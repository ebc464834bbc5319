// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: the moment between registered and complete.
 *
 * ASoC registers the sound card and then marks it as complete. In between the PCMs
 * and the controls exist already, and a fast program can use them. With early=1 that
 * moment lasts until a test ends it: ALSA registers the devices of a card by their
 * type and age, and after the last one, the control device, there is one more, which
 * waits. The program that loads the module waits with it.
 */
#include <linux/errno.h>
#include <linux/wait.h>
#include <sound/core.h>

#include "dpcm-sim.h"

static bool dpcm_sim_has_waited(struct dpcm_sim *sim)
{
	bool waited;

	spin_lock_irq(&sim->lock);
	waited = sim->early == DPCM_SIM_WAITED;
	spin_unlock_irq(&sim->lock);

	return waited;
}

static int dpcm_sim_early_register(struct snd_device *device)
{
	struct dpcm_sim *sim = device->device_data;

	spin_lock_irq(&sim->lock);
	if (sim->early == DPCM_SIM_LATE)
		sim->early = DPCM_SIM_WAITS;
	spin_unlock_irq(&sim->lock);

	return wait_event_killable(sim->early_wait, dpcm_sim_has_waited(sim));
}

static const struct snd_device_ops dpcm_sim_early_ops = {
	.dev_register = dpcm_sim_early_register,
};

/**
 * dpcm_sim_early_begin() - prepare for a long moment
 * @card: the card, not yet registered
 *
 * The name of the card is set by its registration, at the end.
 */
int dpcm_sim_early_begin(struct snd_soc_card *card)
{
	snd_card_set_id(card->snd_card, card->name);

	return snd_device_new(card->snd_card, SNDRV_DEV_CONTROL,
			      snd_soc_card_get_drvdata(card),
			      &dpcm_sim_early_ops);
}

/**
 * dpcm_sim_early_end() - end the moment
 * @sim: the card
 */
void dpcm_sim_early_end(struct dpcm_sim *sim)
{
	spin_lock_irq(&sim->lock);
	sim->early = DPCM_SIM_WAITED;
	spin_unlock_irq(&sim->lock);
	wake_up_all(&sim->early_wait);
}
