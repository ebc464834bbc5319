/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place that knows which kernel this is: everything else in the
 * overlay is the same file in 6.12 and in 6.1.
 */
#ifndef _NC1_COMPAT_H
#define _NC1_COMPAT_H

#include <linux/gfp.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <sound/soc.h>

/* When alloc_pages() became a macro, the dma_map_ops hook got another name. */
#ifdef alloc_pages
#define NC1_DMA_OPS_ALLOC_PAGES		alloc_pages_op
#else
#define NC1_DMA_OPS_ALLOC_PAGES		alloc_pages
#endif

/*
 * DAIs that trigger their BEs themselves, and copies from user memory without an
 * iterator, went before this macro did.
 */
#ifdef asoc_rtd_to_cpu
#define NC1_BESPOKE_TRIGGER		SND_SOC_DPCM_TRIGGER_BESPOKE
#define NC1_PCM_COPY			copy_user
#define nc1_copy_from			void __user

static inline bool nc1_copy_in(void *to, nc1_copy_from *from, size_t bytes)
{
	return !copy_from_user(to, from, bytes);
}
#else
#define NC1_PCM_COPY			copy
#define nc1_copy_from			struct iov_iter

static inline bool nc1_copy_in(void *to, nc1_copy_from *from, size_t bytes)
{
	return copy_from_iter(to, bytes, from) == bytes;
}
#endif

#endif
