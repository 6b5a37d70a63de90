/* priority.c: nice values and I/O priorities, of a thread or of all that a group or user has. Kept, reported and guarded
 * as on Linux; the scheduler does not weigh by them. */
#include "thread/priority.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "syscall/define.h"

#define IOPRIO_CLASS(prio) ((unsigned)(prio) >> 13)
#define IOPRIO_LEVEL(prio) ((prio)&7)
#define IOPRIO_NONE 0
#define IOPRIO_REALTIME 1
#define IOPRIO_BEST_EFFORT 2
#define IOPRIO_IDLE 3
#define IOPRIO_WHO_PROCESS 1 /* then as PRIO_*, one more */
#define IOPRIO_WHO_USER 3

bool sched_same_owner(const struct thread *t)
{
	const struct cred *me = &current->process->cred, *other = &t->process->cred;

	return me->euid == other->uid || me->euid == other->euid;
}

bool nice_allowed(const struct thread *t, int nice)
{
	return (uint64_t)(20 - nice) <= t->process->rlim[RLIMIT_NICE].cur || capable(CAP_SYS_NICE);
}

/* Calls fn for each thread that PRIO_* and id name. -ESRCH: there is none; else what combine made of the results. */
static int for_each_named(int which, int id, int (*fn)(struct thread *t, int arg), int arg,
			  int (*combine)(int so_far, int one))
{
	uint32_t uid = id ? (uint32_t)id : current->process->cred.uid;
	struct process *p;
	struct thread *t;
	int result = -ESRCH;

	if (which == PRIO_PROCESS) {
		t = id ? thread_find(id) : current;
		return t && t->process ? fn(t, arg) : -ESRCH;
	}
	if (which == PRIO_PGRP && !id)
		id = current->process->pgid;
	list_for_each(p, &process_all, all_node) {
		if (which == PRIO_PGRP ? p->pgid != id : p->cred.uid != uid)
			continue;
		list_for_each(t, &p->threads, in_process)
			result = combine(result, fn(t, arg));
	}
	return result;
}

static int largest(int so_far, int one)
{
	return MAX(so_far, one);
}

/* The last error, if any. */
static int any_error(int so_far, int one)
{
	return one < 0 || so_far == -ESRCH ? one : so_far;
}

static int get_nice(struct thread *t, int arg)
{
	(void)arg;
	return 20 - t->nice;
}

static int set_nice(struct thread *t, int nice)
{
	const struct cred *me = &current->process->cred, *other = &t->process->cred;

	if (other->uid != me->euid && other->euid != me->euid && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (nice < t->nice && !nice_allowed(t, nice))
		return -EACCES;
	t->nice = nice;
	return 0;
}

SYSCALL_DEFINE(getpriority, int, which, int, who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, who, get_nice, 0, largest);
}

SYSCALL_DEFINE(setpriority, int, which, int, who, int, nice)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, who, set_nice, MAX(-20, MIN(19, nice)), any_error);
}

/* In a group, one that was never set follows the nice value. */
static int get_ioprio(struct thread *t, int arg)
{
	(void)arg;
	if (IOPRIO_CLASS(t->ioprio) != IOPRIO_NONE)
		return t->ioprio;
	return IOPRIO_BEST_EFFORT << 13 | (t->nice + 20) / 5;
}

/* Smaller numbers are better; the best of all counts. */
static int best_ioprio(int so_far, int one)
{
	return so_far < 0 ? one : MIN(so_far, one);
}

static int set_ioprio(struct thread *t, int prio)
{
	const struct cred *me = &current->process->cred, *other = &t->process->cred;

	if (other->uid != me->euid && other->uid != me->uid && !capable(CAP_SYS_NICE))
		return -EPERM;
	t->ioprio = (uint16_t)prio;
	return 0;
}

SYSCALL_DEFINE(ioprio_get, int, which, int, who)
{
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	if (which == IOPRIO_WHO_PROCESS) {
		struct thread *t = who ? thread_find(who) : current;

		return t && t->process ? (long)t->ioprio : -ESRCH;
	}
	return for_each_named(which - IOPRIO_WHO_PROCESS, who, get_ioprio, 0, best_ioprio);
}

static int ioprio_check(int prio)
{
	switch (IOPRIO_CLASS(prio)) {
	case IOPRIO_REALTIME:
		return capable(CAP_SYS_ADMIN) || capable(CAP_SYS_NICE) ? 0 : -EPERM;
	case IOPRIO_BEST_EFFORT:
	case IOPRIO_IDLE:
		return 0;
	case IOPRIO_NONE:
		return IOPRIO_LEVEL(prio) ? -EINVAL : 0;
	}
	return -EINVAL;
}

SYSCALL_DEFINE(ioprio_set, int, which, int, who, int, prio)
{
	int err = ioprio_check(prio);

	if (err)
		return err;
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	return for_each_named(which - IOPRIO_WHO_PROCESS, who, set_ioprio, prio, any_error);
}
