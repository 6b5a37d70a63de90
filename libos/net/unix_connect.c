/* unix_connect.c: from two sockets to a connection. Connecting to a listener makes the server's end at once and puts it
 * into the listener's backlog (`listener` set, no file yet); accept takes it from there. */
#include "linux/errno.h"
#include "net/unix.h"

static void set_id(struct unix_peer_id *id, struct ucred cred, struct group_list *groups)
{
	struct group_list *old = id->groups;

	*id = (struct unix_peer_id){ .cred = cred, .known = true, .groups = groups_get(groups) };
	groups_put(old);
}

static void identify(struct unix_peer_id *id)
{
	set_id(id, unix_current_cred(), current_process()->cred.groups);
}

static void join(struct unix_sock *a, struct unix_sock *b)
{
	a->peer = unix_get(b);
	b->peer = unix_get(a);
	a->state = b->state = UNIX_CONNECTED;
}

int unix_pair(struct socket *a, struct socket *b)
{
	join(unix_of(a), unix_of(b));
	identify(&unix_of(a)->peer_id);
	identify(&unix_of(b)->peer_id);
	if (a->type == SOCK_DGRAM) {
		list_push_back(&unix_of(b)->clients, &unix_of(a)->client_node);
		list_push_back(&unix_of(a)->clients, &unix_of(b)->client_node);
	}
	return 0;
}

/* Who is connected hears only its peer. */
bool unix_may_send(const struct unix_sock *s, const struct unix_sock *to)
{
	return !to->peer || to->peer == s;
}

void unix_disconnect(struct unix_sock *s)
{
	struct unix_sock *peer = s->peer;

	if (!peer)
		return;
	s->peer = NULL;
	s->state = UNIX_UNCONNECTED;
	list_remove(&s->client_node);
	list_init(&s->client_node);
	unix_put(peer);
}

/* What the old peer sent is thrown away, and it is told. */
static void change_peer(struct unix_sock *s, struct unix_sock *to)
{
	struct unix_sock *old = s->peer;

	if (old && old != to) {
		unix_get(old);
		unix_disconnect(s);
		unix_queue_purge(s);
		if (!old->dead && old->peer == s) {
			old->sk.err = ECONNRESET;
			socket_wake(&old->sk, &old->sk.readable, EPOLLERR);
		}
		unix_put(old);
	}
	if (!to || s->peer == to)
		return;
	s->peer = unix_get(to);
	s->state = UNIX_CONNECTED;
	list_push_back(&to->clients, &s->client_node);
	waitq_wake_all(&s->sk.writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
}

static int connect_dgram(struct unix_sock *s, const struct sock_name *name)
{
	struct unix_sock *to;
	int err;

	if (name->addr.family == AF_UNSPEC) {
		change_peer(s, NULL);
		return 0;
	}
	err = unix_find(name, s->sk.type, &to);
	if (err)
		return err;
	if (to->dead)
		err = -ECONNREFUSED;
	else if (!unix_may_send(s, to))
		err = -EPERM;
	else
		change_peer(s, to);
	unix_put(to);
	return err;
}

static bool backlog_full(const struct unix_sock *l)
{
	return l->backlog_count > l->backlog_max;
}

/* 0: l takes a connection from s now. */
static int wait_backlog(struct unix_sock *s, struct unix_sock *l, bool nonblock, nsec_t deadline)
{
	for (;;) {
		int err;

		if (l->dead || l->state != UNIX_LISTENING || l->shut_read)
			return -ECONNREFUSED;
		if (!backlog_full(l) && s->state != UNIX_UNCONNECTED)
			return s->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
		if (!backlog_full(l))
			return 0;
		err = socket_wait(&l->space, nonblock, deadline);
		if (err)
			return err;
	}
}

static int make_connection(struct unix_sock *s, struct unix_sock *l)
{
	struct unix_sock *end = unix_alloc(s->sk.type);

	if (!end)
		return -ENOMEM;
	end->sk.sndbuf = l->sk.sndbuf;
	end->sk.passcred = l->sk.passcred;
	end->sk.passpidfd = l->sk.passpidfd;
	join(s, end);
	set_id(&s->peer_id, l->peer_id.cred, l->peer_id.groups);
	identify(&end->peer_id);
	unix_name_share(end, l->name);
	end->listener = l;
	list_push_back(&l->backlog, &end->backlog_node);
	l->backlog_count++;
	waitq_wake_all(&s->sk.writable, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	socket_wake(&l->sk, &l->sk.readable, EPOLLIN | EPOLLRDNORM);
	return 0;
}

static int connect_stream(struct unix_sock *s, const struct sock_name *name, bool nonblock)
{
	nsec_t deadline = socket_deadline(s->sk.snd_timeout);
	struct unix_sock *l;
	int err = unix_find(name, s->sk.type, &l);

	if (err)
		return err;
	err = wait_backlog(s, l, nonblock, deadline);
	if (!err)
		err = make_connection(s, l);
	unix_put(l);
	return err;
}

int unix_connect(struct socket *sk, const struct sock_name *name, bool nonblock)
{
	struct unix_sock *s = unix_of(sk);
	int err = 0;

	if (sk->passcred && !s->name && name->addr.family == AF_UNIX)
		err = unix_autobind(s);
	if (err)
		return err;
	return sk->type == SOCK_DGRAM ? connect_dgram(s, name) : connect_stream(s, name, nonblock);
}

int unix_listen(struct socket *sk, int backlog)
{
	struct unix_sock *s = unix_of(sk);

	if (sk->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (!s->name || s->state == UNIX_CONNECTED)
		return -EINVAL;
	s->backlog_max = (unsigned)backlog;
	s->state = UNIX_LISTENING;
	sk->listening = true;
	identify(&s->peer_id);
	waitq_wake_all(&s->space, 0);
	return 0;
}

int unix_accept(struct socket *sk, bool nonblock, struct socket **out)
{
	nsec_t deadline = socket_deadline(sk->rcv_timeout);
	struct unix_sock *s = unix_of(sk), *end;

	if (sk->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (s->state != UNIX_LISTENING)
		return -EINVAL;
	while (list_empty(&s->backlog)) {
		int err = s->shut_read ? -EINVAL : socket_wait(&sk->readable, nonblock, deadline);

		if (err)
			return err;
	}
	end = list_first(&s->backlog, struct unix_sock, backlog_node);
	list_remove(&end->backlog_node);
	list_init(&end->backlog_node);
	s->backlog_count--;
	end->listener = NULL;
	waitq_wake_all(&s->space, 0);
	*out = &end->sk;
	return 0;
}
