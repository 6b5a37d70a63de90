/* net.c: a host that lies about sockets: lengths, addresses, control messages, interfaces, errors, events. And what is
 * concluded about readiness when operations and events cross. */
#include "hostcall/net.h"
#include "abi/hostctl.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "entry/enclu.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "landlock/landlock.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/events.h"
#include "net/inet.h"
#include "net/loop.h"
#include "process/process.h"
#include "signal/signal.h"
#include "test/unit.h"
#include "thread/fpu.h"

void *aligned_alloc(size_t align, size_t size);
static struct vcpu vcpu;
static struct process process;
static struct thread thread;
static void (*lie)(uint64_t nr, void *args);
struct vcpu *vcpus[VCPU_MAX];
unsigned vcpus_online = 1;
static unsigned woken;

void fpu_switch_out(struct thread *t) { (void)t; }
void fpu_switch_in(struct thread *t) { (void)t; }
void fpu_hide(void) {}
long enclave_ocall(uint64_t nr, haddr_t args)
{
	lie(nr, (void *)args);
	return 0;
}
void socket_wake(struct socket *s, struct waitq *q, unsigned events)
{
	(void)s, (void)q;
	woken |= events;
}
int socket_wait(struct waitq *q, bool nonblock, nsec_t deadline)
{
	(void)q, (void)deadline;
	return nonblock ? -EAGAIN : -ERESTARTSYS; /* "would sleep" */
}

/* What of net/file.c and others the sockets use. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type)
{
	s->ops = ops;
	s->family = family;
	s->type = type;
	s->sndbuf = s->rcvbuf = 4096;
	s->rcv_timeout = s->snd_timeout = NSEC_NEVER;
	s->rcvlowat = 1;
	waitq_init(&s->readable);
	waitq_init(&s->writable);
}
int socket_take_error(struct socket *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}
nsec_t socket_deadline(nsec_t timeout) { return timeout; }
int socket_pipe_error(const struct msg_io *io)
{
	(void)io;
	return -EPIPE;
}
void control_put(struct msg_io *io, int level, int type, const void *data, size_t len)
{
	(void)io, (void)level, (void)type, (void)data, (void)len;
}
void file_sigurg(struct file *f) { (void)f; }
int landlock_port_(const struct landlock_layer *l, unsigned port, uint64_t right)
{
	(void)l, (void)port, (void)right;
	return 0;
}

static void setup(void (*fn)(uint64_t nr, void *args))
{
	static void *slice, *buffers;

	unit_env_reset();
	if (!slice) {
		slice = aligned_alloc(4096, SHARED_VCPU_SLICE);
		buffers = aligned_alloc(4096, NET_BUFFERS * NET_BUFFER_SIZE);
		memset(slice, 0, SHARED_VCPU_SLICE);
		memset(buffers, 'h', NET_BUFFERS * NET_BUFFER_SIZE);
	}
	lie = fn;
	thread.process = &process;
	vcpu = (struct vcpu){ .self = &vcpu, .shared = (uint64_t)slice, .running = &thread };
	unit_gs_set(&vcpu);
	host_net_init((haddr_t)buffers);
	woken = 0;
}

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

/* ---- loopback inside ---- */

static uint8_t host_names[64][NET_ADDR_MAX]; /* of the host's sockets, by index */
static unsigned data_calls, net_calls;

static void host_name(struct ocall_net_op *a)
{
	static uint16_t next = 40000;
	uint8_t *name = host_names[a->id % 64];

	if (a->op == NET_BIND) {
		memcpy(name, a->addr, 16);
		if (!name[2] && !name[3]) {
			name[2] = (uint8_t)(++next >> 8);
			name[3] = (uint8_t)next;
		}
	}
	if (a->op == NET_SOCKET)
		memset(name, 0, NET_ADDR_MAX);
	if (a->op == NET_GETSOCKNAME) {
		name[0] = AF_INET;
		memcpy(a->addr, name, 16);
		a->addr_len = 16;
	}
}

/* Names sockets, and whoever gives it data has failed. */
static void name_host(uint64_t nr, void *args)
{
	struct ocall_net_op *a = args;

	net_calls++;
	if (nr != OCALL_NET_OP) {
		data_calls += nr != OCALL_NET_OPTION;
		((struct ocall_net_option *)args)->ret = -EIO;
		return;
	}
	host_name(a);
	a->ret = a->op == NET_ACCEPT ? -EAGAIN : 0;
}

static struct sock_name name_of(unsigned host, uint16_t port)
{
	struct sockaddr_in in = { AF_INET, __builtin_bswap16(port), { 127, 0, 0, (uint8_t)host }, { 0 } };
	struct sock_name name = { .len = sizeof(in) };

	memcpy(&name.addr, &in, sizeof(in));
	return name;
}

static struct socket *sock_open(int type)
{
	struct socket *s = NULL;

	CHECK_EQ(inet_family.create(type, 0, &s), 0);
	return s;
}

static ssize_t transfer(struct socket *s, void *buf, size_t len, bool out, struct sock_name *name)
{
	struct iov_iter it;
	struct msg_io io = { .iter = &it, .nonblock = true, .name = name };

	iov_iter_kernel(&it, buf, len);
	return out ? s->ops->sendmsg(s, &io) : s->ops->recvmsg(s, &io);
}

static struct socket *listener_at(uint16_t port, int backlog)
{
	struct socket *l = sock_open(SOCK_STREAM);
	struct sock_name name = name_of(1, port);

	CHECK_EQ(l->ops->bind(l, &name), 0);
	CHECK_EQ(l->ops->listen(l, backlog), 0);
	return l;
}

static void loop_setup(void)
{
	setup(name_host);
	loop_init(true);
	data_calls = net_calls = 0;
}

UNIT_TEST(net_loop, a_stream_never_meets_the_host)
{
	struct socket *l, *c, *s;
	struct sock_name name = name_of(1, 1234), peer;
	char buf[16] = "twelve bytes";

	loop_setup();
	l = listener_at(1234, 4);
	c = sock_open(SOCK_STREAM);
	CHECK_EQ(c->ops->connect(c, &name, false), 0);
	CHECK_EQ(inet_poll(l, NULL) & EPOLLIN, EPOLLIN);
	CHECK_EQ(l->ops->accept(l, true, &s), 0);
	CHECK_EQ(c->ops->getname(c, false, &name), 0);
	CHECK_EQ(s->ops->getname(s, true, &peer), 0);
	CHECK(name.len == peer.len && !memcmp(&name.addr, &peer.addr, name.len));
	net_calls = 0;
	for (int i = 0; i < 1000; i++) {
		CHECK_EQ(transfer(c, buf, 12, true, NULL), 12);
		CHECK_EQ(inet_poll(s, NULL) & (EPOLLIN | EPOLLOUT), EPOLLIN | EPOLLOUT);
		CHECK_EQ(transfer(s, buf, 5, false, NULL), 5);
		CHECK_EQ(transfer(s, buf + 5, 11, false, NULL), 7);
		CHECK_EQ(transfer(s, buf, 16, false, NULL), -EAGAIN);
	}
	CHECK(!memcmp(buf, "twelve bytes", 12));
	CHECK_EQ(transfer(c, buf, 12, true, NULL), 12);
	s->ops->release(s); /* with unread data */
	CHECK_EQ(inet_poll(c, NULL) & (EPOLLERR | EPOLLHUP), EPOLLERR | EPOLLHUP);
	CHECK_EQ(transfer(c, buf, 12, true, NULL), -ECONNRESET);
	CHECK_EQ(transfer(c, buf, 12, true, NULL), -EPIPE);
	CHECK_EQ(transfer(c, buf, 12, false, NULL), 0);
	CHECK_EQ(net_calls, 0);
	c->ops->release(c);
	l->ops->release(l);
	CHECK_EQ(data_calls, 0);
}

UNIT_TEST(net_loop, buffers_and_ends)
{
	struct socket *l, *c, *s;
	struct sock_name name = name_of(1, 99);
	static char big[65536];
	ssize_t sent, got = 0, n;

	loop_setup();
	l = listener_at(99, 0);
	c = sock_open(SOCK_STREAM);
	CHECK_EQ(c->ops->connect(c, &name, true), -EINPROGRESS);
	CHECK_EQ(c->ops->connect(c, &name, true), 0);
	CHECK_EQ(c->ops->connect(c, &name, true), -EISCONN);
	CHECK_EQ(l->ops->accept(l, true, &s), 0);
	for (sent = 0; (n = transfer(c, big, 1000, true, NULL)) > 0; sent += n)
		CHECK(sent < 100000);
	CHECK_EQ(n, -EAGAIN);
	CHECK_EQ(inet_poll(c, NULL) & EPOLLOUT, 0);
	CHECK_EQ(c->ops->shutdown(c, false, true), 0);
	while ((n = transfer(s, big, 777, false, NULL)) > 0)
		got += n;
	CHECK_EQ(n, 0);
	CHECK_EQ(got, sent);
	CHECK_EQ(inet_poll(s, NULL) & (EPOLLIN | EPOLLRDHUP | EPOLLHUP), EPOLLIN | EPOLLRDHUP);
	CHECK_EQ(transfer(s, big, 3, true, NULL), 3); /* half closed */
	CHECK_EQ(transfer(c, big, 10, false, NULL), 3);
	c->ops->release(c);
	CHECK_EQ(transfer(s, big, 3, true, NULL), 3);
	CHECK_EQ(transfer(s, big, 3, true, NULL), -EPIPE);
	s->ops->release(s);
	l->ops->release(l);
	CHECK_EQ(data_calls, 0);
}

UNIT_TEST(net_loop, backlog)
{
	struct socket *l, *c[4], *s;
	struct sock_name name = name_of(1, 77);

	loop_setup();
	l = listener_at(77, 1);
	for (int i = 0; i < 4; i++) {
		c[i] = sock_open(SOCK_STREAM);
		CHECK_EQ(c[i]->ops->connect(c[i], &name, true), -EINPROGRESS);
		CHECK_EQ(inet_poll(c[i], NULL) & EPOLLOUT, i < 2 ? EPOLLOUT : 0);
	}
	CHECK_EQ(c[3]->ops->connect(c[3], &name, true), -EALREADY);
	CHECK_EQ(l->ops->accept(l, true, &s), 0);
	CHECK_EQ(inet_poll(c[2], NULL) & EPOLLOUT, EPOLLOUT);
	c[0]->ops->release(c[0]);
	s->ops->release(s);
	l->ops->release(l);
	CHECK_EQ(c[1]->err, ECONNRESET);
	CHECK_EQ(c[3]->err, ECONNREFUSED);
	for (int i = 1; i < 4; i++)
		c[i]->ops->release(c[i]);
	CHECK_EQ(data_calls, 0);
}

UNIT_TEST(net_loop, datagrams)
{
	struct socket *a, *b;
	struct sock_name name = name_of(1, 53), from = { .len = 0 }, own;
	char buf[16] = "question";

	loop_setup();
	a = sock_open(SOCK_DGRAM);
	b = sock_open(SOCK_DGRAM);
	CHECK_EQ(b->ops->bind(b, &name), 0);
	CHECK_EQ(transfer(a, buf, 8, true, &name), 8);
	CHECK_EQ(transfer(a, buf, 0, true, &name), 0);
	CHECK_EQ(transfer(b, buf, 16, false, &from), 8);
	CHECK_EQ(transfer(b, buf, 16, false, NULL), 0);
	CHECK_EQ(a->ops->getname(a, false, &own), 0);
	CHECK_EQ(inet_of(a)->port->at.port, __builtin_bswap16(((struct sockaddr_in *)(void *)&from.addr)->port));
	CHECK_EQ(transfer(b, "answer", 6, true, &from), 6);
	CHECK_EQ(transfer(a, buf, 4, false, NULL), 4);
	for (int i = 0; i < 100; i++) /* too many are lost */
		CHECK_EQ(transfer(a, buf, 16, true, &name), 16);
	CHECK(inet_of(b)->port->count < 20);
	a->ops->release(a);
	b->ops->release(b);
	CHECK_EQ(data_calls, 0);
}

UNIT_TEST(net_loop, whom_a_name_means)
{
	struct socket *any, *one, *c;
	struct sock_name name = name_of(1, 80), wild = name;
	struct loop_addr to, from = { .port = 5 };

	loop_setup();
	memset((char *)&wild.addr + 4, 0, 4);
	any = sock_open(SOCK_STREAM);
	CHECK_EQ(any->ops->bind(any, &wild), 0);
	CHECK_EQ(any->ops->listen(any, 5), 0);
	one = listener_at(80, 5);
	c = sock_open(SOCK_STREAM);
	CHECK(loop_target(inet_of(c), &wild, &to));
	CHECK(loop_find(inet_of(c), &to, &from) == inet_of(one)->port);
	name = name_of(9, 80);
	CHECK(loop_target(inet_of(c), &name, &to));
	CHECK(loop_find(inet_of(c), &to, &from) == inet_of(any)->port);
	name = name_of(9, 81);
	CHECK(loop_target(inet_of(c), &name, &to) && !loop_find(inet_of(c), &to, &from));
	memset((char *)&name.addr + 4, 10, 4); /* not loopback */
	CHECK(!loop_target(inet_of(c), &name, &to));
	any->ops->release(any);
	one->ops->release(one);
	loop_init(false); /* "network.loopback": "host" */
	CHECK(!loop_target(inet_of(c), &wild, &to));
	c->ops->release(c);
}
