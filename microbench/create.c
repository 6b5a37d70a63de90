/*
 * Building and destroying an enclave by its size, and what of it each instruction takes.
 * Usage: create [1m|4m|16m|64m|256m|1g...]
 *
 * The heap is added without being measured, as the Intel SDK does it (total), and measured (total-measured). eadd is
 * ADD_PAGES of the first's heap, eextend what the second's takes longer. total has 24 measured pages and destroying
 * too, but not signing. Runs on the host, see switch.c.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <stdint.h>
#include <stdlib.h>
#include "host/bed/bed.h"

#define BUDGET_NS   1000000000L
#define SAMPLES_MAX 20
#define SAMPLES_MIN 1

static struct bed_times built(uint64_t bytes, bool measured)
{
	struct bed bed;

	if (bed_create(&bed, bytes, measured))
		bench_fail("%s", bed.err);
	bed_destroy(&bed);
	return bed.times;
}

static double total(const struct bed_times *t)
{
	return (double)(t->create_ns + t->base_ns + t->add_ns + t->init_ns + t->destroy_ns) / 1e3;
}

static void sample(const char *name, const struct bed_times *plain, const struct bed_times *measured)
{
	double extend = ((double)measured->add_ns - (double)plain->add_ns) / 1e3;

	bench_sample("create", name, "ecreate", (double)plain->create_ns / 1e3, "us");
	bench_sample("create", name, "eadd", (double)plain->add_ns / 1e3, "us");
	bench_sample("create", name, "eextend", extend > 0 ? extend : 0, "us");
	bench_sample("create", name, "einit", (double)plain->init_ns / 1e3, "us");
	bench_sample("create", name, "destroy", (double)plain->destroy_ns / 1e3, "us");
	bench_sample("create", name, "total", total(plain), "us");
	bench_sample("create", name, "total-measured", total(measured), "us");
}

static void size_run(const char *name, uint64_t bytes)
{
	struct bed_times plain, measured;
	long deadline;

	built(bytes < 16 << 20 ? bytes : 16 << 20, true); /* warm, and there is a key to sign with */
	deadline = bench_now_ns() + BUDGET_NS;
	for (int i = 0; i < SAMPLES_MAX && (i < SAMPLES_MIN || bench_now_ns() < deadline); i++) {
		plain = built(bytes, false);
		measured = built(bytes, true);
		sample(name, &plain, &measured);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} sizes[] = { { "1m", 1 << 20 }, { "4m", 4 << 20 }, { "16m", 16 << 20 }, { "64m", 64 << 20 },
		      { "256m", 256 << 20 }, { "1g", 1 << 30 } };

	bench_begin(argc, argv);
	for (int i = 0; i < 6; i++)
		if (bench_wanted(sizes[i].name))
			size_run(sizes[i].name, sizes[i].bytes);
	bench_end();
	return 0;
}
