/* pipe.c: the ring, its readers and writers; pipe(2), pipe2(2).
 *
 * head and tail count bytes for ever; their difference is what is in the ring. A write of at most PIPE_BUF
 * bytes goes in whole or not at all. Copying may sleep (a file-backed user buffer), so a copy holds the pipe's
 * busy flag, a sleeping lock; everything else is atomic under the giant lock. In packet mode (O_DIRECT) every write is
 * preceded by its length, and a read takes one packet and drops what it has no room for.
 *
 * Wakers run the other side right after themselves (a synchronous wake-up): a round trip is two stack switches. */
#include "ipc/pipe.h"
#include "base/heap.h"
#include "base/string.h"
#include "abi/layout.h"
#include "eip/eip.h"
#include "eip/pipe.h"
#include "fs/inode.h"
#include "ipc/pipe_internal.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/termios.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"

struct pipe *pipe_create(void)
{
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->size = PIPE_DEFAULT_SIZE;
	waitq_init(&p->readable);
	waitq_init(&p->writable);
	waitq_init(&p->idle);
	waitq_init(&p->opened);
	return p;
}

static void pipe_destroy(struct pipe *p)
{
	if (!p)
		return;
	page_free(p->ring, p->ring_pages);
	kfree(p);
}

static int pipe_lock(struct pipe *p)
{
	while (p->busy) {
		int err = waitq_wait(&p->idle, WAIT_INTERRUPTIBLE, NSEC_NEVER);

		if (err)
			return -ERESTARTSYS;
	}
	p->busy = true;
	return 0;
}

static void pipe_unlock(struct pipe *p)
{
	p->busy = false;
	if (!waitq_empty(&p->idle))
		waitq_wake_all(&p->idle, 0);
}

static size_t pipe_used(const struct pipe *p)
{
	return (size_t)(p->head - p->tail);
}

static size_t pipe_room(const struct pipe *p)
{
	return p->size - pipe_used(p);
}

static int ring_ensure(struct pipe *p)
{
	size_t pages = p->size / PAGE_SIZE;

	if (p->ring)
		return 0;
	p->ring = page_alloc(pages);
	p->ring_pages = p->ring ? pages : 0;
	return p->ring ? 0 : -ENOMEM;
}

/* Bytes at ring position pos without a wrap. */
static char *ring_at(const struct pipe *p, uint64_t pos, size_t *contiguous)
{
	size_t offset = (size_t)(pos & (p->size - 1));

	*contiguous = p->size - offset;
	return p->ring + offset;
}

static ssize_t ring_put(struct pipe *p, struct iov_iter *from, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t room;
		char *at = ring_at(p, p->head, &room);
		ssize_t k = copy_from_iter(at, MIN(room, n - done), from);

		if (k <= 0)
			return done ? (ssize_t)done : k;
		p->head += (uint64_t)k;
		done += (size_t)k;
	}
	return (ssize_t)done;
}

static ssize_t ring_get(struct pipe *p, struct iov_iter *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t avail;
		char *at = ring_at(p, p->tail, &avail);
		ssize_t k = copy_to_iter(at, MIN(avail, n - done), to);

		if (k <= 0)
			return done ? (ssize_t)done : k;
		p->tail += (uint64_t)k;
		done += (size_t)k;
	}
	return (ssize_t)done;
}

static uint32_t packet_length(const struct pipe *p)
{
	uint32_t len = 0;

	for (unsigned i = 0; i < sizeof(len); i++)
		len |= (uint32_t)(uint8_t)p->ring[(p->tail + i) & (p->size - 1)] << (8 * i);
	return len;
}

static void put_packet_length(struct pipe *p, uint32_t len)
{
	for (unsigned i = 0; i < sizeof(len); i++)
		p->ring[p->head++ & (p->size - 1)] = (char)(len >> (8 * i));
}

static ssize_t read_some(struct pipe *p, struct iov_iter *to)
{
	uint32_t len;
	uint64_t end;
	ssize_t n;

	if (!p->packets)
		return ring_get(p, to, MIN(pipe_used(p), to->count));
	len = packet_length(p);
	end = p->tail + sizeof(len) + len;
	p->tail += sizeof(len);
	n = ring_get(p, to, MIN((size_t)len, to->count));
	p->tail = n < 0 ? p->tail - sizeof(len) : end;
	return n;
}

/* Those who sleep or poll are woken, and owners get SIGIO. */
static void notify(struct pipe *p, struct waitq *q, unsigned events)
{
	if (!waitq_empty(q))
		waitq_wake_all(q, events);
	if (!list_empty(&file_owners))
		file_sigio_all(p, events);
}

/* A full pipe that drained to half, or that has room for PIPE_BUF again, lets writers in. */
static void after_read(struct pipe *p)
{
	if (pipe_room(p) >= PIPE_BUF)
		notify(p, &p->writable, EPOLLOUT | EPOLLWRNORM);
}

ssize_t pipe_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct pipe *p = f->priv;
	ssize_t n;
	int err;

	(void)pos;
	if (!to->count)
		return 0;
	for (;;) {
		if (pipe_used(p)) {
			err = pipe_lock(p);
			if (err)
				return err;
			n = pipe_used(p) ? read_some(p, to) : 0;
			pipe_unlock(p);
			if (n) {
				after_read(p);
				return n;
			}
			continue;
		}
		if (!p->writers)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&p->readable, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
}

/* How much of n may go in now; 0: wait. */
static size_t admit(const struct pipe *p, size_t n)
{
	size_t room = pipe_room(p);

	if (p->packets) {
		n = MIN(n, MIN(PIPE_BUF, p->size - sizeof(uint32_t)));
		return room >= n + sizeof(uint32_t) ? n : 0;
	}
	if (n <= PIPE_BUF)
		return room >= n ? n : 0;
	return MIN(n, room);
}

static ssize_t write_some(struct pipe *p, struct iov_iter *from, size_t total)
{
	size_t n = admit(p, total);
	ssize_t put;

	if (!n)
		return 0;
	if (ring_ensure(p))
		return -ENOMEM;
	if (p->packets)
		put_packet_length(p, (uint32_t)n);
	put = ring_put(p, from, n);
	if (p->packets && put < (ssize_t)n)
		p->head -= sizeof(uint32_t) + (put > 0 ? (size_t)put : 0);
	if (put > 0)
		notify(p, &p->readable, EPOLLIN | EPOLLRDNORM);
	return put;
}

static ssize_t broken_pipe(size_t done)
{
	signal_send_thread(current, SIGPIPE, NULL);
	return done ? (ssize_t)done : -EPIPE;
}

ssize_t pipe_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct pipe *p = f->priv;
	size_t done = 0;

	(void)pos;
	if (!from->count)
		return 0;
	while (from->count) {
		ssize_t n;
		int err;

		if (!p->readers)
			return broken_pipe(done);
		err = pipe_lock(p);
		if (err)
			return done ? (ssize_t)done : err;
		n = write_some(p, from, from->count);
		pipe_unlock(p);
		if (n < 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
		if (n || !from->count)
			continue;
		if (f->flags & O_NONBLOCK)
			return done ? (ssize_t)done : -EAGAIN;
		if (waitq_wait(&p->writable, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return done ? (ssize_t)done : -ERESTARTSYS;
	}
	return (ssize_t)done;
}

unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->priv;
	unsigned events = 0;

	if (file_readable(f)) {
		poll_wait(pt, &p->readable);
		if (pipe_used(p))
			events |= EPOLLIN | EPOLLRDNORM;
		/* Who has opened it by name sees hang-up only once a writer has come and gone. */
		if (!p->writers && p->writer_opens != (uint64_t)f->pos)
			events |= EPOLLHUP;
	}
	if (file_writable(f)) {
		poll_wait(pt, &p->writable);
		if (admit(p, PIPE_BUF))
			events |= EPOLLOUT | EPOLLWRNORM;
		if (!p->readers)
			events |= EPOLLERR;
	}
	return events;
}

long pipe_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct pipe *p = f->priv;

	if (cmd != TIOCINQ)
		return -ENOIOCTLCMD;
	return put_user((int)(p->packets && pipe_used(p) ? packet_length(p) : pipe_used(p)), arg);
}

void pipe_release(struct file *f)
{
	struct pipe *p = f->priv;

	if (file_readable(f) && !--p->readers)
		notify(p, &p->writable, EPOLLOUT | EPOLLERR);
	if (file_writable(f) && !--p->writers)
		notify(p, &p->readable, EPOLLIN | EPOLLHUP);
	if (p->readers || p->writers)
		return;
	f->inode->pipe = NULL;
	pipe_destroy(p);
}

static const struct file_ops pipe_ops = {
	.name = "pipe", .read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl,
	.release = pipe_release,
};

static bool file_is_pipe(const struct file *f)
{
	return f->ops == &pipe_ops || f->ops == &fifo_ops;
}

static int pipefs_statfs(struct super_block *sb, struct kstatfs *out)
{
	(void)sb;
	*out = (struct kstatfs){ .type = 0x50495045, .bsize = PAGE_SIZE, .namelen = NAME_MAX };
	return 0;
}

struct inode *pipe_inode(void)
{
	static const struct super_ops ops = { .statfs = pipefs_statfs };
	static struct super_block *sb;

	if (!sb)
		sb = super_alloc("pipefs", &ops, NULL);
	return sb ? inode_alloc(sb, S_IFIFO | 0600) : NULL;
}

/* Takes over p. */
static int make_files(struct pipe *p, unsigned flags, struct file *ends[2])
{
	struct inode *inode = pipe_inode();

	if (!inode) {
		pipe_destroy(p);
		return -ENOMEM;
	}
	inode->pipe = p;
	ends[0] = file_alloc(&pipe_ops, O_RDONLY | (flags & O_NONBLOCK), NULL, inode);
	ends[1] = ends[0] ? file_alloc(&pipe_ops, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), NULL, inode) : NULL;
	inode_put(inode);
	if (ends[0]) {
		ends[0]->priv = p;
		p->readers = 1;
	}
	if (!ends[1]) {
		if (ends[0])
			file_put(ends[0]); /* frees the pipe */
		else
			pipe_destroy(p);
		return -ENOMEM;
	}
	ends[1]->priv = p;
	p->writers = 1;
	return 0;
}

static long install_ends(struct file *ends[2], bool cloexec, uaddr_t ufds)
{
	int fds[2];
	long err;

	fds[0] = fd_install(ends[0], 0, cloexec);
	if (fds[0] < 0) {
		err = fds[0];
		file_put(ends[0]);
		goto put_second;
	}
	fds[1] = fd_install(ends[1], 0, cloexec);
	if (fds[1] < 0) {
		err = fds[1];
		fd_close(fds[0]);
		goto put_second;
	}
	err = copy_to_user(ufds, fds, sizeof(fds));
	if (err) {
		fd_close(fds[0]);
		fd_close(fds[1]);
	}
	return err;
put_second:
	file_put(ends[1]);
	return err;
}

static long do_pipe(uaddr_t ufds, unsigned flags)
{
	struct file *ends[2];
	struct pipe *p;
	int err;

	if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	if (eip_enabled()) {
		err = eip_pipe_create(flags & (O_NONBLOCK | O_DIRECT), ends);
		return err ? err : install_ends(ends, flags & O_CLOEXEC, ufds);
	}
	p = pipe_create();
	if (!p)
		return -ENOMEM;
	p->packets = flags & O_DIRECT;
	p->writer_opens = 1;
	err = make_files(p, flags, ends);
	return err ? err : install_ends(ends, flags & O_CLOEXEC, ufds);
}

SYSCALL_DEFINE(pipe, uaddr_t, ufds)
{
	return do_pipe(ufds, 0);
}

SYSCALL_DEFINE(pipe2, uaddr_t, ufds, unsigned, flags)
{
	return do_pipe(ufds, flags);
}

static int pipe_resize(struct pipe *p, size_t size)
{
	size_t used = pipe_used(p), first;
	char *ring;

	if (used > size)
		return -EBUSY;
	if (!p->ring) {
		p->size = size;
		return 0;
	}
	ring = page_alloc(size / PAGE_SIZE);
	if (!ring)
		return -ENOMEM;
	ring_at(p, p->tail, &first);
	first = MIN(first, used);
	memcpy(ring, p->ring + (p->tail & (p->size - 1)), first);
	memcpy(ring + first, p->ring, used - first);
	page_free(p->ring, p->ring_pages);
	p->ring = ring;
	p->ring_pages = size / PAGE_SIZE;
	p->size = size;
	p->tail = 0;
	p->head = used;
	return 0;
}

/* What a pipe gets that asks for arg bytes, or -errno. */
static long size_for(unsigned long arg)
{
	size_t size = PAGE_SIZE;

	if (arg > 1UL << 31)
		return -EINVAL;
	if (arg > PIPE_MAX_SIZE && !capable(24)) /* CAP_SYS_RESOURCE */
		return -EPERM;
	while (size < arg)
		size *= 2;
	return (long)size;
}

static long set_size(struct pipe *p, size_t size)
{
	int err = pipe_lock(p);

	if (err)
		return err;
	err = pipe_resize(p, size);
	pipe_unlock(p);
	if (!err)
		after_read(p);
	return err ? err : (long)size;
}

long pipe_fcntl(struct file *f, int cmd, unsigned long arg)
{
	bool far = eip_enabled() && eip_file_is_pipe(f);
	long size = cmd == F_SETPIPE_SZ ? size_for(arg) : 0;

	if (!far && !file_is_pipe(f))
		return -EBADF;
	if (size < 0)
		return size;
	if (far)
		return eip_pipe_fcntl(f, cmd, (size_t)size);
	return cmd == F_SETPIPE_SZ ? set_size(f->priv, (size_t)size) : (long)((struct pipe *)f->priv)->size;
}

/* Both rings are stable while nothing sleeps: the copy is between LibOS pages. */
static size_t copy_between(struct pipe *from, struct pipe *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t a, b;
		char *src = ring_at(from, from->tail + done, &a), *dst = ring_at(to, to->head, &b);
		size_t k = MIN(MIN(a, b), n - done);

		memcpy(dst, src, k);
		to->head += k;
		done += k;
	}
	return done;
}

ssize_t pipe_tee(struct file *fin, struct file *fout, size_t n, unsigned flags)
{
	struct pipe *in = fin->priv, *out = fout->priv;
	bool nonblock = (flags & 2) || (fin->flags & O_NONBLOCK) || (fout->flags & O_NONBLOCK); /* SPLICE_F_NONBLOCK */

	if (!file_is_pipe(fin) || !file_is_pipe(fout) || in == out || in->packets || out->packets)
		return -EINVAL;
	for (;;) {
		struct waitq *q;

		if (!out->readers)
			return broken_pipe(0);
		if (pipe_used(in) && pipe_room(out) && !in->busy && !out->busy) {
			if (ring_ensure(out))
				return -ENOMEM;
			n = copy_between(in, out, MIN(n, MIN(pipe_used(in), pipe_room(out))));
			notify(out, &out->readable, EPOLLIN | EPOLLRDNORM);
			return (ssize_t)n;
		}
		if (!pipe_used(in) && !in->writers)
			return 0;
		if (nonblock)
			return -EAGAIN;
		q = !pipe_used(in) ? &in->readable : !pipe_room(out) ? &out->writable : in->busy ? &in->idle : &out->idle;
		if (waitq_wait(q, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
}
