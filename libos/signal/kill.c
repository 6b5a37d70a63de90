/* kill.c: the system calls that send signals: kill, tkill, tgkill and their sigqueue relatives.
 * Signal 0 only checks that the target exists and may be signalled. */
#include "eip/eip.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static bool sig_valid(int sig)
{
	return sig >= 0 && sig <= NSIG;
}

static int send_checked(struct process *p, int sig, const struct siginfo *info)
{
	int err = signal_may_send(p, sig);

	if (err || !sig)
		return err;
	return signal_send_process(p, sig, info);
}

/* A process by its number or by that of any of its threads. */
static struct process *find_target(kpid_t id)
{
	struct process *p = process_find(id);
	struct thread *t;

	if (p)
		return p;
	t = thread_find(id);
	return t ? t->process : NULL;
}

/* What other enclaves say, if there are any; ret: what has come of it here. */
static int ask_others(enum eip_target target, kpid_t id, kpid_t tgid, int sig, const struct siginfo *info, int ret)
{
	struct eip_kill k = { target, id, tgid, sig, info };
	int err = eip_enabled() ? eip_kill(&k) : -ESRCH;

	return !err || ret == -ESRCH ? err : ret;
}

static int kill_one(kpid_t pid, int sig, const struct siginfo *info)
{
	struct process *p = find_target(pid);
	int err;

	if (p && !p->elsewhere)
		return send_checked(p, sig, info);
	err = ask_others(EIP_PID, pid, 0, sig, info, -ESRCH);
	return err == -ESRCH && process_find(pid) ? 0 : err; /* a zombie, as we know by now */
}

/* Success if at least one could be signalled; else the last error. */
static int kill_group(kpid_t pgid, int sig, const struct siginfo *info)
{
	struct process *p;
	int err, ret = -ESRCH;

	list_for_each(p, &process_all, all_node) {
		if (p->pgid != pgid || p->elsewhere)
			continue;
		err = send_checked(p, sig, info);
		if (!err || ret)
			ret = err;
	}
	return ask_others(EIP_GROUP, pgid, 0, sig, info, ret);
}

static int kill_all(int sig, const struct siginfo *info)
{
	struct process *p;
	int err, ret = -ESRCH;

	list_for_each(p, &process_all, all_node) {
		if (p == init_process || p == current->process || p->elsewhere)
			continue;
		err = send_checked(p, sig, info);
		if (err != -EPERM)
			ret = err;
	}
	return ask_others(EIP_ALL, 0, 0, sig, info, ret);
}

SYSCALL_DEFINE(kill, int, pid, int, sig)
{
	struct siginfo info;

	if (!sig_valid(sig))
		return -EINVAL;
	signal_fill_user(&info, sig, SI_USER);
	if (pid > 0)
		return kill_one(pid, sig, &info);
	if (pid == -1)
		return kill_all(sig, &info);
	if (pid == INT32_MIN)
		return -ESRCH;
	return kill_group(pid ? -pid : current->process->pgid, sig, &info);
}

static int send_thread(kpid_t tgid, kpid_t tid, int sig, const struct siginfo *info)
{
	struct thread *t = thread_find(tid);
	int err;

	if (!t)
		return ask_others(EIP_TID, tid, tgid, sig, info, -ESRCH);
	if (!t->process || (tgid > 0 && t->process->pid != tgid))
		return -ESRCH;
	err = signal_may_send(t->process, sig);
	if (err || !sig)
		return err;
	return signal_send_thread(t, sig, info);
}

static int do_tkill(kpid_t tgid, kpid_t tid, int sig)
{
	struct siginfo info;

	if (!sig_valid(sig))
		return -EINVAL;
	signal_fill_user(&info, sig, SI_TKILL);
	return send_thread(tgid, tid, sig, &info);
}

SYSCALL_DEFINE(tkill, int, tid, int, sig)
{
	if (tid <= 0)
		return -EINVAL;
	return do_tkill(0, tid, sig);
}

SYSCALL_DEFINE(tgkill, int, tgid, int, tid, int, sig)
{
	if (tid <= 0 || tgid <= 0)
		return -EINVAL;
	return do_tkill(tgid, tid, sig);
}

/* Only to itself may a process send what looks like the kernel's or kill()'s. */
static int copy_info(struct siginfo *info, uaddr_t uinfo, int sig, kpid_t to)
{
	if (copy_from_user(info, uinfo, sizeof(*info)))
		return -EFAULT;
	info->signo = sig;
	if ((info->code >= 0 || info->code == SI_TKILL) && to != current->process->pid)
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE(rt_sigqueueinfo, int, pid, int, sig, uaddr_t, uinfo)
{
	struct siginfo info;
	int err = copy_info(&info, uinfo, sig, pid);

	if (err)
		return err;
	if (!sig_valid(sig))
		return -EINVAL;
	return kill_one(pid, sig, &info);
}

SYSCALL_DEFINE(rt_tgsigqueueinfo, int, tgid, int, tid, int, sig, uaddr_t, uinfo)
{
	struct siginfo info;
	int err = copy_info(&info, uinfo, sig, tgid);

	if (err)
		return err;
	if (tid <= 0 || tgid <= 0 || !sig_valid(sig))
		return -EINVAL;
	return send_thread(tgid, tid, sig, &info);
}
