// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPCM test card: its links, its switches, the module.
 *
 * The numbers of FEs and BEs, and their kinds, are parameters (dpcm-kind.c): for each
 * kind of test the module is loaded with others. So there are no tables; names, DAIs,
 * links and switches are made by counting.
 *
 * There are two components: FEs, whose PCM operations are in dpcm-fe.c, and BEs
 * with their codecs and the switches between FEs and BEs. The switches are bits of
 * registers, so that a switch is on once DAPM has written it, as in hardware.
 */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <sound/pcm_params.h>
#include <sound/soc.h>

#include "../vendor-nc/compat.h"
#include "dpcm-sim.h"

/* The other end of a FE's link */
static struct snd_soc_dai_link_component dpcm_sim_dummy = {
	.name = "snd-soc-dummy",
	.dai_name = "snd-soc-dummy-dai",
};

static enum snd_soc_dpcm_trigger dpcm_sim_link_order(int fe)
{
	switch (dpcm_sim_kind.order) {
	case 1:
		return SND_SOC_DPCM_TRIGGER_POST;
	case 2:
		return fe % 2 ? SND_SOC_DPCM_TRIGGER_POST :
				SND_SOC_DPCM_TRIGGER_PRE;
#ifdef NC1_BESPOKE_TRIGGER
	case 3:
		return NC1_BESPOKE_TRIGGER;
#endif
	default:
		return SND_SOC_DPCM_TRIGGER_PRE;
	}
}

static unsigned int dpcm_sim_read_reg(struct snd_soc_component *component,
				      unsigned int reg)
{
	struct dpcm_sim *sim = dpcm_sim_of(component);

	return READ_ONCE(sim->regs[reg]);
}

static int dpcm_sim_write_reg(struct snd_soc_component *component,
			      unsigned int reg, unsigned int val)
{
	struct dpcm_sim *sim = dpcm_sim_of(component);

	spin_lock_irq(&sim->lock);
	sim->regs[reg] = val;
	spin_unlock_irq(&sim->lock);

	return 0;
}

/*
 * Names and the objects with these names. All are needed as long as the card exists.
 */

#define dpcm_sim_name(sim, ...)	devm_kasprintf((sim)->dev, GFP_KERNEL, __VA_ARGS__)

static void dpcm_sim_pcm_stream(struct snd_soc_pcm_stream *stream,
				const char *name)
{
	stream->stream_name = name;
	stream->channels_min = 1;
	stream->channels_max = 8;
	stream->rates = SNDRV_PCM_RATE_8000_192000;
	stream->rate_min = 8000;
	stream->rate_max = 192000;
	stream->formats = SNDRV_PCM_FMTBIT_S16_LE | SNDRV_PCM_FMTBIT_S32_LE;
}

static void dpcm_sim_codec_stream(struct snd_soc_pcm_stream *stream,
				  const char *name)
{
	dpcm_sim_pcm_stream(stream, name);
	if (!dpcm_sim_kind.merged)
		return;
	stream->channels_min = 2;
	stream->channels_max = 2;
	stream->rates = SNDRV_PCM_RATE_48000;
	stream->rate_min = 48000;
	stream->rate_max = 48000;
	stream->formats = SNDRV_PCM_FMTBIT_S16_LE;
}

static const char *dpcm_sim_fe_stream(struct dpcm_sim *sim, int fe)
{
	return dpcm_sim_name(sim, "FE%d %s", fe,
			     sim->fe[fe].stream == SNDRV_PCM_STREAM_PLAYBACK ?
			     "Playback" : "Capture");
}

static int dpcm_sim_fe_dais(struct dpcm_sim *sim)
{
	struct snd_soc_dai_driver *dais;
	int i;

	dais = devm_kcalloc(sim->dev, sim->fes, sizeof(*dais), GFP_KERNEL);
	if (!dais)
		return -ENOMEM;

	for (i = 0; i < sim->fes; i++) {
		bool playback = sim->fe[i].stream == SNDRV_PCM_STREAM_PLAYBACK;

		dais[i].id = i;
		dais[i].name = dpcm_sim_name(sim, "fe%d", i);
		dpcm_sim_pcm_stream(playback ? &dais[i].playback :
				    &dais[i].capture, dpcm_sim_fe_stream(sim, i));
		dais[i].ops = sim->fe[i].compressed ? &dpcm_sim_compr_dai_ops :
			      dpcm_sim_recording ? &dpcm_sim_record_dai_ops :
			      &dpcm_sim_fe_dai_ops;
		if (sim->fe[i].compressed)
			dais[i].cops = &dpcm_sim_compr_cdai_ops;
	}

	return devm_snd_soc_register_component(sim->dev, &dpcm_sim_fe_driver,
					       dais, sim->fes);
}

static struct snd_soc_dai_driver *dpcm_sim_be_dais(struct dpcm_sim *sim, int *n)
{
	struct snd_soc_dai_driver *dais, *dai;
	int i, k;

	*n = sim->bes * (1 + dpcm_sim_kind.codecs);
	dais = devm_kcalloc(sim->dev, *n, sizeof(*dais), GFP_KERNEL);
	if (!dais)
		return NULL;

	for (i = 0, dai = dais; i < sim->bes; i++) {
		dai->id = i;
		dai->name = dpcm_sim_name(sim, "be%d", i);
		dai->ops = dpcm_sim_recording ? &dpcm_sim_record_be_ops :
						&dpcm_sim_be_dai_ops;
		dai->symmetric_rate = dpcm_sim_kind.sym & 1;
		dai->symmetric_channels = dpcm_sim_kind.sym >> 1 & 1;
		dai->symmetric_sample_bits = dpcm_sim_kind.sym >> 2 & 1;
		dpcm_sim_pcm_stream(&dai->playback,
				    dpcm_sim_name(sim, "BE%d Playback", i));
		dpcm_sim_pcm_stream(&dai->capture,
				    dpcm_sim_name(sim, "BE%d Capture", i));
		dai++;
		for (k = 0; k < dpcm_sim_kind.codecs; k++, dai++) {
			dai->id = i;
			dai->name = dpcm_sim_name(sim, "codec%d-%d", i, k);
			dai->ops = dpcm_sim_recording ? &dpcm_sim_record_dai_ops : NULL;
			dpcm_sim_codec_stream(&dai->playback,
					      dpcm_sim_name(sim, "Codec%d-%d Playback", i, k));
			dpcm_sim_codec_stream(&dai->capture,
					      dpcm_sim_name(sim, "Codec%d-%d Capture", i, k));
		}
	}

	return dais;
}

/* The switches of one mixer: its sources are named "FE<n>" or "BE<n>". */
static int dpcm_sim_mixer(struct dpcm_sim *sim, struct snd_soc_dapm_widget *w,
			  const char *name, const char *source,
			  const int *sources, int n, int reg)
{
	struct soc_mixer_control *mc;
	struct snd_kcontrol_new *sw;
	int i;

	sw = devm_kcalloc(sim->dev, n, sizeof(*sw), GFP_KERNEL);
	mc = devm_kcalloc(sim->dev, n, sizeof(*mc), GFP_KERNEL);
	if (!sw || !mc)
		return -ENOMEM;

	for (i = 0; i < n; i++) {
		mc[i].reg = reg + sources[i] / 32;
		mc[i].rreg = mc[i].reg;
		mc[i].shift = sources[i] % 32;
		mc[i].rshift = mc[i].shift;
		mc[i].max = 1;
		sw[i].iface = SNDRV_CTL_ELEM_IFACE_MIXER;
		sw[i].name = dpcm_sim_name(sim, "%s%d Switch", source, sources[i]);
		sw[i].info = snd_soc_info_volsw;
		sw[i].get = snd_soc_dapm_get_volsw;
		sw[i].put = snd_soc_dapm_put_volsw;
		sw[i].private_value = (unsigned long)&mc[i];
	}
	w->id = snd_soc_dapm_mixer;
	w->name = name;
	w->reg = SND_SOC_NOPM;
	w->kcontrol_news = sw;
	w->num_kcontrols = n;
	if (dpcm_sim_recording) {
		w->event = dpcm_sim_record_widget;
		w->event_flags = SND_SOC_DAPM_PRE_PMU | SND_SOC_DAPM_POST_PMD;
	}

	return 0;
}

struct dpcm_sim_graph {
	struct snd_soc_dapm_widget *widgets;
	struct snd_soc_dapm_route *routes;
	int num_widgets;
	int num_routes;
};

static struct snd_soc_dapm_widget *dpcm_sim_widget(struct dpcm_sim_graph *g,
						   enum snd_soc_dapm_type id,
						   const char *name)
{
	struct snd_soc_dapm_widget *w = &g->widgets[g->num_widgets++];

	w->id = id;
	w->name = name;
	w->reg = SND_SOC_NOPM;

	return w;
}

static void dpcm_sim_route(struct dpcm_sim_graph *g, const char *sink,
			   const char *control, const char *source)
{
	struct snd_soc_dapm_route *r = &g->routes[g->num_routes++];

	r->sink = sink;
	r->control = control;
	r->source = source;
}

static int dpcm_sim_mixer_of_be(struct dpcm_sim *sim, struct dpcm_sim_graph *g,
				int be)
{
	int sources[DPCM_SIM_FES + 1], n = 0, i, ret;
	const char *mixer = dpcm_sim_name(sim, "BE%d Mixer", be);

	for (i = 0; i < sim->fes; i++)
		if (sim->fe[i].stream == SNDRV_PCM_STREAM_PLAYBACK)
			sources[n++] = i;
	ret = dpcm_sim_mixer(sim, dpcm_sim_widget(g, snd_soc_dapm_mixer, mixer),
			     mixer, "FE", sources, n, DPCM_SIM_REG_OUT(be, 0));
	for (i = 0; i < n; i++)
		dpcm_sim_route(g, mixer,
			       dpcm_sim_name(sim, "FE%d Switch", sources[i]),
			       dpcm_sim_fe_stream(sim, sources[i]));
	dpcm_sim_route(g, dpcm_sim_name(sim, "BE%d Playback", be), NULL, mixer);

	return ret;
}

static int dpcm_sim_mixer_of_capture(struct dpcm_sim *sim,
				     struct dpcm_sim_graph *g, int fe)
{
	const char *mixer = dpcm_sim_name(sim, "FE%d Mixer", fe);
	const char *gain = dpcm_sim_name(sim, "FE%d Gain", fe);
	int sources[DPCM_SIM_BES], i, ret;

	for (i = 0; i < sim->bes; i++)
		sources[i] = i;
	ret = dpcm_sim_mixer(sim, dpcm_sim_widget(g, snd_soc_dapm_mixer, mixer),
			     mixer, "BE", sources, sim->bes,
			     DPCM_SIM_REG_IN(fe - sim->playback));
	for (i = 0; i < sim->bes; i++)
		dpcm_sim_route(g, mixer, dpcm_sim_name(sim, "BE%d Switch", i),
			       dpcm_sim_name(sim, "BE%d Capture", i));
	/* The switches are not next to the FE, as on most chips. */
	dpcm_sim_widget(g, snd_soc_dapm_pga, gain);
	dpcm_sim_route(g, gain, NULL, mixer);
	dpcm_sim_route(g, dpcm_sim_fe_stream(sim, fe), NULL, gain);

	return ret;
}

/* Ends of the paths: DAPM powers a path only if it has an end. */
static void dpcm_sim_ends_of_be(struct dpcm_sim *sim, struct dpcm_sim_graph *g,
				int be)
{
	const char *out = dpcm_sim_name(sim, "OUT%d", be);
	const char *in = dpcm_sim_name(sim, "IN%d", be);
	int k;

	dpcm_sim_widget(g, snd_soc_dapm_output, out);
	dpcm_sim_widget(g, snd_soc_dapm_input, in);
	for (k = 0; k < dpcm_sim_kind.codecs; k++) {
		dpcm_sim_route(g, out, NULL,
			       dpcm_sim_name(sim, "Codec%d-%d Playback", be, k));
		dpcm_sim_route(g, dpcm_sim_name(sim, "Codec%d-%d Capture", be, k),
			       NULL, in);
	}
}

static int dpcm_sim_be_probe(struct snd_soc_component *component)
{
	struct dpcm_sim *sim = dpcm_sim_of(component);

	return snd_soc_dapm_new_controls(snd_soc_component_to_dapm(component),
					 sim->widgets, sim->num_widgets);
}

#define DPCM_SIM_BE_DRIVER			\
	.name = "dpcm-sim-be",			\
	.probe = dpcm_sim_be_probe,		\
	.read = dpcm_sim_read_reg,		\
	.write = dpcm_sim_write_reg,		\
	.module_get_upon_open = 1,		\
	.debugfs_prefix = "be"

static const struct snd_soc_component_driver dpcm_sim_be_driver = {
	DPCM_SIM_BE_DRIVER,
};

static const struct snd_soc_component_driver dpcm_sim_be_recorded = {
	DPCM_SIM_BE_DRIVER,
	.open = dpcm_sim_record_open,
	.close = dpcm_sim_record_close,
	.hw_params = dpcm_sim_record_hw_params,
	.hw_free = dpcm_sim_record_hw_free,
	.prepare = dpcm_sim_record_prepare,
	.trigger = dpcm_sim_record_trigger,
};

/* The BEs with their switches; the card gets the routes. */
static int dpcm_sim_be_component(struct dpcm_sim *sim)
{
	struct dpcm_sim_graph g = {};
	struct snd_soc_dai_driver *dais;
	int i, n, ret = 0;

	dais = dpcm_sim_be_dais(sim, &n);
	g.widgets = devm_kcalloc(sim->dev, 3 * sim->bes + 2 * sim->captures,
				 sizeof(*g.widgets), GFP_KERNEL);
	g.routes = devm_kcalloc(sim->dev, sim->bes *
				(sim->fes + 1 + 2 * dpcm_sim_kind.codecs) +
				2 * sim->captures, sizeof(*g.routes), GFP_KERNEL);
	if (!dais || !g.widgets || !g.routes)
		return -ENOMEM;

	for (i = 0; i < sim->bes && !ret; i++) {
		ret = dpcm_sim_mixer_of_be(sim, &g, i);
		dpcm_sim_ends_of_be(sim, &g, i);
	}
	for (i = 0; i < sim->captures && !ret; i++)
		ret = dpcm_sim_mixer_of_capture(sim, &g, sim->playback + i);
	if (ret)
		return ret;

	sim->card.dapm_routes = g.routes;
	sim->card.num_dapm_routes = g.num_routes;
	sim->widgets = g.widgets;
	sim->num_widgets = g.num_widgets;

	return devm_snd_soc_register_component(sim->dev, dpcm_sim_recording ?
					       &dpcm_sim_be_recorded :
					       &dpcm_sim_be_driver,
					       dais, n);
}

static void dpcm_sim_fe_link(struct dpcm_sim *sim,
			     struct snd_soc_dai_link *link, int fe)
{
	bool playback = sim->fe[fe].stream == SNDRV_PCM_STREAM_PLAYBACK;

	link->name = dpcm_sim_name(sim, "FE%d", fe);
	link->cpus->dai_name = dpcm_sim_name(sim, "fe%d", fe);
	link->codecs = &dpcm_sim_dummy;
	link->num_codecs = 1;
	link->dynamic = 1;
	link->dpcm_merged_format = dpcm_sim_kind.merged;
	link->dpcm_merged_chan = dpcm_sim_kind.merged;
	link->dpcm_merged_rate = dpcm_sim_kind.merged;
	link->playback_only = playback;
	link->capture_only = !playback;
	nc1_link_directions(link);
	link->trigger[0] = dpcm_sim_link_order(fe);
	link->trigger[1] = dpcm_sim_link_order(fe);
	link->nonatomic = dpcm_sim_kind.nonatomic == 1 ||
			  dpcm_sim_kind.nonatomic == 2 ||
			  (dpcm_sim_kind.nonatomic == 4 && fe % 2);
	link->ignore_suspend = dpcm_sim_kind.awake && !fe;
}

static void dpcm_sim_be_link(struct dpcm_sim *sim,
			     struct snd_soc_dai_link *link, int be)
{
	int k;

	link->name = dpcm_sim_name(sim, "BE%d", be);
	link->cpus->dai_name = dpcm_sim_name(sim, "be%d", be);
	link->codecs = link->cpus + 1;
	link->num_codecs = dpcm_sim_kind.codecs;
	for (k = 0; k < dpcm_sim_kind.codecs; k++) {
		link->codecs[k].name = link->cpus->name;
		link->codecs[k].dai_name = dpcm_sim_name(sim, "codec%d-%d", be, k);
	}
	link->no_pcm = 1;
	link->playback_only = !be && dpcm_sim_kind.deaf;
	nc1_link_directions(link);
	link->be_hw_params_fixup = dpcm_sim_be_fixup;
	link->nonatomic = dpcm_sim_kind.nonatomic == 1 ||
			  dpcm_sim_kind.nonatomic == 3 ||
			  (dpcm_sim_kind.nonatomic == 5 && be % 2);
	link->ignore_suspend = dpcm_sim_kind.awake && !be;
}

static int dpcm_sim_late_probe(struct snd_soc_card *card)
{
	int ret = dpcm_sim_kind.graph ? dpcm_sim_graph_begin(card) : 0;

	if (!ret && dpcm_sim_kind.early)
		ret = dpcm_sim_early_begin(card);

	return ret;
}

/* A card is unregistered once. */
static void dpcm_sim_unregister(void *data)
{
	struct dpcm_sim *sim = data;

	if (!sim->gone)
		snd_soc_unregister_card(&sim->card);
}

static int dpcm_sim_card(struct dpcm_sim *sim)
{
	struct snd_soc_dai_link_component *ends;
	struct snd_soc_dai_link *links;
	int ret, i, n = sim->fes + sim->bes;

	links = devm_kcalloc(sim->dev, n, sizeof(*links), GFP_KERNEL);
	ends = devm_kcalloc(sim->dev, n * (1 + DPCM_SIM_CODECS), sizeof(*ends),
			    GFP_KERNEL);
	if (!links || !ends)
		return -ENOMEM;

	for (i = 0; i < n; i++) {
		struct snd_soc_dai_link *link = &links[i];

		link->cpus = &ends[i * (1 + DPCM_SIM_CODECS)];
		link->cpus->name = dev_name(sim->dev);
		link->num_cpus = 1;
		link->ignore_pmdown_time = 1;
		if (i < sim->fes) {
			link->id = i;
			dpcm_sim_fe_link(sim, link, i);
		} else {
			link->id = i - sim->fes;
			dpcm_sim_be_link(sim, link, i - sim->fes);
		}
		link->stream_name = link->name;
		link->ops = dpcm_sim_recording ? &dpcm_sim_record_link_ops : NULL;
		if (!link->name || !link->cpus->dai_name ||
		    !link->codecs->dai_name)
			return -ENOMEM;
	}

	sim->card.name = "DPCMSim";
	sim->card.owner = THIS_MODULE;
	sim->card.dev = sim->dev;
	sim->card.dai_link = links;
	sim->card.num_links = n;
	sim->card.component_chaining = dpcm_sim_kind.chain;
	sim->card.suspend_post = dpcm_sim_lose;
	sim->card.late_probe = dpcm_sim_late_probe;

	ret = snd_soc_register_card(&sim->card);
	return ret ? : devm_add_action_or_reset(sim->dev, dpcm_sim_unregister, sim);
}

/**
 * dpcm_sim_unbind() - remove the card
 * @sim: the card
 * @what: "card", or the driver that is unbound: "fe", "be"
 *
 * Waits until its users have closed all files. It cannot be undone.
 *
 * Return: 0, -ENODEV if it is gone, or -EINVAL.
 */
int dpcm_sim_unbind(struct dpcm_sim *sim, const char *what)
{
	int i, ret = 0;

	mutex_lock(&sim->sleep);
	if (!sim->registered)
		ret = -ENODEV;
	else if (!strcmp(what, "card"))
		snd_soc_unregister_card(&sim->card);
	else if (!strcmp(what, "fe"))
		snd_soc_unregister_component_by_driver(sim->dev, &dpcm_sim_fe_driver);
	else if (!strcmp(what, "be"))
		snd_soc_unregister_component_by_driver(sim->dev, &dpcm_sim_be_driver);
	else
		ret = -EINVAL;

	if (!ret) {
		sim->registered = false;
		sim->gone = !strcmp(what, "card");
		spin_lock_irq(&sim->lock);
		for (i = 0; i < sim->fes; i++)
			sim->fe[i].substream = NULL;
		for (i = 0; i < 2 * sim->bes; i++)
			sim->be[i / 2][i % 2].substream = NULL;
		spin_unlock_irq(&sim->lock);
	}
	mutex_unlock(&sim->sleep);

	return ret;
}

static void dpcm_sim_no_debugfs(void *sim)
{
	dpcm_sim_debugfs_exit(sim);
}

static int __init dpcm_sim_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct dpcm_sim *sim;
	int i, ret;

	sim = devm_kzalloc(dev, sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return -ENOMEM;
	sim->dev = dev;
	sim->playback = dpcm_sim_kind.playback;
	sim->captures = dpcm_sim_kind.captures;
	sim->bes = dpcm_sim_kind.bes;
	sim->fes = sim->playback + sim->captures + dpcm_sim_kind.compressed;
	spin_lock_init(&sim->lock);
	init_waitqueue_head(&sim->unpinned);
	init_waitqueue_head(&sim->early_wait);
	mutex_init(&sim->sleep);
	for (i = 0; i < sim->fes; i++)
		dpcm_sim_fe_init(sim, i);
	for (i = 0; i < 2 * sim->bes; i++) {
		struct dpcm_sim_be *be = &sim->be[i / 2][i % 2];

		be->sim = sim;
		be->id = i / 2;
		be->stream = i % 2;
		be->busy = DPCM_SIM_IDLE;
	}
	snd_soc_card_set_drvdata(&sim->card, sim);

	ret = dpcm_sim_fe_dais(sim);
	if (!ret)
		ret = dpcm_sim_be_component(sim);
	dpcm_sim_debugfs_init(sim);
	if (!ret)
		ret = dpcm_sim_card(sim);
	mutex_lock(&sim->sleep);
	sim->registered = !ret;
	mutex_unlock(&sim->sleep);
	/* The files are removed before the card. */
	if (!ret)
		return devm_add_action_or_reset(dev, dpcm_sim_no_debugfs, sim);
	dpcm_sim_debugfs_exit(sim);

	return dev_err_probe(dev, ret, "no card\n");
}

static struct platform_driver dpcm_sim_driver = {
	.driver = {
		.name = "dpcm-sim",
		.pm = &snd_soc_pm_ops,
	},
};

static struct platform_device *dpcm_sim_pdev;

static int __init dpcm_sim_init(void)
{
	int ret = dpcm_sim_kind_check();

	if (ret)
		return ret;
	dpcm_sim_pdev = platform_create_bundle(&dpcm_sim_driver, dpcm_sim_probe,
					       NULL, 0, NULL, 0);

	return PTR_ERR_OR_ZERO(dpcm_sim_pdev);
}
module_init(dpcm_sim_init);

static void __exit dpcm_sim_exit(void)
{
	platform_device_unregister(dpcm_sim_pdev);
	platform_driver_unregister(&dpcm_sim_driver);
}
module_exit(dpcm_sim_exit);

MODULE_DESCRIPTION("DPCM test card");
MODULE_LICENSE("GPL");
