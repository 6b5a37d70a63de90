/* loop_connect.c: TCP inside the enclave: from a connect that finds a listener of ours to a connection, and its end.
 *
 * Who connects keeps a port of the host's (its own, bound to a loopback address if it was not), so nobody else has it.
 * The connection waits in the listener's backlog beside those the host has for it; accept takes from both by turns. */
#include "base/heap.h"
#include "linux/errno.h"
#include "net/loop.h"
#include "process/process.h"
#include "tunables.h"

void loop_conn_put(struct loop_conn *c)
{
	if (--c->ref)
		return;
	loop_queue_purge(&c->end[0].queue);
	loop_queue_purge(&c->end[1].queue);
	kfree(c);
}

static void end_init(struct loop_conn *c, unsigned i, const struct loop_addr *name)
{
	struct loop_end *e = &c->end[i];

	e->conn = c;
	e->name = *name;
	e->urgent = -1;
	loop_queue_init(&e->queue);
}

static struct loop_conn *conn_new(const struct loop_addr *from, const struct loop_addr *to)
{
	struct loop_conn *c = kzalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->ref = 2;
	list_init(&c->node);
	end_init(c, 0, from);
	end_init(c, 1, to);
	return c;
}

/* ---- the listener ---- */

void loop_listen(struct inet_sock *s, int backlog)
{
	struct loop_addr at = s->bound;

	if (!loop_inside() || s->sock.type != SOCK_STREAM)
		return;
	if (!s->port && ((!at.port && loop_host_name(s, &at)) || loop_port_open(s, &at)))
		return; /* then the host alone brings connections */
	s->port->max = (unsigned)MAX(backlog, 0) + 1;
}

bool loop_accept_ready(const struct inet_sock *s)
{
	const struct loop_port *l = s->port;

	return l && !list_empty(&l->backlog) && l->turn < LOOP_TURN;
}

static void established(struct loop_conn *c)
{
	struct inet_sock *s = c->end[0].sock;

	c->pending = false;
	if (s)
		socket_wake(&s->sock, &s->sock.writable, EPOLLOUT | EPOLLWRNORM);
}

static void backlog_remove(struct loop_conn *c)
{
	struct loop_port *l = c->listener;
	struct loop_conn *w;
	unsigned i = 0;

	list_remove(&c->node);
	c->listener = NULL;
	l->count--;
	list_for_each(w, &l->backlog, node) {
		if (w->pending && i < l->max)
			established(w);
		if (++i >= l->max)
			break;
	}
}

static void inherit(struct socket *to, const struct socket *from)
{
	to->sndbuf = from->sndbuf;
	to->rcvbuf = from->rcvbuf;
	to->rcvlowat = from->rcvlowat;
	to->flags = from->flags;
}

void loop_accept(struct inet_sock *s, struct inet_sock *got)
{
	struct loop_conn *c = list_first(&s->port->backlog, struct loop_conn, node);
	struct loop_end *e = &c->end[1];

	s->port->turn++;
	backlog_remove(c);
	e->sock = got;
	got->loop = e;
	got->no_host = true;
	got->sock.err = e->err;
	inherit(&got->sock, &s->sock);
	inet_options_copy(got, s);
}

/* What is not accepted when the listener goes. */
void loop_refuse_all(struct loop_port *l)
{
	while (!list_empty(&l->backlog)) {
		struct loop_conn *c = list_first(&l->backlog, struct loop_conn, node);
		struct inet_sock *s = c->end[0].sock;

		list_remove(&c->node);
		c->listener = NULL;
		c->end[1].closed = true;
		if (c->pending && s) {
			s->loop = NULL;
			s->connecting = false;
			s->sock.err = ECONNREFUSED;
			c->end[0].sock = NULL;
			socket_wake(&s->sock, &s->sock.readable, EPOLLIN | EPOLLERR | EPOLLHUP);
			socket_wake(&s->sock, &s->sock.writable, EPOLLOUT | EPOLLERR | EPOLLHUP);
			loop_conn_put(c);
		} else if (s) {
			loop_reset(&c->end[0]);
		}
		loop_conn_put(c);
	}
}

/* ---- connecting ---- */

/* The address of who connects, with a port. LOOP_OUTSIDE: none that fits. */
static int name_client(struct inet_sock *s, const struct loop_addr *to, struct loop_addr *from)
{
	int err = 0;

	*from = s->bound;
	if (!from->port && s->is_bound && loop_host_name(s, from))
		return LOOP_OUTSIDE;
	if (!from->port) {
		if (!s->is_bound) {
			*from = *to;
			loop_set_loopback(from);
			from->port = 0;
		}
		err = s->is_bound ? -EINVAL : loop_host_bind(s, from);
		s->is_bound |= !err;
	}
	if (err || !from->port)
		return LOOP_OUTSIDE;
	if (loop_is_wildcard(from)) {
		*from = (struct loop_addr){ .port = from->port };
		for (unsigned i = 0; i < sizeof(to->ip); i++)
			from->ip[i] = to->ip[i];
		loop_set_loopback(from);
	}
	return loop_is_loopback(from) ? 0 : LOOP_OUTSIDE;
}

static int wait_established(struct inet_sock *s, bool nonblock)
{
	nsec_t deadline = socket_deadline(s->sock.snd_timeout);

	while (s->loop && s->loop->conn->pending) {
		int err = nonblock ? -EINPROGRESS : socket_wait(&s->sock.writable, false, deadline);

		if (err)
			return err == -EAGAIN ? -EINPROGRESS : err;
	}
	s->connecting = false;
	return socket_take_error(&s->sock);
}

/* connect again. */
static int connect_more(struct inet_sock *s, const struct sock_name *name, bool nonblock)
{
	if (name->addr.family == AF_UNSPEC) {
		int err = inet_host_make(s);

		if (err)
			return err;
		loop_close(s);
		waitq_wake_all(&s->sock.readable, EPOLLHUP);
		waitq_wake_all(&s->sock.writable, EPOLLHUP);
		return LOOP_OUTSIDE;
	}
	if (s->loop->conn->pending)
		return nonblock ? -EALREADY : wait_established(s, false);
	if (!s->connecting)
		return -EISCONN;
	s->connecting = false;
	return socket_take_error(&s->sock);
}

/* As on Linux a connection that need not be waited for is there when connect says that it is on its way. */
static int connect_to(struct inet_sock *s, struct loop_port *l, const struct loop_addr *from, const struct loop_addr *to,
		      bool nonblock)
{
	struct loop_conn *c = conn_new(from, to);

	if (!c)
		return -ENOMEM;
	c->listener = l;
	c->pending = l->count >= l->max;
	c->end[0].sock = s;
	s->loop = &c->end[0];
	s->connecting = true;
	list_push_back(&l->backlog, &c->node);
	l->count++;
	socket_wake(&l->sock->sock, &l->sock->sock.readable, EPOLLIN | EPOLLRDNORM);
	return nonblock ? -EINPROGRESS : wait_established(s, false);
}

int loop_connect(struct inet_sock *s, const struct sock_name *name, bool nonblock)
{
	struct loop_addr to, from = { .port = 0 };
	struct loop_port *l;
	int err;

	if (s->loop)
		return connect_more(s, name, nonblock);
	if (s->sock.type != SOCK_STREAM || s->sock.listening || s->on_host || !loop_target(s, name, &to) ||
	    !loop_find(s, &to, &from))
		return LOOP_OUTSIDE;
	err = name_client(s, &to, &from);
	if (err)
		return err;
	l = loop_find(s, &to, &from);
	return l ? connect_to(s, l, &from, &to, nonblock) : LOOP_OUTSIDE;
}

/* ---- an end ---- */

static bool is_over(const struct loop_end *e)
{
	return e->reset || (e->fin && e->shut_write);
}

int loop_getname(struct inet_sock *s, bool peer, struct sock_name *name)
{
	struct loop_end *e = s->loop;

	if (peer && (e->conn->pending || is_over(e)))
		return -ENOTCONN;
	loop_addr_name(peer ? &loop_peer(e)->name : &e->name, s->sock.family, name);
	return 0;
}

int loop_shutdown(struct inet_sock *s, bool read, bool write)
{
	struct loop_end *e = s->loop, *peer = loop_peer(e);

	if (e->conn->pending || is_over(e))
		return -ENOTCONN;
	e->shut_read |= read;
	e->shut_write |= write;
	peer->fin |= write;
	loop_wake(e);
	loop_wake(peer);
	return 0;
}

/* Unread bytes that are thrown away are an error for who sent them. A connection that waits to be accepted stays so. */
void loop_close(struct inet_sock *s)
{
	struct loop_end *e = s->loop, *peer = loop_peer(e);
	struct loop_conn *c = e->conn;
	bool hard = e->queue.bytes || (s->sock.linger.onoff && !s->sock.linger.seconds);

	s->loop = NULL;
	s->connecting = false;
	e->sock = NULL;
	e->closed = e->shut_write = true;
	if (c->pending) {
		backlog_remove(c);
		loop_conn_put(c);
	} else if (!peer->closed && hard) {
		loop_reset(peer);
	} else if (!peer->closed) {
		peer->fin = true;
		loop_wake(peer);
	}
	loop_conn_put(c);
}
