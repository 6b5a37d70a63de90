/* getsockopt and setsockopt on a Unix socket: types, sizes, errors, timeouts. */
#include "../lst.h"
#include <sys/socket.h>
#include <sys/time.h>

static void run(void)
{
	int s[2], v = 0, file = new_file("f", "", 0);
	socklen_t len = sizeof(v), short_len = 1, neg = -1;
	struct timeval tv = { 0, 30000 }, bad = { 0, 1000000 };
	char c;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_OK(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len));
	EXPECT_EQ(v, SOCK_STREAM);
	EXPECT_OK(getsockopt(s[0], SOL_SOCKET, SO_DOMAIN, &v, &len));
	EXPECT_EQ(v, AF_UNIX);
	EXPECT_OK(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &v, &len));
	EXPECT_EQ(v, 0);
	EXPECT_OK(getsockopt(s[0], SOL_SOCKET, SO_ACCEPTCONN, &v, &len));
	EXPECT_EQ(v, 0);
	EXPECT_OK(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &short_len));
	EXPECT_EQ(short_len, 1);
	EXPECT_FAIL(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &neg), EINVAL);
	EXPECT_FAIL(getsockopt(s[0], SOL_SOCKET, 9999, &v, &len), ENOPROTOOPT);
	EXPECT_FAIL(getsockopt(file, SOL_SOCKET, SO_TYPE, &v, &len), ENOTSOCK);
	EXPECT_FAIL(getsockopt(BAD_FD, SOL_SOCKET, SO_TYPE, &v, &len), EBADF);
	EXPECT_FAIL(getsockopt(s[0], SOL_SOCKET, SO_TYPE, BAD_PTR, &len), EFAULT);
	EXPECT_FAIL(setsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, sizeof(v)), ENOPROTOOPT);
	EXPECT_FAIL(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &bad, sizeof(bad)), EDOM);
	EXPECT_FAIL(setsockopt(s[0], SOL_SOCKET, SO_REUSEADDR, &v, 1), EINVAL);
	EXPECT_OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_FAIL(read(s[0], &c, 1), EAGAIN);
	v = 1;
	EXPECT_OK(setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &v, sizeof(v)));
	v = 0;
	EXPECT_OK(getsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &v, &len));
	EXPECT_EQ(v, 1);
}
