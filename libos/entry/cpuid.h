/* cpuid.h: CPU identification for programs. The instruction is illegal in an enclave, and a trap to the hypervisor
 * in virtual machines (microseconds each; a glibc program executes dozens at its start). */
#pragma once
#include "base/types.h"

struct cpuid_result {
	uint32_t eax, ebx, ecx, edx;
};

/* Needs no lock; callable from the gate. */
void cpuid_get(uint32_t leaf, uint32_t subleaf, struct cpuid_result *out);
