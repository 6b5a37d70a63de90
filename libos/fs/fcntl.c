/* fcntl.c: dup and its kin, fcntl, close_range, and the ioctls every descriptor has. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dnotify.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/lease.h"
#include "fs/lock.h"
#include "fs/namei.h"
#include "fs/pagetree.h"
#include "fs/filemap.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define SETTABLE (O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME)
#define ALL_SEALS                                                                                  \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE |          \
	 F_SEAL_EXEC)

#define FIONREAD 0x541Bu
#define FIONBIO	 0x5421u
#define FIONCLEX 0x5450u
#define FIOCLEX	 0x5451u
#define FIOASYNC 0x5452u
#define FIOQSIZE 0x5460u
#define FIGETBSZ 2u

/* Takes over f. */
static long install_or_put(struct file *f, unsigned from, bool cloexec)
{
	int fd = fd_install(f, from, cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}

SYSCALL_DEFINE(dup, int, fd)
{
	struct file *f = fd_get(fd, true);

	return f ? install_or_put(f, 0, false) : -EBADF;
}

static long dup_onto(int fd, int newfd, bool cloexec)
{
	struct file *f = fd_get(fd, true);
	int err;

	if (!f)
		return -EBADF;
	err = fd_replace(f, newfd, cloexec);
	if (err < 0)
		file_put(f);
	return err;
}

SYSCALL_DEFINE(dup2, int, fd, int, newfd)
{
	if (fd == newfd)
		return fdtable_lookup(current_files(), fd) ? newfd : -EBADF;
	return dup_onto(fd, newfd, false);
}

SYSCALL_DEFINE(dup3, int, fd, int, newfd, int, flags)
{
	if ((flags & ~O_CLOEXEC) || fd == newfd)
		return -EINVAL;
	return dup_onto(fd, newfd, flags & O_CLOEXEC);
}

SYSCALL_DEFINE(close_range, unsigned, first, unsigned, last, unsigned, flags)
{
	int err;

	if (first > last || (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		err = files_unshare();
		if (err)
			return err;
	}
	for (int fd = first > INT32_MAX ? -1 : (int)first; fd >= 0; fd++) {
		fd = fdtable_next(current_files(), fd);
		if (fd < 0 || (unsigned)fd > last)
			break;
		if (flags & CLOSE_RANGE_CLOEXEC)
			(void)fd_set_cloexec(fd, true);
		else
			(void)fd_close(fd);
	}
	return 0;
}

static long dup_from(struct file *f, unsigned long from, bool cloexec)
{
	if (from >= MIN(current_process()->rlim[RLIMIT_NOFILE].cur, (uint64_t)FD_MAX))
		return -EINVAL;
	return install_or_put(file_get(f), (unsigned)from, cloexec);
}

static long set_status(struct file *f, unsigned flags)
{
	const struct cred *c = &current_process()->cred;

	if ((flags & O_NOATIME) && !(f->flags & O_NOATIME) && f->inode &&
	    f->inode->uid != c->fsuid && !capable(CAP_FOWNER))
		return -EPERM;
	if ((flags & O_DIRECT) && f->inode && !S_ISREG(f->inode->mode) && !S_ISFIFO(f->inode->mode))
		return -EINVAL;
	f->flags = (f->flags & ~(unsigned)SETTABLE) | (flags & SETTABLE);
	return 0;
}

static bool owner_exists(int type, kpid_t id)
{
	struct process *p;

	if (!id)
		return true;
	if (type == F_OWNER_TID)
		return thread_find(id);
	list_for_each(p, &process_all, all_node)
	{
		if ((type == F_OWNER_PID ? p->pid : p->pgid) == id)
			return true;
	}
	return false;
}

static long set_owner(struct file *f, int fd, int type, kpid_t id)
{
	struct file_owner *o;

	if (!owner_exists(type, id))
		return -ESRCH;
	o = file_owner_get(f);
	if (!o)
		return -ENOMEM;
	o->type = type;
	o->id = id;
	o->fd = fd;
	o->uid = current_process()->cred.uid;
	o->euid = current_process()->cred.euid;
	return 0;
}

long file_set_owner(struct file *f, int fd, int id)
{
	if (id == INT32_MIN)
		return -EINVAL;
	return id < 0 ? set_owner(f, fd, F_OWNER_PGRP, -id) : set_owner(f, fd, F_OWNER_PID, id);
}

static long set_owner_ex(struct file *f, int fd, uaddr_t arg)
{
	struct f_owner_ex ex;

	if (copy_from_user(&ex, arg, sizeof(ex)))
		return -EFAULT;
	if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	return set_owner(f, fd, ex.type, ex.pid);
}

long file_get_owner(const struct file *f)
{
	const struct file_owner *o = f->owner;

	if (!o)
		return 0;
	return o->type == F_OWNER_PGRP ? -o->id : o->id;
}

static long get_owner_ex(const struct file *f, uaddr_t arg)
{
	struct f_owner_ex ex = {F_OWNER_PID, 0};

	if (f->owner)
		ex = (struct f_owner_ex){f->owner->type, f->owner->id};
	return copy_to_user(arg, &ex, sizeof(ex));
}

static long set_owner_signal(struct file *f, int fd, unsigned long sig)
{
	struct file_owner *o;

	if (sig > 64)
		return -EINVAL;
	o = file_owner_get(f);
	if (!o)
		return -ENOMEM;
	o->sig = (int)sig;
	o->fd = fd;
	return 0;
}

/* As on tmpfs: files that live in memory can carry seals, those not made by memfd_create only
 * F_SEAL_SEAL. */
static bool has_seals(const struct inode *i)
{
	return i && S_ISREG(i->mode) && !i->data && !i->ops->readpage;
}

static long add_seals(struct file *f, unsigned seals)
{
	struct inode *i = f->inode;

	if (!has_seals(i) || (seals & ~ALL_SEALS))
		return -EINVAL;
	if (!file_writable(f) || (i->seals & F_SEAL_SEAL))
		return -EPERM;
	if ((seals & F_SEAL_WRITE) && !(i->seals & F_SEAL_WRITE) && i->map &&
	    !list_empty(&i->map->windows))
		return -EBUSY;
	i->seals |= seals;
	return 0;
}

static long get_seals(const struct file *f)
{
	return has_seals(f->inode) ? (long)f->inode->seals : -EINVAL;
}

static long rw_hint(int cmd, uaddr_t arg)
{
	uint64_t hint = 0;

	if (cmd == F_GET_RW_HINT || cmd == F_GET_FILE_RW_HINT)
		return put_user(hint, arg);
	if (get_user(hint, arg))
		return -EFAULT;
	return hint > 5 ? -EINVAL : 0;
}

/* Commands that also work on O_PATH descriptors. -ENOIOCTLCMD: another one. */
static long fcntl_any(struct file *f, int fd, int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return dup_from(f, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fdtable_cloexec(current_files(), fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return f->flags;
	case F_CREATED_QUERY:
		return f->created;
	default:
		return -ENOIOCTLCMD;
	}
}

static long fcntl_open(struct file *f, int fd, int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_SETFL:
		return set_status(f, (unsigned)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return lock_fcntl(f, cmd, arg);
	case F_SETOWN:
		return file_set_owner(f, fd, (int)arg);
	case F_GETOWN:
		return file_get_owner(f);
	case F_SETOWN_EX:
		return set_owner_ex(f, fd, arg);
	case F_GETOWN_EX:
		return get_owner_ex(f, arg);
	case F_SETSIG:
		return set_owner_signal(f, fd, arg);
	case F_GETSIG:
		return f->owner ? f->owner->sig : 0;
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_fcntl(f, cmd, arg);
	case F_ADD_SEALS:
		return add_seals(f, (unsigned)arg);
	case F_GET_SEALS:
		return get_seals(f);
	case F_SETLEASE:
		return lease_set(f, fd, arg);
	case F_GETLEASE:
		return lease_get(f);
	case F_NOTIFY:
		return dnotify_set(f, fd, arg);
	case F_GET_RW_HINT:
	case F_SET_RW_HINT:
	case F_GET_FILE_RW_HINT:
	case F_SET_FILE_RW_HINT:
		return rw_hint(cmd, arg);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE(fcntl, int, fd, int, cmd, unsigned long, arg)
{
	struct file *f = fd_get(fd, true);
	long ret;

	if (!f)
		return -EBADF;
	ret = fcntl_any(f, fd, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = f->flags & O_PATH ? -EBADF : fcntl_open(f, fd, cmd, arg);
	file_put(f);
	return ret;
}

static long set_flag_from_user(struct file *f, unsigned flag, uaddr_t arg)
{
	int32_t on;

	if (get_user(on, arg))
		return -EFAULT;
	if (on)
		f->flags |= flag;
	else
		f->flags &= ~flag;
	return 0;
}

static long regular_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	uint64_t size = inode_size(f->inode);

	switch (cmd) {
	case FIONREAD:
		return put_user((int32_t)(size > (uint64_t)f->pos ? size - (uint64_t)f->pos : 0),
				arg);
	case FIOQSIZE:
		return put_user(size, arg);
	case FIGETBSZ:
		return put_user((int32_t)4096, arg);
	default:
		return -ENOTTY;
	}
}

static long do_ioctl(struct file *f, int fd, unsigned cmd, uaddr_t arg)
{
	long ret;

	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		return fd_set_cloexec(fd, cmd == FIOCLEX);
	case FIONBIO:
		return set_flag_from_user(f, O_NONBLOCK, arg);
	case FIOASYNC:
		return set_flag_from_user(f, O_ASYNC, arg);
	default:
		break;
	}
	if (f->inode && (S_ISCHR(f->inode->mode) || S_ISBLK(f->inode->mode)) && f->path.dentry) {
		ret = landlock_path(&f->path, LANDLOCK_ACCESS_FS_IOCTL_DEV);
		if (ret)
			return ret;
	}
	ret = file_attr_ioctl(f, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOIOCTLCMD;
	if (ret != -ENOIOCTLCMD)
		return ret;
	return f->inode && S_ISREG(f->inode->mode) ? regular_ioctl(f, cmd, arg) : -ENOTTY;
}

SYSCALL_DEFINE(ioctl, int, fd, unsigned, cmd, uaddr_t, arg)
{
	struct file *f = fd_get(fd, false);
	long ret;

	if (!f)
		return -EBADF;
	ret = do_ioctl(f, fd, cmd, arg);
	file_put(f);
	return ret;
}
