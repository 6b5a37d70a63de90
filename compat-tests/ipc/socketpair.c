/*
 * socketpair(AF_UNIX, SOCK_STREAM): a pipe in both directions with shutdown, peeking, EPIPE and
 * poll states, also between processes; descriptors can be passed through it.
 */
#include "ipc.h"
#include <sys/socket.h>
#include <sys/un.h>

static int sv[2];

static void open_pair(int type)
{
	if (socketpair(AF_UNIX, type, 0, sv) == 0)
		return;
	if (errno == ENOSYS || errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
		SKIP("no socketpair of this kind: %s", strerror(errno));
	FAIL("socketpair: %s", strerror(errno));
}

TEST(both_directions)
{
	char buf[16];

	open_pair(SOCK_STREAM);
	EXPECT_EQ(write(sv[0], "to b", 4), 4);
	EXPECT_EQ(write(sv[1], "to a!", 5), 5);
	EXPECT_EQ(read(sv[1], buf, sizeof(buf)), 4);
	EXPECT_MEM(buf, "to b", 4);
	EXPECT_EQ(read(sv[0], buf, sizeof(buf)), 5);
	EXPECT_MEM(buf, "to a!", 5);
	close_pair(sv);
}

TEST(flags)
{
	char c;

	open_pair(SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
	EXPECT_EQ(fcntl(sv[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(sv[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR | O_NONBLOCK);
	EXPECT_ERRNO(read(sv[0], &c, 1), EAGAIN);
	close_pair(sv);
}

TEST(close_and_shutdown)
{
	char buf[8];

	signal(SIGPIPE, SIG_IGN);
	open_pair(SOCK_STREAM);
	EXPECT_EQ(write(sv[0], "last", 4), 4);
	EXPECT_OK(shutdown(sv[0], SHUT_WR));
	EXPECT_ERRNO(write(sv[0], "x", 1), EPIPE);
	EXPECT_EQ(read(sv[1], buf, 8), 4);
	EXPECT_EQ(read(sv[1], buf, 8), 0);
	EXPECT_EQ(write(sv[1], "back", 4), 4);	/* the other half lives */
	EXPECT_EQ(read(sv[0], buf, 8), 4);
	close(sv[0]);
	EXPECT_ERRNO(write(sv[1], "x", 1), EPIPE);
	EXPECT_EQ(send(sv[1], "x", 1, MSG_NOSIGNAL), -1);
	EXPECT_EQ(errno, EPIPE);
	close(sv[1]);
	signal(SIGPIPE, SIG_DFL);
}

TEST(poll_states)
{
	open_pair(SOCK_STREAM);
	EXPECT_EQ(poll_one(sv[0], POLLIN | POLLOUT, 0), POLLOUT);
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	EXPECT_EQ(poll_one(sv[0], POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	close(sv[1]);
	EXPECT_EQ(poll_one(sv[0], POLLIN | POLLRDHUP, 0), POLLIN | POLLRDHUP | POLLHUP);
	close(sv[0]);
}

TEST(peek_and_dontwait)
{
	char buf[8] = "";
	int n = 0;

	open_pair(SOCK_STREAM);
	EXPECT_ERRNO(recv(sv[0], buf, 8, MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(send(sv[1], "peek", 4, 0), 4);
	EXPECT_EQ(recv(sv[0], buf, 8, MSG_PEEK), 4);
	EXPECT_OK(ioctl(sv[0], FIONREAD, &n));
	EXPECT_EQ(n, 4);
	EXPECT_EQ(recv(sv[0], buf, 2, 0), 2);
	EXPECT_EQ(recv(sv[0], buf + 2, 2, MSG_WAITALL), 2);
	EXPECT_STR(buf, "peek");
	close_pair(sv);
}

ROLE(echo)
{
	static char buf[50000];
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0)
		if (!write_all(0, buf, n))
			return 1;
	return n < 0;
}

static void *feed(void *arg)
{
	static unsigned char buf[100000];

	for (size_t at = 0; at < 3000000; at += sizeof(buf)) {
		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = pattern_byte(at + i);
		if (!write_all(sv[0], buf, sizeof(buf)))
			return (void *)1;
	}
	shutdown(sv[0], SHUT_WR);
	return arg;
}

TEST(megabytes_through_a_child)
{
	static unsigned char buf[65536];
	posix_spawn_file_actions_t fa;
	size_t at = 0;
	pthread_t t;
	ssize_t n;
	pid_t pid;

	open_pair(SOCK_STREAM | SOCK_CLOEXEC);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, sv[1], 0);
	pid = spawn_self_with(&fa, NULL, "echo");
	posix_spawn_file_actions_destroy(&fa);
	close(sv[1]);
	EXPECT_EQ(pthread_create(&t, NULL, feed, NULL), 0);
	while ((n = read(sv[0], buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != pattern_byte(at + i))
				FAIL("byte %zu is wrong", at + i);
		at += n;
	}
	EXPECT_EQ(at, 3000000);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EXIT(pid, 0);
	close(sv[0]);
}

TEST(datagrams_keep_their_borders)
{
	char buf[16];

	open_pair(SOCK_DGRAM);
	EXPECT_EQ(send(sv[0], "one", 3, 0), 3);
	EXPECT_EQ(send(sv[0], "three", 5, 0), 5);
	EXPECT_EQ(recv(sv[1], buf, sizeof(buf), 0), 3);
	EXPECT_EQ(recv(sv[1], buf, 2, 0), 2);	/* the rest is cut off */
	EXPECT_ERRNO(recv(sv[1], buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	close_pair(sv);
}

TEST(pass_a_descriptor)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} ctl;
	char byte = 'd', got[8];
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = ctl.buf,
			    .msg_controllen = sizeof(ctl.buf) };
	struct cmsghdr *c;
	int fd[2], passed;

	open_pair(SOCK_STREAM);
	EXPECT_OK(pipe(fd));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd[0], sizeof(int));
	if (sendmsg(sv[0], &m, 0) < 0 &&
	    (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
		SKIP("no SCM_RIGHTS");
	close(fd[0]);
	memset(&ctl, 0, sizeof(ctl));
	EXPECT_EQ(recvmsg(sv[1], &m, MSG_CMSG_CLOEXEC), 1);
	c = CMSG_FIRSTHDR(&m);
	EXPECT(c && c->cmsg_type == SCM_RIGHTS);
	memcpy(&passed, CMSG_DATA(c), sizeof(int));
	EXPECT_EQ(fcntl(passed, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(fd[1], "via", 3), 3);
	EXPECT_EQ(read(passed, got, sizeof(got)), 3);
	close(passed);
	close(fd[1]);
	close_pair(sv);
}

TEST(errors)
{
	open_pair(SOCK_STREAM);
	close_pair(sv);
	EXPECT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 99, sv), EPROTONOSUPPORT);
	EXPECT_ERRNO(socketpair(AF_UNIX, 99, 0, sv), EINVAL);
	EXPECT_ERRNO(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (void *)8), EFAULT);
}
