// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit sync of PCM buffers that user space maps: whether they may be mapped, and
 * whether the program stores into its recording.
 *
 * User space may not map a buffer in which it would see other data than the kernel.
 *
 * A data cache that finds lines by virtual address (VIVT, and VIPT if a way is larger
 * than a page) keeps a line for each address of a byte. The kernel has a cached buffer
 * at one address, an application that has mapped it has it at another one, and neither
 * sees what the other has written. Such a buffer is for read() and write() only.
 * Uncached memory has no lines, so it can be mapped.
 *
 * No sync would help: kernel and application can access a mapped stream at any time.
 *
 * A program may store into a ring that it records from: some clear it, some mute or
 * filter in place. These lines are dirty then, and must be synced for the device before
 * the device records there again. Most programs only read. So a capture buffer is
 * mapped without write permission at first, and the page fault of the first store shows
 * that the program stores.
 */
#include <linux/cacheinfo.h>
#include <linux/mm.h>
#include <sound/core.h>
#include <sound/pcm.h>

#include "pcm_sync.h"
#include "pcm_sync-compat.h"

/**
 * snd_pcm_sync_type_can_mmap() - check whether buffers of a type may be mapped
 * @type: SNDRV_DMA_TYPE_*
 * @aliasing: whether the data cache aliases
 *
 * For memory that the DMA API allocates as coherent (SNDRV_DMA_TYPE_DEV and all after
 * it) the core calls dma_can_mmap().
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
 * snd_pcm_sync_mmap_type() - get the type of the buffer that would be mapped
 * @substream: the substream
 *
 * That is the type of the stream's buffer or, before hw_params, of the buffers that it
 * will get. Pages that a driver returns one by one (the operation page) are mapped like
 * those of vmalloc(). A buffer that a driver has set by itself, as runtime->dma_area
 * only, is mapped page by page as memory of the kernel.
 *
 * Context: any; as in the core, the buffer must not be freed meanwhile.
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
 * snd_pcm_sync_can_mmap() - check whether the core may map the buffer of a substream
 * @substream: the substream
 *
 * Does not apply to a driver that maps by itself (the operation mmap), unless that
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

static void sync_vm_open(struct vm_area_struct *area)
{
	struct snd_pcm_substream *substream = area->vm_private_data;

	atomic_inc(&substream->mmap_count);
}

static void sync_vm_close(struct vm_area_struct *area)
{
	struct snd_pcm_substream *substream = area->vm_private_data;

	atomic_dec(&substream->mmap_count);
}

/* The area holds the file open, and with it the state of the substream. */
static vm_fault_t sync_vm_first_store(struct vm_fault *vmf)
{
	struct snd_pcm_substream *substream = vmf->vma->vm_private_data;

	WRITE_ONCE(substream->runtime->dma_sync->dirtied, true);

	return 0;
}

static const struct vm_operations_struct sync_vm_ops = {
	.open = sync_vm_open,
	.close = sync_vm_close,
	.pfn_mkwrite = sync_vm_first_store,
};

/**
 * snd_pcm_sync_map() - prepare an area to which a buffer is about to be mapped
 * @substream: the substream
 * @area: the area, with the operations of the PCM core
 *
 * Context: mmap lock held for writing, runtime->buffer_accessing incremented.
 */
void snd_pcm_sync_map(struct snd_pcm_substream *substream,
		      struct vm_area_struct *area)
{
	struct snd_pcm_runtime *runtime = substream->runtime;

	if (!runtime->dma_sync || substream->stream == SNDRV_PCM_STREAM_PLAYBACK ||
	    substream->ops->mmap ||
	    snd_pcm_sync_mmap_type(substream) != SNDRV_DMA_TYPE_NONCOHERENT)
		return;
	area->vm_ops = &sync_vm_ops;
	area->vm_page_prot = vm_get_page_prot(area->vm_flags & ~VM_SHARED);
}

/**
 * snd_pcm_sync_mapped() - note that a buffer was mapped
 * @substream: the substream
 * @area: the area
 *
 * If the first store cannot be detected, a program with write permission is taken for
 * one that stores. From now on a program may store into a stream that plays without a
 * commit.
 *
 * Context: mmap lock held for writing, runtime->buffer_accessing incremented. Takes the
 * stream lock.
 */
void snd_pcm_sync_mapped(struct snd_pcm_substream *substream,
			 struct vm_area_struct *area)
{
	struct snd_pcm_sync *sync = substream->runtime->dma_sync;

	if (!sync)
		return;
	if (substream->stream == SNDRV_PCM_STREAM_CAPTURE) {
		if (area->vm_ops != &sync_vm_ops && (area->vm_flags & VM_MAYWRITE))
			WRITE_ONCE(sync->dirtied, true);
		return;
	}
	snd_pcm_stream_lock_irq(substream);
	if (snd_pcm_running(substream))
		snd_pcm_sync_ahead(substream);
	snd_pcm_stream_unlock_irq(substream);
}
