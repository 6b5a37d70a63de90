/* socketpair: families, types and protocols it refuses; flags. */
#include "../lst.h"
#include <sys/socket.h>

static void run(void)
{
	int s[2] = { -7, -7 };

	EXPECT_FAIL(socketpair(AF_UNIX, 99, 0, s), EINVAL);
	EXPECT_FAIL(socketpair(AF_UNIX, SOCK_STREAM, 99, s), EPROTONOSUPPORT);
	EXPECT_FAIL(socketpair(99, SOCK_STREAM, 0, s), EAFNOSUPPORT);
	EXPECT_FAIL(socketpair(AF_UNIX, SOCK_STREAM | 0x100000, 0, s), EINVAL);
	EXPECT_FAIL(socketpair(AF_UNIX, SOCK_STREAM, 0, BAD_PTR), EFAULT);
	EXPECT_FAIL(fcntl(4, F_GETFD), EBADF);
	EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s));
	EXPECT_EQ(fcntl(s[1], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(s[0], F_GETFL), O_RDWR | O_NONBLOCK);
	EXPECT_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, AF_UNIX, s));
}
