/*
 * select and pselect: the three sets, counting, descriptors outside, the remaining time, closed
 * descriptors, timeouts, and the mask of pselect.
 */
#include "ipc.h"
#include <sys/select.h>

static fd_set set_of(int a, int b)
{
	fd_set s;

	FD_ZERO(&s);
	if (a >= 0)
		FD_SET(a, &s);
	if (b >= 0)
		FD_SET(b, &s);
	return s;
}

TEST(read_and_write_sets)
{
	struct timeval none = { 0, 0 };
	fd_set r, w, e;
	int fd[2];

	EXPECT_OK(pipe(fd));
	r = set_of(fd[0], -1);
	w = set_of(fd[1], -1);
	e = set_of(fd[0], fd[1]);
	EXPECT_EQ(select(fd[1] + 1, &r, &w, &e, &none), 1);
	EXPECT(!FD_ISSET(fd[0], &r) && FD_ISSET(fd[1], &w) && !FD_ISSET(fd[0], &e) &&
	       !FD_ISSET(fd[1], &e));
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	r = set_of(fd[0], -1);
	w = set_of(fd[1], -1);
	EXPECT_EQ(select(fd[1] + 1, &r, &w, NULL, &none), 2);
	EXPECT(FD_ISSET(fd[0], &r) && FD_ISSET(fd[1], &w));
	/* Numbers at or above nfds do not count. */
	r = set_of(fd[0], -1);
	EXPECT_EQ(select(fd[0], &r, NULL, NULL, &none), 0);
	close_pair(fd);
}

TEST(end_of_file_is_readable)
{
	struct timeval none = { 0, 0 };
	fd_set r, w;
	int fd[2];

	EXPECT_OK(pipe(fd));
	close(fd[1]);
	r = set_of(fd[0], -1);
	EXPECT_EQ(select(fd[0] + 1, &r, NULL, NULL, &none), 1);
	close(fd[0]);
	EXPECT_OK(pipe(fd));
	close(fd[0]);
	w = set_of(fd[1], -1);
	EXPECT_EQ(select(fd[1] + 1, NULL, &w, NULL, &none), 1);
	close(fd[1]);
}

TEST(timeout)
{
	struct timeval t = { 0, 60000 };
	int64_t start = now_ns();
	fd_set r;
	int fd[2];

	EXPECT_OK(pipe(fd));
	r = set_of(fd[0], -1);
	EXPECT_EQ(select(fd[0] + 1, &r, NULL, NULL, &t), 0);
	EXPECT_GE(now_ns() - start, 60000000);
	EXPECT(!FD_ISSET(fd[0], &r));
	EXPECT_EQ(t.tv_sec, 0);
	EXPECT_EQ(t.tv_usec, 0);
	t = (struct timeval){ 0, 1000 };
	EXPECT_EQ(select(0, NULL, NULL, NULL, &t), 0);
	close_pair(fd);
}

TEST(remaining_time)
{
	struct later l = { .ms = 30, .data = "x", .len = 1 };
	struct timeval t = { 10, 0 };
	fd_set r;
	int fd[2];

	EXPECT_OK(pipe(fd));
	l.fd = fd[1];
	later_start(&l);
	r = set_of(fd[0], -1);
	EXPECT_EQ(select(fd[0] + 1, &r, NULL, NULL, &t), 1);
	EXPECT_EQ(t.tv_sec, 9);
	later_join(&l);
	close_pair(fd);
}

TEST(errors)
{
	struct timeval none = { 0, 0 }, neg = { -1, 0 };
	int closed = EXPECT_OK(dup(0));
	fd_set r = set_of(closed, -1);

	close(closed);
	EXPECT_ERRNO(select(closed + 1, &r, NULL, NULL, &none), EBADF);
	EXPECT_ERRNO(select(-1, NULL, NULL, NULL, &none), EINVAL);
	EXPECT_ERRNO(select(0, NULL, NULL, NULL, &neg), EINVAL);
	EXPECT_ERRNO(syscall(SYS_select, 8, (void *)8, NULL, NULL, &none), EFAULT);
	EXPECT_ERRNO(syscall(SYS_select, 0, NULL, NULL, NULL, (void *)8), EFAULT);
}

TEST(high_numbers)
{
	struct timeval none = { 0, 0 };
	fd_set r;
	int fd[2], high;

	EXPECT_OK(pipe(fd));
	high = EXPECT_OK(fcntl(fd[0], F_DUPFD, 1000));
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	r = set_of(fd[0], high);
	EXPECT_EQ(select(high + 1, &r, NULL, NULL, &none), 2);
	EXPECT(FD_ISSET(fd[0], &r) && FD_ISSET(high, &r));
	close(high);
	close_pair(fd);
}

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	(void)sig;
	caught++;
}

TEST(pselect_mask)
{
	struct timespec t = { 10, 0 };
	sigset_t usr1, open, now;
	fd_set r;
	int fd[2];

	EXPECT_OK(pipe(fd));
	signal(SIGUSR1, on_signal);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &open);
	raise(SIGUSR1);
	r = set_of(fd[0], -1);
	EXPECT_ERRNO(pselect(fd[0] + 1, &r, NULL, NULL, &t, &open), EINTR);
	EXPECT_EQ(caught, 1);
	EXPECT_EQ(t.tv_sec, 10);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT(sigismember(&now, SIGUSR1));
	sigprocmask(SIG_SETMASK, &open, NULL);
	signal(SIGUSR1, SIG_DFL);
	close_pair(fd);
}
