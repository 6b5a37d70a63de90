/* deliver.c: acting on signals on the way back to user code.
 *
 * Order, as Linux has it: leave if asked to end; stop while the process is stopped; take pending signals one by
 * one, each either ignored, acted on by default or given a handler frame (frames stack up, the last one runs
 * first); then decide whether an interrupted system call starts again, and put a temporary mask back.
 * A system call is finished (restart or EINTR) exactly once: by the first handler, or at the end. */
#include "base/log.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/wait.h"
#include "process/process.h"
#include "ptrace/ptrace.h"
#include "signal/internal.h"
#include "signal/report.h"
#include "syscall/dispatch.h"
#include "thread/rseq.h"

#define SYS_RESTART_SYSCALL 219
#define RFLAGS_HANDLER_CLEAR 0x10500UL /* RF, DF, TF */

enum restart signal_restart_decision(long ret, bool handler, bool sa_restart)
{
	switch (-ret) {
	case ERESTARTNOINTR:
		return RESTART_AGAIN;
	case ERESTARTSYS:
		return handler && !sa_restart ? RESTART_EINTR : RESTART_AGAIN;
	case ERESTARTNOHAND:
		return handler ? RESTART_EINTR : RESTART_AGAIN;
	case ERESTART_RESTARTBLOCK:
		return handler ? RESTART_EINTR : RESTART_BLOCK;
	}
	return RESTART_KEEP;
}

static bool in_syscall(const struct regs *regs)
{
	return (long)regs->orig_rax >= 0;
}

static void finish_syscall(struct regs *regs, bool handler, bool sa_restart)
{
	if (!in_syscall(regs))
		return;
	switch (signal_restart_decision((long)regs->rax, handler, sa_restart)) {
	case RESTART_EINTR:
		regs->rax = (uint64_t)-EINTR;
		break;
	case RESTART_AGAIN:
		syscall_prepare_restart(regs, regs->orig_rax);
		break;
	case RESTART_BLOCK:
		syscall_prepare_restart(regs, SYS_RESTART_SYSCALL);
		break;
	case RESTART_KEEP:
		break;
	}
	regs->orig_rax = (uint64_t)-1;
}

/* Did a signal end the call? If not, its temporary mask has done its work before delivery begins. */
static bool ended_by_signal(const struct regs *regs)
{
	long ret = (long)regs->rax;

	return ret == -EINTR || signal_restart_decision(ret, true, true) != RESTART_KEEP;
}

static void restore_mask(struct thread *t)
{
	if (!t->sig_restore_mask)
		return;
	t->sig_restore_mask = false;
	signal_set_mask(t->sig_saved);
}

static void handle(struct regs *regs, int sig, const struct siginfo *info, const struct user_sigaction *act)
{
	struct thread *t = current;
	sigset64 saved = t->sig_restore_mask ? t->sig_saved : t->sig_blocked;
	sigset64 mask = t->sig_blocked | act->mask;
	bool in_call = in_syscall(regs);

	finish_syscall(regs, true, act->flags & SA_RESTART);
	if (t->rseq && !in_call) /* a sequence contains no system calls */
		rseq_abort(t, regs);
	if (frame_setup(regs, sig, info, act, saved)) {
		if (sig == SIGSEGV)
			t->process->sighand->action[sig - 1].handler = SIG_DFL;
		signal_force(SIGSEGV);
		return;
	}
	t->sig_restore_mask = false;
	regs->rflags &= ~RFLAGS_HANDLER_CLEAR;
	if (!(act->flags & SA_NODEFER))
		mask |= sigmask_of(sig);
	signal_set_mask(mask);
}

/* A group whose members' parents are all in it or in other sessions: nobody could continue it. */
static bool pgrp_orphaned(kpid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_all, all_node) {
		if (p->pgid != pgid || p->zombie || !p->parent || p->parent == init_process)
			continue;
		if (p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	}
	return true;
}

static const char stopped[] = "stopped"; /* wait_what of those who sleep in stay_stopped() */

static void stop_process(struct process *p, int sig)
{
	struct thread *t;

	p->stopped = true;
	p->stop_signal = sig;
	p->stop_reported = false;
	p->cont_reported = true;
	list_for_each(t, &p->threads, in_process) {
		if (t->trace)
			t->trace->past_group_stop = false;
		if (t == current)
			continue;
		t->sig_check = true;
		thread_interrupt(t, false);
	}
	if (!ptrace_by_parent(p))
		process_notify_parent(p, CLD_STOPPED, sig);
	if (p->request_id)
		host_exited(p->request_id, WAIT_STOPPED(sig), p->pid);
}

static void stay_stopped(struct thread *t)
{
	t->wait_what = stopped;
	while (t->trace ? ptrace_stopped(t) : t->process->stopped) {
		if (thread_block(WAIT_KILLABLE, NSEC_NEVER))
			break;
		ptrace_serve(t);
	}
	t->wait_what = NULL;
}

bool signal_in_group_stop(const struct thread *t)
{
	return t->state == THREAD_BLOCKED && t->wait_what == stopped;
}

static void act_by_default(struct regs *regs, int sig, const struct siginfo *info)
{
	struct process *p = current->process;
	sigset64 bit = sigmask_of(sig);
	bool core = bit & SIG_CORE_MASK;

	if (bit & SIG_IGNORED_BY_DEFAULT)
		return;
	if (bit & SIG_STOP_MASK) {
		if (sig == SIGSTOP || !pgrp_orphaned(p->pgid))
			stop_process(p, sig);
		return;
	}
	if (core)
		report_crash(regs, sig, info);
	process_group_exit(p, WAIT_SIGNALED(sig, core && p->rlim[RLIMIT_CORE].cur));
}

static void deliver_one(struct regs *regs, int sig, const struct siginfo *info)
{
	struct user_sigaction *slot = &current->process->sighand->action[sig - 1];
	struct user_sigaction act = *slot;

	log_debug("signal %d (code %d) for thread %d: handler 0x%lx", sig, info->code, current->tid,
		  act.handler);
	if (act.handler == SIG_IGN)
		return;
	if (act.handler == SIG_DFL) {
		act_by_default(regs, sig, info);
		return;
	}
	if (act.flags & SA_RESETHAND)
		slot->handler = SIG_DFL;
	handle(regs, sig, info, &act);
}

void signal_deliver(struct regs *regs)
{
	struct thread *t = current;
	struct process *p = t->process;
	struct siginfo info;
	int sig;

	t->sig_check = false;
	if (t->sig_restore_mask && !(in_syscall(regs) && ended_by_signal(regs)))
		restore_mask(t);
	for (;;) {
		if (t->exiting)
			thread_do_exit(p->group_exit ? p->exit_status : 0);
		if (t->trace && ptrace_stop_due(t)) {
			if (t->trace->interrupt)
				ptrace_interrupted(t);
			else
				ptrace_group_stop(t);
			continue;
		}
		if (p->stopped && !t->trace) {
			stay_stopped(t);
			continue;
		}
		sig = signal_dequeue(t, ~t->sig_blocked, &info);
		if (!sig)
			break;
		if (t->trace && !t->exiting && !ptrace_signal(t, &sig, &info))
			continue;
		deliver_one(regs, sig, &info);
	}
	finish_syscall(regs, false, false);
	restore_mask(t);
}
