// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: routes that change without a switch.
 *
 * A walk through DAPM's graph ends at a pin that is enabled, and goes on behind one that
 * is disabled. Topologies add paths and free widgets while a card is in use. With graph=1
 * FE 0 has two more ways to BEs, and a test changes them:
 *
 *	FE0 Playback -> Tap   -> BE2 Playback	Tap is a pin: "disable", "enable"
 *	FE0 Playback -> Piece -> BE1 Playback	Piece is a widget: "free", once
 *	FE1 Playback -> Tap			this path does not exist before "add"
 *
 * The core follows such a change at the next write of a switch. No switch of these ways
 * is on, so "heard" of the BEs has no bit for them.
 */
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <sound/soc.h>
#include <sound/soc-dapm.h>

#include "../vendor-nc/compat.h"
#include "dpcm-sim.h"

static const struct snd_soc_dapm_widget dpcm_sim_graph_widgets[] = {
	SND_SOC_DAPM_OUTPUT("Tap"),
	SND_SOC_DAPM_PGA("Piece", SND_SOC_NOPM, 0, 0, NULL, 0),
};

static const struct snd_soc_dapm_route dpcm_sim_graph_routes[] = {
	{ "Tap", NULL, "FE0 Playback" },
	{ "BE2 Playback", NULL, "Tap" },
	{ "Piece", NULL, "FE0 Playback" },
	{ "BE1 Playback", NULL, "Piece" },
};

static const struct snd_soc_dapm_route dpcm_sim_graph_added[] = {
	{ "Tap", NULL, "FE1 Playback" },
};

/**
 * dpcm_sim_graph_begin() - add the two ways
 * @card: the card, not yet registered; FEs 0 and 1 and BEs 1 and 2 exist
 *
 * Return: 0 or a negative error code.
 */
int dpcm_sim_graph_begin(struct snd_soc_card *card)
{
	struct snd_soc_dapm_context *dapm = snd_soc_card_to_dapm(card);
	int ret;

	ret = snd_soc_dapm_new_controls(dapm, dpcm_sim_graph_widgets,
					ARRAY_SIZE(dpcm_sim_graph_widgets));

	return ret ?: snd_soc_dapm_add_routes(dapm, dpcm_sim_graph_routes,
					      ARRAY_SIZE(dpcm_sim_graph_routes));
}

static int dpcm_sim_graph_free(struct snd_soc_card *card)
{
	struct snd_soc_dapm_widget *w, *found = NULL;

	mutex_lock_nested(&card->dapm_mutex, SND_SOC_DAPM_CLASS_RUNTIME);
	for_each_card_widgets(card, w)
		if (!strcmp(w->name, "Piece"))
			found = w;
	snd_soc_dapm_free_widget(found);
	mutex_unlock(&card->dapm_mutex);

	return found ? 0 : -ENOENT;
}

/**
 * dpcm_sim_graph_change() - change a route that has no switch
 * @card: the card
 * @what: "disable" or "enable" the pin, "free" the widget, or "add" the path
 *
 * Context: may sleep; takes card->dapm_mutex.
 * Return: 0, -ENOENT if the widget is already freed, -EINVAL if @what is something else
 * or the card has no such routes, or another negative error code.
 */
int dpcm_sim_graph_change(struct snd_soc_card *card, const char *what)
{
	struct snd_soc_dapm_context *dapm = snd_soc_card_to_dapm(card);
	int ret = -EINVAL;

	if (!dpcm_sim_kind.graph)
		return ret;

	if (!strcmp(what, "disable"))
		ret = snd_soc_dapm_disable_pin(dapm, "Tap");
	else if (!strcmp(what, "enable"))
		ret = snd_soc_dapm_enable_pin(dapm, "Tap");
	else if (!strcmp(what, "free"))
		ret = dpcm_sim_graph_free(card);
	else if (!strcmp(what, "add"))
		ret = snd_soc_dapm_add_routes(dapm, dpcm_sim_graph_added,
					      ARRAY_SIZE(dpcm_sim_graph_added));

	return ret ?: snd_soc_dapm_sync(dapm);
}
