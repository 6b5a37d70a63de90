/* calibrate.h: how the TSC becomes time; also what the vDSO's data page holds. */
#pragma once
#include "base/types.h"

/* mono = mono_base + ((tsc - tsc_base) * mult >> 32); real = mono + real_offset. mult 0: no TSC clock. */
struct clock_params {
	uint64_t tsc_base, mult;
	nsec_t mono_base, real_offset, start;
};
extern struct clock_params clock_params;
void clock_init(uint64_t tsc_hz, uint64_t tsc_base, nsec_t mono_base, nsec_t real_base);
