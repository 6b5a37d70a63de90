/* cost.h: what happened how often, and what it would have cost on a real processor.
 *
 * Every leaf and the events around it are counted, always, by the thread they happened on; threads
 * that never enter count together. A profile (profiles/, text) gives each event a price in cycles of
 * its processor. Mode off: counts only. account: reports carry the sum of prices. spin: besides, each
 * event takes that much longer, in time of the profile's clock. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SGX_EVENTS(X)                                                                              \
	X(ECREATE) X(EADD) X(EINIT) X(EREMOVE) X(EDBGRD) X(EDBGWR) X(EEXTEND) X(ELD) X(EBLOCK)     \
	X(EPA) X(EWB) X(ETRACK) X(EAUG) X(EMODPR) X(EMODT) X(EREPORT) X(EGETKEY) X(EENTER)         \
	X(ERESUME) X(EEXIT) X(EACCEPT) X(EMODPE) X(EACCEPTCOPY) X(EDECCSSA) X(AEX) X(PAGE_FAULT)   \
	X(SIGNAL) X(IPI) X(EPC_MISS) X(KERNEL_PAGE)

#define SGX_EVENT_ENUM(name) EV_##name,
enum sgx_event { SGX_EVENTS(SGX_EVENT_ENUM) EV_COUNT };
#undef SGX_EVENT_ENUM

struct sgx_counters {
	_Atomic uint64_t n[EV_COUNT]; /* written by one thread, but for sgx_counters_other */
};

enum cost_mode { COST_OFF, COST_ACCOUNT, COST_SPIN };

struct cost_entry {
	uint64_t cycles;
	char confidence[8]; /* high medium low none */
	char source[120];
};

enum cost_check { CHECK_BUILD_PAGE, CHECK_EXCEPTION, CHECK_GROWTH, CHECK_EPC_FAULT, CHECK_COUNT };

struct cost_profile {
	char name[64];
	struct cost_entry clock_mhz;
	struct cost_entry llc_miss; /* LLC_MISS: how much more one costs in the EPC; not an event (host/bed/misses.h) */
	struct cost_entry events[EV_COUNT];
	struct cost_entry checks[CHECK_COUNT]; /* confidence empty: nothing published */
};

#define COST_ERR_SIZE 200

/* NAME is one of ours or a file (with a '/'). -EINVAL and a line in err: no such profile, or an
 * unknown, missing or double constant, by its name. */
int cost_profile_load(const char *name, struct cost_profile *p, char err[COST_ERR_SIZE]);
/* What the profile makes of a published total, in the total's unit. */
uint64_t cost_check_value(const struct cost_profile *p, enum cost_check check);
void cost_profile_print(const struct cost_profile *p, FILE *to);
void cost_use(const struct cost_profile *p, enum cost_mode mode);
/* The check's name in a profile, without "check.". */
const char *cost_check_name(enum cost_check check);
/* All counts so far, and the price of counts by the profile in use. */
void cost_counts(uint64_t n[EV_COUNT]);
uint64_t cost_cycles(const uint64_t n[EV_COUNT]);
/* Counts, per thread and in total, as one JSON object. */
void cost_json(FILE *to);

extern struct sgx_counters sgx_counters_other;
extern _Thread_local struct sgx_counters *sgx_counters_here; /* NULL: other */
extern uint32_t sgx_cost_spin[EV_COUNT];		     /* TSC ticks; 0 unless spinning */

/* Takes the time of an event that is counted already. */
static inline void sgx_spend(enum sgx_event event)
{
	uint64_t start, now;

	if (__builtin_expect(!sgx_cost_spin[event], 1))
		return;
	start = __builtin_ia32_rdtsc();
	do {
		__builtin_ia32_pause();
		now = __builtin_ia32_rdtsc();
	} while (now - start < sgx_cost_spin[event]);
}

/* Usable where accept.c is. */
static inline void sgx_count(struct sgx_counters *c, enum sgx_event event)
{
	atomic_store_explicit(&c->n[event],
			      atomic_load_explicit(&c->n[event], memory_order_relaxed) + 1,
			      memory_order_relaxed);
	sgx_spend(event);
}

/* On the host's side, with the host's FS. */
static inline void sgx_count_here(enum sgx_event event)
{
	struct sgx_counters *c = sgx_counters_here;

	if (c) {
		sgx_count(c, event);
		return;
	}
	atomic_fetch_add_explicit(&sgx_counters_other.n[event], 1, memory_order_relaxed);
	sgx_spend(event);
}
