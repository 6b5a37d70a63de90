/* plain.h: the model on a machine, or under a tool, that lacks what it is made of: FSGSBASE, Syscall User Dispatch, the
 * lowest 2^40 addresses. `occlum run --valgrind-friendly` needs it.
 *
 * The bases of FS and GS are read and written by arch_prctl then, and GS stays the enclave's: no host code uses it.
 * A `syscall` in the enclave is #UD by a seccomp filter. Under valgrind there is none, because it makes the system calls
 * itself: the LibOS leaves no such instruction in the text it loads (libos/loader/rewrite.c). One thread at a time can be
 * in enclaves. switch_plain.S has the switches. General registers only: see accept.c. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../../libos/abi/layout.h"

#define PLAIN_PIECE	 (128UL << 20) /* memcheck talks about operations on larger ranges */

#define PLAIN_ARCH_PRCTL 158
#define PLAIN_SET_GS	 0x1001
#define PLAIN_SET_FS	 0x1002
#define PLAIN_GET_FS	 0x1003
#define PLAIN_GET_GS	 0x1004

/* The image in use is the plain one. Set before the first thread can enter, and not changed. */
extern bool sgx_plain;

static inline uint64_t sgx_gate(void)
{
	return sgx_plain ? PLAIN_ENCLU_GATE : SIM_ENCLU_GATE;
}

static inline long plain_arch_prctl(long what, uint64_t arg)
{
	long ret = PLAIN_ARCH_PRCTL;

	__asm__ volatile("syscall" : "+a"(ret) : "D"(what), "S"(arg) : "rcx", "r11", "memory");
	return ret;
}

static inline uint64_t fs_read(void)
{
	uint64_t v = 0;

	if (sgx_plain)
		plain_arch_prctl(PLAIN_GET_FS, (uint64_t)&v);
	else
		__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

static inline void fs_write(uint64_t v)
{
	if (sgx_plain)
		plain_arch_prctl(PLAIN_SET_FS, v);
	else
		__asm__ volatile("wrfsbase %0" : : "r"(v));
}

static inline uint64_t gs_read(void)
{
	uint64_t v = 0;

	if (sgx_plain)
		plain_arch_prctl(PLAIN_GET_GS, (uint64_t)&v);
	else
		__asm__ volatile("rdgsbase %0" : "=r"(v));
	return v;
}

/* plain.c */
/* A request to valgrind: its answer, or otherwise, where no valgrind is. */
uint64_t valgrind_ask(uint64_t otherwise, uint64_t request, uint64_t a, uint64_t b);
bool under_valgrind(void);
/* Accesses to such enclave memory are no mistakes: its pages come by faults. */
void valgrind_expect_faults(uint64_t addr, uint64_t len);
/* Once: memcheck says nothing of addresses in the LibOS's part, where what lies below a stack pointer is used. */
void valgrind_start(void);
/* Before the process ends: else memcheck says where it was silent, as if that were a mistake. */
void valgrind_end(void);
/* A stack that threads change to; it is never forgotten. */
void valgrind_stack(uint64_t start, uint64_t end);
/* For the calling thread: from now on a `syscall` in ELRANGE raises SIGSYS. 0 or -errno. */
int plain_trap_syscalls(void);
/* Are the registers that a handler of SIGSEGV is given those at the fault? Tried where no memory is, by one thread at a time. */
bool plain_registers_exact(uint64_t nowhere);
/* For that handler: true if the fault was the probe's (switch.h); then it returns at once. gregs: of ucontext. */
bool plain_probe_answer(long long *gregs);
/* plain_fault.c: what valgrind did too early of the instruction at RIP, whose access faulted (REG_CR2, REG_ERR), is undone. */
void plain_fault_undo(long long *gregs);
