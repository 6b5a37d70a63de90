/* loadavg.h: how many threads wanted to run lately. */
#pragma once
#include "base/types.h"

#define LOAD_SHIFT 11 /* fixed point */

/* Over the last 1, 5 and 15 minutes. */
void load_average(uint64_t load[3]);
