/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions of soc-dpcm-stage.c, for dpcm-locking.pml, which includes this file: they
 * raise and lower stages, in pcm_mutex. hw_params is not modelled, as it takes the same
 * locks as open, nor is hw_free, which takes those of close.
 */
inline dpcm_link_open(f, b)
{
	d_step {
		be_lock[b] == 0 -> first = users[b] == 0;
		users[b]++;
		stage[L(f, b)] = OPEN;
		when(be_runtime[b] == 0, dpcm_be_borrow_runtime(b))
	}
	when(first,
		soc_pcm_callback(b, open, UNREADY);
		d_step {
			be_lock[b] == 0 -> be_state[b] = (ret -> S_CLOSE : S_OPEN);
			when(ret, users[b]--; stage[L(f, b)] = CLOSED; dpcm_be_borrow_runtime(b))
		})
}

/* dpcm_link_in_use(): its FE can start or resume without a prepare */
#define in_use(f, b)	(on_be[L(f, b)] && stage[L(f, b)] == READY &&			\
			 (fe_state[f] == S_PREPARE || fe_state[f] == S_START ||		\
			  fe_state[f] == S_PAUSED || fe_state[f] == S_SUSPEND))
#define may_start(f, b)	(on_be[L(f, b)] && stage[L(f, b)] == READY && fe_state[f] == S_PREPARE)
#define used(s)		(s == S_PREPARE || s == S_START || s == S_PAUSED)
/* dpcm_link_prepares() */
#define prepares(f, b)	(!used(be_state[b]) && (be_state[b] != S_STOP || !may_start(1 - f, b)) ||	\
			 WITHOUT == IN_USE)

inline dpcm_be_prepare(b, cond)
{
	d_step {
		be_lock[b] == 0 -> first = cond;
		before = be_state[b];
		when(first, be_state[b] = S_OPEN; lost[b] = false)
	}
	when(first,
		soc_pcm_callback(b, prepare, STOPPED);
		d_step {
			be_lock[b] == 0 -> be_lock[b] = _pid;
			be_state[b] = (ret -> before : S_PREPARE);
			lost[b] = ret && before == S_OPEN;
			may_be_lost[b] = lost[b];
			err = ret
		}
		/* An FE may resume meanwhile; if that fails there is no caller to return it to. */
		dpcm_be_follow(b);
		d_step { refused[b] = (ret -> STARTED : refused[b]); be_lock[b] = 0; ret = err; err = 0 });
	d_step { before = 0; first = false }
}

inline dpcm_link_prepare(f, b)
{
	d_step { be_lock[b] == 0 -> asked = WITHOUT == SECTION && prepares(f, b) }
	dpcm_be_prepare(b, asked || WITHOUT != SECTION && prepares(f, b));
	d_step { be_lock[b] == 0 -> stage[L(f, b)] = (ret -> OPEN : READY); asked = false }
}

/* dpcm_links_raise() */
#define raise(test, f, link_raise)						\
	for_each_dpcm_be(test, f, link_raise(f, b); b = (ret -> 1 : b)); first = false

#ifdef PM
inline dpcm_be_restore(b)		/* in pcm_mutex */
{
	dpcm_be_prepare(b, be_state[b] == S_OPEN && (in_use(0, b) || in_use(1, b)) && WITHOUT != RESUMED);
	ret = 0
}
#define when_pm(body)	body
#else
#define when_pm(body)
#endif

inline dpcm_link_back(f, b, s)
{
	when_pm(d_step { fe_lock[1 - f] == 0 -> asked = in_use(1 - f, b) };)
	d_step { be_lock[b] == 0 -> be_lock[b] = _pid; use(f, b); runs[L(f, b)] = STOPPED }
	when(WITHOUT == ORDER, lock(fe_lock[f]); unlock(fe_lock[f]));
	dpcm_be_follow(b);
	d_step {
		be_lock[b] = 0;
		stage[L(f, b)] = (stage[L(f, b)] > s -> s : stage[L(f, b)]);
		lost[b] = lost[b] && (!asked || WITHOUT == WAITS);
		asked = false
	}
}

inline dpcm_link_lower(f, b)		/* to CLOSED */
{
	dpcm_link_back(f, b, CLOSED);
	when_pm(dpcm_be_restore(b););
	d_step {
		be_lock[b] == 0 -> users[b]--;
		first = users[b] == 0;
		when(!first && WITHOUT != BORROW, dpcm_be_borrow_runtime(b))
	}
	when(first,
		soc_pcm_callback(b, close, UNREADY);
		d_step { be_lock[b] == 0 -> be_state[b] = S_CLOSE; dpcm_be_borrow_runtime(b) });
	first = false
}

/* dpcm_join_stage(): a link whose BE returns an error is removed, the others join */
#define join_stage(test, f, link_raise)						\
	for_each_dpcm_be(test, f, link_raise(f, b); first = false;		\
			 when(ret, ret = 0; dpcm_link_set_state(f, b, FREE)))

inline dpcm_join(f)
{
	join_stage(new_closed, f, dpcm_link_open);
	when(prepared(fe_state[f]),
		join_stage(new_unready, f, dpcm_link_prepare));
	when(prepared(fe_state[f]) && WITHOUT != JOINING,
		lock(fe_lock[f]);
		when(fe_state[f] == S_START,	/* dpcm_links_start_new() */
			for_each_dpcm_be(new, f,
				dpcm_link_trigger(f, b, START, true);
				when(ret, ret = 0; dpcm_link_set_state(f, b, FREE))));
		unlock(fe_lock[f]));
	for_each_dpcm_be(leaving_opened, f, dpcm_link_lower(f, b))	/* dpcm_take_back() */
}

inline dpcm_leave(f)
{
	lock(fe_lock[f]);
	dpcm_links_trigger(f, STOP, FREE);
	unlock(fe_lock[f]);
	for_each_dpcm_be(leaving, f, dpcm_link_lower(f, b))
}
