/* sys_dir.c: getdents and getdents64.
 *
 * "." and ".." are made here, at the positions 0 and 1, whatever the fs emits; the fs' own
 * positions are shown shifted by 2. (Positions near the end of the number space are cookies of some
 * host file system that mean "end": they are left as they are.) Entries are gathered in LibOS
 * memory, so a fs never sleeps in emit. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define DENTS_BUF_MAX 0x10000UL

struct dents {
	struct dir_context ctx;
	char *buf;
	size_t size, used;
	int64_t *last_off; /* where the position behind the last entry belongs */
	bool old;	   /* getdents: another record layout */
	bool too_small;	   /* not even one entry fits */
};

static loff_t shown_pos(loff_t fs_pos)
{
	return fs_pos > INT64_MAX - 2 ? fs_pos : fs_pos + 2;
}

static loff_t fs_pos_of(loff_t shown)
{
	return shown > INT64_MAX - 2 ? shown : shown - 2;
}

static void put_record(struct dents *d, char *at, size_t len, const char *name, size_t name_len,
		       uint64_t ino, unsigned type)
{
	struct linux_dirent64 *e = (void *)at;
	struct linux_dirent *o = (void *)at;

	memset(at, 0, len);
	e->d_ino = ino;
	e->d_reclen = (uint16_t)len;
	if (d->old) {
		memcpy(o->d_name, name, name_len);
		at[len - 1] = (char)type;
	} else {
		e->d_type = (uint8_t)type;
		memcpy(e->d_name, name, name_len);
	}
	d->last_off = &e->d_off;
}

/* pos: the shown position of this entry, which is the offset of the one before it. */
static bool add_entry(struct dents *d, loff_t pos, const char *name, size_t name_len, uint64_t ino,
		      unsigned type)
{
	size_t head = d->old ? offsetof(struct linux_dirent, d_name) + 2
			     : offsetof(struct linux_dirent64, d_name) + 1;
	size_t len = ALIGN_UP(head + name_len, 8UL);

	if (d->last_off)
		*d->last_off = pos;
	if (d->used + len > d->size) {
		d->too_small = d->used == 0;
		return false;
	}
	put_record(d, d->buf + d->used, len, name, name_len, ino, type);
	d->used += len;
	return true;
}

static bool emit(struct dir_context *ctx, const char *name, size_t len, uint64_t ino,
		 unsigned d_type)
{
	struct dents *d = container_of(ctx, struct dents, ctx);

	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return true;
	return add_entry(d, shown_pos(ctx->pos), name, len, ino, d_type);
}

/* False: the buffer is full. */
static bool add_dots(struct dents *d, struct file *f)
{
	struct dentry *dir = f->path.dentry;

	if (f->pos == 0) {
		if (!add_entry(d, 0, ".", 1, dir->inode->ino, DT_DIR))
			return false;
		f->pos = 1;
	}
	if (f->pos == 1) {
		if (!add_entry(d, 1, "..", 2, dir->parent->inode->ino, DT_DIR))
			return false;
		f->pos = 2;
	}
	return true;
}

static ssize_t gather(struct file *f, struct dents *d)
{
	int err = 0;

	if (!f->inode->nlink)
		return -ENOENT;
	path_touch_atime(f->path.mnt, f->inode);
	notify_file(f, IN_ACCESS);
	if (add_dots(d, f)) {
		d->ctx.pos = fs_pos_of(f->pos);
		err = f->ops->iterate(f, &d->ctx);
		f->pos = shown_pos(d->ctx.pos);
	}
	if (d->last_off)
		*d->last_off = f->pos;
	if (d->used)
		return (ssize_t)d->used;
	return d->too_small ? -EINVAL : err;
}

static long do_getdents(int fd, uaddr_t ubuf, unsigned size, bool old)
{
	struct file *f = fd_get(fd, false);
	struct dents d = {
		.ctx = {.emit = emit}, .size = MIN((size_t)size, DENTS_BUF_MAX), .old = old};
	loff_t before;
	ssize_t n;

	if (!f)
		return -EBADF;
	before = f->pos;
	n = f->ops->iterate && f->path.dentry ? 0 : -ENOTDIR;
	if (!n) {
		d.buf = kmalloc(MAX(d.size, (size_t)1));
		n = d.buf ? gather(f, &d) : -ENOMEM;
	}
	if (n > 0 && copy_to_user(ubuf, d.buf, (size_t)n)) {
		f->pos = before;
		n = -EFAULT;
	}
	kfree(d.buf);
	file_put(f);
	return n;
}

SYSCALL_DEFINE(getdents, int, fd, uaddr_t, buf, unsigned, size)
{
	return do_getdents(fd, buf, size, true);
}

SYSCALL_DEFINE(getdents64, int, fd, uaddr_t, buf, unsigned, size)
{
	return do_getdents(fd, buf, size, false);
}
