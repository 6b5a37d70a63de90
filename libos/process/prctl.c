/* prctl.c: prctl and arch_prctl: settings of a process or thread that have no call of their own.
 *
 * Operations about things that do not exist here (speculation control, machine
 * checks) fail as on a kernel built without them. */
#include "linux/prctl.h"
#include "abi/layout.h"
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/internal.h"
#include "seccomp/seccomp.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "vm/vm.h"

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

static long set_flag(bool *flag, uint64_t value)
{
	if (value > 1)
		return -EINVAL;
	*flag = value;
	return 0;
}

static long set_timer_slack(struct process *p, uint64_t ns)
{
	p->timer_slack = (int64_t)ns > 0 ? ns : p->default_slack;
	return 0;
}

static long set_seccomp(uint64_t mode, uaddr_t uprog)
{
	if (mode == SECCOMP_MODE_STRICT)
		return seccomp_set_strict();
	return mode == SECCOMP_MODE_FILTER ? seccomp_set_filter(0, uprog) : -EINVAL;
}

/* Processors' side channels are the machine's affair; as on one that has none. */
static long speculation(uint64_t which, uint64_t a3, uint64_t a4, uint64_t a5, bool set)
{
	if ((!set && a3) || a4 || a5)
		return -EINVAL;
	if (which > PR_SPEC_LAST)
		return -ENODEV;
	return set ? -ENXIO : PR_SPEC_NOT_AFFECTED;
}

static long thp_disable(struct process *p, int op, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	if (op == PR_GET_THP_DISABLE)
		return a2 || a3 || a4 || a5 ? -EINVAL : p->thp_disabled;
	if (a3 || a4 || a5)
		return -EINVAL;
	p->thp_disabled = a2;
	return 0;
}

static long io_flusher(struct process *p, int op, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (op == PR_GET_IO_FLUSHER)
		return a2 || a3 || a4 || a5 ? -EINVAL : p->io_flusher;
	if (a3 || a4 || a5)
		return -EINVAL;
	return set_flag(&p->io_flusher, a2);
}

/* Machine checks do not reach the enclave: the policy is kept and given back. */
static long mce_kill(struct process *p, int op, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	if (op == PR_MCE_KILL_GET)
		return a2 || a3 || a4 || a5 ? -EINVAL : p->mce_policy;
	if (a4 || a5)
		return -EINVAL;
	if (a2 == PR_MCE_KILL_CLEAR) {
		if (a3)
			return -EINVAL;
		p->mce_policy = PR_MCE_KILL_DEFAULT;
		return 0;
	}
	if (a2 != PR_MCE_KILL_SET || a3 > PR_MCE_KILL_DEFAULT)
		return -EINVAL;
	p->mce_policy = (uint8_t)a3;
	return 0;
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
	case PR_TASK_PERF_EVENTS_DISABLE:
	case PR_TASK_PERF_EVENTS_ENABLE:
		return 0;
	case PR_GET_SECCOMP:
		return current->seccomp_mode;
	case PR_SET_SECCOMP:
		return set_seccomp(a2, a3);
	case PR_GET_THP_DISABLE:
	case PR_SET_THP_DISABLE:
		return thp_disable(p, op, a2, a3, a4, a5);
	case PR_GET_SPECULATION_CTRL:
	case PR_SET_SPECULATION_CTRL:
		return speculation(a2, a3, a4, a5, op == PR_SET_SPECULATION_CTRL);
	case PR_GET_IO_FLUSHER:
	case PR_SET_IO_FLUSHER:
		return io_flusher(p, op, a2, a3, a4, a5);
	case PR_MCE_KILL:
	case PR_MCE_KILL_GET:
		return mce_kill(p, op, a2, a3, a4, a5);
	case PR_GET_TIMERSLACK:
		return (long)p->timer_slack;
	case PR_SET_TIMERSLACK:
		return set_timer_slack(p, a2);
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
	return prctl_caps(&p->cred, op, a2, a3, a4, a5);
}

SYSCALL_DEFINE(arch_prctl, int, op, uint64_t, addr)
{
	switch (op) {
	case ARCH_SET_FS:
		if (!user_fs_base_ok(addr))
			return -EPERM;
		set_user_fs_base(addr);
		return 0;
	case ARCH_GET_FS:
		return put_user(user_fs_base(), addr);
	case ARCH_SET_GS: /* remembered only: GS itself belongs to the LibOS, see README.md */
		if (addr >= ELRANGE_END)
			return -EPERM;
		current->gs_user = addr;
		return 0;
	case ARCH_GET_GS:
		return put_user(current->gs_user, addr);
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV; /* CPUID cannot be made to fault */
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
