/* hostfd.c: the operator's descriptors as files. See hostfd.h; what is particular to terminals: hosttty.c.
 *
 * A hostfd is one host descriptor, shared by the files opened through it (open("/dev/tty") shares). Pipes are
 * read and written with calls that never block the vCPU; a thread sleeps on a watch instead. Where the kernel
 * cannot promise that (terminals), a host worker thread does the call. Every write is with the host's
 * kernel before write(2) returns, so nothing is lost when the program ends. */
#include "fs/devfs/hostfd.h"

#include "abi/hostfile.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/devfs/hosttty.h"
#include "fs/inode.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"

#define CHUNK_MAX 0x10000UL /* bytes per host call */
#define TTY_CHUNK 0x1000UL

/* ---- watching ---- */

static void watch_done(void *arg, int revents)
{
	struct hostfd *h = arg;

	h->watch = -1;
	waitq_wake_all(&h->waitq, revents > 0 ? (unsigned)revents : EPOLLERR);
}

static int watch_arm(struct hostfd *h, unsigned events)
{
	if (h->watch >= 0) {
		if (!(events & ~h->watch_events))
			return 0;
		host_watch_cancel(h->watch);
		events |= h->watch_events;
	}
	h->watch_events = events;
	h->watch = host_watch(h->fd, events, watch_done, h);
	return h->watch < 0 ? h->watch : 0;
}

/* May sleep. */
static int hostfd_wait(struct hostfd *h, unsigned events)
{
	int err = watch_arm(h, events);

	if (err)
		return err;
	return waitq_wait(&h->waitq, WAIT_INTERRUPTIBLE, NSEC_NEVER) ? -ERESTARTSYS : 0;
}

/* ---- lifetime ---- */

static void hostfd_put(struct hostfd *h)
{
	if (--h->ref)
		return;
	if (h->watch >= 0)
		host_watch_cancel(h->watch);
	if (h->fd >= 0)
		host_close(h->fd);
	if (h->tty) {
		list_remove(&h->in_tty);
		tty_put(&h->tty->tty);
	}
	kfree(h);
}

static void hostfd_release(struct file *f)
{
	hostfd_put(f->priv);
}

/* ---- reading and writing ---- */

static ssize_t read_now(struct hostfd *h, void *buf, size_t n)
{
	ssize_t got;

	if (S_ISREG(h->type))
		return host_pread(h->fd, buf, n, HOST_OFF_STREAM);
	got = host_pread(h->fd, buf, n, HOST_OFF_NOWAIT);
	if (got != -EOPNOTSUPP)
		return got;
	if (!(host_poll_now(h->fd, EPOLLIN) & (int)(EPOLLIN | EPOLLHUP | EPOLLERR)))
		return -EAGAIN;
	return host_read(h->fd, buf, n);
}

static ssize_t write_now(struct hostfd *h, const void *buf, size_t n)
{
	ssize_t put;

	if (S_ISREG(h->type))
		return host_pwrite(h->fd, buf, n, HOST_OFF_STREAM);
	put = host_pwrite(h->fd, buf, n, HOST_OFF_NOWAIT);
	if (put != -EOPNOTSUPP)
		return put;
	if (!(host_poll_now(h->fd, EPOLLOUT) & (int)(EPOLLOUT | EPOLLHUP | EPOLLERR)))
		return -EAGAIN;
	return host_write(h->fd, buf, MIN(n, TTY_CHUNK));
}

/* An edge-triggered poller learns of the next change only through a watch: start it when there is one. */
static void rearm_pollers(struct hostfd *h, unsigned events)
{
	if (!waitq_empty(&h->waitq))
		(void)watch_arm(h, events);
}

static ssize_t read_wait(struct file *f, void *buf, size_t n)
{
	struct hostfd *h = f->priv;

	for (;;) {
		int err = h->tty ? tty_check_background(&h->tty->tty, SIGTTIN) : 0;
		ssize_t got = err ? err : read_now(h, buf, n);

		if (got != -EAGAIN)
			return got;
		if (f->flags & O_NONBLOCK) {
			rearm_pollers(h, EPOLLIN);
			return -EAGAIN;
		}
		err = hostfd_wait(h, EPOLLIN);
		if (err)
			return err;
	}
}

static ssize_t hostfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct hostfd *h = f->priv;
	size_t n = MIN(to->count, CHUNK_MAX);
	char *buf = n ? kmalloc(n) : NULL;
	ssize_t got;

	if (!buf)
		return n ? -ENOMEM : 0;
	got = pos == &f->pos ? read_wait(f, buf, n) : host_pread(h->fd, buf, n, (uint64_t)*pos);
	if (got > 0)
		got = copy_to_iter(buf, (size_t)got, to);
	kfree(buf);
	if (got > 0)
		*pos += got;
	return got;
}

static ssize_t write_wait(struct file *f, const void *buf, size_t n)
{
	struct hostfd *h = f->priv;

	for (;;) {
		ssize_t put = write_now(h, buf, n);
		int err;

		if (put != -EAGAIN)
			return put;
		if (f->flags & O_NONBLOCK) {
			rearm_pollers(h, EPOLLOUT);
			return -EAGAIN;
		}
		err = hostfd_wait(h, EPOLLOUT);
		if (err)
			return err;
	}
}

static bool stops_background_output(struct hostfd *h)
{
	struct termios tio;

	return h->tty && current_process() && current_process()->tty == &h->tty->tty &&
	       h->tty->tty.pgrp != current_process()->pgid &&
	       host_tty(h->fd, TCGETS, &tio, sizeof(tio)) == 0 && tio.c_lflag & TOSTOP;
}

/* All of buf, or what went before an error. */
static ssize_t write_chunk(struct file *f, const char *buf, size_t n, loff_t *pos)
{
	struct hostfd *h = f->priv;
	size_t done = 0;

	while (done < n) {
		ssize_t put = pos == &f->pos ? write_wait(f, buf + done, n - done) :
					       host_pwrite(h->fd, buf + done, n - done, (uint64_t)*pos);

		if (put <= 0)
			return done ? (ssize_t)done : put;
		done += (size_t)put;
		*pos += put;
	}
	return (ssize_t)done;
}

static ssize_t write_all(struct file *f, struct iov_iter *from, loff_t *pos, char *buf, size_t size)
{
	size_t done = 0;

	while (from->count) {
		ssize_t n = copy_from_iter(buf, MIN(from->count, size), from);
		ssize_t put = n > 0 ? write_chunk(f, buf, (size_t)n, pos) : n;

		if (put == -EPIPE && !done)
			signal_send_thread(current, SIGPIPE, NULL);
		if (put <= 0)
			return done ? (ssize_t)done : put;
		done += (size_t)put;
		if (put < n)
			break;
	}
	return (ssize_t)done;
}

static ssize_t hostfd_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	size_t size = MIN(from->count, CHUNK_MAX);
	char *buf;
	ssize_t n;
	int err;

	if (!size)
		return 0;
	err = stops_background_output(f->priv) ? tty_check_background(hostfd_file_tty(f), SIGTTOU) : 0;
	if (err)
		return err;
	buf = kmalloc(size);
	if (!buf)
		return -ENOMEM;
	n = write_all(f, from, pos, buf, size);
	kfree(buf);
	return n;
}

static loff_t hostfd_lseek(struct file *f, loff_t off, int whence)
{
	struct hostfd *h = f->priv;
	struct host_seek s = { .off = off, .whence = (uint32_t)whence };
	long err = host_tty(h->fd, HOST_FD_SEEK, &s, sizeof(s));

	if (err)
		return err;
	if (s.off < 0)
		return -EIO;
	f->pos = s.off;
	return s.off;
}

static unsigned hostfd_poll(struct file *f, struct poll_table *pt)
{
	struct hostfd *h = f->priv;
	unsigned want = (file_readable(f) ? EPOLLIN : 0) | (file_writable(f) ? EPOLLOUT : 0);
	int now = host_poll_now(h->fd, want);
	unsigned ready = now < 0 ? EPOLLERR : (unsigned)now;

	poll_wait(pt, &h->waitq);
	if (want & ~ready && (pt || !waitq_empty(&h->waitq)) && watch_arm(h, want & ~ready) && pt)
		pt->err = -ENOMEM;
	return ready | (ready & EPOLLIN ? EPOLLRDNORM : 0) | (ready & EPOLLOUT ? EPOLLWRNORM : 0);
}

static long hostfd_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct hostfd *h = f->priv;
	int32_t n = 0;
	long err;

	if (h->tty)
		return tty_ioctl(&h->tty->tty, cmd, arg, false);
	if (cmd != TIOCINQ)
		return -ENOIOCTLCMD;
	err = host_tty(h->fd, TIOCINQ, &n, sizeof(n));
	return err ? err : put_user(n, arg);
}

static int hostfd_fsync(struct file *f, bool data_only)
{
	struct hostfd *h = f->priv;

	(void)data_only;
	return host_fsync(h->fd);
}

#define HOSTFD_COMMON                                                                                      \
	.read = hostfd_read, .write = hostfd_write, .poll = hostfd_poll, .ioctl = hostfd_ioctl,            \
	.release = hostfd_release

static const struct file_ops hostfd_stream_ops = { .name = "hostfd", HOSTFD_COMMON };
static const struct file_ops hostfd_tty_ops = { .name = "hostfd-tty", HOSTFD_COMMON };
static const struct file_ops hostfd_regular_ops = {
	.name = "hostfd-file", HOSTFD_COMMON, .lseek = hostfd_lseek, .fsync = hostfd_fsync,
};

struct tty *hostfd_file_tty(const struct file *f)
{
	struct hostfd *h = f->priv;

	return f->ops == &hostfd_tty_ops ? &h->tty->tty : NULL;
}

const struct file_ops *hostfd_ops(const struct hostfd *h)
{
	if (h->tty)
		return &hostfd_tty_ops;
	return S_ISREG(h->type) ? &hostfd_regular_ops : &hostfd_stream_ops;
}

void hostfd_share(struct hostfd *h, struct file *f)
{
	h->ref++;
	f->priv = h;
	f->ops = hostfd_ops(h);
}

/* ---- making the file ---- */

/* /proc/self/fd/0 and /dev/stdin opened again: the same descriptor of the host. */
static int hostfd_reopen(struct inode *inode, struct file *f)
{
	hostfd_share(inode->priv, f);
	return 0;
}

static const struct file_ops hostfd_fops = { .name = "hostfd", .open = hostfd_reopen };

static int hostfd_getattr(struct inode *inode, struct kstat *st)
{
	struct hostfd *h = inode->priv;
	struct host_stat hs;
	int err = host_fstat(h->fd, &hs);

	inode_getattr_default(inode, st);
	if (err)
		return err;
	st->ino = hs.ino;
	st->rdev = hs.rdev;
	st->mode = h->type | (hs.mode & 07777);
	st->uid = hs.uid;
	st->gid = hs.gid;
	st->size = hs.size;
	st->blocks = hs.blocks;
	st->atime = (struct timespec64){ hs.atime_sec, hs.atime_nsec };
	st->mtime = (struct timespec64){ hs.mtime_sec, hs.mtime_nsec };
	st->ctime = (struct timespec64){ hs.ctime_sec, hs.ctime_nsec };
	return 0;
}

static void hostfd_evict(struct inode *inode)
{
	if (inode->priv)
		hostfd_put(inode->priv);
}

static const struct inode_ops hostfd_inode_ops = { .getattr = hostfd_getattr, .evict = hostfd_evict };

static struct super_block *hostfd_super(void)
{
	static struct super_block *sb;

	if (!sb)
		sb = super_alloc("hostfd", NULL, NULL);
	return sb;
}

/* Without a name in the tree. The inode shares h: stat works as long as somebody has the inode. */
static struct file *anonymous_file(struct hostfd *h, unsigned flags)
{
	struct super_block *sb = hostfd_super();
	struct inode *inode = sb ? inode_alloc(sb, h->type | 0666) : NULL;
	struct file *f;

	if (!inode)
		return NULL;
	inode->ops = &hostfd_inode_ops;
	inode->fops = &hostfd_fops;
	f = file_alloc(hostfd_ops(h), flags, NULL, inode);
	if (f) {
		inode->priv = h;
		h->ref++;
	}
	inode_put(inode);
	return f;
}

static uint32_t plausible_type(uint32_t mode)
{
	uint32_t type = mode & S_IFMT;

	return type == S_IFREG || type == S_IFIFO || type == S_IFSOCK ? type : S_IFCHR;
}

static struct hostfd *hostfd_alloc(int fd, bool tty)
{
	struct hostfd *h = kzalloc(sizeof(*h));
	struct host_stat st = { 0 };

	if (!h)
		return NULL;
	*h = (struct hostfd){ .ref = 1, .fd = fd, .watch = -1, .type = S_IFCHR };
	waitq_init(&h->waitq);
	list_init(&h->in_tty);
	if (host_fstat(fd, &st) == 0)
		h->type = plausible_type(st.mode);
	if (!tty)
		return h;
	h->type = S_IFCHR;
	h->tty = host_tty_get(&st);
	if (!h->tty) {
		kfree(h);
		return NULL;
	}
	list_push_back(&h->tty->hostfds, &h->in_tty);
	return h;
}

struct file *hostfd_open(int host_fd, bool tty, unsigned flags)
{
	struct hostfd *h = hostfd_alloc(host_fd, tty);
	struct file *f = NULL;

	if (!h)
		return NULL;
	if (tty) { /* terminals are open both ways: pagers read the keyboard from stderr */
		flags = (flags & ~(unsigned)O_ACCMODE) | O_RDWR;
		f = host_tty_file(h, flags);
	}
	if (!f)
		f = anonymous_file(h, flags);
	if (f) {
		f->priv = h;
		return f;
	}
	h->fd = -1; /* stays the caller's */
	hostfd_put(h);
	return NULL;
}

int hostfd_host(const struct file *f, bool *tty)
{
	const struct hostfd *h = f->priv;

	*tty = f->ops == &hostfd_tty_ops;
	if (!*tty && f->ops != &hostfd_stream_ops && f->ops != &hostfd_regular_ops)
		return -1;
	return h->fd;
}
