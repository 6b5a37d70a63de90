/*
 * The sampling loop. A case is first run in growing batches until one batch lasts
 * batch_ns twice in a row (this is the warm-up too), then batches of that size are the samples.
 * Twice, as the first steps may wait for something else: the other process, which still starts.
 *
 * Sampling stops after SAMPLES_ENOUGH samples, but not before SAMPLE_LEAST_NS, as a moment says
 * little; after SAMPLES_MAX; or after SAMPLE_BUDGET_NS, so that a slow system gives fewer samples and
 * not a longer run. Samples are kept in memory and printed after the last one: printing is not measured.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAMPLES_MAX 1000
#define SAMPLES_ENOUGH 40
#define SAMPLES_MIN 3
#define SAMPLE_LEAST_NS 100000000L
#define SAMPLE_BUDGET_NS 300000000L
#define WARMUP_STEPS 5
#define WARMUP_LEAST_NS 10000000L
#define WARMUP_BUDGET_NS 500000000L

static char **wanted;
static int nr_wanted;
static long begin_ns;

long bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

void bench_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void bench_begin(int argc, char **argv)
{
	if (argc < 1 || !strchr(argv[0], '/'))
		bench_fail("start this program by a path");
	wanted = argv + 1;
	nr_wanted = argc - 1;
	begin_ns = bench_now_ns();
}

bool bench_wanted(const char *name)
{
	for (int i = 0; i < nr_wanted; i++)
		if (!strcmp(wanted[i], name))
			return true;
	return nr_wanted == 0;
}

void bench_sample(const char *bench, const char *name, const char *metric, double value,
		  const char *unit)
{
	printf("%s,%s,%s,%.6g,%s\n", bench, name, metric, value, unit);
}

void bench_end(void)
{
	printf("# elapsed_s %.6f\n", (bench_now_ns() - begin_ns) / 1e9);
}

void bench_pin(void)
{
	cpu_set_t set;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		bench_fail("sched_getaffinity: %s", strerror(errno));
	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_fail("sched_setaffinity to CPU %d: %s", cpu, strerror(errno));
}

static long time_steps(const struct bench_case *bc, long steps)
{
	long start = bench_now_ns();

	bc->run(bc->ctx, steps);
	return bench_now_ns() - start;
}

/* Goes on for `enough` times and `least_ns`, but for `most_ns` or `most` times only. */
static bool goes_on(int n, int enough, int most, long begin, long least_ns, long most_ns)
{
	long ns = bench_now_ns() - begin;

	return n < most && ns < most_ns && (n < enough || ns < least_ns);
}

/* At least one step; where one takes long, not more. */
static void warm_up(const struct bench_case *bc)
{
	long begin = bench_now_ns();

	for (int n = 0; !n || goes_on(n, WARMUP_STEPS, SAMPLES_MAX, begin, WARMUP_LEAST_NS, WARMUP_BUDGET_NS); n++)
		time_steps(bc, 1);
}

static long choose_batch(const struct bench_case *bc)
{
	long steps = 1;

	if (!bc->batch_ns) {
		warm_up(bc);
		return 1;
	}
	for (;;) {
		long ns = time_steps(bc, steps);

		if (ns >= bc->batch_ns)
			ns = time_steps(bc, steps);
		if (ns >= bc->batch_ns)
			return steps;
		steps = ns < bc->batch_ns / 8 ? steps * 4 : steps * bc->batch_ns / ns + 1;
	}
}

static double case_value(const struct bench_case *bc, long ns, long steps)
{
	double ops = steps * (bc->ops_per_step ? bc->ops_per_step : 1);

	if (bc->bytes)
		return bc->bytes * ops * 1e3 / ns;
	return ns / ops / (strcmp(bc->unit, "us") ? 1 : 1e3);
}

void bench_run(const struct bench_case *bc)
{
	const char *metric = bc->bytes ? "throughput" : "latency";
	long steps = choose_batch(bc);
	long begin = bench_now_ns();
	double values[SAMPLES_MAX];
	int n;

	for (n = 0; n < SAMPLES_MIN ||
		    goes_on(n, SAMPLES_ENOUGH, SAMPLES_MAX, begin, SAMPLE_LEAST_NS, SAMPLE_BUDGET_NS); n++)
		values[n] = case_value(bc, time_steps(bc, steps), steps);
	for (int i = 0; i < n; i++)
		bench_sample(bc->bench, bc->name, metric, values[i], bc->unit);
	fflush(stdout);
}
