/* loop_stream.c: the bytes of a TCP connection inside the enclave, its errors, and polling. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "net/loop.h"
#include "process/process.h"
#include "signal/signal.h"

#define CHUNK_MAX (32768UL - sizeof(struct loop_chunk))
#define BUFFER_DEFAULT 212992UL

void loop_wake(struct loop_end *e)
{
	struct inet_sock *s = e->sock;
	unsigned ended;

	if (!s)
		return;
	ended = (e->fin || e->shut_read ? EPOLLRDHUP : 0) | (e->reset ? EPOLLHUP | EPOLLERR | EPOLLRDHUP : 0);
	socket_wake(&s->sock, &s->sock.readable, EPOLLIN | EPOLLRDNORM | ended);
	socket_wake(&s->sock, &s->sock.writable, EPOLLOUT | EPOLLWRNORM | ended);
}

/* e hears that the connection is no more. Who knew already that nothing comes any more learns it when it writes. */
void loop_reset(struct loop_end *e)
{
	int err = e->fin ? EPIPE : ECONNRESET;

	if (e->reset)
		return;
	e->reset = true;
	if (e->sock)
		e->sock->sock.err = err;
	else
		e->err = err;
	loop_wake(e);
}

/* What may be on its way from e: its buffer and the reader's. */
static size_t limit(const struct loop_end *e, const struct loop_end *to)
{
	return e->sock->sock.sndbuf + (to->sock ? to->sock->sock.rcvbuf : BUFFER_DEFAULT);
}

static bool has_room(const struct loop_end *e, const struct loop_end *to)
{
	return to->queue.charge < limit(e, to);
}

/* ---- sending ---- */

static int check_send(const struct loop_end *e)
{
	if (!e->sock || e->shut_write) /* no socket: disconnected meanwhile */
		return -EPIPE;
	if (e->sock->sock.err)
		return socket_take_error(&e->sock->sock);
	return e->reset ? -EPIPE : 0;
}

static int wait_room(struct loop_end *e, struct loop_end *to, const struct msg_io *io, nsec_t deadline)
{
	for (;;) {
		int err = check_send(e);

		if (err || (!e->conn->pending && (has_room(e, to) || to->closed)))
			return err;
		e->nospace = true;
		err = socket_wait(&e->sock->sock.writable, io->nonblock, deadline);
		if (err)
			return err;
	}
}

static void put_urgent(struct loop_end *to, struct loop_chunk *c)
{
	c->urgent = true;
	to->urgent = (unsigned char)c->data[0];
	loop_queue_add(&to->queue, c);
	if (!to->sock)
		return;
	if (to->sock->sock.file)
		file_sigurg(to->sock->sock.file);
	socket_wake(&to->sock->sock, &to->sock->sock.readable, EPOLLPRI);
}

/* One chunk. What is sent to who has closed is lost, and the answer to it is a reset. */
static ssize_t send_chunk(struct loop_end *e, struct loop_end *to, struct msg_io *io, nsec_t deadline)
{
	bool last = io->flags & MSG_OOB && io->iter->count == 1;
	size_t len = MIN(io->iter->count - (io->flags & MSG_OOB && !last), CHUNK_MAX);
	struct loop_chunk *c;
	int err = wait_room(e, to, io, deadline);

	if (err)
		return err;
	c = loop_chunk_read(io->iter, len, false, &err);
	if (!c)
		return err;
	len = c->len;
	err = check_send(e); /* the copy may have slept */
	if (err || to->closed) {
		kfree(c);
		if (!err)
			loop_reset(e);
		return err ? err : (ssize_t)len;
	}
	if (last) {
		put_urgent(to, c);
		return (ssize_t)len;
	}
	loop_queue_add(&to->queue, c);
	if (to->sock)
		socket_wake(&to->sock->sock, &to->sock->sock.readable, EPOLLIN | EPOLLRDNORM);
	return (ssize_t)len;
}

ssize_t loop_send(struct inet_sock *s, struct msg_io *io)
{
	struct loop_end *e = s->loop, *to = loop_peer(e);
	nsec_t deadline = socket_deadline(s->sock.snd_timeout);
	ssize_t done = 0, n = 0;

	if (io->flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	e->conn->ref++;
	if (!io->iter->count)
		n = check_send(e);
	for (; io->iter->count && n >= 0; done += MAX(n, 0)) {
		n = send_chunk(e, to, io, deadline);
		if (n < 0)
			break;
	}
	loop_conn_put(e->conn);
	if (done)
		return done;
	return n == -EPIPE ? socket_pipe_error(io) : n;
}

/* ---- receiving ---- */

static void tell_writer(struct loop_end *from, const struct loop_end *e)
{
	if (!from->nospace || !from->sock || e->queue.charge * 2 > limit(from, e))
		return;
	from->nospace = false;
	socket_wake(&from->sock->sock, &from->sock->sock.writable, EPOLLOUT | EPOLLWRNORM);
}

static bool is_inline(const struct loop_end *e)
{
	return e->sock && e->sock->sock.flags & 1UL << SO_OOBINLINE;
}

/* Up to n bytes of a chunk to the reader, or nowhere. */
static ssize_t take_chunk(struct loop_chunk *c, struct msg_io *io)
{
	size_t n = MIN(c->len - c->off, io->iter->count);

	if (!(io->flags & MSG_TRUNC))
		return copy_to_iter(c->data + c->off, n, io->iter);
	io->iter->count -= n;
	return (ssize_t)n;
}

/* Bytes, up to the mark of urgent data, which sets *stop. With the queue locked. */
static ssize_t take(struct loop_end *e, struct msg_io *io, bool *stop)
{
	struct loop_queue *q = &e->queue;
	struct loop_chunk *c, *next;
	ssize_t done = 0;

	list_for_each_safe(c, next, &q->chunks, node) {
		ssize_t n;

		if (!io->iter->count)
			break;
		if (c->urgent && done) {
			*stop = true;
			break;
		}
		if (c->urgent && !is_inline(e)) {
			if (io->flags & MSG_PEEK)
				continue;
			loop_queue_drop(q, c);
			e->urgent = -1;
			continue;
		}
		n = take_chunk(c, io);
		if (n <= 0)
			return done ? done : n;
		done += n;
		if (io->flags & MSG_PEEK)
			continue;
		c->off += (size_t)n;
		q->bytes -= (size_t)n;
		if (c->off < c->len)
			continue;
		if (c->urgent)
			e->urgent = -1;
		loop_queue_drop(q, c);
	}
	return done;
}

static ssize_t recv_urgent(struct loop_end *e, struct msg_io *io)
{
	char byte = (char)e->urgent;

	if (is_inline(e) || e->urgent < 0)
		return -EINVAL;
	io->out_flags |= MSG_OOB;
	if (!(io->flags & MSG_PEEK))
		e->urgent = -1;
	return io->iter->count ? copy_to_iter(&byte, 1, io->iter) : 0;
}

/* Nothing is there: 1: and nothing comes; -errno; 0: wait. */
static int at_end(struct loop_end *e)
{
	if (!e->sock)
		return 1;
	if (e->fin)
		return 1;
	if (e->sock->sock.err)
		return socket_take_error(&e->sock->sock);
	return e->shut_read || e->reset;
}

/* e is s's, or was: it may be disconnected whenever this sleeps. */
static ssize_t recv_bytes(struct inet_sock *s, struct loop_end *e, struct msg_io *io, nsec_t deadline)
{
	size_t target = io->flags & MSG_WAITALL ? io->iter->count : MIN(io->iter->count, (size_t)s->sock.rcvlowat);
	bool stop = false;
	ssize_t done = 0;

	for (;;) {
		ssize_t n = take(e, io, &stop);
		int err;

		if (n < 0)
			return done ? done : n;
		done += n;
		if (n && !(io->flags & MSG_PEEK))
			tell_writer(loop_peer(e), e);
		if ((size_t)done >= target || stop || (done && io->flags & MSG_PEEK))
			return done;
		err = done && e->sock && e->sock->sock.err ? 1 : at_end(e); /* the next call tells */
		if (err)
			return done || err > 0 ? done : err;
		loop_queue_unlock(&e->queue);
		err = socket_wait(&s->sock.readable, io->nonblock, deadline);
		if (loop_queue_lock(&e->queue))
			err = err ? err : -ERESTARTSYS;
		if (err)
			return done ? done : err;
	}
}

ssize_t loop_recv(struct inet_sock *s, struct msg_io *io)
{
	nsec_t deadline = socket_deadline(s->sock.rcv_timeout);
	struct loop_end *e = s->loop;
	ssize_t n;

	if (io->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (io->flags & MSG_OOB)
		return recv_urgent(e, io);
	if (!io->iter->count)
		return 0;
	e->conn->ref++;
	n = loop_queue_lock(&e->queue);
	if (!n) {
		n = recv_bytes(s, e, io, deadline);
		loop_queue_unlock(&e->queue);
	}
	loop_conn_put(e->conn);
	return n;
}

/* ---- questions ---- */

static const struct loop_chunk *first(const struct loop_end *e)
{
	return list_empty(&e->queue.chunks) ? NULL : list_first(&e->queue.chunks, const struct loop_chunk, node);
}

int loop_at_mark(const struct loop_end *e)
{
	return first(e) && first(e)->urgent;
}

/* Up to the mark, which is not counted itself. */
size_t loop_unread(const struct loop_end *e)
{
	const struct loop_chunk *c;
	size_t sum = 0;

	list_for_each(c, &e->queue.chunks, node) {
		if (c->urgent && !is_inline(e)) {
			if (sum)
				break;
			continue;
		}
		sum += c->len - c->off;
	}
	return sum;
}

unsigned loop_poll(struct inet_sock *s)
{
	struct loop_end *e = s->loop, *peer = loop_peer(e);
	bool no_read = e->fin || e->shut_read || e->reset, no_write = e->shut_write || e->reset;
	unsigned events = s->sock.err ? EPOLLERR : 0;

	if (e->conn->pending)
		return events;
	if (no_read && no_write)
		events |= EPOLLHUP;
	if (no_read)
		events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (loop_unread(e) >= (size_t)s->sock.rcvlowat)
		events |= EPOLLIN | EPOLLRDNORM;
	if (e->urgent >= 0)
		events |= EPOLLPRI;
	if (no_write || peer->closed || peer->queue.charge * 3 < limit(e, peer) * 2)
		events |= EPOLLOUT | EPOLLWRNORM;
	else
		e->nospace = true;
	return events;
}

uint8_t loop_tcp_state(const struct loop_end *e)
{
	enum { ESTABLISHED = 1, SYN_SENT, FIN_WAIT2 = 5, CLOSE = 7, CLOSE_WAIT };

	if (e->conn->pending)
		return SYN_SENT;
	if (e->reset || (e->fin && e->shut_write))
		return CLOSE;
	return e->fin ? CLOSE_WAIT : e->shut_write ? FIN_WAIT2 : ESTABLISHED;
}
