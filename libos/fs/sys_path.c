/* sys_path.c: system calls that make, remove and move names, and the working directory. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

int user_path_at(int dirfd, uaddr_t uname, unsigned flags, struct path *out)
{
	char *name;
	int err = path_from_user(uname, flags & LOOKUP_EMPTY, &name);

	if (err)
		return err;
	err = path_lookup(dirfd, name, flags, out);
	kfree(name);
	return err;
}

static uint32_t apply_umask(uint32_t mode)
{
	return mode & ~current_process()->fs->umask;
}

static bool mode_can_be_made(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return true;
	default:
		return false;
	}
}

/* mkdir and mknod: a new name for something of this mode (with type). */
static int make_node(int dirfd, const char *name, uint32_t mode, uint64_t rdev)
{
	struct path child;
	struct walk w;
	int err = walk_to_parent(&w, dirfd, name);

	if (!err)
		err = walk_new_name(&w, S_ISDIR(mode), &child);
	if (!err) {
		err = vfs_create(&w.at, child.dentry, mode, rdev);
		path_put(&child);
	}
	walk_end(&w);
	return err;
}

static long do_mkdir(int dirfd, uaddr_t uname, uint32_t mode)
{
	char *name;
	int err = path_from_user(uname, false, &name);

	if (err)
		return err;
	err = make_node(dirfd, name, S_IFDIR | apply_umask(mode & 01777), 0);
	kfree(name);
	return err;
}

static long do_mknod(int dirfd, uaddr_t uname, uint32_t mode, unsigned dev)
{
	uint64_t rdev = MKDEV(dev >> 8 & 0xfff, (dev & 0xff) | (dev >> 12 & 0xfff00));
	char *name;
	int err;

	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	if (!mode_can_be_made(mode))
		return S_ISDIR(mode) ? -EPERM : -EINVAL;
	err = path_from_user(uname, false, &name);
	if (err)
		return err;
	err = make_node(dirfd, name, (mode & S_IFMT) | apply_umask(mode & 07777), rdev);
	kfree(name);
	return err;
}

SYSCALL_DEFINE(mkdir, uaddr_t, name, uint32_t, mode)
{
	return do_mkdir(AT_FDCWD, name, mode);
}

SYSCALL_DEFINE(mkdirat, int, dirfd, uaddr_t, name, uint32_t, mode)
{
	return do_mkdir(dirfd, name, mode);
}

SYSCALL_DEFINE(mknod, uaddr_t, name, uint32_t, mode, unsigned, dev)
{
	return do_mknod(AT_FDCWD, name, mode, dev);
}

SYSCALL_DEFINE(mknodat, int, dirfd, uaddr_t, name, uint32_t, mode, unsigned, dev)
{
	return do_mknod(dirfd, name, mode, dev);
}

static int rmdir_last(struct walk *w)
{
	struct path child;
	int err;

	if (w->last_type != LAST_NAME)
		return w->last_type == LAST_DOT	     ? -EINVAL
		       : w->last_type == LAST_DOTDOT ? -ENOTEMPTY
						     : -EBUSY;
	err = walk_last(w, false, &child);
	if (err)
		return err;
	err = child.mnt != w->at.mnt ? -EBUSY : vfs_rmdir(&w->at, child.dentry);
	path_put(&child);
	return err;
}

static int unlink_last(struct walk *w)
{
	struct path child;
	int err;

	if (w->last_type != LAST_NAME)
		return -EISDIR;
	err = walk_last(w, false, &child);
	if (err)
		return err;
	if (w->slash && child.dentry->inode)
		err = S_ISDIR(child.dentry->inode->mode) ? -EISDIR : -ENOTDIR;
	else if (child.mnt != w->at.mnt) /* NOLINTNEXTLINE: a mount's root has an inode */
		err = S_ISDIR(child.dentry->inode->mode) ? -EISDIR : -EBUSY;
	else
		err = vfs_unlink(&w->at, child.dentry);
	path_put(&child);
	return err;
}

static long remove_name(int dirfd, uaddr_t uname, bool dir)
{
	struct walk w;
	char *name;
	int err = path_from_user(uname, false, &name);

	if (err)
		return err;
	err = walk_to_parent(&w, dirfd, name);
	if (!err)
		err = dir ? rmdir_last(&w) : unlink_last(&w);
	walk_end(&w);
	kfree(name);
	return err;
}

SYSCALL_DEFINE(rmdir, uaddr_t, name)
{
	return remove_name(AT_FDCWD, name, true);
}

SYSCALL_DEFINE(unlink, uaddr_t, name)
{
	return remove_name(AT_FDCWD, name, false);
}

SYSCALL_DEFINE(unlinkat, int, dirfd, uaddr_t, name, int, flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_name(dirfd, name, flags & AT_REMOVEDIR);
}

/* Slashes after a name are fine only for directories. */
static int check_slashes(const struct walk *from, const struct dentry *old, const struct walk *to,
			 const struct dentry *target, unsigned flags)
{
	bool old_dir = S_ISDIR(old->inode->mode);

	if (!old_dir && (from->slash || (!(flags & RENAME_EXCHANGE) && to->slash)))
		return -ENOTDIR;
	if ((flags & RENAME_EXCHANGE) && to->slash && !S_ISDIR(target->inode->mode))
		return -ENOTDIR;
	return 0;
}

static int rename_found(struct walk *from, struct path *old, struct walk *to, struct path *target,
			unsigned flags)
{
	int err;

	if (!old->dentry->inode)
		return -ENOENT;
	if ((flags & RENAME_NOREPLACE) && target->dentry->inode)
		return -EEXIST;
	if ((flags & RENAME_EXCHANGE) && !target->dentry->inode)
		return -ENOENT;
	if (old->mnt != from->at.mnt || target->mnt != to->at.mnt)
		return -EBUSY;
	err = check_slashes(from, old->dentry, to, target->dentry, flags);
	if (err)
		return err;
	if (dentry_is_below(to->at.dentry, old->dentry))
		return -EINVAL;
	if (target->dentry->inode && dentry_is_below(from->at.dentry, target->dentry))
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return vfs_rename(&from->at, old->dentry, &to->at, target->dentry, flags);
}

static int rename_last(struct walk *from, struct walk *to, unsigned flags)
{
	struct path old, target;
	int err;

	if (from->at.mnt != to->at.mnt)
		return -EXDEV;
	if (from->last_type != LAST_NAME)
		return -EBUSY;
	if (to->last_type != LAST_NAME)
		return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = walk_last(from, false, &old);
	if (err)
		return err;
	err = walk_last(to, false, &target);
	if (!err) {
		err = rename_found(from, &old, to, &target, flags);
		path_put(&target);
	}
	path_put(&old);
	return err;
}

static long do_rename(int olddir, uaddr_t uold, int newdir, uaddr_t unew, unsigned flags)
{
	char *old, *new = NULL;
	struct walk from, to = {0};
	int err;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = path_from_user(uold, false, &old);
	if (err)
		return err;
	err = walk_to_parent(&from, olddir, old);
	if (!err)
		err = path_from_user(unew, false, &new);
	if (!err)
		err = walk_to_parent(&to, newdir, new);
	if (!err)
		err = rename_last(&from, &to, flags);
	walk_end(&from);
	walk_end(&to);
	kfree(new);
	kfree(old);
	return err;
}

SYSCALL_DEFINE(rename, uaddr_t, old, uaddr_t, new)
{
	return do_rename(AT_FDCWD, old, AT_FDCWD, new, 0);
}

SYSCALL_DEFINE(renameat, int, olddir, uaddr_t, old, int, newdir, uaddr_t, new)
{
	return do_rename(olddir, old, newdir, new, 0);
}

SYSCALL_DEFINE(renameat2, int, olddir, uaddr_t, old, int, newdir, uaddr_t, new, unsigned, flags)
{
	return do_rename(olddir, old, newdir, new, flags);
}

static int link_path(const struct path *old, int newdir, const char *name)
{
	struct path child;
	struct walk w;
	int err = walk_to_parent(&w, newdir, name);

	if (!err)
		err = walk_new_name(&w, false, &child);
	if (!err) {
		err = old->mnt != w.at.mnt ? -EXDEV : vfs_link(&w.at, child.dentry, old->dentry);
		path_put(&child);
	}
	walk_end(&w);
	return err;
}

static long do_link(int olddir, uaddr_t uold, int newdir, uaddr_t unew, int flags)
{
	unsigned look = (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path old;
	char *name;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_path_at(olddir, uold, look, &old);
	if (err)
		return err;
	err = path_from_user(unew, false, &name);
	if (!err) {
		err = link_path(&old, newdir, name);
		kfree(name);
	}
	path_put(&old);
	return err;
}

SYSCALL_DEFINE(link, uaddr_t, old, uaddr_t, new)
{
	return do_link(AT_FDCWD, old, AT_FDCWD, new, 0);
}

SYSCALL_DEFINE(linkat, int, olddir, uaddr_t, old, int, newdir, uaddr_t, new, int, flags)
{
	return do_link(olddir, old, newdir, new, flags);
}

static long do_symlink(uaddr_t utarget, int dirfd, uaddr_t uname)
{
	char *target, *name = NULL;
	struct path child;
	struct walk w;
	int err = path_from_user(utarget, false, &target);

	if (err)
		return err;
	err = path_from_user(uname, false, &name);
	if (!err) {
		err = walk_to_parent(&w, dirfd, name);
		if (!err)
			err = walk_new_name(&w, false, &child);
		if (!err) {
			err = vfs_symlink(&w.at, child.dentry, target);
			path_put(&child);
		}
		walk_end(&w);
		kfree(name);
	}
	kfree(target);
	return err;
}

SYSCALL_DEFINE(symlink, uaddr_t, target, uaddr_t, name)
{
	return do_symlink(target, AT_FDCWD, name);
}

SYSCALL_DEFINE(symlinkat, uaddr_t, target, int, dirfd, uaddr_t, name)
{
	return do_symlink(target, dirfd, name);
}

static ssize_t read_link(const struct path *p, bool by_fd, uaddr_t ubuf, size_t size)
{
	struct inode *i = p->dentry->inode;
	char *buf;
	ssize_t n;

	if (!S_ISLNK(i->mode) || !i->ops->readlink)
		return by_fd ? -ENOENT : -EINVAL;
	size = MIN(size, (size_t)PATH_MAX);
	buf = kmalloc(PATH_MAX);
	if (!buf)
		return -ENOMEM;
	path_touch_atime(p->mnt, i);
	n = i->ops->readlink(i, buf, size);
	if (n > 0 && copy_to_user(ubuf, buf, (size_t)n))
		n = -EFAULT;
	kfree(buf);
	return n;
}

static long do_readlink(int dirfd, uaddr_t uname, uaddr_t ubuf, int size)
{
	struct path p;
	char *name;
	long n;

	if (size <= 0)
		return -EINVAL;
	n = path_from_user(uname, true, &name);
	if (n)
		return n;
	if (!name[0] && dirfd == AT_FDCWD)
		n = -ENOENT;
	else
		n = path_lookup(dirfd, name, LOOKUP_EMPTY, &p);
	if (!n) {
		n = read_link(&p, !name[0], ubuf, (size_t)size);
		path_put(&p);
	}
	kfree(name);
	return n;
}

SYSCALL_DEFINE(readlink, uaddr_t, name, uaddr_t, buf, int, size)
{
	return do_readlink(AT_FDCWD, name, buf, size);
}

SYSCALL_DEFINE(readlinkat, int, dirfd, uaddr_t, name, uaddr_t, buf, int, size)
{
	return do_readlink(dirfd, name, buf, size);
}

/* Makes p the working or root directory; the reference in p passes. */
static void replace_path(struct path *slot, const struct path *p)
{
	struct path old = *slot;

	*slot = *p;
	if (old.dentry)
		path_put(&old);
}

SYSCALL_DEFINE(chdir, uaddr_t, name)
{
	struct path p;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = inode_permission(p.dentry->inode, X_OK);
	if (err)
		path_put(&p);
	else
		replace_path(&current_process()->fs->cwd, &p);
	return err;
}

SYSCALL_DEFINE(fchdir, int, fd)
{
	struct file *f = fd_get(fd, true);
	int err;

	if (!f)
		return -EBADF;
	err = f->path.dentry && S_ISDIR(f->inode->mode) ? inode_permission(f->inode, X_OK)
							: -ENOTDIR;
	if (!err) {
		path_get(&f->path);
		replace_path(&current_process()->fs->cwd, &f->path);
	}
	file_put(f);
	return err;
}

SYSCALL_DEFINE(chroot, uaddr_t, name)
{
	struct path p;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = inode_permission(p.dentry->inode, X_OK);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (err)
		path_put(&p);
	else
		replace_path(&current_process()->fs->root, &p);
	return err;
}

SYSCALL_DEFINE(getcwd, uaddr_t, ubuf, size_t, size)
{
	const struct path *cwd = &current_process()->fs->cwd;
	char *buf, *name;
	size_t len;
	long ret;

	if (cwd->dentry->unhashed)
		return -ENOENT;
	buf = kmalloc(2 * PATH_MAX);
	if (!buf)
		return -ENOMEM;
	ret = path_name(cwd, buf, 2 * PATH_MAX, &name);
	if (!ret) {
		len = strlen(name) + 1;
		ret = len > size ? -ERANGE : copy_to_user(ubuf, name, len);
		if (!ret)
			ret = (long)len;
	}
	kfree(buf);
	return ret;
}

SYSCALL_DEFINE(umask, int, mask)
{
	struct fs_info *fs = current_process()->fs;
	uint32_t old = fs->umask;

	fs->umask = (uint32_t)mask & 0777;
	return old;
}
