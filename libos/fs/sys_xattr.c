/* sys_xattr.c: extended attributes: names, permissions and copying; the fs keeps them. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static bool has_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(s, prefix, n);
}

/* May the current process touch this attribute? mask: R_OK or W_OK. */
static int check_name(struct inode *i, const char *name, int mask)
{
	bool write = mask & 2;
	const char *dot = strchr(name, '.');

	if (dot && !dot[1])
		return -EINVAL;
	if (write && inode_is_fixed(i))
		return -EPERM;
	if (has_prefix(name, "security."))
		return !write || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	if (has_prefix(name, "trusted."))
		return capable(CAP_SYS_ADMIN) ? 0 : write ? -EPERM : -ENODATA;
	if (!has_prefix(name, "user."))
		return -EOPNOTSUPP;
	if (!S_ISREG(i->mode) && !S_ISDIR(i->mode))
		return write ? -EPERM : -ENODATA;
	return inode_permission(i, mask);
}

static int name_from_user(uaddr_t uname, char name[XATTR_NAME_MAX + 1])
{
	ssize_t n = strncpy_from_user(name, uname, XATTR_NAME_MAX + 1);

	if (n == -ENAMETOOLONG || n == 0)
		return -ERANGE;
	return n < 0 ? (int)n : 0;
}

static int set_attr(const struct path *p, const char *name, uaddr_t uvalue, size_t size, int flags)
{
	struct inode *i = p->dentry->inode;
	void *value;
	int err = mount_writable(p->mnt);

	if (!err)
		err = check_name(i, name, 2);
	if (!err && !i->ops->setxattr)
		err = -EOPNOTSUPP;
	if (err)
		return err;
	value = kmalloc(size ? size : 1);
	if (!value)
		return -ENOMEM;
	err = copy_from_user(value, uvalue, size);
	if (!err)
		err = i->ops->setxattr(i, name, value, size, flags);
	if (!err)
		notify_dentry(p->dentry, IN_ATTRIB);
	kfree(value);
	return err;
}

static ssize_t get_attr(const struct path *p, const char *name, uaddr_t uvalue, size_t size)
{
	struct inode *i = p->dentry->inode;
	ssize_t n = check_name(i, name, 4);
	void *value;

	if (!n && !i->ops->getxattr)
		n = -EOPNOTSUPP;
	if (n)
		return n;
	size = MIN(size, (size_t)XATTR_SIZE_MAX);
	value = kmalloc(size ? size : 1);
	if (!value)
		return -ENOMEM;
	n = i->ops->getxattr(i, name, value, size);
	if (n > 0 && size && copy_to_user(uvalue, value, (size_t)n))
		n = -EFAULT;
	kfree(value);
	return n;
}

/* "trusted." names are shown only to those who may read them. Moves the rest together; the new
 * length. */
static ssize_t hide_trusted(char *list, ssize_t n)
{
	ssize_t out = 0;

	if (capable(CAP_SYS_ADMIN))
		return n;
	for (ssize_t at = 0; at < n;) {
		ssize_t len = (ssize_t)strlen(list + at) + 1;

		if (!has_prefix(list + at, "trusted.")) {
			memmove(list + out, list + at, (size_t)len);
			out += len;
		}
		at += len;
	}
	return out;
}

static ssize_t list_attrs(const struct path *p, uaddr_t ulist, size_t size)
{
	struct inode *i = p->dentry->inode;
	char *list;
	ssize_t n;

	if (!i->ops->listxattr)
		return 0;
	list = kmalloc(XATTR_LIST_MAX);
	if (!list)
		return -ENOMEM;
	n = i->ops->listxattr(i, list, XATTR_LIST_MAX);
	if (n == -ERANGE)
		n = -E2BIG;
	if (n > 0)
		n = hide_trusted(list, n);
	if (n > 0 && size) {
		if ((size_t)n > size)
			n = -ERANGE;
		else if (copy_to_user(ulist, list, (size_t)n))
			n = -EFAULT;
	}
	kfree(list);
	return n;
}

static int remove_attr(const struct path *p, const char *name)
{
	struct inode *i = p->dentry->inode;
	int err = mount_writable(p->mnt);

	if (!err)
		err = check_name(i, name, 2);
	if (!err)
		err = i->ops->removexattr ? i->ops->removexattr(i, name) : -EOPNOTSUPP;
	if (!err)
		notify_dentry(p->dentry, IN_ATTRIB);
	return err;
}

/* What the twelve calls act on: a path, followed or not, or a descriptor. */
static int target_path(uaddr_t uname, bool follow, struct path *out)
{
	return user_path_at(AT_FDCWD, uname, follow ? LOOKUP_FOLLOW : 0, out);
}

static int target_fd(int fd, struct path *out)
{
	struct file *f = fd_get(fd, false);
	int err;

	if (!f)
		return -EBADF;
	err = file_magic_path(f, out);
	file_put(f);
	return err == -ENXIO ? -EOPNOTSUPP : err;
}

static long finish_set(int err, struct path *p, uaddr_t uname, uaddr_t value, size_t size,
		       int flags)
{
	char name[XATTR_NAME_MAX + 1];

	if (err)
		return err;
	if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) || flags == (XATTR_CREATE | XATTR_REPLACE))
		err = -EINVAL;
	if (!err)
		err = name_from_user(uname, name);
	if (!err && size > XATTR_SIZE_MAX)
		err = -E2BIG;
	if (!err)
		err = set_attr(p, name, value, size, flags);
	path_put(p);
	return err;
}

static long finish_get(int err, struct path *p, uaddr_t uname, uaddr_t value, size_t size)
{
	char name[XATTR_NAME_MAX + 1];
	long n;

	if (err)
		return err;
	n = name_from_user(uname, name);
	if (!n)
		n = get_attr(p, name, value, size);
	path_put(p);
	return n;
}

static long finish_list(int err, struct path *p, uaddr_t list, size_t size)
{
	long n;

	if (err)
		return err;
	n = list_attrs(p, list, size);
	path_put(p);
	return n;
}

static long finish_remove(int err, struct path *p, uaddr_t uname)
{
	char name[XATTR_NAME_MAX + 1];

	if (err)
		return err;
	err = name_from_user(uname, name);
	if (!err)
		err = remove_attr(p, name);
	path_put(p);
	return err;
}

SYSCALL_DEFINE(setxattr, uaddr_t, path, uaddr_t, name, uaddr_t, value, size_t, size, int, flags)
{
	struct path p;

	return finish_set(target_path(path, true, &p), &p, name, value, size, flags);
}

SYSCALL_DEFINE(lsetxattr, uaddr_t, path, uaddr_t, name, uaddr_t, value, size_t, size, int, flags)
{
	struct path p;

	return finish_set(target_path(path, false, &p), &p, name, value, size, flags);
}

SYSCALL_DEFINE(fsetxattr, int, fd, uaddr_t, name, uaddr_t, value, size_t, size, int, flags)
{
	struct path p;

	return finish_set(target_fd(fd, &p), &p, name, value, size, flags);
}

SYSCALL_DEFINE(getxattr, uaddr_t, path, uaddr_t, name, uaddr_t, value, size_t, size)
{
	struct path p;

	return finish_get(target_path(path, true, &p), &p, name, value, size);
}

SYSCALL_DEFINE(lgetxattr, uaddr_t, path, uaddr_t, name, uaddr_t, value, size_t, size)
{
	struct path p;

	return finish_get(target_path(path, false, &p), &p, name, value, size);
}

SYSCALL_DEFINE(fgetxattr, int, fd, uaddr_t, name, uaddr_t, value, size_t, size)
{
	struct path p;

	return finish_get(target_fd(fd, &p), &p, name, value, size);
}

SYSCALL_DEFINE(listxattr, uaddr_t, path, uaddr_t, list, size_t, size)
{
	struct path p;

	return finish_list(target_path(path, true, &p), &p, list, size);
}

SYSCALL_DEFINE(llistxattr, uaddr_t, path, uaddr_t, list, size_t, size)
{
	struct path p;

	return finish_list(target_path(path, false, &p), &p, list, size);
}

SYSCALL_DEFINE(flistxattr, int, fd, uaddr_t, list, size_t, size)
{
	struct path p;

	return finish_list(target_fd(fd, &p), &p, list, size);
}

SYSCALL_DEFINE(removexattr, uaddr_t, path, uaddr_t, name)
{
	struct path p;

	return finish_remove(target_path(path, true, &p), &p, name);
}

SYSCALL_DEFINE(lremovexattr, uaddr_t, path, uaddr_t, name)
{
	struct path p;

	return finish_remove(target_path(path, false, &p), &p, name);
}

SYSCALL_DEFINE(fremovexattr, int, fd, uaddr_t, name)
{
	struct path p;

	return finish_remove(target_fd(fd, &p), &p, name);
}
