/* Calls about processes that libc makes no more, or never made, by number. */
#include "../test.h"
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/timex.h>

TEST(fork_by_number)
{
	pid_t pid = (pid_t)syscall(SYS_fork);

	if (pid == 0)
		syscall(SYS_exit_group, 9);
	EXPECT_GT(pid, 0);
	EXPECT_EXIT(pid, 9);
}

TEST(getrlimit_setrlimit)
{
	struct rlimit l, now;

	EXPECT_OK(syscall(SYS_getrlimit, RLIMIT_NOFILE, &l));
	EXPECT_GT(l.rlim_cur, 3);
	l.rlim_cur--;
	EXPECT_OK(syscall(SYS_setrlimit, RLIMIT_NOFILE, &l));
	EXPECT_OK(syscall(SYS_getrlimit, RLIMIT_NOFILE, &now));
	EXPECT_EQ(now.rlim_cur, l.rlim_cur);
	EXPECT_ERRNO(syscall(SYS_getrlimit, 99, &l), EINVAL);
	l.rlim_cur = l.rlim_max;
	l.rlim_max--;
	EXPECT_ERRNO(syscall(SYS_setrlimit, RLIMIT_NOFILE, &l), EINVAL);
}

TEST(personality)
{
	int old = personality(0xffffffff);

	EXPECT_EQ(personality((unsigned long)(old | ADDR_NO_RANDOMIZE)), old);
	EXPECT_EQ(personality(0xffffffff), old | ADDR_NO_RANDOMIZE);
	EXPECT_EQ(personality((unsigned long)old), old | ADDR_NO_RANDOMIZE);
}

/* Reading the state of the clock is everybody's right. */
TEST(read_clock_state)
{
	struct timex t = { 0 };

	EXPECT_GE(EXPECT_OK(syscall(SYS_adjtimex, &t)), 0);
	EXPECT_GT(t.time.tv_sec, 1000000);
	EXPECT_GT(t.tick, 0);
	t = (struct timex){ 0 };
	EXPECT_GE(EXPECT_OK(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t)), 0);
	EXPECT_GT(t.time.tv_sec, 1000000);
	EXPECT_ERRNO(syscall(SYS_clock_adjtime, 99, &t), EINVAL);
}

/* Nothing to be restarted. */
TEST(restart_syscall)
{
	EXPECT_ERRNO(syscall(SYS_restart_syscall), EINTR);
}

TEST(pidfd_getfd_of_oneself)
{
	int fds[2], self, fd;
	char c = 0;

	EXPECT_OK(pipe(fds));
	self = EXPECT_OK(syscall(SYS_pidfd_open, getpid(), 0));
	fd = EXPECT_OK(syscall(SYS_pidfd_getfd, self, fds[1], 0));
	EXPECT_NE(fd, fds[1]);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(fd, "q", 1), 1);
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	EXPECT_EQ(c, 'q');
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, self, 9999, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, self, fds[0], 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fds[0], fds[0], 0), EBADF);
	close(fd);
	close(self);
	close(fds[0]);
	close(fds[1]);
}
