/* sched_calls.c: the system calls about scheduling: policies, their parameters, affinity.
 *
 * The scheduler is round robin. A thread with a real-time policy comes before the others when it wakes, by priority; a
 * slice's end sends it to the back like everybody, so that none can starve others (the host decides when a vCPU runs,
 * so there are no guarantees to give). SCHED_DEADLINE counts as the highest priority, its parameters are kept. Nice
 * values: priority.c. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/sched.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/futex.h"
#include "thread/priority.h"
#include "thread/sched.h"

#define SLICE_NS 4000000 /* as sched_rr_get_interval reports it */
#define RR_SLICE_NS 100000000
#define RT_PRIORITY_MAX 99
#define DEADLINE_PRIORITY (RT_PRIORITY_MAX + 1)
#define ATTR_SIZE_MAX 4096u
#define FLAGS_KNOWN                                                                                    \
	(SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN | SCHED_FLAG_KEEP_ALL | \
	 SCHED_FLAG_UTIL_CLAMP)

static struct thread *thread_or_self(int tid)
{
	struct thread *t = tid ? thread_find(tid) : current;

	return t && t->process ? t : NULL;
}

static bool may_change(const struct thread *t)
{
	return sched_same_owner(t) || capable(CAP_SYS_NICE);
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

static bool is_fair(uint32_t policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

static bool is_realtime(uint32_t policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool deadline_valid(const struct sched_attr *a)
{
	uint64_t period = a->sched_period ? a->sched_period : a->sched_deadline;

	if (!a->sched_deadline || a->sched_runtime < DEADLINE_RUNTIME_MIN || (int64_t)period < 0 ||
	    (int64_t)a->sched_deadline < 0)
		return false;
	return a->sched_runtime <= a->sched_deadline && a->sched_deadline <= period && period >= DEADLINE_PERIOD_MIN &&
	       period <= DEADLINE_PERIOD_MAX;
}

static int attr_check(const struct sched_attr *a)
{
	bool deadline = a->sched_policy == SCHED_DEADLINE;

	if (!is_fair(a->sched_policy) && !is_realtime(a->sched_policy) && !deadline)
		return -EINVAL;
	if (a->sched_flags & ~(uint64_t)FLAGS_KNOWN || a->sched_priority > RT_PRIORITY_MAX)
		return -EINVAL;
	if (deadline && !deadline_valid(a))
		return -EINVAL;
	return is_realtime(a->sched_policy) == (a->sched_priority != 0) ? 0 : -EINVAL;
}

/* What an ordinary user may not do to a thread. */
static int attr_permitted(const struct thread *t, const struct sched_attr *a)
{
	uint64_t rtprio = t->process->rlim[RLIMIT_RTPRIO].cur;
	bool on = a->sched_flags & SCHED_FLAG_RESET_ON_FORK;

	if (capable(CAP_SYS_NICE))
		return 0;
	if (is_fair(a->sched_policy) && a->sched_nice < t->nice && !nice_allowed(t, a->sched_nice))
		return -EPERM;
	if (is_realtime(a->sched_policy)) {
		if (a->sched_policy != t->policy && !rtprio)
			return -EPERM;
		if (a->sched_priority > t->rt_priority && a->sched_priority > rtprio)
			return -EPERM;
	}
	if (a->sched_policy == SCHED_DEADLINE)
		return -EPERM;
	if (t->policy == SCHED_IDLE && a->sched_policy != SCHED_IDLE && !nice_allowed(t, t->nice))
		return -EPERM;
	return !sched_same_owner(t) || (t->reset_on_fork && !on) ? -EPERM : 0;
}

static void attr_apply(struct thread *t, const struct sched_attr *a)
{
	t->policy = a->sched_policy;
	t->reset_on_fork = a->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	t->rt_priority = a->sched_policy == SCHED_DEADLINE ? DEADLINE_PRIORITY : a->sched_priority;
	t->deadline[0] = a->sched_runtime;
	t->deadline[1] = a->sched_deadline;
	t->deadline[2] = a->sched_period ? a->sched_period : a->sched_deadline;
	if (is_fair(a->sched_policy))
		t->nice = a->sched_nice;
	futex_pi_adjust(t);
}

static int attr_set(struct thread *t, const struct sched_attr *a)
{
	int err = attr_check(a);

	if (!err)
		err = attr_permitted(t, a);
	if (!err)
		attr_apply(t, a);
	return err;
}

void sched_inherit(struct thread *t, const struct thread *from)
{
	bool reset = from->reset_on_fork;

	t->policy = reset ? SCHED_NORMAL : from->policy;
	t->rt_priority = reset ? 0 : from->rt_priority;
	t->nice = reset && (from->rt_priority || from->nice < 0) ? 0 : from->nice;
	memcpy(t->deadline, from->deadline, sizeof(t->deadline));
	t->ioprio = from->ioprio;
	t->mempolicy = from->mempolicy;
	t->mempolicy_node = from->mempolicy_node;
}

SYSCALL_DEFINE(sched_getscheduler, int, tid)
{
	struct thread *t = thread_or_self(tid);

	if (tid < 0)
		return -EINVAL;
	if (!t) /* perhaps not waited for yet */
		return process_find(tid) ? (long)process_find(tid)->last_policy : -ESRCH;
	return t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

/* policy < 0: as it is. */
static long set_scheduler(int tid, int policy, uaddr_t uparam)
{
	struct thread *t = thread_or_self(tid);
	struct sched_param param;
	struct sched_attr attr = { 0 };

	if (tid < 0 || !uparam)
		return -EINVAL;
	if (get_user(param, uparam))
		return -EFAULT;
	if (!t)
		return -ESRCH;
	attr.sched_policy = policy < 0 ? t->policy : (uint32_t)policy & ~SCHED_RESET_ON_FORK;
	attr.sched_priority = (uint32_t)param.sched_priority;
	attr.sched_nice = t->nice;
	if (policy < 0 ? t->reset_on_fork : policy & SCHED_RESET_ON_FORK)
		attr.sched_flags = SCHED_FLAG_RESET_ON_FORK;
	return attr_set(t, &attr);
}

SYSCALL_DEFINE(sched_setscheduler, int, tid, int, policy, uaddr_t, param)
{
	return policy < 0 ? -EINVAL : set_scheduler(tid, policy, param);
}

SYSCALL_DEFINE(sched_setparam, int, tid, uaddr_t, param)
{
	return set_scheduler(tid, -1, param);
}

SYSCALL_DEFINE(sched_getparam, int, tid, uaddr_t, uparam)
{
	struct thread *t = thread_or_self(tid);
	struct sched_param param = { 0 };

	if (tid < 0 || !uparam)
		return -EINVAL;
	if (t && is_realtime(t->policy))
		param.sched_priority = (int32_t)t->rt_priority;
	else if (!t && !process_find(tid))
		return -ESRCH;
	else if (!t && is_realtime(process_find(tid)->last_policy))
		param.sched_priority = (int32_t)process_find(tid)->last_rt_priority;
	return put_user(param, uparam);
}

/* The caller's struct may be shorter, or longer if the rest is 0. */
static int attr_from_user(struct sched_attr *attr, uaddr_t from)
{
	uint8_t tail[64];
	uint32_t size;

	if (get_user(size, from))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > ATTR_SIZE_MAX)
		return put_user((uint32_t)sizeof(*attr), from) ? -EFAULT : -E2BIG;
	if (copy_from_user(attr, from, MIN(size, (uint32_t)sizeof(*attr))))
		return -EFAULT;
	for (uint32_t at = sizeof(*attr); at < size; at += sizeof(tail)) {
		uint32_t n = MIN(size - at, (uint32_t)sizeof(tail));

		if (copy_from_user(tail, from + at, n))
			return -EFAULT;
		for (uint32_t i = 0; i < n; i++)
			if (tail[i])
				return put_user((uint32_t)sizeof(*attr), from) ? -EFAULT : -E2BIG;
	}
	attr->sched_nice = MAX(-20, MIN(19, attr->sched_nice));
	return 0;
}

SYSCALL_DEFINE(sched_setattr, int, tid, uaddr_t, uattr, unsigned, flags)
{
	struct sched_attr attr = { 0 };
	struct thread *t = thread_or_self(tid);
	int err;

	if (!uattr || tid < 0 || flags)
		return -EINVAL;
	err = attr_from_user(&attr, uattr);
	if (err)
		return err;
	if ((int32_t)attr.sched_policy < 0)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	if (attr.sched_flags & SCHED_FLAG_KEEP_POLICY)
		attr.sched_policy = t->policy;
	if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		attr.sched_nice = t->nice;
		attr.sched_priority = is_realtime(t->policy) ? t->rt_priority : 0;
	}
	return attr_set(t, &attr);
}

SYSCALL_DEFINE(sched_getattr, int, tid, uaddr_t, uattr, unsigned, size, unsigned, flags)
{
	struct thread *t = thread_or_self(tid);
	struct sched_attr attr = { .size = sizeof(attr), .sched_util_max = UTIL_MAX };

	if (!uattr || tid < 0 || size < SCHED_ATTR_SIZE_VER0 || size > ATTR_SIZE_MAX || flags)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	attr.sched_policy = t->policy;
	attr.sched_flags = t->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
	if (is_fair(t->policy))
		attr.sched_nice = t->nice;
	else if (is_realtime(t->policy))
		attr.sched_priority = t->rt_priority;
	else
		memcpy(&attr.sched_runtime, t->deadline, sizeof(t->deadline));
	attr.size = MIN(size, (uint32_t)sizeof(attr));
	return copy_to_user(uattr, &attr, attr.size);
}

static int priority_limit(int policy, int of_realtime)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return of_realtime;
	return policy >= 0 && (is_fair((uint32_t)policy) || policy == SCHED_DEADLINE) ? 0 : -EINVAL;
}

SYSCALL_DEFINE(sched_get_priority_max, int, policy)
{
	return priority_limit(policy, RT_PRIORITY_MAX);
}

SYSCALL_DEFINE(sched_get_priority_min, int, policy)
{
	return priority_limit(policy, 1);
}

SYSCALL_DEFINE(sched_rr_get_interval, int, tid, uaddr_t, out)
{
	struct thread *t = thread_or_self(tid);
	int64_t ts[2] = { 0, SLICE_NS };

	if (tid < 0)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	if (!is_fair(t->policy))
		ts[1] = t->policy == SCHED_RR ? RR_SLICE_NS : 0;
	return copy_to_user(out, ts, sizeof(ts));
}
