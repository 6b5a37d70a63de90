/* pipe.c: sealed records on a pair of host sockets: reading and writing. See pipe.h; the ends themselves: pipe_ends.c.
 *
 * On the socket: struct record_head, then the sealed bytes and their tag. Each end that writes has a number of its own,
 * drawn at random where the end was made or arrived, and counts; both together are the nonce. What is left of a record
 * that was read in part stays in the enclave (`left`). */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "eip/pipe_internal.h"
#include "fs/inode.h"
#include "hostcall/hostcall.h"
#include "hostcall/record.h"
#include "ipc/pipe.h"
#include "linux/errno.h"
#include "linux/termios.h"
#include "signal/signal.h"
#include "thread/thread.h"

#define RECORD_MAX 65536UL
#define RECORD_ROOM (sizeof(struct record_head) + RECORD_MAX + GCM_TAG_SIZE)
#define RECORDS_ROOM (2 * RECORD_ROOM)

struct record_head {
	uint64_t writer;
	uint32_t seq, len;
};

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
	e->watch.event = changed;
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

static int record_ensure(struct eip_pipe *e)
{
	if (!e->record)
		e->record = kmalloc(RECORDS_ROOM);
	return e->record ? 0 : -ENOMEM;
}

/* ---- reading ---- */

/* Has the writer not sent this or a later record before? Then it is noted. */
static bool is_new(struct eip_pipe *e, const struct record_head *h)
{
	struct writer_seen *more;

	for (unsigned i = 0; i < e->seen_count; i++) {
		struct writer_seen *s = &e->seen[i];

		if (s->writer != h->writer)
			continue;
		if (h->seq <= s->seq)
			return false;
		s->seq = h->seq;
		return true;
	}
	more = krealloc(e->seen, (e->seen_count + 1) * sizeof(*more));
	if (!more)
		return false;
	e->seen = more;
	more[e->seen_count++] = (struct writer_seen){ h->writer, h->seq };
	return true;
}

static void nonce_of(const struct record_head *h, uint8_t nonce[GCM_NONCE_SIZE])
{
	memcpy(nonce, &h->writer, sizeof(h->writer));
	memcpy(nonce + sizeof(h->writer), &h->seq, sizeof(h->seq));
}

/* The record at `at`, of which n bytes can be there. What it takes, or -errno. */
static ssize_t open_record(struct eip_pipe *e, const char *at, size_t n)
{
	const size_t rest = sizeof(struct record_head) + GCM_TAG_SIZE;
	uint8_t nonce[GCM_NONCE_SIZE];
	struct record_head h = { 0 };

	if (n >= rest)
		memcpy(&h, at, sizeof(h));
	if (n < rest || h.len > n - rest)
		return -EIO;
	if (eip_pipe_reserve(e, h.len))
		return -ENOMEM;
	nonce_of(&h, nonce);
	if (!gcm_open(&e->gcm, nonce, &h, sizeof(h), at + sizeof(h), h.len, e->left + e->left_end,
		      (const uint8_t *)at + sizeof(h) + h.len))
		return -EIO;
	if (!is_new(e, &h))
		return -EIO;
	e->left_end += h.len;
	return (ssize_t)(rest + h.len);
}

static ssize_t open_records(struct eip_pipe *e, size_t n)
{
	size_t before = left(e);

	for (size_t at = 0; at < n;) {
		ssize_t used = open_record(e, e->record + at, n - at);

		if (used < 0)
			return used;
		at += (size_t)used;
	}
	return (ssize_t)(left(e) - before);
}

/* One record more is in `left`, or so many as wait and `want` has use for. 0: nobody writes any more; -EAGAIN; -EIO: not what a
 * writer sent. */
static ssize_t fetch(struct eip_pipe *e, size_t want)
{
	ssize_t n = record_ensure(e);

	want = e->packets ? 1 : MIN(want, RECORD_MAX);
	if (!n)
		n = host_records_receive(e->fd, e->record, RECORDS_ROOM, want, RECORD_ROOM, RECORD_ROOM - RECORD_MAX);
	if (n == -ECONNRESET) /* the other end went with something unread */
		n = 0;
	if (n <= 0)
		return n;
	n = open_records(e, (size_t)n);
	if (n == -EIO)
		log_error("eip: the host tampered with a pipe between enclaves");
	return n;
}

static ssize_t take_left(struct file *f, struct iov_iter *to)
{
	struct eip_pipe *e = f->priv;
	ssize_t n = copy_to_iter(e->left + e->left_at, MIN(left(e), to->count), to);

	if (n <= 0)
		return n;
	e->left_at += (size_t)n;
	if (e->packets)
		e->left_at = e->left_end;
	e->pos += n;
	return n;
}

static ssize_t read_once(struct file *f, struct iov_iter *to)
{
	struct eip_pipe *e = f->priv;
	ssize_t n = pipe_lock(e);

	if (n)
		return n;
	n = 1;
	if (!left(e) || (left(e) < to->count && !e->packets))
		n = fetch(e, to->count - left(e));
	if (n > 0 || left(e))
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

/* ---- writing ---- */

static int seal_record(struct eip_pipe *e, struct iov_iter *from, size_t n, char *plain)
{
	uint8_t nonce[GCM_NONCE_SIZE];
	struct record_head h;
	ssize_t got = copy_from_iter(plain, n, from);

	if (got <= 0)
		return got ? (int)got : -EFAULT;
	if (++e->seq == 0) { /* never a nonce twice */
		e->writer = rng_u64();
		e->seq = 1;
	}
	h = (struct record_head){ e->writer, e->seq, (uint32_t)got };
	memcpy(e->record, &h, sizeof(h));
	nonce_of(&h, nonce);
	gcm_seal(&e->gcm, nonce, &h, sizeof(h), plain, (size_t)got, e->record + sizeof(h),
		 (uint8_t *)e->record + sizeof(h) + got);
	return (int)got;
}

static int send_record(struct file *f, size_t n)
{
	struct eip_pipe *e = f->priv;

	for (;;) {
		int err = (int)host_record_send(e->fd, e->record, sizeof(struct record_head) + n + GCM_TAG_SIZE);

		if (err != -EAGAIN && err != -ENOBUFS)
			return err < 0 ? err : 0;
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
		int n = seal_record(e, from, MIN(from->count, RECORD_MAX), plain);
		int err = n < 0 ? n : send_record(f, (size_t)n);

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
	n = plain && !record_ensure(e) ? write_records(f, from, plain) : -ENOMEM;
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
	if (left(e) || ready & EPOLLIN)
		events |= EPOLLIN | EPOLLRDNORM;
	return events | (ready & (EPOLLHUP | EPOLLERR));
}

/* FIONREAD, where the end for reading is here: only opened records tell their length. Of packets it is that of the next one: they
 * must not run together. */
static long pipe_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct eip_pipe *e = ((struct ends *)f->inode->priv)->end[0];
	long err;

	if (cmd != TIOCINQ || !e)
		return -ENOIOCTLCMD;
	err = pipe_lock(e);
	if (err)
		return err;
	while (left(e) < (e->packets ? 1 : PIPE_DEFAULT_SIZE) && fetch(e, 1) > 0)
		;
	pipe_unlock(e);
	return put_user((int)left(e), arg);
}

const struct file_ops eip_pipe_ops = {
	.name = "pipe", .read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl,
	.release = eip_pipe_release,
};
