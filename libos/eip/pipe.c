/* pipe.c: pipes as files: sealed records (records.h) on a pair of host sockets. See pipe.h.
 *
 * How much is in a pipe all its enclaves count together (hostcall/level.h), so that it holds what a pipe of Linux holds and
 * writers wait as they do there; what a reader's enclave has fetched does not count any more. Whoever fetches while a
 * writer waits for room sends something back on the socket, and the writer looks again: once half is free, or there has been
 * room for PIPE_BUF for a millisecond, as waking another enclave costs more than most reads. For the same reason a writer that
 * would wait may be AHEAD of the size while somebody reads, when nobody can tell how much is in the pipe anyway.
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
#include "hostcall/level.h"
#include "hostcall/record.h"
#include "ipc/pipe.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/termios.h"
#include "net/events.h"
#include "signal/signal.h"
#include "sync/waitq.h"
#include "thread/thread.h"
#include "time/clock.h"

#define BUSY_US 1000u
#define AHEAD 0x80000u
#define WAKE_LATE (NSEC_PER_SEC / 1000)
#define WORDS_MAX 256u /* of readers, that can wait to be read, about */

struct eip_pipe { /* one end */
	union {
		struct records_in in;
		struct records_out out;
	};
	unsigned ref;            /* open files */
	struct eip_pipe **place; /* in struct ends of its inode, which the files hold */
	int fd, level;
	bool writes;
	bool late_armed;         /* for reading: `late` will wake writers */
	struct ktimer late;
	uint8_t key[GCM_KEY_SIZE];
	struct waitq waitq;
	struct net_watch watch;
	bool watched, host_room; /* host_room: watched for that, too */
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

	if (e->writes && state & EPOLLIN) /* a reader has made room, and says so */
		state |= EPOLLOUT | EPOLLWRNORM;
	waitq_wake_all(&e->waitq, state);
}

/* 1: changes are announced from now on, look again; 0: they were already; -errno. host_room: also when there is more room
 * in the host's socket: who waits for room in the pipe is not to be woken by each record that is fetched. */
static int watch(struct eip_pipe *e, bool host_room)
{
	bool first = !e->watched;
	int err = first ? net_watch_fd(&e->watch, e->fd) : 0;

	if (err)
		return err;
	e->host_room |= first;
	e->watched = true;
	if (!e->writes || e->host_room == host_room)
		return first;
	err = net_watch_mask(&e->watch, e->fd, host_room ? EPOLLIN | EPOLLOUT : EPOLLIN);
	e->host_room = host_room;
	return err ? err : 1;
}

/* After -EAGAIN: sleeps until something has changed. */
static int wait_for_change(struct eip_pipe *e, bool host_room)
{
	int err = watch(e, host_room);

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
	if (!e->writes)
		e->in.busy = true;
	return 0;
}

static void pipe_unlock(struct eip_pipe *e)
{
	e->busy = false;
	if (!e->writes)
		e->in.busy = false;
	if (!waitq_empty(&e->idle))
		waitq_wake_all(&e->idle, 0);
}

/* ---- reading ---- */

/* O_DIRECT: the next record waits for its turn. */
static bool has_record(const struct eip_pipe *e)
{
	return e->in.one && e->in.have;
}

static uint32_t now_us(void)
{
	return (uint32_t)(clock_mono() / 1000);
}

static size_t level_least(const struct eip_pipe *e)
{
	return MIN(PIPE_BUF, host_level_size(e->level));
}

/* A writer waits, and there is room for `least` bytes: he is told. */
static bool wake_writers(struct eip_pipe *e, size_t least)
{
	if (!host_level_waited(e->level, least))
		return false;
	if (!host_record_send(e->fd, "", 1))
		host_level_word(e->level);
	else
		host_level_wait(e->level); /* too many words: again when more is fetched */
	return true;
}

static void wake_late(struct ktimer *t)
{
	struct eip_pipe *e = container_of(t, struct eip_pipe, late);

	e->late_armed = false;
	(void)wake_writers(e, level_least(e));
}

static void room_made(struct eip_pipe *e)
{
	if (wake_writers(e, host_level_size(e->level) / 2) || e->late_armed || !host_level_has_waiter(e->level))
		return;
	e->late_armed = true;
	ktimer_arm(&e->late, clock_mono() + WAKE_LATE);
}

/* See records_fetch. */
static ssize_t fetch(struct eip_pipe *e, size_t want)
{
	size_t before = records_left(&e->in);
	ssize_t n = has_record(e) ? 1 : records_fetch(&e->in, want);

	if (n == -ECONNRESET) /* the other end went with something unread; what it sent is there nevertheless */
		n = records_fetch(&e->in, want);
	if (records_left(&e->in) != before)
		host_level_fetched(e->level, records_left(&e->in) - before, now_us());
	room_made(e);
	return n == -ECONNRESET ? 0 : n;
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
		err = wait_for_change(e, false);
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

static bool reader_gone(const struct eip_pipe *e)
{
	int now = host_poll_now(e->fd, EPOLLOUT);

	return now < 0 || now & (EPOLLHUP | EPOLLERR);
}

/* So many of n bytes may be written now; at most PIPE_BUF: all or none. 0: wait_for_change, then again. */
static size_t admit(const struct file *f, size_t n)
{
	struct eip_pipe *e = f->priv;
	bool whole = n <= PIPE_BUF;
	size_t room = whole ? host_level_add(e->level, n, true, 0) : 0, ahead;

	if (room)
		return room;
	n = MIN(n, RECORD_MAX);
	ahead = !(f->flags & O_NONBLOCK) && host_level_busy(e->level, now_us(), BUSY_US) ? AHEAD : 0;
	room = host_level_add(e->level, n, whole, ahead); /* long writes: ahead at once, in long records */
	if (room)
		return room;
	host_level_wait(e->level);
	return host_level_add(e->level, n, whole, ahead);
}

/* What readers said is no more than a hint: so many words are read and forgotten. */
static void forget_words(struct eip_pipe *e, unsigned n)
{
	char words[16];
	ssize_t got = 1;

	for (; n && got > 0; n -= MIN(n, (unsigned)got))
		got = host_records_receive(e->fd, words, MIN(sizeof(words), (size_t)n), n, 1, 0);
}

static int wait_for_room(struct file *f)
{
	struct eip_pipe *e = f->priv;

	if (reader_gone(e))
		return -EPIPE;
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	forget_words(e, host_level_words_take(e->level));
	return wait_for_change(e, false);
}

static int send_record(struct file *f, size_t n)
{
	struct eip_pipe *e = f->priv;

	for (;;) {
		int err = records_send(&e->out, n);

		if (err != -EAGAIN)
			return err;
		if (f->flags & O_NONBLOCK) {
			err = e->watched ? watch(e, true) : 0;
			return err < 0 ? err : -EAGAIN;
		}
		err = wait_for_change(e, true);
		if (err)
			return err;
	}
}

/* n bytes that were admitted; how many went. */
static ssize_t write_record(struct file *f, struct iov_iter *from, size_t n, char *plain)
{
	struct eip_pipe *e = f->priv;
	ssize_t got = pipe_lock(e);
	int err;

	if (!got) {
		got = records_seal(&e->out, from, n, plain);
		err = got > 0 ? send_record(f, (size_t)got) : 0;
		got = err ? err : got;
		pipe_unlock(e);
	}
	if (got != (ssize_t)n)
		host_level_sub(e->level, n - (size_t)MAX(got, 0));
	return got;
}

/* What was taken from the iterator and not sent is lost to it: the caller knows how much went. */
static ssize_t write_records(struct file *f, struct iov_iter *from, char *plain)
{
	size_t done = 0;

	while (from->count) {
		size_t room = admit(f, from->count);
		ssize_t n = room ? write_record(f, from, room, plain) : wait_for_room(f);

		if (n == -ECONNRESET)
			n = -EPIPE;
		if (n == -EPIPE)
			signal_send_thread(current, SIGPIPE, NULL);
		if (n < 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t pipe_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	size_t total = from->count;
	char *plain;
	ssize_t n;

	(void)pos;
	if (!total)
		return 0;
	plain = kmalloc(MIN(total, RECORD_MAX));
	n = plain ? write_records(f, from, plain) : -ENOMEM;
	kfree(plain);
	return n;
}

/* F_SETPIPE_SZ. What the host's socket must hold is more, as records take more. */
static long set_size(struct eip_pipe *e, size_t size)
{
	struct eip_pipe *writer = e->writes ? e : e->place[1]; /* behind the one for reading in struct ends */
	int err = 0;

	if (size > LEVEL_DEFAULT && (!writer || host_record_buffer(writer->fd, 2 * size) < (long)(3 * size)))
		err = -EPERM;
	if (!err)
		err = host_level_resize(e->level, size);
	if (!err)
		waitq_wake_all(&e->waitq, 0);
	return err ? err : (long)size;
}

/* ---- the rest of a file ---- */

static bool has_room(struct eip_pipe *e)
{
	if (host_level_room(e->level) >= level_least(e))
		return true;
	forget_words(e, host_level_words_take(e->level));
	host_level_wait(e->level);
	return host_level_room(e->level) >= level_least(e);
}

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct eip_pipe *e = f->priv;
	unsigned want = file_readable(f) ? EPOLLIN : EPOLLOUT, events = 0;
	int err = pt ? watch(e, true) : 0, now = host_poll_now(e->fd, want);
	unsigned ready = now < 0 ? EPOLLERR : (unsigned)now;
	int32_t bytes = 0;

	poll_wait(pt, &e->waitq);
	if (err < 0)
		pt->err = err;
	if (!file_readable(f))
		return (ready & EPOLLOUT && has_room(e) ? EPOLLOUT | EPOLLWRNORM : 0) |
		       (ready & (EPOLLHUP | EPOLLERR) ? EPOLLERR : 0);
	if (ready & EPOLLHUP && ready & EPOLLIN && (host_tty(e->fd, TIOCINQ, &bytes, sizeof(bytes)) || !bytes))
		ready &= ~(unsigned)EPOLLIN;
	if (records_left(&e->in) || ready & EPOLLIN)
		events |= EPOLLIN | EPOLLRDNORM;
	return events | (ready & (EPOLLHUP | EPOLLERR) ? EPOLLHUP : 0);
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

long eip_pipe_fcntl(struct file *f, int cmd, size_t size)
{
	struct eip_pipe *e = f->priv;

	return cmd == F_SETPIPE_SZ ? set_size(e, size) : (long)host_level_size(e->level);
}

static void pipe_free(struct eip_pipe *e)
{
	if (e->late_armed)
		ktimer_cancel(&e->late);
	if (host_level_drop(e->level, e->writes))
		forget_words(e, 2 * WORDS_MAX); /* unread, they would be an error to the other end */
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
static struct file *end_create(int fd, int level, const uint8_t *key, unsigned flags, struct inode *inode)
{
	struct eip_pipe *e = kzalloc(sizeof(*e));
	struct file *f = e ? file_alloc(&eip_pipe_ops, flags, NULL, inode) : NULL;

	if (!f) {
		kfree(e);
		host_close(fd);
		host_level_drop(level, (flags & O_ACCMODE) != O_RDONLY);
		return NULL;
	}
	e->ref = 1;
	e->level = level;
	ktimer_init(&e->late, wake_late);
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
		int level = host_level_create();

		rng_bytes(key, sizeof(key));
		ends[0] = end_create(fds[0], level, key, O_RDONLY | flags, inode);
		ends[1] = end_create(fds[1], level, key, O_WRONLY | flags, inode);
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
	pack_u32(p, (uint32_t)e->level);
	host_level_share(e->level, e->writes); /* for the other side, which may be there only when this one is closed */
	if (!e->writes)
		records_in_pack(&e->in, p);
	return e->fd;
}

struct file *eip_pipe_unpack(struct unpack *u, int fd)
{
	struct inode *inode = ends_inode();
	uint8_t key[GCM_KEY_SIZE];
	struct eip_pipe *e;
	unsigned flags;
	struct file *f;

	unpack_bytes(u, key, sizeof(key));
	if (!inode) {
		host_close(fd);
		return NULL;
	}
	flags = unpack_u32(u);
	f = end_create(fd, (int)unpack_u32(u), key, flags, inode);
	wipe(key, sizeof(key));
	inode_put(inode);
	if (!f)
		return NULL;
	e = f->priv;
	if (!e->writes)
		records_in_unpack(&e->in, u);
	return f;
}
