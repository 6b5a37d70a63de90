/* sys_time.h: what timers need to know about clock numbers. */
#pragma once
#include "base/types.h"

/* A clock that timers can wait on and that runs with CLOCK_MONOTONIC; *realtime: absolute times on it are
 * CLOCK_REALTIME's. -EINVAL for others (CPU time, coarse, raw). */
int clock_to_mono(int clock, bool *realtime) must_check;
