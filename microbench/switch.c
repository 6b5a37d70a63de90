/*
 * Into a small enclave and back (EENTER, EEXIT), by the vDSO's function: with nothing, and with a buffer of 1 KiB
 * that the enclave copies in, out, or both, as an SDK's [in] and [out] parameters.
 * Usage: switch [empty|in|out|inout...]
 *
 * Runs on the host: it measures the model of SGX, not a system that programs run on. With OCCLUM_SGX_COST=spin:icx
 * each switch takes what it is thought to take on an Ice Lake Xeon.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <stdint.h>
#include "host/bed/bed.h"

#define BUFFER 1024	/* long[128] in the Occlum team's benchmark */

static struct bed bed;
static char buffer[BUFFER];

struct direction {
	const char *name;
	uint64_t command;
};

static void calls(void *ctx, long steps)
{
	const struct direction *d = ctx;

	while (steps--)
		if (bed_call(&bed, d->command, (uint64_t)buffer, sizeof(buffer), 0))
			bench_fail("%s", bed.err);
}

int main(int argc, char **argv)
{
	static const struct direction directions[] = {
		{ "empty", BED_EMPTY }, { "in", BED_IN }, { "out", BED_OUT }, { "inout", BED_INOUT },
	};

	bench_begin(argc, argv);
	if (bed_create(&bed, 0, false))
		bench_fail("%s", bed.err);
	for (int i = 0; i < 4; i++) {
		if (!bench_wanted(directions[i].name))
			continue;
		bench_run(&(struct bench_case){ .bench = "switch", .name = directions[i].name, .unit = "ns",
			.batch_ns = 2000000, .run = calls, .ctx = (void *)&directions[i] });
	}
	bed_destroy(&bed);
	bench_end();
	return 0;
}
