/* sys_fileattr.c: the flags of chattr: file_getattr, file_setattr and the older ioctls.
 *
 * Flags are kept in the inode that programs see. Immutable and append-only are obeyed by the VFS
 * (inode_permission, namei.c, open.c); the others are remembered. A file below a union is copied up first: only
 * then does its inode stay. */
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define SETTABLE (FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL)

static const struct {
	uint32_t flag, xflag;
} flag_map[] = {
	{FS_SYNC_FL, FS_XFLAG_SYNC},	 {FS_IMMUTABLE_FL, FS_XFLAG_IMMUTABLE},
	{FS_APPEND_FL, FS_XFLAG_APPEND}, {FS_NODUMP_FL, FS_XFLAG_NODUMP},
	{FS_NOATIME_FL, FS_XFLAG_NOATIME},
};

static uint32_t xflags_of(uint32_t flags)
{
	uint32_t x = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(flag_map); i++)
		x |= flags & flag_map[i].flag ? flag_map[i].xflag : 0;
	return x;
}

/* -EOPNOTSUPP: one that is not ours. */
static int flags_of(uint64_t xflags, uint32_t *flags)
{
	*flags = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(flag_map); i++) {
		*flags |= xflags & flag_map[i].xflag ? flag_map[i].flag : 0;
		xflags &= ~(uint64_t)flag_map[i].xflag;
	}
	return xflags ? -EOPNOTSUPP : 0;
}

static bool has_flags(const struct inode *i)
{
	return (S_ISREG(i->mode) || S_ISDIR(i->mode)) && !i->sb->dcache_off;
}

static int set_flags(const struct path *p, uint32_t flags)
{
	struct inode *i = p->dentry->inode;
	struct iattr same = {.valid = ATTR_MODE, .mode = i->mode & 07777};
	uint32_t changed = (i->fsflags ^ flags) & (FS_IMMUTABLE_FL | FS_APPEND_FL);
	int err = mount_writable(p->mnt);

	if (err)
		return err;
	if (!has_flags(i) || (flags & ~SETTABLE))
		return -EOPNOTSUPP;
	if (current_process()->cred.fsuid != i->uid && !capable(CAP_FOWNER))
		return -EPERM;
	if (changed && !capable(CAP_LINUX_IMMUTABLE))
		return -EPERM;
	if (i->ops->setattr && !inode_is_fixed(i)) /* in a union: the inode has its own copy now */
		err = i->ops->setattr(i, &same);
	if (!err)
		i->fsflags = flags;
	return err;
}

static long ioctl_xattr(const struct path *p, bool set, uaddr_t arg)
{
	struct fsxattr x = {.fsx_xflags = xflags_of(p->dentry->inode->fsflags)};
	uint32_t flags;

	if (!set)
		return put_user(x, arg);
	if (get_user(x, arg))
		return -EFAULT;
	return flags_of(x.fsx_xflags, &flags) ?: set_flags(p, flags);
}

long file_attr_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	const struct path *p = &f->path;
	int32_t flags;

	if (!p->dentry || !f->inode || !has_flags(f->inode) || p->dentry->inode != f->inode)
		return -ENOIOCTLCMD;
	switch (cmd) {
	case FS_IOC_GETFLAGS:
		return put_user((int32_t)f->inode->fsflags, arg);
	case FS_IOC_SETFLAGS:
		return get_user(flags, arg) ? -EFAULT : set_flags(p, (uint32_t)flags);
	case FS_IOC_FSGETXATTR:
	case FS_IOC_FSSETXATTR:
		return ioctl_xattr(p, cmd == FS_IOC_FSSETXATTR, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static int attr_path(int dirfd, uaddr_t uname, size_t size, unsigned flags, struct path *p)
{
	unsigned look = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);

	if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	if (size < sizeof(struct file_attr))
		return -EINVAL;
	return user_path_at(dirfd, uname, look, p);
}

SYSCALL_DEFINE(file_getattr, int, dirfd, uaddr_t, uname, uaddr_t, uattr, size_t, size, unsigned, flags)
{
	struct file_attr a = {0};
	struct path p;
	int err = attr_path(dirfd, uname, size, flags, &p);

	if (err)
		return err;
	a.fa_xflags = xflags_of(p.dentry->inode->fsflags);
	err = has_flags(p.dentry->inode) ? 0 : -EOPNOTSUPP;
	path_put(&p);
	if (err)
		return err;
	err = copy_to_user(uattr, &a, sizeof(a));
	return !err && size > sizeof(a) ? clear_user(uattr + sizeof(a), size - sizeof(a)) : err;
}

SYSCALL_DEFINE(file_setattr, int, dirfd, uaddr_t, uname, uaddr_t, uattr, size_t, size, unsigned, flags)
{
	struct file_attr a;
	uint32_t fsflags;
	struct path p;
	int err = attr_path(dirfd, uname, size, flags, &p);

	if (err)
		return err;
	err = copy_from_user(&a, uattr, sizeof(a));
	if (!err)
		err = flags_of(a.fa_xflags, &fsflags);
	if (!err && (a.fa_extsize || a.fa_cowextsize || a.fa_projid))
		err = -EINVAL;
	if (!err)
		err = set_flags(&p, fsflags);
	path_put(&p);
	return err;
}
