// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether user space may map a PCM buffer: not if it would see other data in it
 * than the kernel has.
 *
 * A data cache that looks lines up by virtual address (VIVT, and VIPT if a way is
 * larger than a page) keeps a line for each address that a byte is known under. The
 * kernel knows a cached buffer under one, an application that has mapped it under
 * another, and what one of them writes the other does not see. Such a buffer is for
 * read() and write() only. Uncached memory has no lines, so nothing is lost there.
 *
 * No sync would help: there is no moment at which a stream that is mapped is in
 * one hand only.
 */
#include <sound/core.h>
#include <sound/pcm.h>

#include "pcm_sync.h"
#include "pcm_sync-compat.h"

/**
 * snd_pcm_sync_type_can_mmap() - whether buffers of a type may be mapped
 * @type: SNDRV_DMA_TYPE_*
 * @aliasing: whether the data cache aliases
 *
 * What the DMA API allocates as coherent (SNDRV_DMA_TYPE_DEV and all after it) is
 * its own to judge: the core asks dma_can_mmap().
 *
 * Context: any.
 * Return: false if user space would see other data than the kernel.
 */
bool snd_pcm_sync_type_can_mmap(int type, bool aliasing)
{
	switch (type) {
	case SNDRV_DMA_TYPE_CONTINUOUS:
	case SNDRV_DMA_TYPE_VMALLOC:
	case SNDRV_DMA_TYPE_NONCONTIG:
	case SNDRV_DMA_TYPE_NONCOHERENT:
		return !aliasing;
	default:
		return true;
	}
}

/**
 * snd_pcm_sync_mmap_type() - the type of the buffer that would be mapped
 * @substream: the substream
 *
 * That is of the buffer which the stream has, or, before hw_params, of those that it
 * gets. Pages that a driver names one by one (the operation page) are mapped like
 * those of vmalloc(). A buffer that a driver has put in place by itself, as
 * runtime->dma_area only, is mapped page by page as memory of the kernel.
 *
 * Context: any; like the core, relies on nobody freeing the buffer meanwhile.
 * Return: SNDRV_DMA_TYPE_*, SNDRV_DMA_TYPE_UNKNOWN before hw_params if the driver
 * allocates there.
 */
int snd_pcm_sync_mmap_type(struct snd_pcm_substream *substream)
{
	struct snd_dma_buffer *dmab = snd_pcm_get_dma_buf(substream);

	if (substream->ops->page)
		return SNDRV_DMA_TYPE_VMALLOC;
	if (dmab)
		return dmab->dev.type;
	if (substream->runtime->dma_area)
		return SNDRV_DMA_TYPE_CONTINUOUS;
	return substream->dma_buffer.dev.type;
}

/**
 * snd_pcm_sync_can_mmap() - whether the core may map the buffer of a substream
 * @substream: the substream
 *
 * Does not speak for a driver that maps by itself (the operation mmap), unless that
 * calls snd_pcm_lib_default_mmap().
 *
 * Context: as snd_pcm_sync_mmap_type().
 * Return: false if user space would see other data than the kernel.
 */
bool snd_pcm_sync_can_mmap(struct snd_pcm_substream *substream)
{
	return snd_pcm_sync_type_can_mmap(snd_pcm_sync_mmap_type(substream),
					  cpu_dcache_is_aliasing());
}
