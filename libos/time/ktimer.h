/* ktimer.h: the scheduler's side of the timers of clock.h. */
#pragma once
#include "time/clock.h"

extern volatile nsec_t ktimer_deadline; /* the earliest or NSEC_NEVER; readable without the lock */
static inline nsec_t ktimer_next(void)
{
	return ktimer_deadline;
}
static inline bool ktimer_due(void)
{
	nsec_t next = ktimer_deadline;

	return next != NSEC_NEVER && next <= clock_mono();
}
void ktimer_run(void);     /* runs what is due */
