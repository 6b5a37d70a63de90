/* net_loop.c: loopback inside the enclave, without the host. */
#include "base/string.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/loop.h"
#include "sync/waitq.h"
#include "test/net_env.h"

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
	net_env_setup(name_host);
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

static struct socket *leaver;

int waitq_wait(struct waitq *q, enum wait_mode mode, nsec_t deadline)
{
	struct sock_name nobody = { .len = sizeof(struct sockaddr_in) };
	struct loop_end *e = inet_of(leaver)->loop;

	(void)mode, (void)deadline;
	CHECK(q == &e->queue.idle);
	e->queue.busy = false;
	CHECK_EQ(leaver->ops->connect(leaver, &nobody, true), 0);
	return 0;
}

/* A reader waits for another one, and meanwhile the socket is disconnected. */
UNIT_TEST(net_loop, disconnected_under_a_reader)
{
	struct socket *l, *c, *s;
	struct sock_name name = name_of(1, 98);
	char buf[16] = "some";

	loop_setup();
	l = listener_at(98, 1);
	c = sock_open(SOCK_STREAM);
	CHECK_EQ(c->ops->connect(c, &name, false), 0);
	CHECK_EQ(l->ops->accept(l, true, &s), 0);
	CHECK_EQ(transfer(s, buf, 4, true, NULL), 4);
	inet_of(c)->loop->queue.busy = true;
	leaver = c;
	CHECK_EQ(transfer(c, buf, 3, false, NULL), 3); /* it was before */
	CHECK(!inet_of(c)->loop);
	c->ops->release(c);
	s->ops->release(s);
	l->ops->release(l);
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
