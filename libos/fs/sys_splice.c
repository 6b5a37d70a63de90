/* sys_splice.c: moving data between descriptors: sendfile, copy_file_range, splice, tee, vmsplice.
 *
 * Data goes through a LibOS buffer. What has been taken from a stream must arrive: so before
 * reading one, a nonblocking target is asked whether it takes anything, and then no more than
 * PIPE_BUF bytes are moved at once, which a writable pipe takes whole. Files are read at a
 * position, which moves only by what arrived. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "signal/signal.h"
#include "sync/giant.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/thread.h"

#define CHUNK	 0x10000UL
#define PIPE_BUF 4096UL
#define MOVE_MAX 0x7ffff000UL

/* One end of a transfer. */
struct end {
	struct file *f;
	loff_t *pos; /* NULL: a stream, or the file's own position is advanced */
	bool stream;
};

static bool is_pipe(const struct file *f)
{
	return f->inode && S_ISFIFO(f->inode->mode);
}

static bool is_regular(const struct file *f)
{
	return f->inode && S_ISREG(f->inode->mode);
}

/* The position of f itself. A host file's is the host's: what ran outside shares it. */
static loff_t own_position(struct file *f)
{
	loff_t pos = is_regular(f) && f->ops->lseek ? f->ops->lseek(f, 0, SEEK_CUR) : -1;

	return pos < 0 ? f->pos : pos;
}

static void set_own_position(struct file *f, loff_t pos)
{
	if (!is_regular(f) || !f->ops->lseek || f->ops->lseek(f, pos, SEEK_SET) < 0)
		f->pos = pos;
}

static ssize_t read_chunk(const struct end *in, void *buf, size_t n, loff_t *pos)
{
	struct iov_iter it;

	iov_iter_kernel(&it, buf, n);
	return file_read_iter(in->f, &it, pos);
}

/* Writes all, unless the target refuses; bytes, or -errno if none. May sleep. */
static ssize_t write_chunk(const struct end *out, const char *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		struct iov_iter it;
		ssize_t w;

		iov_iter_kernel(&it, (void *)(buf + done), n - done);
		w = file_write_iter(out->f, &it, out->pos);
		if (w <= 0)
			return done ? (ssize_t)done : w;
		done += (size_t)w;
	}
	return (ssize_t)done;
}

/* How much may be taken from a stream for out without the risk of losing it; 0: nothing now. */
static size_t out_room(const struct end *out, size_t n, bool nonblock)
{
	if (!nonblock || out->f->ops->poll == NULL)
		return n;
	if (!(out->f->ops->poll(out->f, NULL) & (EPOLLOUT | EPOLLERR)))
		return 0;
	return MIN(n, PIPE_BUF);
}

static ssize_t move_step(const struct end *in, const struct end *out, char *buf, size_t n,
			 bool nonblock)
{
	loff_t start = in->pos ? *in->pos : own_position(in->f), at = start;
	ssize_t got, put;

	if (in->stream) {
		n = out_room(out, n, nonblock);
		if (!n)
			return -EAGAIN;
		got = read_chunk(in, buf, n, NULL);
		return got <= 0 ? got : write_chunk(out, buf, (size_t)got);
	}
	got = read_chunk(in, buf, n, &at);
	if (got <= 0)
		return got;
	put = write_chunk(out, buf, (size_t)got);
	if (put > 0 && in->pos)
		*in->pos = start + put;
	else if (put > 0)
		set_own_position(in->f, start + put); /* also if it is the target too */
	return put;
}

/* Moves up to n bytes; stops early at the end, when a stream has no more at hand, or on an error.
 * May sleep. */
static ssize_t move_data(const struct end *in, const struct end *out, size_t n, bool nonblock)
{
	char *buf = page_alloc(CHUNK / 4096);
	ssize_t done = 0, moved = 0;

	if (!buf)
		return -ENOMEM;
	n = MIN(n, MOVE_MAX);
	while ((size_t)done < n) {
		moved = move_step(in, out, buf, MIN(n - (size_t)done, CHUNK), nonblock);
		if (moved <= 0)
			break;
		done += moved;
		if (in->stream)
			break;
		if (signal_pending(current))
			break;
		giant_yield();
	}
	page_free(buf, CHUNK / 4096);
	return done ? done : moved;
}

static int get_offset(uaddr_t uoff, loff_t *off)
{
	if (copy_from_user(off, uoff, sizeof(*off)))
		return -EFAULT;
	return *off < 0 ? -EINVAL : 0;
}

static long send_file(struct file *out, struct file *in, uaddr_t uoff, size_t n)
{
	loff_t off = 0;
	struct end from = {.f = in, .pos = uoff ? &off : NULL, .stream = is_pipe(in)};
	struct end to = {.f = out};
	ssize_t ret;
	int err;

	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (uoff && !in->ops->lseek)
		return -ESPIPE;
	if ((!in->ops->lseek && !from.stream) || !in->ops->read || !out->ops->write ||
	    (out->flags & O_APPEND))
		return -EINVAL;
	err = uoff ? get_offset(uoff, &off) : 0;
	if (err)
		return err;
	ret = move_data(&from, &to, n, out->flags & O_NONBLOCK);
	if (uoff && copy_to_user(uoff, &off, sizeof(off)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE(sendfile, int, out_fd, int, in_fd, uaddr_t, uoff, size_t, n)
{
	struct file *in = fd_get(in_fd, false), *out = fd_get(out_fd, false);
	long ret = in && out ? send_file(out, in, uoff, n) : -EBADF;

	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return ret;
}

/* Cuts *n at the end of the source. */
static int check_copy_range(const struct file *in, const struct file *out, loff_t in_off,
			    loff_t out_off, size_t *n)
{
	uint64_t size = in->inode ? inode_size(in->inode) : 0;
	loff_t in_end, out_end;

	if (!is_regular(in) || !is_regular(out)) {
		bool dir = (in->inode && S_ISDIR(in->inode->mode)) ||
			   (out->inode && S_ISDIR(out->inode->mode));

		return dir ? -EISDIR : -EINVAL;
	}
	if (!file_readable(in) || !file_writable(out) || (out->flags & O_APPEND))
		return -EBADF;
	if (__builtin_add_overflow(in_off, (loff_t)MIN(*n, (size_t)INT64_MAX), &in_end) ||
	    __builtin_add_overflow(out_off, (loff_t)MIN(*n, (size_t)INT64_MAX), &out_end))
		return -EOVERFLOW;
	*n = (uint64_t)in_off >= size ? 0 : MIN(*n, size - (uint64_t)in_off);
	if (*n && in->inode == out->inode && in_off < out_off + (loff_t)*n &&
	    out_off < in_off + (loff_t)*n)
		return -EINVAL;
	return 0;
}

static long copy_range(struct file *in, uaddr_t uin, struct file *out, uaddr_t uout, size_t n)
{
	loff_t in_off = own_position(in), out_off = own_position(out);
	struct end from = {.f = in, .pos = &in_off}, to = {.f = out, .pos = &out_off};
	ssize_t ret;
	int err = uin ? get_offset(uin, &in_off) : 0;

	if (!err && uout)
		err = get_offset(uout, &out_off);
	if (!err)
		err = check_copy_range(in, out, in_off, out_off, &n);
	if (err)
		return err;
	ret = move_data(&from, &to, n, false);
	if (ret <= 0)
		return ret;
	if (!uin)
		set_own_position(in, in_off);
	else if (copy_to_user(uin, &in_off, sizeof(in_off)))
		return -EFAULT;
	if (!uout)
		set_own_position(out, out_off);
	else if (copy_to_user(uout, &out_off, sizeof(out_off)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE(copy_file_range, int, in_fd, uaddr_t, uin, int, out_fd, uaddr_t, uout, size_t, n,
	       unsigned, flags)
{
	struct file *in = fd_get(in_fd, false), *out = fd_get(out_fd, false);
	long ret;

	if (!in || !out)
		ret = -EBADF;
	else
		ret = flags ? -EINVAL : copy_range(in, uin, out, uout, n);
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return ret;
}

static int splice_end(struct end *e, struct file *f, uaddr_t uoff, loff_t *off)
{
	*e = (struct end){.f = f, .stream = is_pipe(f) || !f->ops->lseek};
	if (!uoff)
		return 0;
	if (is_pipe(f) || !f->ops->lseek)
		return -ESPIPE;
	e->pos = off;
	return get_offset(uoff, off);
}

static long splice_files(struct file *in, uaddr_t uin, struct file *out, uaddr_t uout, size_t n,
			 unsigned flags)
{
	loff_t in_off, out_off;
	struct end from, to;
	ssize_t ret;
	int err;

	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (!is_pipe(in) && !is_pipe(out))
		return -EINVAL;
	if (is_pipe(in) && is_pipe(out) && in->inode == out->inode)
		return -EINVAL;
	if (!in->inode || !out->inode) /* eventfd and its kin */
		return -EINVAL;
	if (!in->ops->read || !out->ops->write || (is_regular(out) && (out->flags & O_APPEND)))
		return -EINVAL;
	err = splice_end(&from, in, uin, &in_off);
	if (!err)
		err = splice_end(&to, out, uout, &out_off);
	if (err)
		return err;
	if ((flags & SPLICE_F_NONBLOCK) && is_pipe(in) && in->ops->poll &&
	    !(in->ops->poll(in, NULL) & (EPOLLIN | EPOLLHUP)))
		return -EAGAIN;
	if ((flags & SPLICE_F_NONBLOCK) && !out_room(&to, n, true))
		return -EAGAIN;
	if ((flags & SPLICE_F_NONBLOCK) && is_pipe(out))
		n = MIN(n, PIPE_BUF);
	ret = move_data(&from, &to, n, (flags & SPLICE_F_NONBLOCK) || (out->flags & O_NONBLOCK));
	if (ret > 0 && uin && copy_to_user(uin, &in_off, sizeof(in_off)))
		return -EFAULT;
	if (ret > 0 && uout && copy_to_user(uout, &out_off, sizeof(out_off)))
		return -EFAULT;
	return ret;
}

static bool splice_flags_known(unsigned flags)
{
	return !(flags & ~(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT));
}

SYSCALL_DEFINE(splice, int, in_fd, uaddr_t, uin, int, out_fd, uaddr_t, uout, size_t, n, unsigned,
	       flags)
{
	struct file *in = fd_get(in_fd, false), *out = fd_get(out_fd, false);
	long ret;

	if (!splice_flags_known(flags))
		ret = -EINVAL;
	else if (!in || !out)
		ret = -EBADF;
	else
		ret = n ? splice_files(in, uin, out, uout, n, flags) : 0;
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return ret;
}

SYSCALL_DEFINE(tee, int, in_fd, int, out_fd, size_t, n, unsigned, flags)
{
	struct file *in = fd_get(in_fd, false), *out = fd_get(out_fd, false);
	long ret;

	if (!splice_flags_known(flags))
		ret = -EINVAL;
	else if (!in || !out || !file_readable(in) || !file_writable(out))
		ret = -EBADF;
	else if (!in->inode || !in->inode->pipe || !out->inode || !out->inode->pipe ||
		 in->inode == out->inode)
		ret = -EINVAL;
	else
		ret = n ? pipe_tee(in, out, n, flags) : 0;
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return ret;
}

/* What fits into the pipe now, or, if nothing does, what fits next. May sleep. */
static ssize_t give_pipe(struct file *f, struct iov_iter *it, bool nonblock)
{
	unsigned kept = f->flags;
	ssize_t n;

	f->flags |= O_NONBLOCK;
	n = file_write_iter(f, it, NULL);
	f->flags = kept;
	if (n != -EAGAIN || nonblock || (kept & O_NONBLOCK))
		return n;
	iov_iter_truncate(it, PIPE_BUF);
	return file_write_iter(f, it, NULL);
}

SYSCALL_DEFINE(vmsplice, int, fd, uaddr_t, vec, size_t, count, unsigned, flags)
{
	struct file *f = fd_get(fd, false);
	struct iov_iter it;
	long ret;

	if (!f)
		return -EBADF;
	if (!f->inode || !f->inode->pipe)
		ret = -EBADF;
	else if (flags & ~(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT))
		ret = -EINVAL;
	else
		ret = iov_iter_user_vec(&it, vec, count);
	if (!ret) {
		if ((flags & SPLICE_F_NONBLOCK) &&
		    !(f->ops->poll(f, NULL) & (file_writable(f) ? EPOLLOUT : EPOLLIN | EPOLLHUP)))
			ret = -EAGAIN;
		else
			ret = file_writable(f) ? give_pipe(f, &it, flags & SPLICE_F_NONBLOCK)
					       : file_read_iter(f, &it, NULL);
		iov_iter_free(&it);
	}
	file_put(f);
	return ret;
}
