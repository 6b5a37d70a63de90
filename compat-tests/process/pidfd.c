/*
 * pidfd: opened for a child, readable when it ended, carries signals, names the child in waitid;
 * never another process that got the same pid later.
 */
#include "child.h"
#include <poll.h>
#include <sys/pidfd.h>

ROLE(pause)
{
	pause();
	return 1;
}

static int open_pidfd(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	if (fd < 0 && errno == ENOSYS) {
		kill(pid, SIGKILL);
		wait_status(pid);
		SKIP("no pidfd_open");
	}
	return EXPECT_OK(fd);
}

TEST(poll_and_signal)
{
	pid_t pid = spawn_self("pause");
	int fd = open_pidfd(pid);
	struct pollfd p = { fd, POLLIN, 0 };

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(poll(&p, 1, 0), 0);
	EXPECT_OK(pidfd_send_signal(fd, 0, NULL, 0));
	EXPECT_OK(pidfd_send_signal(fd, SIGTERM, NULL, 0));
	EXPECT_EQ(poll(&p, 1, 10000), 1);
	EXPECT_EQ(p.revents, POLLIN);
	EXPECT_SIGNALED(pid, SIGTERM);
	EXPECT_ERRNO(pidfd_send_signal(fd, 0, NULL, 0), ESRCH);
	close(fd);
}

TEST(waitid_by_pidfd)
{
	pid_t pid = spawn_self("pause");
	int fd = open_pidfd(pid);
	siginfo_t si = { 0 };

	EXPECT_OK(waitid(P_PIDFD, fd, &si, WEXITED | WNOHANG));
	EXPECT_EQ(si.si_pid, 0);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_OK(waitid(P_PIDFD, fd, &si, WEXITED));
	EXPECT_EQ(si.si_pid, pid);
	EXPECT_EQ(si.si_status, SIGKILL);
	EXPECT_ERRNO(waitid(P_PIDFD, fd, &si, WEXITED), ECHILD);
	close(fd);
}

TEST(errors)
{
	close(open_pidfd(getpid()));
	EXPECT_ERRNO(pidfd_open(0x3ffffff, 0), ESRCH);
	EXPECT_ERRNO(pidfd_open(-1, 0), EINVAL);
	EXPECT_ERRNO(pidfd_open(0, 0), EINVAL);
	EXPECT_ERRNO(pidfd_open(getpid(), 0x10000000), EINVAL);
	EXPECT_ERRNO(pidfd_send_signal(0, SIGTERM, NULL, 0), EBADF);
}

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP 4
#endif

/* A directory of /proc names a process too, but to signal only. */
TEST(directory_of_proc)
{
	int fd = EXPECT_OK(open("/proc/self", O_RDONLY | O_DIRECTORY));

	EXPECT_OK(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 3), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fd, 0, 0), EBADF);
	close(fd);
	fd = EXPECT_OK(open("/proc", O_RDONLY | O_DIRECTORY));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), EBADF);
	close(fd);
}
