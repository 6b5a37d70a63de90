/*
 * The system call fuzzer: what its parts share.
 *
 * main.c supervises rounds of workers; a worker (worker.c) makes random calls in a few threads; what
 * it calls and with which values comes from grammar.c (the LibOS's own table, refined) and values.c.
 * Everything a worker does follows from its seed, but for the timing of threads and signals.
 *
 * A fuzz thread runs without libc between its calls: the thread pointer, the heap, the stdio
 * descriptors may be what the last call has made of them.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct rng {
	uint64_t state;
};

/* xorshift64*, after its seed was mixed: near seeds give unlike streams. */
static inline uint64_t rnd(struct rng *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1dUL;
}

static inline unsigned below(struct rng *r, unsigned n)
{
	return (unsigned)(rnd(r) >> 33) % n;
}

static inline bool percent(struct rng *r, unsigned p)
{
	return below(r, 100) < p;
}

static inline struct rng rng_from(uint64_t seed)
{
	struct rng r = { (seed + 1) * 0x9e3779b97f4a7c15UL };

	rnd(&r);
	rnd(&r);
	return r;
}

/* grammar.c */
struct call {
	uint16_t nr;
	const char *name;
	const char *args; /* one letter per argument, see values.c */
	uint8_t weight;
};
extern const struct call *call_pick(struct rng *r);
extern void grammar_init(const char *only);
/* A constant that argument `arg` of this call may have, or a set of flags. False: nothing is known. */
extern bool grammar_constant(struct rng *r, unsigned nr, unsigned arg, uint64_t *v);

/* values.c: where the values of a worker come from. Shared by its threads without locks. */
#define POOL 64
extern void values_init(uint64_t seed);
extern uint64_t value_of(struct rng *r, const struct call *c, unsigned arg);
/* Learns from a result: descriptors, ids, addresses. */
extern void value_returned(struct rng *r, const struct call *c, long result);
/* The i-th name that a worker may use, NULL after the last. */
extern const char *value_path(unsigned i);
extern char *clone_stack(struct rng *r);

/* worker.c */
struct worker_options {
	uint64_t seed;
	unsigned calls; /* per thread */
	int threads;	/* 0: as the seed says */
	int supervisor; /* pid that nobody may touch */
};
extern int worker_run(const struct worker_options *o);
extern int supervisor_pid;

static inline long raw_call(long nr, const uint64_t a[6])
{
	register uint64_t r10 __asm__("r10") = a[3];
	register uint64_t r8 __asm__("r8") = a[4];
	register uint64_t r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
