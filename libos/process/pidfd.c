/* pidfd.c: pidfd_open, pidfd_send_signal, pidfd_getfd. The open file holds the process object; the
 * object outlives the process, so a number that is used again never names another one. Readable
 * from when the process has ended. */
#include "process/pidfd.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/procfs/procfs.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define PIDFD_INFO_PID 1u
#define PIDFD_INFO_CREDS 2u
#define PIDFD_INFO_EXIT 8u
#define PIDFD_INFO_SIZE_VER0 64
#define PIDFD_SIGNAL_THREAD 1u
#define PIDFD_SIGNAL_PROCESS_GROUP 4u

struct pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_info) == PIDFD_INFO_SIZE_VER0, "pidfd_info layout");
#define PIDFD_GET_INFO 0xc040ff0bu /* _IOWR(0xff, 11, struct pidfd_info) */

static unsigned pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct process *p = f->priv;

	poll_wait(pt, &p->ended);
	return p->zombie ? EPOLLIN | EPOLLRDNORM : 0;
}

static void pidfd_release(struct file *f)
{
	process_put(f->priv);
}

static size_t pidfd_show_fdinfo(struct file *f, char *buf, size_t size)
{
	const struct process *p = f->priv;
	int pid = p->reaped ? -1 : p->pid;

	return (size_t)snprintf(buf, size, "Pid:\t%d\nNSpid:\t%d\n", pid, pid);
}

/* The part of struct pidfd_info that mask asks for; exit codes only of processes that were waited for. */
static int info_of(const struct process *p, struct pidfd_info *i)
{
	uint64_t asked = i->mask;

	if (p->reaped && !(asked & PIDFD_INFO_EXIT))
		return -ESRCH;
	*i = (struct pidfd_info){ 0 };
	if (p->reaped) {
		i->mask = PIDFD_INFO_EXIT;
		i->exit_code = p->exit_status;
		return 0;
	}
	i->mask = PIDFD_INFO_PID | PIDFD_INFO_CREDS;
	i->pid = i->tgid = (uint32_t)p->pid;
	i->ppid = (uint32_t)process_ppid(p);
	i->ruid = p->cred.uid;
	i->euid = p->cred.euid;
	i->suid = p->cred.suid;
	i->fsuid = p->cred.fsuid;
	i->rgid = p->cred.gid;
	i->egid = p->cred.egid;
	i->sgid = p->cred.sgid;
	i->fsgid = p->cred.fsgid;
	return 0;
}

/* The caller's struct may be shorter or longer than ours, as the request's size says. */
static long pidfd_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	size_t size = cmd >> 16 & 0x3fff;
	struct pidfd_info info;
	int err;

	if ((cmd & ~0x3fff0000u) != (PIDFD_GET_INFO & ~0x3fff0000u) || size < PIDFD_INFO_SIZE_VER0)
		return -ENOIOCTLCMD;
	if (!arg)
		return -EINVAL;
	if (get_user(info.mask, arg))
		return -EFAULT;
	err = info_of(f->priv, &info);
	return err ? err : copy_to_user(arg, &info, MIN(size, sizeof(info)));
}

static const struct file_ops pidfd_ops = {
	.name = "pidfd",
	.ioctl = pidfd_ioctl,
	.poll = pidfd_poll,
	.release = pidfd_release,
	.show_fdinfo = pidfd_show_fdinfo,
};

int pidfd_create(struct process *p, unsigned flags)
{
	struct file *f = file_alloc(&pidfd_ops, O_RDWR | (flags & O_NONBLOCK), NULL, NULL);
	int fd;

	if (!f)
		return -ENOMEM;
	f->priv = process_get(p);
	fd = fd_install(f, 0, true);
	if (fd < 0)
		file_put(f);
	return fd;
}

int pidfd_process(int fd, struct process **out, bool *nonblock)
{
	struct file *f = fd_get(fd, false);
	int err = -EBADF;

	if (!f)
		return -EBADF;
	if (f->ops == &pidfd_ops) {
		*out = f->priv;
		if (nonblock)
			*nonblock = f->flags & O_NONBLOCK;
		err = 0;
	}
	file_put(f);
	return err;
}

SYSCALL_DEFINE(pidfd_open, int, pid, unsigned, flags)
{
	struct process *p;

	if ((flags & ~(unsigned)O_NONBLOCK) || pid <= 0)
		return -EINVAL;
	p = process_find(pid);
	if (!p)
		return thread_find(pid) ? -EINVAL : -ESRCH;
	return pidfd_create(p, flags);
}

/* What the caller says about the signal, or what kill says. Others may not be told lies about the
 * sender. */
static int take_info(const struct process *p, int sig, uaddr_t uinfo, struct siginfo *info)
{
	if (!uinfo) {
		signal_fill_user(info, sig, SI_USER);
		return 0;
	}
	if (copy_from_user(info, uinfo, sizeof(*info)))
		return -EFAULT;
	if (info->signo != sig)
		return -EINVAL;
	return (info->code >= 0 || info->code == SI_TKILL) && p != current->process ? -EPERM : 0;
}

/* A directory of /proc will do for a pidfd here. */
static int signal_target(int fd, struct process **out)
{
	int err = pidfd_process(fd, out, NULL);
	struct file *f = err ? fd_get(fd, false) : NULL;

	if (!f)
		return err;
	err = procfs_dir_process(f, out);
	file_put(f);
	return err;
}

static int send_by(struct process *p, int sig, const struct siginfo *info, unsigned flags)
{
	if (flags & PIDFD_SIGNAL_PROCESS_GROUP)
		return signal_send_pgrp(p->pid, sig, info);
	if (flags & PIDFD_SIGNAL_THREAD)
		return p->leader ? signal_send_thread(p->leader, sig, info) : -ESRCH;
	return signal_send_process(p, sig, info);
}

SYSCALL_DEFINE(pidfd_send_signal, int, fd, int, sig, uaddr_t, uinfo, unsigned, flags)
{
	struct siginfo info;
	struct process *p;
	int err;

	if (sig < 0 || sig > NSIG || flags & ~7u || (flags & (flags - 1)))
		return -EINVAL;
	err = signal_target(fd, &p);
	if (err)
		return err;
	process_get(p); /* the caller's memory may be far */
	err = take_info(p, sig, uinfo, &info);
	if (!err)
		err = p->reaped ? -ESRCH : signal_may_send(p, sig);
	if (!err && sig)
		err = send_by(p, sig, &info, flags);
	process_put(p);
	return err;
}

SYSCALL_DEFINE(pidfd_getfd, int, pidfd, int, target, unsigned, flags)
{
	struct process *p;
	struct file *f;
	int fd, err;

	if (flags)
		return -EINVAL;
	err = pidfd_process(pidfd, &p, NULL);
	if (err)
		return err;
	if (p->zombie || !p->files)
		return -ESRCH;
	if (p != current->process && p->cred.uid != current->process->cred.euid &&
	    !capable(CAP_SYS_PTRACE))
		return -EPERM;
	f = fdtable_lookup(p->files, target);
	if (!f)
		return -EBADF;
	fd = fd_install(file_get(f), 0, true);
	if (fd < 0)
		file_put(f);
	return fd;
}
