/* unix_send.c: sending. A message is queued at the receiver and its memory charged against the sender's buffer, until it
 * is read. Datagrams to somebody who is not connected back also need room in the receiver's short queue.
 * Copying from the sender may sleep: the target is looked at anew after it. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "net/unix.h"

#define CHUNK_MAX (32768UL - sizeof(struct message)) /* of a stream, per message */
#define PACKET_COST 512UL                            /* bounds how many small datagrams fit a buffer */
#define QUEUE_MAX 10u                                /* net.unix.max_dgram_qlen */

static bool unix_queue_full(const struct unix_sock *to, const struct unix_sock *s)
{
	return to != s && to->peer != s && to->count > QUEUE_MAX;
}

bool unix_has_room(const struct unix_sock *s)
{
	if (s->state == UNIX_LISTENING || s->sent * 4 > s->sk.sndbuf)
		return false;
	return s->sk.type != SOCK_DGRAM || !s->peer || !unix_queue_full(s->peer, s);
}

/* Whether s may send, but for room. A dead peer of a datagram socket is left. */
static int check_send(struct unix_sock *s, const struct unix_sock *to, bool named)
{
	if (s->far)
		return unix_start_again();
	if (s->shut_write && s->sk.type != SOCK_DGRAM)
		return -EPIPE;
	if (s->sk.err)
		return socket_take_error(&s->sk);
	if (s->shut_write)
		return -EPIPE;
	if (to->dead && s->sk.type == SOCK_DGRAM) {
		if (!named && s->peer == to) {
			unix_disconnect(s);
			unix_queue_purge(s);
		}
		return -ECONNREFUSED;
	}
	if (to->dead)
		return -EPIPE;
	if (!unix_may_send(s, to))
		return -EPERM;
	return to->shut_read ? -EPIPE : 0;
}

/* Waits until there is room for a message. */
static int wait_room(struct unix_sock *s, struct unix_sock *to, const struct msg_io *io, nsec_t deadline)
{
	for (;;) {
		bool full = s->sk.type == SOCK_DGRAM && unix_queue_full(to, s);
		int err = check_send(s, to, io->name);

		if (err || (!full && s->sent < s->sk.sndbuf))
			return err;
		s->nospace = true;
		err = socket_wait(full ? &to->space : &s->sk.writable, io->nonblock, deadline);
		if (err)
			return err;
	}
}

/* whole: -EFAULT rather than a part. */
static struct message *message_read(struct msg_io *io, size_t len, bool whole, int *err)
{
	struct message *m = kmalloc(sizeof(*m) + len);
	ssize_t n;

	*err = -ENOMEM;
	if (!m)
		return NULL;
	n = len ? copy_from_iter(m->data, len, io->iter) : 0;
	if (n == (ssize_t)len || (n > 0 && !whole)) {
		m->len = (size_t)n;
		m->off = 0;
		*err = 0;
		return m;
	}
	*err = n < 0 ? (int)n : -EFAULT;
	kfree(m);
	return NULL;
}

static void enqueue(struct unix_sock *s, struct unix_sock *to, struct message *m, struct scm *scm)
{
	m->charge = sizeof(*m) + m->len + (unix_is_stream(s) ? 0 : PACKET_COST);
	m->cred = scm->cred;
	m->from = unix_get(s);
	m->fds = scm->fds;
	scm->fds = NULL;
	if (m->fds)
		fd_pack_enqueue(m->fds, to);
	s->sent += m->charge;
	list_push_back(&to->queue, &m->node);
	to->count++;
	socket_wake(&to->sk, &to->sk.readable, EPOLLIN | EPOLLRDNORM);
}

/* One message of len bytes. */
static ssize_t send_one(struct unix_sock *s, struct unix_sock *to, struct msg_io *io, struct scm *scm, size_t len,
			nsec_t deadline)
{
	struct message *m;
	int err = wait_room(s, to, io, deadline);

	if (err)
		return err;
	m = message_read(io, len, !unix_is_stream(s), &err);
	if (!m)
		return err;
	err = check_send(s, to, io->name); /* the copy may have slept */
	if (err) {
		kfree(m);
		return err;
	}
	len = m->len;
	enqueue(s, to, m, scm);
	return (ssize_t)len;
}

static ssize_t send_stream(struct unix_sock *s, struct msg_io *io, struct scm *scm, nsec_t deadline)
{
	struct unix_sock *to = s->peer;
	ssize_t done = 0, n;

	if (io->name && io->name->len)
		return s->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	if (!to)
		return -ENOTCONN;
	if (!io->iter->count && s->shut_write)
		return socket_pipe_error(io);
	unix_get(to);
	for (n = 0; io->iter->count; done += n) {
		n = send_one(s, to, io, scm, MIN(io->iter->count, CHUNK_MAX), deadline);
		if (n < 0)
			break;
	}
	unix_put(to);
	if (n == -EPIPE && !done)
		return socket_pipe_error(io);
	return done ? done : n;
}

/* Whom a packet goes to; *to referenced. May sleep. */
static int packet_target(struct unix_sock *s, const struct msg_io *io, struct unix_sock **to)
{
	if (s->sk.type == SOCK_SEQPACKET && s->state != UNIX_CONNECTED)
		return -ENOTCONN;
	if (s->sk.type == SOCK_DGRAM && io->name)
		return unix_find(io->name, s->sk.type, to);
	if (!s->peer)
		return -ENOTCONN;
	*to = unix_get(s->peer);
	return 0;
}

static ssize_t send_packet(struct unix_sock *s, struct msg_io *io, struct scm *scm, nsec_t deadline)
{
	struct unix_sock *to;
	ssize_t n;
	int err = packet_target(s, io, &to);

	if (err)
		return err;
	if (io->iter->count + 32 > s->sk.sndbuf)
		n = -EMSGSIZE;
	else
		n = send_one(s, to, io, scm, io->iter->count, deadline);
	unix_put(to);
	return n;
}

ssize_t unix_sendmsg(struct socket *sk, struct msg_io *io)
{
	nsec_t deadline = socket_deadline(sk->snd_timeout);
	struct unix_sock *s = unix_of(sk);
	struct scm scm = { .cred = unix_current_cred() };
	ssize_t n;

	if (io->flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = io->control_len ? scm_read(&scm, io) : 0;
	if (!n && sk->passcred && !s->name)
		n = unix_autobind(s);
	if (!n)
		n = unix_is_stream(s) ? send_stream(s, io, &scm, deadline) : send_packet(s, io, &scm, deadline);
	if (scm.fds)
		fd_pack_free(scm.fds);
	return n;
}
