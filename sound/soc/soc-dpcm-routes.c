// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: which front ends (FE) a changed route concerns
 *
 * When a control is switched, running FEs join the back ends (BE) that they have
 * become connected with and leave others. Which BEs those are, a walk through DAPM's
 * graph from the FE tells. To do so for every FE of the card, twice, is most of what a
 * route switch costs, and nearly all of these walks find nothing new.
 *
 * So it is asked from the other side. A path that changes concerns the FEs that are
 * connected with one of its ends. DAPM tells of each such path, the widgets there and
 * on the way get the number of the change, and an FE has to look if its DAI's widget
 * has another number than when its routes were followed the last time. That misses
 * none: two widgets become connected, or are parted, when one path of a way between
 * them changes while all others of it are connected.
 *
 * The number is looked at once for a route change, before the first walk. A path that
 * changes meanwhile has a route change of its own to come, which finds a newer number.
 */
#include <linux/export.h>
#include <linux/lockdep.h>
#include <sound/soc.h>

#include "soc-dpcm-internal.h"

/* Number all widgets that are connected with @w on the side of @dir, and itself. */
static void dpcm_number_widgets(struct snd_soc_dapm_widget *w,
				enum snd_soc_dapm_direction dir)
{
	static atomic_t changes;
	unsigned int change = atomic_inc_return(&changes);
	enum snd_soc_dapm_direction rdir = dir == SND_SOC_DAPM_DIR_IN ?
		SND_SOC_DAPM_DIR_OUT : SND_SOC_DAPM_DIR_IN;
	struct snd_soc_dapm_widget *node;
	struct snd_soc_dapm_path *path;
	LIST_HEAD(found);

	WRITE_ONCE(w->dpcm_change, change);
	list_add_tail(&w->work_list, &found);
	list_for_each_entry(w, &found, work_list) {
		snd_soc_dapm_widget_for_each_path(w, dir, path) {
			node = path->node[rdir];
			if (path->weak || path->is_supply || !path->connect ||
			    node->dpcm_change == change)
				continue;
			WRITE_ONCE(node->dpcm_change, change);
			list_add_tail(&node->work_list, &found);
		}
	}
}

/**
 * dpcm_path_changed - a path was connected, disconnected, made or is to go
 * @path: the path, neither weak nor a supply
 *
 * Costs what is connected with the path. Before the card is complete nobody plays,
 * and nothing is done.
 *
 * Context: may sleep; card->dapm_mutex held.
 */
void dpcm_path_changed(struct snd_soc_dapm_path *path)
{
	struct snd_soc_card *card = path->source->dapm->card;

	if (!card->instantiated)
		return;
	lockdep_assert_held(&card->dapm_mutex);

	/* FEs that play are before it, FEs that record behind it. */
	dpcm_number_widgets(path->source, SND_SOC_DAPM_DIR_OUT);
	dpcm_number_widgets(path->sink, SND_SOC_DAPM_DIR_IN);
}

/*
 * The number of the last change that concerns a stream of @fe; 0 if it has no such
 * stream. A dynamic link has one CPU DAI.
 */
static unsigned int dpcm_last_change(struct snd_soc_pcm_runtime *fe, int stream)
{
	struct snd_soc_dapm_widget *w = snd_soc_dai_get_widget(fe->dais[0], stream);

	return w ? READ_ONCE(w->dpcm_change) : 0;
}

/**
 * dpcm_routes_changed - does an FE have to look at its routes?
 * @fe: the FE
 * @stream: its direction
 * @first: this is the first look of a route change; other looks give the same answer
 *
 * With component chaining a BE may be left out because of its state, so there the
 * answer is always yes.
 *
 * Context: may sleep; card->pcm_mutex held.
 * Return: true if a path was changed that the FE is connected with, or if the last
 * change could not be followed.
 */
bool dpcm_routes_changed(struct snd_soc_pcm_runtime *fe, int stream, bool first)
{
	struct snd_soc_dpcm_runtime *dpcm = &fe->dpcm[stream];

	dpcm_assert_pcm_locked(fe);
	if (first)
		dpcm->change = dpcm_last_change(fe, stream);

	return dpcm->change != dpcm->followed || fe->card->component_chaining;
}

/**
 * dpcm_routes_followed - an FE is linked to the BEs that its routes lead to
 * @fe: the FE
 * @stream: its direction
 *
 * Context: may sleep; card->pcm_mutex held.
 */
void dpcm_routes_followed(struct snd_soc_pcm_runtime *fe, int stream)
{
	dpcm_assert_pcm_locked(fe);
	fe->dpcm[stream].followed = fe->dpcm[stream].change;
}

/**
 * snd_soc_dpcm_runtime_update - let all FEs of a card look at their routes
 * @card: the card
 *
 * For drivers, after something other than a path has changed. DAPM itself calls
 * dpcm_follow_routes().
 *
 * Context: may sleep; takes card->pcm_mutex.
 * Return: 0, or the first error of an FE that could not follow.
 */
int snd_soc_dpcm_runtime_update(struct snd_soc_card *card)
{
	struct snd_soc_pcm_runtime *fe;
	int stream;

	mutex_lock_nested(&card->pcm_mutex, card->pcm_subclass);
	for_each_card_rtds(card, fe) {
		if (!fe->dai_link->dynamic)
			continue;
		for_each_pcm_streams(stream)
			fe->dpcm[stream].followed = dpcm_last_change(fe, stream) - 1;
	}
	mutex_unlock(&card->pcm_mutex);

	return dpcm_follow_routes(card);
}
EXPORT_SYMBOL_GPL(snd_soc_dpcm_runtime_update);
