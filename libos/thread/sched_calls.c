/* sched_calls.c: the sched_* system calls and nice values.
 *
 * The scheduler is round robin; affinity is obeyed, policies other than SCHED_NORMAL, BATCH and
 * IDLE are refused (there is no real-time scheduling inside an enclave: the host decides when a
 * vCPU runs), nice values are kept and reported. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/sched.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/sched.h"

#define SLICE_NS 4000000 /* as sched_rr_get_interval reports it */

static struct thread *thread_or_self(int tid)
{
	struct thread *t = tid ? thread_find(tid) : current;

	return t && t->process ? t : NULL;
}

static bool may_change(const struct thread *t)
{
	const struct cred *me = &current->process->cred, *other = &t->process->cred;

	return me->euid == other->uid || me->euid == other->euid || capable(CAP_SYS_NICE);
}

SYSCALL_DEFINE(sched_yield)
{
	thread_yield();
	return 0;
}

static uint64_t all_cpus(void)
{
	return vcpu_count() >= 64 ? ~0UL : (1UL << vcpu_count()) - 1;
}

/* The current thread goes to a vCPU that it may run on. */
static void move_to_allowed(void)
{
	struct thread *t = current;

	if (t->affinity >> vcpu_current_index() & 1)
		return;
	t->state = THREAD_BLOCKED; /* for thread_wake, which chooses the vCPU; it cannot run there
				      before schedule() */
	thread_wake(t, false);
	schedule();
	t->wake_pending = false;
}

SYSCALL_DEFINE(sched_setaffinity, int, tid, unsigned, size, uaddr_t, umask)
{
	struct thread *t = thread_or_self(tid);
	uint64_t mask = 0;

	if (copy_from_user(&mask, umask, MIN(size, (unsigned)sizeof(mask))))
		return -EFAULT;
	if (!t)
		return -ESRCH;
	if (!may_change(t))
		return -EPERM;
	mask &= all_cpus();
	if (!mask)
		return -EINVAL;
	t->affinity = mask;
	if (t == current)
		move_to_allowed();
	return 0;
}

SYSCALL_DEFINE(sched_getaffinity, int, tid, unsigned, size, uaddr_t, umask)
{
	struct thread *t = thread_or_self(tid);

	if (size < sizeof(uint64_t) || size % sizeof(uint64_t))
		return -EINVAL;
	if (!t)
		return -ESRCH;
	if (put_user(t->affinity & all_cpus(), umask))
		return -EFAULT;
	return sizeof(uint64_t);
}

SYSCALL_DEFINE(sched_getscheduler, int, tid)
{
	if (tid < 0)
		return -EINVAL;
	return thread_or_self(tid) ? SCHED_NORMAL : -ESRCH;
}

/* A policy and priority as Linux checks them; the real-time ones are refused. */
static int check_policy(int policy, int priority)
{
	switch (policy & ~SCHED_RESET_ON_FORK) {
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return priority ? -EINVAL : 0;
	case SCHED_FIFO:
	case SCHED_RR:
		return priority < 1 || priority > 99 ? -EINVAL : -EPERM;
	case SCHED_DEADLINE:
		return -EPERM;
	}
	return -EINVAL;
}

static long set_scheduler(int tid, int policy, uaddr_t uparam)
{
	struct sched_param param;

	if (tid < 0 || !uparam)
		return -EINVAL;
	if (get_user(param, uparam))
		return -EFAULT;
	if (!thread_or_self(tid))
		return -ESRCH;
	return check_policy(policy, param.sched_priority);
}

SYSCALL_DEFINE(sched_setscheduler, int, tid, int, policy, uaddr_t, param)
{
	return policy < 0 ? -EINVAL : set_scheduler(tid, policy, param);
}

SYSCALL_DEFINE(sched_setparam, int, tid, uaddr_t, param)
{
	return set_scheduler(tid, SCHED_NORMAL, param);
}

SYSCALL_DEFINE(sched_getparam, int, tid, uaddr_t, uparam)
{
	struct sched_param param = { 0 };

	if (tid < 0 || !uparam)
		return -EINVAL;
	return thread_or_self(tid) ? put_user(param, uparam) : -ESRCH;
}

SYSCALL_DEFINE(sched_setattr, int, tid, uaddr_t, uattr, unsigned, flags)
{
	struct sched_attr attr = { 0 };
	struct thread *t = thread_or_self(tid);
	uint32_t size;
	int err;

	if (!uattr || tid < 0 || flags)
		return -EINVAL;
	if (get_user(size, uattr))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > 4096)
		return put_user((uint32_t)sizeof(attr), uattr) ? -EFAULT : -E2BIG;
	if (copy_from_user(&attr, uattr, MIN(size, (uint32_t)sizeof(attr))))
		return -EFAULT;
	if (!t)
		return -ESRCH;
	err = check_policy((int)attr.sched_policy, (int)attr.sched_priority);
	if (!err && attr.sched_nice >= -20 && attr.sched_nice <= 19)
		t->nice = attr.sched_nice;
	return err;
}

SYSCALL_DEFINE(sched_getattr, int, tid, uaddr_t, uattr, unsigned, size, unsigned, flags)
{
	struct thread *t = thread_or_self(tid);
	struct sched_attr attr = { .size = sizeof(attr), .sched_policy = SCHED_NORMAL };

	if (!uattr || tid < 0 || size < SCHED_ATTR_SIZE_VER0 || size > 4096 || flags)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	attr.sched_nice = t->nice;
	attr.size = MIN(size, (uint32_t)sizeof(attr));
	return copy_to_user(uattr, &attr, attr.size);
}

SYSCALL_DEFINE(sched_get_priority_max, int, policy)
{
	int err = check_policy(policy, 0);

	return policy == SCHED_FIFO || policy == SCHED_RR ? 99 : policy == SCHED_DEADLINE ? 0 : err;
}

SYSCALL_DEFINE(sched_get_priority_min, int, policy)
{
	int err = check_policy(policy, 0);

	return policy == SCHED_FIFO || policy == SCHED_RR ? 1 : policy == SCHED_DEADLINE ? 0 : err;
}

SYSCALL_DEFINE(sched_rr_get_interval, int, tid, uaddr_t, out)
{
	int64_t ts[2] = { 0, SLICE_NS };

	if (tid < 0)
		return -EINVAL;
	return thread_or_self(tid) ? copy_to_user(out, ts, sizeof(ts)) : -ESRCH;
}

/* Calls fn for each thread that PRIO_* and id name; -ESRCH if there is none, else the largest that
 * fn returned. */
static int for_each_named(int which, int id, int (*fn)(struct thread *t, int arg), int arg)
{
	uint32_t uid = id ? (uint32_t)id : current->process->cred.uid;
	struct process *p;
	struct thread *t;
	int result = -ESRCH;

	if (which == PRIO_PROCESS) {
		t = thread_or_self(id);
		return t ? fn(t, arg) : -ESRCH;
	}
	if (which == PRIO_PGRP && !id)
		id = current->process->pgid;
	list_for_each(p, &process_all, all_node) {
		if (which == PRIO_PGRP ? p->pgid != id : p->cred.uid != uid)
			continue;
		list_for_each(t, &p->threads, in_process)
			result = MAX(result, fn(t, arg));
	}
	return result;
}

static int get_one(struct thread *t, int arg)
{
	(void)arg;
	return 20 - t->nice;
}

static int set_one(struct thread *t, int nice)
{
	if (!may_change(t))
		return -EPERM;
	if (nice < t->nice && !capable(CAP_SYS_NICE) &&
	    (uint64_t)(20 - nice) > t->process->rlim[RLIMIT_NICE].cur)
		return -EACCES;
	t->nice = nice;
	return 0;
}

SYSCALL_DEFINE(getpriority, int, which, int, who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, who, get_one, 0);
}

SYSCALL_DEFINE(setpriority, int, which, int, who, int, nice)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, who, set_one, MAX(-20, MIN(19, nice)));
}

SYSCALL_DEFINE(ioprio_get, int, which, int, who)
{
	if (which < 1 || which > 3)
		return -EINVAL;
	return which == 1 && !thread_or_self(who) ? -ESRCH : 0;
}

SYSCALL_DEFINE(ioprio_set, int, which, int, who, int, prio)
{
	if (which < 1 || which > 3 || prio >> 13 > 3)
		return -EINVAL;
	return which == 1 && !thread_or_self(who) ? -ESRCH : 0;
}
