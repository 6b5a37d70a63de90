/* ktimer.h: the scheduler's side of the timers of clock.h. */
#pragma once
#include "time/clock.h"

nsec_t ktimer_next(void);  /* earliest deadline or NSEC_NEVER; readable without the lock */
bool ktimer_due(void);     /* likewise */
void ktimer_run(void);     /* runs what is due */
