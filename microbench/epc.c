/*
 * Paging between the EPC and memory: a working set against an EPC of 32 MB, one word of each page read in order and
 * at random. Usage: epc [8m|16m|32m|64m|128m...]
 *
 * The value is the time of one access; faults is how many of 1000 accesses had to bring a page in. OCCLUM_SGX_EPC
 * gives another EPC. Runs on the host, see switch.c; pages are really sealed and opened again.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "host/bed/bed.h"
#include "host/sgxsim/cost.h"

#define RANDOM_A_STEP 64

static struct bed bed;
static uint64_t pages;
static double accesses;

static void touch(uint64_t command, uint64_t count)
{
	if (bed_call(&bed, command, bed.heap, pages, count))
		bench_fail("%s", bed.err);
	accesses += (double)(command == BED_TOUCH ? pages : count);
}

static void in_order(void *ctx, long steps)
{
	(void)ctx;
	while (steps--)
		touch(BED_TOUCH, 0);
}

static void at_random(void *ctx, long steps)
{
	(void)ctx;
	touch(BED_RANDOM, (uint64_t)steps * RANDOM_A_STEP);
}

static uint64_t misses(void)
{
	uint64_t n[EV_COUNT];

	cost_counts(n);
	return n[EV_EPC_MISS];
}

static void pattern_run(const char *pattern, const char *size, void (*run)(void *, long), double ops)
{
	uint64_t before = misses();
	char name[32];

	snprintf(name, sizeof(name), "%s-%s", pattern, size);
	accesses = 0;
	bench_run(&(struct bench_case){ .bench = "epc", .name = name, .unit = "ns", .ops_per_step = ops,
					.batch_ns = 2000000, .run = run });
	bench_sample("epc", name, "faults", 1000 * (double)(misses() - before) / accesses, "1/1000");
}

static void size_run(const char *name, uint64_t bytes)
{
	pages = bytes / 4096;
	if (bed_create(&bed, bytes, false))
		bench_fail("%s", bed.err);
	touch(BED_WRITE, 0);
	pattern_run("seq", name, in_order, (double)pages);
	pattern_run("rand", name, at_random, RANDOM_A_STEP);
	bed_destroy(&bed);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} sizes[] = { { "8m", 8 << 20 }, { "16m", 16 << 20 }, { "32m", 32 << 20 }, { "64m", 64 << 20 },
		      { "128m", 128 << 20 } };

	setenv("OCCLUM_SGX_EPC", "32M", 0);
	bench_begin(argc, argv);
	for (int i = 0; i < 5; i++)
		if (bench_wanted(sizes[i].name))
			size_run(sizes[i].name, sizes[i].bytes);
	bench_end();
	return 0;
}
