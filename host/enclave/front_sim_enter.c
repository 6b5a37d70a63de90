/* front_sim_enter.c: __vdso_sgx_enter_enclave of the model, and what the kernel does on the way: an
 * exception in the enclave comes back to the caller with function ERESUME, unless the driver has an
 * answer to a page fault (a page that was written out, or one that a mapping promises); an interrupt
 * goes on with ERESUME after its signal has been handled.
 *
 * The thread is the calling host thread's, the enclave the one that has the TCS. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sgxsim/cost.h"
#include "../sgxsim/memory.h"
#include "../sgxsim/thread.h"
#include "front_sim.h"

#define PFEC_WRITE  0x2
#define PFEC_USER   0x4
#define PFEC_FETCH  0x10
#define RETRIES_MAX 100

struct sim_thread {
	struct front_thread base;
	struct sgx_thread *sgx;
	uint64_t retried; /* the page of the last fault that was found in order */
	unsigned int retries;
};

static _Thread_local struct sim_thread *thread_here;

static void thread_why(struct sgx_file *f, int err)
{
	const char *why = strerror(-err);

	if (err == -ENOTSUP)
		why = "the kernel offers no FSGSBASE instructions or no Syscall User Dispatch (Linux 5.11 or newer is "
		      "needed); --valgrind-friendly does without both";
	else if (err == -EPROTO)
		why = "valgrind loses registers at page faults: give it "
		      "--px-default=allregs-at-mem-access --px-file-backed=allregs-at-mem-access "
		      "--vex-guest-chase=no";
	snprintf(f->why, sizeof(f->why), "cannot prepare a vCPU thread: %s", why);
}

int sim_thread_init(struct sgx_file *f, front_interrupted_t fn, void *arg, struct front_thread **out)
{
	struct sim_thread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return -ENOMEM;
	ret = sgx_thread_init(&t->sgx);
	if (ret) {
		thread_why(f, ret);
		free(t);
		return ret;
	}
	t->base = (struct front_thread){f, fn, arg};
	thread_here = t;
	*out = &t->base;
	return 0;
}

void sim_thread_exit(struct front_thread *thread)
{
	struct sim_thread *t = (struct sim_thread *)thread;

	thread_here = NULL;
	sgx_thread_exit(t->sgx);
	free(t);
}

int sim_interrupt(struct front_thread *thread)
{
	return sgx_interrupt(((struct sim_thread *)thread)->sgx);
}

static struct sim_file *file_of(uint64_t tcs)
{
	struct sim_file *f = atomic_load(&sim_files);

	while (f && !(f->enclave && sgx_in_elrange(f->enclave, tcs)))
		f = atomic_load(&f->next);
	return f;
}

/* Waits while the driver works, and brings in TCS and SSA pages that are not in the EPC. */
static struct sgx_outcome enclu(struct sim_thread *t, struct sim_file *f, uint64_t tcs, unsigned int function,
				const struct sgx_io *in, int *left)
{
	struct sgx_outcome o;

	for (;;) {
		o = function == ENCLU_EENTER ? sgx_eenter(t->sgx, f->enclave, tcs, in, left)
					     : sgx_eresume(t->sgx, f->enclave, tcs, left);
		if (o.code == SGX_HELD)
			driver_wait(f->enclave);
		else if (o.code != -VECTOR_PF || !driver_fault(f->enclave, o.addr))
			return o;
	}
}

static unsigned int access_of(uint32_t error_code)
{
	if (error_code & PFEC_FETCH)
		return EPCM_X;
	return error_code & PFEC_WRITE ? EPCM_W : EPCM_R;
}

/* Is a page fault over by now? Either the driver has just brought the page, or another thread did
 * meanwhile. A leaf may refuse an operand for more than its error code tells: so not for ever. */
static bool fault_over(struct sim_thread *t, struct sim_file *f)
{
	const struct sgx_exit *exit = &t->sgx->exit;
	unsigned int access = access_of(exit->error_code);

	if (exit->vector != VECTOR_PF || !sgx_in_elrange(f->enclave, exit->addr))
		return false;
	if (!(exit->error_code & PFEC_SGX) && sim_fault_augment(f, exit->addr, access))
		return true;
	if (!driver_limited(f->enclave))
		return false;
	if (driver_fault(f->enclave, exit->addr)) {
		t->retries = 0;
		return true;
	}
	if (access & ~epcm_effective(epcm_load(&f->enclave->epcm, exit->addr)))
		return false;
	t->retries = t->retried == exit->addr ? t->retries + 1 : 0;
	t->retried = exit->addr;
	return t->retries < RETRIES_MAX;
}

/* The end of the SSA is reached: say what the innermost exception was. */
static void nesting_why(struct sim_thread *t, char why[FRONT_WHY_SIZE])
{
	const struct sgx_exit *exit = &t->sgx->exit;
	struct sgx_gpr gpr = {0};

	epc_copy(&gpr, (const void *)t->sgx->gpr, sizeof(gpr));
	snprintf(why, FRONT_WHY_SIZE,
		 "exceptions nested too deep; the last: vector %d, error code 0x%x, page 0x%lx, rip 0x%lx, rsp 0x%lx",
		 exit->vector, exit->error_code, exit->addr, gpr.rip, gpr.rsp);
}

static void exception(struct sgx_enclave_run *run, unsigned int function, unsigned int vector, uint32_t error_code,
		      uint64_t addr)
{
	run->function = function;
	run->exception_vector = vector;
	run->exception_error_code = error_code;
	run->exception_addr = addr;
}

/* EENTER or ERESUME was not possible. That of ERESUME would look like an exception inside. */
static int refused(struct sim_thread *t, struct sim_file *f, struct sgx_enclave_run *run, unsigned int function,
		   const struct sgx_outcome *o)
{
	const struct sgx_tcs_state *tcs = sgx_tcs_find(f->enclave, run->tcs);

	if (tcs && tcs->cssa && tcs->cssa >= tcs->page.nssa)
		nesting_why(t, f->base.why);
	else
		sim_why(f->base.why, function == ENCLU_EENTER ? "EENTER" : "ERESUME", run->tcs, o);
	exception(run, function, -o->code, o->code == -VECTOR_PF ? PFEC_USER : 0, o->addr & ~(SGX_PAGE_SIZE - 1));
	return function == ENCLU_EENTER ? 0 : -EFAULT;
}

/* One exit of the enclave: 0 when it is the caller's to handle, else the leaf to go on with. */
static unsigned int exit_handle(struct sim_thread *t, struct sim_file *f, struct sgx_enclave_run *run,
				struct front_regs *out, int left)
{
	const struct sgx_exit *exit = &t->sgx->exit;
	const struct sgx_io *io = &t->sgx->io;

	if (left == LEFT_EEXIT) {
		*out = (struct front_regs){io->rdi, io->rsi, io->rdx, io->r8, io->r9};
		run->function = ENCLU_EEXIT;
		return 0;
	}
	if (exit->interrupt) {
		if (!atomic_exchange(&t->sgx->wanted, 0) || !t->base.interrupted(t->base.arg, out))
			return ENCLU_ERESUME;
		run->function = ENCLU_EEXIT;
		return 0;
	}
	sgx_count_here(exit->vector == VECTOR_PF ? EV_PAGE_FAULT : EV_SIGNAL);
	if (fault_over(t, f))
		return ENCLU_ERESUME;
	t->retries = 0;
	exception(run, ENCLU_ERESUME, exit->vector, exit->error_code, exit->addr);
	return 0;
}

static bool reserved_zero(const struct sgx_enclave_run *run)
{
	uint64_t any = 0, v;

	for (size_t i = 0; i < sizeof(run->reserved); i += sizeof(v)) {
		memcpy(&v, run->reserved + i, sizeof(v));
		any |= v;
	}
	return !any;
}

/* An interrupt taken in host code is over; one during the handling of an exception is not. */
static void old_interrupt_forget(struct sim_thread *t, struct sim_file *f, const struct sgx_enclave_run *run)
{
	const struct sgx_tcs_state *tcs = sgx_tcs_find(f->enclave, run->tcs);

	if (tcs && tcs->cssa)
		return;
	sgx_interrupt_forget(t->sgx);
}

static int run_once(struct sim_thread *t, struct sim_file *f, struct sgx_enclave_run *run, unsigned int function,
		    struct front_regs *regs)
{
	struct sgx_io in = {regs->rdi, regs->rsi, regs->rdx, regs->r8, regs->r9};
	struct sgx_outcome o;
	int left;

	if (function == ENCLU_EENTER)
		old_interrupt_forget(t, f, run);
	do {
		o = enclu(t, f, run->tcs, function, &in, &left);
		if (o.code)
			return refused(t, f, run, function, &o);
		function = exit_handle(t, f, run, regs, left);
	} while (function);
	return 0;
}

int sim_enter(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function, unsigned long r8,
	      unsigned long r9, struct sgx_enclave_run *run)
{
	struct front_regs regs = {rdi, rsi, rdx, r8, r9};
	struct sim_thread *t = thread_here;
	struct sim_file *f = file_of(run->tcs);
	int ret;

	for (;;) {
		if ((function != ENCLU_EENTER && function != ENCLU_ERESUME) || !reserved_zero(run))
			return -EINVAL;
		ret = 0;
		if (!t || !f) /* no TCS there */
			exception(run, function, VECTOR_PF, PFEC_USER, run->tcs);
		else
			ret = run_once(t, f, run, function, &regs);
		if (ret || !run->user_handler)
			return ret;
		ret = ((sgx_enclave_user_handler_t)run->user_handler)(
			(long)regs.rdi, (long)regs.rsi, (long)regs.rdx, t ? (long)t->sgx->host_rsp : 0, (long)regs.r8,
			(long)regs.r9, run);
		if (ret <= 0)
			return ret;
		function = (unsigned int)ret;
	}
}
