/* unix.c: connected local sockets: queues of messages between two ends.
 *
 * A message is queued at the receiver. Each end knows the other by a plain pointer that the one who goes first
 * clears; so whoever sleeps does so on its own queues (its file keeps those alive) and looks at peer anew after.
 * Copying to the reader may sleep: the busy flag keeps other readers out, and writers only append. Memory in a queue is
 * charged against the sender's buffer size. Streams are messages whose borders readers do not see. */
#include "ipc/unix.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/termios.h"
#include "process/process.h"
#include "signal/signal.h"
#include "time/clock.h"

#define BUFFER_DEFAULT 212992UL
#define CHUNK_MAX (32768UL - sizeof(struct message)) /* of a stream, per message */
#define DATAGRAMS_MAX 512u

struct message {
	struct list node;
	size_t len, off; /* off: read so far, streams */
	struct ucred cred;
	struct fd_pack *fds;
	char data[];
};

static const struct file_ops unix_ops;

struct unix_sock *file_unix_sock(const struct file *f)
{
	return f->ops == &unix_ops ? f->priv : NULL;
}

struct file *socket_get(int fd, long *err)
{
	struct file *f = fd_get(fd, false);

	*err = f ? 0 : -EBADF;
	if (!f || file_unix_sock(f))
		return f;
	file_put(f);
	*err = -ENOTSOCK;
	return NULL;
}

struct ucred unix_current_cred(void)
{
	const struct process *p = current_process();

	return (struct ucred){ p->pid, p->cred.euid, p->cred.egid };
}

int unix_take_error(struct unix_sock *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}

static bool is_stream(const struct unix_sock *s)
{
	return s->type == SOCK_STREAM;
}

static void message_free(struct message *m)
{
	fd_pack_free(m->fds);
	kfree(m);
}

static size_t message_charge(const struct message *m)
{
	return sizeof(*m) + m->len;
}

static nsec_t deadline_of(nsec_t timeout)
{
	return timeout == NSEC_NEVER ? NSEC_NEVER : clock_mono() + timeout;
}

/* Sleeps once. With a timeout calls are not restarted, as it would start anew. */
static int wait_on(struct waitq *q, bool nonblock, nsec_t deadline)
{
	int err;

	if (nonblock)
		return -EAGAIN;
	err = waitq_wait(q, WAIT_INTERRUPTIBLE, deadline);
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err && deadline == NSEC_NEVER ? -ERESTARTSYS : err;
}

/* 0: the peer is there and may be sent to. */
static int check_send(struct unix_sock *s)
{
	if (s->shut_write)
		return -EPIPE;
	if (s->err)
		return unix_take_error(s);
	if (!s->connected)
		return -ENOTCONN;
	if (!s->peer)
		return s->type == SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
	return s->peer->shut_read ? -EPIPE : 0;
}

static bool has_room(const struct unix_sock *s, size_t len)
{
	const struct unix_sock *to = s->peer;

	if (is_stream(s))
		return to->queued < s->sndbuf;
	return !to->count || (to->queued + sizeof(struct message) + len <= s->sndbuf && to->count < DATAGRAMS_MAX);
}

static int wait_room(struct unix_sock *s, const struct unix_io *io, size_t len, nsec_t deadline)
{
	for (;;) {
		int err = check_send(s);

		if (err || has_room(s, len))
			return err;
		err = wait_on(&s->writable, io->nonblock, deadline);
		if (err)
			return err;
	}
}

/* whole: -EFAULT rather than a part. */
static struct message *message_read(struct unix_io *io, size_t len, bool whole, int *err)
{
	struct message *m = kmalloc(sizeof(*m) + len);
	ssize_t n;

	*err = -ENOMEM;
	if (!m)
		return NULL;
	*m = (struct message){ .len = len, .cred = io->cred };
	n = len ? copy_from_iter(m->data, len, io->iter) : 0;
	if (n == (ssize_t)len || (n > 0 && !whole)) {
		m->len = (size_t)n;
		*err = 0;
		return m;
	}
	*err = n < 0 ? (int)n : -EFAULT;
	kfree(m);
	return NULL;
}

static void enqueue(struct unix_sock *to, struct message *m, struct unix_io *io)
{
	m->fds = io->fds;
	io->fds = NULL;
	list_push_back(&to->queue, &m->node);
	to->queued += message_charge(m);
	to->count++;
	waitq_wake_all(&to->readable, EPOLLIN | EPOLLRDNORM);
}

/* One message of len bytes. */
static int send_one(struct unix_sock *s, struct unix_io *io, size_t len, nsec_t deadline)
{
	struct message *m;
	int err = wait_room(s, io, len, deadline);

	if (err)
		return err;
	m = message_read(io, len, !is_stream(s), &err);
	if (!m)
		return err;
	err = check_send(s); /* the copy may have slept */
	if (err) {
		message_free(m);
		return err;
	}
	len = m->len;
	enqueue(s->peer, m, io);
	return (int)len;
}

static ssize_t send_stream(struct unix_sock *s, struct unix_io *io, nsec_t deadline)
{
	ssize_t done = 0;
	int n = check_send(s);

	while (!n && io->iter->count) {
		n = send_one(s, io, MIN(io->iter->count, CHUNK_MAX), deadline);
		if (n < 0)
			break;
		done += n;
		n = 0;
	}
	return done ? done : n;
}

static ssize_t send_packet(struct unix_sock *s, struct unix_io *io, nsec_t deadline)
{
	if (io->iter->count + 32 > s->sndbuf)
		return -EMSGSIZE;
	return send_one(s, io, io->iter->count, deadline);
}

ssize_t unix_send(struct unix_sock *s, struct unix_io *io)
{
	nsec_t deadline = deadline_of(s->snd_timeout);
	ssize_t n;

	if (io->flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = is_stream(s) ? send_stream(s, io, deadline) : send_packet(s, io, deadline);
	if (n == -EPIPE && is_stream(s) && !(io->flags & MSG_NOSIGNAL))
		signal_send_thread(current, SIGPIPE, NULL);
	return n;
}

static int queue_lock(struct unix_sock *s)
{
	while (s->busy)
		if (waitq_wait(&s->idle, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	s->busy = true;
	return 0;
}

static void queue_unlock(struct unix_sock *s)
{
	s->busy = false;
	if (!waitq_empty(&s->idle))
		waitq_wake_all(&s->idle, 0);
}

/* Senders go on when half of their buffer is free. */
static void dequeue(struct unix_sock *s, struct message *m)
{
	struct unix_sock *from = s->peer;

	list_remove(&m->node);
	s->queued -= message_charge(m);
	s->count--;
	message_free(m);
	if (from && s->queued <= from->sndbuf / 2)
		waitq_wake_all(&from->writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
}

/* With the queue locked, and again on return: 0: not empty; 1: end of data; or -errno, not locked any more. */
static int wait_message(struct unix_sock *s, const struct unix_io *io, nsec_t deadline)
{
	while (list_empty(&s->queue)) {
		int err = unix_take_error(s);

		if (!err && s->shut_read)
			return 1;
		queue_unlock(s);
		if (!err)
			err = wait_on(&s->readable, io->nonblock, deadline);
		if (!err)
			err = queue_lock(s);
		if (err)
			return err;
	}
	return 0;
}

/* The caller gets the descriptors of m: the message's own, or when peeking further references. */
static void take_extras(struct message *m, struct unix_io *io)
{
	io->cred = m->cred;
	io->has_cred = true;
	if (!m->fds)
		return;
	if (io->flags & MSG_PEEK) {
		io->fds = fd_pack_copy(m->fds);
	} else {
		io->fds = m->fds;
		m->fds = NULL;
	}
}

static bool same_sender(const struct message *m, const struct unix_io *io)
{
	return m->cred.pid == io->cred.pid && m->cred.uid == io->cred.uid && m->cred.gid == io->cred.gid;
}

/* Bytes of what is queued, up to a message with descriptors. */
static ssize_t take_stream(struct unix_sock *s, struct unix_io *io)
{
	struct message *m, *next;
	ssize_t done = 0;

	list_for_each_safe(m, next, &s->queue, node) {
		bool had_fds = m->fds;
		ssize_t n;

		if (!io->iter->count || (s->passcred && io->has_cred && !same_sender(m, io)))
			break;
		n = copy_to_iter(m->data + m->off, MIN(m->len - m->off, io->iter->count), io->iter);
		if (n <= 0)
			return done ? done : n;
		done += n;
		take_extras(m, io);
		if (!(io->flags & MSG_PEEK)) {
			m->off += (size_t)n;
			if (m->off == m->len)
				dequeue(s, m);
		}
		if (had_fds)
			break;
	}
	return done;
}

static ssize_t recv_stream(struct unix_sock *s, struct unix_io *io, nsec_t deadline)
{
	bool all = (io->flags & MSG_WAITALL) && !(io->flags & MSG_PEEK);
	ssize_t done = 0, n;

	if (!s->connected)
		return -EINVAL;
	if (!io->iter->count)
		return 0;
	n = queue_lock(s);
	if (n)
		return n;
	for (;;) {
		int end = wait_message(s, io, deadline);

		if (end < 0)
			return done ? done : end;
		n = end ? 0 : take_stream(s, io);
		if (n > 0)
			done += n;
		if (n <= 0 || !all || !io->iter->count || io->fds)
			break;
	}
	queue_unlock(s);
	return done ? done : n;
}

/* The message at the head; the rest of what the caller has no room for is lost. */
static ssize_t take_packet(struct unix_sock *s, struct unix_io *io)
{
	struct message *m = list_first(&s->queue, struct message, node);
	size_t want = MIN(m->len, io->iter->count);
	ssize_t n = want ? copy_to_iter(m->data, want, io->iter) : 0;

	if (n < 0)
		return n;
	take_extras(m, io);
	if (want < m->len)
		io->out_flags |= MSG_TRUNC;
	if (io->flags & MSG_TRUNC)
		n = (ssize_t)m->len;
	if (!(io->flags & MSG_PEEK))
		dequeue(s, m);
	return n;
}

static ssize_t recv_packet(struct unix_sock *s, struct unix_io *io, nsec_t deadline)
{
	ssize_t n;
	int end;

	if (!s->connected && s->type == SOCK_SEQPACKET)
		return -ENOTCONN;
	n = queue_lock(s);
	if (n)
		return n;
	end = wait_message(s, io, deadline);
	if (end < 0)
		return end;
	n = end ? 0 : take_packet(s, io);
	queue_unlock(s);
	return n;
}

ssize_t unix_recv(struct unix_sock *s, struct unix_io *io)
{
	nsec_t deadline = deadline_of(s->rcv_timeout);

	if (io->flags & MSG_OOB)
		return -EOPNOTSUPP;
	return is_stream(s) ? recv_stream(s, io, deadline) : recv_packet(s, io, deadline);
}

static void wake_everybody(struct unix_sock *s)
{
	waitq_wake_all(&s->readable, EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLHUP);
	waitq_wake_all(&s->writable, EPOLLOUT | EPOLLWRNORM | EPOLLHUP | EPOLLERR);
}

void unix_shutdown(struct unix_sock *s, bool read, bool write)
{
	struct unix_sock *peer = s->type == SOCK_DGRAM ? NULL : s->peer;

	s->shut_read |= read;
	s->shut_write |= write;
	wake_everybody(s);
	if (!peer)
		return;
	peer->shut_read |= write;
	peer->shut_write |= read;
	wake_everybody(peer);
}

static ssize_t unix_file_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct unix_io io = { .iter = to, .nonblock = f->flags & O_NONBLOCK };
	ssize_t n = unix_recv(f->priv, &io);

	(void)pos;
	fd_pack_free(io.fds);
	return n;
}

static ssize_t unix_file_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct unix_io io = { .iter = from, .nonblock = f->flags & O_NONBLOCK, .cred = unix_current_cred() };

	(void)pos;
	return unix_send(f->priv, &io);
}

static unsigned unix_poll(struct file *f, struct poll_table *pt)
{
	struct unix_sock *s = f->priv;
	unsigned events = s->err ? EPOLLERR : 0;

	poll_wait(pt, &s->readable);
	poll_wait(pt, &s->writable);
	if ((s->shut_read && s->shut_write) || (s->type != SOCK_DGRAM && !s->connected))
		events |= EPOLLHUP;
	if (s->shut_read)
		events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (!list_empty(&s->queue))
		events |= EPOLLIN | EPOLLRDNORM;
	if (!s->peer || s->peer->queued * 4 <= s->sndbuf)
		events |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return events;
}

static size_t unread(const struct unix_sock *s)
{
	struct message *m;
	size_t sum = 0;

	list_for_each(m, &s->queue, node) {
		sum += m->len - m->off;
		if (!is_stream(s))
			break;
	}
	return sum;
}

static long unix_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	struct unix_sock *s = f->priv;

	switch (cmd) {
	case TIOCINQ:
		return put_user((int)unread(s), arg);
	case TIOCOUTQ:
		return put_user((int)(s->peer ? s->peer->queued : 0), arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* Unread data that is thrown away is an error for who sent it. */
static void leave_peer(struct unix_sock *s)
{
	struct unix_sock *peer = s->peer;

	if (!peer)
		return;
	peer->peer = NULL;
	if (s->type != SOCK_DGRAM) {
		peer->shut_read = peer->shut_write = true;
		if (!list_empty(&s->queue))
			peer->err = ECONNRESET;
	}
	wake_everybody(peer);
}

static void unix_release(struct file *f)
{
	struct unix_sock *s = f->priv;

	leave_peer(s);
	s->peer = NULL;
	while (!list_empty(&s->queue))
		dequeue(s, list_first(&s->queue, struct message, node));
	kfree(s);
}

static const struct file_ops unix_ops = {
	.name = "socket", .read = unix_file_read, .write = unix_file_write, .poll = unix_poll, .ioctl = unix_ioctl,
	.release = unix_release,
};

static int sockfs_statfs(struct super_block *sb, struct kstatfs *out)
{
	(void)sb;
	*out = (struct kstatfs){ .type = 0x534f434b, .bsize = 4096, .namelen = 255 };
	return 0;
}

static struct inode *socket_inode(void)
{
	static const struct super_ops ops = { .statfs = sockfs_statfs };
	static struct super_block *sb;

	if (!sb)
		sb = super_alloc("sockfs", &ops, NULL);
	return sb ? inode_alloc(sb, S_IFSOCK | 0777) : NULL;
}

static struct unix_sock *sock_create(int type)
{
	struct unix_sock *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->type = type;
	s->sndbuf = s->rcvbuf = BUFFER_DEFAULT;
	s->rcv_timeout = s->snd_timeout = NSEC_NEVER;
	s->peer_cred = (struct ucred){ 0, ~0u, ~0u };
	list_init(&s->queue);
	waitq_init(&s->readable);
	waitq_init(&s->writable);
	waitq_init(&s->idle);
	return s;
}

int unix_open(int type, unsigned flags, struct file **out)
{
	struct unix_sock *s = sock_create(type);
	struct inode *inode = s ? socket_inode() : NULL;

	*out = inode ? file_alloc(&unix_ops, O_RDWR | (flags & O_NONBLOCK), NULL, inode) : NULL;
	if (inode)
		inode_put(inode);
	if (!*out) {
		kfree(s);
		return -ENOMEM;
	}
	(*out)->priv = s;
	return 0;
}

void unix_connect_pair(struct file *fa, struct file *fb)
{
	struct unix_sock *a = fa->priv, *b = fb->priv;

	a->peer = b;
	b->peer = a;
	a->connected = b->connected = true;
	a->peer_cred = b->peer_cred = unix_current_cred();
}
