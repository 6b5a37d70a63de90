/* net.c: a host that lies about sockets: lengths, addresses, control messages, interfaces, errors, events. And what is
 * concluded about readiness when operations and events cross. */
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

	setup(answer_msg);
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

	setup(answer_msg);
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

	setup(answer_msg);
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

	setup(answer_option);
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

	setup(answer_records);
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

static struct net_event events[NET_EVENTS_MAX];
static int64_t event_count;
static unsigned state_now, polls;

static void answer_state(uint64_t nr, void *args)
{
	if (nr == OCALL_PARK) {
		struct ocall_park *p = args;

		memcpy((void *)p->buf, events, sizeof(events));
		p->ret = event_count;
	} else if (nr == OCALL_NET_OP) {
		polls++;
		((struct ocall_net_op *)args)->ret = state_now;
	}
}

static struct inet_sock *sock_make(void)
{
	static struct inet_sock pool[8];
	static unsigned next;
	struct inet_sock *s = &pool[next++ % 8];

	memset(s, 0, sizeof(*s));
	list_init(&s->options);
	waitq_init(&s->sock.readable);
	waitq_init(&s->sock.writable);
	CHECK_EQ(inet_id_take(s), 0);
	return s;
}

static void deliver(uint32_t id, unsigned state)
{
	events[0] = (struct net_event){ id, state };
	event_count = 1;
	CHECK(net_look());
}

UNIT_TEST(net_state, what_is_known_costs_no_call)
{
	struct inet_sock *s;

	setup(answer_state);
	s = sock_make();
	state_now = EPOLLOUT;
	CHECK_EQ(inet_poll(&s->sock, NULL), EPOLLOUT);
	polls = 0;
	CHECK_EQ(inet_poll(&s->sock, NULL) & EPOLLIN, 0);
	deliver(s->id, EPOLLIN | EPOLLOUT);
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

	setup(answer_state);
	s = sock_make();
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
	deliver(s->id, EPOLLIN | EPOLLOUT);
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

	setup(answer_state);
	s = sock_make();
	state_now = 0;
	(void)inet_poll(&s->sock, NULL);
	old = s->id;
	inet_id_give(s);
	t = sock_make(); /* at the same index */
	(void)inet_poll(&t->sock, NULL);
	CHECK_EQ(t->id & (NET_SOCKETS_MAX - 1), old & (NET_SOCKETS_MAX - 1));
	deliver(old, EPOLLIN);
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

/* ---- reading ahead ---- */

static int64_t ahead_answers[NET_AHEAD_MAX];
static unsigned ahead_calls, ahead_count, hard_closes;

static void answer_ahead(uint64_t nr, void *args)
{
	answer_state(nr, args);
	if (nr == OCALL_NET_AHEAD) {
		struct ocall_net_ahead *a = args;
		struct net_read *r = (struct net_read *)a->buf;

		ahead_calls++;
		ahead_count = a->count;
		memset((char *)a->buf + NET_AHEAD_DATA, 'a', NET_AHEAD_MAX * NET_AHEAD_SIZE);
		for (unsigned i = 0; i < a->count; i++)
			r[i].ret = ahead_answers[i];
		a->ret = 0;
	} else if (nr == OCALL_NET_OPTION) {
		hard_closes++;
		((struct ocall_net_option *)args)->ret = 0;
	}
}

/* Watched streams that were last read in a short piece. */
static void streams_make(struct inet_sock *s[], unsigned n)
{
	setup(answer_ahead);
	state_now = EPOLLOUT;
	for (unsigned i = 0; i < n; i++) {
		s[i] = sock_make();
		s[i]->sock.type = SOCK_STREAM;
		s[i]->sock.rcvlowat = 1;
		(void)inet_poll(&s[i]->sock, NULL);
		inet_was_read(s[i], 10, 100);
	}
	ahead_calls = hard_closes = 0;
}

static void deliver_all(struct inet_sock *s[], unsigned n, unsigned state)
{
	for (unsigned i = 0; i < n; i++)
		events[i] = (struct net_event){ s[i]->id, state };
	event_count = n;
	CHECK(net_look());
}

static void streams_free(struct inet_sock *s[], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		inet_kept_drop(s[i]);
		inet_id_give(s[i]);
	}
}

UNIT_TEST(net_ahead, readiness)
{
	struct inet_sock *s[5];

	streams_make(s, 5);
	memcpy(ahead_answers, (int64_t[]){ 5, NET_AHEAD_SIZE, 0, -EAGAIN, -ECONNRESET }, 5 * sizeof(int64_t));
	deliver_all(s, 5, EPOLLIN | EPOLLOUT);
	CHECK_EQ(ahead_calls, 1);
	CHECK_EQ(ahead_count, 5);
	polls = 0;
	CHECK_EQ(s[0]->kept_len, 5);
	CHECK(!memcmp(s[0]->kept, "aaaaa", 5));
	CHECK_EQ(inet_poll(&s[0]->sock, NULL) & EPOLLIN, EPOLLIN);
	CHECK_EQ(polls, 0);
	inet_kept_drop(s[0]);
	CHECK_EQ(inet_poll(&s[0]->sock, NULL) & EPOLLIN, 0); /* it was all */
	CHECK_EQ(polls, 0);
	CHECK_EQ(s[1]->kept_len, NET_AHEAD_SIZE);
	CHECK(!s[1]->ahead);
	inet_kept_drop(s[1]);
	state_now = EPOLLIN | EPOLLRDNORM;
	CHECK_EQ(inet_poll(&s[1]->sock, NULL) & EPOLLIN, EPOLLIN); /* there may be more: the host is asked */
	CHECK_EQ(polls, 1);
	CHECK(!s[2]->kept);
	CHECK_EQ(inet_poll(&s[2]->sock, NULL) & EPOLLIN, EPOLLIN); /* the end */
	state_now = EPOLLOUT;
	CHECK_EQ(inet_poll(&s[3]->sock, NULL) & EPOLLIN, 0);
	CHECK_EQ(inet_poll(&s[4]->sock, NULL) & EPOLLERR, EPOLLERR);
	CHECK_EQ(socket_take_error(&s[4]->sock), -ECONNRESET);
	streams_free(s, 5);
}

UNIT_TEST(net_ahead, reading_until_there_is_no_more)
{
	struct ocall_net_op a = { .op = NET_POLL };
	struct inet_sock *s[2];

	streams_make(s, 2);
	ahead_answers[0] = ahead_answers[1] = 1;
	deliver_all(s, 2, EPOLLIN);
	inet_kept_drop(s[0]);
	inet_was_read(s[0], -EAGAIN, 100); /* that it was all says nothing against short pieces */
	CHECK(s[0]->ahead);
	CHECK(inet_idle(s[0], EPOLLIN));
	(void)host_net_op(&a); /* now the program may have heard of something */
	CHECK(!inet_surely_idle(s[0], EPOLLIN));
	deliver_all(s, 1, EPOLLIN);
	CHECK(!inet_surely_idle(s[0], EPOLLIN));
	streams_free(s, 2);
}

UNIT_TEST(net_ahead, who_is_not)
{
	struct inet_sock *s[4];

	streams_make(s, 4);
	ahead_answers[0] = ahead_answers[1] = 1;
	deliver_all(s, 1, EPOLLIN); /* one alone */
	CHECK_EQ(ahead_calls, 0);
	inet_was_read(s[0], 100, 100);             /* may have more */
	inet_was_read(s[1], NET_AHEAD_SIZE, 9000); /* bulk */
	s[2]->readers++;                           /* somebody reads just now */
	deliver_all(s, 4, EPOLLIN);
	CHECK_EQ(ahead_calls, 0);
	s[2]->readers--;
	deliver_all(s, 4, EPOLLIN | EPOLLRDHUP);
	deliver_all(s, 4, EPOLLIN | EPOLLPRI);
	deliver_all(s, 4, EPOLLOUT);
	CHECK_EQ(ahead_calls, 0);
	s[1] = s[2]; /* a host that says the same twice */
	deliver_all(s, 4, EPOLLIN);
	CHECK_EQ(ahead_count, 2);
	CHECK_EQ(s[2]->readers, 0);
	deliver_all(s + 2, 2, EPOLLIN); /* their bytes have not been read yet */
	CHECK_EQ(ahead_calls, 1);
	inet_kept_abandon(s[0]);
	CHECK_EQ(hard_closes, 0);
	inet_kept_abandon(s[2]);
	CHECK_EQ(hard_closes, 1);
	inet_kept_drop(s[2]);
	inet_kept_drop(s[3]);
}

UNIT_TEST(net_ahead, lies)
{
	static const int64_t lies[] = { NET_AHEAD_SIZE + 1, INT64_MAX, INT64_MIN, -4096, -512 };
	struct inet_sock *s[2];

	streams_make(s, 2);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		ahead_answers[0] = ahead_answers[1] = lies[i];
		deliver_all(s, 2, EPOLLIN);
		CHECK(!s[0]->kept && !s[1]->kept);
		CHECK_EQ(socket_take_error(&s[0]->sock), -EIO);
		CHECK_EQ(socket_take_error(&s[1]->sock), -EIO);
	}
	CHECK_EQ(ahead_calls, ARRAY_SIZE(lies));
	streams_free(s, 2);
}
