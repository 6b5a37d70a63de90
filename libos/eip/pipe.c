/* pipe.c: sealed records on a pair of host sockets. See pipe.h.
 *
 * On the socket: struct record_head, then the sealed bytes and their tag. Each end that writes has a number of its own,
 * drawn at random where the end was made or arrived, and counts; both together are the nonce. What is left of a record
 * that was read in part stays in the enclave (`left`); it is copied to a process that gets the end, and when that ends,
 * it says how far it has read (files.c). The inode knows both ends, as far as they are here: opening /proc/PID/fd/N shares one. */
#include "eip/pipe.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/gcm.h"
#include "crypto/rng.h"
#include "crypto/util.h"
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

#define RECORD_MAX 65536UL
#define RECORD_ROOM (sizeof(struct record_head) + RECORD_MAX + GCM_TAG_SIZE)
#define RECORDS_ROOM (2 * RECORD_ROOM)

struct record_head {
	uint64_t writer;
	uint32_t seq, len;
};

struct writer_seen {
	uint64_t writer;
	uint32_t seq; /* last */
};

struct eip_pipe { /* one end */
	unsigned ref;            /* open files */
	struct eip_pipe **place; /* in struct ends of its inode, which the files hold */
	loff_t pos;              /* bytes read */
	int fd;
	uint8_t key[GCM_KEY_SIZE];
	struct gcm_key gcm;
	bool packets; /* O_DIRECT: a read takes one record */
	uint64_t writer;
	uint32_t seq;
	struct writer_seen *seen;
	unsigned seen_count;
	char *left;   /* [left_at, left_end) has not been read yet */
	size_t left_at, left_end, left_cap;
	char *record; /* RECORDS_ROOM bytes; made at the first use */
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

static int record_ensure(struct eip_pipe *e)
{
	if (!e->record)
		e->record = kmalloc(RECORDS_ROOM);
	return e->record ? 0 : -ENOMEM;
}

/* ---- reading ---- */

static size_t left(const struct eip_pipe *e)
{
	return e->left_end - e->left_at;
}

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

static int left_ensure(struct eip_pipe *e, size_t n)
{
	size_t cap = left(e) + n;
	char *to;

	if (!left(e))
		e->left_at = e->left_end = 0;
	if (e->left_cap - e->left_end >= n)
		return 0;
	to = kmalloc(cap);
	if (!to)
		return -ENOMEM;
	if (left(e))
		memcpy(to, e->left + e->left_at, left(e));
	e->left_end = left(e);
	e->left_at = 0;
	kfree(e->left);
	e->left = to;
	e->left_cap = cap;
	return 0;
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
	if (left_ensure(e, h.len))
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

const void *eip_pipe_left(const struct file *f, loff_t *pos, size_t *n)
{
	const struct eip_pipe *e = f->priv;

	*pos = e->pos;
	*n = left(e);
	return e->left + e->left_at;
}

void eip_pipe_take_back(struct file *f, loff_t came, loff_t pos, const void *data, size_t n)
{
	struct eip_pipe *e = f->priv;

	bool unread = e->pos == came && !e->busy; /* busy: a thread here reads at this moment */

	if (!unread && pos != came)
		log_info("eip: two processes have read a pipe at the same time: %zu bytes are lost", n);
	if (!unread)
		return;
	e->left_at = e->left_end = 0;
	if (left_ensure(e, n))
		return;
	memcpy(e->left, data, n);
	e->left_end = n;
	e->pos = pos;
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

static void pipe_free(struct eip_pipe *e)
{
	if (e->watched)
		net_unwatch_fd(&e->watch, e->fd);
	host_close(e->fd);
	kfree(e->record);
	kfree(e->left);
	kfree(e->seen);
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
	gcm_key_init(&e->gcm, key);
	e->packets = flags & O_DIRECT;
	e->writer = rng_u64();
	e->watch.event = changed;
	waitq_init(&e->waitq);
	waitq_init(&e->idle);
	e->place = &((struct ends *)inode->priv)->end[file_writable(f)];
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
	pack_u64(p, (uint64_t)e->pos);
	pack_blob(p, e->left + e->left_at, left(e));
	pack_blob(p, e->seen, e->seen_count * sizeof(*e->seen));
	return e->fd;
}

struct file *eip_pipe_unpack(struct unpack *u, int fd)
{
	struct inode *inode = ends_inode();
	uint8_t key[GCM_KEY_SIZE];
	struct eip_pipe *e;
	struct file *f;
	const void *data;
	size_t n;

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
	e->pos = (loff_t)unpack_u64(u);
	data = unpack_blob(u, &n);
	u->failed |= left_ensure(e, n) != 0;
	if (!u->failed && n)
		memcpy(e->left, data, n);
	e->left_end = u->failed ? 0 : n;
	data = unpack_blob(u, &n);
	e->seen = n ? kmalloc(n) : NULL;
	u->failed |= n && !e->seen; /* without it, what was read could be repeated */
	if (e->seen) {
		memcpy(e->seen, data, n);
		e->seen_count = (unsigned)(n / sizeof(*e->seen));
	}
	return f;
}
