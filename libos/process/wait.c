/* wait.c: wait4 and waitid, and what processes have used.
 *
 * A parent sees its children's changes of state: ended (zombie), stopped, continued. Reaping a
 * zombie adds its use of resources to the parent's and frees its number. Any thread may wait for
 * any child of the process;
 * __WNOTHREAD makes no difference, since children belong to the process here. */
#include "linux/wait.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "process/internal.h"
#include "process/pidfd.h"
#include "process/wait.h"
#include "ptrace/ptrace.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/account.h"
#include "thread/sched.h"
#include "vm/vm.h"

bool wait_selects(const struct wait_query *q, const struct process *child)
{
	bool clone_child = child->exit_signal != SIGCHLD;

	if (q->type == P_PID && child->pid != q->id)
		return false;
	if (q->type == P_PGID && child->pgid != q->id)
		return false;
	return (q->options & __WALL) || clone_child == !!(q->options & __WCLONE);
}

bool wait_event(const struct wait_query *q, const struct process *child, struct wait_result *r)
{
	if (child->zombie) {
		int s = child->exit_status;

		if (!(q->options & WEXITED))
			return false;
		r->word = s;
		r->code = (s & 0x7f) == 0 ? CLD_EXITED : s & 0x80 ? CLD_DUMPED : CLD_KILLED;
		r->status = r->code == CLD_EXITED ? s >> 8 & 0xff : s & 0x7f;
		return true;
	}
	if ((q->options & WSTOPPED) && child->stopped && !child->stop_reported) {
		r->word = WAIT_STOPPED(child->stop_signal);
		r->code = CLD_STOPPED;
		r->status = child->stop_signal;
		return true;
	}
	if ((q->options & WCONTINUED) && !child->stopped && !child->cont_reported) {
		r->word = WAIT_CONTINUED;
		r->code = CLD_CONTINUED;
		r->status = SIGCONT;
		return true;
	}
	return false;
}

static void set_time(int64_t *sec, int64_t *usec, nsec_t ns)
{
	*sec = (int64_t)(ns / NSEC_PER_SEC);
	*usec = (int64_t)(ns % NSEC_PER_SEC / 1000);
}

/* Of p and its own reaped children, as wait4 reports it. */
static void rusage_of_zombie(const struct process *p, struct rusage *ru)
{
	*ru = (struct rusage){ 0 };
	set_time(&ru->utime_sec, &ru->utime_usec, p->dead_utime + p->child_utime);
	set_time(&ru->stime_sec, &ru->stime_usec, p->dead_stime + p->child_stime);
	ru->minflt = (int64_t)(p->min_flt + p->child_min_flt);
	ru->majflt = (int64_t)(p->maj_flt + p->child_maj_flt);
	ru->maxrss = (int64_t)(MAX(p->max_rss, p->child_max_rss) / 1024);
}

static void charge_parent(struct process *parent, const struct process *p)
{
	parent->child_utime += p->dead_utime + p->child_utime;
	parent->child_stime += p->dead_stime + p->child_stime;
	parent->child_min_flt += p->min_flt + p->child_min_flt;
	parent->child_maj_flt += p->maj_flt + p->child_maj_flt;
	parent->child_max_rss = MAX(parent->child_max_rss, MAX(p->max_rss, p->child_max_rss));
}

/* The event has been seen: it is not reported again. */
static void consume(struct process *child, struct wait_result *r)
{
	if (r->code == CLD_STOPPED) {
		child->stop_reported = true;
	} else if (r->code == CLD_CONTINUED) {
		child->cont_reported = true;
	} else {
		charge_parent(child->parent, child);
		process_reap(child);
	}
}

/* 1: found, *r filled; 0: children, but nothing to report; -ECHILD. */
static int scan(const struct wait_query *q, struct wait_result *r, struct rusage *ru)
{
	struct process *child;
	int found = -ECHILD, traced;

	list_for_each(child, &current->process->children, sibling) {
		if (!wait_selects(q, child))
			continue;
		found = 0;
		if (child->held_by_tracer || (child->stopped && ptrace_by_parent(child)))
			continue;
		if (!wait_event(q, child, r))
			continue;
		r->pid = child->pid;
		r->uid = child->cred.uid;
		rusage_of_zombie(child, ru);
		if (!(q->options & WNOWAIT))
			consume(child, r);
		return 1;
	}
	traced = ptrace_wait_scan(q, r, !(q->options & WNOWAIT));
	*ru = (struct rusage){ 0 };
	return traced == -ECHILD ? found : traced;
}

static int do_wait(const struct wait_query *q, struct wait_result *r, struct rusage *ru)
{
	struct process *p = current->process;

	for (;;) {
		int err = scan(q, r, ru);

		if (err || (q->options & WNOHANG))
			return err;
		err = waitq_wait(&p->child_exit, WAIT_INTERRUPTIBLE, NSEC_NEVER);
		if (err)
			return -ERESTARTSYS;
	}
}

SYSCALL_DEFINE(wait4, int, pid, uaddr_t, ustatus, int, options, uaddr_t, uru)
{
	struct wait_query q = { P_PID, pid, options | WEXITED };
	struct wait_result r = { 0 };
	struct rusage ru;
	int n;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid == -1)
		q.type = P_ALL;
	else if (pid <= 0)
		q = (struct wait_query){ P_PGID, pid ? -pid : current->process->pgid, q.options };
	n = do_wait(&q, &r, &ru);
	if (n <= 0)
		return n;
	if (ustatus && put_user(r.word, ustatus))
		return -EFAULT;
	if (uru && put_user(ru, uru))
		return -EFAULT;
	return r.pid;
}

/* 0, -errno; *again: a pidfd asks for -EAGAIN instead of waiting. */
static int wait_query_of(int type, int id, int options, struct wait_query *q, bool *again)
{
	struct process *p;
	bool nonblock = false;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (type < P_ALL || type > P_PIDFD || (type == P_PID && id <= 0) ||
	    (type == P_PGID && id < 0))
		return -EINVAL;
	if (type == P_PGID && id == 0)
		id = current->process->pgid;
	if (type == P_PIDFD) {
		int err = pidfd_process(id, &p, &nonblock);

		if (err)
			return err;
		type = P_PID;
		id = p->reaped ? 0 : p->pid;
	}
	*again = nonblock && !(options & WNOHANG);
	*q = (struct wait_query){ type, id, nonblock ? options | WNOHANG : options };
	return 0;
}

SYSCALL_DEFINE(waitid, int, type, int, id, uaddr_t, uinfo, int, options, uaddr_t, uru)
{
	struct wait_query q;
	struct wait_result r = { 0 };
	struct siginfo info = { 0 };
	struct rusage ru;
	bool again;
	int n = wait_query_of(type, id, options, &q, &again);

	if (n)
		return n;
	n = do_wait(&q, &r, &ru);
	if (n <= 0 && (n || again))
		return n ? n : -EAGAIN;
	if (n) {
		info.signo = SIGCHLD;
		info.code = r.code;
		info.chld.pid = r.pid;
		info.chld.uid = r.uid;
		info.chld.status = r.status;
	}
	if (n && uru && put_user(ru, uru))
		return -EFAULT;
	/* Only the fields that are defined: the caller's struct may be smaller than ours. */
	if (uinfo && copy_to_user(uinfo, &info, offsetof(struct siginfo, chld) + 12))
		return -EFAULT;
	return 0;
}

static void rusage_of_threads(struct process *p, struct rusage *ru)
{
	nsec_t utime, stime;
	struct thread *t;

	process_times(p, &utime, &stime);
	set_time(&ru->utime_sec, &ru->utime_usec, utime);
	set_time(&ru->stime_sec, &ru->stime_usec, stime);
	ru->minflt = (int64_t)p->min_flt;
	ru->majflt = (int64_t)p->maj_flt;
	list_for_each(t, &p->threads, in_process) {
		ru->minflt += (int64_t)t->min_flt;
		ru->majflt += (int64_t)t->maj_flt;
		ru->nvcsw += (int64_t)t->nvcsw;
		ru->nivcsw += (int64_t)t->nivcsw;
	}
}

static void rusage_of_thread(struct thread *t, struct rusage *ru)
{
	set_time(&ru->utime_sec, &ru->utime_usec, thread_user_time(t));
	set_time(&ru->stime_sec, &ru->stime_usec, thread_cpu_time(t) - thread_user_time(t));
	ru->minflt = (int64_t)t->min_flt;
	ru->majflt = (int64_t)t->maj_flt;
	ru->nvcsw = (int64_t)t->nvcsw;
	ru->nivcsw = (int64_t)t->nivcsw;
}

static void rusage_of_children(const struct process *p, struct rusage *ru)
{
	set_time(&ru->utime_sec, &ru->utime_usec, p->child_utime);
	set_time(&ru->stime_sec, &ru->stime_usec, p->child_stime);
	ru->minflt = (int64_t)p->child_min_flt;
	ru->majflt = (int64_t)p->child_maj_flt;
	ru->maxrss = (int64_t)(p->child_max_rss / 1024);
}

SYSCALL_DEFINE(getrusage, int, who, uaddr_t, out)
{
	struct process *p = current->process;
	struct rusage ru = { 0 };
	struct vm_stats stats;

	if (who != RUSAGE_CHILDREN) {
		vm_space_stats(p->space, &stats);
		ru.maxrss = (int64_t)(MAX(stats.peak_resident, p->max_rss) / 1024);
	}
	if (who == RUSAGE_SELF)
		rusage_of_threads(p, &ru);
	else if (who == RUSAGE_THREAD)
		rusage_of_thread(current, &ru);
	else if (who == RUSAGE_CHILDREN)
		rusage_of_children(p, &ru);
	else
		return -EINVAL;
	return put_user(ru, out);
}
