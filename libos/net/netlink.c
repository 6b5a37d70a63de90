/* netlink.c: AF_NETLINK sockets. There is no kernel on the other side: a request is answered while it is sent, and the
 * answers wait in the socket's queue. Only NETLINK_ROUTE, and of that only questions: see netlink_route.c. */
#include "net/netlink.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"
#include "process/process.h"

#define REQUEST_MAX 65536u

static const struct socket_ops netlink_ops;

static struct nl_sock *nl_of(struct socket *s)
{
	return (struct nl_sock *)s;
}

static int create(int type, int protocol, struct socket **out)
{
	struct nl_sock *s;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != NETLINK_ROUTE)
		return -EPROTONOSUPPORT;
	s = kzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	socket_init(&s->sock, &netlink_ops, AF_NETLINK, type);
	s->sock.protocol = protocol;
	list_init(&s->queue);
	*out = &s->sock;
	return 0;
}

const struct socket_family netlink_family = { AF_NETLINK, create };

/* The first socket of a process has the process' id, further ones some other number. */
static uint32_t free_name(void)
{
	static uint32_t next = 0xfffff000;
	static kpid_t last;

	if (current_process()->pid == last)
		return next--;
	last = current_process()->pid;
	return (uint32_t)last;
}

static int read_name(struct sockaddr_nl *out, const struct sock_name *name)
{
	if (name->len < sizeof(*out))
		return -EINVAL;
	memcpy(out, &name->addr, sizeof(*out));
	return out->family == AF_NETLINK ? 0 : -EINVAL;
}

static int netlink_bind(struct socket *sock, const struct sock_name *name)
{
	struct nl_sock *s = nl_of(sock);
	struct sockaddr_nl a;
	int err = read_name(&a, name);

	if (err)
		return err;
	if (s->pid && a.pid && a.pid != s->pid)
		return -EINVAL;
	if (!s->pid)
		s->pid = a.pid ? a.pid : free_name();
	s->groups = a.groups;
	return 0;
}

static int netlink_connect(struct socket *sock, const struct sock_name *name, bool nonblock)
{
	struct sockaddr_nl a;
	int err = read_name(&a, name);

	(void)nonblock;
	if (!err && a.pid)
		err = -EPERM;
	if (!err && !nl_of(sock)->pid)
		nl_of(sock)->pid = free_name();
	return err;
}

static void write_name(struct sock_name *name, uint32_t pid, uint32_t groups)
{
	struct sockaddr_nl a = { .family = AF_NETLINK, .pid = pid, .groups = groups };

	memcpy(&name->addr, &a, sizeof(a));
	name->len = sizeof(a);
}

static int netlink_getname(struct socket *sock, bool peer, struct sock_name *name)
{
	struct nl_sock *s = nl_of(sock);

	write_name(name, peer ? 0 : s->pid, peer ? 0 : s->groups);
	return 0;
}

/* ---- answers ---- */

static struct nl_datagram *room_for(struct nl_sock *s, uint32_t size)
{
	struct nl_datagram *d = list_empty(&s->queue) ? NULL : list_last(&s->queue, struct nl_datagram, node);

	if (d && DATAGRAM_SIZE - d->len >= size)
		return d;
	if (s->count == DATAGRAMS_MAX || size > DATAGRAM_SIZE)
		return NULL;
	d = kmalloc(sizeof(*d));
	if (!d)
		return NULL;
	d->len = 0;
	list_push_back(&s->queue, &d->node);
	s->count++;
	return d;
}

#define ATTRIBUTES_ROOM 256u

struct nlmsghdr *nl_message(struct nl_sock *s, const struct nlmsghdr *request, int type, unsigned flags,
			    const void *payload, uint32_t size)
{
	struct nl_datagram *d = room_for(s, (uint32_t)sizeof(struct nlmsghdr) + NLMSG_ALIGN(size) + ATTRIBUTES_ROOM);
	struct nlmsghdr *m;

	if (!d)
		return NULL;
	m = (struct nlmsghdr *)(d->data + d->len);
	memset(m, 0, sizeof(*m) + NLMSG_ALIGN(size));
	*m = (struct nlmsghdr){ (uint32_t)sizeof(*m) + size, (uint16_t)type, (uint16_t)flags, request->seq, s->pid };
	memcpy(m + 1, payload, size);
	d->len += (uint32_t)sizeof(*m) + NLMSG_ALIGN(size);
	return m;
}

void nl_attribute(struct nl_sock *s, struct nlmsghdr *m, int type, const void *data, uint32_t size)
{
	struct nl_datagram *d = list_last(&s->queue, struct nl_datagram, node);
	struct rtattr a = { (uint16_t)(sizeof(a) + size), (uint16_t)type };
	uint32_t step = NLMSG_ALIGN(a.len);
	char *at = d->data + d->len;

	assert(step <= DATAGRAM_SIZE - d->len);
	memset(at, 0, step);
	memcpy(at, &a, sizeof(a));
	memcpy(at + sizeof(a), data, size);
	d->len += step;
	m->len = (uint32_t)(d->data + d->len - (char *)m);
}

bool netlink_is_socket(const struct file *f)
{
	const struct socket *s = file_socket(f);

	return s && s->family == AF_NETLINK;
}

void netlink_deliver(struct file *f, const void *data, uint32_t n)
{
	struct nl_sock *s = nl_of(file_socket(f));
	struct nl_datagram *d = s->count < DATAGRAMS_MAX ? kmalloc(sizeof(*d)) : NULL;

	if (!d)
		return; /* as any datagram for which there is no room */
	d->len = n;
	memcpy(d->data, data, n);
	list_push_back(&s->queue, &d->node);
	s->count++;
	socket_wake(&s->sock, &s->sock.readable, EPOLLIN | EPOLLRDNORM);
}

static void answer(struct nl_sock *s, const struct nlmsghdr *h)
{
	struct nlmsgerr e = { .msg = *h };

	if (!(h->flags & NLM_F_REQUEST) || h->type < NLMSG_MIN_TYPE)
		return;
	e.error = netlink_route(s, h);
	if (e.error || (h->flags & NLM_F_ACK && (h->flags & NLM_F_DUMP) != NLM_F_DUMP))
		(void)nl_message(s, h, NLMSG_ERROR, 0, &e, sizeof(e));
}

static void answer_all(struct nl_sock *s, const char *buf, size_t len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
		size_t step;

		if (h->len < sizeof(*h) || h->len > len)
			return;
		answer(s, h);
		step = MIN((size_t)NLMSG_ALIGN(h->len), len);
		buf += step;
		len -= step;
	}
}

static ssize_t netlink_sendmsg(struct socket *sock, struct msg_io *io)
{
	struct nl_sock *s = nl_of(sock);
	size_t len = io->iter->count;
	struct sockaddr_nl to = { .family = AF_NETLINK };
	ssize_t n = io->name && io->name->len ? read_name(&to, io->name) : 0;
	char *buf;

	if (n)
		return n;
	if (io->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (to.pid)
		return -ECONNREFUSED; /* no process listens */
	if (len > REQUEST_MAX)
		return -EMSGSIZE;
	buf = kmalloc(MAX(len, (size_t)1));
	if (!buf)
		return -ENOBUFS;
	n = len ? copy_from_iter(buf, len, io->iter) : 0;
	if (n == (ssize_t)len) {
		if (!s->pid)
			s->pid = free_name();
		answer_all(s, buf, len);
		socket_wake(sock, &sock->readable, EPOLLIN | EPOLLRDNORM);
	} else {
		n = -EFAULT;
	}
	kfree(buf);
	return n;
}

static void datagram_free(struct nl_sock *s, struct nl_datagram *d)
{
	list_remove(&d->node);
	s->count--;
	kfree(d);
}

/* The copy may sleep: the datagram is out of the queue meanwhile, unless it is only looked at. */
static ssize_t take(struct nl_sock *s, struct msg_io *io)
{
	struct nl_datagram *d = list_first(&s->queue, struct nl_datagram, node), *copy;
	size_t want = MIN((size_t)d->len, io->iter->count);
	ssize_t n, len = d->len;

	copy = kmalloc(sizeof(*copy));
	if (!copy)
		return -ENOBUFS;
	memcpy(copy->data, d->data, d->len);
	if (!(io->flags & MSG_PEEK))
		datagram_free(s, d);
	n = want ? copy_to_iter(copy->data, want, io->iter) : 0;
	kfree(copy);
	if (n < (ssize_t)want)
		return -EFAULT;
	if ((ssize_t)want < len)
		io->out_flags |= MSG_TRUNC;
	if (io->name)
		write_name(io->name, 0, 0);
	return io->flags & MSG_TRUNC ? len : n;
}

static ssize_t netlink_recvmsg(struct socket *sock, struct msg_io *io)
{
	struct nl_sock *s = nl_of(sock);
	nsec_t deadline = socket_deadline(sock->rcv_timeout);

	if (io->flags & MSG_OOB)
		return -EOPNOTSUPP;
	while (list_empty(&s->queue)) {
		int err = socket_wait(&sock->readable, io->nonblock, deadline);

		if (err)
			return err;
	}
	return take(s, io);
}

static unsigned netlink_poll(struct socket *sock, struct poll_table *pt)
{
	poll_wait(pt, &sock->readable);
	return EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND |
	       (list_empty(&nl_of(sock)->queue) ? 0 : EPOLLIN | EPOLLRDNORM);
}

/* Options of the netlink level change only how announcements and errors look: taken, without effect. */
static int netlink_setsockopt(struct socket *sock, int level, int opt, const void *val, unsigned size)
{
	(void)sock;
	(void)val;
	if (level != 270)
		return level == SOL_SOCKET ? SOCKOPT_GENERIC : -ENOPROTOOPT;
	if (size < sizeof(int32_t))
		return -EINVAL;
	return opt >= 1 && opt <= 12 ? 0 : -ENOPROTOOPT;
}

static void netlink_release(struct socket *sock)
{
	struct nl_sock *s = nl_of(sock);

	while (!list_empty(&s->queue))
		datagram_free(s, list_first(&s->queue, struct nl_datagram, node));
	kfree(s);
}

static const struct socket_ops netlink_ops = {
	.bind = netlink_bind, .connect = netlink_connect, .getname = netlink_getname, .sendmsg = netlink_sendmsg,
	.recvmsg = netlink_recvmsg, .poll = netlink_poll, .setsockopt = netlink_setsockopt,
	.release = netlink_release,
};
