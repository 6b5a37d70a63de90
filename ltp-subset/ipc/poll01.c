/* poll: errors, ignored entries, what each end of a pipe says. */
#include "../lst.h"
#include <poll.h>
#include <sys/resource.h>

static void run(void)
{
	int p[2];
	struct pollfd fds[3];
	struct rlimit lim;

	MUST(pipe(p));
	fds[0] = (struct pollfd){ .fd = p[0], .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = p[1], .events = POLLOUT };
	fds[2] = (struct pollfd){ .fd = -5, .events = POLLIN, .revents = 99 };
	EXPECT_EQ(poll(fds, 3, 0), 1);
	EXPECT_EQ(fds[0].revents, 0);
	EXPECT_EQ(fds[1].revents, POLLOUT);
	EXPECT_EQ(fds[2].revents, 0);
	fds[2].fd = BAD_FD;
	EXPECT_EQ(poll(fds, 3, -1), 2);
	EXPECT_EQ(fds[2].revents, POLLNVAL);
	EXPECT_FAIL(poll(BAD_PTR, 1, 0), EFAULT);
	MUST(getrlimit(RLIMIT_NOFILE, &lim));
	EXPECT_FAIL(poll(fds, lim.rlim_cur + 1, 0), EINVAL);
	MUST(write(p[1], "x", 1));
	EXPECT_EQ(poll(fds, 1, 0), 1);
	EXPECT_EQ(fds[0].revents, POLLIN);
	close(p[1]);
	EXPECT_EQ(poll(fds, 1, 0), 1);
	EXPECT_EQ(fds[0].revents, POLLIN | POLLHUP);
	EXPECT_EQ(poll(NULL, 0, 1), 0);
	MUST(pipe(p));
	close(p[0]);
	fds[1].fd = p[1];
	EXPECT_EQ(poll(fds + 1, 1, 0), 1);
	EXPECT_EQ(fds[1].revents, POLLOUT | POLLERR);
}
