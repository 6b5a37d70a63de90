/* SCM_RIGHTS between parent and child: a descriptor that shares its offset; close-on-exec at the receiver. */
#include "../lst.h"
#include <sys/socket.h>

union control {
	struct cmsghdr h;
	char room[CMSG_SPACE(sizeof(int))];
};

static void run(void)
{
	union control ctl = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	char byte = 'x', buf[8];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ctl, .msg_controllen = sizeof(ctl) };
	int s[2], fd = new_file("f", "0123456789", 10);
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid = FORK();
	if (!pid) {
		close(fd);
		EXPECT_EQ(recvmsg(s[1], &m, MSG_CMSG_CLOEXEC), 1);
		EXPECT_EQ(ctl.h.cmsg_type, SCM_RIGHTS);
		memcpy(&fd, CMSG_DATA(&ctl.h), sizeof(fd));
		EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		EXPECT_EQ(read(fd, buf, 4), 4);
		child_exit();
	}
	memcpy(CMSG_DATA(&ctl.h), &fd, sizeof(fd));
	EXPECT_EQ(sendmsg(s[0], &m, 0), 1);
	REAP(pid);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	fd = BAD_FD;
	memcpy(CMSG_DATA(&ctl.h), &fd, sizeof(fd));
	EXPECT_FAIL(sendmsg(s[0], &m, 0), EBADF);
}
