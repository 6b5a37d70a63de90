/* rlimit.c: resource limits. They live in the process and are enforced where the resource is: vm/
 * (AS, DATA, STACK, MEMLOCK), fs/ (NOFILE, FSIZE), clone (NPROC), signal/ (SIGPENDING). */
#include "entry/config.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/cpu_limit.h"
#include "process/internal.h"
#include "process/pid.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define NOFILE_MAX 1048576UL

/* Debian's defaults; the stack's from the configuration. */
void rlimits_default(struct rlimit *rlim)
{
	uint64_t stack = config_get()->default_stack_size;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rlim[RLIMIT_STACK].cur = stack ? stack : 8UL << 20;
	rlim[RLIMIT_CORE].cur = 0;
	rlim[RLIMIT_NPROC] = (struct rlimit){ thread_limit, thread_limit };
	rlim[RLIMIT_NOFILE] = (struct rlimit){ 1024, NOFILE_MAX };
	rlim[RLIMIT_MEMLOCK] = (struct rlimit){ 8UL << 20, 8UL << 20 };
	rlim[RLIMIT_SIGPENDING] = (struct rlimit){ thread_limit * 4UL, thread_limit * 4UL };
	rlim[RLIMIT_MSGQUEUE] = (struct rlimit){ 819200, 819200 };
	rlim[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	rlim[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

static unsigned threads_of_user(uint32_t uid)
{
	struct process *p;
	unsigned n = 0;

	list_for_each(p, &process_all, all_node)
		if (p->cred.uid == uid)
			n += p->zombie ? 1 : p->nthreads;
	return n;
}

bool rlimit_may_create(const struct process *p)
{
	uint64_t limit = p->rlim[RLIMIT_NPROC].cur;

	if (limit == RLIM_INFINITY || p->cred.uid == 0 || capable(CAP_SYS_RESOURCE) ||
	    capable(CAP_SYS_ADMIN))
		return true;
	return threads_of_user(p->cred.uid) < limit;
}

bool rlimit_nproc_exceeded(const struct process *p)
{
	uint64_t limit = p->rlim[RLIMIT_NPROC].cur;

	return limit != RLIM_INFINITY && p->cred.uid && threads_of_user(p->cred.uid) > limit;
}

static int rlimit_set(struct process *p, unsigned which, struct rlimit new_lim)
{
	struct rlimit *lim = &p->rlim[which];

	if (new_lim.cur > new_lim.max)
		return -EINVAL;
	if (which == RLIMIT_NOFILE && new_lim.max > NOFILE_MAX)
		return -EPERM;
	if (new_lim.max > lim->max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	*lim = new_lim;
	return which == RLIMIT_CPU ? cpu_limit_update(p) : 0;
}

SYSCALL_DEFINE(getrlimit, unsigned, which, uaddr_t, out)
{
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	return put_user(current->process->rlim[which], out);
}

SYSCALL_DEFINE(setrlimit, unsigned, which, uaddr_t, in)
{
	struct rlimit lim;

	if (get_user(lim, in))
		return -EFAULT;
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	return rlimit_set(current->process, which, lim);
}

static bool same_user(const struct cred *me, const struct cred *other)
{
	return me->uid == other->uid && me->uid == other->euid && me->uid == other->suid &&
	       me->gid == other->gid && me->gid == other->egid && me->gid == other->sgid;
}

SYSCALL_DEFINE(prlimit64, int, pid, unsigned, which, uaddr_t, in, uaddr_t, out)
{
	struct process *p = current->process;
	struct thread *t = pid ? thread_find(pid) : current;
	struct rlimit lim, old;
	int err;

	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	if (in && get_user(lim, in))
		return -EFAULT;
	if (pid)
		p = t ? t->process : process_find(pid);
	if (!p)
		return -ESRCH;
	if (p != current->process && !same_user(&current->process->cred, &p->cred) &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	old = p->rlim[which];
	if (in) {
		err = rlimit_set(p, which, lim);
		if (err)
			return err;
	}
	return out ? put_user(old, out) : 0;
}
