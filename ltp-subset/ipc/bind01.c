/* Unix sockets: names they refuse, a name in use, a socket without listener, a stream that connects. */
#include "../lst.h"
#include <sys/socket.h>
#include <sys/un.h>

static void run(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "sock" }, none = { .sun_family = AF_UNIX, .sun_path = "none" };
	int s = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), t = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), c;
	struct sockaddr *addr = (void *)&un;
	char buf[4];
	struct stat st;

	EXPECT_FAIL(bind(s, addr, 1), EINVAL);
	EXPECT_FAIL(bind(s, addr, sizeof(un) + 1), EINVAL);
	EXPECT_FAIL(bind(s, BAD_PTR, sizeof(un)), EFAULT);
	EXPECT_FAIL(bind(BAD_FD, addr, sizeof(un)), EBADF);
	EXPECT_FAIL(bind(1, addr, sizeof(un)), ENOTSOCK);
	EXPECT_FAIL(connect(t, (void *)&none, sizeof(none)), ENOENT);
	EXPECT_FAIL(listen(1, 5), ENOTSOCK);
	EXPECT_FAIL(listen(s, 5), EINVAL);
	EXPECT_OK(bind(s, addr, sizeof(un)));
	EXPECT_FAIL(bind(s, (void *)&none, sizeof(none)), EINVAL);
	EXPECT_FAIL(bind(t, addr, sizeof(un)), EADDRINUSE);
	MUST(stat("sock", &st));
	EXPECT(S_ISSOCK(st.st_mode));
	EXPECT_FAIL(connect(t, addr, sizeof(un)), ECONNREFUSED);
	EXPECT_FAIL(accept(s, NULL, NULL), EINVAL);
	EXPECT_OK(listen(s, 5));
	EXPECT_OK(connect(t, addr, sizeof(un)));
	EXPECT_FAIL(connect(t, addr, sizeof(un)), EISCONN);
	c = EXPECT_OK(accept4(s, NULL, NULL, SOCK_CLOEXEC));
	EXPECT_EQ(fcntl(c, F_GETFD), FD_CLOEXEC);
	EXPECT_FAIL(accept4(s, NULL, NULL, 1), EINVAL);
	EXPECT_EQ(send(t, "hi", 2, 0), 2);
	EXPECT_EQ(recv(c, buf, 4, 0), 2);
}
