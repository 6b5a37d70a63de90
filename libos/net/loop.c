/* loop.c: addresses of loopback inside the enclave, the table of who can be found, and queues. */
#include "net/loop.h"
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "signal/signal.h"

#define BUCKETS 64u

static struct list table[BUCKETS];
static bool inside;
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

void loop_init(bool enable)
{
	inside = enable;
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&table[i]);
}

bool loop_inside(void)
{
	return inside;
}

/* ---- addresses ---- */

bool loop_addr_of(const struct sock_name *name, struct loop_addr *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*out = (struct loop_addr){ .port = 0 };
	if (name->addr.family == AF_INET && name->len >= sizeof(in)) {
		memcpy(&in, &name->addr, sizeof(in));
		memcpy(out->ip, mapped, sizeof(mapped));
		memcpy(out->ip + sizeof(mapped), in.addr, sizeof(in.addr));
		out->port = __builtin_bswap16(in.port);
		return true;
	}
	if (name->addr.family != AF_INET6 || name->len < sizeof(in6))
		return false;
	memcpy(&in6, &name->addr, sizeof(in6));
	memcpy(out->ip, in6.addr, sizeof(in6.addr));
	out->port = __builtin_bswap16(in6.port);
	return true;
}

void loop_addr_name(const struct loop_addr *a, int family, struct sock_name *out)
{
	struct sockaddr_in in = { .family = AF_INET, .port = __builtin_bswap16(a->port) };
	struct sockaddr_in6 in6 = { .family = AF_INET6, .port = __builtin_bswap16(a->port) };

	if (family == AF_INET) {
		memcpy(in.addr, a->ip + sizeof(mapped), sizeof(in.addr));
		memcpy(&out->addr, &in, sizeof(in));
		out->len = sizeof(in);
		return;
	}
	memcpy(in6.addr, a->ip, sizeof(in6.addr));
	memcpy(&out->addr, &in6, sizeof(in6));
	out->len = sizeof(in6);
}

/* Each datagram compares addresses a few times: in halves, as numbers of a little-endian CPU. */
#define MAPPED_PREFIX 0xffff0000UL
#define LAST_BYTE_ONE (1UL << 56)
#define BROADCAST 0xffffff7fUL /* 127.255.255.255 */

static uint64_t half(const struct loop_addr *a, unsigned i)
{
	uint64_t v;

	__builtin_memcpy(&v, a->ip + 8 * i, sizeof(v)); /* one load; freestanding memcpy is a call */
	return v;
}

static bool same_ip(const struct loop_addr *a, const struct loop_addr *b)
{
	return half(a, 0) == half(b, 0) && half(a, 1) == half(b, 1);
}

static bool is_v4(const struct loop_addr *a)
{
	return !half(a, 0) && (uint32_t)half(a, 1) == MAPPED_PREFIX;
}

bool loop_is_wildcard(const struct loop_addr *a)
{
	return !half(a, 0) && (!half(a, 1) || half(a, 1) == MAPPED_PREFIX);
}

bool loop_is_loopback(const struct loop_addr *a)
{
	return is_v4(a) ? a->ip[12] == 127 : !half(a, 0) && half(a, 1) == LAST_BYTE_ONE;
}

void loop_set_loopback(struct loop_addr *a)
{
	bool v4 = is_v4(a);

	memset(a->ip + (v4 ? 12 : 0), 0, v4 ? 4 : 16);
	a->ip[12] = v4 ? 127 : 0;
	a->ip[15] = 1;
}

static bool loop_addr_equal(const struct loop_addr *a, const struct loop_addr *b)
{
	return a->port == b->port && same_ip(a, b);
}

/* A wildcard as target means this machine. 127.255.255.255 is a broadcast address. */
bool loop_target(const struct inet_sock *s, const struct sock_name *name, struct loop_addr *out)
{
	if (!inside || s->device || name->addr.family != s->sock.family || !loop_addr_of(name, out) || !out->port)
		return false;
	if (loop_is_wildcard(out)) {
		loop_set_loopback(out);
		return true;
	}
	return loop_is_loopback(out) && !(is_v4(out) && half(out, 1) >> 32 == BROADCAST);
}

/* ---- the table ---- */

static struct list *bucket(unsigned port)
{
	return &table[port % BUCKETS];
}

int loop_port_open(struct inet_sock *s, const struct loop_addr *at)
{
	struct loop_port *p = kzalloc(sizeof(*p));
	int32_t only = 0;
	unsigned size = sizeof(only);

	if (!p)
		return -ENOMEM;
	if (s->sock.family == AF_INET6 && loop_is_wildcard(at))
		(void)host_net_getoption(s->id, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size);
	p->ref = 1;
	p->sock = s;
	p->at = *at;
	p->v6only = only;
	list_init(&p->backlog);
	loop_queue_init(&p->queue);
	list_push_front(bucket(at->port), &p->node);
	s->port = p;
	return 0;
}

void loop_port_close(struct inet_sock *s)
{
	struct loop_port *p = s->port;

	if (!p)
		return;
	s->port = NULL;
	list_remove(&p->node);
	loop_refuse_all(p);
	loop_port_put(p);
}

void loop_port_put(struct loop_port *p)
{
	if (--p->ref)
		return;
	loop_queue_purge(&p->queue);
	kfree(p);
}

/* How well p is meant by `to`; 0: not at all. As Linux: an exact address before a wildcard, and of sockets for
 * datagrams one that is connected to the sender before others. */
static int score(const struct loop_port *p, const struct loop_addr *to, const struct loop_addr *from)
{
	int sum = 1;

	if (p->sock->device)
		return 0;
	if (same_ip(&p->at, to))
		sum += 2;
	else if (!loop_is_wildcard(&p->at) || (is_v4(&p->at) && !is_v4(to)) || (p->v6only && is_v4(to)))
		return 0;
	else if (is_v4(&p->at))
		sum += 1;
	if (p->peer.port && !loop_addr_equal(&p->peer, from))
		return 0;
	return p->peer.port ? sum + 4 : sum;
}

static bool in_group(const struct loop_port *p)
{
	return p->sock->sock.flags & 1UL << SO_REUSEPORT;
}

/* Of a SO_REUSEPORT group the sender's port chooses; otherwise the newest is the one. */
struct loop_port *loop_find(const struct inet_sock *s, const struct loop_addr *to, const struct loop_addr *from)
{
	struct loop_port *p, *best = NULL;
	int top = 0;
	unsigned peers = 0, pick;

	list_for_each(p, bucket(to->port), node) {
		int here = p->at.port == to->port && p->sock->sock.protocol == s->sock.protocol ? score(p, to, from) : 0;

		if (here > top) {
			top = here;
			best = p;
			peers = 0;
		}
		peers += here && here == top;
	}
	if (!best || peers < 2 || !in_group(best))
		return best;
	pick = (from->port * 2654435761u >> 8) % peers;
	list_for_each(p, bucket(to->port), node) {
		if (p->at.port != to->port || p->sock->sock.protocol != s->sock.protocol || score(p, to, from) != top)
			continue;
		if (!pick--)
			return p;
	}
	return best;
}

int loop_host_name(struct inet_sock *s, struct loop_addr *out)
{
	struct ocall_net_op a = { .op = NET_GETSOCKNAME, .id = s->id };
	struct sock_name name;
	int err = (int)host_net_op(&a);

	name.len = a.addr_len;
	memcpy(&name.addr, a.addr, a.addr_len);
	if (!err && (!name.len || !loop_addr_of(&name, out)))
		err = -EIO;
	return err;
}

int loop_host_bind(struct inet_sock *s, struct loop_addr *at)
{
	struct ocall_net_op a = { .op = NET_BIND, .id = s->id };
	struct sock_name name;
	int err;

	loop_addr_name(at, s->sock.family, &name);
	a.addr_len = name.len;
	memcpy(a.addr, &name.addr, name.len);
	err = (int)host_net_op(&a);
	inet_doubt(s);
	return err ? err : loop_host_name(s, at);
}

/* ---- queues ---- */

void loop_queue_init(struct loop_queue *q)
{
	list_init(&q->chunks);
	waitq_init(&q->idle);
}

int loop_queue_lock(struct loop_queue *q)
{
	while (q->busy)
		if (waitq_wait(&q->idle, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	q->busy = true;
	return 0;
}

void loop_queue_unlock(struct loop_queue *q)
{
	q->busy = false;
	if (!waitq_empty(&q->idle))
		waitq_wake_all(&q->idle, 0);
}

void loop_queue_add(struct loop_queue *q, struct loop_chunk *c)
{
	q->bytes += c->len;
	q->charge += c->len + sizeof(*c);
	list_push_back(&q->chunks, &c->node);
}

void loop_queue_drop(struct loop_queue *q, struct loop_chunk *c)
{
	q->bytes -= c->len - c->off;
	q->charge -= c->len + sizeof(*c);
	list_remove(&c->node);
	kfree(c);
}

void loop_queue_purge(struct loop_queue *q)
{
	while (!list_empty(&q->chunks))
		loop_queue_drop(q, list_first(&q->chunks, struct loop_chunk, node));
}

struct loop_chunk *loop_chunk_read(struct iov_iter *it, size_t len, bool whole, int *err)
{
	struct loop_chunk *c = kmalloc(sizeof(*c) + len);
	ssize_t n;

	*err = -ENOMEM;
	if (!c)
		return NULL;
	n = len ? copy_from_iter(c->data, len, it) : 0;
	if (n == (ssize_t)len || (n > 0 && !whole)) {
		c->len = (size_t)n;
		c->off = 0;
		c->urgent = false;
		*err = 0;
		return c;
	}
	*err = n < 0 ? (int)n : -EFAULT;
	kfree(c);
	return NULL;
}
