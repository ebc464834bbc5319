/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System suspend and resume, for dpcm-locking.pml, which includes this file. User space is
 * frozen meanwhile; the interrupt of an FE runs until the FE is suspended. ALSA sends
 * SUSPEND only to streams that play, and marks them as suspended even if it fails.
 * Then the BEs lose their power, or another device returns an error and they keep it.
 *
 * The application of a suspended stream resumes it, prepares it or closes it.
 */
bool frozen;			/* freeze_processes(), snd_power_wait() */
bool suspended[2];		/* SNDRV_PCM_STATE_SUSPENDED */

#define may_run(f)	(!frozen && !suspended[f])
#define may_prepare(f)	(!frozen && (suspended[f] || fe_state[f] == S_STOP ||		\
				     fe_state[f] == S_PREPARE || fe_state[f] == S_OPEN))
#define may_close(f)	(f == 0 && !frozen && fe_state[f] != S_CLOSE &&			\
			 (suspended[f] || !plays[f] && !pauses[f]))
#define started(f, b)	(on_be[L(f, b)] && runs[L(f, b)] == STARTED)

inline awake(f)				/* snd_pcm_stop() */
{
	d_step { suspended[f] = false; sleeps[f] = false; pauses[f] = false }
}

inline snd_pcm_suspend(f)		/* in the FE's lock */
{
	d_step {
		suspended[f] = plays[f] || pauses[f] || fe_state[f] == S_PREPARE;
		sleeps[f] = plays[f]
	}
	when(plays[f], dpcm_fe_dai_trigger(f, SUSPEND))
}

inline snd_pcm_resume(f)		/* in the FE's lock */
{
	when(sleeps[f], dpcm_fe_dai_trigger(f, RESUME));
	d_step { sleeps[f] = sleeps[f] && !plays[f]; suspended[f] = sleeps[f] }
}

inline dpcm_be_suspended(b)		/* in pcm_mutex */
{
	d_step {
		be_lock[b] == 0;
		if
		:: WITHOUT == LOSS || started(0, b) || started(1, b)
		:: else ->
			if
			:: be_state[b] == S_START -> be_state[b] = (WITHOUT == STANDS -> S_START : S_SUSPEND)
			:: prepared(be_state[b]) && be_state[b] != S_START && be_state[b] != S_SUSPEND ->
				dpcm_be_unprepare(b, true)
			:: else
			fi
		fi
	}
}

proctype pm()
{
	LOCALS; byte f;

	atomic { nobody && be_lock[0] == 0 && be_lock[1] == 0 -> frozen = true }
	do
	:: f < 2 ->
		trigger_begin(f, true);
		snd_pcm_suspend(f);
		trigger_end(f);
		f++
	:: else -> break
	od;
	lock(pcm_mutex);
	if
	:: true ->			/* snd_soc_suspend(), snd_soc_resume() */
		dpcm_be_suspended(0);
		dpcm_be_suspended(1);
		d_step {
			printf("no power\n");
			dead[0] = told[0] != UNREADY;
			dead[1] = told[1] != UNREADY
		}
		b = 0;
		dpcm_be_restore(b);
		b = 1;
		dpcm_be_restore(b)
	:: true
	fi;
	frozen = false;
	unlock(pcm_mutex)
}
