/* getsockname and getpeername of a socket pair, and the descriptors they refuse. */
#include "../lst.h"
#include <sys/socket.h>
#include <sys/un.h>

static void run(void)
{
	struct sockaddr_un un = { .sun_family = 99 };
	socklen_t len = sizeof(un), small = 1;
	int s[2], file = new_file("f", "", 0);

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_OK(getsockname(s[0], (void *)&un, &len));
	EXPECT_EQ(len, sizeof(sa_family_t));
	EXPECT_EQ(un.sun_family, AF_UNIX);
	len = sizeof(un);
	EXPECT_OK(getpeername(s[0], (void *)&un, &len));
	EXPECT_EQ(len, sizeof(sa_family_t));
	EXPECT_OK(getsockname(s[0], (void *)&un, &small));
	EXPECT_EQ(small, 2);
	EXPECT_FAIL(getsockname(file, (void *)&un, &len), ENOTSOCK);
	EXPECT_FAIL(getsockname(BAD_FD, (void *)&un, &len), EBADF);
	EXPECT_FAIL(getsockname(s[0], (void *)&un, BAD_PTR), EFAULT);
	len = -1;
	EXPECT_FAIL(getsockname(s[0], (void *)&un, &len), EINVAL);
	len = sizeof(un);
	EXPECT_FAIL(getpeername(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), (void *)&un, &len), ENOTCONN);
}
