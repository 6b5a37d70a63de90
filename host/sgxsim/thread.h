/* thread.h: a host thread that can execute in an enclave: EENTER, ERESUME, AEX.
 *
 * Each has a slot of 64 KiB in one arena: a page of generated code, its alternate signal stack, and
 * struct sgx_thread at the top. The arena is contiguous, so the signal handler finds its thread
 * from the stack pointer alone; FS and GS may be the enclave's. Only the owning host thread uses
 * it, apart from kick_sent. */
#pragma once
#include "cost.h"
#include "sgxsim.h"
#include "switch.h"

#define SGX_THREAD_MAX 256

/* rdi, rsi, rdx, r8, r9 at EENTER and EEXIT. */
struct sgx_io {
	uint64_t rdi, rsi, rdx, r8, r9;
};

/* Why the last AEX happened: what an OS sees, so addr has its low 12 bits clear. */
struct sgx_exit {
	bool interrupt;
	uint8_t vector;
	uint32_t error_code;
	uint64_t addr;
};

struct sgx_thread {
	uint64_t host_rsp;
	uint64_t host_fs;
	uint64_t host_gs; /* plain image: what it is now, the host having no use for it */
	uint32_t mode;	       /* MODE_* */
	_Atomic uint32_t kick; /* an interrupt came when no AEX was possible; taken at ERESUME */
	uint64_t ofsbase;
	uint64_t ogsbase;
	_Atomic uint32_t *tcs_busy;
	uint64_t gate_slot;
	uint64_t elrange_base;
	uint64_t elrange_size;
	uint64_t ssa; /* current frame, in the enclave */
	uint64_t gpr; /* the GPRs in it */
	uint64_t xfrm;
	uint64_t oentry;
	uint64_t tcs_linaddr;
	uint64_t cssa;
	struct sgx_io io;
	uint32_t mxcsr;
	uint16_t fcw;
	int64_t result; /* of a leaf: not 0 success, 0 error code */
	uint64_t thunk;
	struct sgx_gpr regs;
	/* from here on unknown to switch.S */
	struct sgx_enclave *enclave;
	struct sgx_tcs_state *tcs;
	struct sgx_outcome fault; /* of the leaf that gate_fault reports */
	struct sgx_exit exit;
	int pid, tid;
	_Atomic uint32_t
		kick_sent; /* signals are not sent twice: they would pile up on the stack */
	_Atomic uint32_t ipi_sent;
	_Atomic uint32_t wanted; /* an interrupt came since the last look, not only an IPI */
	struct sgx_counters counters;
	uint8_t xsave[4096] __attribute__((aligned(4096)));
};

SGX_ASSERT_AT(sgx_thread, host_rsp, T_HOST_RSP);
SGX_ASSERT_AT(sgx_thread, host_fs, T_HOST_FS);
SGX_ASSERT_AT(sgx_thread, host_gs, T_HOST_GS);
SGX_ASSERT_AT(sgx_thread, mode, T_MODE);
SGX_ASSERT_AT(sgx_thread, kick, T_KICK);
SGX_ASSERT_AT(sgx_thread, ofsbase, T_OFSBASE);
SGX_ASSERT_AT(sgx_thread, ogsbase, T_OGSBASE);
SGX_ASSERT_AT(sgx_thread, tcs_busy, T_TCS_BUSY);
SGX_ASSERT_AT(sgx_thread, gate_slot, T_GATE_SLOT);
SGX_ASSERT_AT(sgx_thread, elrange_base, T_ELRANGE_BASE);
SGX_ASSERT_AT(sgx_thread, elrange_size, T_ELRANGE_SIZE);
SGX_ASSERT_AT(sgx_thread, ssa, T_SSA);
SGX_ASSERT_AT(sgx_thread, gpr, T_GPR);
SGX_ASSERT_AT(sgx_thread, xfrm, T_XFRM);
SGX_ASSERT_AT(sgx_thread, oentry, T_OENTRY);
SGX_ASSERT_AT(sgx_thread, tcs_linaddr, T_TCS);
SGX_ASSERT_AT(sgx_thread, cssa, T_CSSA);
SGX_ASSERT_AT(sgx_thread, io, T_IO);
SGX_ASSERT_AT(sgx_thread, mxcsr, T_MXCSR);
SGX_ASSERT_AT(sgx_thread, fcw, T_FCW);
SGX_ASSERT_AT(sgx_thread, result, T_RESULT);
SGX_ASSERT_AT(sgx_thread, thunk, T_THUNK);
SGX_ASSERT_AT(sgx_thread, regs, T_REGS);
SGX_ASSERT_AT(sgx_thread, xsave, T_XSAVE);
SGX_ASSERT_SIZE(sgx_thread, 8192);

/* Makes the calling host thread able to enter; at most one such object per host thread. -ENOTSUP:
 * no FSGSBASE or no Syscall User Dispatch; -EAGAIN: more than SGX_THREAD_MAX; -EPROTO: valgrind is not told to keep
 * registers exact. */
int sgx_thread_init(struct sgx_thread **out);
void sgx_thread_exit(struct sgx_thread *t);

/* Execute until the enclave is left. On code 0, *left is LEFT_EEXIT (t->io has the registers) or
 * LEFT_AEX (t->exit says why). */
struct sgx_outcome sgx_eenter(struct sgx_thread *t, struct sgx_enclave *e, uint64_t tcs,
			      const struct sgx_io *io, int *left);
struct sgx_outcome sgx_eresume(struct sgx_thread *t, struct sgx_enclave *e, uint64_t tcs,
			       int *left);

/* The interrupt: a signal, sent once until it is taken. From any thread. */
int sgx_interrupt_signal(void);
int sgx_interrupt(struct sgx_thread *t);
/* An IPI of the driver's: an AEX like that of an interrupt, but t->wanted stays. */
int sgx_ipi_signal(void);
int sgx_ipi(struct sgx_thread *t);
/* Forgets an interrupt that came while no AEX was possible. */
static inline void sgx_interrupt_clear(struct sgx_thread *t)
{
	atomic_store(&t->kick, 0);
}
/* Nor was one wanted. Mostly there is none, and an atomic write is dear. */
static inline void sgx_interrupt_forget(struct sgx_thread *t)
{
	if (atomic_load(&t->kick))
		atomic_store(&t->kick, 0);
	if (atomic_load(&t->wanted))
		atomic_store(&t->wanted, 0);
}

/* aex.c */
/* The enclave's ENCLU is the instruction, which traps. Set before the first thread enters. */
extern bool sgx_enclu_traps;
int aex_install(void);
/* arena.c: the thread whose alternate stack sp points into, or NULL. */
struct sgx_thread *thread_of_stack(uint64_t sp);
/* The thread of slot index, used or not; NULL: there was none yet. */
struct sgx_thread *thread_at(int index);
struct sgx_thread *thread_slot_get(void);
/* Else the first thread makes it. callgrind wants alternate stacks below the threads' own, which valgrind gives upwards. */
int thread_arena_make(void);
void thread_slot_put(struct sgx_thread *t);
uint64_t thread_stack_start(const struct sgx_thread *t);
uint64_t thread_stack_size(const struct sgx_thread *t);
/* The place in the gate's table for this OGSBASE. */
uint64_t gate_slot(uint64_t ogsbase);
int gate_install(void);
