/* exit.c: the end of threads and processes.
 *
 * A thread ends itself, always in thread_do_exit; others can only ask it to (thread.exiting), and
 * it does so on its way back to user code. The last thread of a process turns it into a zombie:
 * resources go first (this may sleep, the process is still alive to others), then in one piece
 * without sleeping: children to the reaper, state to zombie, parent told. A zombie nobody waits for
 * is reaped at once. */
#include "hostcall/hostcall.h"
#include "aio/aio.h"
#include "base/log.h"
#include "eip/eip.h"
#include "fs/file.h"
#include "ipc/poll.h"
#include "keys/keys.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "linux/wait.h"
#include "process/cpu_limit.h"
#include "process/internal.h"
#include "process/pid.h"
#include "ptrace/ptrace.h"
#include "signal/signal.h"
#include "syscall/account.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "sysv/undo.h"
#include "thread/futex.h"
#include "thread/robust.h"
#include "time/itimer.h"
#include "vm/vm.h"

void process_group_exit(struct process *p, int status)
{
	struct thread *t;

	if (!p->group_exit && !p->zombie) {
		p->group_exit = true;
		p->exit_status = status;
		list_for_each(t, &p->threads, in_process) {
			if (t == current)
				continue;
			t->exiting = true;
			t->sig_check = true;
			thread_interrupt(t, true);
		}
	}
	if (current->process == p)
		thread_do_exit(status);
}

/* What the kernel does for a thread library when a thread leaves its memory: exit and exec. May
 * sleep. */
void thread_release_memory(struct thread *t)
{
	struct process *p = t->process;
	uaddr_t clear = t->clear_child_tid;

	robust_list_exit(t);
	t->rseq = 0;
	t->clear_child_tid = 0;
	if (!clear || (p->nthreads == 1 && !vm_space_shared(p->space)))
		return;
	if (put_user((uint32_t)0, clear) == 0)
		futex_wake_addr(clear, 1);
}

/* The process that gets p's children: the nearest ancestor that asked for it, or init. */
static struct process *reaper_of(struct process *p)
{
	struct process *a;

	for (a = p->parent; a && a != init_process; a = a->parent)
		if (a->child_subreaper && !a->zombie && !a->group_exit)
			return a;
	return init_process;
}

static void send_pdeath(struct process *child)
{
	if (child->pdeath_signal && !child->zombie)
		signal_send_process(child, child->pdeath_signal, NULL);
}

/* True if nobody will ever wait for p: it reaps itself. */
static bool nobody_waits(struct process *p)
{
	return !p->parent || p->parent == init_process || p->parent->elsewhere ||
	       (p->exit_signal == SIGCHLD && signal_child_autoreap(p->parent));
}

void process_give_child(struct process *child, struct process *to)
{
	list_remove(&child->sibling);
	child->parent = to;
	child->exit_signal = SIGCHLD;
	list_push_back(&to->children, &child->sibling);
	if (!child->elsewhere)
		send_pdeath(child);
}

void process_give_children_away(struct process *p)
{
	struct process *reaper = reaper_of(p);
	struct process *child, *tmp;

	list_for_each_safe(child, tmp, &p->children, sibling) {
		process_give_child(child, reaper);
		if (eip_enabled())
			eip_orphaned(child, reaper);
		pgrp_check_orphans(child, p);
		if (!child->zombie || child->held_by_tracer)
			continue;
		process_notify_parent(child, 0, 0);
		if (nobody_waits(child))
			process_reap(child);
	}
}

static int exit_code_kind(int status)
{
	if ((status & 0x7f) == 0)
		return CLD_EXITED;
	return status & 0x80 ? CLD_DUMPED : CLD_KILLED;
}

void process_notify_parent(struct process *p, int code, int status)
{
	struct process *parent = p->parent;
	bool ended = p->zombie;
	int sig = ended ? p->exit_signal : SIGCHLD;
	struct siginfo info = { .signo = sig };
	nsec_t utime, stime;

	if (!parent)
		return;
	if (p == eip_main)
		eip_report(p, code, status);
	if (parent->elsewhere)
		return;
	if (ended) {
		code = exit_code_kind(p->exit_status);
		status = code == CLD_EXITED ? p->exit_status >> 8 & 0xff : p->exit_status & 0x7f;
	}
	waitq_wake_all(&parent->child_exit, 0);
	if (!sig || parent == init_process || parent->zombie)
		return;
	if (!ended && signal_child_nostop(parent))
		return;
	process_times(p, &utime, &stime);
	info.code = code;
	info.chld.pid = p->pid;
	info.chld.uid = p->cred.uid;
	info.chld.status = status;
	info.chld.utime = (int64_t)(utime / (NSEC_PER_SEC / 100));
	info.chld.stime = (int64_t)(stime / (NSEC_PER_SEC / 100));
	/* Ignored by SIG_IGN, not just by default: not even one who has it blocked hears of it. */
	if (ended && sig == SIGCHLD && signal_child_autoreap(parent) &&
	    signal_ignored(parent, SIGCHLD))
		return;
	signal_send_process(parent, sig, &info);
}

/* The last thread of p is gone from it. Does not sleep. */
void process_become_zombie(struct process *p)
{
	p->zombie = true;
	p->stopped = false;
	cpu_limit_drop(p);
	waitq_wake_all(&p->ended, EPOLLIN | EPOLLRDNORM);
	signal_flush_process(p);
	process_give_children_away(p);
	pgrp_check_orphans(p, NULL);
	process_vfork_release(p);
	log_debug("process %d ended with status 0x%x", p->pid, p->exit_status);
	if (p->request_id) {
		account_log();
		host_exited(p->request_id, p->exit_status, p->pid);
	}
	ptrace_tracer_gone(p);
	if (!ptrace_holds_zombie(p))
		process_zombie_release(p);
}

void process_zombie_release(struct process *p)
{
	process_notify_parent(p, 0, 0);
	if (nobody_waits(p))
		process_reap(p);
	if (eip_enabled())
		eip_stop_if_done();
}

/* What a thread that is gone leaves of p: who it is, and that it lives elsewhere. */
static void become_proxy(struct process *p, struct eip_peer *to)
{
	cpu_limit_drop(p);
	signal_flush_process(p);
	process_vfork_release(p);
	eip_proxy_begin(p, to);
}

void process_moved(struct eip_peer *to)
{
	struct thread *t = current;
	struct process *p = t->process;
	struct fdtable *own_files = t->own_files;

	t->exiting = true;
	t->sig_blocked = ~(sigset64)0;
	eip_proxy_prepare(p, t, to);
	thread_release_memory(t);
	keys_thread_exit(t);
	t->own_files = NULL;
	if (own_files)
		fdtable_put(own_files);
	itimers_exit(p);
	process_drop_resources(p);
	signal_flush_thread(t);
	tid_free(t->tid);
	process_remove_thread(p, t);
	become_proxy(p, to);
	thread_exit_current();
}

void process_born_elsewhere(struct process *p, struct thread *t, struct eip_peer *to)
{
	eip_proxy_prepare(p, t, to);
	process_drop_resources(p);
	tid_free(t->tid);
	process_remove_thread(p, t);
	become_proxy(p, to);
}

void thread_do_exit(int status)
{
	struct thread *t = current;
	struct process *p = t->process;
	struct fdtable *own_files = t->own_files;
	bool last;

	t->exiting = true;
	t->sig_blocked = ~(sigset64)0;
	if (t->trace)
		ptrace_exit_event(t, p->group_exit ? p->exit_status : status);
	if (!p->group_exit && t == p->leader)
		p->exit_status = status;
	if (p->space)
		thread_release_memory(t);
	keys_thread_exit(t);
	t->own_files = NULL;
	if (own_files)
		fdtable_put(own_files);
	last = p->nthreads == 1;
	if (last) {
		itimers_exit(p);
		sem_undo_exit(p);
		aio_exit(p);
		session_leader_exit(p);
		process_drop_resources(p);
	}
	signal_flush_thread(t);
	ptrace_thread_gone(t, p->group_exit ? p->exit_status : status);
	tid_free(t->tid);
	process_remove_thread(p, t);
	if (last)
		process_become_zombie(p);
	else
		waitq_wake_all(&p->thread_exit, 0);
	thread_exit_current();
}

SYSCALL_DEFINE(exit, int, code)
{
	thread_do_exit(WAIT_EXITED(code));
}

SYSCALL_DEFINE(exit_group, int, code)
{
	process_group_exit(current->process, WAIT_EXITED(code));
	return 0;
}
