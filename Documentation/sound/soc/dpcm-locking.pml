/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of the lock contract of dynamic PCM, to be read next to dpcm-locking.rst
 * and checked by spin: make model
 *
 * Two front ends (FE), two back ends (BE), and a link for each pair, which is added and
 * removed. Applications start, drop, pause, release and prepare both FEs; that of FE0
 * closes it at any moment. FE1 has an interrupt that stops it, as in an underrun.
 * A mixer changes a route, or moves FE1 from one BE to the other. Each is on a CPU of
 * its own, and spin checks every state that they can reach together. Once, open, prepare
 * or start of a BE may return an error.
 *
 * What must hold; the name of the rule is in a comment next to the assertion:
 *
 *   link      a link that was freed is not accessed;
 *   runtime   the driver of a BE is not called with a runtime that was freed, and the
 *             runtime does not change during the call;
 *   callback  while a callback of a BE sleeps it has no trigger and no other callback;
 *             a BE that runs or is paused has no callback; commands come in pairs;
 *   heard     when all locks are free, a BE runs if an FE that is linked to it plays,
 *             and does not run if none does;
 *   lock      a lock is released by the process that holds it;
 *   deadlock  a process waits for ever only if it has nothing to do.
 *
 * A section under a lock is one step (d_step) if every process that could see its middle
 * needs that lock. It is several steps where the purpose of the lock is checked: lists
 * are walked link by link, callbacks of drivers begin and end.
 *
 * Names with parentheses are functions in sound/soc/ and sound/core/pcm_native.c.
 *
 * -DD2_ON, -DD2_OFF and -DD3 choose the scene of a known defect. With -DSTOCK as well
 * FEs and BEs follow the protocol of the stock kernel, as far as the scenes need it;
 * with -DSERIAL as well a trigger does not run at the same time as anything else.
 * -DWITHOUT=... removes a part of this project's protocol: each line below is a part.
 *
 * -DPM is another scene: the system suspends and resumes, and no route changes; see
 * dpcm-locking-pm.pml.
 */
#define FE_LOCK	1	/* the FE's lock while a link is removed from its lists */
#define BE_LOCK	2	/* the BE's */
#define BORROW	3	/* a BE that stays open gets another runtime when an FE is closed */
#define READINESS 4	/* a link that is not ready, or is being removed, is not started */
#define JOINING	5	/* a BE that joins is started if its FE plays */
#define IN_USE	6	/* a BE that runs is not prepared */
#define UNDO	7	/* if a BE returns an error, those before it return to their state */
#define ORDER	8	/* no FE's lock is taken under a BE's */
#define REFUSAL	9	/* an FE is not started after a prepare that failed */
#define PRECEDENCE 10	/* a BE that is requested to suspend and to pause is suspended */
#define FINAL	11	/* BEs that were suspended before another returned an error stay so */
#define LOSS	12	/* a BE that lost its power is not started */
#define RESUMED	13	/* except one that was prepared when the system resumed */
#define STANDS	14	/* a BE whose suspend returned an error is resumed */
#define UNPREPARED 15	/* a suspended BE that is stopped is prepared before a start */
#define SECTION	16	/* a BE is checked, and marked as not prepared, in one section */
#define RESTORED 17	/* after a prepare that failed the BEs that others use are prepared */
#define LOST	18	/* an FE is not started on a BE that is not prepared */
#define WAITS	19	/* except one that is just being prepared: then the start waits */
#ifndef WITHOUT
#define WITHOUT	0
#endif
#ifndef COMMANDS
#define COMMANDS 2	/* number of commands of FE1's application */
#endif
#if defined(D2_ON) || defined(D2_OFF) || defined(D3)
#define SCENE
#define FAULTS	0
#endif
#ifndef FAULTS
#define FAULTS	1	/* number of calls of a BE that may return an error */
#endif

mtype = { S_CLOSE, S_OPEN, S_PREPARE, S_START, S_STOP, S_PAUSED, S_SUSPEND };
mtype = { ALL, NEW, LIVE, FREE };	/* and scopes */
mtype = { START, STOP, PAUSE_PUSH, PAUSE_RELEASE, SUSPEND, RESUME };
mtype = { open, prepare, close };
#define CLOSED	0				/* stage of a link */
#define OPEN	1
#define READY	2
#define STOPPED	0				/* run of a link; last command of a BE */
#define PAUSED	1
#define SUSPENDED 2
#define STARTED	3
#define UNREADY	4

/* The locks, the outermost first: the process that holds it, or 0 */
byte pcm_mutex;			/* card->pcm_mutex: snd_soc_dpcm_mutex_lock() */
byte fe_lock[2];		/* an FE's stream lock: snd_pcm_stream_lock_irq() */
byte be_lock[2];		/* a BE's stream lock: dpcm_be_lock() */

/* Links, struct snd_soc_dpcm */
#define L(f, b)	((f) * 2 + (b))
bool alive[4];			/* from kzalloc() to kfree() */
bool on_fe[4], on_be[4];	/* on the FE's list be_clients, the BE's list fe_clients */
mtype state[4];
byte stage[4], runs[4], was[4];

/* FEs */
mtype fe_state[2];
bool plays[2], pauses[2], sleeps[2]; /* as ALSA sees it; sleeps: it played when it was suspended */
bool runtime[2];		/* until snd_pcm_detach_substream() frees it */

/* BEs */
mtype be_state[2] = S_CLOSE;
byte users[2];
byte be_runtime[2];		/* be_substream->runtime: 1 is that of FE0, 2 that of FE1 */
byte told[2] = UNREADY;		/* the last command of the driver */
bool asleep[2];			/* a callback of the driver sleeps */
bool lost[2];			/* must be prepared before it is started */
bool dead[2];			/* it lost its power */
byte refused[2];		/* the command that failed and is not repeated, or 0 */

bool may_be_lost[2];		/* its prepare returned an error */

bool route[4];			/* the mixer */
byte faults = FAULTS;

#define when(cond, body) if :: cond -> body :: else fi

/* When the last lock is released, the rule "heard" is checked. */
#define nobody	(pcm_mutex == 0 && fe_lock[0] == 0 && fe_lock[1] == 0)
#define any(b, does) (on_fe[L(0, b)] && does[0] || on_fe[L(1, b)] && does[1])
#define heard(b) (any(b, plays) -> told[b] == STARTED && !dead[b] || refused[b] == STARTED : \
		  (told[b] != STARTED || refused[b] == SUSPENDED) &&		\
		  (told[b] != PAUSED || dead[b] || any(b, pauses) && !any(b, sleeps)))

#define lock(l)	lock_if(l, true)
inline lock_if(l, cond) { atomic { l == 0 && (cond) -> l = _pid } }
inline unlock(l)
{
	d_step {
		assert(l == _pid);				/* lock */
		l = 0;
		assert(!nobody || heard(0) && heard(1))		/* heard */
	}
}

inline use(f, b)
{
	assert(alive[L(f, b)])					/* link */
}

/* for_each_dpcm_be(): body for each BE b to which test applies */
#define for_each_dpcm_be(test, f, body)						\
	b = seek(test, f, 0);							\
	do :: b < 2 -> body; b = seek(test, f, b + 1) :: else -> break od; skip
#define seek(test, f, n) (n == 0 && test(f, 0) -> 0 : (n <= 1 && test(f, 1) -> 1 : 2))
#define listed(f, b)	on_fe[L(f, b)]
#define opened(f, b)	(on_fe[L(f, b)] && stage[L(f, b)] != CLOSED)
#define unready(f, b)	(on_fe[L(f, b)] && stage[L(f, b)] == OPEN)
#define leaving(f, b)	(on_fe[L(f, b)] && state[L(f, b)] == FREE)
#define staying(f, b)	(on_fe[L(f, b)] && state[L(f, b)] != FREE)
#define new(f, b)	(on_fe[L(f, b)] && state[L(f, b)] == NEW)
#define new_closed(f, b) (new(f, b) && !opened(f, b))
#define new_unready(f, b) (new(f, b) && unready(f, b))
#define leaving_opened(f, b) (leaving(f, b) && opened(f, b))
#define added(f, b)	(route[L(f, b)] && !on_fe[L(f, b)])
#define pruned(f, b)	(!route[L(f, b)] && staying(f, b))
#define removed(f, b)	(alive[L(f, b)] && !on_fe[L(f, b)])

#include "dpcm-locking-driver.pml"

inline link_made(f, b)			/* kzalloc(), list_add() */
{
	printf("link FE%d-BE%d made\n", f, b);
	alive[L(f, b)] = true; state[L(f, b)] = NEW;
	on_fe[L(f, b)] = true; on_be[L(f, b)] = true
}

inline link_freed(f, b)			/* kfree() */
{
	d_step {
		printf("link FE%d-BE%d freed\n", f, b);
		alive[L(f, b)] = false; state[L(f, b)] = 0; runs[L(f, b)] = STOPPED
	}
}

#ifndef STOCK
/*
 * soc-dpcm.c: links, and the commands of their BEs
 */
#define prepared(s)	(s != S_CLOSE && s != S_OPEN)
#define leads(s, to)	(prepared(s) && run_of(s) != to && (s == S_START || to == STARTED ||	\
							    s == S_PAUSED && to == STOPPED))
#define level(run)	(WITHOUT == PRECEDENCE && (run == PAUSED || run == SUSPENDED) -> 3 - run : run)
#define next_fe(b, n)	(n == 0 && on_be[L(0, b)] -> 0 : (n <= 1 && on_be[L(1, b)] -> 1 : 2))

inline dpcm_be_unprepare(b, is)	/* in the BE's lock */
{
	d_step { be_state[b] = (is -> S_OPEN : S_STOP); lost[b] = is }
}

inline dpcm_be_follow(b)		/* in the BE's lock */
{
	d_step { ret = 0; want = STOPPED; o = (prepared(be_state[b]) || lost[b] -> next_fe(b, 0) : 2) }
	do				/* dpcm_be_wanted() */
	:: o < 2 ->
		d_step {
			use(o, b);
			want = (level(runs[L(o, b)]) > level(want) -> runs[L(o, b)] : want);
			o = next_fe(b, o + 1)
		}
	:: else -> break
	od;
	if
	:: leads(be_state[b], want) ->
		soc_pcm_trigger(b, want);
		be_state[b] = (ret -> be_state[b] : state_of(want))
	:: be_state[b] == S_SUSPEND && want == STOPPED -> dpcm_be_unprepare(b, WITHOUT != UNPREPARED)
	:: lost[b] && want == STARTED ->
		assert(may_be_lost[b]);		/* resumed */
		ret = WITHOUT != LOST
	:: else
	fi
}

#define lends(f, b)	(on_be[L(f, b)] && stage[L(f, b)] != CLOSED && runtime[f])
/* In the BE's lock. */
#define dpcm_be_borrow_runtime(b) be_runtime[b] = (lends(0, b) -> 1 : (lends(1, b) -> 2 : 0))

inline dpcm_link_next(f, b, cmd)	/* in the BE's lock */
{
	if
	:: (cmd == START || cmd == PAUSE_RELEASE || cmd == RESUME) &&
	   (state[L(f, b)] != FREE && stage[L(f, b)] == READY || WITHOUT == READINESS) ->
		runs[L(f, b)] = STARTED
	:: cmd == STOP -> runs[L(f, b)] = STOPPED
	:: cmd == PAUSE_PUSH && runs[L(f, b)] == STARTED -> runs[L(f, b)] = PAUSED
	:: cmd == SUSPEND && runs[L(f, b)] == STARTED -> runs[L(f, b)] = SUSPENDED
	:: else
	fi
}

#define final(cmd)	(cmd == STOP || cmd == SUSPEND)	/* dpcm_is_final() */

inline dpcm_link_trigger(f, b, cmd, is)	/* in the FE's lock */
{
	d_step {
		be_lock[b] == 0 -> be_lock[b] = _pid;
		use(f, b);
		was[L(f, b)] = runs[L(f, b)];
		when(is, dpcm_link_next(f, b, cmd))
	}
	when(runs[L(f, b)] != was[L(f, b)], dpcm_be_follow(b));
	d_step {
		be_lock[b] = 0;
		use(f, b);
		ret = ret && (!final(cmd) || WITHOUT == FINAL);
		when(ret, runs[L(f, b)] = was[L(f, b)])
	}
}

inline dpcm_links_trigger(f, cmd, scope)	/* in the FE's lock */
{
	b = seek(listed, f, 0);
	do
	:: b < 2 ->
		dpcm_link_trigger(f, b, cmd, scope == ALL || state[L(f, b)] == scope);
		d_step {
			when(ret, err = 1; last = b; b = 1);
			ret = 0;
			b = seek(listed, f, b + 1)
		}
	:: else -> break
	od;
	b = (err && WITHOUT != UNDO -> seek(listed, f, 0) : 2);
	do				/* dpcm_links_undo() */
	:: b < last ->
		d_step { be_lock[b] == 0 -> be_lock[b] = _pid; use(f, b) }
		when(runs[L(f, b)] != was[L(f, b)],
			runs[L(f, b)] = was[L(f, b)];
			dpcm_be_follow(b));
		d_step { be_lock[b] = 0; use(f, b); b = seek(listed, f, b + 1) }
	:: else -> break
	od;
	atomic { last = 0; was[L(f, 0)] = STOPPED; was[L(f, 1)] = STOPPED }
}

inline dpcm_link_new(f, b)		/* in pcm_mutex */
{
	lock(fe_lock[f]);
	d_step { be_lock[b] == 0 -> link_made(f, b) }
	unlock(fe_lock[f])
}

inline dpcm_link_set_state(f, b, s)	/* in pcm_mutex */
{
	d_step {
		be_lock[b] == 0 -> use(f, b);
		printf("link FE%d-BE%d %e\n", f, b, s);
		state[L(f, b)] = s
	}
}

inline dpcm_link_remove(f, b)		/* in pcm_mutex; a part of dpcm_links_remove() */
{
	d_step {
		be_lock[b] == 0 || WITHOUT == BE_LOCK ->
		printf("link FE%d-BE%d removed\n", f, b);
		on_be[L(f, b)] = false; on_fe[L(f, b)] = false
	}
}

inline dpcm_be_disconnect(f)		/* in pcm_mutex; dpcm_links_remove(), kfree() */
{
	when(WITHOUT != FE_LOCK, lock(fe_lock[f]));
	for_each_dpcm_be(leaving, f, dpcm_link_remove(f, b));
	when(WITHOUT != FE_LOCK, unlock(fe_lock[f]));
	for_each_dpcm_be(removed, f, link_freed(f, b))
}

#include "dpcm-locking-stage.pml"

/*
 * soc-pcm.c
 */
inline dpcm_fe_dai_trigger(f, cmd)	/* in the FE's lock */
{
	d_step { printf("FE%d trigger %e\n", f, cmd); b = seek(listed, f, 0) }
	dpcm_links_trigger(f, cmd, ALL);
	atomic {
		if
		:: err && cmd != SUSPEND -> err = 0
		:: cmd == SUSPEND -> err = 0; fe_state[f] = S_SUSPEND
		:: !err && cmd == STOP -> fe_state[f] = S_STOP
		:: !err && cmd == PAUSE_PUSH -> fe_state[f] = S_PAUSED
		:: !err && (cmd == START || cmd == PAUSE_RELEASE || cmd == RESUME) -> fe_state[f] = S_START
		fi;
		plays[f] = fe_state[f] == S_START; pauses[f] = fe_state[f] == S_PAUSED
	}
}

inline dpcm_fe_dai_prepare(f)		/* in pcm_mutex */
{
	printf("FE%d prepare\n", f);
	d_step { fe_lock[f] == 0 -> fe_state[f] = (WITHOUT == REFUSAL -> fe_state[f] : S_OPEN) }
	for_each_dpcm_be(listed, f, dpcm_link_back(f, b, OPEN));
	raise(unready, f, dpcm_link_prepare);
	when_pm(when(ret && WITHOUT != RESTORED, for_each_dpcm_be(listed, f, dpcm_be_restore(b)); ret = 1););
	d_step { fe_lock[f] == 0 -> fe_state[f] = (ret -> fe_state[f] : S_PREPARE); ret = 0 }
}

inline dpcm_fe_dai_close(f)		/* in pcm_mutex */
{
	printf("FE%d close\n", f);
	for_each_dpcm_be(opened, f, dpcm_link_lower(f, b));
	d_step { fe_lock[f] == 0 -> fe_state[f] = S_CLOSE }
	for_each_dpcm_be(staying, f, dpcm_link_set_state(f, b, FREE));
	dpcm_be_disconnect(f)
}

#define changed(f, b)	(add && added(f, b) || !add && pruned(f, b))
inline soc_dpcm_fe_runtime_update(f)	/* in pcm_mutex */
{
	when(fe_state[f] != S_CLOSE && seek(changed, f, 0) < 2,
		if
		:: add -> for_each_dpcm_be(added, f, dpcm_link_new(f, b)); dpcm_join(f)
		:: !add -> for_each_dpcm_be(pruned, f, dpcm_link_set_state(f, b, FREE)); dpcm_leave(f)
		fi;			/* dpcm_clear_pending_state(): */
		for_each_dpcm_be(new, f, dpcm_link_set_state(f, b, LIVE));
		dpcm_be_disconnect(f))
}

#else
#define when_pm(body)
#include "dpcm-locking-stock.pml"
#endif

/*
 * Processes
 */
#define LOCALS	byte b, o, rt, want, ret, err, last, count; bool first, asked; mtype before
#ifdef SERIAL
#define trigger_begin(f, cond) lock_if(pcm_mutex, fe_lock[f] == 0 && (cond)); fe_lock[f] = _pid
#define trigger_end(f)	fe_lock[f] = 0; unlock(pcm_mutex)
#else
#define trigger_begin(f, cond) lock_if(fe_lock[f], cond)
#define trigger_end(f)	unlock(fe_lock[f])
#endif

#ifndef PM
#define may_run(f)	true
#define may_prepare(f)	(fe_state[f] == S_STOP || fe_state[f] == S_PREPARE || fe_state[f] == S_OPEN)
#define may_close(f)	(f == 0 && !plays[f] && !pauses[f] && fe_state[f] != S_CLOSE)
#else
#include "dpcm-locking-pm.pml"
#endif

/* The calls that ALSA allows an application; commands: their number. */
proctype app(byte f, commands)
{
	LOCALS; mtype does;
end:	do
	:: atomic {				/* snd_pcm_start(), _drop(), _pause() */
			trigger_begin(f, commands > 0 && may_run(f) &&
					 (plays[f] || pauses[f] || fe_state[f] == S_PREPARE));
			if
			:: fe_state[f] == S_PREPARE -> does = START
			:: plays[f] -> does = STOP
			:: plays[f] -> does = PAUSE_PUSH
			:: pauses[f] -> does = PAUSE_RELEASE
			fi;
			commands--
		}
		dpcm_fe_dai_trigger(f, does);
		does = 0;
		trigger_end(f)
	:: lock_if(pcm_mutex, commands > 0 && may_prepare(f) && (on_fe[L(f, 0)] || on_fe[L(f, 1)]));
		when_pm(awake(f););
		dpcm_fe_dai_prepare(f);		/* snd_pcm_prepare() */
		commands--;
		unlock(pcm_mutex)
	:: lock_if(pcm_mutex, may_close(f));
		when_pm(awake(f););
		dpcm_fe_dai_close(f);		/* snd_pcm_release() */
		unlock(pcm_mutex);
		d_step { printf("FE%d runtime freed\n", f); runtime[f] = false }
#ifdef PM
	:: trigger_begin(f, !frozen && suspended[f]);	/* snd_pcm_resume() */
		snd_pcm_resume(f);
		trigger_end(f)
#endif
	od
}

proctype irq(byte f)				/* snd_pcm_period_elapsed() */
{
	LOCALS;
end:	trigger_begin(f, plays[f]);
	dpcm_fe_dai_trigger(f, STOP);
	trigger_end(f)
}

proctype mixer()				/* snd_soc_dpcm_runtime_update() */
{
	LOCALS; byte f; bool add;

	lock(pcm_mutex);
	if
	:: route[L(1, 0)] = !route[L(1, 0)]
#ifndef SCENE
	:: route[L(0, 0)] = !route[L(0, 0)]
	:: route[L(0, 1)] = !route[L(0, 1)]
	:: route[L(1, 1)] = !route[L(1, 1)]
	:: route[L(1, 0)] = !route[L(1, 0)]; route[L(1, 1)] = !route[L(1, 1)]
#endif
	fi;
	printf("mixer: FE0 to %d%d, FE1 to %d%d\n", route[0], route[1], route[2], route[3]);
	do
	:: f < 2 -> soc_dpcm_fe_runtime_update(f); f++
	:: f == 2 && !add -> f = 0; add = true
	:: f == 2 && add -> break
	od; skip;
	unlock(pcm_mutex)
}

/* The initial state: an FE is linked to a BE, and prepared or plays. */
inline linked(f, b, does)
{
	link_made(f, b);
	route[L(f, b)] = true; state[L(f, b)] = LIVE;
	stage[L(f, b)] = READY; runs[L(f, b)] = does;
	fe_state[f] = (does == STOPPED -> S_PREPARE : state_of(does));
	plays[f] = does == STARTED; pauses[f] = does == PAUSED; runtime[f] = true;
	told[b] = (told[b] == UNREADY || told[b] < does -> does : told[b]);
	be_state[b] = (told[b] == STOPPED -> S_PREPARE : state_of(told[b])); users[b]++;
	be_runtime[b] = (be_runtime[b] == 0 -> f + 1 : be_runtime[b])
#ifdef STOCK
	; be_start[b] = be_start[b] + (does == STARTED -> 1 : 0)
#endif
}

init {
	atomic {
#if defined(D3)
		linked(0, 0, STOPPED); linked(1, 0, STOPPED);
		run app(0, 0); run app(1, 1)
#elif defined(D2_ON)
		linked(0, 0, STARTED); linked(1, 1, STARTED);
		run irq(1); run mixer()
#elif defined(D2_OFF)
		linked(0, 0, STARTED); linked(1, 0, STARTED); linked(1, 1, STARTED);
		run irq(1); run mixer()
#else
		if
		:: linked(0, 0, STOPPED)
		:: linked(0, 0, STARTED)
		when_pm(:: linked(0, 0, PAUSED); :: linked(0, 1, STOPPED))
		fi;
		if				/* on the BE of FE0, or another, or both */
		:: linked(1, 0, STOPPED)
		:: linked(1, 1, STOPPED)
		:: linked(1, 0, STARTED)
		:: linked(1, 1, STARTED)
		:: linked(1, 0, STARTED); linked(1, 1, STARTED)
		fi;
		run app(0, 1); run app(1, COMMANDS); run irq(1);
#ifdef PM
		run pm()
#else
		run mixer()
#endif
#endif
	}
}
