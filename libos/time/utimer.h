/* utimer.h: a timer of a process, on a wall clock or on CPU time, one-shot or periodic.
 *
 * Wall timers are ktimers. CPU timers are ktimers too: CPU time cannot pass faster than vcpu_count() times real
 * time, so each looks again when its clock could have got there at the earliest. */
#pragma once
#include "time/clock.h"
#include "time/cputime.h"

#define UTIMER_PERIOD_MIN 20000UL /* ns from one expiry to the next at least: no storms */

struct utimer {
	struct ktimer ktimer;
	bool on_cpu;             /* clock is cpu, else CLOCK_MONOTONIC */
	struct cpu_clock cpu;
	bool armed;
	nsec_t expires, interval; /* on its clock; interval 0: one-shot */
	/* Disarmed when called; may arm again. Giant lock; must not sleep. */
	void (*expire)(struct utimer *u);
};

void utimer_init(struct utimer *u, void (*expire)(struct utimer *u), const struct cpu_clock *cpu);
nsec_t utimer_now(const struct utimer *u); /* its clock; NSEC_NEVER - 1 if the thread or process is gone */
void utimer_arm(struct utimer *u, nsec_t expires);
void utimer_disarm(struct utimer *u);
/* Moves expires past now by whole intervals (which must not be 0): how many. */
uint64_t utimer_forward(struct utimer *u);
/* Until it expires; 0: disarmed; at least 1 while armed. */
nsec_t utimer_remaining(const struct utimer *u);
