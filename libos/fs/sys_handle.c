/* sys_handle.c: file handles: name_to_handle_at and open_by_handle_at.
 *
 * A handle names a file by its file system's number and its own. The file is found again through the
 * name cache: any name that leads to it will do. What the cache has forgotten is ESTALE, which a program
 * that keeps handles has to expect anyway. Numbers of files in memory are not used again. Giant lock. */
#include "base/heap.h"
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

#define HANDLE_TYPE 0x61 /* of ours; any number below 255 that Linux' file systems do not use */
#define HANDLE_CONNECTABLE 0x10000
#define KNOWN_FLAGS                                                                                \
	(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | AT_HANDLE_FID | AT_HANDLE_CONNECTABLE |               \
	 AT_HANDLE_MNT_ID_UNIQUE)

struct fid {
	uint64_t dev, ino;
};

static struct fid fid_of(const struct inode *i)
{
	return (struct fid){i->sb->dev, i->ino};
}

static bool fid_matches(const struct fid *fid, const struct inode *i)
{
	return i && i->ino == fid->ino && i->sb->dev == fid->dev;
}

/* Mount id behind the handle; its width depends on the flag. */
static int put_mount_id(const struct mount *m, int flags, uaddr_t to)
{
	if (flags & AT_HANDLE_MNT_ID_UNIQUE)
		return put_user(mount_unique_id(m), to);
	return put_user((int32_t)m->id, to);
}

static int put_handle(const struct path *p, uaddr_t uhandle, uaddr_t umount_id, int flags)
{
	const struct inode *i = p->dentry->inode;
	struct fid fid = fid_of(i);
	struct file_handle h;
	bool room;

	if (p->dentry->sb->dcache_off && !(flags & AT_HANDLE_FID))
		return -EOPNOTSUPP;
	if (get_user(h, uhandle))
		return -EFAULT;
	if (h.handle_bytes > MAX_HANDLE_SZ)
		return -EINVAL;
	room = h.handle_bytes >= sizeof(fid);
	h.handle_bytes = sizeof(fid);
	h.handle_type = room ? HANDLE_TYPE : 255;
	if (room && (flags & AT_HANDLE_CONNECTABLE))
		h.handle_type |= HANDLE_CONNECTABLE;
	if (put_mount_id(p->mnt, flags, umount_id) || put_user(h, uhandle))
		return -EFAULT;
	if (room && copy_to_user(uhandle + sizeof(h), &fid, sizeof(fid)))
		return -EFAULT;
	return room ? 0 : -EOVERFLOW;
}

SYSCALL_DEFINE(name_to_handle_at, int, dirfd, uaddr_t, uname, uaddr_t, uhandle, uaddr_t, umount_id,
	       int, flags)
{
	unsigned look = (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path p;
	int err;

	if ((flags & ~KNOWN_FLAGS) || ((flags & AT_HANDLE_CONNECTABLE) && (flags & AT_HANDLE_FID)))
		return -EINVAL;
	if ((flags & AT_HANDLE_CONNECTABLE) && (flags & AT_EMPTY_PATH))
		return -EINVAL;
	err = user_path_at(dirfd, uname, look, &p);
	if (err)
		return err;
	err = put_handle(&p, uhandle, umount_id, flags);
	path_put(&p);
	return err;
}

/* The mount a handle is to be opened in; referenced. */
static int mount_of_fd(int fd, struct mount **out)
{
	struct path p;
	struct file *f;
	int err;

	if (fd == AT_FDCWD) {
		*out = mount_get(current_process()->fs->cwd.mnt);
		return 0;
	}
	f = fd_get(fd, true);
	if (!f)
		return -EBADF;
	err = file_magic_path(f, &p);
	file_put(f);
	if (err)
		return -ESTALE;
	*out = mount_get(p.mnt);
	path_put(&p);
	return 0;
}

/* The dentry below root whose inode fid names; borrowed. Depth first, without recursion. */
static struct dentry *find_dentry(struct dentry *root, const struct fid *fid)
{
	struct dentry *d = root;

	for (;;) {
		if (fid_matches(fid, d->inode))
			return d;
		if (!list_empty(&d->children)) {
			d = list_first(&d->children, struct dentry, sibling);
			continue;
		}
		while (d != root && d->sibling.next == &d->parent->children)
			d = d->parent;
		if (d == root)
			return NULL;
		d = container_of(d->sibling.next, struct dentry, sibling);
	}
}

static int handle_from_user(uaddr_t uhandle, struct fid *fid)
{
	struct file_handle h;

	if (get_user(h, uhandle))
		return -EFAULT;
	if (!h.handle_bytes || h.handle_bytes > MAX_HANDLE_SZ)
		return -EINVAL;
	if ((h.handle_type & ~HANDLE_CONNECTABLE) != HANDLE_TYPE || h.handle_bytes != sizeof(*fid))
		return -ESTALE;
	return copy_from_user(fid, uhandle + sizeof(h), sizeof(*fid));
}

SYSCALL_DEFINE(open_by_handle_at, int, mountfd, uaddr_t, uhandle, int, flags)
{
	struct path p = {0};
	struct fid fid;
	long ret;

	if (!capable(CAP_DAC_READ_SEARCH))
		return -EPERM;
	ret = handle_from_user(uhandle, &fid);
	if (ret)
		return ret;
	ret = mount_of_fd(mountfd, &p.mnt);
	if (ret)
		return ret;
	p.dentry = find_dentry(p.mnt->sb->root, &fid);
	if (p.dentry) {
		dentry_get(p.dentry);
		ret = open_place(&p, (unsigned)flags);
		dentry_put(p.dentry);
	} else {
		ret = -ESTALE;
	}
	mount_put(p.mnt);
	return ret;
}
