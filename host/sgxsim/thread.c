/* thread.c: EENTER and ERESUME: the checks of the SDM, then switch.S.
 *
 * A TCS is claimed by compare-and-swap on its busy flag, the last check, and released by switch.S
 * on EEXIT and by aex.c on AEX. Everything switch.S and the signal handler need is put into struct
 * sgx_thread before the switch. */
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../libos/abi/layout.h"
#include "memory.h"
#include "plain.h"
#include "ssa.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF	     0
#define PR_SYS_DISPATCH_ON	     1
#endif

#define HWCAP2_FSGSBASE_BIT 2UL
#define USER_END	    ((1UL << 47) - SGX_PAGE_SIZE)

/* What ERESUME takes from SSA.RFLAGS: CF PF AF ZF SF DF OF NT AC ID. RF would be, but popfq clears
 * it; the bit always set is set. */
#define RESUME_RFLAGS 0x244cd5UL
#define RFLAGS_FIXED  0x202UL

/* valgrind takes steps of RSP for frames, unless it knows that they lead to another stack. (Not the alternate one: it does
 * not look there when it enters a handler, and would take its first step for that to another stack.) */
static void stack_tell(void)
{
	pthread_attr_t attr;
	void *start;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	if (!pthread_attr_getstack(&attr, &start, &size))
		valgrind_stack((uint64_t)start, (uint64_t)start + size);
	pthread_attr_destroy(&attr);
}

/* Of the calling thread, in the enclave. */
static int trap_syscalls(void)
{
	if (!sgx_plain)
		return prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, ELRANGE_SIZE, USER_END - ELRANGE_SIZE, 0) ?
			       -ENOTSUP : 0;
	if (!under_valgrind())
		return plain_trap_syscalls();
	stack_tell();
	/* The last page of ELRANGE never has memory. */
	return plain_registers_exact(PLAIN_START + PLAIN_SIZE - PAGE_SIZE) ? 0 : -EPROTO;
}

int sgx_thread_init(struct sgx_thread **out)
{
	struct sgx_thread *t;
	stack_t stack = {0};
	sigset_t ipi;
	int ret;

	if (!sgx_plain && !(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT))
		return -ENOTSUP;
	ret = gate_install();
	if (!ret)
		ret = aex_install();
	if (ret)
		return ret;
	t = thread_slot_get();
	if (!t)
		return -EAGAIN;
	t->host_fs = fs_read();
	t->pid = getpid();
	t->tid = syscall(SYS_gettid);
	stack.ss_sp = (void *)thread_stack_start(t);
	stack.ss_size = thread_stack_size(t);
	ret = sigaltstack(&stack, NULL) ? -ENOTSUP : trap_syscalls();
	if (ret) {
		sgx_thread_exit(t);
		return ret;
	}
	sigemptyset(&ipi);
	sigaddset(&ipi, sgx_ipi_signal());
	pthread_sigmask(SIG_UNBLOCK, &ipi, NULL);
	sgx_counters_here = &t->counters;
	*out = t;
	return 0;
}

void sgx_thread_exit(struct sgx_thread *t)
{
	stack_t none = {.ss_flags = SS_DISABLE};

	if (!sgx_plain)
		prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
	sigaltstack(&none, NULL);
	sgx_counters_here = NULL;
	thread_slot_put(t);
}

int sgx_interrupt_signal(void)
{
	return SIGRTMIN + 8;
}

int sgx_interrupt(struct sgx_thread *t)
{
	if (atomic_exchange(&t->kick_sent, 1))
		return 0;
	return syscall(SYS_tgkill, t->pid, t->tid, sgx_interrupt_signal()) ? -errno : 0;
}

int sgx_ipi_signal(void)
{
	return SIGRTMIN + 10; /* + 9 is host/ocall's */
}

int sgx_ipi(struct sgx_thread *t)
{
	if (atomic_exchange(&t->ipi_sent, 1))
		return 0;
	return syscall(SYS_tgkill, t->pid, t->tid, sgx_ipi_signal()) ? -errno : 0;
}

static struct sgx_outcome tcs_check(struct sgx_enclave *e, uint64_t addr,
				    struct sgx_tcs_state **out)
{
	const struct sgx_tcs *p;
	uint16_t v;

	if (addr & (SGX_PAGE_SIZE - 1))
		return SGX_GP("TCS not page aligned");
	if (!sgx_in_elrange(e, addr))
		return SGX_PF(addr, "TCS does not resolve in the EPC");
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID) || v & EPCM_BLOCKED)
		return SGX_PF(addr, "TCS page not valid, or blocked");
	if (epcm_type(v) != SGX_PT_TCS || v & (EPCM_PENDING | EPCM_MODIFIED))
		return SGX_PF(addr, "page not a TCS, or not accepted yet");
	*out = sgx_tcs_find(e, addr);
	p = &(*out)->page;
	if ((p->ossa | p->ofsbase | p->ogsbase) & (SGX_PAGE_SIZE - 1)) /* NOLINT: the EPCM has it, so it is there */
		return SGX_GP("TCS.OSSA, OFSBASE or OGSBASE not page aligned");
	if (!(e->secs.attributes.flags & SGX_ATTR_INIT))
		return SGX_GP("enclave not initialised");
	return SGX_OK;
}

/* Claims the TCS; held is e->held from before the checks: what they found must still be so. From here to
 * switch.S nothing may fail. */
static struct sgx_outcome thread_bind(struct sgx_thread *t, struct sgx_enclave *e,
				      struct sgx_tcs_state *tcs, uint64_t frame, uint32_t held)
{
	uint64_t slot = gate_slot(e->secs.base + tcs->page.ogsbase), other;
	uint32_t inactive = TCS_FREE;

	if (!atomic_compare_exchange_strong(&tcs->busy, &inactive, TCS_ENTERING))
		return SGX_GP("TCS active on another processor");
	if (held & 1 || atomic_load(&e->held) != held) {
		atomic_store(&tcs->busy, TCS_FREE);
		return (struct sgx_outcome){SGX_HELD, 0, "held by the driver"};
	}
	other = epc_load(slot);
	if (other && other != (uint64_t)t) {
		atomic_store(&tcs->busy, TCS_FREE);
		return SGX_GP("not modelled: two active TCSs share a place in the gate table");
	}
	t->ofsbase = e->secs.base + tcs->page.ofsbase;
	t->ogsbase = e->secs.base + tcs->page.ogsbase;
	t->tcs_busy = &tcs->busy;
	t->gate_slot = slot;
	t->elrange_base = e->secs.base;
	t->elrange_size = e->secs.size;
	t->ssa = frame;
	t->gpr = frame + e->secs.ssa_frame_size * SGX_PAGE_SIZE - sizeof(struct sgx_gpr);
	t->xfrm = e->secs.attributes.xfrm;
	t->oentry = e->secs.base + tcs->page.oentry;
	t->tcs_linaddr = tcs->linaddr;
	t->enclave = e;
	t->tcs = tcs;
	atomic_store_explicit(&tcs->thread, t, memory_order_release);
	atomic_store_explicit(&tcs->epoch, atomic_load(&e->epoch), memory_order_release);
	atomic_store_explicit(&tcs->busy, TCS_INSIDE, memory_order_release); /* not before it has its epoch, track.h */
	epc_store(slot, (uint64_t)t);
	return SGX_OK;
}

struct sgx_outcome sgx_eenter(struct sgx_thread *t, struct sgx_enclave *e, uint64_t addr,
			      const struct sgx_io *io, int *left)
{
	uint32_t held = atomic_load(&e->held);
	struct sgx_tcs_state *tcs;
	struct sgx_outcome o = tcs_check(e, addr, &tcs);
	uint64_t frame;

	if (o.code)
		return o;
	if (tcs->cssa >= tcs->page.nssa)
		return SGX_GP("TCS.CSSA has reached NSSA");
	frame = ssa_frame(e, tcs, tcs->cssa);
	o = ssa_check(e, frame);
	if (!o.code)
		o = thread_bind(t, e, tcs, frame, held);
	if (o.code)
		return o;
	t->cssa = tcs->cssa;
	t->io = *io;
	sgx_count(&t->counters, EV_EENTER);
	*left = sgx_plain ? plain_switch_enter(t) : switch_enter(t);
	if (*left == LEFT_EEXIT)
		sgx_count(&t->counters, EV_EEXIT);
	return SGX_OK;
}

/* Undoes what sgx_eresume did when switch.S reports that nothing has run. */
static void resume_undo(struct sgx_thread *t)
{
	t->tcs->cssa++;
	epc_store(t->gate_slot, 0);
	atomic_store(&t->tcs->busy, TCS_FREE);
}

static bool canonical(uint64_t addr)
{
	return (uint64_t)((int64_t)(addr << 16) >> 16) == addr;
}

/* AEX-Notify: the enclave wants its handler instead of the interrupted code. */
static bool notify_asked(const struct sgx_enclave *e, const struct sgx_tcs_state *tcs,
			 uint64_t frame)
{
	uint64_t gpr = frame + e->secs.ssa_frame_size * SGX_PAGE_SIZE - sizeof(struct sgx_gpr);
	uint8_t asked = 0;

	if (!(e->secs.attributes.flags & SGX_ATTR_AEXNOTIFY) || !(tcs->page.flags & TCS_AEXNOTIFY))
		return false;
	epc_copy(&asked, (const void *)(gpr + offsetof(struct sgx_gpr, aexnotify)), 1);
	return asked & GPR_AEXNOTIFY; /* NOLINT: set by the line above */
}

struct sgx_outcome sgx_eresume(struct sgx_thread *t, struct sgx_enclave *e, uint64_t addr,
			       int *left)
{
	uint32_t held = atomic_load(&e->held);
	struct sgx_tcs_state *tcs;
	struct sgx_outcome o = tcs_check(e, addr, &tcs);
	uint64_t frame;

	if (o.code)
		return o;
	if (!tcs->cssa)
		return SGX_GP("TCS.CSSA is zero");
	frame = ssa_frame(e, tcs, tcs->cssa - 1);
	o = ssa_check(e, frame);
	if (!o.code)
		o = thread_bind(t, e, tcs, frame, held);
	if (o.code)
		return o;
	if (notify_asked(e, tcs, frame)) {
		atomic_store(&tcs->busy, TCS_FREE);
		epc_store(t->gate_slot, 0);
		return sgx_eenter(t, e, addr, &(const struct sgx_io){0}, left);
	}
	epc_copy(&t->regs, (const void *)t->gpr, sizeof(t->regs));
	t->regs.rflags = (t->regs.rflags & RESUME_RFLAGS) | RFLAGS_FIXED;
	tcs->cssa--;
	if (!canonical(t->regs.fsbase) || !canonical(t->regs.gsbase) || !canonical(t->regs.rip)) {
		resume_undo(t);
		return SGX_GP("SSA.FSBASE, GSBASE or RIP not canonical");
	}
	sgx_count(&t->counters, EV_ERESUME);
	*left = sgx_plain ? plain_switch_resume(t) : switch_resume(t);
	if (*left == LEFT_EEXIT)
		sgx_count(&t->counters, EV_EEXIT);
	if (*left == LEFT_KICKED) {
		/* As the interrupt's AEX right after ERESUME would: no exception is told of. */
		epc_clear((void *)(t->gpr + offsetof(struct sgx_gpr, exitinfo)), sizeof(t->regs.exitinfo));
		resume_undo(t);
		sgx_interrupt_clear(t);
		t->exit = (struct sgx_exit){.interrupt = true};
		*left = LEFT_AEX;
	} else if (*left == LEFT_FAULT) {
		resume_undo(t);
		return SGX_GP("XRSTOR refused the SSA's XSAVE area");
	}
	return SGX_OK;
}
