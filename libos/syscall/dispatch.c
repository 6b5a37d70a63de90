/* dispatch.c: from a number in rax to a handler, and the way back to user code.
 *
 * The order on the way back: signals first (they may end the thread), then rescheduling, both until
 * neither is due; then the lock goes and the registers are restored. */
#include "syscall/dispatch.h"
#include "abi/layout.h"
#include "base/log.h"
#include "base/string.h"
#include "tunables.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/process.h"
#include "ptrace/ptrace.h"
#include "seccomp/seccomp.h"
#include "signal/signal.h"
#include "sync/giant.h"
#include "syscall/account.h"
#include "syscall/define.h"
#include "syscall/strace.h"
#include "thread/account.h"
#include "thread/rseq.h"
#include "thread/sched.h"
#include "thread/thread.h"
#include "vm/vm.h"

#define NOLOCK 1

#define SYS(nr, name, arity, fmt, support, flags) syscall_fn sys_##name;
#include "syscall/table.h"
#undef SYS

static const struct entry {
	syscall_fn *fn;
	unsigned flags;
} table[SYSCALL_MAX] = {
#define SYS(nr, name, arity, fmt, support, flags) [nr] = { sys_##name, flags },
#include "syscall/table.h"
#undef SYS
};

static bool missed[SYSCALL_MAX]; /* asked for before, and said so; giant lock */

static long call_missing(uint64_t nr)
{
	if (nr >= SYSCALL_MAX)
		return -ENOSYS;
	if (!missed[nr])
		log_info("system call %lu is not implemented (first use by %s)", nr, current->comm);
	missed[nr] = true;
	return -ENOSYS;
}

static struct syscall_args args_of(const struct regs *r)
{
	return (struct syscall_args){ { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 } };
}

static void trace_entry(struct regs *regs)
{
	regs->rax = (uint64_t)-ENOSYS;
	ptrace_syscall(current, true);
}

void syscall_execute(struct regs *regs)
{
	uint64_t nr = regs->orig_rax;
	struct syscall_args args = args_of(regs);
	long ret;

	if (nr < SYSCALL_MAX)
		account_call(nr);
	if (log_level >= LOG_TRACE)
		strace_enter(nr, &args);
	if (current->trace) {
		trace_entry(regs);
		nr = regs->orig_rax;
		args = args_of(regs);
		if ((int64_t)nr == -1)
			return; /* the tracer wants no call */
	}
	if (!current->seccomp_mode || seccomp_allows(regs, nr, &args, &ret))
		ret = nr < SYSCALL_MAX && table[nr].fn ? table[nr].fn(&args) : call_missing(nr);
	if (log_level >= LOG_TRACE)
		strace_exit(nr, &args, ret);
	if (nr < SYSCALL_MAX && ret < 0 && ret >= -4095)
		account_error(nr, ret);
	/* execve and rt_sigreturn have replaced the registers and say so. */
	if (regs->orig_rax == nr)
		regs->rax = (uint64_t)ret;
	if (current->trace)
		ptrace_syscall(current, false);
}

void syscall_prepare_restart(struct regs *regs, uint64_t nr)
{
	regs->rip -= regs->full & REGS_TRAPPED ? 2 : SYSCALL_STUB_TAIL;
	regs->rax = nr;
	regs->full |= REGS_FULL;
}

/* Another vCPU may sleep while a thread waits here: send it, at a tick or when the thread was passed over often. */
static void offer_work(struct vcpu *v)
{
	v->passed_over = 0;
	current->handoffs = 0; /* whoever waits may have been woken by it, and not be handed anything */
	sched_offer(list_first(&v->run_queue, struct thread, run_node));
}

/* An address a program may run at: in the enclave and not the LibOS's. Others are its fault, not one of the way out. */
static bool user_code_address(uint64_t rip)
{
	return user_address(rip);
}

/* Another process has the addresses of t's: their memory changes places. */
static void take_turn(struct thread *t)
{
	int err;

	t->taking_turn = true;
	err = vm_space_turn(t->process->space, NSEC_NEVER);
	t->taking_turn = false;
	if (err == -ENOMEM) {
		log_error("out of memory: process %d is killed", t->process->pid);
		process_group_exit(t->process, SIGKILL);
	}
}

void exit_to_user(struct regs *regs)
{
	struct thread *t = current;
	struct vcpu *v = this_vcpu();

	for (;;) {
		if (t->sig_check) {
			signal_deliver(regs);
			v = this_vcpu();
			continue;
		}
		if (v->need_resched || sched_work_waiting()) {
			v->need_resched = false;
			sched_poll();
			if (v->run_count)
				offer_work(v);
			thread_yield();
			v = this_vcpu();
			continue;
		}
		if (!vm_space_resident(t->process->space)) {
			take_turn(t);
			v = this_vcpu();
			continue;
		}
		if (t->rseq)
			rseq_update(t);
		if (regs->full && !user_code_address(regs->rip))
			signal_force_fault(SIGSEGV, SEGV_MAPERR, regs->rip);
		v = this_vcpu();
		if (!t->sig_check && vm_space_resident(t->process->space))
			break;
	}
	if (v->run_count && ++v->passed_over >= OFFER_AFTER)
		offer_work(v);
	sched_update_tick(v);
	account_leave(v);
	v->user_mode = true;
	giant_unlock();
}

void syscall_dispatch(struct regs *regs)
{
	uint64_t nr = regs->orig_rax;

	if (nr < SYSCALL_MAX && (table[nr].flags & NOLOCK) && log_level < LOG_TRACE && !current->trace &&
	    !current->seccomp_mode) {
		struct syscall_args args = args_of(regs);

		account_call(nr);
		regs->rax = (uint64_t)table[nr].fn(&args);
		if (!current->sig_check && !this_vcpu()->need_resched)
			return;
		regs->orig_rax = (uint64_t)-1;
		this_vcpu()->user_mode = false;
		giant_lock();
		account_enter(this_vcpu());
		exit_to_user(regs);
		return;
	}
	this_vcpu()->user_mode = false;
	giant_lock();
	account_enter(this_vcpu());
	syscall_execute(regs);
	exit_to_user(regs);
}
