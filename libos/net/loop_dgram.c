/* loop_dgram.c: UDP inside the enclave: a datagram to a loopback address and a port that a socket of ours has. Its
 * sender has a port at the host, too, and can be answered from anywhere. What the host's UDP is asked to do beyond that
 * (control messages either way, corking, segments) stays with the host; so does who is not found. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/loop.h"
#include "tunables.h"

#define DATA_MAX 65507u
#define CHUNK_COST 512u /* what Linux charges a datagram beyond its bytes, or so */

static bool serves(const struct inet_sock *s)
{
	return loop_inside() && s->sock.type == SOCK_DGRAM && s->sock.protocol == IPPROTO_UDP;
}

/* ---- ports ---- */

/* A bind that worked; the host says which port where the program did not. */
void loop_dgram_bound(struct inet_sock *s, const struct sock_name *name)
{
	struct loop_addr at;

	if (!serves(s) || s->port || !loop_addr_of(name, &at))
		return;
	if (!at.port && loop_host_name(s, &at))
		return;
	if (!loop_is_loopback(&at) && !loop_is_wildcard(&at))
		return;
	if (loop_port_open(s, &at))
		return; /* then the host alone brings datagrams */
}

/* Where the sender is; it gets a port where it has none. */
static bool name_sender(struct inet_sock *s, const struct loop_addr *to, struct loop_addr *from)
{
	if (!s->port) {
		struct loop_addr at = { .port = 0 };

		if (loop_host_name(s, &at))
			return false;
		if (!at.port && loop_host_bind(s, &at))
			return false;
		if (!at.port || (!loop_is_loopback(&at) && !loop_is_wildcard(&at)) || loop_port_open(s, &at))
			return false;
	}
	*from = s->port->at;
	if (!loop_is_wildcard(from))
		return true;
	memcpy(from->ip, to->ip, sizeof(from->ip));
	loop_set_loopback(from);
	return true;
}

/* The host connected s to name, or with AF_UNSPEC to nobody. */
void loop_dgram_connected(struct inet_sock *s, const struct sock_name *name)
{
	struct loop_addr to, at;

	s->to.len = 0;
	if (!serves(s))
		return;
	if (name->addr.family == AF_UNSPEC || !loop_addr_of(name, &to)) {
		if (s->port && s->is_bound)
			s->port->peer.port = 0;
		else
			loop_port_close(s);
		return;
	}
	s->to = *name;
	if (loop_is_wildcard(&to))
		loop_set_loopback(&to);
	if (!s->port && loop_is_loopback(&to) && !loop_host_name(s, &at) && at.port && loop_is_loopback(&at) &&
	    loop_port_open(s, &at))
		return;
	if (s->port)
		s->port->peer = to;
}

/* ---- sending ---- */

/* Does the receiver want to know what only the host tells it? */
static bool wants_control(const struct inet_sock *s)
{
	static const struct { int level, name; } asks[] = {
		{ SOL_SOCKET, SO_TIMESTAMP }, { SOL_SOCKET, SO_TIMESTAMPNS }, { SOL_SOCKET, SO_RXQ_OVFL },
		{ SOL_SOCKET, SO_PEEK_OFF }, { IPPROTO_IP, IP_RECVOPTS }, { IPPROTO_IP, IP_PKTINFO },
		{ IPPROTO_IP, IP_RECVTTL }, { IPPROTO_IP, IP_RECVTOS }, { IPPROTO_IP, IP_RECVORIGDSTADDR },
		{ IPPROTO_IP, IP_CHECKSUM }, { IPPROTO_IPV6, IPV6_RECVPKTINFO }, { IPPROTO_IPV6, IPV6_RECVHOPLIMIT },
		{ IPPROTO_IPV6, IPV6_RECVTCLASS }, { IPPROTO_IPV6, IPV6_RECVORIGDSTADDR }, { IPPROTO_UDP, UDP_GRO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(asks); i++)
		if (inet_option_number(s, asks[i].level, asks[i].name) > 0)
			return true;
	return false;
}

static bool is_plain(struct inet_sock *s, const struct msg_io *io)
{
	if (io->flags & (MSG_MORE | MSG_OOB) || inet_option_number(s, IPPROTO_UDP, UDP_CORK) > 0)
		s->host_only = true; /* what is begun there ends there */
	return serves(s) && !s->host_only && !io->control_len && !s->sock.err &&
	       inet_option_number(s, IPPROTO_UDP, UDP_SEGMENT) <= 0;
}

/* Full queues lose datagrams, as everywhere. */
static void deliver(struct loop_port *p, struct loop_chunk *c)
{
	struct inet_sock *s = p->sock;

	if (p->queue.charge + CHUNK_COST * p->count >= s->sock.rcvbuf) {
		kfree(c);
		return;
	}
	p->count++;
	loop_queue_add(&p->queue, c);
	socket_wake(&s->sock, &s->sock.readable, EPOLLIN | EPOLLRDNORM);
}

ssize_t loop_dgram_send(struct inet_sock *s, struct msg_io *io, bool *outside)
{
	const struct sock_name *name = io->name && io->name->len ? io->name : &s->to;
	struct loop_addr to, from = { .port = 0 };
	struct loop_chunk *c;
	struct loop_port *p;
	size_t len = io->iter->count;
	int err;

	*outside = true;
	if (!name->len || !is_plain(s, io) || !loop_target(s, name, &to))
		return 0;
	if (len > DATA_MAX)
		return 0; /* the host says what is wrong with it */
	if (s->port)
		(void)name_sender(s, &to, &from);
	p = loop_find(s, &to, &from);
	if (!p || wants_control(p->sock) || !name_sender(s, &to, &from) || !loop_is_loopback(&from))
		return 0;
	*outside = false;
	c = loop_chunk_read(io->iter, len, true, &err); /* may have slept: p is looked for again */
	if (!c)
		return err;
	c->from = from;
	p = loop_find(s, &to, &from);
	if (p)
		deliver(p, c);
	else
		kfree(c);
	return (ssize_t)len;
}

/* ---- receiving ---- */

bool loop_dgram_ready(const struct inet_sock *s)
{
	return s->port && !s->sock.listening && !list_empty(&s->port->queue.chunks) && s->port->turn < LOOP_TURN;
}

size_t loop_dgram_unread(const struct inet_sock *s)
{
	const struct loop_port *p = s->port;

	return p && !list_empty(&p->queue.chunks) ? list_first(&p->queue.chunks, const struct loop_chunk, node)->len : 0;
}

static ssize_t take(struct inet_sock *s, struct loop_port *p, struct msg_io *io)
{
	struct loop_chunk *c = list_first(&p->queue.chunks, struct loop_chunk, node);
	size_t want = MIN(c->len, io->iter->count);
	ssize_t n = want ? copy_to_iter(c->data, want, io->iter) : 0;

	if (n < (ssize_t)want)
		n = -EFAULT;
	if (n >= 0 && io->name)
		loop_addr_name(&c->from, s->sock.family, io->name);
	if (n >= 0 && want < c->len)
		io->out_flags |= MSG_TRUNC;
	if (n >= 0 && io->flags & MSG_TRUNC)
		n = (ssize_t)c->len;
	if (io->flags & MSG_PEEK)
		return n;
	p->count--;
	loop_queue_drop(&p->queue, c);
	return n;
}

/* After loop_dgram_ready. -EAGAIN: another reader was faster. */
ssize_t loop_dgram_recv(struct inet_sock *s, struct msg_io *io)
{
	struct loop_port *p = s->port;
	ssize_t n;

	p->ref++;
	n = loop_queue_lock(&p->queue);
	if (!n) {
		p->turn++;
		n = list_empty(&p->queue.chunks) ? -EAGAIN : take(s, p, io);
		loop_queue_unlock(&p->queue);
	}
	loop_port_put(p);
	return n;
}
