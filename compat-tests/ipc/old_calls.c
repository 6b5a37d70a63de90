/* Calls of this area that libc has replaced by newer ones, and the newest ones, by number. */
#include "../test.h"
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/time.h>

TEST(pipe_select)
{
	struct timeval none = { 0, 0 };
	fd_set set;
	int fds[2];

	EXPECT_OK(syscall(SYS_pipe, fds));
	EXPECT_EQ(fcntl(fds[0], F_GETFD), 0);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	EXPECT_EQ(syscall(SYS_select, fds[0] + 1, &set, NULL, NULL, &none), 0);
	EXPECT(!FD_ISSET(fds[0], &set));
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	FD_SET(fds[0], &set);
	EXPECT_EQ(syscall(SYS_select, fds[0] + 1, &set, NULL, NULL, NULL), 1);
	EXPECT(FD_ISSET(fds[0], &set));
	none.tv_usec = -1;
	EXPECT_ERRNO(syscall(SYS_select, 0, NULL, NULL, NULL, &none), EINVAL);
	close(fds[0]);
	close(fds[1]);
	FD_SET(fds[0], &set);
	EXPECT_ERRNO(syscall(SYS_select, fds[0] + 1, &set, NULL, NULL, NULL), EBADF);
}

TEST(signalfd)
{
	unsigned long mask = 1ul << (SIGUSR1 - 1), old;
	int fd;

	EXPECT_OK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &old, 8));
	fd = EXPECT_OK(syscall(SYS_signalfd, -1, &mask, 8));
	EXPECT_OK(kill(getpid(), SIGUSR1));
	uint32_t info[32];
	EXPECT_EQ(read(fd, info, sizeof(info)), 128);
	EXPECT_EQ(info[0], SIGUSR1);
	EXPECT_ERRNO(syscall(SYS_signalfd, -1, &mask, 4), EINVAL);
	close(fd);
	EXPECT_OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, 8));
}

TEST(epoll_pwait_and_2)
{
	struct timespec none = { 0, 0 }, bad = { 0, -1 };
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 42 }, got = { 0 };
	unsigned long mask = ~0ul;
	int ep = EXPECT_OK(epoll_create1(0)), fds[2];

	EXPECT_OK(pipe(fds));
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	EXPECT_EQ(syscall(SYS_epoll_pwait, ep, &got, 1, 0, &mask, 8), 0);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EQ(syscall(SYS_epoll_pwait, ep, &got, 1, -1, &mask, 8), 1);
	EXPECT_EQ(got.data.u64, 42);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait, ep, &got, 1, 0, &mask, 7), EINVAL);
	if (syscall(SYS_epoll_pwait2, ep, &got, 1, &none, NULL, 0) < 0 && errno == ENOSYS)
		SKIP("no epoll_pwait2 on this Linux");
	EXPECT_EQ(syscall(SYS_epoll_pwait2, ep, &got, 1, NULL, &mask, 8), 1);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait2, ep, &got, 1, &bad, NULL, 0), EINVAL);
	close(ep);
	close(fds[0]);
	close(fds[1]);
}

TEST(semop)
{
	struct sembuf up = { 0, 2, 0 }, down = { 0, -3, IPC_NOWAIT };
	int id = EXPECT_OK(semget(IPC_PRIVATE, 1, 0600));

	EXPECT_OK(syscall(SYS_semop, id, &up, 1));
	EXPECT_EQ(semctl(id, 0, GETVAL), 2);
	EXPECT_ERRNO(syscall(SYS_semop, id, &down, 1), EAGAIN);
	down.sem_op = -2;
	EXPECT_OK(syscall(SYS_semop, id, &down, 1));
	EXPECT_EQ(semctl(id, 0, GETVAL), 0);
	EXPECT_OK(semctl(id, 0, IPC_RMID));
	EXPECT_ERRNO(syscall(SYS_semop, id, &up, 1), EINVAL);
}
