/* unix.c: socket pairs: streams against a model, packets, ends, descriptors in flight. */
#include "net/unix.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "test/ipc_env.h"

#define P(x) ((uint64_t)(uintptr_t)(x))

static int sv[2];
static uint8_t buf[300000];

static void open_pair(int type)
{
	CHECK_EQ(CALL(socketpair, AF_UNIX, (uint64_t)type, 0, P(sv)), 0);
}

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i * 131 + (i >> 8) * 17 + (i >> 16) * 7);
}

UNIT_TEST(unix, stream_model)
{
	uint64_t written = 0, got = 0;

	ipc_env_init();
	open_pair(SOCK_STREAM | SOCK_NONBLOCK);
	for (int round = 0; round < 5000; round++) {
		size_t n = rng_u64() % (rng_u64() % 4 ? 3000 : 100000) + 1, used = written - got;
		long ret;

		if (rng_u64() & 1) {
			for (size_t i = 0; i < n; i++)
				buf[i] = byte_at(written + i);
			ret = fd_write(sv[0], buf, n);
			CHECK(ret > 0 || (ret == -EAGAIN && used > 100000));
			written += ret > 0 ? (uint64_t)ret : 0;
			continue;
		}
		ret = fd_read(sv[1], buf, n);
		CHECK_EQ(ret, used ? (long)MIN(n, used) : -EAGAIN);
		for (long i = 0; i < ret; i++)
			CHECK_EQ(buf[i], byte_at(got + (uint64_t)i));
		got += ret > 0 ? (uint64_t)ret : 0;
	}
	CHECK(written > 1000000);
	ipc_env_exit();
}

UNIT_TEST(unix, packets)
{
	ipc_env_init();
	open_pair(SOCK_SEQPACKET | SOCK_NONBLOCK);
	CHECK_EQ(fd_write(sv[0], "one", 3), 3);
	CHECK_EQ(fd_write(sv[0], "", 0), 0);
	CHECK_EQ(fd_write(sv[0], "three", 5), 5);
	memcpy(ubuf, "....", 4);
	CHECK_EQ(CALL(recvfrom, (uint64_t)sv[1], UBUF, 2, MSG_PEEK | MSG_TRUNC, 0, 0), 3);
	CHECK_EQ(memcmp(ubuf, "on..", 4), 0);
	CHECK_EQ(fd_read(sv[1], buf, 10), 3);
	CHECK_EQ(fd_read(sv[1], buf, 10), 0);
	CHECK_EQ(fd_read(sv[1], buf, 2), 2);
	CHECK_EQ(fd_read(sv[1], buf, 10), -EAGAIN);
	CHECK_EQ(fd_write(sv[0], buf, 250000), -EMSGSIZE);
	fd_close(sv[0]);
	CHECK_EQ(fd_read(sv[1], buf, 10), 0);
	CHECK_EQ(fd_write(sv[1], "x", 1), -EPIPE);
	ipc_env_exit();
}

static void close_peer(void) { fd_close(sv[1]); }
static void drain_peer(void)
{
	while (fd_poll(sv[1]) & EPOLLIN)
		CHECK(fd_read(sv[1], buf, sizeof(buf)) > 0);
}

UNIT_TEST(unix, peer_goes_while_we_sleep)
{
	ipc_env_init();
	open_pair(SOCK_STREAM);
	ipc_on_sleep = close_peer;
	CHECK_EQ(fd_read(sv[0], buf, 10), 0);
	fd_close(sv[0]);
	open_pair(SOCK_STREAM);
	ipc_on_sleep = drain_peer;
	CHECK_EQ(fd_write(sv[0], buf, 300000), 300000);
	drain_peer();
	while (fd_poll(sv[0]) & EPOLLOUT)
		CHECK(fd_write(sv[0], buf, 10000) > 0);
	ipc_on_sleep = close_peer;
	CHECK(fd_write(sv[0], buf, 300000) > 0); /* what went in before */
	CHECK_EQ(fd_write(sv[0], buf, 1), -EPIPE);
	CHECK_EQ(current->sig_pending, sigmask_of(SIGPIPE));
	current->sig_pending = 0;
	CHECK_EQ(fd_read(sv[0], buf, 1), -ECONNRESET);
	CHECK_EQ(fd_read(sv[0], buf, 1), 0);
	ipc_env_exit();
}

struct rights {
	struct cmsghdr h;
	int32_t fd[4];
};

static long send_fds(int to, const int *fd, unsigned n)
{
	struct rights *r = (struct rights *)(ubuf + 4096);
	struct iovec *v = (struct iovec *)(ubuf + 8192);
	struct user_msghdr m = { .iov = P(v), .iovlen = 1, .control = P(r), .controllen = sizeof(r->h) + 4 * n };

	r->h = (struct cmsghdr){ m.controllen, SOL_SOCKET, SCM_RIGHTS };
	memcpy(r->fd, fd, 4 * n);
	*v = (struct iovec){ UBUF, 1 };
	return CALL(sendmsg, (uint64_t)to, P(&m), MSG_DONTWAIT);
}

static long recv_fds(int from, size_t room, struct user_msghdr *m)
{
	struct iovec *v = (struct iovec *)(ubuf + 8192);

	*v = (struct iovec){ UBUF, 10 };
	memset(ubuf + 4096, 0xee, 4096);
	*m = (struct user_msghdr){ .iov = P(v), .iovlen = 1, .control = UBUF + 4096, .controllen = room };
	return CALL(recvmsg, (uint64_t)from, P(m), MSG_DONTWAIT);
}

UNIT_TEST(unix, descriptors)
{
	struct rights *r = (struct rights *)0x20001000UL;
	struct user_msghdr m;
	int p[2], bad = 77;

	ipc_env_init();
	open_pair(SOCK_STREAM);
	make_pipe(p, 0);
	CHECK_EQ(send_fds(sv[0], &bad, 1), -EBADF);
	CHECK_EQ(send_fds(sv[0], p, 2), 1);
	CHECK_EQ(fd_write(sv[0], "next", 4), 4);
	fd_close(p[0]);
	CHECK_EQ(recv_fds(sv[1], sizeof(*r), &m), 1); /* stops behind the descriptors */
	CHECK_EQ(m.controllen, 24);
	CHECK_EQ(r->h.len, 24);
	CHECK_EQ(fd_write(p[1], "k", 1), 1);
	CHECK_EQ(fd_read(r->fd[0], buf, 5), 1);
	CHECK_EQ(send_fds(sv[0], p + 1, 1), 1);
	CHECK_EQ(recv_fds(sv[1], 0, &m), 5); /* no room: they are dropped */
	CHECK_EQ(m.flags, MSG_CTRUNC);
	ipc_env_exit();
}

/* Sockets within sockets, deeper than any stack: closing the outermost frees all. */
UNIT_TEST(unix, deep_nesting)
{
	int inner[2];

	ipc_env_init();
	unit_process.rlim[7].cur = 100000;
	open_pair(SOCK_STREAM);
	for (int i = 0; i < 50000; i++) {
		inner[0] = sv[0];
		inner[1] = sv[1];
		open_pair(SOCK_STREAM);
		CHECK_EQ(send_fds(sv[0], inner, 2), 1);
		fd_close(inner[0]);
		fd_close(inner[1]);
	}
	unit_process.rlim[7].cur = 1024;
	CHECK_EQ(send_fds(sv[0], sv, 1), -ETOOMANYREFS);
	fd_close(sv[0]);
	fd_close(sv[1]);
	open_pair(SOCK_STREAM);
	CHECK_EQ(send_fds(sv[0], sv + 1, 0), 1); /* none are in flight any more */
	ipc_env_exit();
}

UNIT_TEST(unix, options)
{
	int32_t v = 0, len = 4;
	struct ucred cred;

	ipc_env_init();
	open_pair(SOCK_DGRAM);
	CHECK_EQ(CALL(getsockopt, (uint64_t)sv[0], SOL_SOCKET, SO_TYPE, P(&v), P(&len)), 0);
	CHECK_EQ(v, SOCK_DGRAM);
	len = sizeof(cred);
	CHECK_EQ(CALL(getsockopt, (uint64_t)sv[0], SOL_SOCKET, SO_PEERCRED, P(&cred), P(&len)), 0);
	CHECK_EQ(cred.pid, unit_process.pid);
	CHECK_EQ(CALL(setsockopt, (uint64_t)sv[0], SOL_SOCKET, SO_RCVTIMEO, P((&(int64_t[2]){ 0, 5000 })), 16), 0);
	CHECK_EQ(fd_read(sv[0], buf, 1), -EAGAIN);
	CHECK_EQ(CALL(getsockopt, (uint64_t)sv[0], 41, 1, P(&v), P(&len)), -EOPNOTSUPP);
	CHECK_EQ(CALL(socket, 2, SOCK_STREAM, 0), -EAFNOSUPPORT);
	ipc_env_exit();
}

/* ---- random calls on a dozen sockets: names, connections, descriptors in flight, cycles of them ---- */

#define SOCKS 12

static int socks[SOCKS];

static unsigned pick(unsigned n)
{
	return (unsigned)(rng_u64() % n);
}

static uaddr_t put_name(unsigned name)
{
	struct sockaddr_un *a = (struct sockaddr_un *)(ubuf + 12000);

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = { 0, (char)('a' + name) } };
	return UBUF + 12000;
}

static void take_fds(int from)
{
	struct rights *r = (struct rights *)(ubuf + 4096);
	struct user_msghdr m;

	if (recv_fds(from, sizeof(*r), &m) < 0)
		return;
	for (unsigned i = 0; m.controllen && i < (r->h.len - sizeof(r->h)) / 4; i++) {
		unsigned at = pick(SOCKS);

		fd_close(socks[at]);
		socks[at] = r->fd[i];
	}
}

static void renew(unsigned i)
{
	static const uint64_t types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	fd_close(socks[i]);
	if (pick(2)) {
		socks[i] = (int)CALL(socket, AF_UNIX, types[pick(3)] | SOCK_NONBLOCK, 0);
		return;
	}
	open_pair((int)types[pick(3)] | SOCK_NONBLOCK);
	fd_close(socks[(i + 1) % SOCKS]);
	socks[i] = sv[0];
	socks[(i + 1) % SOCKS] = sv[1];
}

static void random_step(void)
{
	unsigned i = pick(SOCKS);
	int fd = socks[i], pass[2];

	switch (pick(10)) {
	case 0:
		renew(i);
		break;
	case 1:
		(void)CALL(bind, (uint64_t)fd, put_name(pick(4)), 4);
		break;
	case 2:
		(void)CALL(listen, (uint64_t)fd, pick(3));
		break;
	case 3:
	case 4:
		(void)CALL(connect, (uint64_t)fd, put_name(pick(4)), 4);
		break;
	case 5:
		pass[0] = (int)CALL(accept4, (uint64_t)fd, 0, 0, SOCK_NONBLOCK);
		if (pass[0] < 0)
			break;
		fd_close(socks[(i + 1) % SOCKS]);
		socks[(i + 1) % SOCKS] = pass[0];
		break;
	case 6:
	case 7:
		pass[0] = socks[pick(SOCKS)];
		pass[1] = socks[pick(SOCKS)];
		(void)send_fds(fd, pass, 2);
		break;
	case 8:
		take_fds(fd);
		break;
	default:
		(void)fd_write(fd, buf, pick(100));
		(void)fd_poll(fd);
	}
	current->sig_pending = 0;
}

UNIT_TEST(unix, random_calls)
{
	ipc_env_init();
	unit_process.rlim[7].cur = 100000;
	for (unsigned i = 0; i < SOCKS; i++)
		socks[i] = (int)CALL(socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	for (int round = 0; round < 200000; round++)
		random_step();
	for (unsigned i = 0; i < SOCKS; i++)
		fd_close(socks[i]);
	for (int i = 0; i < 1000; i++) { /* the collector's work is spread over the sockets that go */
		open_pair(SOCK_STREAM);
		fd_close(sv[0]);
		fd_close(sv[1]);
	}
	CHECK(list_empty(&unix_all));
	CHECK(list_empty(&fd_packs_queued));
	ipc_env_exit();
}
