/*
 * Descriptors in flight: several at once, cut off, peeked, close-on-exec, sockets that hold each other,
 * into another process.
 */
#include "net.h"

static int sv[2];

static void open_pair(int type)
{
	EXPECT_OK(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, sv));
}

TEST(several_and_cut_off)
{
	int fd[4], got[16], flags = 0;
	char c;

	open_pair(SOCK_STREAM);
	EXPECT_OK(pipe(fd));
	EXPECT_OK(pipe(fd + 2));
	EXPECT_EQ(send_fds(sv[0], fd, 4, 0), 1);
	EXPECT_EQ(recv_fds(sv[1], got, 4, 0, &flags), 4);
	EXPECT_EQ(flags, 0);
	EXPECT_EQ(fcntl(got[0], F_GETFD), 0);
	EXPECT_EQ(write(got[3], "p", 1), 1);
	EXPECT_EQ(read(fd[2], &c, 1), 1);
	for (int i = 0; i < 4; i++)
		close(got[i]);
	EXPECT_EQ(send_fds(sv[0], fd, 4, 0), 1);
	EXPECT_EQ(recv_fds(sv[1], got, 2, MSG_CMSG_CLOEXEC, &flags), 2);
	EXPECT_EQ(flags, MSG_CTRUNC | MSG_CMSG_CLOEXEC);
	EXPECT_EQ(fcntl(got[1], F_GETFD), FD_CLOEXEC);
	close_pair(got);
	EXPECT_EQ(send_fds(sv[0], fd, 4, 0), 1);
	EXPECT_EQ(recv_fds(sv[1], got, 0, 0, &flags), 0);
	EXPECT_EQ(flags, MSG_CTRUNC);
	EXPECT_EQ(send_fds(sv[0], fd, 4, 0), 1);
	EXPECT_EQ(read(sv[1], &c, 1), 1);	/* dropped */
	close(fd[1]);
	close(fd[3]);
	EXPECT_EQ(read(fd[0], &c, 1), 0);	/* nobody else has the writing ends */
	EXPECT_EQ(read(fd[2], &c, 1), 0);
	close(fd[0]);
	close(fd[2]);
	close_pair(sv);
}

TEST(peeking_copies)
{
	int fd[2], got[16], flags = 0;
	char c;

	open_pair(SOCK_DGRAM);
	EXPECT_OK(pipe(fd));
	EXPECT_EQ(send_fds(sv[0], fd + 1, 1, 0), 1);
	close(fd[1]);
	EXPECT_EQ(recv_fds(sv[1], got, 1, MSG_PEEK, &flags), 1);
	EXPECT_EQ(write(got[0], "a", 1), 1);
	close(got[0]);
	EXPECT_EQ(recv_fds(sv[1], got, 1, 0, &flags), 1);
	EXPECT_EQ(write(got[0], "b", 1), 1);
	close(got[0]);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(read(fd[0], &c, 1), 0);
	close(fd[0]);
	close_pair(sv);
}

TEST(errors)
{
	int many[300], fd = open("/dev/null", O_RDONLY), bad = 9999, flags = 0, got[16];
	char ctl[CMSG_SPACE(sizeof(many))], byte = 'e';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl };
	struct cmsghdr *c = (struct cmsghdr *)ctl;

	open_pair(SOCK_STREAM);
	EXPECT_ERRNO(send_fds(sv[0], &bad, 1, 0), EBADF);
	for (int i = 0; i < 300; i++)
		many[i] = fd;
	memset(ctl, 0, sizeof(ctl));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(254 * sizeof(int));
	memcpy(CMSG_DATA(c), many, 254 * sizeof(int));
	m.msg_controllen = CMSG_SPACE(254 * sizeof(int));
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EINVAL);
	c->cmsg_len = CMSG_LEN(253 * sizeof(int));
	m.msg_controllen = CMSG_SPACE(253 * sizeof(int));
	EXPECT_EQ(sendmsg(sv[0], &m, 0), 1);
	EXPECT_EQ(recv_fds(sv[1], got, 1, 0, &flags), 1);
	close(got[0]);
	c->cmsg_len = CMSG_LEN(sizeof(int));
	m.msg_controllen = CMSG_SPACE(sizeof(int)) - 8;
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EINVAL);	/* longer than the buffer */
	c->cmsg_len = 3;
	m.msg_controllen = CMSG_SPACE(sizeof(int));
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EINVAL);
	c->cmsg_len = CMSG_LEN(sizeof(int));
	c->cmsg_type = 77;
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EINVAL);
	c->cmsg_level = 77;	/* not for us: skipped */
	EXPECT_EQ(sendmsg(sv[0], &m, 0), 1);
	m.msg_control = bad_ptr();
	EXPECT_ERRNO(sendmsg(sv[0], &m, 0), EFAULT);
	close(fd);
	close_pair(sv);
}

/* A pipe whose writing end only the cycle holds tells when the cycle is gone. */
static int make_cycle(void)
{
	int fd[2], a[2];

	EXPECT_OK(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, a));
	EXPECT_EQ(send_fds(a[0], &fd[1], 1, 0), 1);
	EXPECT_EQ(send_fds(a[0], &a[1], 1, 0), 1);
	EXPECT_EQ(send_fds(a[1], &a[0], 1, 0), 1);
	close(fd[1]);
	close_pair(a);
	return fd[0];
}

static bool is_gone(int fd)
{
	char c;

	for (int i = 0; i < 200; i++) {
		if (read(fd, &c, 1) == 0)
			return true;
		open_pair(SOCK_STREAM);	/* closing a socket starts the collector */
		close_pair(sv);
		sleep_ms(5);
	}
	return false;
}

TEST(cycles_are_collected)
{
	int fd[20];

	for (int i = 0; i < 20; i++)
		fd[i] = make_cycle();
	for (int i = 0; i < 20; i++) {
		EXPECT(is_gone(fd[i]));
		close(fd[i]);
	}
}

TEST(cycle_with_a_door)
{
	int a[2], b[2], got[16], flags = 0;
	char buf[8];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, a));
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, b));
	EXPECT_EQ(write(b[0], "kept", 4), 4);
	EXPECT_EQ(send_fds(a[0], b, 2, 0), 1);	/* b is in a[1]'s queue */
	close_pair(b);
	for (int i = 0; i < 10; i++) {
		open_pair(SOCK_DGRAM);
		close_pair(sv);
	}
	EXPECT_EQ(recv_fds(a[1], got, 2, 0, &flags), 2);
	EXPECT_EQ(read(got[1], buf, 8), 4);
	EXPECT_MEM(buf, "kept", 4);
	close_pair(got);
	close_pair(a);
}

TEST(in_the_queue_of_an_unaccepted_connection)
{
	struct un u = un_abstract("l");
	int fd[2], l, c, a, got[16], flags = 0;
	char b;

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	l = un_listener(SOCK_STREAM, u, 2);
	c = un_connected(SOCK_STREAM, u);
	EXPECT_EQ(send_fds(c, &c, 1, 0), 1);	/* itself */
	EXPECT_EQ(send_fds(c, &fd[1], 1, 0), 1);
	close(fd[1]);
	for (int i = 0; i < 10; i++) {
		open_pair(SOCK_DGRAM);
		close_pair(sv);
	}
	EXPECT_ERRNO(read(fd[0], &b, 1), EAGAIN);
	a = EXPECT_OK(accept(l, NULL, NULL));
	EXPECT_EQ(recv_fds(a, got, 1, 0, &flags), 1);
	EXPECT_EQ(write(got[0], "x", 1), 1);
	close(got[0]);
	close(c);
	close(a);
	close(l);
	EXPECT(is_gone(fd[0]));
	/* and once more with a listener that sits in its own backlog */
	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	l = un_listener(SOCK_STREAM, u, 2);
	c = un_connected(SOCK_STREAM, u);
	EXPECT_EQ(send_fds(c, &fd[1], 1, 0), 1);
	EXPECT_EQ(send_fds(c, &l, 1, 0), 1);
	EXPECT_EQ(send_fds(c, &c, 1, 0), 1);
	close(fd[1]);
	close(c);
	close(l);
	EXPECT(is_gone(fd[0]));
	close(fd[0]);
}

ROLE(receiver)
{
	int got[16], flags = 0;

	EXPECT_EQ(recv_fds(0, got, 2, 0, &flags), 2);
	EXPECT(write_all(got[1], "from the child", 14));
	EXPECT_EQ(write(0, "k", 1), 1);
	return 0;
}

TEST(into_another_process)
{
	posix_spawn_file_actions_t fa;
	char buf[32];
	int fd[2];
	pid_t pid;

	open_pair(SOCK_SEQPACKET);
	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, sv[1], 0);
	pid = spawn_self_with(&fa, NULL, "receiver");
	posix_spawn_file_actions_destroy(&fa);
	EXPECT_EQ(send_fds(sv[0], fd, 2, 0), 1);
	close(fd[1]);
	EXPECT_EQ(read(sv[0], buf, 1), 1);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), 14);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), 0);
	close(fd[0]);
	close_pair(sv);
}

TEST(stream_stops_at_descriptors)
{
	int fd = open("/dev/null", O_RDONLY), got[16], flags = 0;
	char buf[8];

	open_pair(SOCK_STREAM);
	EXPECT_EQ(write(sv[0], "ab", 2), 2);
	EXPECT_EQ(send_fds(sv[0], &fd, 1, 0), 1);
	EXPECT_EQ(write(sv[0], "cd", 2), 2);
	EXPECT_EQ(recv_fds(sv[1], got, 1, 0, &flags), 1);	/* "abx" and the descriptor */
	EXPECT_EQ(read(sv[1], buf, 8), 2);
	EXPECT_MEM(buf, "cd", 2);
	close(got[0]);
	close(fd);
	close_pair(sv);
}
