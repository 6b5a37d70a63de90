/*
 * How long it takes to hand one CPU from a thread to another by sched_yield().
 *
 * Case "yield-2": two threads of one process, both bound to one CPU, take turns. A
 * shared word says whose turn it is; a thread without the turn yields. The value is
 * the time of one handoff, so it contains one yield and one switch. The yields are
 * counted: were the threads on two CPUs, a handoff would need no yield or very many,
 * and the program fails rather than call that a context switch.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

enum turn { TURN_MAIN, TURN_PARTNER, TURN_STOP };

static _Atomic int turn;
static long handoffs;
static long main_yields;
static long partner_yields;

static void *partner_main(void *arg)
{
	int now;

	(void)arg;
	while ((now = atomic_load_explicit(&turn, memory_order_acquire)) != TURN_STOP) {
		if (now == TURN_PARTNER) {
			atomic_store_explicit(&turn, TURN_MAIN, memory_order_release);
			continue;
		}
		partner_yields++;
		sched_yield();
	}
	return NULL;
}

static void handoff_steps(void *ctx, long steps)
{
	(void)ctx;
	handoffs += 2 * steps;
	while (steps--) {
		atomic_store_explicit(&turn, TURN_PARTNER, memory_order_release);
		while (atomic_load_explicit(&turn, memory_order_acquire) != TURN_MAIN) {
			main_yields++;
			sched_yield();
		}
	}
}

int main(int argc, char **argv)
{
	struct bench_case bc = { .bench = "ctxswitch", .name = "yield-2", .unit = "ns",
				 .ops_per_step = 2, .batch_ns = 2000000,
				 .run = handoff_steps };
	pthread_t partner;
	double per_handoff;
	int err;

	bench_begin(argc, argv);
	bench_pin();
	err = pthread_create(&partner, NULL, partner_main, NULL);
	if (err)
		bench_fail("pthread_create: %s", strerror(err));
	bench_run(&bc);
	atomic_store(&turn, TURN_STOP);
	pthread_join(partner, NULL);
	per_handoff = (double)(main_yields + partner_yields) / handoffs;
	if (per_handoff < 0.8 || per_handoff > 1.5)
		bench_fail("%.2f yields for one handoff: the threads did not share one CPU",
			   per_handoff);
	bench_end();
	return 0;
}
