/* file.c: open files: lifetime, reading and writing through an iterator, what is common to all
 * kinds.
 *
 * The last file_put drops locks, calls ops->release, then lets go of path and inode. Counting of
 * writers: inode->deny_write < 0 that many open for writing, > 0 that many being executed
 * (ETXTBSY). */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "fs/dcache.h"
#include "fs/dnotify.h"
#include "fs/file.h"
#include "fs/filemap.h"
#include "fs/lease.h"
#include "fs/lock.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/notify.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"

static uint64_t next_file_id = 1;
static struct mount *anon_mount; /* holds files without a name */

struct file *file_alloc(const struct file_ops *ops, unsigned flags, const struct path *path,
			struct inode *inode)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return NULL;
	f->ref = 1;
	f->ops = ops;
	f->flags = flags;
	f->seals_or_id = next_file_id++;
	list_init(&f->epolls);
	if (path && path->dentry) {
		f->path = *path;
		path_get(path);
	}
	f->inode = inode || !f->path.dentry ? inode : f->path.dentry->inode;
	if (f->inode)
		inode_get(f->inode);
	return f;
}

struct file *file_get(struct file *f)
{
	f->ref++;
	return f;
}

static void file_destroy(struct file *f)
{
	if (f->opened)
		notify_file(f, file_writable(f) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	if (!list_empty(&f->epolls))
		epoll_forget_file(f);
	if (f->inode && !list_empty(&f->inode->locks))
		lock_drop_file(f);
	if (f->eip_index)
		eip_file_released(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->inode && !list_empty(&f->inode->leases))
		lease_drop_file(f);
	dnotify_drop_file(f);
	if (f->read_access)
		f->inode->readers--; /* NOLINT: likewise */
	if (f->wrote_access)
		f->inode->deny_write++; /* NOLINT: who has write access has an inode */
	if (f->path.dentry)
		path_put(&f->path);
	if (f->inode)
		inode_put(f->inode);
	file_owner_free(f);
	kfree(f);
}

void file_put(struct file *f)
{
	assert(f->ref > 0);
	if (f->ref > 1) {
		f->ref--;
		return;
	}
	file_destroy(f);
}

static int check_range(loff_t pos, size_t count)
{
	loff_t end;

	return pos < 0 || __builtin_add_overflow(pos, (loff_t)MIN(count, (size_t)INT64_MAX), &end)
		       ? -EINVAL
		       : 0;
}

/* relatime, as Linux mounts by default. */
static bool atime_is_due(const struct inode *i, struct timespec64 now)
{
	const struct timespec64 *a = &i->atime, *m = &i->mtime, *c = &i->ctime;

	if (m->sec > a->sec || (m->sec == a->sec && m->nsec >= a->nsec))
		return true;
	if (c->sec > a->sec || (c->sec == a->sec && c->nsec >= a->nsec))
		return true;
	return now.sec - a->sec >= 24 * 3600;
}

void path_touch_atime(const struct mount *m, struct inode *i)
{
	struct timespec64 now;

	if ((m->flags & MS_NOATIME) || mount_writable(m) ||
	    ((m->flags & MS_NODIRATIME) && S_ISDIR(i->mode)))
		return;
	now = inode_now();
	if (!(m->flags & MS_STRICTATIME) && !atime_is_due(i, now))
		return;
	for (; i; i = i->data)
		i->atime = now;
}

ssize_t file_read_iter(struct file *f, struct iov_iter *to, loff_t *pos)
{
	ssize_t n;
	int err;

	if (!file_readable(f))
		return -EBADF;
	if (!f->ops->read)
		return f->inode && S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	if (!pos)
		pos = &f->pos;
	err = check_range(*pos, to->count);
	if (!err && !f->nonotify)
		err = notify_ask(&f->path, FAN_ACCESS_PERM);
	if (err)
		return err;
	n = f->ops->read(f, to, pos);
	if (n > 0 && f->path.mnt && f->inode && S_ISREG(f->inode->mode) && !(f->flags & O_NOATIME))
		path_touch_atime(f->path.mnt, f->inode);
	if (n > 0)
		notify_file(f, IN_ACCESS);
	return n;
}

int file_too_big(void)
{
	struct siginfo info = { .signo = SIGXFSZ, .code = SI_USER };

	info.rt.pid = current->process->pid;
	info.rt.uid = current->process->cred.uid;
	signal_send_thread(current, SIGXFSZ, &info);
	return -EFBIG;
}

/* RLIMIT_FSIZE: shortens the write, or SIGXFSZ and -EFBIG when not a byte fits. */
static int limit_file_size(struct file *f, struct iov_iter *from, loff_t pos)
{
	uint64_t limit =
		current_process() ? current_process()->rlim[RLIMIT_FSIZE].cur : RLIM_INFINITY;

	if (f->flags & O_APPEND)
		pos = (loff_t)inode_size(f->inode);
	if (limit == RLIM_INFINITY || !from->count)
		return 0;
	if ((uint64_t)pos >= limit)
		return file_too_big();
	iov_iter_truncate(from, limit - (uint64_t)pos);
	return 0;
}

ssize_t file_write_iter(struct file *f, struct iov_iter *from, loff_t *pos)
{
	bool regular = f->inode && S_ISREG(f->inode->mode);
	ssize_t n;
	int err;

	if (!file_writable(f))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	if (!pos)
		pos = &f->pos;
	err = check_range(*pos, from->count);
	if (!err && regular)
		err = limit_file_size(f, from, *pos);
	if (err)
		return err;
	if (regular && from->count && (f->inode->mode & (S_ISUID | S_ISGID)))
		vfs_clear_suid(f->inode);
	n = f->ops->write(f, from, pos);
	if (n > 0)
		notify_file(f, IN_MODIFY);
	if (n > 0 && regular && (f->flags & O_DSYNC) && f->ops->fsync) {
		err = f->ops->fsync(f, (f->flags & O_SYNC) != O_SYNC);
		if (err)
			return err;
	}
	return n;
}

ssize_t file_pread(struct file *f, void *buf, size_t n, loff_t off)
{
	struct iov_iter it;

	if (!f->ops->read)
		return f->inode && S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	iov_iter_kernel(&it, buf, n);
	return f->ops->read(f, &it, &off);
}

ssize_t file_pwrite(struct file *f, const void *buf, size_t n, loff_t off)
{
	struct iov_iter it;

	if (!f->ops->write)
		return -EINVAL;
	iov_iter_kernel(&it, (void *)buf, n);
	return f->ops->write(f, &it, &off);
}

/* The first page from index on that was written; UINT64_MAX: none. */
static uint64_t next_data(struct inode *inode, uint64_t index)
{
	struct cpage *page;

	for (; inode->map && (page = pagetree_next(&inode->map->pages, &index)); index++) {
		if (!(page->flags & CP_RESERVED))
			return index;
	}
	return UINT64_MAX;
}

static uint64_t next_hole(struct inode *inode, uint64_t index)
{
	while (next_data(inode, index) == index)
		index++;
	return index;
}

/* The next data (or hole) at or after off. Where the fs keeps the truth, all is data. */
static loff_t seek_data_hole(struct inode *inode, uint64_t off, bool hole)
{
	uint64_t size = inode->size, index = off / PAGE_SIZE;

	if (off >= size)
		return -ENXIO;
	if (inode->ops->readpage)
		return hole ? (loff_t)size : (loff_t)off;
	index = hole ? next_hole(inode, index) : next_data(inode, index);
	if (index >= (size + PAGE_SIZE - 1) / PAGE_SIZE)
		return hole ? (loff_t)size : -ENXIO;
	return (loff_t)MAX(index * PAGE_SIZE, off);
}

loff_t file_lseek_regular(struct file *f, loff_t off, int whence)
{
	struct inode *inode = inode_content(f->inode);
	loff_t base = 0;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = f->pos;
		break;
	case SEEK_END:
		base = (loff_t)inode->size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		off = off < 0 ? -ENXIO : seek_data_hole(inode, (uint64_t)off, whence == SEEK_HOLE);
		if (off < 0)
			return off;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, off, &off) || off < 0)
		return -EINVAL;
	return f->pos = off;
}

const struct file_ops filemap_file_ops = {
	.name = "file",
	.read = filemap_read,
	.write = filemap_write,
	.lseek = file_lseek_regular,
	.fallocate = filemap_fallocate,
};

static int anon_mount_init(void)
{
	struct super_block *sb;
	int err;

	if (anon_mount)
		return 0;
	err = ramfs_create(&sb);
	if (err)
		return err;
	anon_mount = mount_internal(sb);
	if (!anon_mount)
		super_put(sb);
	return anon_mount ? 0 : -ENOMEM;
}

/* A detached path; inode's reference is taken over. */
static int anon_path(const char *name, struct inode *inode, struct path *out)
{
	int err = anon_mount_init();

	if (err) {
		inode_put(inode);
		return err;
	}
	out->dentry = dentry_detached(anon_mount->sb, NULL, name, inode);
	if (!out->dentry)
		return -ENOMEM;
	out->mnt = mount_get(anon_mount);
	return 0;
}

int file_detached_path(const char *name, struct inode *inode, struct path *out)
{
	return anon_path(name, inode, out);
}

int file_open_anon(const char *name, unsigned flags, struct file **out)
{
	char shown[NAME_MAX + 1] = "/";
	struct inode *root, *inode;
	struct path p;
	int err = anon_mount_init();

	if (err)
		return err;
	strlcat(shown, name, sizeof(shown));
	root = anon_mount->root->inode;
	err = root->ops->tmpfile(root, S_IFREG | 0777, &inode);
	if (err)
		return err;
	err = anon_path(shown, inode, &p);
	if (err)
		return err;
	err = file_open_path(&p, (flags & ~(unsigned)O_ACCMODE) | O_RDWR, out);
	path_put(&p);
	return err;
}

int file_magic_path(struct file *f, struct path *out)
{
	char name[64];
	int err;

	if (!f->path.dentry) {
		if (!f->inode)
			return -ENXIO;
		snprintf(name, sizeof(name), "%s:[%lu]", f->ops->name, f->inode->ino);
		err = anon_path(name, inode_get(f->inode), &f->path);
		if (err) {
			f->path = (struct path){NULL, NULL};
			return err;
		}
	}
	*out = f->path;
	path_get(out);
	return 0;
}
