/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of mainline for older kernels. It is not for upstream: there, the files that
 * include it include <linux/hrtimer.h> and <linux/slab.h>.
 */
#ifndef __SOUND_MAINLINE_COMPAT_H
#define __SOUND_MAINLINE_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/slab.h>

/* Kernels with this macro have no hrtimer_setup(). */
#ifdef HRTIMER_STATE_INACTIVE
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#ifndef kzalloc_obj
#define kzalloc_obj(object)	kzalloc(sizeof(object), GFP_KERNEL)
#endif

#endif
