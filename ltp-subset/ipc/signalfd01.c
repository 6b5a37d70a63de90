/* signalfd4: arguments, what is read, changing the mask. */
#include "../lst.h"
#include <sys/signalfd.h>

static void run(void)
{
	sigset_t set, both;
	struct signalfd_siginfo si[2];
	union sigval val = { .sival_int = 1234 };
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	both = set;
	sigaddset(&both, SIGUSR2);
	MUST(sigprocmask(SIG_BLOCK, &both, NULL));
	EXPECT_FAIL(signalfd(-1, &set, 1), EINVAL);
	EXPECT_FAIL(signalfd(BAD_FD, &set, 0), EBADF);
	EXPECT_FAIL(signalfd(STDIN_FILENO, &set, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_signalfd4, -1, BAD_PTR, 8, 0), EFAULT);
	fd = EXPECT_OK(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_FAIL(read(fd, si, sizeof(si)), EAGAIN);
	EXPECT_FAIL(read(fd, si, 127), EINVAL);
	MUST(sigqueue(getpid(), SIGUSR1, val));
	MUST(kill(getpid(), SIGUSR2));
	EXPECT_EQ(read(fd, si, sizeof(si)), sizeof(si[0]));
	EXPECT_EQ(si[0].ssi_signo, SIGUSR1);
	EXPECT_EQ(si[0].ssi_code, SI_QUEUE);
	EXPECT_EQ(si[0].ssi_int, 1234);
	EXPECT_EQ(si[0].ssi_pid, getpid());
	EXPECT_EQ(signalfd(fd, &both, 0), fd);
	EXPECT_EQ(read(fd, si, sizeof(si)), sizeof(si[0]));
	EXPECT_EQ(si[0].ssi_signo, SIGUSR2);
	EXPECT_EQ(si[0].ssi_code, SI_USER);
	EXPECT_FAIL(write(fd, si, 1), EINVAL);
}
