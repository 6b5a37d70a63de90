/* shutdown of a socket pair: what each side sees. */
#include "../lst.h"
#include <sys/socket.h>

static void run(void)
{
	int s[2], file = new_file("f", "", 0);
	char c;

	signal(SIGPIPE, SIG_IGN);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_FAIL(shutdown(s[0], 9), EINVAL);
	EXPECT_FAIL(shutdown(file, SHUT_RD), ENOTSOCK);
	EXPECT_FAIL(shutdown(BAD_FD, SHUT_RD), EBADF);
	MUST(write(s[0], "x", 1));
	EXPECT_OK(shutdown(s[0], SHUT_WR));
	EXPECT_FAIL(write(s[0], "y", 1), EPIPE);
	EXPECT_EQ(read(s[1], &c, 1), 1);
	EXPECT_EQ(read(s[1], &c, 1), 0);
	EXPECT_EQ(write(s[1], "z", 1), 1);
	EXPECT_EQ(read(s[0], &c, 1), 1);
	EXPECT_OK(shutdown(s[0], SHUT_RD));
	EXPECT_FAIL(write(s[1], "z", 1), EPIPE);
	EXPECT_FAIL(send(s[1], "z", 1, MSG_NOSIGNAL), EPIPE);
}
