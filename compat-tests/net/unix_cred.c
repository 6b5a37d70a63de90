/*
 * Who is at the other end: SO_PEERCRED, SO_PEERGROUPS, SO_PEERPIDFD, SCM_CREDENTIALS with SO_PASSCRED.
 */
#include "net.h"
#include <grp.h>
#include <poll.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static struct ucred peer_of(int fd)
{
	struct ucred c = { -1, -1, -1 };
	socklen_t len = sizeof(c);

	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len));
	EXPECT_EQ(len, sizeof(c));
	return c;
}

TEST(peer_of_a_connection)
{
	struct un u = un_abstract("p");
	int s = un_listener(SOCK_STREAM, u, 2), c = un_socket(SOCK_STREAM), a;
	struct ucred p = peer_of(c);

	EXPECT_EQ(p.pid, 0);
	EXPECT_EQ(p.uid, (uid_t)-1);
	EXPECT_OK(connect(c, UN(u)));
	p = peer_of(c);
	EXPECT_EQ(p.pid, getpid());
	EXPECT_EQ(p.uid, geteuid());
	EXPECT_EQ(p.gid, getegid());
	a = EXPECT_OK(accept(s, NULL, NULL));
	EXPECT_EQ(peer_of(a).pid, getpid());
	EXPECT_EQ(peer_of(s).pid, getpid());	/* who listens */
	close(a);
	close(c);
	close(s);
}

ROLE(client)
{
	struct un u = { .addr.sun_family = AF_UNIX };
	char b;
	int c;

	snprintf(u.addr.sun_path, sizeof(u.addr.sun_path), "%s", argc ? argv[0] : "");
	u.len = sizeof(u.addr);
	c = un_connected(SOCK_STREAM, u);
	EXPECT_EQ(peer_of(c).pid, getppid());
	EXPECT_EQ(read(c, &b, 1), 1);
	return 0;
}

TEST(peer_is_another_process)
{
	struct un u = un_path("c");
	int s = un_listener(SOCK_STREAM, u, 2), a;
	pid_t pid = spawn_self("client", u.addr.sun_path);

	a = EXPECT_OK(accept(s, NULL, NULL));
	EXPECT_EQ(peer_of(a).pid, pid);
	EXPECT_EQ(write(a, "x", 1), 1);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(peer_of(a).pid, pid);	/* as it was */
	close(a);
	close(s);
}

TEST(peer_groups)
{
	gid_t old[64], set[3] = { 7, 3, 5 }, got[8];
	socklen_t len = sizeof(got);
	int sv[2], n = getgroups(64, old), s = un_socket(SOCK_STREAM);

	if (geteuid())
		SKIP("needs root");
	EXPECT_ERRNO(getsockopt(s, SOL_SOCKET, SO_PEERGROUPS, got, &len), ENODATA);
	EXPECT_OK(setgroups(3, set));
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	EXPECT_OK(setgroups(n, old));
	EXPECT_OK(getsockopt(sv[0], SOL_SOCKET, SO_PEERGROUPS, got, &len));
	EXPECT_EQ(len, 3 * sizeof(gid_t));
	EXPECT_EQ(got[0], 3);
	EXPECT_EQ(got[2], 7);
	len = 4;
	EXPECT_ERRNO(getsockopt(sv[0], SOL_SOCKET, SO_PEERGROUPS, got, &len), ERANGE);
	EXPECT_EQ(len, 3 * sizeof(gid_t));
	close(s);
	close_pair(sv);
}

TEST(peer_pidfd)
{
	int sv[2], fd;
	socklen_t len = sizeof(fd);

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	if (getsockopt(sv[0], SOL_SOCKET, SO_PEERPIDFD, &fd, &len) && errno == ENOPROTOOPT)
		SKIP("an older kernel");
	EXPECT_OK(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(poll_one(fd, POLLIN, 0), -1);
	close(fd);
	close_pair(sv);
}

union control {
	char buf[CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr align;
};

static struct msghdr message(struct iovec *v, union control *ctl)
{
	static char bytes[4] = "abc";

	*v = (struct iovec){ bytes, 3 };
	memset(ctl, 0, sizeof(*ctl));
	return (struct msghdr){ .msg_iov = v, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(*ctl) };
}

static int send_cred(int to, struct ucred cred)
{
	union control ctl;
	struct iovec v;
	struct msghdr m = message(&v, &ctl);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(cred));
	memcpy(CMSG_DATA(c), &cred, sizeof(cred));
	return sendmsg(to, &m, 0);
}

static bool recv_cred(int from, struct ucred *cred)
{
	union control ctl;
	struct iovec v;
	struct msghdr m = message(&v, &ctl);
	struct cmsghdr *c;

	EXPECT_EQ(recvmsg(from, &m, 0), 3);
	c = CMSG_FIRSTHDR(&m);
	if (!c)
		return false;
	EXPECT_EQ(c->cmsg_type, SCM_CREDENTIALS);
	EXPECT_EQ(c->cmsg_len, CMSG_LEN(sizeof(*cred)));
	EXPECT_EQ(m.msg_controllen, sizeof(ctl));
	memcpy(cred, CMSG_DATA(c), sizeof(*cred));
	return true;
}

TEST(credentials_come_when_asked_for)
{
	struct ucred cred;
	int sv[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	EXPECT_EQ(write(sv[0], "abc", 3), 3);
	EXPECT(!recv_cred(sv[1], &cred));
	set_option(sv[1], SO_PASSCRED, 1);
	EXPECT_EQ(write(sv[0], "abc", 3), 3);
	EXPECT(recv_cred(sv[1], &cred));
	EXPECT_EQ(cred.pid, getpid());
	EXPECT_EQ(cred.uid, getuid());
	EXPECT_EQ(cred.gid, getgid());
	close_pair(sv);
}

TEST(sender_may_not_lie)
{
	struct ucred cred = { getpid(), getuid(), getgid() }, got;
	int sv[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	set_option(sv[1], SO_PASSCRED, 1);
	EXPECT_EQ(send_cred(sv[0], cred), 3);
	EXPECT(recv_cred(sv[1], &got));
	EXPECT_MEM(&got, &cred, sizeof(cred));
	if (geteuid())
		SKIP("the rest needs root");
	cred.uid = 4711;	/* root may */
	EXPECT_EQ(send_cred(sv[0], cred), 3);
	EXPECT(recv_cred(sv[1], &got));
	EXPECT_EQ(got.uid, 4711);
	cred.uid = getuid();
	cred.pid = 4000000;
	EXPECT_ERRNO(send_cred(sv[0], cred), ESRCH);
	cred.pid = getpid();
	EXPECT_OK(seteuid(65534));
	EXPECT_EQ(send_cred(sv[0], cred), 3);	/* the real user id is allowed */
	cred.uid = 4711;
	EXPECT_ERRNO(send_cred(sv[0], cred), EPERM);
	cred.uid = 65534;
	cred.pid = getppid();
	EXPECT_ERRNO(send_cred(sv[0], cred), EPERM);
	EXPECT_OK(seteuid(0));
	close_pair(sv);
}

TEST(stream_stops_where_the_sender_changes)
{
	struct ucred cred = { getpid(), getuid(), getgid() }, got;
	char buf[16];
	int sv[2];

	if (geteuid())
		SKIP("needs root");
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	set_option(sv[1], SO_PASSCRED, 1);
	EXPECT_EQ(send_cred(sv[0], cred), 3);
	cred.uid = 4711;
	EXPECT_EQ(send_cred(sv[0], cred), 3);
	EXPECT_EQ(recv(sv[1], buf, 16, 0), 3);
	EXPECT(recv_cred(sv[1], &got));
	EXPECT_EQ(got.uid, 4711);
	close_pair(sv);
}
