/* exception.h: from an AEX to a trap of the thread. */
#pragma once
#include "entry/regs.h"

#define VECTOR_DE 0
#define VECTOR_DB 1
#define VECTOR_BP 3
#define VECTOR_OF 4
#define VECTOR_BR 5
#define VECTOR_UD 6
#define VECTOR_SS 12
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_MF 16
#define VECTOR_AC 17
#define VECTOR_XM 19

/* On the CSSA 1 stack; must not block, allocate or take locks. */
void exception_handle(unsigned ecall, unsigned cssa, uint64_t tcs);
/* On the thread's stack with the user's vector state live. Takes the giant lock; may sleep. */
void trap_handle(struct regs *regs);
/* Emulates cpuid, rdtsc, rdtscp where the enclave forbids them; false if the bytes are something else. */
bool emulate_insn(struct regs *regs, const uint8_t *insn, size_t avail);
