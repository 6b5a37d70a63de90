/* pidfd.c: pidfd_open, pidfd_send_signal, pidfd_getfd. The open file holds the process object; the
 * object outlives the process, so a number that is used again never names another one. Readable
 * from when the process has ended. */
#include "process/pidfd.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

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

static const struct file_ops pidfd_ops = {
	.name = "pidfd",
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

SYSCALL_DEFINE(pidfd_send_signal, int, fd, int, sig, uaddr_t, uinfo, unsigned, flags)
{
	struct siginfo info;
	struct process *p;
	int err;

	if (flags || sig < 0 || sig > NSIG)
		return -EINVAL;
	err = pidfd_process(fd, &p, NULL);
	if (err)
		return err;
	process_get(p); /* the caller's memory may be far */
	err = take_info(p, sig, uinfo, &info);
	if (!err)
		err = p->reaped ? -ESRCH : signal_may_send(p, sig);
	if (!err && sig)
		err = signal_send_process(p, sig, &info);
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
