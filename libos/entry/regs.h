/* regs.h: user registers as saved on the thread's LibOS stack (top of stack). Offsets are asserted in
 * entry/offsets.c. orig_rax is the system call number while one runs, -1 in an exception or interrupt. */
#pragma once
#include "base/types.h"

struct regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t orig_rax;
	uint64_t rip, rflags, rsp;
	uint64_t full; /* nonzero: restore every register on return, not only the syscall ABI's */
};
