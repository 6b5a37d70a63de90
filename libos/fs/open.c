/* open.c: from a path to an open file: open(2) and its kin.
 *
 * Order of the checks as Linux has it: name, existence, type, permission, ETXTBSY, then the fs' own
 * open, and truncation last, when nothing can fail any more but that. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/devfs/chrdev.h"
#include "fs/file.h"
#include "fs/lease.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define TMPFILE_BIT 020000000u
#define OPEN_ONCE                                                                                  \
	(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC) /* no state of the open file */
#define OPEN_DROP  (OPEN_ONCE & ~O_NOCTTY) /* terminals look at O_NOCTTY while they are opened */
#define PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define OPEN_KNOWN                                                                                 \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |      \
	 O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |     \
	 O_PATH | TMPFILE_BIT)

struct open_args {
	int dirfd;
	const char *name;
	unsigned flags;
	uint32_t mode;
	uint64_t resolve;
	bool created;
};

static const struct file_ops path_file_ops = {.name = "path"};

static const struct file_ops *ops_of(const struct inode *i)
{
	const struct file_ops *ops = i->fops;

	if (S_ISFIFO(i->mode))
		return ops ? ops : &fifo_ops;
	if (!ops && S_ISCHR(i->mode))
		return chrdev_ops(i->rdev);
	return S_ISSOCK(i->mode) ? NULL : ops;
}

static int take_write_access(struct file *f)
{
	struct inode *i = f->inode;

	if (!file_writable(f) || !S_ISREG(i->mode))
		return 0;
	if (i->deny_write > 0)
		return -ETXTBSY;
	i->deny_write--;
	f->wrote_access = true;
	return 0;
}

/* Counted first: that is what refuses a lease from now on. */
static int take_access(struct file *f)
{
	int err = take_write_access(f);

	if (err || !S_ISREG(f->inode->mode) || (f->flags & O_PATH))
		return err;
	if (!f->wrote_access) {
		f->inode->readers++;
		f->read_access = true;
	}
	return lease_break(f->inode, f->wrote_access, f->flags & O_NONBLOCK);
}

/* The fs' own open; f goes if that, or what came before it (err), failed. */
static int finish_open(struct file *f, int err, struct file **out)
{
	if (!err && f->ops->open && !(f->flags & O_PATH))
		err = f->ops->open(f->inode, f);
	if (err)
		f->ops = &path_file_ops; /* no release for what was not opened */
	f->flags &= ~(unsigned)O_NOCTTY;
	if (err)
		file_put(f);
	else
		*out = f;
	return err;
}

int file_open_path(const struct path *p, unsigned flags, struct file **out)
{
	struct inode *i = p->dentry->inode;
	const struct file_ops *ops = flags & O_PATH ? &path_file_ops : ops_of(i);
	struct file *f;
	int err;

	if (!ops)
		return -ENXIO;
	f = file_alloc(ops,
		       flags & O_PATH ? flags & PATH_FLAGS & ~(unsigned)O_CLOEXEC
				      : flags & ~(unsigned)OPEN_DROP,
		       p, i);
	if (!f)
		return -ENOMEM;
	err = take_access(f);
	return finish_open(f, err, out);
}

int file_open_inode(struct inode *inode, unsigned flags, struct file **out)
{
	const struct file_ops *ops = ops_of(inode);
	struct file *f;

	if (!ops)
		return -ENXIO;
	f = file_alloc(ops, flags & ~(unsigned)OPEN_DROP, NULL, inode);
	return f ? finish_open(f, 0, out) : -ENOMEM;
}

static int wanted_access(unsigned flags)
{
	static const int of_mode[] = {R_OK, W_OK, R_OK | W_OK, R_OK | W_OK};

	return of_mode[flags & O_ACCMODE] | (flags & O_TRUNC ? W_OK : 0);
}

static int may_open_type(const struct path *p, unsigned flags)
{
	uint32_t mode = p->dentry->inode->mode;

	if (S_ISLNK(mode))
		return -ELOOP;
	if (S_ISDIR(mode) && (wanted_access(flags) & W_OK))
		return -EISDIR;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && (p->mnt->flags & MS_NODEV))
		return -EACCES;
	return 0;
}

static int may_open(const struct path *p, unsigned flags)
{
	struct inode *i = p->dentry->inode;
	bool on_disk = S_ISREG(i->mode) || S_ISDIR(i->mode);
	const struct cred *c = &current_process()->cred;
	int err = may_open_type(p, flags);

	if (!err && on_disk && (wanted_access(flags) & W_OK) && p->mnt->sb->readonly)
		err = -EROFS;
	if (!err)
		err = inode_permission(i, wanted_access(flags));
	if (!err && on_disk && (wanted_access(flags) & W_OK))
		err = mount_writable(p->mnt);
	if (!err && (i->fsflags & FS_APPEND_FL) &&
	    ((flags & O_TRUNC) || ((flags & O_ACCMODE) != O_RDONLY && !(flags & O_APPEND))))
		err = -EPERM;
	if (!err && (flags & O_NOATIME) && c->fsuid != i->uid && !capable(CAP_FOWNER))
		err = -EPERM;
	return err;
}

static int truncate_opened(struct file *f)
{
	if (!S_ISREG(f->inode->mode))
		return 0;
	if (f->inode->deny_write > 0) /* opened for reading only: nobody has asked yet */
		return -ETXTBSY;
	return vfs_truncate(&f->path, 0);
}

/* What landlock(7) has to allow. */
static uint64_t restricted_access(const struct path *p, unsigned flags)
{
	uint64_t access = flags & O_TRUNC ? LANDLOCK_ACCESS_FS_TRUNCATE : 0;

	if (S_ISDIR(p->dentry->inode->mode))
		return LANDLOCK_ACCESS_FS_READ_DIR;
	if (wanted_access(flags & O_ACCMODE) & R_OK)
		access |= LANDLOCK_ACCESS_FS_READ_FILE;
	if (wanted_access(flags & O_ACCMODE) & W_OK)
		access |= LANDLOCK_ACCESS_FS_WRITE_FILE;
	return access;
}

/* Opens what p names, after the checks a program is subject to. */
static int open_checked(const struct path *p, const struct open_args *a, struct file **out)
{
	int err;

	if ((a->flags & O_DIRECTORY) && !S_ISDIR(p->dentry->inode->mode))
		return -ENOTDIR;
	if (a->flags & O_PATH)
		return file_open_path(p, a->flags, out);
	if (!a->created && current_process()) {
		err = may_open(p, a->flags);
		if (err)
			return err;
	}
	err = notify_ask(p, FAN_OPEN_PERM);
	if (!err)
		err = landlock_path(p, restricted_access(p, a->created ? a->flags & ~(unsigned)O_TRUNC : a->flags));
	if (!err)
		err = file_open_path(p, a->flags, out);
	if (err)
		return err;
	(*out)->opened = true;
	(*out)->created = a->created;
	notify_file(*out, IN_OPEN);
	if (!(a->flags & O_TRUNC) || a->created)
		return 0;
	err = truncate_opened(*out);
	if (err)
		file_put(*out);
	return err;
}

static unsigned open_flags(unsigned flags)
{
	flags &= OPEN_KNOWN;
	return flags & O_PATH ? flags & PATH_FLAGS : flags | O_LARGEFILE;
}

long open_place(const struct path *p, unsigned flags)
{
	struct open_args a = {.flags = open_flags(flags & OPEN_KNOWN & ~(unsigned)(O_CREAT | O_EXCL))};
	struct file *f;
	int err = open_checked(p, &a, &f), fd;

	if (err)
		return err;
	fd = fd_install(f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

static uint32_t masked(uint32_t mode)
{
	struct process *p = current_process();

	return (mode & 07777) & ~(p && p->fs ? p->fs->umask : 0);
}

static int open_tmpfile(const struct path *dir, const struct open_args *a, struct file **out)
{
	struct inode *d = dir->dentry->inode, *inode;
	struct path p = {dir->mnt, NULL};
	char name[24];
	int err = inode_permission(d, W_OK | X_OK);

	if (!err)
		err = mount_writable(dir->mnt);
	if (!err && !d->ops->tmpfile)
		err = -EOPNOTSUPP;
	if (!err)
		err = d->ops->tmpfile(d, S_IFREG | masked(a->mode), &inode);
	if (err)
		return err;
	inode->linkable = !(a->flags & O_EXCL);
	snprintf(name, sizeof(name), "#%lu", inode->ino);
	p.dentry = dentry_detached(dir->dentry->sb, dir->dentry, name, inode);
	if (!p.dentry)
		return -ENOMEM;
	err = file_open_path(&p, a->flags, out);
	dentry_put(p.dentry);
	return err;
}

static int open_existing(struct open_args *a, struct file **out)
{
	unsigned look = a->flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	struct walk w;
	int err = walk_start(&w, a->dirfd, a->name, a->resolve);

	if (!err)
		err = walk_parent(&w, a->name);
	if (!err)
		err = walk_last(&w, look || w.slash, &p);
	if (!err) {
		if (!p.dentry->inode)
			err = -ENOENT;
		else if (w.slash && !S_ISDIR(p.dentry->inode->mode))
			err = -ENOTDIR;
		else if ((a->flags & O_TMPFILE) == O_TMPFILE)
			err = S_ISDIR(p.dentry->inode->mode) ? open_tmpfile(&p, a, out) : -ENOTDIR;
		else
			err = open_checked(&p, a, out);
		path_put(&p);
	}
	walk_end(&w);
	return err;
}

/* The last component of w does not exist: makes it. */
static int create_at(struct walk *w, struct open_args *a, struct path *p)
{
	int err = mount_writable(w->at.mnt);

	if (err)
		return err;
	err = vfs_create(&w->at, p->dentry, S_IFREG | masked(a->mode), 0);
	if (!err)
		a->created = true;
	else if (err == -EEXIST && p->dentry->inode && !(a->flags & O_EXCL))
		err = 0; /* it came while we slept */
	return err;
}

static int open_creating(struct open_args *a, struct file **out)
{
	bool follow = !(a->flags & (O_EXCL | O_NOFOLLOW));
	struct path p;
	struct walk w;
	int err = walk_start(&w, a->dirfd, a->name, a->resolve);

	if (!err)
		err = walk_parent(&w, a->name);
	if (!err && w.slash && w.last_type == LAST_NAME)
		err = -EISDIR;
	w.creating = true;
	if (!err)
		err = walk_last(&w, follow, &p);
	if (!err) {
		if (p.dentry->inode && (a->flags & O_EXCL))
			err = -EEXIST;
		else if (p.dentry->inode && S_ISDIR(p.dentry->inode->mode))
			err = -EISDIR;
		else if (!p.dentry->inode)
			err = create_at(&w, a, &p);
		if (!err)
			err = open_checked(&p, a, out);
		path_put(&p);
	}
	walk_end(&w);
	return err;
}

static int do_open(struct open_args *a, struct file **out)
{
	if (!a->name[0])
		return -ENOENT;
	return a->flags & O_CREAT && !(a->flags & O_PATH) ? open_creating(a, out)
							  : open_existing(a, out);
}

int file_open(int dirfd, const char *name, unsigned flags, uint32_t mode, struct file **out)
{
	struct open_args a = {.dirfd = dirfd, .name = name, .flags = flags, .mode = mode};

	return do_open(&a, out);
}

static int check_flags(const struct open_args *a)
{
	if (a->flags & O_PATH)
		return 0;
	if (a->flags & TMPFILE_BIT) {
		if ((a->flags & O_TMPFILE) != O_TMPFILE || !(a->flags & O_ACCMODE) ||
		    (a->flags & O_CREAT))
			return -EINVAL;
	} else if ((a->flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY)) {
		return -EINVAL;
	}
	return 0;
}

static long open_user(struct open_args *a, uaddr_t uname)
{
	struct file *f;
	char *name;
	long fd = check_flags(a);

	if (!fd)
		fd = path_from_user(uname, false, &name);
	if (fd)
		return fd;
	a->name = name;
	if (!fd_room(1))
		fd = -EMFILE;
	else
		fd = do_open(a, &f);
	kfree(name);
	if (fd)
		return fd;
	fd = fd_install(f, 0, a->flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* What open(2) does with flags it does not know, and with O_PATH's company. */
SYSCALL_DEFINE(open, uaddr_t, name, int, flags, uint32_t, mode)
{
	struct open_args a = {
		.dirfd = AT_FDCWD, .flags = open_flags((unsigned)flags), .mode = mode};

	return open_user(&a, name);
}

SYSCALL_DEFINE(openat, int, dirfd, uaddr_t, name, int, flags, uint32_t, mode)
{
	struct open_args a = {.dirfd = dirfd, .flags = open_flags((unsigned)flags), .mode = mode};

	return open_user(&a, name);
}

SYSCALL_DEFINE(creat, uaddr_t, name, uint32_t, mode)
{
	struct open_args a = {.dirfd = AT_FDCWD,
			      .flags = O_CREAT | O_WRONLY | O_TRUNC | O_LARGEFILE,
			      .mode = mode};

	return open_user(&a, name);
}

/* Larger structs are fine as long as what we do not know is zero. */
static int how_from_user(struct open_how *how, uaddr_t uhow, size_t size)
{
	uint64_t rest;
	int err;

	if (size < sizeof(*how))
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	err = copy_from_user(how, uhow, sizeof(*how));
	for (size_t off = sizeof(*how); !err && off < size; off += sizeof(rest)) {
		rest = 0;
		err = copy_from_user(&rest, uhow + off, MIN(sizeof(rest), size - off));
		if (!err && rest)
			err = -E2BIG;
	}
	return err;
}

static int check_how(const struct open_how *h)
{
	bool creates = (h->flags & O_CREAT) || (h->flags & TMPFILE_BIT);

	if ((h->flags & ~(uint64_t)OPEN_KNOWN) || (h->resolve & ~0x3fUL) || (h->mode & ~07777UL))
		return -EINVAL;
	if ((h->mode && !creates) ||
	    ((h->resolve & RESOLVE_BENEATH) && (h->resolve & RESOLVE_IN_ROOT)))
		return -EINVAL;
	if ((h->flags & O_PATH) && (h->flags & ~(uint64_t)PATH_FLAGS))
		return -EINVAL;
	if ((h->resolve & RESOLVE_CACHED) && (creates || (h->flags & O_TRUNC)))
		return -EAGAIN;
	return 0;
}

SYSCALL_DEFINE(openat2, int, dirfd, uaddr_t, name, uaddr_t, uhow, size_t, size)
{
	struct open_args a = {.dirfd = dirfd};
	struct open_how how;
	int err = how_from_user(&how, uhow, size);

	if (!err)
		err = check_how(&how);
	if (err)
		return err;
	a.flags = open_flags((unsigned)how.flags);
	a.mode = (uint32_t)how.mode;
	a.resolve = how.resolve;
	return open_user(&a, name);
}

SYSCALL_DEFINE(close, int, fd)
{
	long err = fd_close(fd);

	return err <= -512 ? -EINTR : err; /* the descriptor is gone: never restarted */
}
