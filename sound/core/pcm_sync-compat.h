/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only part of the explicit sync that depends on the kernel version.
 */
#ifndef __SOUND_CORE_PCM_SYNC_COMPAT_H
#define __SOUND_CORE_PCM_SYNC_COMPAT_H

#include <linux/cacheinfo.h>
#include <sound/mainline-compat.h>

/*
 * Newer kernels define it for each architecture. In 6.1 only arm is supported: modules
 * may not use the equivalents of other architectures there.
 */
#ifndef cpu_dcache_is_aliasing
#ifdef CONFIG_ARM
#include <asm/cachetype.h>
#define cpu_dcache_is_aliasing()	(cache_is_vivt() || cache_is_vipt_aliasing())
#else
#define cpu_dcache_is_aliasing()	false
#endif
#endif

#endif /* __SOUND_CORE_PCM_SYNC_COMPAT_H */
