/* inet_data.c: sending and receiving on internet sockets: one host call per piece of up to a net buffer.
 *
 * The host never blocks; who must wait gives its buffer back first, and what it had taken from the program stays
 * where it was. */
#include "abi/hostctl.h"
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/inet.h"
#include "net/loop.h"

#define SEND_FLAGS (MSG_OOB | MSG_DONTROUTE | MSG_CONFIRM | MSG_EOR | MSG_MORE | MSG_PROBE)
#define RECV_FLAGS (MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)

static bool is_stream(const struct inet_sock *s)
{
	return s->sock.type == SOCK_STREAM;
}

/* Where an iterator was, to go back to. */
struct mark {
	struct iovec *vec;
	size_t segs, offset, count;
};

static struct mark mark_of(const struct iov_iter *it)
{
	return (struct mark){ it->vec, it->segs, it->offset, it->count };
}

/* n bytes behind the mark. */
static void rewind(struct iov_iter *it, const struct mark *m, size_t n)
{
	it->vec = m->vec;
	it->segs = m->segs;
	it->offset = m->offset;
	it->count = m->count - n;
	while (n && n >= it->vec->len - it->offset) {
		n -= it->vec->len - it->offset;
		it->vec++;
		it->segs--;
		it->offset = 0;
	}
	it->offset += n;
}

/* ---- sending ---- */

static bool control_allowed(int level, int type)
{
	switch (level) {
	case IPPROTO_IP:
		return type == IP_TOS || type == IP_TTL || type == IP_PKTINFO;
	case IPPROTO_IPV6:
		return type == IPV6_PKTINFO || type == IPV6_HOPLIMIT || type == IPV6_TCLASS || type == IPV6_DONTFRAG;
	case IPPROTO_UDP:
		return type == UDP_SEGMENT;
	default:
		return false;
	}
}

/* Copies what the host may see. Descriptors and credentials mean nothing here and are passed over, as Linux does. */
static int put_control(struct ocall_net_msg *m, const struct msg_io *io)
{
	size_t at = 0;

	while (io->control_len - at >= sizeof(struct cmsghdr)) {
		size_t left = io->control_len - at, step;
		struct cmsghdr h;

		memcpy(&h, io->control + at, sizeof(h));
		if (h.len < sizeof(h) || h.len > left)
			return -EINVAL;
		step = MIN(CMSG_ALIGN(h.len), left);
		at += step;
		if (h.level == SOL_SOCKET && (h.type == SCM_RIGHTS || h.type == SCM_CREDENTIALS))
			continue;
		if (!control_allowed(h.level, h.type))
			return -EINVAL;
		if (step > sizeof(m->control) - m->control_len)
			return -ENOBUFS;
		memcpy(m->control + m->control_len, io->control + at - step, step);
		m->control_len += (uint32_t)step;
	}
	return 0;
}

static int message_make(struct inet_sock *s, struct ocall_net_msg *m, const struct msg_io *io)
{
	*m = (struct ocall_net_msg){ .id = s->id, .flags = io->flags & SEND_FLAGS };
	if (io->flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	if (io->name && io->name->len) {
		if (io->name->len > sizeof(m->addr))
			return -EINVAL;
		memcpy(m->addr, &io->name->addr, io->name->len);
		m->addr_len = io->name->len;
	}
	return put_control(m, io);
}

static ssize_t send_message(struct inet_sock *s, const struct msg_io *io, int b, size_t n)
{
	struct ocall_net_msg m;
	int err = message_make(s, &m, io);

	m.len = n;
	return err ? err : host_net_send(&m, b);
}

static bool is_plain_send(const struct inet_sock *s, const struct msg_io *io)
{
	return is_stream(s) && !io->name && !io->control_len && !(io->flags & MSG_FASTOPEN);
}

/* One piece from the iterator: what was sent is gone from it. */
static ssize_t send_piece(struct inet_sock *s, struct msg_io *io, size_t n, uint32_t *seen)
{
	struct iov_iter *it = io->iter;
	struct mark start = mark_of(it);
	bool later = is_plain_send(s, io) && !(io->flags & SEND_FLAGS) && n && n == it->count && inet_later_fits(s, n);
	int b = net_buffer_get();
	ssize_t sent, filled;

	if (b < 0)
		return b;
	filled = n ? net_buffer_fill(b, n, it) : 0;
	if (filled >= 0 && filled < (ssize_t)n && !is_stream(s))
		filled = -EFAULT;
	*seen = s->events;
	sent = filled;
	if (later && filled == (ssize_t)n) {
		inet_later_add(s, b, n);
		return filled;
	}
	if (filled >= 0) {
		sent = is_plain_send(s, io) ? host_net_write(s->id, b, (size_t)filled, io->flags & SEND_FLAGS) :
					      send_message(s, io, b, (size_t)filled);
		inet_used(s, EPOLLOUT, *seen, sent == -EAGAIN || (sent >= 0 && sent < filled));
	}
	s->flows = sent > 0 && is_stream(s);
	net_buffer_put(b);
	rewind(it, &start, sent > 0 ? (size_t)sent : 0);
	return sent;
}

static ssize_t send_outside(struct inet_sock *s, struct msg_io *io)
{
	nsec_t deadline = socket_deadline(s->sock.snd_timeout);
	ssize_t done = 0, n;

	if (is_stream(s) && s->sock.err)
		return socket_take_error(&s->sock);
	if (!is_stream(s) && io->iter->count > NET_BUFFER_SIZE)
		return -EMSGSIZE;
	for (;;) {
		size_t want = MIN(io->iter->count, NET_BUFFER_SIZE);
		uint32_t seen = s->events;

		n = send_piece(s, io, want, &seen);
		if (n == -EAGAIN) {
			n = inet_wait(s, EPOLLOUT, seen, io->nonblock, deadline);
			if (!n)
				continue;
		}
		if (n < 0)
			break;
		done += n;
		io->control_len = 0;
		if (!io->iter->count || !is_stream(s))
			break;
	}
	if (n < 0 && n != -EAGAIN)
		inet_doubt(s);
	if (done)
		return done;
	return n == -EPIPE && is_stream(s) ? socket_pipe_error(io) : n;
}

ssize_t inet_sendmsg(struct socket *sock, struct msg_io *io)
{
	struct inet_sock *s = inet_of(sock);
	bool outside;
	ssize_t n;

	if (s->loop)
		return loop_send(s, io);
	if (is_stream(s))
		return send_outside(s, io);
	n = loop_dgram_send(s, io, &outside);
	return outside ? send_outside(s, io) : n;
}

/* ---- receiving ---- */

static void give_control(struct msg_io *io, const struct ocall_net_msg *m)
{
	for (uint32_t at = 0; m->control_len - at >= sizeof(struct cmsghdr);) {
		struct cmsghdr h;

		memcpy(&h, m->control + at, sizeof(h));
		control_put(io, h.level, h.type, m->control + at + sizeof(h), h.len - sizeof(h));
		at += (uint32_t)MIN(CMSG_ALIGN(h.len), (uint64_t)m->control_len - at);
	}
}

static void give_extras(struct msg_io *io, const struct ocall_net_msg *m)
{
	io->out_flags |= m->out_flags;
	if (io->name) {
		memcpy(&io->name->addr, m->addr, m->addr_len);
		io->name->len = m->addr_len;
	}
	if (m->control_len)
		give_control(io, m);
}

/* What the host has given away already must not be lost on a bad buffer. Without memory it is. */
static void keep(struct inet_sock *s, int b, size_t from, size_t to)
{
	char *buf = kmalloc(to - from);

	if (!buf)
		return;
	net_buffer_copy(b, from, buf, to - from);
	inet_kept_set(s, buf, to - from);
}

static ssize_t recv_kept(struct inet_sock *s, struct msg_io *io)
{
	size_t want = MIN(s->kept_len, io->iter->count);
	struct mark here = mark_of(io->iter);
	ssize_t n = (ssize_t)want;

	if (io->flags & MSG_TRUNC)
		rewind(io->iter, &here, want);
	else
		n = copy_to_iter(s->kept, want, io->iter);
	if (n <= 0 || io->flags & MSG_PEEK)
		return n;
	s->kept_len -= (size_t)n;
	memmove(s->kept, s->kept + n, s->kept_len);
	if (!s->kept_len)
		inet_kept_drop(s);
	return n;
}

/* Into the program's buffer; n or the error. */
static ssize_t deliver(struct inet_sock *s, struct msg_io *io, int b, size_t n)
{
	ssize_t put = net_buffer_drain(b, n, io->iter);

	if (put == (ssize_t)n)
		return put;
	if (!is_stream(s))
		return -EFAULT;
	if (!(io->flags & MSG_PEEK) && !s->kept)
		keep(s, b, put > 0 ? (size_t)put : 0, n);
	return put > 0 ? put : -EFAULT;
}

/* Whatever comes but bytes. */
static ssize_t recv_message(struct inet_sock *s, struct msg_io *io, int b, size_t len)
{
	struct ocall_net_msg m = { .id = s->id, .flags = io->flags & RECV_FLAGS, .addr_len = sizeof(m.addr), .len = len };
	ssize_t n;

	m.control_len = io->out.left ? sizeof(m.control) : 0;
	n = host_net_recv(&m, b);
	if (n >= 0)
		give_extras(io, &m);
	return n;
}

static bool is_plain_recv(const struct inet_sock *s, const struct msg_io *io)
{
	return is_stream(s) && !io->out.left && !(io->flags & (MSG_OOB | MSG_ERRQUEUE));
}

/* n bytes, of len asked for, came into buffer b. */
static ssize_t hand_over(struct inet_sock *s, struct msg_io *io, int b, size_t n, size_t len)
{
	struct mark here = mark_of(io->iter);
	ssize_t put;

	if (io->flags & MSG_TRUNC && is_stream(s)) { /* thrown away */
		rewind(io->iter, &here, n);
		return (ssize_t)n;
	}
	put = deliver(s, io, b, MIN(n, len));
	return put < 0 || is_stream(s) ? put : (ssize_t)n;
}

/* One piece of up to a buffer into the iterator. */
static ssize_t recv_piece(struct inet_sock *s, struct msg_io *io, uint32_t *seen)
{
	size_t len = MIN(io->iter->count, NET_BUFFER_SIZE);
	ssize_t n;
	int b;

	*seen = s->events;
	if (s->kept && !(io->flags & (MSG_OOB | MSG_ERRQUEUE)))
		return recv_kept(s, io);
	if (io->nonblock && s->ahead && is_plain_recv(s, io) && inet_surely_idle(s, EPOLLIN))
		return -EAGAIN; /* it reads until there is no more, as many do */
	b = net_buffer_get();
	if (b < 0)
		return b;
	*seen = s->events;
	s->readers++;
	n = is_plain_recv(s, io) ? host_net_read(s->id, b, len, io->flags & RECV_FLAGS) :
				   recv_message(s, io, b, len);
	s->readers--;
	if (is_plain_recv(s, io) && !(io->flags & RECV_FLAGS))
		inet_was_read(s, n, len);
	if (!(io->flags & MSG_PEEK) || n == -EAGAIN)
		inet_used(s, EPOLLIN, *seen, n == -EAGAIN || (is_stream(s) && n >= 0 && n < (ssize_t)len));
	if (n != -EAGAIN)
		s->flows = n > 0 && is_stream(s);
	if (n > 0)
		n = hand_over(s, io, b, (size_t)n, len);
	net_buffer_put(b);
	return n;
}

/* Datagrams come from inside and outside by turns. Who waits anyhow need not ask a host that would have said something. */
static ssize_t recv_any(struct inet_sock *s, struct msg_io *io, bool nonblock, uint32_t *seen)
{
	ssize_t n = -EAGAIN;

	*seen = s->events;
	if (!s->port || io->flags & (MSG_OOB | MSG_ERRQUEUE))
		return recv_piece(s, io, seen);
	if (loop_dgram_ready(s))
		return loop_dgram_recv(s, io);
	if (nonblock || !inet_idle(s, EPOLLIN))
		n = recv_piece(s, io, seen);
	if (s->port)
		s->port->turn = 0;
	return n == -EAGAIN && loop_dgram_ready(s) ? loop_dgram_recv(s, io) : n;
}

/* Has a stream's reader enough, when the last piece brought n of the `asked`? */
static bool satisfied(const struct inet_sock *s, const struct msg_io *io, ssize_t n, size_t asked)
{
	if (!is_stream(s) || n <= 0 || !io->iter->count || io->flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE))
		return true;
	return !(io->flags & MSG_WAITALL) && n < (ssize_t)MIN(asked, NET_BUFFER_SIZE);
}

ssize_t inet_recvmsg(struct socket *sock, struct msg_io *io)
{
	struct inet_sock *s = inet_of(sock);
	nsec_t deadline = socket_deadline(sock->rcv_timeout);
	bool never_waits = io->flags & (MSG_ERRQUEUE | MSG_OOB);
	ssize_t done = 0, n;

	if (s->loop)
		return loop_recv(s, io);
	if (sock->err && (done = socket_take_error(sock)))
		return done;
	for (;;) {
		size_t asked = io->iter->count;
		bool enough = done && !(io->flags & MSG_WAITALL);
		uint32_t seen = s->events;

		n = recv_any(s, io, io->nonblock, &seen);
		if (n == -EAGAIN && !enough) {
			n = inet_wait(s, EPOLLIN, seen, io->nonblock || never_waits, deadline);
			if (!n)
				continue;
		}
		if (n > 0)
			done += n;
		if (satisfied(s, io, n, asked))
			break;
	}
	if (n < 0 && n != -EAGAIN)
		inet_doubt(s);
	return done ? done : n;
}
