/* clock.h: what time it is. From the TSC with the host's calibration; never goes backwards. NOLOCK. */
#pragma once
#include "base/types.h"

nsec_t clock_mono(void);
nsec_t clock_real(void);  /* since the epoch */
nsec_t clock_boot(void);  /* CLOCK_BOOTTIME, which uptime and start times are on: the host's, as it does not sleep for us */
nsec_t clock_running(void); /* since the LibOS started */
/* Timers on CLOCK_MONOTONIC: callbacks run under the giant lock in some vCPU's context; must not sleep. */
#include "base/tree.h"
struct ktimer {
	struct tree_node node;
	nsec_t deadline;
	void (*fn)(struct ktimer *t);
	bool armed;
};
void ktimer_init(struct ktimer *t, void (*fn)(struct ktimer *t));
void ktimer_arm(struct ktimer *t, nsec_t deadline); /* re-arms if armed */
bool ktimer_cancel(struct ktimer *t);               /* true if it was armed */
