/*
 * The part all benchmark programs share: the clock, the sampling loop and the
 * sample lines on stdout.
 *
 * A program measures one bench, which has one or more cases. Every sample is one
 * line "bench,case,metric,value,unit". Statistics are made elsewhere (stats.c), so
 * that a program does the same thing on every system it runs on.
 */
#pragma once
#include <stdbool.h>

struct bench_case {
	const char *bench;
	const char *name;
	const char *unit;	/* "ns" or "us" for a latency, "MB/s" for a throughput */
	double bytes;		/* moved by one operation; 0 makes the case a latency */
	double ops_per_step;	/* operations in one step of run(), 0 means 1 */
	long batch_ns;		/* a sample lasts at least this long; 0: one step a sample */
	void (*run)(void *ctx, long steps);
	void *ctx;
};

/* Must be called first. argv[0] has to be a path, because programs spawn themselves by it. */
void bench_begin(int argc, char **argv);

/* True when the command line names no case, or names this one. */
bool bench_wanted(const char *name);

/* Warms up, chooses the batch size, takes the samples and prints them. */
void bench_run(const struct bench_case *bc);

/* Prints one sample that the caller measured. */
void bench_sample(const char *bench, const char *name, const char *metric, double value,
		  const char *unit);

/* Prints the time since bench_begin(); run.sh compares it with its own clock. */
void bench_end(void);

long bench_now_ns(void);

/* Prints a message to stderr and ends the program with status 1. */
_Noreturn void bench_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Binds the calling thread and what it starts from now on to the first CPU it may use. */
void bench_pin(void);
