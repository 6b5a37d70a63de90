/* sys_stat.c: asking about files: the stat family, access, statfs. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/stat.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

/* (major << 8 | minor) to the wide encoding of struct stat. */
static unsigned dev_major(uint64_t dev)
{
	return (unsigned)(dev >> 8 & 0xfff);
}

static unsigned dev_minor(uint64_t dev)
{
	return (unsigned)(dev & 0xff);
}

static int copy_stat(const struct kstat *k, uaddr_t ubuf)
{
	struct stat st = {
		.st_dev = k->dev,
		.st_ino = k->ino,
		.st_nlink = k->nlink,
		.st_mode = k->mode,
		.st_uid = k->uid,
		.st_gid = k->gid,
		.st_rdev = k->rdev,
		.st_size = (int64_t)k->size,
		.st_blksize = (int64_t)k->blksize,
		.st_blocks = (int64_t)k->blocks,
		.atime_sec = k->atime.sec,
		.atime_nsec = k->atime.nsec,
		.mtime_sec = k->mtime.sec,
		.mtime_nsec = k->mtime.nsec,
		.ctime_sec = k->ctime.sec,
		.ctime_nsec = k->ctime.nsec,
	};

	return copy_to_user(ubuf, &st, sizeof(st));
}

/* Files without an inode (eventfd, epoll ...) all show the same anonymous one. */
static int stat_file(struct file *f, struct kstat *k)
{
	if (f->inode)
		return inode_getattr(f->inode, k);
	*k = (struct kstat){
		.dev = MKDEV(0, 15), .ino = 1, .mode = 0600, .nlink = 1, .blksize = 4096};
	return 0;
}

static int stat_fd(int fd, struct kstat *k, int *mount_id)
{
	struct file *f = fd_get(fd, true);
	int err;

	if (!f)
		return -EBADF;
	err = stat_file(f, k);
	if (f->path.mnt)
		*mount_id = f->path.mnt->id;
	file_put(f);
	return err;
}

static int stat_name(int dirfd, const char *name, int flags, struct kstat *k, int *mount_id)
{
	unsigned look = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path p;
	int err;

	if (!name[0] && (flags & AT_EMPTY_PATH) && dirfd != AT_FDCWD)
		return stat_fd(dirfd, k, mount_id);
	err = path_lookup(dirfd, name, look, &p);
	if (err)
		return err;
	err = inode_getattr(p.dentry->inode, k);
	*mount_id = p.mnt->id;
	if (p.dentry == p.mnt->root)
		k->attributes |= STATX_ATTR_MOUNT_ROOT;
	path_put(&p);
	return err;
}

static int stat_user(int dirfd, uaddr_t uname, int flags, struct kstat *k, int *mount_id)
{
	char *name;
	int err;

	if (!uname && (flags & AT_EMPTY_PATH))
		return stat_name(dirfd, "", flags, k, mount_id);
	err = path_from_user(uname, flags & AT_EMPTY_PATH, &name);
	if (err)
		return err;
	err = stat_name(dirfd, name, flags, k, mount_id);
	kfree(name);
	return err;
}

static long do_stat(int dirfd, uaddr_t uname, int flags, uaddr_t ubuf)
{
	struct kstat k;
	int mount_id, err = stat_user(dirfd, uname, flags, &k, &mount_id);

	return err ? err : copy_stat(&k, ubuf);
}

SYSCALL_DEFINE(stat, uaddr_t, name, uaddr_t, buf)
{
	return do_stat(AT_FDCWD, name, 0, buf);
}

SYSCALL_DEFINE(lstat, uaddr_t, name, uaddr_t, buf)
{
	return do_stat(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, buf);
}

SYSCALL_DEFINE(fstat, int, fd, uaddr_t, buf)
{
	struct kstat k;
	int mount_id, err = stat_fd(fd, &k, &mount_id);

	return err ? err : copy_stat(&k, buf);
}

SYSCALL_DEFINE(newfstatat, int, dirfd, uaddr_t, name, uaddr_t, buf, int, flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	return do_stat(dirfd, name, flags, buf);
}

static struct statx_timestamp statx_time(struct timespec64 t)
{
	return (struct statx_timestamp){.sec = t.sec, .nsec = (uint32_t)t.nsec};
}

static int copy_statx(const struct kstat *k, unsigned mask, int mount_id, uaddr_t ubuf)
{
	unsigned with_id = !mount_id ? 0 : mask & STATX_MNT_ID_UNIQUE ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID;
	struct statx sx = {
		.stx_mask = STATX_BASIC_STATS | STATX_BTIME | with_id,
		.stx_attributes = k->attributes,
		.stx_blksize = (uint32_t)k->blksize,
		.stx_nlink = k->nlink,
		.stx_uid = k->uid,
		.stx_gid = k->gid,
		.stx_mode = (uint16_t)k->mode,
		.stx_ino = k->ino,
		.stx_size = k->size,
		.stx_blocks = k->blocks,
		.stx_attributes_mask = STATX_ATTR_MOUNT_ROOT | STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND |
				       STATX_ATTR_NODUMP | STATX_ATTR_COMPRESSED,
		.stx_atime = statx_time(k->atime),
		.stx_btime = statx_time(k->btime),
		.stx_ctime = statx_time(k->ctime),
		.stx_mtime = statx_time(k->mtime),
		.stx_rdev_major = dev_major(k->rdev),
		.stx_rdev_minor = dev_minor(k->rdev),
		.stx_dev_major = dev_major(k->dev),
		.stx_dev_minor = dev_minor(k->dev),
		.stx_mnt_id = with_id == STATX_MNT_ID_UNIQUE ? (1UL << 32) + (unsigned)mount_id
							      : (uint64_t)mount_id,
	};

	return copy_to_user(ubuf, &sx, sizeof(sx));
}

SYSCALL_DEFINE(statx, int, dirfd, uaddr_t, name, int, flags, unsigned, mask, uaddr_t, buf)
{
	struct kstat k;
	int mount_id = 0, err;

	if ((mask & STATX_RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = stat_user(dirfd, name, flags, &k, &mount_id);
	return err ? err : copy_statx(&k, mask, mount_id, buf);
}

/* access(2) asks for the real ids: effective capabilities count only for root. */
static struct cred real_cred(void)
{
	struct cred c = current_process()->cred;

	c.fsuid = c.uid;
	c.fsgid = c.gid;
	c.cap_effective = c.uid ? 0 : c.cap_permitted;
	return c;
}

static int check_access(const struct path *p, int mode, const struct cred *c)
{
	struct inode *i = p->dentry->inode;
	bool on_disk = S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode);
	int err;

	if (!mode)
		return 0;
	if ((mode & X_OK) && S_ISREG(i->mode) && (p->mnt->flags & MS_NOEXEC))
		return -EACCES;
	err = inode_permission_as(i, mode, c);
	if (!err && (mode & W_OK) && on_disk)
		err = mount_writable(p->mnt);
	return err;
}

static long do_access(int dirfd, uaddr_t uname, int mode, int flags)
{
	unsigned look = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct cred c = flags & AT_EACCESS ? current_process()->cred : real_cred();
	struct path p;
	char *name;
	int err;

	if ((mode & ~7) || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	err = path_from_user(uname, flags & AT_EMPTY_PATH, &name);
	if (err)
		return err;
	err = path_lookup_as(dirfd, name, look, &c, &p);
	kfree(name);
	if (err)
		return err;
	err = check_access(&p, mode, &c);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(access, uaddr_t, name, int, mode)
{
	return do_access(AT_FDCWD, name, mode, 0);
}

SYSCALL_DEFINE(faccessat, int, dirfd, uaddr_t, name, int, mode)
{
	return do_access(dirfd, name, mode, 0);
}

SYSCALL_DEFINE(faccessat2, int, dirfd, uaddr_t, name, int, mode, int, flags)
{
	return do_access(dirfd, name, mode, flags);
}

static int64_t statfs_flags(const struct mount *m)
{
	static const struct {
		unsigned mount, stat;
	} map[] = {
		{MS_NOSUID, ST_NOSUID},	  {MS_NODEV, ST_NODEV},		  {MS_NOEXEC, ST_NOEXEC},
		{MS_NOATIME, ST_NOATIME}, {MS_NODIRATIME, ST_NODIRATIME},
	};
	int64_t flags = ST_VALID | (mount_writable(m) ? ST_RDONLY : 0);

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++) {
		if (m->flags & map[i].mount)
			flags |= map[i].stat;
	}
	if (!(m->flags & (MS_NOATIME | MS_STRICTATIME)))
		flags |= ST_RELATIME;
	return flags;
}

/* What f_type says where the fs does not. */
static uint64_t fs_magic(const char *fstype)
{
	static const struct {
		const char *name;
		uint64_t magic;
	} known[] = {
		{"proc", 0x9fa0},   {"sysfs", 0x62656572},  {"devtmpfs", TMPFS_MAGIC},
		{"devpts", 0x1cd1}, {"pipefs", 0x50495045},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(fstype, known[i].name))
			return known[i].magic;
	}
	return RAMFS_MAGIC;
}

uint64_t super_magic(struct super_block *sb)
{
	struct kstatfs k = {.type = fs_magic(sb->fstype)};

	return sb->ops && sb->ops->statfs && sb->ops->statfs(sb, &k) ? 0 : k.type;
}

static int do_statfs(const struct path *p, uaddr_t ubuf)
{
	/* A file without a place in the tree (a pipe) has a name of another file system than its own. */
	struct super_block *sb = p->dentry->inode ? p->dentry->inode->sb : p->dentry->sb;
	struct kstatfs k = {
		.type = fs_magic(sb->fstype), .bsize = 4096, .namelen = NAME_MAX, .fsid = sb->dev};
	struct statfs out;
	int err = sb->ops && sb->ops->statfs ? sb->ops->statfs(sb, &k) : 0;

	if (err)
		return err;
	out = (struct statfs){
		.f_type = (int64_t)k.type,
		.f_bsize = (int64_t)k.bsize,
		.f_blocks = k.blocks,
		.f_bfree = k.bfree,
		.f_bavail = k.bavail,
		.f_files = k.files,
		.f_ffree = k.ffree,
		.f_fsid = {(int32_t)k.fsid, (int32_t)(k.fsid >> 32)},
		.f_namelen = (int64_t)k.namelen,
		.f_frsize = (int64_t)(k.frsize ? k.frsize : k.bsize),
		.f_flags = statfs_flags(p->mnt),
	};
	return copy_to_user(ubuf, &out, sizeof(out));
}

SYSCALL_DEFINE(statfs, uaddr_t, name, uaddr_t, buf)
{
	struct path p;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	err = do_statfs(&p, buf);
	path_put(&p);
	return err;
}

SYSCALL_DEFINE(fstatfs, int, fd, uaddr_t, buf)
{
	struct file *f = fd_get(fd, true);
	struct path p;
	int err;

	if (!f)
		return -EBADF;
	err = file_magic_path(f, &p);
	if (!err) {
		err = do_statfs(&p, buf);
		path_put(&p);
	}
	file_put(f);
	return err;
}
