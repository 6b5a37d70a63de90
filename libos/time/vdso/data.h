/* data.h: the page before the vDSO's ELF header, written once by time/vdso.c, read by vdso/vdso.c. */
#pragma once
#include "time/calibrate.h"

struct vdso_data {
	struct clock_params clock; /* mult 0: no TSC clock, ask the LibOS */
	uint64_t gate;             /* syscall_gate: where system calls enter */
};
