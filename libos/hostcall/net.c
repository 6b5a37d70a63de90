/* net.c: calls on sockets of the host, and the checks of what it answers. See net.h. */
#include "hostcall/net.h"
#include "abi/hostctl.h"
#include "abi/layout.h"
#include "base/string.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "hostcall/internal.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "linux/socket.h"
#include "signal/signal.h"
#include "sync/giant.h"
#include "sync/waitq.h"

#define ERRNO_LAST 133
#define DATAGRAM_MAX 65535
#define OUT_FLAGS (MSG_OOB | MSG_TRUNC | MSG_CTRUNC | MSG_EOR | MSG_ERRQUEUE)
#define CHUNK 2048 /* of the way through trusted memory */

static haddr_t buffers;
static uint64_t buffers_used; /* bit per buffer */
static struct waitq buffer_wait = WAITQ_INIT(buffer_wait);

void host_net_init(haddr_t area)
{
	_Static_assert(NET_BUFFERS == 64, "one word");
	buffers = area;
}

/* The LibOS has codes of its own beyond Linux's: the host does not get to use those. */
static long check(long ret)
{
	return ret < -ERRNO_LAST ? -EIO : ret;
}

static long run_unlocked(enum ocall_nr nr, void *args, size_t size, int64_t max)
{
	long ret;

	giant_unlock();
	ret = ocall_run(nr, args, size, max);
	giant_lock();
	return check(ret);
}

/* The length an address has, or 0 for what is none. */
static uint32_t checked_name(const uint8_t *addr, uint32_t len)
{
	uint16_t family;

	memcpy(&family, addr, sizeof(family));
	if (family == AF_INET && len == sizeof(struct sockaddr_in))
		return len;
	return family == AF_INET6 && len == sizeof(struct sockaddr_in6) ? len : 0;
}

static int64_t op_max(const struct ocall_net_op *a)
{
	switch (a->op) {
	case NET_WATCH:
	case NET_POLL:
		return 0xffff;
	case NET_QUEUED:
	case NET_DESCRIPTOR:
		return INT32_MAX;
	default:
		return 0;
	}
}

static long op_reply(struct ocall_net_op *a, uint32_t op, long ret)
{
	bool named = op == NET_ACCEPT || op == NET_GETSOCKNAME || op == NET_GETPEERNAME;

	a->addr_len = named && !ret ? checked_name(a->addr, a->addr_len) : 0;
	return ret;
}

long host_net_op(struct ocall_net_op *a)
{
	uint32_t op = a->op;

	return op_reply(a, op, check(ocall_run(OCALL_NET_OP, a, sizeof(*a), op_max(a))));
}

long host_net_op_unlocked(struct ocall_net_op *a)
{
	uint32_t op = a->op;

	return op_reply(a, op, run_unlocked(OCALL_NET_OP, a, sizeof(*a), op_max(a)));
}

void host_net_close_slowly(uint32_t id)
{
	struct ocall_net_op a = { .op = NET_CLOSE, .id = id };
	struct async_call c = { .nr = OCALL_NET_OP, .args = &a, .args_size = sizeof(a), .data_field = (size_t)-1 };

	_Static_assert(sizeof(a) <= ASYNC_ARGS_SIZE, "fits a slot");
	if (async_run(&c) == -ERESTARTSYS)
		(void)host_net_op(&a); /* a signal came before a worker had it; if it had, there is nothing to close */
}

/* ---- buffers ---- */

int net_buffer_get(void)
{
	int b;

	while (buffers_used == ~0UL)
		if (waitq_wait(&buffer_wait, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	b = __builtin_ctzl(~buffers_used);
	buffers_used |= 1UL << b;
	return b;
}

void net_buffer_put(int b)
{
	buffers_used &= ~(1UL << b);
	if (!waitq_empty(&buffer_wait))
		waitq_wake(&buffer_wait, 1, 0);
}

static haddr_t buffer_at(int b)
{
	return buffers + (haddr_t)b * NET_BUFFER_SIZE;
}

ssize_t net_buffer_fill(int b, size_t n, struct iov_iter *from)
{
	return copy_from_iter((void *)buffer_at(b), n, from);
}

/* By way of trusted memory: reads of the host's are aligned and happen once. */
ssize_t net_buffer_drain(int b, size_t n, struct iov_iter *to)
{
	char chunk[CHUNK];
	size_t done = 0;

	n = MIN(n, to->count);
	while (done < n) {
		size_t k = MIN(n - done, sizeof(chunk));
		ssize_t put;

		copy_from_host(chunk, buffer_at(b) + done, k);
		put = copy_to_iter(chunk, k, to);
		if (put > 0)
			done += (size_t)put;
		if (put != (ssize_t)k)
			return done ? (ssize_t)done : put;
	}
	return (ssize_t)done;
}

void net_buffer_copy(int b, size_t from, void *dst, size_t n)
{
	copy_from_host(dst, buffer_at(b) + from, n);
}

/* ---- data ---- */

static ssize_t run_data(enum ocall_nr nr, uint32_t id, int b, size_t n, unsigned flags)
{
	struct ocall_net_data a = { .id = id, .flags = flags, .buf = buffer_at(b), .len = n };

	return run_unlocked(nr, &a, sizeof(a), (int64_t)n);
}

ssize_t host_net_write(uint32_t id, int b, size_t n, unsigned flags)
{
	return run_data(OCALL_NET_WRITE, id, b, n, flags);
}

ssize_t host_net_read(uint32_t id, int b, size_t n, unsigned flags)
{
	return run_data(OCALL_NET_READ, id, b, n, flags);
}

void host_net_later(struct net_later *writes, unsigned n)
{
	struct net_write out[NET_LATER_MAX];
	struct ocall_net_later a = { .count = n };
	size_t room;

	_Static_assert(sizeof(out) <= SHARED_VCPU_SLICE - PAGE_SIZE, "all of it");
	a.buf = ocall_data(&room);
	for (unsigned i = 0; i < n; i++)
		out[i] = (struct net_write){ .id = writes[i].id, .buf = buffer_at(writes[i].buffer), .len = writes[i].len };
	copy_to_host(a.buf, out, n * sizeof(*out));
	(void)ocall_run(OCALL_NET_LATER, &a, sizeof(a), 0);
	copy_from_host(out, ocall_data(&room), n * sizeof(*out));
	for (unsigned i = 0; i < n; i++)
		writes[i].ret = check(ocall_check(out[i].ret, (int64_t)writes[i].len));
}

void host_net_ahead(struct net_read *reads, unsigned n)
{
	struct ocall_net_ahead a = { .count = n };
	size_t room;

	_Static_assert(NET_AHEAD_MAX * sizeof(*reads) <= NET_AHEAD_DATA, "before the bytes");
	_Static_assert(NET_AHEAD_DATA + NET_AHEAD_MAX * NET_AHEAD_SIZE <= SHARED_VCPU_SLICE - PAGE_SIZE, "all of it");
	a.buf = ocall_data(&room);
	copy_to_host(a.buf, reads, n * sizeof(*reads));
	(void)ocall_run(OCALL_NET_AHEAD, &a, sizeof(a), 0);
	for (unsigned i = 0; i < n; i++) {
		struct net_read r;

		copy_from_host(&r, ocall_data(&room) + i * sizeof(r), sizeof(r));
		reads[i].ret = check(ocall_check(r.ret, NET_AHEAD_SIZE));
	}
}

void host_net_ahead_copy(unsigned index, void *dst, size_t n)
{
	size_t room;

	copy_from_host(dst, ocall_data(&room) + NET_AHEAD_DATA + index * (uint64_t)NET_AHEAD_SIZE, n);
}

ssize_t host_net_send(struct ocall_net_msg *m, int b)
{
	uint64_t len = m->len;

	m->buf = buffer_at(b);
	return run_unlocked(OCALL_NET_SEND, m, sizeof(*m), (int64_t)len);
}

static bool control_known(int level, int type)
{
	switch (level) {
	case SOL_SOCKET:
		return type == SO_TIMESTAMP || type == SO_TIMESTAMPNS || type == SO_RXQ_OVFL;
	case IPPROTO_IP:
		return type == IP_TOS || type == IP_TTL || type == IP_PKTINFO || type == IP_RECVERR ||
		       type == IP_RECVORIGDSTADDR;
	case IPPROTO_IPV6:
		return type == IPV6_PKTINFO || type == IPV6_HOPLIMIT || type == IPV6_TCLASS || type == IPV6_RECVERR;
	case IPPROTO_UDP:
		return type == UDP_GRO;
	default:
		return false;
	}
}

/* The length of the leading messages that are well-formed and of known kinds. */
static uint32_t checked_control(const uint8_t *control, uint32_t len)
{
	uint32_t at = 0;

	while (len - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr h;

		memcpy(&h, control + at, sizeof(h));
		if (h.len < sizeof(h) || h.len > len - at || !control_known(h.level, h.type))
			break;
		at += (uint32_t)MIN(CMSG_ALIGN(h.len), (uint64_t)len - at);
	}
	return at;
}

ssize_t host_net_recv(struct ocall_net_msg *m, int b)
{
	uint32_t flags = m->flags, control_room = m->control_len;
	uint64_t len = m->len;
	long n;

	m->buf = buffer_at(b);
	n = run_unlocked(OCALL_NET_RECV, m, sizeof(*m), (int64_t)(flags & MSG_TRUNC ? MAX(len, (uint64_t)DATAGRAM_MAX) : len));
	m->out_flags &= OUT_FLAGS;
	m->addr_len = n >= 0 ? checked_name(m->addr, m->addr_len) : 0;
	if (n < 0 || m->control_len > control_room)
		m->control_len = 0;
	m->control_len = checked_control(m->control, m->control_len);
	return n;
}

/* ---- options, interfaces, events ---- */

int host_net_getoption(uint32_t id, int level, int name, void *val, unsigned *size)
{
	uint32_t room = MIN(*size, (unsigned)NET_OPTION_MAX);
	struct ocall_net_option a = { .id = id, .level = level, .name = name, .len = room };
	int err = (int)check(ocall_run(OCALL_NET_OPTION, &a, sizeof(a), 0));

	if (err)
		return err;
	if (a.len > room)
		return -EIO;
	memcpy(val, a.value, a.len);
	*size = a.len;
	return 0;
}

int host_net_setoption(uint32_t id, int level, int name, const void *val, unsigned size)
{
	struct ocall_net_option a = { .id = id, .set = 1, .level = level, .name = name, .len = size };

	if (size > NET_OPTION_MAX)
		return -EINVAL;
	memcpy(a.value, val, size);
	return (int)check(ocall_run(OCALL_NET_OPTION, &a, sizeof(a), 0));
}

static bool record_ok(const struct net_record *r)
{
	uint32_t bytes = r->family == AF_INET ? 4 : 16;

	if (!r->name[0] || !memchr(r->name, 0, sizeof(r->name)) || memchr(r->name, '/', sizeof(r->name)) ||
	    r->index - 1 >= INT32_MAX)
		return false;
	if (r->kind == NET_LINK)
		return r->addr_len <= 8 && r->other_len <= 8 && r->mtu <= INT32_MAX;
	return r->kind == NET_ADDRESS && (r->family == AF_INET || r->family == AF_INET6) && r->addr_len == bytes &&
	       (r->other_len == bytes || !r->other_len) && r->prefix <= 8 * bytes;
}

int host_net_interfaces(struct net_record *out, unsigned max)
{
	struct ocall_net_interfaces a = { 0 };
	size_t room;
	long n;
	int good = 0;

	a.buf = ocall_data(&room);
	a.max = (uint32_t)MIN((size_t)max, room / sizeof(*out));
	max = a.max;
	n = check(ocall_run(OCALL_NET_INTERFACES, &a, sizeof(a), max));
	if (n <= 0)
		return (int)n;
	copy_from_host(out, ocall_data(&room), (size_t)n * sizeof(*out));
	for (long i = 0; i < n; i++)
		if (record_ok(&out[i]))
			out[good++] = out[i];
	return good;
}

unsigned host_net_events(struct net_event *out, nsec_t timeout, nsec_t spin)
{
	struct ocall_park a = { .timeout_ns = timeout, .vcpu = this_vcpu()->index, .events = NET_EVENTS_MAX,
				.spin_ns = spin };
	size_t room;
	long n;

	a.buf = ocall_data(&room);
	n = ocall_run(OCALL_PARK, &a, sizeof(a), NET_EVENTS_MAX);
	if (n <= 0)
		return 0;
	copy_from_host(out, ocall_data(&room), (size_t)n * sizeof(*out));
	return (unsigned)n;
}
