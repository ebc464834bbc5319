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
 *
 * Widgets that go and pins that are switched are rare; they get a number for the whole
 * card. A walk ends at the BE: a pin counts only where it lies before one. The ends of
 * DAIs that start and stop get none: nothing lies behind them. Nothing that changes is
 * numbered while no FE of the card is open, for an FE looks at its routes when it opens.
 */
#include <linux/export.h>
#include <linux/lockdep.h>
#include <sound/soc.h>

#include "soc-dpcm-compat.h"
#include "soc-dpcm-internal.h"

static atomic_t dpcm_changes;

/*
 * Give all widgets that are connected with @w on the side of @dir, and itself, a new
 * number and return it. With @all, follow paths that are switched off, too, but none
 * that leads on from a BE.
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
 * Costs what is connected with the path, if any FE of the card is open.
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
 * dpcm_graph_changed - let all FEs of a card look at the next route change
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
 * dpcm_could_reach - find out whether any setting of the routes connects FE and BE
 * @fe: the FE
 * @be: the BE
 *
 * Marks what it finds with a number, as a change would; all FEs look at the next one.
 *
 * Context: may sleep; card->pcm_mutex held, takes card->dapm_mutex.
 * Return: true if there is one, in whatever direction.
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
 * @fe: an FE that is about to open
 * @stream: its direction
 *
 * A path that changes before the FE looks at its routes, under card->dapm_mutex, is seen
 * there; a later one finds the card's count of open FEs set. Undone by
 * dpcm_routes_close().
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
 * dpcm_routes_close - number changes of routes no longer for this FE
 * @fe: an FE that closes, or that could not open
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
 * dpcm_routes_changed - does an FE have to look at its routes?
 * @fe: the FE
 * @stream: its direction
 * @first: this is the first look of a route change; other looks give the same answer
 *
 * With component chaining a BE may be left out because of its state, so there the
 * answer is always yes.
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
 * dpcm_routes_followed - note that an FE has looked at its routes
 * @fe: the FE
 * @stream: its direction
 *
 * A BE that refused is tried again when a route of the FE changes the next time.
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
