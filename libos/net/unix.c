/* unix.c: local sockets: their life, shutdown, polling. Whoever changes a state wakes both ends. */
#include "net/unix.h"
#include "base/heap.h"
#include "base/string.h"
#include "landlock/landlock.h"
#include "linux/errno.h"
#include "linux/socket.h"
#include "process/pidfd.h"
#include "signal/signal.h"

struct list unix_all = LIST_INIT(unix_all);

struct unix_sock *unix_get(struct unix_sock *s)
{
	s->ref++;
	return s;
}

void unix_put(struct unix_sock *s)
{
	if (--s->ref)
		return;
	list_remove(&s->all_node);
	groups_put(s->peer_id.groups);
	unix_name_put(s->name);
	landlock_put(s->landlock);
	kfree(s);
}

struct unix_sock *file_unix_sock(const struct file *f)
{
	struct socket *s = file_socket(f);

	return s && s->ops == &unix_ops ? unix_of(s) : NULL;
}

struct ucred unix_current_cred(void)
{
	const struct process *p = current_process();

	return (struct ucred){ p->pid, p->cred.euid, p->cred.egid };
}

int unix_start_again(void)
{
	current->sig_check = true; /* no signal needs to be there */
	return -ERESTARTSYS;
}

struct unix_sock *unix_alloc(int type)
{
	struct unix_sock *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	socket_init(&s->sk, &unix_ops, AF_UNIX, type);
	s->ref = 1;
	s->landlock = landlock_get(landlock_current());
	s->peer_id.cred = (struct ucred){ 0, ~0u, ~0u };
	waitq_init(&s->idle);
	waitq_init(&s->space);
	list_init(&s->queue);
	list_init(&s->clients);
	list_init(&s->client_node);
	list_init(&s->bound_node);
	list_init(&s->backlog);
	list_init(&s->backlog_node);
	list_init(&s->gc_node);
	list_push_back(&unix_all, &s->all_node);
	return s;
}

static int unix_create(int type, int protocol, struct socket **out)
{
	struct unix_sock *s;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type == SOCK_RAW)
		type = SOCK_DGRAM;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	s = unix_alloc(type);
	if (!s)
		return -ENOMEM;
	*out = &s->sk;
	return 0;
}

const struct socket_family unix_family = { AF_UNIX, unix_create };

static void unix_wake_everybody(struct unix_sock *s)
{
	socket_wake(&s->sk, &s->sk.readable, EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLHUP);
	waitq_wake_all(&s->sk.writable, EPOLLOUT | EPOLLWRNORM | EPOLLHUP | EPOLLERR);
	waitq_wake_all(&s->space, 0);
}

static int unix_shutdown(struct socket *sk, bool read, bool write)
{
	struct unix_sock *s = unix_of(sk), *peer = sk->type == SOCK_DGRAM ? NULL : s->peer;

	s->shut_read |= read;
	s->shut_write |= write;
	unix_wake_everybody(s);
	if (!peer)
		return 0;
	peer->shut_read |= write;
	peer->shut_write |= read;
	unix_wake_everybody(peer);
	return 0;
}

static unsigned unix_poll(struct socket *sk, struct poll_table *pt)
{
	struct unix_sock *s = unix_of(sk);
	unsigned events = sk->err ? EPOLLERR : 0;

	poll_wait(pt, &sk->readable);
	poll_wait(pt, &sk->writable);
	if ((s->shut_read && s->shut_write) || (sk->type != SOCK_DGRAM && s->state == UNIX_UNCONNECTED))
		events |= EPOLLHUP;
	if (s->shut_read)
		events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (!list_empty(&s->queue) || !list_empty(&s->backlog))
		events |= EPOLLIN | EPOLLRDNORM;
	if (unix_has_room(s))
		events |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	else
		s->nospace = true;
	return events;
}

static long unix_ioctl(struct socket *sk, unsigned cmd, uaddr_t arg)
{
	struct unix_sock *s = unix_of(sk);

	switch (cmd) {
	case SIOCINQ:
		return s->state == UNIX_LISTENING ? -EINVAL : put_user((int)unix_unread(s), arg);
	case SIOCOUTQ:
		return put_user((int)s->sent, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static int peer_groups(const struct unix_peer_id *id, uint32_t *val, unsigned *size)
{
	unsigned room = *size;

	if (!id->known)
		return -ENODATA;
	*size = id->groups ? id->groups->n * (unsigned)sizeof(*val) : 0;
	if (room < *size)
		return -ERANGE;
	if (*size)
		memcpy(val, id->groups->gid, *size);
	return 0;
}

static int peer_pidfd(const struct unix_peer_id *id, int32_t *val, unsigned *size)
{
	struct process *p = id->known ? process_find(id->cred.pid) : NULL;
	int fd;

	if (!id->known)
		return -ENODATA;
	if (!p)
		return -ESRCH;
	fd = pidfd_create(p, 0);
	if (fd < 0)
		return fd;
	*val = fd;
	*size = sizeof(*val);
	return 0;
}

static int unix_getsockopt(struct socket *sk, int level, int opt, void *val, unsigned *size)
{
	const struct unix_peer_id *id = &unix_of(sk)->peer_id;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (opt) {
	case SO_PEERCRED:
		*(struct ucred *)val = id->cred;
		*size = sizeof(id->cred);
		return 0;
	case SO_PEERGROUPS:
		return peer_groups(id, val, size);
	case SO_PEERPIDFD:
		return peer_pidfd(id, val, size);
	default:
		return SOCKOPT_GENERIC;
	}
}

/* Unread data that is thrown away is an error for who sent it, and so is a connection nobody accepted. */
static void leave_peer(struct unix_sock *s)
{
	struct unix_sock *peer = s->peer;

	if (!peer)
		return;
	if (s->sk.type == SOCK_DGRAM) {
		unix_disconnect(s);
		return;
	}
	peer->shut_read = peer->shut_write = true;
	if (!list_empty(&s->queue) || s->listener)
		peer->sk.err = ECONNRESET;
	unix_wake_everybody(peer);
	s->peer = NULL;
	unix_put(peer);
}

static void unix_release(struct socket *sk)
{
	struct unix_sock *s = unix_of(sk), *c;

	s->dead = true;
	unix_unbind(s);
	leave_peer(s);
	s->listener = NULL;
	list_for_each(c, &s->clients, client_node)
		waitq_wake_all(&c->sk.writable, EPOLLOUT | EPOLLWRNORM);
	waitq_wake_all(&s->space, 0);
	while (!list_empty(&s->backlog)) {
		c = list_first(&s->backlog, struct unix_sock, backlog_node);
		list_remove(&c->backlog_node);
		unix_release(&c->sk);
	}
	unix_queue_purge(s);
	unix_put(s);
	unix_gc();
}

const struct socket_ops unix_ops = {
	.bind = unix_bind, .connect = unix_connect, .pair = unix_pair, .listen = unix_listen, .accept = unix_accept,
	.getname = unix_getname, .sendmsg = unix_sendmsg, .recvmsg = unix_recvmsg, .shutdown = unix_shutdown,
	.getsockopt = unix_getsockopt, .poll = unix_poll, .ioctl = unix_ioctl, .release = unix_release,
};
