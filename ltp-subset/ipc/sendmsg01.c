/* sendmsg and recvmsg on a socket pair: vectors, flags, truncation, errors. */
#include "../lst.h"
#include <sys/socket.h>

static void run(void)
{
	char a[4] = "", b[8] = "";
	struct iovec out[2] = { { "ab", 2 }, { "cdef", 4 } }, in[2] = { { a, 3 }, { b, 8 } }, small = { a, 2 }, bad = { BAD_PTR, 2 };
	struct msghdr om = { .msg_iov = out, .msg_iovlen = 2 }, im = { .msg_iov = in, .msg_iovlen = 2 };
	int s[2], file = new_file("f", "", 0);

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	EXPECT_EQ(sendmsg(s[0], &om, 0), 6);
	EXPECT_EQ(recvmsg(s[1], &im, MSG_PEEK), 6);
	EXPECT_EQ(recvmsg(s[1], &im, 0), 6);
	EXPECT_MEM(a, "abc", 3);
	EXPECT_MEM(b, "def", 3);
	EXPECT_EQ(im.msg_flags, 0);
	EXPECT_FAIL(recvmsg(s[1], &im, MSG_DONTWAIT), EAGAIN);
	MUST(sendmsg(s[0], &om, 0));
	im = (struct msghdr){ .msg_iov = &small, .msg_iovlen = 1 };
	EXPECT_EQ(recvmsg(s[1], &im, 0), 2);
	EXPECT_EQ(im.msg_flags, MSG_TRUNC);
	MUST(sendmsg(s[0], &om, 0));
	EXPECT_EQ(recvmsg(s[1], &im, MSG_TRUNC), 6);
	EXPECT_FAIL(sendmsg(file, &om, 0), ENOTSOCK);
	EXPECT_FAIL(sendmsg(BAD_FD, &om, 0), EBADF);
	EXPECT_FAIL(sendmsg(s[0], BAD_PTR, 0), EFAULT);
	EXPECT_FAIL(recvmsg(s[1], BAD_PTR, MSG_DONTWAIT), EFAULT);
	om.msg_iovlen = IOV_MAX + 1;
	EXPECT_FAIL(sendmsg(s[0], &om, 0), EMSGSIZE);
	om = (struct msghdr){ .msg_iov = &bad, .msg_iovlen = 1 };
	EXPECT_FAIL(sendmsg(s[0], &om, 0), EFAULT);
	EXPECT_EQ(send(s[0], "", 0, 0), 0);
	EXPECT_EQ(recv(s[1], a, 4, 0), 0);
}
