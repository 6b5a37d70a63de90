/* sys_rw.c: reading, writing and seeking; making files durable. */
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

typedef ssize_t transfer_fn(struct file *f, struct iov_iter *it, loff_t *pos);

static long transfer(transfer_fn *fn, int fd, uaddr_t buf, size_t n)
{
	struct file *f = fd_get(fd, false);
	struct iov_iter it;
	long ret;

	if (!f)
		return -EBADF;
	ret = iov_iter_user(&it, buf, n);
	if (!ret)
		ret = fn(f, &it, NULL);
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(read, int, fd, uaddr_t, buf, size_t, n)
{
	return transfer(file_read_iter, fd, buf, n);
}

SYSCALL_DEFINE(write, int, fd, uaddr_t, buf, size_t, n)
{
	return transfer(file_write_iter, fd, buf, n);
}

/* Positions mean something only where one can seek. */
static bool has_positions(const struct file *f)
{
	return f->ops->lseek || (f->inode && S_ISDIR(f->inode->mode));
}

static long transfer_at(transfer_fn *fn, int fd, struct iov_iter *it, loff_t pos)
{
	struct file *f;
	long ret;

	if (pos < 0)
		return -EINVAL;
	f = fd_get(fd, false);
	if (!f)
		return -EBADF;
	ret = has_positions(f) ? fn(f, it, &pos) : -ESPIPE;
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(pread64, int, fd, uaddr_t, buf, size_t, n, loff_t, pos)
{
	struct iov_iter it;
	int err = iov_iter_user(&it, buf, n);

	return err ? err : transfer_at(file_read_iter, fd, &it, pos);
}

SYSCALL_DEFINE(pwrite64, int, fd, uaddr_t, buf, size_t, n, loff_t, pos)
{
	struct iov_iter it;
	int err = iov_iter_user(&it, buf, n);

	return err ? err : transfer_at(file_write_iter, fd, &it, pos);
}

/* pos -1: the file's own position. flags: RWF_*. */
static long transfer_vec(transfer_fn *fn, int fd, uaddr_t uvec, size_t count, loff_t pos, int flags)
{
	struct file *f = fd_get(fd, false);
	struct iov_iter it;
	unsigned kept;
	long ret;

	if (!f)
		return -EBADF;
	if (flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND)) {
		file_put(f);
		return -EOPNOTSUPP;
	}
	ret = pos != -1 && !has_positions(f) ? -ESPIPE : iov_iter_user_vec(&it, uvec, count);
	if (!ret) {
		kept = f->flags;
		if (flags & RWF_APPEND)
			f->flags |= O_APPEND;
		if (flags & (RWF_DSYNC | RWF_SYNC))
			f->flags |= flags & RWF_SYNC ? O_SYNC : O_DSYNC;
		ret = fn(f, &it, pos == -1 ? NULL : &pos);
		if (flags & (RWF_APPEND | RWF_DSYNC | RWF_SYNC))
			f->flags = kept;
		iov_iter_free(&it);
	}
	file_put(f);
	return ret;
}

SYSCALL_DEFINE(readv, int, fd, uaddr_t, vec, size_t, count)
{
	return transfer_vec(file_read_iter, fd, vec, count, -1, 0);
}

SYSCALL_DEFINE(writev, int, fd, uaddr_t, vec, size_t, count)
{
	return transfer_vec(file_write_iter, fd, vec, count, -1, 0);
}

/* The position comes in two halves; on x86-64 the low one holds it all. */
SYSCALL_DEFINE(preadv, int, fd, uaddr_t, vec, size_t, count, loff_t, pos, uint64_t, high)
{
	(void)high;
	return pos < 0 ? -EINVAL : transfer_vec(file_read_iter, fd, vec, count, pos, 0);
}

SYSCALL_DEFINE(pwritev, int, fd, uaddr_t, vec, size_t, count, loff_t, pos, uint64_t, high)
{
	(void)high;
	return pos < 0 ? -EINVAL : transfer_vec(file_write_iter, fd, vec, count, pos, 0);
}

SYSCALL_DEFINE(preadv2, int, fd, uaddr_t, vec, size_t, count, loff_t, pos, uint64_t, high, int,
	       flags)
{
	(void)high;
	return pos < -1 ? -EINVAL : transfer_vec(file_read_iter, fd, vec, count, pos, flags);
}

SYSCALL_DEFINE(pwritev2, int, fd, uaddr_t, vec, size_t, count, loff_t, pos, uint64_t, high, int,
	       flags)
{
	(void)high;
	return pos < -1 ? -EINVAL : transfer_vec(file_write_iter, fd, vec, count, pos, flags);
}

/* Directories whose fs does not care: any position may be set. */
static loff_t seek_dir(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	return off < 0 ? -EINVAL : (f->pos = off);
}

SYSCALL_DEFINE(lseek, int, fd, loff_t, off, int, whence)
{
	struct file *f = fd_get(fd, false);
	long ret;

	if (!f)
		return -EBADF;
	if ((unsigned)whence > SEEK_HOLE)
		ret = -EINVAL;
	else if (f->ops->lseek)
		ret = f->ops->lseek(f, off, whence);
	else
		ret = f->inode && S_ISDIR(f->inode->mode) ? seek_dir(f, off, whence) : -ESPIPE;
	file_put(f);
	return ret;
}

static long sync_file(int fd, bool data_only)
{
	struct file *f = fd_get(fd, false);
	int err = 0;

	if (!f)
		return -EBADF;
	if (f->ops->fsync)
		err = f->ops->fsync(f, data_only);
	else if (!f->inode || !(S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode)))
		err = -EINVAL;
	file_put(f);
	return err;
}

SYSCALL_DEFINE(fsync, int, fd)
{
	return sync_file(fd, false);
}

SYSCALL_DEFINE(fdatasync, int, fd)
{
	return sync_file(fd, true);
}

SYSCALL_DEFINE(sync)
{
	struct mount *m;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->sb->ops && m->sb->ops->sync) {
			mount_get(m); /* keeps our place in the list while the fs sleeps */
			(void)m->sb->ops->sync(m->sb);
			mount_put(m);
		}
	}
	return 0;
}

SYSCALL_DEFINE(syncfs, int, fd)
{
	struct file *f = fd_get(fd, false);
	int err = 0;

	if (!f)
		return -EBADF;
	if (f->path.mnt && f->path.mnt->sb->ops && f->path.mnt->sb->ops->sync)
		err = f->path.mnt->sb->ops->sync(f->path.mnt->sb);
	file_put(f);
	return err;
}

/* Files one can write back: -ESPIPE for streams, else 0. */
static int check_range_call(struct file *f, loff_t off, loff_t len)
{
	loff_t end;

	if (off < 0 || len < 0 || __builtin_add_overflow(off, len, &end))
		return -EINVAL;
	if (!f->inode)
		return -ESPIPE;
	if (S_ISFIFO(f->inode->mode) || S_ISSOCK(f->inode->mode) || S_ISCHR(f->inode->mode))
		return -ESPIPE;
	return 0;
}

SYSCALL_DEFINE(sync_file_range, int, fd, loff_t, off, loff_t, len, unsigned, flags)
{
	struct file *f = fd_get(fd, false);
	uint64_t first, end;
	int err;

	if (!f)
		return -EBADF;
	err = flags & ~7u ? -EINVAL : check_range_call(f, off, len);
	if (!err && (flags & SYNC_FILE_RANGE_WRITE)) {
		first = (uint64_t)off / 4096;
		end = len ? ((uint64_t)off + (uint64_t)len + 4095) / 4096 : UINT64_MAX;
		err = filemap_writeback(f->inode, first, end - first);
	}
	file_put(f);
	return err;
}

SYSCALL_DEFINE(fadvise64, int, fd, loff_t, off, loff_t, len, int, advice)
{
	struct file *f = fd_get(fd, false);
	uint64_t first, end;
	int err = 0;

	if (!f)
		return -EBADF;
	if (!f->inode || S_ISFIFO(f->inode->mode) || S_ISSOCK(f->inode->mode))
		err = -ESPIPE;
	else if (len < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		err = -EINVAL;
	if (!err && advice == POSIX_FADV_DONTNEED && S_ISREG(f->inode->mode)) {
		first = ((uint64_t)off + 4095) / 4096;
		end = len ? ((uint64_t)off + (uint64_t)len) / 4096 : UINT64_MAX;
		if (end > first)
			filemap_invalidate(f->inode, first, end - first);
	}
	file_put(f);
	return err;
}

/* Brings at most this much in at once: a hint, not worth more. */
#define READAHEAD_PAGES_MAX 256

SYSCALL_DEFINE(readahead, int, fd, loff_t, off, size_t, n)
{
	struct file *f = fd_get(fd, false);
	uint64_t first = (uint64_t)off / 4096, end;
	int err = 0;

	if (!f)
		return -EBADF;
	if (!file_readable(f))
		err = -EBADF;
	else if (!f->inode || !S_ISREG(f->inode->mode) || off < 0)
		err = -EINVAL;
	end = first + MIN((n + 4095) / 4096, (size_t)READAHEAD_PAGES_MAX);
	for (uint64_t i = first; !err && i < end; i++) {
		int ignored;

		if (!filemap_page(f->inode, i, &ignored))
			break;
	}
	file_put(f);
	return err;
}
