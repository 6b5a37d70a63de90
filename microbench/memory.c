/*
 * Reading memory: regions of 4 MB to 4 GB in blocks of 1 to 64 bytes, in order and at random.
 * Usage: memory [MEGABYTES"m"...]
 *
 * The blocks and regions are those of the benchmark the Occlum team showed at OC3 2021. Random reads do not depend on
 * each other: the address comes from a generator, so many are under way at once. The value is the bytes read a
 * second. The model of SGX does not slow memory down: what real encryption and EPC misses cost is not in these numbers.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define READS_A_STEP 4096

struct region {
	const char *base;
	size_t size;	/* a power of two */
	size_t at;
	uint64_t seed;
	uint64_t sum;	/* of what was read, so that it is read */
};

/* The body of a step for one size of block: `load` adds the block at p to r->sum. */
#define DEFINE_STEPS(block, load)									\
static void seq_##block(void *ctx, long steps)								\
{													\
	struct region *r = ctx;										\
	size_t at = r->at;										\
													\
	for (long n = steps * READS_A_STEP; n--; at = (at + (block)) & (r->size - 1)) {			\
		const char *p = r->base + at;								\
													\
		load;											\
	}												\
	r->at = at;											\
}													\
													\
static void rand_##block(void *ctx, long steps)								\
{													\
	struct region *r = ctx;										\
	uint64_t seed = r->seed;									\
													\
	for (long n = steps * READS_A_STEP; n--; ) {							\
		const char *p;										\
													\
		seed = seed * 6364136223846793005u + 1442695040888963407u;				\
		p = r->base + ((seed >> 20) & (r->size - 1) & -(size_t)(block));			\
		load;											\
	}												\
	r->seed = seed;											\
}

#define LOAD(p) (*(const volatile uint64_t *)(p))

DEFINE_STEPS(1, r->sum += *(const volatile uint8_t *)p)
DEFINE_STEPS(4, r->sum += *(const volatile uint32_t *)p)
DEFINE_STEPS(8, r->sum += LOAD(p))
DEFINE_STEPS(16, r->sum += LOAD(p) + LOAD(p + 8))
DEFINE_STEPS(32, r->sum += LOAD(p) + LOAD(p + 8) + LOAD(p + 16) + LOAD(p + 24))
DEFINE_STEPS(64, r->sum += LOAD(p) + LOAD(p + 8) + LOAD(p + 16) + LOAD(p + 24) +
	     LOAD(p + 32) + LOAD(p + 40) + LOAD(p + 48) + LOAD(p + 56))

static const struct {
	int block;
	void (*seq)(void *ctx, long steps);
	void (*rand)(void *ctx, long steps);
} kinds[] = {
	{ 1, seq_1, rand_1 }, { 4, seq_4, rand_4 }, { 8, seq_8, rand_8 },
	{ 16, seq_16, rand_16 }, { 32, seq_32, rand_32 }, { 64, seq_64, rand_64 },
};

static void run_case(struct region *r, const char *order, int block, void (*run)(void *ctx, long steps))
{
	char name[48];
	struct bench_case bc = { .bench = "memory", .name = name, .unit = "MB/s", .bytes = block,
				 .ops_per_step = READS_A_STEP, .batch_ns = 1000000, .run = run, .ctx = r };

	snprintf(name, sizeof(name), "%s-%zum-%d", order, r->size >> 20, block);
	bench_run(&bc);
}

static void run_region(size_t megabytes)
{
	struct region r = { .size = megabytes << 20, .seed = 20200316 };
	void *base = mmap(NULL, r.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		bench_fail("%zu MB of memory: %s", megabytes, strerror(errno));
	memset(base, 1, r.size);
	r.base = base;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		run_case(&r, "seq", kinds[i].block, kinds[i].seq);
		run_case(&r, "rand", kinds[i].block, kinds[i].rand);
	}
	munmap(base, r.size);
	if (!r.sum)
		bench_fail("read zeroes from memory that was filled");
}

int main(int argc, char **argv)
{
	bench_begin(argc, argv);
	for (int i = 1; i < argc; i++) {
		size_t megabytes = strtoul(argv[i], NULL, 10);

		if (!megabytes || megabytes & (megabytes - 1) || megabytes > 65536)
			bench_fail("%s is not a power of two of megabytes", argv[i]);
		run_region(megabytes);
	}
	if (argc == 1)
		run_region(64);
	bench_end();
	return 0;
}
