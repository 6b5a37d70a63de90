/* inet.c: AF_INET and AF_INET6: TCP, UDP, and ICMP echo, on sockets of the host.
 *
 * The host's sockets never block. An operation is tried; on -EAGAIN its thread sleeps until an event says that the
 * state changed (inet_state.c), so a signal or a timeout ends the wait as for any file, and no vCPU is held. The giant
 * lock is free while the host works on data or connections; operations on one socket may overlap, as they do on Linux. The
 * program sees no descriptor of the host and no address the LibOS did not check for form. What the peer says, and
 * whether it is who it says, the host decides: programs use TLS. */
#include "net/inet.h"
#include "base/heap.h"
#include "base/string.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/events.h"
#include "net/loop.h"
#include "process/process.h"
#include "signal/signal.h"

static const struct socket_ops inet_ops;

/* The protocol that a type has, or -errno. */
static int protocol_of(int family, int type, int protocol)
{
	int icmp = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	switch (type) {
	case SOCK_STREAM:
		return !protocol || protocol == IPPROTO_TCP ? IPPROTO_TCP : -EPROTONOSUPPORT;
	case SOCK_DGRAM:
		if (protocol == icmp || protocol == IPPROTO_UDPLITE)
			return protocol;
		return !protocol || protocol == IPPROTO_UDP ? IPPROTO_UDP : -EPROTONOSUPPORT;
	case SOCK_RAW:
		return !protocol ? -EPROTONOSUPPORT : -EPERM;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

static struct inet_sock *sock_new(int family, int type, int protocol)
{
	struct inet_sock *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	socket_init(&s->sock, &inet_ops, family, type);
	s->sock.protocol = protocol;
	list_init(&s->options);
	return s;
}

/* A named socket without one on the host: *err says why not. */
static struct inet_sock *sock_named(int family, int type, int protocol, int *err)
{
	struct inet_sock *s = sock_new(family, type, protocol);

	*err = s ? inet_id_take(s) : -ENOMEM;
	if (!*err)
		return s;
	kfree(s);
	return NULL;
}

static void sock_discard(struct inet_sock *s)
{
	if (!s->no_host)
		inet_id_give(s);
	inet_options_free(s);
	inet_kept_drop(s);
	kfree(s);
}

static int host_socket(struct inet_sock *s)
{
	struct ocall_net_op a = { .op = NET_SOCKET, .id = s->id, .a = s->sock.family, .b = s->sock.type,
				  .c = s->sock.protocol };

	return (int)host_net_op(&a);
}

int inet_host_make(struct inet_sock *s)
{
	int err = s->no_host ? inet_id_take(s) : 0;

	if (!s->no_host || err)
		return err;
	err = host_socket(s);
	if (err) {
		inet_id_give(s);
		return err;
	}
	s->no_host = false;
	inet_options_apply(s);
	return 0;
}

int inet_adopt(int family, int type, int protocol, int fd, struct inet_sock **out)
{
	struct ocall_net_op a = { .op = NET_ADOPT, .a = fd };
	int err;

	*out = sock_named(family, type, protocol, &err);
	if (!*out)
		return err;
	a.id = (*out)->id;
	err = (int)host_net_op(&a);
	if (err)
		sock_discard(*out);
	return err;
}

static int create(int family, int type, int protocol, struct socket **out)
{
	struct inet_sock *s;
	int err;

	protocol = protocol_of(family, type, protocol);
	if (protocol < 0)
		return protocol;
	s = sock_named(family, type, protocol, &err);
	if (!s)
		return err;
	err = host_socket(s);
	if (err) {
		sock_discard(s);
		return err;
	}
	*out = &s->sock;
	return 0;
}

static int create4(int type, int protocol, struct socket **out)
{
	return create(AF_INET, type, protocol, out);
}

static int create6(int type, int protocol, struct socket **out)
{
	return create(AF_INET6, type, protocol, out);
}

const struct socket_family inet_family = { AF_INET, create4 }, inet6_family = { AF_INET6, create6 };

static struct ocall_net_op op_with_name(struct inet_sock *s, enum net_op op, const struct sock_name *name)
{
	struct ocall_net_op a = { .op = op, .id = s->id };

	a.addr_len = MIN(name->len, (unsigned)NET_ADDR_MAX);
	memcpy(a.addr, &name->addr, a.addr_len);
	return a;
}

static uint16_t port_of(const struct sock_name *name)
{
	struct sockaddr_in in;

	memcpy(&in, &name->addr, sizeof(in));
	return __builtin_bswap16(in.port);
}

/* The host decides who may have a low port of its own; whether a process of ours may ask is our matter. */
static int inet_bind(struct socket *sock, const struct sock_name *name)
{
	struct inet_sock *s = inet_of(sock);
	struct ocall_net_op a = op_with_name(s, NET_BIND, name);
	bool is_name = name->len >= sizeof(struct sockaddr_in);
	int err;

	if (s->loop)
		return -EINVAL;
	if (is_name && port_of(name) && port_of(name) < 1024 && !capable(CAP_NET_BIND_SERVICE))
		return -EACCES;
	if (is_name && sock->type == SOCK_STREAM && landlock_port(port_of(name), LANDLOCK_ACCESS_NET_BIND_TCP))
		return -EACCES;
	inet_doubt(s);
	err = (int)host_net_op(&a);
	if (err)
		return err;
	s->is_bound = true;
	(void)loop_addr_of(name, &s->bound);
	loop_dgram_bound(s, name);
	return 0;
}

/* Asking again tells how it went: 0 or the error, once. */
static int connect_outside(struct inet_sock *s, const struct sock_name *name, bool nonblock)
{
	nsec_t deadline = socket_deadline(s->sock.snd_timeout);

	inet_later_finish(s);
	s->flows = s->shut = false;
	for (;;) {
		struct ocall_net_op a = op_with_name(s, NET_CONNECT, name);
		uint32_t seen = s->events;
		int err = (int)host_net_op_unlocked(&a);

		s->peer.len = 0;
		inet_doubt(s);
		if (nonblock || (err != -EINPROGRESS && err != -EALREADY))
			return err;
		err = inet_wait(s, EPOLLOUT, seen, false, deadline);
		if (err)
			return err == -EAGAIN ? -EINPROGRESS : err;
	}
}

/* After a failure another attempt may find somebody inside. */
static void connected_outside(struct inet_sock *s, const struct sock_name *name, int err)
{
	if (s->sock.type != SOCK_STREAM) {
		if (!err)
			loop_dgram_connected(s, name);
		return;
	}
	s->on_host = name->addr.family != AF_UNSPEC &&
		     (!err || err == -EINPROGRESS || err == -EALREADY || err == -EISCONN || err == -ERESTARTSYS ||
		      err == -EINTR);
}

static int inet_connect(struct socket *sock, const struct sock_name *name, bool nonblock)
{
	struct inet_sock *s = inet_of(sock);
	int err;

	if (sock->type == SOCK_STREAM && name->len >= sizeof(struct sockaddr_in) &&
	    landlock_port(port_of(name), LANDLOCK_ACCESS_NET_CONNECT_TCP))
		return -EACCES;
	err = loop_connect(s, name, nonblock);
	if (err != LOOP_OUTSIDE)
		return err;
	err = connect_outside(s, name, nonblock);
	if (!err && name->addr.family == AF_UNSPEC)
		inet_kept_drop(s);
	connected_outside(s, name, err);
	return err;
}

static int inet_listen(struct socket *sock, int backlog)
{
	struct inet_sock *s = inet_of(sock);
	struct ocall_net_op a = { .op = NET_LISTEN, .id = s->id, .a = backlog };
	int err = s->loop ? -EINVAL : (int)host_net_op(&a);

	inet_doubt(s);
	if (err)
		return err;
	sock->listening = true;
	loop_listen(s, backlog);
	return 0;
}

static int accept_once(struct inet_sock *s, struct inet_sock *got, uint32_t *seen)
{
	struct ocall_net_op a = { .op = NET_ACCEPT, .id = s->id, .a = (int32_t)got->id };
	int err;

	*seen = s->events;
	err = (int)host_net_op_unlocked(&a);
	inet_used(s, EPOLLIN, *seen, err == -EAGAIN);
	memcpy(&got->peer.addr, a.addr, a.addr_len);
	got->peer.len = err ? 0 : a.addr_len;
	return err;
}

/* Options that a connection has from its listener; the host copies its own. */
static void inherit(struct socket *to, const struct socket *from)
{
	to->rcv_timeout = from->rcv_timeout;
	to->snd_timeout = from->snd_timeout;
	to->linger = from->linger;
}

static int accept_inside(struct inet_sock *s, struct inet_sock **out)
{
	*out = sock_new(s->sock.family, s->sock.type, s->sock.protocol);
	if (!*out)
		return -ENOMEM;
	loop_accept(s, *out);
	return 0;
}

static int accept_outside(struct inet_sock *s, struct inet_sock **out, uint32_t *seen)
{
	int err;

	*out = sock_named(s->sock.family, s->sock.type, s->sock.protocol, &err);
	if (!*out)
		return err;
	err = accept_once(s, *out, seen);
	if (err)
		sock_discard(*out);
	return err;
}

/* From inside and outside by turns. Who waits anyhow need not ask a host that would have said something. */
static int accept_any(struct inet_sock *s, bool nonblock, struct inet_sock **out, uint32_t *seen)
{
	int err = -EAGAIN;

	*seen = s->events;
	if (loop_accept_ready(s))
		return accept_inside(s, out);
	if (nonblock || !s->port || !inet_idle(s, EPOLLIN))
		err = accept_outside(s, out, seen);
	if (s->port)
		s->port->turn = 0;
	return err == -EAGAIN && loop_accept_ready(s) ? accept_inside(s, out) : err;
}

static int inet_accept(struct socket *sock, bool nonblock, struct socket **out)
{
	nsec_t deadline = socket_deadline(sock->rcv_timeout);
	struct inet_sock *s = inet_of(sock), *got;
	uint32_t seen;
	int err;

	if (s->loop)
		return -EINVAL;
	while ((err = accept_any(s, nonblock, &got, &seen)) == -EAGAIN) {
		err = inet_wait(s, EPOLLIN, seen, nonblock, deadline);
		if (err)
			return err;
	}
	if (err)
		return err;
	inherit(&got->sock, sock);
	*out = &got->sock;
	return 0;
}

/* The peer of an accepted connection came with it: the first question, accept's own, needs no call. */
static int inet_getname(struct socket *sock, bool peer, struct sock_name *name)
{
	struct inet_sock *s = inet_of(sock);
	struct ocall_net_op a = { .op = peer ? NET_GETPEERNAME : NET_GETSOCKNAME, .id = s->id };
	int err;

	if (s->loop)
		return loop_getname(s, peer, name);
	if (peer && s->peer.len) {
		*name = s->peer;
		s->peer.len = 0;
		return 0;
	}
	err = (int)host_net_op(&a);
	memcpy(&name->addr, a.addr, a.addr_len);
	name->len = a.addr_len;
	return err;
}

static int inet_shutdown(struct socket *sock, bool read, bool write)
{
	struct inet_sock *s = inet_of(sock);
	struct ocall_net_op a = { .op = NET_SHUTDOWN, .id = s->id,
				  .a = read && write ? SHUT_RDWR : read ? SHUT_RD : SHUT_WR };
	int err;

	if (s->loop)
		return loop_shutdown(s, read, write);
	inet_later_finish(s);
	s->shut = true;
	err = (int)host_net_op_unlocked(&a);
	inet_doubt(s);
	if (!err && read && sock->listening)
		loop_port_close(s); /* it listens no more */
	return err;
}

/* Inside nothing is on its way: what was sent is at its reader. */
static long queued_inside(const struct inet_sock *s, int what)
{
	return what == 2 ? loop_at_mark(s->loop) : what ? 0 : (long)loop_unread(s->loop);
}

static long queued(struct inet_sock *s, int what, uaddr_t arg)
{
	struct ocall_net_op a = { .op = NET_QUEUED, .id = s->id, .a = what };
	long n = what ? 0 : (long)loop_dgram_unread(s);

	inet_later_finish(s);
	if (s->loop)
		n = queued_inside(s, what);
	else if (what == 2 && s->kept)
		return put_user((int32_t)0, arg); /* the mark comes after those bytes */
	else if (!n)
		n = host_net_op(&a);

	if (n >= 0 && !what)
		n = MIN(n + (long)s->kept_len, (long)INT32_MAX);
	return n < 0 ? n : put_user((int32_t)n, arg);
}

static long inet_ioctl(struct socket *sock, unsigned cmd, uaddr_t arg)
{
	switch (cmd) {
	case SIOCINQ:
		return queued(inet_of(sock), 0, arg);
	case SIOCOUTQ:
		return queued(inet_of(sock), 1, arg);
	case SIOCATMARK:
		return sock->type == SOCK_STREAM ? queued(inet_of(sock), 2, arg) : -ENOIOCTLCMD;
	default:
		return -ENOIOCTLCMD;
	}
}

/* A socket that lingers may keep the host waiting: not on a vCPU. */
static void inet_release(struct socket *sock)
{
	struct inet_sock *s = inet_of(sock);
	struct ocall_net_op a = { .op = NET_CLOSE, .id = s->id };
	bool inside = s->loop;

	if (inside)
		loop_close(s);
	loop_port_close(s);
	if (s->no_host) {
		sock_discard(s);
		return;
	}
	inet_later_finish(s);
	inet_kept_abandon(s);
	if (!inside && !s->kept && sock->linger.onoff && sock->linger.seconds && sock->type == SOCK_STREAM)
		host_net_close_slowly(s->id);
	else
		(void)host_net_op_unlocked(&a);
	sock_discard(s);
}

static const struct socket_ops inet_ops = {
	.bind = inet_bind, .connect = inet_connect, .listen = inet_listen, .accept = inet_accept,
	.getname = inet_getname, .sendmsg = inet_sendmsg, .recvmsg = inet_recvmsg, .shutdown = inet_shutdown,
	.setsockopt = inet_setsockopt, .getsockopt = inet_getsockopt, .poll = inet_poll, .ioctl = inet_ioctl,
	.release = inet_release,
};
