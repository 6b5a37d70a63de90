/* unix_recv.c: receiving. Copying to the reader may sleep: the busy flag keeps other readers out, and writers only
 * append. Streams are messages whose borders readers do not see. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "net/unix.h"
#include "signal/signal.h"

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

/* Senders go on when three quarters of their buffer are free. */
static void free_space(struct unix_sock *from, size_t charge)
{
	from->sent -= charge;
	if (from->sent * 4 > from->sk.sndbuf)
		return;
	if (from->nospace) {
		from->nospace = false;
		socket_wake(&from->sk, &from->sk.writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	} else if (!waitq_empty(&from->sk.writable)) {
		waitq_wake_all(&from->sk.writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	}
}

/* The queue of a datagram socket got shorter. */
static void tell_clients(struct unix_sock *s)
{
	struct unix_sock *c;

	if (!waitq_empty(&s->space))
		waitq_wake_all(&s->space, 0);
	list_for_each(c, &s->clients, client_node)
		waitq_wake_all(&c->sk.writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
}

/* May sleep only if descriptors come with m. */
static void dequeue(struct unix_sock *s, struct message *m)
{
	struct fd_pack *fds = m->fds;

	list_remove(&m->node);
	s->count--;
	free_space(m->from, m->charge);
	unix_put(m->from);
	kfree(m);
	if (s->sk.type == SOCK_DGRAM)
		tell_clients(s);
	if (fds) {
		fd_pack_dequeue(fds);
		fd_pack_free(fds);
	}
}

void unix_queue_purge(struct unix_sock *s)
{
	while (!list_empty(&s->queue))
		dequeue(s, list_first(&s->queue, struct message, node));
}

size_t unix_unread(const struct unix_sock *s)
{
	struct message *m;
	size_t sum = 0;

	list_for_each(m, &s->queue, node) {
		sum += m->len - m->off;
		if (!unix_is_stream(s))
			break;
	}
	return sum;
}

/* With the queue locked, and again on return: 0: not empty; 1: end of data; or -errno, not locked any more. */
static int wait_message(struct unix_sock *s, const struct msg_io *io, nsec_t deadline)
{
	while (list_empty(&s->queue)) {
		int err = s->far ? unix_start_again() : socket_take_error(&s->sk);

		if (!err && s->shut_read && !(io->nonblock && s->sk.type == SOCK_DGRAM))
			return 1;
		queue_unlock(s);
		if (!err)
			err = socket_wait(&s->sk.readable, io->nonblock, deadline);
		if (!err)
			err = queue_lock(s);
		if (err)
			return err;
	}
	return 0;
}

/* The caller gets the descriptors of m: the message's own, or when peeking further references. */
static void take_extras(struct message *m, struct scm *scm, struct msg_io *io)
{
	if (io->name && !io->name->len)
		unix_name_copy(m->from, io->name);
	scm->cred = m->cred;
	scm->has_cred = true;
	if (!m->fds)
		return;
	if (io->flags & MSG_PEEK) {
		scm->fds = fd_pack_copy(m->fds);
		return;
	}
	fd_pack_dequeue(m->fds);
	scm->fds = m->fds;
	m->fds = NULL;
}

static bool same_sender(const struct message *m, const struct scm *scm)
{
	return m->cred.pid == scm->cred.pid && m->cred.uid == scm->cred.uid && m->cred.gid == scm->cred.gid;
}

/* Bytes of what is queued, up to a message with descriptors. */
static ssize_t take_stream(struct unix_sock *s, struct msg_io *io, struct scm *scm)
{
	struct message *m, *next;
	ssize_t done = 0;

	list_for_each_safe(m, next, &s->queue, node) {
		bool had_fds = m->fds;
		ssize_t n;

		if (!io->iter->count || (s->sk.passcred && scm->has_cred && !same_sender(m, scm)))
			break;
		n = copy_to_iter(m->data + m->off, MIN(m->len - m->off, io->iter->count), io->iter);
		if (n <= 0)
			return done ? done : n;
		done += n;
		take_extras(m, scm, io);
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

static ssize_t recv_stream(struct unix_sock *s, struct msg_io *io, struct scm *scm, nsec_t deadline)
{
	bool all = (io->flags & MSG_WAITALL) && !(io->flags & MSG_PEEK);
	ssize_t done = 0, n;

	if (s->state != UNIX_CONNECTED)
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
		n = end ? 0 : take_stream(s, io, scm);
		if (n > 0)
			done += n;
		if (n <= 0 || !all || !io->iter->count || scm->fds)
			break;
	}
	queue_unlock(s);
	return done ? done : n;
}

/* The message at the head; the rest of what the caller has no room for is lost. */
static ssize_t take_packet(struct unix_sock *s, struct msg_io *io, struct scm *scm)
{
	struct message *m = list_first(&s->queue, struct message, node);
	size_t want = MIN(m->len, io->iter->count);
	ssize_t n = want ? copy_to_iter(m->data, want, io->iter) : 0;

	if (n < 0)
		return n;
	take_extras(m, scm, io);
	if (want < m->len)
		io->out_flags |= MSG_TRUNC;
	if (io->flags & MSG_TRUNC)
		n = (ssize_t)m->len;
	if (!(io->flags & MSG_PEEK))
		dequeue(s, m);
	return n;
}

static ssize_t recv_packet(struct unix_sock *s, struct msg_io *io, struct scm *scm, nsec_t deadline)
{
	ssize_t n;
	int end;

	if (s->state != UNIX_CONNECTED && s->sk.type == SOCK_SEQPACKET)
		return -ENOTCONN;
	n = queue_lock(s);
	if (n)
		return n;
	end = wait_message(s, io, deadline);
	if (end < 0)
		return end;
	n = end ? 0 : take_packet(s, io, scm);
	queue_unlock(s);
	return n;
}

ssize_t unix_recvmsg(struct socket *sk, struct msg_io *io)
{
	nsec_t deadline = socket_deadline(sk->rcv_timeout);
	struct unix_sock *s = unix_of(sk);
	struct scm scm = { .has_cred = false };
	ssize_t n;

	if (io->flags & MSG_OOB)
		return unix_is_stream(s) ? -EINVAL : -EOPNOTSUPP;
	n = unix_is_stream(s) ? recv_stream(s, io, &scm, deadline) : recv_packet(s, io, &scm, deadline);
	scm_write(s, &scm, io);
	return n;
}
