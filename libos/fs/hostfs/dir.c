/* dir.c: host directories: lookup, listing, and the calls that change them. See hostfs.h.
 *
 * Names from the host are checked before anybody sees them: one path component, not empty. A listing is
 * cut off after HOSTFS_ENTRIES_MAX names, so a host that never ends it cannot keep the LibOS busy. */
#include "fs/hostfs/hostfs.h"

#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/fs.h"

#define LIST_BUF_SIZE 0x8000UL
#define HOSTFS_ENTRIES_MAX 0x1000000UL

static int dir_lookup(struct inode *dir, const char *name, struct inode **out)
{
	const char *path = hostfs_path(dir, name, 0);
	struct host_stat st;
	int err;

	if (!path)
		return -ENAMETOOLONG;
	err = host_lstat(path, &st);
	if (err)
		return err;
	return hostfs_inode(dir->sb, dir, name, &st, out);
}

/* After dir/name was made on the host. */
static int dir_made(struct inode *dir, const char *name, struct inode **out)
{
	hostfs_restamp(dir);
	return dir_lookup(dir, name, out);
}

static int create_regular(struct inode *dir, const char *name, uint32_t mode, struct inode **out)
{
	const char *path = hostfs_path(dir, name, 0);
	int fd, err;

	if (!path)
		return -ENAMETOOLONG;
	fd = host_open(path, O_CREAT | O_EXCL | O_RDWR, mode & 07777);
	if (fd < 0)
		return fd;
	err = dir_made(dir, name, out);
	if (!err && S_ISREG((*out)->mode))
		hostfs_adopt_fd(*out, fd);
	else
		host_close(fd);
	return err;
}

static int dir_create(struct inode *dir, const char *name, uint32_t mode, uint64_t rdev, struct inode **out)
{
	const char *path;
	int err, op;

	(void)rdev;
	if (dir->sb->readonly)
		return -EROFS;
	if (S_ISREG(mode))
		return create_regular(dir, name, mode, out);
	op = S_ISDIR(mode) ? HOST_MKDIR : S_ISFIFO(mode) ? HOST_MKFIFO : S_ISSOCK(mode) ? HOST_MKSOCK : 0;
	if (!op)
		return -EPERM;
	path = hostfs_path(dir, name, 0);
	if (!path)
		return -ENAMETOOLONG;
	err = host_path_op(op, path, NULL, mode & 07777);
	return err ? err : dir_made(dir, name, out);
}

static int dir_symlink(struct inode *dir, const char *name, const char *target, struct inode **out)
{
	const char *path = hostfs_path(dir, name, 0);
	int err;

	if (dir->sb->readonly)
		return -EROFS;
	if (!path)
		return -ENAMETOOLONG;
	err = host_path_op(HOST_SYMLINK, target, path, 0);
	return err ? err : dir_made(dir, name, out);
}

static int dir_link(struct inode *dir, const char *name, struct inode *target)
{
	const char *from = hostfs_path(target, NULL, 0), *to = hostfs_path(dir, name, 1);
	int err;

	if (dir->sb->readonly)
		return -EROFS;
	if (!from || !to)
		return -ENAMETOOLONG;
	if (host_node(target)->removed)
		return -ENOENT;
	err = host_path_op(HOST_LINK, from, to, 0);
	if (err)
		return err;
	hostfs_moved(target, dir, name);
	hostfs_restamp(target);
	hostfs_restamp(dir);
	return 0;
}

/* Somebody may have victim open: it needs a way to its content once the name is gone. */
static void keep_content(struct inode *victim)
{
	if (!S_ISREG(victim->mode) || victim->ref < 2 || victim->nlink > 1)
		return;
	if (hostfs_fd(victim, !victim->sb->readonly) < 0 && hostfs_fd(victim, false) < 0)
		log_debug("hostfs: a removed file stays without content");
}

static void name_gone(struct inode *dir, struct inode *victim)
{
	if (S_ISDIR(victim->mode))
		victim->nlink = 0;
	else if (victim->nlink)
		victim->nlink--;
	host_node(victim)->removed = !victim->nlink;
	hostfs_restamp(dir);
}

static int dir_remove(struct inode *dir, const char *name, struct inode *victim, enum host_path_op op)
{
	const char *path;
	int err;

	if (dir->sb->readonly)
		return -EROFS;
	keep_content(victim);
	path = hostfs_path(dir, name, 0);
	err = path ? host_path_op(op, path, NULL, 0) : -ENAMETOOLONG;
	if (!err)
		name_gone(dir, victim);
	return err;
}

static int dir_unlink(struct inode *dir, const char *name, struct inode *victim)
{
	return dir_remove(dir, name, victim, HOST_UNLINK);
}

static int dir_rmdir(struct inode *dir, const char *name, struct inode *victim)
{
	return dir_remove(dir, name, victim, HOST_RMDIR);
}

static int dir_rename(struct inode *olddir, const char *oldname, struct inode *victim, struct inode *newdir,
		      const char *newname, struct inode *target, unsigned flags)
{
	const char *from, *to;
	int err;

	if (olddir->sb->readonly)
		return -EROFS;
	if (target && !(flags & RENAME_EXCHANGE))
		keep_content(target);
	from = hostfs_path(olddir, oldname, 0);
	to = hostfs_path(newdir, newname, 1);
	err = from && to ? host_path_op(HOST_RENAME, from, to, flags) : -ENAMETOOLONG;
	if (err)
		return err;
	hostfs_moved(victim, newdir, newname);
	if (target && flags & RENAME_EXCHANGE)
		hostfs_moved(target, olddir, oldname);
	else if (target)
		name_gone(newdir, target);
	hostfs_restamp(olddir);
	hostfs_restamp(newdir);
	return 0;
}

const struct inode_ops hostfs_dir_ops = {
	.lookup = dir_lookup,
	.create = dir_create,
	.symlink = dir_symlink,
	.link = dir_link,
	.unlink = dir_unlink,
	.rmdir = dir_rmdir,
	.rename = dir_rename,
	.getattr = hostfs_getattr,
	.setattr = hostfs_setattr,
	.evict = hostfs_evict,
	.revalidate = hostfs_revalidate,
};

/* An open directory: a host descriptor and the part of the listing read last. */
struct host_listing {
	int fd;
	size_t len, pos;  /* of buf: filled, consumed */
	uint64_t at;      /* cookie of the record at pos */
	uint64_t next;    /* cookie behind buf */
	uint64_t entries; /* read in all */
	bool ended;       /* the host has nothing at `at` */
	char *buf;
};

static int listing_open(struct inode *inode, struct file *f)
{
	const char *path = hostfs_path(inode, NULL, 0);
	struct host_listing *l;
	int fd;

	if (!path)
		return -ENAMETOOLONG;
	fd = host_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	l = kzalloc(sizeof(*l));
	if (!l) {
		host_close(fd);
		return -ENOMEM;
	}
	l->fd = fd;
	f->priv = l;
	return 0;
}

static void listing_release(struct file *f)
{
	struct host_listing *l = f->priv;

	host_close(l->fd);
	kfree(l->buf);
	kfree(l);
}

/* 1: there is a record at l->pos; 0: end. */
static int listing_fill(struct host_listing *l)
{
	ssize_t n;

	if (l->pos < l->len || l->ended)
		return !l->ended;
	if (!l->buf)
		l->buf = kmalloc(LIST_BUF_SIZE);
	if (!l->buf)
		return -ENOMEM;
	l->next = l->at;
	n = host_getdents(l->fd, l->buf, LIST_BUF_SIZE, &l->next);
	l->pos = l->len = 0;
	if (n > 0)
		l->len = (size_t)n;
	l->ended = n == 0;
	return n < 0 ? (int)n : n > 0;
}

/* "." and ".." are the VFS's business. */
static bool name_valid(const char *name, size_t len)
{
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return false;
	return len && len <= NAME_MAX && !memchr(name, '/', len) && !memchr(name, 0, len);
}

/* The record at l->pos, or NULL if it does not fit its buffer. */
static const struct host_dirent *listing_record(const struct host_listing *l)
{
	const struct host_dirent *d = (const void *)(l->buf + l->pos);
	size_t left = l->len - l->pos;

	if (left < sizeof(*d) || d->reclen > left || d->reclen < sizeof(*d) + d->name_len || d->off > INT64_MAX)
		return NULL;
	return d;
}

static int listing_iterate(struct file *f, struct dir_context *ctx)
{
	uint64_t dev = host_node(f->inode)->hdev;
	struct host_listing *l = f->priv;
	int err;

	if ((uint64_t)ctx->pos != l->at) {
		l->at = (uint64_t)ctx->pos;
		l->pos = l->len = 0;
		l->ended = false;
	}
	while ((err = listing_fill(l)) > 0) {
		const struct host_dirent *d = listing_record(l);

		if (!d || l->entries >= HOSTFS_ENTRIES_MAX) {
			log_warn("hostfs: the host's directory listing is broken");
			return -EIO;
		}
		if (name_valid(d->name, d->name_len) &&
		    !ctx->emit(ctx, d->name, d->name_len, hostfs_ino(f->inode->sb, dev, d->ino), d->type & 15))
			return 0;
		l->entries++;
		l->pos += d->reclen;
		l->at = d->off;
		ctx->pos = (loff_t)d->off;
	}
	return err;
}

static loff_t listing_lseek(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0)
		return -EINVAL;
	if (off == 0) { /* rewinddir wants to see what is there now */
		struct host_listing *l = f->priv;

		l->at = 0;
		l->entries = l->pos = l->len = 0;
		l->ended = false;
	}
	return f->pos = off;
}

static int listing_fsync(struct file *f, bool data_only)
{
	struct host_listing *l = f->priv;

	(void)data_only;
	return host_fsync(l->fd);
}

const struct file_ops hostfs_dir_fops = {
	.name = "hostfs-dir",
	.open = listing_open,
	.release = listing_release,
	.iterate = listing_iterate,
	.lseek = listing_lseek,
	.fsync = listing_fsync,
};
