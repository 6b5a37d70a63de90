/* send.c: making a signal pending and waking the thread that shall take it.
 *
 * Nothing here sleeps or ends the current thread. A signal that ends a process by default, without a crash report,
 * marks all threads as exiting at once; so uninterruptible code on the sender's side goes on undisturbed,
 * and killable waits end. Everything else is decided by deliver.c in the receiving thread. */
#include "base/string.h"
#include "eip/eip.h"
#include "ipc/poll.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/wait.h"
#include "process/process.h"
#include "ptrace/ptrace.h"
#include "signal/internal.h"

void signal_fill_user(struct siginfo *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->signo = sig;
	info->code = code;
	info->rt.pid = current->process->pid;
	info->rt.uid = current->process->cred.uid;
}

void signal_discard_everywhere(struct process *p, sigset64 mask)
{
	struct thread *t;

	pending_discard(pending_of_process(p), mask);
	list_for_each(t, &p->threads, in_process)
		pending_discard(pending_of_thread(t), mask);
}

static void wake_stopped(struct process *p)
{
	struct thread *t;

	p->stopped = false;
	list_for_each(t, &p->threads, in_process) {
		if (t->trace)
			tracee_group_continued(t->trace);
		t->sig_check = true;
		thread_wake(t, false);
	}
}

/* SIGCONT and stop signals cancel each other when sent, even if they are blocked or handled. */
static void cancel_opposites(struct process *p, int sig)
{
	if (sigmask_of(sig) & SIG_STOP_MASK) {
		signal_discard_everywhere(p, sigmask_of(SIGCONT));
	} else if (sig == SIGCONT) {
		signal_discard_everywhere(p, SIG_STOP_MASK);
		if (!p->stopped)
			return;
		p->cont_reported = false;
		wake_stopped(p);
		process_notify_parent(p, CLD_CONTINUED, SIGCONT);
	}
}

/* Dropped at once: ignored, and no thread has it blocked to wait for it. */
static bool dropped(struct process *p, struct thread *t, int sig)
{
	if (!t)
		t = p->leader ? p->leader : list_first(&p->threads, struct thread, in_process);
	if (t->trace || (t->sig_blocked | t->sig_real_blocked) & sigmask_of(sig))
		return false;
	return signal_ignored(p, sig);
}

static bool ends_quietly(struct process *p, int sig)
{
	if (sig == SIGKILL)
		return true;
	return p->sighand->action[sig - 1].handler == SIG_DFL &&
	       !(sigmask_of(sig) & (SIG_IGNORED_BY_DEFAULT | SIG_STOP_MASK | SIG_CORE_MASK));
}

static void group_kill(struct process *p, int sig)
{
	struct thread *t;

	if (p->group_exit)
		return;
	p->group_exit = true;
	p->exit_status = WAIT_SIGNALED(sig, false);
	list_for_each(t, &p->threads, in_process) {
		t->exiting = true;
		t->sig_check = true;
		thread_interrupt(t, true);
	}
	if (p->stopped)
		wake_stopped(p);
}

static bool wants(struct thread *t, int sig)
{
	return !(t->sig_blocked & sigmask_of(sig)) && !t->exiting;
}

/* The thread to take a signal that is pending for t, or for all of p; NULL: all have it blocked. */
static struct thread *choose_thread(struct process *p, struct thread *t, int sig)
{
	if (t)
		return wants(t, sig) ? t : NULL;
	if (p->leader && wants(p->leader, sig))
		return p->leader;
	list_for_each(t, &p->threads, in_process)
		if (wants(t, sig))
			return t;
	return NULL;
}

static void notify(struct process *p, struct thread *t, int sig)
{
	waitq_wake_all(&p->sigfd_wait, EPOLLIN);
	t = choose_thread(p, t, sig);
	if (!t)
		return;
	if (ends_quietly(p, sig) && (!t->trace || sig == SIGKILL) && !(t->sig_real_blocked & sigmask_of(sig)) &&
	    (sig == SIGKILL || !p->stopped)) {
		group_kill(p, sig);
		return;
	}
	t->sig_check = true;
	thread_interrupt(t, false);
}

/* No signal reaches processes that are gone, and none harms pid 1. */
static bool out_of_reach(struct process *p)
{
	return p->zombie || !p->sighand || p == init_process || list_empty(&p->threads);
}

static int send(struct process *p, struct thread *t, int sig, const struct siginfo *info)
{
	struct siginfo kernel = { .signo = sig, .code = SI_KERNEL };
	int err;

	if (p->elsewhere) {
		if (t)
			eip_signal_thread(t, sig, info);
		else
			eip_signal_process(p, sig, info);
		return 0;
	}
	if (out_of_reach(p))
		return 0;
	cancel_opposites(p, sig);
	if (dropped(p, t, sig))
		return 0;
	err = pending_add(t ? pending_of_thread(t) : pending_of_process(p), sig, info ? info : &kernel, p);
	if (!err)
		notify(p, t, sig);
	return err;
}

int signal_send_thread(struct thread *t, int sig, const struct siginfo *info)
{
	return t->process ? send(t->process, t, sig, info) : 0;
}

int signal_send_process(struct process *p, int sig, const struct siginfo *info)
{
	return send(p, NULL, sig, info);
}

int signal_send_pgrp(kpid_t pgid, int sig, const struct siginfo *info)
{
	struct process *p;
	int err = -ESRCH;

	list_for_each(p, &process_all, all_node) {
		if (p->pgid != pgid || p == init_process)
			continue;
		err = 0;
		if (sig && !p->elsewhere)
			(void)signal_send_process(p, sig, info);
	}
	if (sig && eip_enabled()) {
		eip_signal_group(pgid, sig, info);
		err = 0; /* who is there, others know */
	}
	return err;
}

int signal_send_entry(struct process *p, struct thread *t, struct sigqueue *q)
{
	struct pending to = t ? pending_of_thread(t) : pending_of_process(p);
	int sig = q->info.signo;

	if (!list_empty(&q->node) || out_of_reach(p) || dropped(p, t, sig))
		return 1;
	cancel_opposites(p, sig);
	list_push_back(to.queue, &q->node);
	*to.set |= sigmask_of(sig);
	notify(p, t, sig);
	return 0;
}

int signal_may_send(struct process *p, int sig)
{
	const struct cred *me = &current->process->cred, *to = &p->cred;

	if (current->process != p && !landlock_in_scope(p->landlock, LANDLOCK_SCOPE_SIGNAL))
		return -EPERM;
	if (current->process == p || capable(CAP_KILL))
		return 0;
	if (me->euid == to->suid || me->euid == to->uid || me->uid == to->suid || me->uid == to->uid)
		return 0;
	if (sig == SIGCONT && current->process->sid == p->sid)
		return 0;
	return -EPERM;
}

/* An ignored or blocked exception cannot be left pending: the instruction would only fault again. */
static void force(int sig, const struct siginfo *info)
{
	struct thread *t = current;
	struct user_sigaction *act = &t->process->sighand->action[sig - 1];
	sigset64 bit = sigmask_of(sig);

	if ((t->sig_blocked & bit) || act->handler == SIG_IGN)
		act->handler = SIG_DFL;
	t->sig_blocked &= ~bit;
	(void)pending_add(pending_of_thread(t), sig, info, t->process);
	t->sig_check = true;
}

void signal_force_fault(int sig, int code, uaddr_t addr)
{
	struct siginfo info = { .signo = sig, .code = code };

	info.fault.addr = code == SI_KERNEL ? 0 : addr;
	force(sig, &info);
}

void signal_force_info(const struct siginfo *info)
{
	force(info->signo, info);
}

void signal_force(int sig)
{
	struct siginfo info = { .signo = sig, .code = SI_KERNEL };

	force(sig, &info);
}

sigset64 signal_pending_set(struct thread *t)
{
	return t->sig_pending | (t->process ? t->process->sig_pending : 0);
}

bool signal_pending(struct thread *t)
{
	if (t->exiting)
		return true;
	if (!t->sig_check || !t->process)
		return false;
	if (t->trace ? ptrace_stop_due(t) : t->process->stopped)
		return true;
	return signal_pending_set(t) & ~t->sig_blocked;
}

void signal_recheck(struct thread *t)
{
	if (signal_pending_set(t) & ~t->sig_blocked)
		t->sig_check = true;
}

int signal_dequeue(struct thread *t, sigset64 mask, struct siginfo *out)
{
	int sig = t->sig_pending & mask ? pending_take(pending_of_thread(t), mask, out) : 0;

	return sig ? sig : pending_take(pending_of_process(t->process), mask, out);
}

/* Shared signals t was woken for must find another thread: t blocks them now, or ends. */
static void retarget(struct thread *t, sigset64 gone)
{
	struct process *p = t->process;
	sigset64 left = p->sig_pending & gone;
	struct thread *other;

	list_for_each(other, &p->threads, in_process) {
		if (!left)
			return;
		if (other == t || other->exiting || !(left & ~other->sig_blocked))
			continue;
		left &= other->sig_blocked;
		other->sig_check = true;
		thread_interrupt(other, false);
	}
}

void signal_set_mask(sigset64 mask)
{
	struct thread *t = current;
	sigset64 newly;

	mask &= ~SIG_UNBLOCKABLE;
	newly = mask & ~t->sig_blocked;
	t->sig_blocked = mask;
	if (newly & t->process->sig_pending)
		retarget(t, newly);
	signal_recheck(t);
}

void signal_flush_thread(struct thread *t)
{
	pending_discard(pending_of_thread(t), ~(sigset64)0);
	if (t->process && !t->process->group_exit)
		retarget(t, ~(sigset64)0);
}

void signal_flush_process(struct process *p)
{
	pending_discard(pending_of_process(p), ~(sigset64)0);
}
