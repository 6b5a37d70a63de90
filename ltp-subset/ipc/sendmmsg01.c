/* sendmmsg and recvmmsg: several messages at once, counts, errors. */
#include "../lst.h"
#include <sys/socket.h>

static void run(void)
{
	char a[8], b[8], c[8];
	struct iovec out[2] = { { "one", 3 }, { "twos", 4 } }, in[3] = { { a, 8 }, { b, 8 }, { c, 8 } };
	struct mmsghdr om[2] = { { .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } },
				 { .msg_hdr = { .msg_iov = &out[1], .msg_iovlen = 1 } } };
	struct mmsghdr im[3] = { { .msg_hdr = { .msg_iov = &in[0], .msg_iovlen = 1 } },
				 { .msg_hdr = { .msg_iov = &in[1], .msg_iovlen = 1 } },
				 { .msg_hdr = { .msg_iov = &in[2], .msg_iovlen = 1 } } };
	struct timespec bad = { 0, -1 };
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	EXPECT_EQ(sendmmsg(s[0], om, 2, 0), 2);
	EXPECT_EQ(om[0].msg_len, 3);
	EXPECT_EQ(om[1].msg_len, 4);
	EXPECT_EQ(recvmmsg(s[1], im, 3, MSG_DONTWAIT, NULL), 2);
	EXPECT_EQ(im[1].msg_len, 4);
	EXPECT_MEM(b, "twos", 4);
	EXPECT_FAIL(recvmmsg(s[1], im, 3, MSG_DONTWAIT, NULL), EAGAIN);
	EXPECT_FAIL(recvmmsg(s[1], im, 3, 0, &bad), EINVAL);
	EXPECT_FAIL(sendmmsg(BAD_FD, om, 2, 0), EBADF);
	EXPECT_FAIL(sendmmsg(s[0], BAD_PTR, 2, 0), EFAULT);
	EXPECT_EQ(sendmmsg(s[0], om, 0, 0), 0);
	MUST(sendmmsg(s[0], om, 2, 0));
	EXPECT_EQ(recvmmsg(s[1], im, 3, MSG_WAITFORONE, NULL), 2);
}
