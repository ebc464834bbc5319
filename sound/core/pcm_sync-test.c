// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the arithmetic of pcm_sync.c: all pointers of small rings,
 * against a map that has an entry for each byte; and of the decision which buffers may
 * be mapped.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "pcm_sync.h"

#define MAX_FRAMES	6
#define MAX_CHANNELS	8
#define MAX_BYTES	416

/* How often each byte was synced, and in which ranges. */
struct sync_map {
	struct kunit *test;
	u8 bytes[MAX_BYTES];
	size_t end;
	unsigned int ranges;
};

static void sync_map_add(void *data, size_t offset, size_t bytes)
{
	struct sync_map *map = data;
	size_t i;

	KUNIT_ASSERT_LE(map->test, offset + bytes, (size_t)MAX_BYTES);
	KUNIT_EXPECT_GT(map->test, bytes, (size_t)0);
	/* in ascending order, and adjacent ranges are one */
	if (map->ranges++)
		KUNIT_EXPECT_GT(map->test, offset, map->end);
	map->end = offset + bytes;
	for (i = offset; i < offset + bytes; i++)
		map->bytes[i]++;
}

/* The model: frame by frame, bit by bit, without any arithmetic on ranges. */
static void model_add(struct sync_map *map, const struct snd_pcm_sync_ring *ring,
		      snd_pcm_uframes_t frame)
{
	unsigned int plane, bit;
	size_t at;

	for (plane = 0; plane < ring->planes; plane++)
		for (bit = 0; bit < ring->bits; bit++) {
			at = plane * ring->plane_bytes +
			     ((frame % ring->frames) * ring->bits + bit) / 8;
			map->bytes[at] = 1;
		}
}

/* Ranges of ones. */
static void model_count(struct sync_map *map)
{
	size_t i;

	for (i = 0; i < MAX_BYTES; i++)
		if (map->bytes[i] && (!i || !map->bytes[i - 1]))
			map->ranges++;
}

/* Compare the bytes that are synced for the frames with the model; return their number. */
static size_t walk_is_exact(struct kunit *test,
			    const struct snd_pcm_sync_ring *ring,
			    snd_pcm_uframes_t ptr, snd_pcm_uframes_t frames)
{
	struct sync_map got = { .test = test }, want = { .test = test };
	snd_pcm_uframes_t i;
	size_t at, sum = 0;

	snd_pcm_sync_walk(ring, ptr, frames, sync_map_add, &got);
	for (i = 0; i < frames; i++)
		model_add(&want, ring, ptr + i);
	model_count(&want);
	for (at = 0; at < MAX_BYTES; at++)
		sum += got.bytes[at];
	if (memcmp(got.bytes, want.bytes, MAX_BYTES) ||
	    got.ranges != want.ranges)
		KUNIT_FAIL(test,
			   "ring %lu, %u bits, %u planes of %zu: %lu frames from %lu: %u ranges, not %u",
			   ring->frames, ring->bits, ring->planes,
			   ring->plane_bytes, frames, ptr, got.ranges,
			   want.ranges);

	return sum;
}

/* 4 bits are a sample of IMA ADPCM, 24 one of S24_3LE, 64 of FLOAT64. */
static const unsigned int sample_bits[] = { 4, 8, 16, 24, 32, 64 };

/* Test every range of a ring, from pointers of some laps; return the number of ranges. */
static unsigned int all_walks(struct kunit *test,
			      const struct snd_pcm_sync_ring *ring)
{
	snd_pcm_uframes_t ptr, frames;
	unsigned int cases = 0;

	for (ptr = 0; ptr < 3 * ring->frames; ptr++)
		for (frames = 0; frames <= 2 * ring->frames; frames++, cases++)
			walk_is_exact(test, ring, ptr, frames);

	return cases;
}

static void sync_test_interleaved(struct kunit *test)
{
	struct snd_pcm_sync_ring ring = { .planes = 1 };
	unsigned int i, channels, cases = 0;

	for (i = 0; i < ARRAY_SIZE(sample_bits); i++)
		for (channels = 1; channels <= MAX_CHANNELS; channels++)
			for (ring.frames = 1; ring.frames <= MAX_FRAMES; ring.frames++) {
				ring.bits = sample_bits[i] * channels;
				ring.plane_bytes = (ring.frames * ring.bits + 7) / 8;
				cases += all_walks(test, &ring);
			}
	kunit_info(test, "%u cases\n", cases);
}

static void sync_test_planes(struct kunit *test)
{
	struct snd_pcm_sync_ring ring = {};
	unsigned int i, cases = 0;

	for (i = 0; i < ARRAY_SIZE(sample_bits); i++)
		for (ring.planes = 1; ring.planes <= MAX_CHANNELS; ring.planes++)
			for (ring.frames = 1; ring.frames <= MAX_FRAMES; ring.frames++) {
				ring.bits = sample_bits[i];
				ring.plane_bytes = (ring.frames * ring.bits + 7) / 8;
				cases += all_walks(test, &ring);
				/* a buffer may be larger than its ring */
				ring.plane_bytes += 3;
				cases += all_walks(test, &ring);
			}
	kunit_info(test, "%u cases\n", cases);
}

/* A model of a pointer: it is moved by one frame at a time. */
static snd_pcm_uframes_t step(const struct snd_pcm_sync_ring *ring,
			      snd_pcm_uframes_t ptr)
{
	return ptr + 1 == ring->boundary ? 0 : ptr + 1;
}

/* Every old and every new pointer, with the boundary at any distance. */
static void sync_test_pointers(struct kunit *test)
{
	struct snd_pcm_sync_ring ring = { .bits = 16, .planes = 1 };
	snd_pcm_uframes_t from, to, ptr, span, want, steps;
	unsigned int laps, cases = 0;

	for (ring.frames = 1; ring.frames <= MAX_FRAMES; ring.frames++)
		for (laps = 2; laps <= 8; laps *= 2) {
			ring.boundary = ring.frames * laps;
			ring.plane_bytes = ring.frames * 2;
			for (from = 0; from < ring.boundary; from++)
				for (to = 0; to < ring.boundary; to++) {
					for (steps = 0, ptr = from; ptr != to; steps++)
						ptr = step(&ring, ptr);
					if (steps <= ring.frames)
						want = steps;
					else if (ring.boundary - steps <= ring.frames)
						want = 0;
					else
						want = ring.frames;
					span = snd_pcm_sync_span(&ring, from, to);
					KUNIT_EXPECT_EQ(test, span, want);
					KUNIT_EXPECT_EQ(test, snd_pcm_sync_lead(&ring, from, to),
							steps <= ring.frames ? steps : 0);

					/* the synced range ends at the pointer */
					ptr = snd_pcm_sync_before(&ring, to, span);
					KUNIT_EXPECT_LT(test, ptr, ring.boundary);
					KUNIT_EXPECT_EQ(test, walk_is_exact(test, &ring, ptr, span),
							(size_t)span * 2);
					for (steps = 0; steps < span; steps++)
						ptr = step(&ring, ptr);
					KUNIT_EXPECT_EQ(test, ptr, to);
					cases++;
				}
		}
	kunit_info(test, "%u cases\n", cases);
}

/*
 * A writer that commits pieces of every size, twice round the boundary: each frame is
 * synced once, when the pointer passes it.
 */
static void sync_test_commits(struct kunit *test)
{
	struct snd_pcm_sync_ring ring = { .bits = 32, .planes = 1 };
	snd_pcm_uframes_t piece, ptr, next, span, done, i;
	size_t bytes;

	for (ring.frames = 1; ring.frames <= MAX_FRAMES; ring.frames++)
		for (piece = 1; piece <= ring.frames; piece++) {
			ring.boundary = ring.frames * 4;
			ring.plane_bytes = ring.frames * 4;
			bytes = 0;
			ptr = 0;
			for (done = 0; done < 2 * ring.boundary; done += piece) {
				for (next = ptr, i = 0; i < piece; i++)
					next = step(&ring, next);
				span = snd_pcm_sync_span(&ring, ptr, next);
				KUNIT_EXPECT_EQ(test, span, piece);
				bytes += walk_is_exact(test, &ring, ptr, span);
				ptr = next;
			}
			KUNIT_EXPECT_EQ(test, bytes, (size_t)done * 4);
		}
}

/* The joined range contains all parts, and no more frames than needed. */
static void join_is_exact(struct kunit *test,
			  const struct snd_pcm_sync_ring *ring,
			  snd_pcm_uframes_t a, snd_pcm_uframes_t na,
			  snd_pcm_uframes_t b, snd_pcm_uframes_t nb)
{
	struct sync_map map = { .test = test };
	snd_pcm_uframes_t ptr = a, frames = na, i;

	snd_pcm_sync_join(ring, &ptr, &frames, b, nb);
	snd_pcm_sync_walk(ring, ptr, frames, sync_map_add, &map);
	for (i = 0; i < na; i++)
		KUNIT_EXPECT_EQ(test, map.bytes[(a + i) % ring->frames], 1);
	for (i = 0; i < nb; i++)
		KUNIT_EXPECT_EQ(test, map.bytes[(b + i) % ring->frames], 1);
	KUNIT_EXPECT_LE(test, frames, ring->frames);
	/* a range that begins at the end of the other costs nothing more */
	if (!na || (a + na) % ring->frames == b)
		KUNIT_EXPECT_EQ(test, frames, min(na + nb, ring->frames));
}

static void sync_test_join(struct kunit *test)
{
	struct snd_pcm_sync_ring ring = { .bits = 8, .planes = 1 };
	snd_pcm_uframes_t a, na, b, nb;
	unsigned int cases = 0;

	for (ring.frames = 1; ring.frames <= MAX_FRAMES; ring.frames++) {
		ring.plane_bytes = ring.frames;
		for (a = 0; a < ring.frames; a++)
			for (na = 0; na <= ring.frames; na++)
				for (b = 0; b < ring.frames; b++)
					for (nb = 0; nb <= ring.frames; nb++, cases++)
						join_is_exact(test, &ring, a, na, b, nb);
	}
	kunit_info(test, "%u cases\n", cases);
}

static void sync_test_mmap_type(struct kunit *test)
{
	static const int cached[] = {
		SNDRV_DMA_TYPE_CONTINUOUS, SNDRV_DMA_TYPE_VMALLOC,
		SNDRV_DMA_TYPE_NONCONTIG, SNDRV_DMA_TYPE_NONCOHERENT,
	};
	static const int others[] = {
		SNDRV_DMA_TYPE_UNKNOWN, SNDRV_DMA_TYPE_DEV, SNDRV_DMA_TYPE_DEV_WC,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cached); i++) {
		KUNIT_EXPECT_FALSE(test, snd_pcm_sync_type_can_mmap(cached[i], true));
		KUNIT_EXPECT_TRUE(test, snd_pcm_sync_type_can_mmap(cached[i], false));
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		KUNIT_EXPECT_TRUE(test, snd_pcm_sync_type_can_mmap(others[i], true));
		KUNIT_EXPECT_TRUE(test, snd_pcm_sync_type_can_mmap(others[i], false));
	}
}

static struct page *no_page(struct snd_pcm_substream *substream,
			    unsigned long offset)
{
	return NULL;
}

/* From open to hw_params, for each way to come by a buffer */
static void sync_test_mmap_buffer(struct kunit *test)
{
	static const struct snd_pcm_ops plain, paged = { .page = no_page };
	struct snd_dma_buffer own = { .dev.type = SNDRV_DMA_TYPE_NONCOHERENT };
	struct snd_pcm_runtime *runtime = kunit_kzalloc(test, sizeof(*runtime), GFP_KERNEL);
	struct snd_pcm_substream *substream = kunit_kzalloc(test, sizeof(*substream), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, runtime);
	KUNIT_ASSERT_NOT_NULL(test, substream);
	substream->runtime = runtime;
	substream->ops = &plain;

	/* not known yet */
	KUNIT_EXPECT_EQ(test, snd_pcm_sync_mmap_type(substream), SNDRV_DMA_TYPE_UNKNOWN);
	/* managed: known from the start, with or without preallocation */
	substream->dma_buffer.dev.type = SNDRV_DMA_TYPE_DEV;
	KUNIT_EXPECT_EQ(test, snd_pcm_sync_mmap_type(substream), SNDRV_DMA_TYPE_DEV);
	/* the driver's own, from hw_params on */
	runtime->dma_area = (void *)&own;
	KUNIT_EXPECT_EQ(test, snd_pcm_sync_mmap_type(substream), SNDRV_DMA_TYPE_CONTINUOUS);
	runtime->dma_buffer_p = &own;
	KUNIT_EXPECT_EQ(test, snd_pcm_sync_mmap_type(substream), SNDRV_DMA_TYPE_NONCOHERENT);
	/* pages one by one */
	substream->ops = &paged;
	KUNIT_EXPECT_EQ(test, snd_pcm_sync_mmap_type(substream), SNDRV_DMA_TYPE_VMALLOC);
}

static struct kunit_case sync_tests[] = {
	KUNIT_CASE(sync_test_interleaved),
	KUNIT_CASE(sync_test_planes),
	KUNIT_CASE(sync_test_pointers),
	KUNIT_CASE(sync_test_commits),
	KUNIT_CASE(sync_test_join),
	KUNIT_CASE(sync_test_mmap_type),
	KUNIT_CASE(sync_test_mmap_buffer),
	{}
};

static struct kunit_suite sync_suite = {
	.name = "snd-pcm-sync",
	.test_cases = sync_tests,
};

kunit_test_suite(sync_suite);
