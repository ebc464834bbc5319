/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions of soc-pcm.c of the stock kernel, for dpcm-locking.pml, which includes this
 * file: FEs and BEs have flags and counters of earlier commands, and a trigger while routes
 * change is deferred. Pauses are not modelled, as no scene needs them.
 */
mtype = { UPDATE_NO, UPDATE_BE, UPDATE_FE };
mtype update[2] = UPDATE_NO;	/* runtime_update of an FE */
bool updates[2];			/* and of a BE */
mtype pending[2];		/* trigger_pending */
byte be_start[2];

/* snd_soc_dpcm_be_can_update(), snd_soc_dpcm_can_be_prepared() */
#define can(f, b)	(on_fe[L(f, b)] && (update[f] == UPDATE_FE ||		\
					    update[f] == UPDATE_BE && updates[b]))
#define uses(f, b)	(on_be[L(f, b)] && (fe_state[f] == S_START || fe_state[f] == S_PREPARE))

inline be_trigger(f, b, cmd)
{
	d_step { be_lock[b] == 0 -> be_lock[b] = _pid; use(f, b) }
	if
	:: can(f, b) && cmd == START &&
	   (be_start[b] || be_state[b] == S_PREPARE || be_state[b] == S_STOP) ->
		be_start[b]++;
		when(be_start[b] == 1, soc_pcm_trigger(b, STARTED); be_state[b] = S_START)
	:: can(f, b) && cmd == STOP && be_state[b] == S_START ->
		be_start[b]--;
		when(be_start[b] == 0, soc_pcm_trigger(b, STOPPED); be_state[b] = S_STOP)
	:: else
	fi;
	d_step { be_lock[b] = 0; use(f, b) }
}
#define dpcm_be_dai_trigger(f, cmd) for_each_dpcm_be(listed, f, be_trigger(f, b, cmd))

inline dpcm_fe_dai_do_trigger(f, cmd)	/* in the FE's lock */
{
	update[f] = UPDATE_FE;
	dpcm_be_dai_trigger(f, cmd);
	fe_state[f] = (cmd == START -> S_START : S_STOP);
	update[f] = UPDATE_NO
}

inline dpcm_fe_dai_trigger(f, cmd)	/* in the FE's lock */
{
	printf("FE%d trigger %e\n", f, cmd);
	plays[f] = cmd == START;
	if
	:: update[f] != UPDATE_NO -> pending[f] = cmd
	:: else -> dpcm_fe_dai_do_trigger(f, cmd)
	fi
}

inline dpcm_set_fe_update_state(f, to)
{
	lock(fe_lock[f]);
	printf("FE%d %e\n", f, to);
	when(to == UPDATE_NO && pending[f],
		dpcm_fe_dai_do_trigger(f, pending[f]);
		pending[f] = 0);
	update[f] = to;
	unlock(fe_lock[f])
}

inline be_startup(f, b)			/* dpcm_be_dai_startup() */
{
	users[b]++;
	when(users[b] == 1,
		be_runtime[b] = f + 1;
		soc_pcm_callback(b, open, UNREADY);
		be_start[b] = 0;
		be_state[b] = S_OPEN)
}

inline be_prepare(f, b)			/* dpcm_be_dai_prepare() */
{
	when(!uses(1 - f, b) && (be_state[b] == S_OPEN || be_state[b] == S_STOP),
		soc_pcm_callback(b, prepare, STOPPED);
		be_state[b] = S_PREPARE)
}

inline be_stop(f, b)			/* dpcm_be_dai_stop() */
{
	users[b]--;
	when(users[b] == 0,
		soc_pcm_callback(b, close, UNREADY);
		be_runtime[b] = 0;
		be_state[b] = S_CLOSE)
}

inline dpcm_be_connect(f, b)
{
	lock(fe_lock[f]);
	link_made(f, b);
	unlock(fe_lock[f]);
	updates[b] = true		/* dpcm_add_paths() */
}

inline prune(f, b)			/* dpcm_prune_paths() */
{
	printf("link FE%d-BE%d FREE\n", f, b);
	state[L(f, b)] = FREE;
	updates[b] = true
}

inline be_disconnect(f, b)		/* dpcm_be_reparent(), list_del() */
{
	printf("link FE%d-BE%d removed\n", f, b);
	be_runtime[b] = (users[b] && on_be[L(1 - f, b)] -> 2 - f : be_runtime[b]);
	on_be[L(f, b)] = false; on_fe[L(f, b)] = false
}

inline dpcm_be_disconnect(f)
{
	lock(fe_lock[f]);
	for_each_dpcm_be(leaving, f, be_disconnect(f, b));
	unlock(fe_lock[f]);
	for_each_dpcm_be(removed, f, link_freed(f, b))
}

inline dpcm_run_update_startup(f)
{
	for_each_dpcm_be(can, f, be_startup(f, b));
	for_each_dpcm_be(can, f, be_prepare(f, b));
	when(fe_state[f] == S_START, dpcm_be_dai_trigger(f, START))
}

inline dpcm_run_update_shutdown(f)
{
	dpcm_be_dai_trigger(f, STOP);
	for_each_dpcm_be(can, f, be_stop(f, b))
}

inline soc_dpcm_fe_runtime_update(f)
{
	if
	:: add -> for_each_dpcm_be(added, f, dpcm_be_connect(f, b); count = 1)
	:: !add -> for_each_dpcm_be(pruned, f, prune(f, b); count = 1)
	fi;
	when(count,
		dpcm_set_fe_update_state(f, UPDATE_BE);
		if
		:: add -> dpcm_run_update_startup(f)
		:: !add -> dpcm_run_update_shutdown(f)
		fi;
		dpcm_set_fe_update_state(f, UPDATE_NO);
		for_each_dpcm_be(listed, f, updates[b] = false);	/* dpcm_clear_pending_state() */
		dpcm_be_disconnect(f);
		count = 0)
}

inline dpcm_fe_dai_close(f)
{
	printf("FE%d close\n", f);
	dpcm_set_fe_update_state(f, UPDATE_FE);
	for_each_dpcm_be(can, f, be_stop(f, b));
	fe_state[f] = S_CLOSE;
	dpcm_set_fe_update_state(f, UPDATE_NO);
	for_each_dpcm_be(listed, f, state[L(f, b)] = FREE);	/* dpcm_fe_dai_cleanup() */
	dpcm_be_disconnect(f)
}

inline dpcm_fe_dai_prepare(f) { skip }	/* not in these scenes */
