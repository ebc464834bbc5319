/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls of a BE's driver, for dpcm-locking.pml, which includes this file: commands
 * under the BE's lock, and callbacks that sleep. Calls that must not happen are asserted.
 */
#define run_of(s)	(s == S_START -> STARTED : (s == S_SUSPEND -> SUSPENDED :	\
						    (s == S_PAUSED -> PAUSED : STOPPED)))
#define state_of(run)	(run == STARTED -> S_START : (run == SUSPENDED -> S_SUSPEND :	\
						      (run == PAUSED -> S_PAUSED : S_STOP)))

inline driver_enters(b)
{
	assert(!asleep[b]);					/* callback */
	rt = be_runtime[b];
	assert(rt != 0 && runtime[rt - 1])			/* runtime */
}

inline driver_leaves(b, to)
{
	assert(be_runtime[b] == rt && runtime[rt - 1]);		/* runtime */
	rt = 0;
	refused[b] = (!ret -> 0 : (to == SUSPENDED -> SUSPENDED : refused[b]));
	told[b] = (ret -> told[b] : to)
}

inline may_refuse(cond) { if :: true :: faults > 0 && (cond) -> faults--; ret = 1 fi }

inline soc_pcm_trigger(b, to)
{
	d_step {
		printf("BE%d trigger, %d to %d\n", b, told[b], to);
		assert(told[b] != UNREADY && (told[b] != to || dead[b])); /* callback */
		assert(run_of(be_state[b]) == told[b] || dead[b]); /* callback */
		assert(to != STARTED || be_state[b] == S_SUSPEND || !dead[b]); /* power */
		driver_enters(b)
	}
	atomic {
		may_refuse(to == SUSPENDED || to == STARTED && told[b] == STOPPED);
		d_step {
			driver_leaves(b, to);
			dead[b] = dead[b] && (ret || to != STARTED);
			printf("BE%d trigger: %d\n", b, ret)
		}
	}
}

inline soc_pcm_callback(b, name, to)	/* __soc_pcm_open(), _prepare(), _close() */
{
	d_step {
		printf("BE%d %e\n", b, name);
		assert(told[b] != STARTED && told[b] != PAUSED || dead[b]); /* callback */
		driver_enters(b);
		asleep[b] = true
	}
	atomic {
		may_refuse(name != close);
		d_step {
			asleep[b] = false;
			driver_leaves(b, to);
			dead[b] = dead[b] && ret;
			printf("BE%d %e: %d\n", b, name, ret)
		}
	}
}
