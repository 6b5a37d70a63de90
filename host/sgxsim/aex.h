/* aex.h: the part of an asynchronous exit that the signal handler and the gate share. */
#pragma once
#include "thread.h"

struct aex_event {
	uint8_t vector;
	bool interrupt;
	uint32_t error_code;
	uint64_t addr;
};

/* Writes regs (URSP, URBP apart) and EXITINFO into the current SSA frame, and ends the thread's
 * stay in the enclave: CSSA + 1, TCS inactive. Vector state is the caller's; mode must be MODE_AEX.
 */
void aex_save(struct sgx_thread *t, const struct sgx_gpr *regs, const struct aex_event *event);
