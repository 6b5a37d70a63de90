/* sys_attr.c: changing attributes: mode, owner, times, size, and space (fallocate). */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/lease.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/resource.h"
#include "linux/stat.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static bool owner_or_capable(const struct inode *i)
{
	return current_process()->cred.fsuid == i->uid || capable(CAP_FOWNER);
}

/* A path to what a descriptor names: pathless files get a detached one. */
static int path_of_fd(int fd, bool allow_path, struct path *out)
{
	struct file *f = fd_get(fd, allow_path);
	int err;

	if (!f)
		return -EBADF;
	err = file_magic_path(f, out);
	file_put(f);
	return err;
}

static int path_at(int dirfd, uaddr_t name, int flags, struct path *out)
{
	unsigned look = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;

	if (flags & AT_EMPTY_PATH)
		look |= LOOKUP_EMPTY;
	return user_path_at(dirfd, name, look, out);
}

static int change_mode(struct path *p, uint32_t mode)
{
	struct inode *i = p->dentry->inode;
	struct iattr a = {.valid = ATTR_MODE, .mode = mode & 07777};
	int err = mount_writable(p->mnt);

	if (err)
		return err;
	if (S_ISLNK(i->mode))
		return -EOPNOTSUPP;
	if (!owner_or_capable(i))
		return -EPERM;
	if (!cred_in_group(&current_process()->cred, i->gid) && !capable(CAP_FSETID))
		a.mode &= ~(uint32_t)S_ISGID;
	return vfs_setattr(p, &a);
}

static long do_chmod(int dirfd, uaddr_t name, uint32_t mode, int flags)
{
	struct path p;
	int err = path_at(dirfd, name, flags, &p);

	if (err)
		return err;
	err = change_mode(&p, mode);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(chmod, uaddr_t, name, uint32_t, mode)
{
	return do_chmod(AT_FDCWD, name, mode, 0);
}

SYSCALL_DEFINE(fchmodat, int, dirfd, uaddr_t, name, uint32_t, mode)
{
	return do_chmod(dirfd, name, mode, 0);
}

SYSCALL_DEFINE(fchmodat2, int, dirfd, uaddr_t, name, uint32_t, mode, int, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return do_chmod(dirfd, name, mode, flags);
}

SYSCALL_DEFINE(fchmod, int, fd, uint32_t, mode)
{
	struct path p;
	int err = path_of_fd(fd, false, &p);

	if (err)
		return err;
	err = change_mode(&p, mode);
	path_put(&p);
	return err;
}

static bool may_chown(const struct inode *i, uint32_t uid, uint32_t gid)
{
	const struct cred *c = &current_process()->cred;

	if (capable(CAP_CHOWN))
		return true;
	if (c->fsuid != i->uid)
		return uid == UINT32_MAX && gid == UINT32_MAX;
	return (uid == UINT32_MAX || uid == i->uid) &&
	       (gid == UINT32_MAX || gid == i->gid || cred_in_group(c, gid));
}

static int change_owner(struct path *p, uint32_t uid, uint32_t gid)
{
	struct inode *i = p->dentry->inode;
	struct iattr a = {.uid = uid, .gid = gid, .mode = i->mode & 07777};
	int err = mount_writable(p->mnt);

	if (err)
		return err;
	if (!may_chown(i, uid, gid))
		return -EPERM;
	if (uid != UINT32_MAX)
		a.valid |= ATTR_UID;
	if (gid != UINT32_MAX)
		a.valid |= ATTR_GID;
	/* A changed file is no longer what was trusted with set-id. */
	if (!S_ISDIR(i->mode) && (i->mode & (S_ISUID | S_ISGID))) {
		a.mode &= ~(uint32_t)S_ISUID;
		if (i->mode & 0010)
			a.mode &= ~(uint32_t)S_ISGID;
		a.valid |= ATTR_MODE;
	}
	return vfs_setattr(p, &a);
}

static long do_chown(int dirfd, uaddr_t name, uint32_t uid, uint32_t gid, int flags)
{
	struct path p;
	int err = path_at(dirfd, name, flags, &p);

	if (err)
		return err;
	err = change_owner(&p, uid, gid);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(chown, uaddr_t, name, uint32_t, uid, uint32_t, gid)
{
	return do_chown(AT_FDCWD, name, uid, gid, 0);
}

SYSCALL_DEFINE(lchown, uaddr_t, name, uint32_t, uid, uint32_t, gid)
{
	return do_chown(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE(fchownat, int, dirfd, uaddr_t, name, uint32_t, uid, uint32_t, gid, int, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return do_chown(dirfd, name, uid, gid, flags);
}

SYSCALL_DEFINE(fchown, int, fd, uint32_t, uid, uint32_t, gid)
{
	struct path p;
	int err = path_of_fd(fd, false, &p);

	if (err)
		return err;
	err = change_owner(&p, uid, gid);
	path_put(&p);
	return err;
}

/* times[0] access, times[1] modification, with UTIME_NOW and UTIME_OMIT in nsec. */
static int set_times(struct path *p, const struct timespec64 times[2])
{
	struct inode *i = p->dentry->inode;
	struct timespec64 now = inode_now();
	struct iattr a = {.atime = times[0], .mtime = times[1]};
	bool both_now = times[0].nsec == UTIME_NOW && times[1].nsec == UTIME_NOW;
	int err;

	if (times[0].nsec == UTIME_OMIT && times[1].nsec == UTIME_OMIT)
		return 0;
	err = mount_writable(p->mnt);
	if (err)
		return err;
	if (!owner_or_capable(i)) {
		if (!both_now)
			return -EPERM;
		err = inode_permission(i, W_OK);
		if (err)
			return err;
	}
	if (times[0].nsec != UTIME_OMIT)
		a.valid |= ATTR_ATIME;
	if (times[1].nsec != UTIME_OMIT)
		a.valid |= ATTR_MTIME;
	if (times[0].nsec == UTIME_NOW)
		a.atime = now;
	if (times[1].nsec == UTIME_NOW)
		a.mtime = now;
	return vfs_setattr(p, &a);
}

static bool nsec_valid(int64_t n)
{
	return n == UTIME_NOW || n == UTIME_OMIT || (n >= 0 && n < (int64_t)NSEC_PER_SEC);
}

static long times_at(int dirfd, uaddr_t name, const struct timespec64 times[2], int flags)
{
	struct path p;
	int err;

	if (!nsec_valid(times[0].nsec) || !nsec_valid(times[1].nsec))
		return -EINVAL;
	if (!name && dirfd != AT_FDCWD)
		err = flags ? -EINVAL : path_of_fd(dirfd, false, &p);
	else
		err = path_at(dirfd, name, flags, &p);
	if (err)
		return err;
	err = set_times(&p, times);
	path_put(&p);
	return err;
}

static const struct timespec64 times_now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};

SYSCALL_DEFINE(utimensat, int, dirfd, uaddr_t, name, uaddr_t, utimes, int, flags)
{
	struct timespec64 times[2];

	if (utimes && copy_from_user(times, utimes, sizeof(times)))
		return -EFAULT;
	/* Nothing to do: Linux does not even look at the path. */
	if (utimes && times[0].nsec == UTIME_OMIT && times[1].nsec == UTIME_OMIT)
		return 0;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!utimes)
		return times_at(dirfd, name, times_now, flags);
	return times_at(dirfd, name, times, flags);
}

static long times_from_timeval(int dirfd, uaddr_t name, uaddr_t utv)
{
	struct timespec64 tv[2]; /* seconds and microseconds */

	if (!utv)
		return times_at(dirfd, name, times_now, 0);
	if (copy_from_user(tv, utv, sizeof(tv)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		if (tv[i].nsec < 0 || tv[i].nsec >= 1000000)
			return -EINVAL;
		tv[i].nsec *= 1000;
	}
	return times_at(dirfd, name, tv, 0);
}

SYSCALL_DEFINE(utimes, uaddr_t, name, uaddr_t, tv)
{
	return times_from_timeval(AT_FDCWD, name, tv);
}

SYSCALL_DEFINE(futimesat, int, dirfd, uaddr_t, name, uaddr_t, tv)
{
	return times_from_timeval(dirfd, name, tv);
}

SYSCALL_DEFINE(utime, uaddr_t, name, uaddr_t, utimbuf)
{
	struct timespec64 times[2] = {{0, 0}, {0, 0}};
	int64_t sec[2];

	if (!utimbuf)
		return times_at(AT_FDCWD, name, times_now, 0);
	if (copy_from_user(sec, utimbuf, sizeof(sec)))
		return -EFAULT;
	times[0].sec = sec[0];
	times[1].sec = sec[1];
	return times_at(AT_FDCWD, name, times, 0);
}

static int truncate_path(struct path *p, loff_t size)
{
	struct inode *i = p->dentry->inode;
	int err;

	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -EINVAL;
	err = mount_writable(p->mnt);
	if (!err)
		err = inode_permission(i, W_OK);
	if (!err && i->deny_write > 0)
		err = -ETXTBSY;
	if (err)
		return err;
	i->deny_write--; /* a writer while leases are broken: none is given meanwhile */
	err = lease_break(i, true, false);
	if (!err)
		err = vfs_truncate(p, (uint64_t)size);
	i->deny_write++;
	return err;
}

SYSCALL_DEFINE(truncate, uaddr_t, name, loff_t, size)
{
	struct path p;
	int err;

	if (size < 0)
		return -EINVAL;
	err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	err = truncate_path(&p, size);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(ftruncate, int, fd, loff_t, size)
{
	struct file *f;
	int err = -EINVAL;

	if (size < 0)
		return -EINVAL;
	f = fd_get(fd, false);
	if (!f)
		return -EBADF;
	if (f->inode && S_ISREG(f->inode->mode) && file_writable(f) && f->path.dentry)
		err = vfs_truncate(&f->path, (uint64_t)size);
	file_put(f);
	return err;
}

static int check_fallocate(const struct file *f, int mode, loff_t off, loff_t len)
{
	const unsigned known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
			       FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
			       FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;
	loff_t end;

	if (off < 0 || len <= 0)
		return -EINVAL;
	if ((unsigned)mode & ~known)
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!file_writable(f))
		return -EBADF;
	if (!f->inode || !S_ISREG(f->inode->mode))
		return f->inode && S_ISDIR(f->inode->mode)    ? -EISDIR
		       : f->inode && S_ISFIFO(f->inode->mode) ? -ESPIPE
							      : -ENODEV;
	if (__builtin_add_overflow(off, len, &end))
		return -EFBIG;
	if ((uint64_t)end > current_process()->rlim[RLIMIT_FSIZE].cur &&
	    !(mode & FALLOC_FL_KEEP_SIZE))
		return file_too_big();
	if (inode_is_fixed(f->inode))
		return -EPERM;
	if ((f->inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) &&
	    (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_UNSHARE_RANGE)))
		return -EPERM;
	if ((f->inode->seals & F_SEAL_GROW) && (uint64_t)end > inode_size(f->inode))
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE(fallocate, int, fd, int, mode, loff_t, off, loff_t, len)
{
	struct file *f = fd_get(fd, false);
	int err;

	if (!f)
		return -EBADF;
	err = check_fallocate(f, mode, off, len);
	if (!err)
		err = f->ops->fallocate ? f->ops->fallocate(f, mode, off, len) : -EOPNOTSUPP;
	if (!err) {
		vfs_clear_suid(f->inode);
		inode_touch(f->inode, ATTR_MTIME);
		notify_file(f, IN_MODIFY);
	}
	file_put(f);
	return err;
}
