/* pidfd_open, pidfd_send_signal and pidfd_getfd: errors and use. */
#include "../lst.h"
#include <poll.h>
#include <sys/pidfd.h>

static void run(void)
{
	int fd, copy, p[2];
	struct pollfd pfd;
	siginfo_t si;
	pid_t pid;

	MUST(pipe(p));
	EXPECT_FAIL(pidfd_open(-1, 0), EINVAL);
	EXPECT_FAIL(pidfd_open(0x3fffffff, 0), ESRCH);
	EXPECT_FAIL(pidfd_open(getpid(), 1), EINVAL);
	pid = FORK();
	if (!pid)
		for (;;)
			pause();
	fd = EXPECT_OK(pidfd_open(pid, 0));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_OK(pidfd_send_signal(fd, 0, NULL, 0));
	EXPECT_FAIL(pidfd_send_signal(fd, 65, NULL, 0), EINVAL);
	EXPECT_FAIL(pidfd_send_signal(fd, 0, NULL, 0x100), EINVAL);
	EXPECT_FAIL(pidfd_send_signal(p[0], 0, NULL, 0), EBADF);
	EXPECT_FAIL(pidfd_send_signal(BAD_FD, 0, NULL, 0), EBADF);
	copy = EXPECT_OK(pidfd_getfd(fd, p[1], 0));
	EXPECT_EQ(fcntl(copy, F_GETFD), FD_CLOEXEC);
	EXPECT_FAIL(pidfd_getfd(fd, BAD_FD, 0), EBADF);
	EXPECT_FAIL(pidfd_getfd(p[0], p[1], 0), EBADF);
	EXPECT_FAIL(pidfd_getfd(fd, p[1], 1), EINVAL);
	pfd = (struct pollfd){ .fd = fd, .events = POLLIN };
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	EXPECT_OK(pidfd_send_signal(fd, SIGKILL, NULL, 0));
	EXPECT_EQ(poll(&pfd, 1, -1), 1);
	EXPECT_OK(waitid(P_PIDFD, fd, &si, WEXITED));
	EXPECT_EQ(si.si_status, SIGKILL);
	EXPECT_FAIL(pidfd_send_signal(fd, 0, NULL, 0), ESRCH);
	EXPECT_FAIL(pidfd_getfd(fd, p[1], 0), ESRCH);
}
