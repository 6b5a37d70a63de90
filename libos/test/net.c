/* net.c: a host that lies about sockets: lengths, addresses, control messages, interfaces, errors, events. And what is
 * concluded about readiness when operations and events cross. */
#include "base/string.h"
#include "crypto/rng.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/events.h"
#include "signal/signal.h"
#include "test/net_env.h"

static struct ocall_net_msg reply;
static int64_t answer;

static void answer_msg(uint64_t nr, void *args)
{
	struct ocall_net_msg *m = args;

	(void)nr;
	reply.buf = 0x1000; /* in the enclave: must not matter */
	reply.len = ~0UL;
	reply.ret = answer;
	*m = reply;
}

static ssize_t receive(struct ocall_net_msg *m, size_t len, unsigned flags)
{
	int b = net_buffer_get();
	ssize_t n;

	*m = (struct ocall_net_msg){ .len = len, .flags = flags, .addr_len = NET_ADDR_MAX, .control_len = NET_CONTROL_MAX };
	n = host_net_recv(m, b);
	net_buffer_put(b);
	return n;
}

UNIT_TEST(net_border, lengths)
{
	static const int64_t lies[] = { 101, 65536, INT64_MAX, INT64_MIN, -4096, -512, -515, -134 };
	struct ocall_net_msg m;

	net_env_setup(answer_msg);
	reply = (struct ocall_net_msg){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		answer = lies[i];
		CHECK_EQ(receive(&m, 100, 0), -EIO);
		m = (struct ocall_net_msg){ .len = 100 };
		CHECK_EQ(host_net_send(&m, 0), -EIO);
	}
	answer = -ECONNRESET;
	CHECK_EQ(receive(&m, 100, 0), -ECONNRESET);
	answer = 65535;
	CHECK_EQ(receive(&m, 100, MSG_TRUNC), 65535);
	answer = 65536;
	CHECK_EQ(receive(&m, 100, MSG_TRUNC), -EIO);
}

UNIT_TEST(net_border, names)
{
	static const struct { uint16_t family; uint32_t len, good; } tries[] = {
		{ AF_INET, 16, 16 }, { AF_INET6, 28, 28 }, { AF_INET, 28, 0 }, { AF_INET6, 16, 0 }, { AF_UNIX, 16, 0 },
		{ AF_INET, 0, 0 }, { AF_INET, 129, 0 }, { AF_INET6, ~0u, 0 },
	};
	struct ocall_net_msg m;

	net_env_setup(answer_msg);
	answer = 1;
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		reply = (struct ocall_net_msg){ .addr_len = tries[i].len };
		memcpy(reply.addr, &tries[i].family, 2);
		CHECK_EQ(receive(&m, 100, 0), 1);
		CHECK_EQ(m.addr_len, tries[i].good);
	}
}

static void put_cmsg(uint32_t at, uint64_t len, int level, int type)
{
	struct cmsghdr h = { len, level, type };

	memcpy(reply.control + at, &h, sizeof(h));
}

UNIT_TEST(net_border, control_messages)
{
	struct ocall_net_msg m;

	net_env_setup(answer_msg);
	answer = 1;
	reply = (struct ocall_net_msg){ .control_len = 48 };
	put_cmsg(0, 20, IPPROTO_IP, IP_TTL);
	put_cmsg(24, 20, SOL_SOCKET, SCM_RIGHTS); /* descriptors from the host: no */
	CHECK_EQ(receive(&m, 100, 0), 1);
	CHECK_EQ(m.control_len, 24);
	put_cmsg(24, 25, IPPROTO_IP, IP_TOS); /* reaches beyond the end */
	CHECK_EQ(receive(&m, 100, 0), 1);
	CHECK_EQ(m.control_len, 24);
	put_cmsg(0, 3, IPPROTO_IP, IP_TTL); /* would loop for ever */
	CHECK_EQ(receive(&m, 100, 0), 1);
	CHECK_EQ(m.control_len, 0);
	reply.control_len = NET_CONTROL_MAX + 1;
	put_cmsg(0, 20, IPPROTO_IP, IP_TTL);
	CHECK_EQ(receive(&m, 100, 0), 1);
	CHECK_EQ(m.control_len, 0);
	for (int i = 0; i < 20000; i++) {
		rng_bytes(&reply, sizeof(reply));
		reply.control_len %= 300;
		put_cmsg(0, rng_u64() % 64, IPPROTO_IP, IP_TTL);
		(void)receive(&m, 100, 0);
		CHECK(m.control_len <= NET_CONTROL_MAX && m.addr_len <= NET_ADDR_MAX);
	}
}

static void answer_option(uint64_t nr, void *args)
{
	struct ocall_net_option *a = args;

	(void)nr;
	a->ret = 0;
	a->len = (uint32_t)answer;
}

UNIT_TEST(net_border, options)
{
	char val[64];
	unsigned size = 8;

	net_env_setup(answer_option);
	answer = 9;
	CHECK_EQ(host_net_getoption(1, SOL_SOCKET, SO_ERROR, val, &size), -EIO);
	answer = 0xffffffff;
	CHECK_EQ(host_net_getoption(1, SOL_SOCKET, SO_ERROR, val, &size), -EIO);
	answer = 4;
	CHECK_EQ(host_net_getoption(1, SOL_SOCKET, SO_ERROR, val, &size), 0);
	CHECK_EQ(size, 4);
	CHECK_EQ(host_net_setoption(1, SOL_SOCKET, SO_ERROR, val, NET_OPTION_MAX + 1), -EINVAL);
}

static struct net_record records[4];

static void answer_records(uint64_t nr, void *args)
{
	struct ocall_net_interfaces *a = args;

	(void)nr;
	memcpy((void *)a->buf, records, sizeof(records));
	a->ret = answer;
}

UNIT_TEST(net_border, interfaces)
{
	struct net_record got[4];

	net_env_setup(answer_records);
	for (int i = 0; i < 4; i++)
		records[i] = (struct net_record){ .kind = NET_ADDRESS, .index = 1, .name = "lo", .family = AF_INET,
						  .prefix = 8, .addr_len = 4 };
	answer = 5;
	CHECK_EQ(host_net_interfaces(got, 4), -EIO);
	answer = 4;
	CHECK_EQ(host_net_interfaces(got, 4), 4);
	records[0].prefix = 33;
	records[1].addr_len = 16;
	memset(records[2].name, 'x', sizeof(records[2].name));
	CHECK_EQ(host_net_interfaces(got, 4), 1);
	records[3].index = 0;
	CHECK_EQ(host_net_interfaces(got, 4), 0);
}

/* ---- readiness ---- */

UNIT_TEST(net_state, what_is_known_costs_no_call)
{
	struct inet_sock *s;

	net_env_setup(net_env_answer_state);
	s = net_env_sock();
	state_now = EPOLLOUT;
	CHECK_EQ(inet_poll(&s->sock, NULL), EPOLLOUT);
	polls = 0;
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, 0);
	net_env_deliver(s->id, EPOLLIN | EPOLLOUT);
	CHECK_EQ(woken & EPOLLIN, EPOLLIN);
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, EPOLLIN);
	inet_used(s, EPOLLIN, s->events, true); /* read less than asked for */
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, 0);
	CHECK_EQ(polls, 0);
	inet_used(s, EPOLLIN, s->events, false); /* as much as asked for: the host is asked */
	state_now = EPOLLIN | EPOLLRDNORM | EPOLLOUT;
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, EPOLLIN);
	CHECK_EQ(polls, 1);
	inet_id_give(s);
}

UNIT_TEST(net_state, crossing)
{
	struct net_fetch f;
	struct inet_sock *s;
	uint32_t seen;

	net_env_setup(net_env_answer_state);
	s = net_env_sock();
	state_now = EPOLLOUT;
	(void)inet_poll(&s->sock, NULL);
	/* an event that was fetched before a read that took everything */
	net_fetch_start(&f);
	inet_used(s, EPOLLIN, s->events, true);
	f.count = 1;
	f.events[0] = (struct net_event){ s->id, EPOLLIN };
	net_fetch_take(&f);
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, 0);
	/* a read that ends after an event that is newer than its result */
	seen = s->events;
	net_env_deliver(s->id, EPOLLIN | EPOLLOUT);
	inet_used(s, EPOLLIN, seen, true);
	state_now = EPOLLIN | EPOLLOUT;
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, EPOLLIN);
	CHECK_EQ(inet_wait(s, EPOLLIN, seen, false, NSEC_NEVER), 0); /* does not sleep: something happened */
	CHECK_EQ(inet_wait(s, EPOLLIN, s->events, false, NSEC_NEVER), -ERESTARTSYS);
	CHECK_EQ(inet_wait(s, EPOLLIN, s->events, true, NSEC_NEVER), -EAGAIN);
	inet_id_give(s);
}

UNIT_TEST(net_state, events_of_strangers)
{
	struct inet_sock *s, *t;
	uint32_t old;

	net_env_setup(net_env_answer_state);
	s = net_env_sock();
	state_now = 0;
	(void)inet_poll(&s->sock, NULL);
	old = s->id;
	inet_id_give(s);
	t = net_env_sock(); /* at the same index */
	(void)inet_poll(&t->sock, NULL);
	CHECK_EQ(t->id & (NET_SOCKETS_MAX - 1), old & (NET_SOCKETS_MAX - 1));
	net_env_deliver(old, EPOLLIN);
	CHECK_EQ(woken, 0);
	CHECK_EQ(inet_poll(&t->sock, NULL), 0);
	for (int i = 0; i < 5000; i++) {
		rng_bytes(events, sizeof(events));
		event_count = (int64_t)(rng_u64() % 80) - 4; /* also more than there is room for */
		for (int k = 0; k < NET_EVENTS_MAX; k++)
			events[k].id = events[k].id == t->id ? 0 : events[k].id;
		(void)net_look();
	}
	CHECK_EQ(inet_poll(&t->sock, NULL), 0);
	CHECK_EQ(net_watching, 1);
	inet_id_give(t);
	CHECK_EQ(net_watching, 0);
}
