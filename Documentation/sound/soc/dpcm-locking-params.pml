/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of the parameters of a BE, next to dpcm-locking.pml: make model
 *
 * Three FEs, one BE, two sets of parameters. Each FE is configured with one of them,
 * prepared, started, stopped and freed by its application, in any order; one may be
 * started again without a prepare, as after a start of a group that failed. A BE that
 * has parameters gets others only if no other FE can start or resume without a prepare;
 * the links of the others fall back to OPEN, and their next prepare sets them up again,
 * or fails.
 *
 * What must hold; the name of the rule is in a comment next to the assertion:
 *
 *   callback  while a callback of the BE sleeps it has no trigger; a BE that runs has no
 *             callback;
 *   params    a BE that runs has the parameters of each FE that plays to it;
 *   heard     a BE runs if an FE plays, and not if none does.
 *
 * Links always exist, the driver never returns an error. -DWITHOUT=... removes a part:
 */
#define USED	1	/* a BE that an FE has prepared keeps its parameters */
#define BACK	2	/* links of other FEs fall back */
#define AGAIN	3	/* an FE whose links fell back is not started without a prepare */
#ifndef WITHOUT
#define WITHOUT	0
#endif
#define FES	3

mtype = { S_OPEN, S_PARAMS, S_PREPARE, S_START, S_STOP };
#define OPEN	0			/* stage of a link */
#define PARAMS	1
#define READY	2

byte pcm_mutex, fe_lock[FES], be_lock;	/* the process that holds it, or 0 */
mtype fe_state[FES] = S_OPEN;
byte wants[FES];			/* the parameters of an FE; 0: none */
byte stage[FES];
bool started[FES];			/* run of a link */
bool plays[FES], armed[FES];		/* as ALSA sees it: runs; may be started */

mtype be_state = S_OPEN;
byte has;				/* the parameters of the BE */
bool runs, asleep;

#define when(cond, body) if :: cond -> body :: else fi
#define lock(l)		atomic { l == 0 -> l = _pid }
#define unlock(l)	d_step { l = 0; well() }
#define nobody		(pcm_mutex == 0 && fe_lock[0] == 0 && fe_lock[1] == 0 && fe_lock[2] == 0)
#define some(x)		(x[0] || x[1] || x[2])
inline well()
{
	assert(!nobody || runs == some(plays));				/* heard */
	assert(!runs || (!started[0] || has == wants[0]) &&
	       (!started[1] || has == wants[1]) && (!started[2] || has == wants[2])) /* params */
}

inline callback(name)
{
	d_step { assert(!runs && !asleep); asleep = true; printf("BE %e\n", name) } /* callback */
	d_step { assert(!runs); asleep = false }			/* callback */
}
mtype = { hw_params, prepare };

inline dpcm_be_follow()			/* in the BE's lock */
{
	when(be_state != S_OPEN && be_state != S_PARAMS && runs != some(started),
		assert(!asleep);					/* callback */
		runs = some(started);
		be_state = (runs -> S_START : S_STOP);
		printf("BE runs: %d, %d\n", runs, has))
}

#define used_by(o)	(o != f && stage[o] == READY && (fe_state[o] == S_PREPARE ||	\
							 fe_state[o] == S_START || started[o]))
#define other(o, s)	(o != f && stage[o] >= s)
#define any(test)	(test(0) || test(1) || test(2))
#define configured(o)	other(o, PARAMS)
#define may_start(o)	(other(o, READY) && fe_state[o] == S_PREPARE)

inline fall_back(o)
{
	when(o != f && stage[o] > OPEN,
		stage[o] = (WITHOUT == BACK -> stage[o] : OPEN);
		when(fe_state[o] == S_STOP && WITHOUT != AGAIN, fe_state[o] = S_PARAMS))
}

inline dpcm_link_params(f)		/* in pcm_mutex */
{
	ret = 0;
	when(any(configured) && has != wants[f],
		/* The FEs' locks, one after the other; then that of the BE. */
		d_step {
			fe_lock[0] == 0 && fe_lock[1] == 0 && fe_lock[2] == 0 && be_lock == 0 ->
			if
			:: any(used_by) && WITHOUT != USED -> ret = 1
			:: else -> fall_back(0); fall_back(1); fall_back(2)
			fi
		});
	when(!ret && !(any(configured) && has == wants[f]),
		callback(hw_params);
		d_step { be_lock == 0 -> has = wants[f]; be_state = S_PARAMS });
	d_step { be_lock == 0 -> stage[f] = (ret -> OPEN : PARAMS); printf("FE%d params %d: %d\n", f, wants[f], ret) }
}

inline dpcm_link_back(f, to)		/* in pcm_mutex */
{
	d_step {
		be_lock == 0 -> started[f] = false;
		dpcm_be_follow();
		stage[f] = (stage[f] > to -> to : stage[f])
	}
}

inline dpcm_link_prepare(f)		/* in pcm_mutex */
{
	d_step {
		be_lock == 0 -> first = be_state == S_PARAMS || be_state == S_STOP && !any(may_start);
		when(first, be_state = S_PARAMS)
	}
	when(first,
		callback(prepare);
		d_step { be_lock == 0 -> be_state = S_PREPARE; dpcm_be_follow() });
	d_step { be_lock == 0 -> stage[f] = READY; first = false }
}

inline dpcm_fe_dai_hw_free(f)		/* in pcm_mutex */
{
	d_step { fe_lock[f] == 0 -> fe_state[f] = S_OPEN; wants[f] = 0 }
	dpcm_link_back(f, OPEN);
	d_step { be_lock == 0 -> first = !any(configured); when(first, be_state = S_OPEN; has = 0) }
	/* dpcm_be_configure_again() */
	b = 0;
	do
	:: first && b < FES && (b == f || stage[b] != OPEN || fe_state[b] == S_OPEN) -> b++
	:: first && b < FES && b != f && stage[b] == OPEN && fe_state[b] != S_OPEN ->
		dpcm_link_params(b);
		first = false
	:: !first || b == FES -> break
	od; skip;
	d_step { first = false; b = 0; ret = 0 }
}

inline trigger(f, does)
{
	d_step {
		be_lock == 0 -> started[f] = does && stage[f] == READY;
		dpcm_be_follow()
	}
	d_step {
		printf("FE%d runs: %d\n", f, does);
		plays[f] = does;
		fe_state[f] = (does -> S_START : S_STOP)
	}
}

/* ALSA returns an error to hw_params while it plays; a failed start of a group leaves it armed. */
proctype app(byte f)
{
	bool first; byte ret, b;
end:	do
	:: atomic { pcm_mutex == 0 && !plays[f] -> pcm_mutex = _pid; armed[f] = false }
		if
		:: d_step { fe_lock[f] == 0 -> fe_state[f] = S_PARAMS; wants[f] = 1 }
		:: d_step { fe_lock[f] == 0 -> fe_state[f] = S_PARAMS; wants[f] = 2 }
		fi;
		dpcm_link_back(f, OPEN);
		dpcm_link_params(f);
		when(ret, dpcm_fe_dai_hw_free(f));
		unlock(pcm_mutex)
	:: atomic { pcm_mutex == 0 && !plays[f] && wants[f] -> pcm_mutex = _pid; armed[f] = false }
		d_step { fe_lock[f] == 0 -> fe_state[f] = S_PARAMS }
		dpcm_link_back(f, PARAMS);
		when(stage[f] == OPEN, dpcm_link_params(f));
		when(!ret,
			dpcm_link_prepare(f);
			d_step { fe_lock[f] == 0 -> fe_state[f] = S_PREPARE; armed[f] = true });
		ret = 0;
		unlock(pcm_mutex)
	:: atomic { pcm_mutex == 0 && !plays[f] && wants[f] -> pcm_mutex = _pid; armed[f] = false }
		dpcm_fe_dai_hw_free(f);
		unlock(pcm_mutex)
	:: atomic { fe_lock[f] == 0 && armed[f] && fe_state[f] != S_PARAMS && !plays[f] -> fe_lock[f] = _pid }
		trigger(f, true);
		unlock(fe_lock[f])
	:: atomic { fe_lock[f] == 0 && plays[f] -> fe_lock[f] = _pid }
		trigger(f, false);
		if
		:: armed[f] = false
		:: skip			/* snd_pcm_undo_start() */
		fi;
		unlock(fe_lock[f])
	od
}

init {
	atomic { run app(0); run app(1); run app(2) }
}
