// SPDX-License-Identifier: GPL-2.0
/*
 * DPCM: finding the front ends (FE) that a changed route concerns
 *
 * When a control is switched, running FEs join the back ends (BE) that they are now
 * connected with and leave others. A walk through DAPM's graph from the FE finds these
 * BEs. Such a walk for every FE of the card, twice, would be most of the cost of a
 * route switch, and nearly all of these walks would find nothing new.
 *
 * So the search begins at the path that has changed. It concerns the FEs that are
 * connected with one of its ends. DAPM calls dpcm_path_changed() for each such path. The
 * widgets that are connected with it get the number of the change, and an FE must be
 * checked if its DAI's widget has another number than at the last check. No FE is left
 * out: two widgets become connected, or are disconnected, when one path of a way between
 * them changes while all other paths of the way are connected.
 *
 * The number is read once for a route change, before the first walk. If a path changes
 * meanwhile, the route change of that path follows, and finds a newer number.
 *
 * Freed widgets and switched pins are rare; they change a number of the whole card. A
 * walk ends at the BE: a pin counts only if it lies before one. The ends of DAIs that
 * start and stop get no number, as nothing lies behind them. Changes are not numbered
 * while no FE of the card is open: the routes of an FE are checked when it is opened.
 */
#include <linux/export.h>
#include <linux/lockdep.h>
#include <sound/soc.h>

#include "soc-dpcm-compat.h"
#include "soc-dpcm-internal.h"

static atomic_t dpcm_changes;

/*
 * Give @w, and all widgets that are connected with it on the side of @dir, a new number
 * and return it. With @all, follow paths that are switched off, too, but none that
 * leads on from a BE.
 */
static unsigned int dpcm_number_widgets(struct snd_soc_dapm_widget *w,
					enum snd_soc_dapm_direction dir, bool all)
	__must_hold(dapm_mutex)
{
	unsigned int change = atomic_inc_return(&dpcm_changes);
	enum snd_soc_dapm_direction rdir = dir == SND_SOC_DAPM_DIR_IN ?
		SND_SOC_DAPM_DIR_OUT : SND_SOC_DAPM_DIR_IN;
	struct snd_soc_dapm_widget *node;
	struct snd_soc_dapm_path *path;
	LIST_HEAD(found);

	WRITE_ONCE(w->dpcm_change, change);
	list_add_tail(&w->work_list, &found);
	list_for_each_entry(w, &found, work_list) {
		if (all && dpcm_end_walk_at_be(w, rdir))
			continue;
		snd_soc_dapm_widget_for_each_path(w, dir, path) {
			node = path->node[rdir];
			if (dpcm_no_route(path) || (!path->connect && !all) ||
			    node->dpcm_change == change)
				continue;
			WRITE_ONCE(node->dpcm_change, change);
			list_add_tail(&node->work_list, &found);
		}
	}
	return change;
}

/**
 * dpcm_path_changed - number the widgets at a path that is connected, disconnected,
 * made or freed
 * @path: the path, not of a supply
 *
 * The cost grows with the number of connected widgets; none if no FE of the card is open.
 *
 * Context: may sleep; card->dapm_mutex held.
 */
void dpcm_path_changed(struct snd_soc_dapm_path *path)
{
	struct snd_soc_card *card = snd_soc_dapm_to_card(path->source->dapm);

	if (!READ_ONCE(card->dpcm_open))
		return;
	lockdep_assert_held(&card->dapm_mutex);

	/* FEs that play are before it, FEs that record behind it. */
	dpcm_number_widgets(path->source, SND_SOC_DAPM_DIR_OUT, false);
	dpcm_number_widgets(path->sink, SND_SOC_DAPM_DIR_IN, false);
}

/**
 * dpcm_graph_changed - let the next route change check all FEs of a card
 * @card: the card, of which a widget is freed or a pin is switched
 *
 * Context: any.
 */
void dpcm_graph_changed(struct snd_soc_card *card)
{
	if (READ_ONCE(card->dpcm_open))
		WRITE_ONCE(card->dpcm_change, atomic_inc_return(&dpcm_changes));
}

/**
 * dpcm_could_reach - check whether any setting of the routes connects FE and BE
 * @fe: the FE
 * @be: the BE
 *
 * Numbers the widgets that it finds, like a change; the next route change checks all FEs.
 *
 * Context: may sleep; card->pcm_mutex held, takes card->dapm_mutex.
 * Return: true if there is one, in any direction.
 */
bool dpcm_could_reach(struct snd_soc_pcm_runtime *fe, struct snd_soc_pcm_runtime *be)
{
	struct snd_soc_dapm_widget *from, *to;
	struct snd_soc_dai *dai;
	unsigned int change;
	bool found = false;
	int stream, i;

	dpcm_assert_pcm_locked(fe);

	mutex_lock_nested(&fe->card->dapm_mutex, SND_SOC_DAPM_CLASS_RUNTIME);
	for_each_pcm_streams(stream) {
		from = snd_soc_dai_get_widget(fe->dais[0], stream);
		if (!from)
			continue;
		change = dpcm_number_widgets(from, stream == SNDRV_PCM_STREAM_PLAYBACK ?
					     SND_SOC_DAPM_DIR_IN : SND_SOC_DAPM_DIR_OUT, true);
		for_each_rtd_dais(be, i, dai) {
			to = snd_soc_dai_get_widget(dai, stream);
			found |= to && to->dpcm_change == change;
		}
	}
	mutex_unlock(&fe->card->dapm_mutex);
	return found;
}

/*
 * The number of the last change that concerns a stream of @fe. A dynamic link has
 * one CPU DAI.
 */
static unsigned int dpcm_last_change(struct snd_soc_pcm_runtime *fe, int stream)
{
	struct snd_soc_dapm_widget *w = snd_soc_dai_get_widget(fe->dais[0], stream);
	unsigned int all = READ_ONCE(fe->card->dpcm_change);
	unsigned int own = w ? READ_ONCE(w->dpcm_change) : all;

	return (int)(own - all) > 0 ? own : all;
}

/**
 * dpcm_routes_open - number changes of routes from now on
 * @fe: an FE that is about to be opened
 * @stream: its direction
 *
 * The routes of the FE are read later in the open, under card->dapm_mutex. A path that
 * changes before that is included there; for a path that changes after it, the card's
 * count of open FEs is already set. Undone by dpcm_routes_close().
 *
 * Context: may sleep; card->pcm_mutex held.
 */
void dpcm_routes_open(struct snd_soc_pcm_runtime *fe, int stream)
{
	struct snd_soc_card *card = fe->card;

	dpcm_assert_pcm_locked(fe);
	WRITE_ONCE(card->dpcm_open, card->dpcm_open + 1);
	fe->dpcm[stream].change = dpcm_last_change(fe, stream);
	fe->dpcm[stream].followed = fe->dpcm[stream].change;
}

/**
 * dpcm_routes_close - end the numbering of changes for an FE
 * @fe: an FE that is closed, or whose open has failed
 *
 * Context: may sleep; card->pcm_mutex held.
 */
void dpcm_routes_close(struct snd_soc_pcm_runtime *fe)
{
	struct snd_soc_card *card = fe->card;

	dpcm_assert_pcm_locked(fe);
	WRITE_ONCE(card->dpcm_open, card->dpcm_open - 1);
}

/**
 * dpcm_routes_changed - check whether a change concerns the routes of an FE
 * @fe: the FE
 * @stream: its direction
 * @first: this is the first call in a route change; other calls return the same
 *
 * With component chaining a BE may be left out because of its state; there the result
 * is always true.
 *
 * Context: may sleep; card->pcm_mutex held.
 * Return: true if a path was changed that the FE is connected with.
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
 * dpcm_routes_followed - note that the routes of an FE were checked
 * @fe: the FE
 * @stream: its direction
 *
 * A BE that returned an error is tried again when a route of the FE changes next.
 *
 * Context: may sleep; card->pcm_mutex held.
 */
void dpcm_routes_followed(struct snd_soc_pcm_runtime *fe, int stream)
{
	dpcm_assert_pcm_locked(fe);
	fe->dpcm[stream].followed = fe->dpcm[stream].change;
}

/**
 * snd_soc_dpcm_runtime_update - check the routes of all FEs of a card
 * @card: the card
 *
 * For drivers, after something other than a path has changed. DAPM itself calls
 * dpcm_follow_routes().
 *
 * Context: may sleep; takes card->pcm_mutex.
 * Return: 0, or the first error of an FE.
 */
int snd_soc_dpcm_runtime_update(struct snd_soc_card *card)
{
	struct snd_soc_pcm_runtime *fe;
	int stream;

	snd_soc_dpcm_mutex_lock(card);
	for_each_card_rtds(card, fe) {
		if (!fe->dai_link->dynamic)
			continue;
		for_each_pcm_streams(stream)
			fe->dpcm[stream].followed = dpcm_last_change(fe, stream) - 1;
	}
	snd_soc_dpcm_mutex_unlock(card);

	return dpcm_follow_routes(card);
}
EXPORT_SYMBOL_GPL(snd_soc_dpcm_runtime_update);
