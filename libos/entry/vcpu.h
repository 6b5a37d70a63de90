/* vcpu.h: one virtual CPU: a host thread that entered the enclave once and stays. Lives at GS base.
 * Offsets used by entry.S are asserted in offsets.c. Only its own vCPU writes it, but for the fields of
 * the second group, which need the giant lock, and those marked atomic. */
#pragma once
#include "base/list.h"
#include "base/types.h"

struct thread;

struct vcpu {
	struct vcpu *self;          /* 0 */
	struct thread *running;     /* 8 */
	uint64_t kernel_rsp;        /* 16: top of the current thread's LibOS stack */
	uint64_t user_rsp;          /* 24: scratch of the syscall gate */
	uint64_t return_rip;        /* 32: scratch of the way back to user code */
	uint64_t ocall_rsp;         /* 40: stack while outside in an ocall; 0 otherwise */
	uint64_t host_return;       /* 48: EEXIT target for CSSA 0 */
	uint64_t exc_host_return;   /* 56: EEXIT target for CSSA 1 */
	uint64_t started;           /* 64 */
	uint64_t tcs;               /* 72 */

	/* an exception of user code on its way from the CSSA 1 handler to trap_handle() */
	struct {
		uint32_t vector;    /* TRAP_INTERRUPT for a host interrupt */
		uint32_t error;
		uint64_t addr;
	} trap;
	volatile bool need_resched;
	bool vectors_dead;          /* the running program expects nothing of its vector registers: see thread/fpu.h */
	volatile bool user_mode;    /* set before the lock goes on the way out, cleared on the way in */
	bool fpu_busy;              /* between fpu_begin and fpu_end */
	bool x87_left;              /* the host, or a thread with live registers, may have left x87 registers in use */
	void *fpu_scratch;          /* area for fpu_begin in LibOS threads */

	/* giant lock */
	unsigned index;
	struct list run_queue;
	unsigned run_count;
	bool polling;               /* what wakes threads now is no doing of the running one */
	uint64_t looked_at; /* TSC: when it last looked for timers and the network on the way back to user code */
	unsigned passed_over;       /* ways back to user code while the head of the queue waited */
	struct thread *reap;        /* the thread that ran before died: free it */
	uint64_t idle_rsp;          /* context of the idle loop on the boot stack */
	nsec_t charged_at;          /* thread/account.c: time since then is nobody's yet */
	bool charge_user;           /* that time is user code's, but for so many system calls: */
	uint32_t unsampled;
	uint32_t sample_in;         /* system calls until one is measured */
	nsec_t entered_at;          /* the call being measured began, or a switch in it */
	nsec_t call_ns;             /* what measured calls took lately */
	volatile uint32_t parked;   /* atomic */
	bool tick_set;
	uint64_t shared;            /* host address of this vCPU's slice of the shared area */
	uint64_t fs_base;           /* of the plain image (thread/fpu.h) */
	uint64_t idle_ns, switches;
	nsec_t net_rest_until;      /* does not park on sockets before, while others run */
	nsec_t net_rest;            /* how long the last such rest was */
	unsigned net_short;         /* so often in a row, at most NET_SHORT_SURE, it parked on sockets for less than NET_SHORT */
	uint64_t lock_waited;       /* cycles spent waiting for the giant lock; the rest is of thread/rest.c: */
	uint64_t busy_since, busy;  /* when it last left the idle loop, and cycles of use before, of the time looked at */
	nsec_t rest_until, rest;    /* it does not look for work before; how long that is */
};
#define TRAP_INTERRUPT 256

static inline struct vcpu *this_vcpu(void)
{
	struct vcpu *v;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(v));
	return v;
}
extern struct vcpu *vcpus[];
extern unsigned vcpus_online;
