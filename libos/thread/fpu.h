/* fpu.h: vector and x87 state. While a user thread runs in the LibOS its state stays in the registers:
 * LibOS code is built without them. It is saved at thread switches, host calls and around crypto.
 *
 * A program that comes in through syscall_gate_dead expects nothing of its vector registers but the control words
 * (MXCSR, x87), by the psABI; then a switch or a host call keeps only those. What is left in the vector registers for it
 * is whatever the thread before, or the host, had there; its x87 registers are empty. */
#pragma once
#include "base/types.h"
#include "entry/vcpu.h"

struct thread;

void fpu_setup(uint64_t xfrm);
void fpu_load(const void *area);
void fpu_load_init(void);
/* Nothing of what vector and x87 registers held can be read from them afterwards: before the host gets them. */
void fpu_hide(void);
/* Between threads: whatever must be kept of the current thread's state, and back. */
void fpu_switch_out(struct thread *t);
void fpu_switch_in(struct thread *t);
/* An XSAVE area with the initial state but for these control words. */
void fpu_area_control(void *area, uint16_t x87, uint32_t mxcsr);

/* The register FS base. A unit test's thread keeps libc's; the instructions are none that valgrind knows. The plain image
 * does without them: nothing but we changes it there, by the one system call that may be made inside. */
static inline uint64_t fs_base_read(void)
{
#ifdef UNIT
	return 0;
#elif defined(LIBOS_PLAIN)
	return this_vcpu()->fs_base;
#else
	return __builtin_ia32_rdfsbase64();
#endif
}

static inline void fs_base_write(uint64_t v)
{
#ifdef UNIT
	(void)v;
#elif defined(LIBOS_PLAIN)
	long nr = 158 /* arch_prctl */, set_fs = 0x1002;

	this_vcpu()->fs_base = v;
	__asm__ volatile("syscall" : "+a"(nr) : "D"(set_fs), "S"(v) : "rcx", "r11", "memory");
#else
	__builtin_ia32_wrfsbase64(v);
#endif
}
