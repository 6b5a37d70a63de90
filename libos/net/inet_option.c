/* inet_option.c: options of internet sockets. Most are the host's to know: those of an allow-list go there, by value. None
 * of these carries a pointer, a descriptor or a program. Timeouts, which the LibOS keeps itself, and what the socket
 * is are left to the generic part. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/inet.h"
#include "net/loop.h"
#include "process/process.h"

#define BIT(n) (1UL << ((n) & 63))

/* Options 0..63 and 64..127 of a level. */
struct level {
	int level;
	uint64_t low, high;
};

static const struct level levels[] = {
	/* DEBUG REUSEADDR ERROR DONTROUTE BROADCAST SNDBUF RCVBUF KEEPALIVE OOBINLINE NO_CHECK PRIORITY LINGER REUSEPORT
	 * RCVLOWAT SNDLOWAT BINDTODEVICE TIMESTAMP SNDBUFFORCE RCVBUFFORCE TIMESTAMPNS MARK RXQ_OVFL PEEK_OFF BUSY_POLL
	 * INCOMING_CPU MEMINFO INCOMING_NAPI_ID */
	{ SOL_SOCKET, BIT(1) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(11) |
		      BIT(12) | BIT(13) | BIT(15) | BIT(18) | BIT(19) | BIT(25) | BIT(29) | BIT(32) | BIT(33) |
		      BIT(35) | BIT(36) | BIT(40) | BIT(42) | BIT(46) | BIT(49) | BIT(55) | BIT(56), 0 },
	/* TOS TTL RECVOPTS PKTINFO MTU_DISCOVER RECVERR RECVTTL RECVTOS MTU FREEBIND TRANSPARENT RECVORIGDSTADDR MINTTL
	 * NODEFRAG CHECKSUM BIND_ADDRESS_NO_PORT RECVFRAGSIZE, multicast 32..47 and 49, UNICAST_IF LOCAL_PORT_RANGE */
	{ IPPROTO_IP, BIT(1) | BIT(2) | BIT(6) | BIT(8) | 0x3c00 | BIT(14) | BIT(15) | BIT(19) | BIT(20) | BIT(21) |
		      BIT(22) | BIT(23) | BIT(24) | BIT(25) | 0xffff00000000 | BIT(49) | BIT(50) | BIT(51), 0 },
	/* NODELAY..CONGESTION, THIN_*, USER_TIMEOUT, FASTOPEN TIMESTAMP NOTSENT_LOWAT CC_INFO SAVE_SYN SAVED_SYN,
	 * FASTOPEN_CONNECT, FASTOPEN_NO_COOKIE, INQ, TX_DELAY */
	{ IPPROTO_TCP, 0x3ffe | BIT(16) | BIT(17) | BIT(18) | BIT(23) | BIT(24) | BIT(25) | BIT(26) | BIT(27) |
		       BIT(28) | BIT(30) | BIT(34) | BIT(36) | BIT(37), 0 },
	/* CORK; NO_CHECK6_TX NO_CHECK6_RX SEGMENT GRO */
	{ IPPROTO_UDP, BIT(1), BIT(101) | BIT(102) | BIT(103) | BIT(104) },
	/* SEND_CSCOV RECV_CSCOV */
	{ IPPROTO_UDPLITE, BIT(10) | BIT(11), 0 },
	/* hops and multicast 16..21, MTU_DISCOVER MTU RECVERR V6ONLY JOIN/LEAVE_ANYCAST MULTICAST_ALL ROUTER_ALERT_ISOLATE,
	 * MCAST 42..48, RECVPKTINFO PKTINFO RECVHOPLIMIT HOPLIMIT, RECVPATHMTU PATHMTU DONTFRAG, RECVTCLASS TCLASS,
	 * AUTOFLOWLABEL ADDR_PREFERENCES MINHOPCOUNT ORIGDSTADDR TRANSPARENT UNICAST_IF RECVFRAGSIZE FREEBIND */
	{ IPPROTO_IPV6, 0x3f0000 | BIT(23) | BIT(24) | BIT(25) | BIT(26) | BIT(27) | BIT(28) | BIT(29) | BIT(30) |
			0x1fc0000000000 | BIT(49) | BIT(50) | BIT(51) | BIT(52) | BIT(60) | BIT(61) | BIT(62),
	  BIT(66) | BIT(67) | BIT(70) | BIT(72) | BIT(73) | BIT(74) | BIT(75) | BIT(76) | BIT(77) | BIT(78) },
};

static bool known_level(int level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (levels[i].level == level)
			return true;
	}
	return false;
}

static bool fits_protocol(const struct socket *s, int level)
{
	switch (level) {
	case IPPROTO_TCP:
	case IPPROTO_UDPLITE:
		return s->protocol == level;
	case IPPROTO_UDP:
		return s->protocol == level || s->protocol == IPPROTO_UDPLITE;
	case IPPROTO_IPV6:
		return s->family == AF_INET6;
	default:
		return true;
	}
}

/* 0: the host answers; SOCKOPT_GENERIC; or -errno. */
static int destination(const struct socket *s, int level, int opt)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		const struct level *l = &levels[i];

		if (l->level != level)
			continue;
		if (!fits_protocol(s, level))
			break;
		if (opt >= 0 && opt < 128 && (opt < 64 ? l->low : l->high) & BIT(opt))
			return 0;
		return level == SOL_SOCKET ? SOCKOPT_GENERIC : -ENOPROTOOPT;
	}
	return s->protocol == IPPROTO_ICMP || s->protocol == IPPROTO_ICMPV6 ? -EOPNOTSUPP : -ENOPROTOOPT;
}

static bool permitted(int level, int opt)
{
	if (level != SOL_SOCKET)
		return true;
	if (opt == SO_MARK || opt == SO_SNDBUFFORCE || opt == SO_RCVBUFFORCE)
		return capable(CAP_NET_ADMIN);
	return opt != SO_DEBUG || capable(CAP_NET_ADMIN);
}

/* ---- what was set ---- */

struct inet_option {
	struct list node;
	int level, name;
	unsigned size;
	char value[];
};

static struct inet_option *option_find(const struct inet_sock *s, int level, int name)
{
	struct inet_option *o;

	list_for_each(o, &s->options, node) {
		if (o->level == level && o->name == name)
			return o;
	}
	return NULL;
}

/* Without memory it is forgotten. */
static void option_keep(struct inet_sock *s, int level, int name, const void *val, unsigned size)
{
	struct inet_option *o = option_find(s, level, name);

	if (o) {
		list_remove(&o->node);
		kfree(o);
	}
	o = kmalloc(sizeof(*o) + size);
	if (!o)
		return;
	o->level = level;
	o->name = name;
	o->size = size;
	memcpy(o->value, val, size);
	list_push_back(&s->options, &o->node);
}

int inet_option_number(const struct inet_sock *s, int level, int name)
{
	const struct inet_option *o = option_find(s, level, name);
	int32_t n = 0;

	if (o)
		memcpy(&n, o->value, MIN(o->size, (unsigned)sizeof(n)));
	return n;
}

void inet_options_copy(struct inet_sock *to, const struct inet_sock *from)
{
	const struct inet_option *o;

	list_for_each(o, &from->options, node)
		option_keep(to, o->level, o->name, o->value, o->size);
}

void inet_options_apply(struct inet_sock *s)
{
	const struct inet_option *o;

	list_for_each(o, &s->options, node)
		(void)host_net_setoption(s->id, o->level, o->name, o->value, o->size);
}

void inet_options_free(struct inet_sock *s)
{
	while (!list_empty(&s->options)) {
		struct inet_option *o = list_first(&s->options, struct inet_option, node);

		list_remove(&o->node);
		kfree(o);
	}
}

/* Options that need no socket of the host to be believed: what every server sets. */
static bool is_light(int level, int opt, unsigned size)
{
	if (size < sizeof(int32_t))
		return false;
	return level == SOL_SOCKET ? opt == SO_KEEPALIVE || opt == SO_REUSEADDR :
				     level == IPPROTO_TCP && (opt == TCP_NODELAY || opt == TCP_QUICKACK);
}

/* The host's answer, as it doubles and bounds what it is asked for. */
static void buffer_sizes(struct inet_sock *s)
{
	int32_t n = 0;
	unsigned size = sizeof(n);

	if (!host_net_getoption(s->id, SOL_SOCKET, SO_SNDBUF, &n, &size) && n > 0)
		s->sock.sndbuf = (size_t)n;
	size = sizeof(n);
	if (!host_net_getoption(s->id, SOL_SOCKET, SO_RCVBUF, &n, &size) && n > 0)
		s->sock.rcvbuf = (size_t)n;
}

/* Options that count inside, too. */
static void option_was_set(struct inet_sock *s, int level, int opt, const void *val, unsigned size)
{
	struct socket *sock = &s->sock;
	int32_t n = 0;

	option_keep(s, level, opt, val, size);
	memcpy(&n, val, MIN(size, (unsigned)sizeof(n)));
	if (level != SOL_SOCKET)
		return;
	switch (opt) {
	case SO_LINGER:
		memcpy(&sock->linger, val, MIN(size, (unsigned)sizeof(sock->linger)));
		break;
	case SO_RCVLOWAT:
		sock->rcvlowat = n < 0 ? INT32_MAX : n ? n : 1;
		break;
	case SO_OOBINLINE:
	case SO_REUSEPORT:
		sock->flags = (sock->flags & ~(1UL << opt)) | (uint64_t)!!n << opt;
		break;
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
		buffer_sizes(s);
		break;
	case SO_BINDTODEVICE:
		s->device = size && *(const char *)val;
		break;
	}
}

int inet_setsockopt(struct socket *sock, int level, int opt, const void *val, unsigned size)
{
	struct inet_sock *s = inet_of(sock);
	int err = destination(sock, level, opt);

	inet_later_finish(s);
	if (err)
		return err;
	if (level == SOL_SOCKET && size < sizeof(int32_t) && opt != SO_BINDTODEVICE)
		return -EINVAL;
	if (!permitted(level, opt))
		return -EPERM;
	if (s->no_host && is_light(level, opt, size)) {
		option_keep(s, level, opt, val, size);
		return 0;
	}
	err = inet_host_make(s);
	if (!err)
		err = host_net_setoption(s->id, level, opt, val, size);
	if (!err)
		option_was_set(s, level, opt, val, size);
	inet_doubt(s);
	return err;
}

static int peer_credentials(void *val, unsigned *size)
{
	static const struct ucred nobody = { 0, ~0u, ~0u };

	memcpy(val, &nobody, sizeof(nobody));
	*size = sizeof(nobody);
	return 0;
}

static int error_of(const void *val, unsigned size)
{
	int32_t n = 0;

	memcpy(&n, val, MIN(size, (unsigned)sizeof(n)));
	return n;
}

int inet_getsockopt(struct socket *sock, int level, int opt, void *val, unsigned *size)
{
	struct inet_sock *s = inet_of(sock);
	int err = destination(sock, level, opt);

	inet_later_finish(s);
	if (level == SOL_SOCKET && opt == SO_PEERCRED)
		return peer_credentials(val, size);
	if (err == -ENOPROTOOPT && sock->family == AF_INET && (!known_level(level) || !fits_protocol(sock, level)))
		err = -EOPNOTSUPP;
	if (err)
		return err;
	if (level == SOL_SOCKET && opt == SO_ERROR && (s->loop || sock->err))
		return SOCKOPT_GENERIC;
	err = inet_host_make(s);
	if (!err)
		err = host_net_getoption(s->id, level, opt, val, size);
	if (level == SOL_SOCKET && opt == SO_ERROR) {
		s->on_host &= err || !error_of(val, *size);
		inet_doubt(s);
	}
	if (!err && s->loop && level == IPPROTO_TCP && opt == TCP_INFO && *size)
		*(uint8_t *)val = loop_tcp_state(s->loop);
	return err;
}
