/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only part of the trace events that depends on the kernel version. It is not for
 * upstream: there, snd_dpcm_assign_str(dst, src) is __assign_str(dst).
 */
#ifndef _TRACE_SND_DPCM_COMPAT_H
#define _TRACE_SND_DPCM_COMPAT_H

#include <linux/trace_events.h>

/*
 * Since 6.10 __assign_str() has the source from __string(); before, it is named again.
 * No macro came with that change. This one came with 6.9.
 */
#ifdef EVENT_NULL_STR
#define snd_dpcm_assign_str(dst, ...)	__assign_str(dst)
#else
#define snd_dpcm_assign_str(dst, src)	__assign_str(dst, src)
#endif

#endif /* _TRACE_SND_DPCM_COMPAT_H */
