/* prctl.c: prctl and arch_prctl: settings of a process or thread that have no call of their own.
 *
 * Operations about things that do not exist here (seccomp filters, speculation control, machine
 * checks) fail as on a kernel built without them. */
#include "linux/prctl.h"
#include "abi/layout.h"
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "vm/vm.h"

#define TIMER_SLACK \
	50000 /* ns; the default. Kept for the process and given back; timers are exact anyway */

static long set_name(uaddr_t from)
{
	char name[TASK_COMM_LEN] = { 0 };
	ssize_t n = strncpy_from_user(name, from, sizeof(name));

	if (n < 0 && n != -ENAMETOOLONG)
		return n;
	if (n < 0 && copy_from_user(name, from, sizeof(name) - 1))
		return -EFAULT;
	name[sizeof(name) - 1] = '\0';
	memcpy(current->comm, name, sizeof(name));
	return 0;
}

static long cap_ambient(struct cred *c, uint64_t op, uint64_t cap)
{
	uint64_t bit;

	if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
		c->cap_ambient = 0;
		return cap ? -EINVAL : 0;
	}
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	bit = 1UL << cap;
	switch (op) {
	case PR_CAP_AMBIENT_IS_SET:
		return !!(c->cap_ambient & bit);
	case PR_CAP_AMBIENT_RAISE:
		if (!(c->cap_permitted & c->cap_inheritable & bit))
			return -EPERM;
		c->cap_ambient |= bit;
		return 0;
	case PR_CAP_AMBIENT_LOWER:
		c->cap_ambient &= ~bit;
		return 0;
	}
	return -EINVAL;
}

static long drop_bounding(struct cred *c, uint64_t cap)
{
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	c->cap_bounding &= ~(1UL << cap);
	return 0;
}

static long set_flag(bool *flag, uint64_t value)
{
	if (value > 1)
		return -EINVAL;
	*flag = value;
	return 0;
}

static long prctl_caps(struct process *p, int op, uint64_t a2, uint64_t a3)
{
	switch (op) {
	case PR_GET_KEEPCAPS:
		return p->cred.keep_caps;
	case PR_SET_KEEPCAPS:
		return set_flag(&p->cred.keep_caps, a2);
	case PR_CAPBSET_READ:
		return a2 > CAP_LAST_CAP ? -EINVAL : (long)(p->cred.cap_bounding >> a2 & 1);
	case PR_CAPBSET_DROP:
		return drop_bounding(&p->cred, a2);
	case PR_GET_SECUREBITS:
		return 0;
	case PR_SET_SECUREBITS:
		return a2 ? -EPERM : 0;
	case PR_CAP_AMBIENT:
		return cap_ambient(&p->cred, a2, a3);
	}
	return -EINVAL;
}

SYSCALL_DEFINE(prctl, int, op, uint64_t, a2, uint64_t, a3, uint64_t, a4, uint64_t, a5)
{
	struct process *p = current->process;

	switch (op) {
	case PR_SET_PDEATHSIG:
		if (a2 > 64)
			return -EINVAL;
		p->pdeath_signal = (int)a2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(p->pdeath_signal, a2);
	case PR_GET_DUMPABLE:
		return p->dumpable;
	case PR_SET_DUMPABLE:
		return set_flag(&p->dumpable, a2);
	case PR_SET_NAME:
		return set_name(a2);
	case PR_GET_NAME:
		return copy_to_user(a2, current->comm, sizeof(current->comm));
	case PR_SET_CHILD_SUBREAPER:
		p->child_subreaper = a2 != 0;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)p->child_subreaper, a2);
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		p->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : p->no_new_privs;
	case PR_GET_TIMING:
	case PR_GET_SECCOMP:
	case PR_GET_THP_DISABLE:
	case PR_SET_THP_DISABLE:
		return 0;
	case PR_GET_TIMERSLACK:
		return (long)p->timer_slack;
	case PR_SET_TIMERSLACK:
		p->timer_slack = (int64_t)a2 > 0 ? a2 : TIMER_SLACK;
		return 0;
	case PR_SET_TIMING:
		return a2 ? -EINVAL : 0;
	case PR_GET_TSC:
		return put_user(1 /* PR_TSC_ENABLE */, a2);
	case PR_SET_TSC:
		return a2 == 1 ? 0 : -EINVAL;
	case PR_GET_TID_ADDRESS:
		return put_user(current->clear_child_tid, a2);
	case PR_SET_PTRACER:
		return 0;
	}
	return prctl_caps(p, op, a2, a3);
}

SYSCALL_DEFINE(arch_prctl, int, op, uint64_t, addr)
{
	switch (op) {
	case ARCH_SET_FS:
		if (addr >= ELRANGE_SIZE)
			return -EPERM;
		set_user_fs_base(addr);
		return 0;
	case ARCH_GET_FS:
		return put_user(user_fs_base(), addr);
	case ARCH_SET_GS: /* remembered only: GS itself belongs to the LibOS, see README.md */
		if (addr >= ELRANGE_SIZE)
			return -EPERM;
		current->gs_user = addr;
		return 0;
	case ARCH_GET_GS:
		return put_user(current->gs_user, addr);
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return addr ? 0 : -ENODEV;
	}
	return -EINVAL;
}

/* Only the execution domain PER_LINUX and its flags exist; the flags have no effect here. */
SYSCALL_DEFINE(personality, uint32_t, persona)
{
	uint32_t old = current->process->personality;

	if (persona != 0xffffffff)
		current->process->personality = persona;
	return old;
}
