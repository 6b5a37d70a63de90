/* pipe.c: pipes as files: sealed records (records.h) on a pair of host sockets. See pipe.h.
 *
 * What is left of a record that was read in part stays in the enclave; it is copied to a process that gets the end, and when
 * that ends, it says how far it has read (files.c). The inode knows both ends, as far as they are here: opening
 * /proc/PID/fd/N shares one. */
#include "eip/pipe.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "crypto/util.h"
#include "eip/records.h"
#include "fs/inode.h"
#include "hostcall/hostcall.h"
#include "hostcall/record.h"
#include "ipc/pipe.h"
#include "linux/errno.h"
#include "linux/termios.h"
#include "net/events.h"
#include "signal/signal.h"
#include "sync/waitq.h"
#include "thread/thread.h"

struct eip_pipe { /* one end */
	union {
		struct records_in in;
		struct records_out out;
	};
	unsigned ref;            /* open files */
	struct eip_pipe **place; /* in struct ends of its inode, which the files hold */
	int fd;
	bool writes;
	uint8_t key[GCM_KEY_SIZE];
	struct waitq waitq;
	struct net_watch watch;
	bool watched;
	bool busy;    /* a transfer is going on; idle is woken when it ends */
	struct waitq idle;
};

struct ends { /* inode->priv */
	struct eip_pipe *end[2]; /* for reading, for writing; NULL: not here */
};

static const struct file_ops eip_pipe_ops;

bool eip_file_is_pipe(const struct file *f)
{
	return f->ops == &eip_pipe_ops;
}

/* ---- waiting ---- */

static void changed(struct net_watch *w, unsigned state)
{
	struct eip_pipe *e = container_of(w, struct eip_pipe, watch);

	waitq_wake_all(&e->waitq, state);
}

/* 1: changes are announced from now on, look again; 0: they were already; -errno. */
static int watch(struct eip_pipe *e)
{
	int err;

	if (e->watched)
		return 0;
	err = net_watch_fd(&e->watch, e->fd);
	if (err)
		return err;
	e->watched = true;
	return 1;
}

/* After -EAGAIN: sleeps until something has changed. */
static int wait_for_change(struct eip_pipe *e)
{
	int err = watch(e);

	if (err)
		return MIN(err, 0);
	return waitq_wait(&e->waitq, WAIT_INTERRUPTIBLE, NSEC_NEVER) ? -ERESTARTSYS : 0;
}

static int pipe_lock(struct eip_pipe *e)
{
	while (e->busy)
		if (waitq_wait(&e->idle, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	e->busy = true;
	return 0;
}

static void pipe_unlock(struct eip_pipe *e)
{
	e->busy = false;
	if (!waitq_empty(&e->idle))
		waitq_wake_all(&e->idle, 0);
}

/* ---- reading ---- */

/* O_DIRECT: the next record waits for its turn. */
static bool has_record(const struct eip_pipe *e)
{
	return e->in.one && e->in.have;
}

/* See records_fetch. */
static ssize_t fetch(struct eip_pipe *e, size_t want)
{
	ssize_t n = has_record(e) ? 1 : records_fetch(&e->in, want);

	return n == -ECONNRESET ? 0 : n; /* the other end went with something unread */
}

static ssize_t take_left(struct file *f, struct iov_iter *to)
{
	struct eip_pipe *e = f->priv;
	ssize_t n = copy_to_iter(records_data(&e->in), MIN(records_left(&e->in), to->count), to);

	if (n <= 0)
		return n;
	records_take(&e->in, (size_t)n);
	return n;
}

static ssize_t read_once(struct file *f, struct iov_iter *to)
{
	struct eip_pipe *e = f->priv;
	ssize_t n = pipe_lock(e);

	if (n)
		return n;
	n = 1;
	if (records_left(&e->in) < to->count)
		n = fetch(e, to->count - records_left(&e->in));
	if (n > 0 || records_left(&e->in))
		n = take_left(f, to);
	pipe_unlock(e);
	return n;
}

static ssize_t pipe_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct eip_pipe *e = f->priv;

	(void)pos;
	if (!to->count)
		return 0;
	for (;;) {
		ssize_t n = read_once(f, to);
		int err;

		if (n != -EAGAIN)
			return n;
		if (f->flags & O_NONBLOCK)
			return n;
		err = wait_for_change(e);
		if (err)
			return err;
	}
}

struct records_in *eip_pipe_in(const struct file *f)
{
	struct eip_pipe *e = eip_file_is_pipe(f) ? f->priv : NULL;

	return e && !e->writes ? &e->in : NULL;
}

/* ---- writing ---- */

static int send_record(struct file *f, size_t n)
{
	struct eip_pipe *e = f->priv;

	for (;;) {
		int err = records_send(&e->out, n);

		if (err != -EAGAIN)
			return err;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_for_change(e);
		if (err)
			return err;
	}
}

/* What was taken from the iterator and not sent is lost to it: the caller knows how much went. */
static ssize_t write_records(struct file *f, struct iov_iter *from, char *plain)
{
	struct eip_pipe *e = f->priv;
	size_t done = 0;

	while (from->count) {
		ssize_t n = records_seal(&e->out, from, MIN(from->count, RECORD_MAX), plain);
		int err = n < 0 ? (int)n : send_record(f, (size_t)n);

		if (err)
			return done ? (ssize_t)done : err;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t pipe_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct eip_pipe *e = f->priv;
	size_t total = from->count;
	char *plain;
	ssize_t n;

	(void)pos;
	if (!total)
		return 0;
	n = pipe_lock(e);
	if (n)
		return n;
	plain = kmalloc(MIN(total, RECORD_MAX));
	n = plain ? write_records(f, from, plain) : -ENOMEM;
	kfree(plain);
	pipe_unlock(e);
	if (n == -ECONNRESET)
		n = -EPIPE;
	if (n == -EPIPE)
		signal_send_thread(current, SIGPIPE, NULL);
	return n;
}

/* ---- the rest of a file ---- */

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct eip_pipe *e = f->priv;
	unsigned want = file_readable(f) ? EPOLLIN : EPOLLOUT, events = 0;
	int err = pt ? watch(e) : 0, now = host_poll_now(e->fd, want);
	unsigned ready = now < 0 ? EPOLLERR : (unsigned)now;
	int32_t bytes = 0;

	poll_wait(pt, &e->waitq);
	if (err < 0)
		pt->err = err;
	if (!file_readable(f))
		return (ready & EPOLLOUT ? EPOLLOUT | EPOLLWRNORM : 0) | (ready & (EPOLLHUP | EPOLLERR) ? EPOLLERR : 0);
	if (ready & EPOLLHUP && ready & EPOLLIN && (host_tty(e->fd, TIOCINQ, &bytes, sizeof(bytes)) || !bytes))
		ready &= ~(unsigned)EPOLLIN;
	if (records_left(&e->in) || ready & EPOLLIN)
		events |= EPOLLIN | EPOLLRDNORM;
	return events | (ready & (EPOLLHUP | EPOLLERR));
}

/* FIONREAD, where the end for reading is here: only opened records tell their length. */
static long pipe_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct eip_pipe *e = ((struct ends *)f->inode->priv)->end[0];
	long err;

	if (cmd != TIOCINQ || !e)
		return -ENOIOCTLCMD;
	err = pipe_lock(e);
	if (err)
		return err;
	while (!has_record(e) && records_left(&e->in) < PIPE_DEFAULT_SIZE && fetch(e, 1) > 0)
		;
	pipe_unlock(e);
	return put_user((int)records_left(&e->in), arg);
}

static void pipe_free(struct eip_pipe *e)
{
	if (e->watched)
		net_unwatch_fd(&e->watch, e->fd);
	host_close(e->fd);
	if (e->writes)
		records_out_free(&e->out);
	else
		records_in_free(&e->in);
	wipe(e, sizeof(*e));
	kfree(e);
}

static void pipe_release(struct file *f)
{
	struct eip_pipe *e = f->priv;

	if (--e->ref)
		return;
	*e->place = NULL;
	pipe_free(e);
}

static const struct file_ops eip_pipe_ops = {
	.name = "pipe", .read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl,
	.release = pipe_release,
};

static void ends_evict(struct inode *inode)
{
	kfree(inode->priv);
}

static struct inode *ends_inode(void)
{
	static const struct inode_ops ops = { .evict = ends_evict };
	struct ends *ends = kzalloc(sizeof(*ends));
	struct inode *inode = ends ? pipe_inode() : NULL;

	if (!inode) {
		kfree(ends);
		return NULL;
	}
	inode->ops = &ops;
	inode->priv = ends;
	return inode;
}

/* Takes over fd, also on failure. */
static struct file *end_create(int fd, const uint8_t *key, unsigned flags, struct inode *inode)
{
	struct eip_pipe *e = kzalloc(sizeof(*e));
	struct file *f = e ? file_alloc(&eip_pipe_ops, flags, NULL, inode) : NULL;

	if (!f) {
		kfree(e);
		host_close(fd);
		return NULL;
	}
	e->ref = 1;
	e->fd = fd;
	memcpy(e->key, key, sizeof(e->key));
	e->writes = file_writable(f);
	if (e->writes)
		records_out_init(&e->out, fd, key);
	else
		records_in_init(&e->in, fd, key, flags & O_DIRECT);
	e->watch.event = changed;
	waitq_init(&e->waitq);
	waitq_init(&e->idle);
	e->place = &((struct ends *)inode->priv)->end[e->writes];
	*e->place = e;
	f->priv = e;
	return f;
}

int eip_pipe_open(struct inode *inode, struct file *f)
{
	struct ends *ends = inode->priv;
	struct eip_pipe *e = ends->end[file_writable(f)];

	if (!e || (file_readable(f) && file_writable(f)))
		return -ENXIO;
	e->ref++;
	f->ops = &eip_pipe_ops;
	f->priv = e;
	return 0;
}

int eip_pipe_create(unsigned flags, struct file *ends[2])
{
	struct inode *inode = ends_inode();
	uint8_t key[GCM_KEY_SIZE];
	int fds[2], err = inode ? host_record_pair(fds) : -ENOMEM;

	if (!err) {
		rng_bytes(key, sizeof(key));
		ends[0] = end_create(fds[0], key, O_RDONLY | flags, inode);
		ends[1] = end_create(fds[1], key, O_WRONLY | flags, inode);
		if (!ends[0] || !ends[1]) {
			if (ends[0])
				file_put(ends[0]);
			if (ends[1])
				file_put(ends[1]);
			err = -ENOMEM;
		}
		wipe(key, sizeof(key));
	}
	if (inode)
		inode_put(inode);
	return err;
}

int eip_pipe_pack(const struct file *f, struct pack *p)
{
	const struct eip_pipe *e = f->priv;

	pack_bytes(p, e->key, sizeof(e->key));
	pack_u32(p, f->flags);
	if (!e->writes)
		records_in_pack(&e->in, p);
	return e->fd;
}

struct file *eip_pipe_unpack(struct unpack *u, int fd)
{
	struct inode *inode = ends_inode();
	uint8_t key[GCM_KEY_SIZE];
	struct eip_pipe *e;
	struct file *f;

	unpack_bytes(u, key, sizeof(key));
	if (!inode) {
		host_close(fd);
		return NULL;
	}
	f = end_create(fd, key, unpack_u32(u), inode);
	wipe(key, sizeof(key));
	inode_put(inode);
	if (!f)
		return NULL;
	e = f->priv;
	if (!e->writes)
		records_in_unpack(&e->in, u);
	return f;
}
