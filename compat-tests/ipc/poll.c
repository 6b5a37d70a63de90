/*
 * poll and ppoll themselves: timeouts, negative and closed descriptors, many of them, kinds that
 * are always ready, limits and bad pointers, and the atomic signal mask of ppoll.
 */
#include "ipc.h"
#include <sys/resource.h>

TEST(timeout)
{
	int64_t start = now_ns();
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(poll_one(fd[0], POLLIN, 50), -1);
	EXPECT_GE(now_ns() - start, 50000000);
	start = now_ns();
	EXPECT_EQ(poll(NULL, 0, 30), 0);
	EXPECT_GE(now_ns() - start, 30000000);
	EXPECT_EQ(poll(NULL, 0, 0), 0);
	close_pair(fd);
}

TEST(negative_descriptors_are_skipped)
{
	struct pollfd p[3] = { { -1, POLLIN, 0x55 }, { -7, POLLOUT, 0x55 }, { 0, 0, 0x55 } };
	int fd[2];

	EXPECT_OK(pipe(fd));
	p[2] = (struct pollfd){ fd[1], POLLOUT, 0x55 };
	EXPECT_EQ(poll(p, 3, 0), 1);
	EXPECT_EQ(p[0].revents, 0);
	EXPECT_EQ(p[1].revents, 0);
	EXPECT_EQ(p[2].revents, POLLOUT);
	close_pair(fd);
}

TEST(closed_descriptors)
{
	struct pollfd p[2] = { { 500, POLLIN, 0 }, { 501, 0, 0 } };
	int64_t start = now_ns();

	EXPECT_EQ(poll(p, 2, 10000), 2);
	EXPECT_EQ(p[0].revents, POLLNVAL);
	EXPECT_EQ(p[1].revents, POLLNVAL);
	EXPECT_LT(now_ns() - start, 5000000000);
}

TEST(files_are_always_ready)
{
	int fd = tmp_file("f", "", 0), dir = EXPECT_OK(open("/", O_RDONLY)),
	    null = EXPECT_OK(open("/dev/null", O_RDWR));

	EXPECT_EQ(poll_one(fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	EXPECT_EQ(poll_one(dir, POLLIN, 0), POLLIN);
	EXPECT_EQ(poll_one(null, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	close(fd);
	close(dir);
	close(null);
}

TEST(many)
{
	enum { N = 300 };
	static struct pollfd p[N];
	static int fd[N][2];

	for (int i = 0; i < N; i++) {
		EXPECT_OK(pipe(fd[i]));
		p[i] = (struct pollfd){ fd[i][0], POLLIN, 0 };
	}
	EXPECT_EQ(poll(p, N, 0), 0);
	for (int i = 0; i < N; i += 7)
		EXPECT_EQ(write(fd[i][1], "x", 1), 1);
	EXPECT_EQ(poll(p, N, 1000), (N + 6) / 7);
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(p[i].revents, i % 7 ? 0 : POLLIN);
		close_pair(fd[i]);
	}
}

TEST(same_descriptor_twice)
{
	struct pollfd p[2];
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	p[0] = (struct pollfd){ fd[0], POLLIN, 0 };
	p[1] = (struct pollfd){ fd[0], POLLIN | POLLRDNORM, 0 };
	EXPECT_EQ(poll(p, 2, 0), 2);
	EXPECT_EQ(p[0].revents, POLLIN);
	EXPECT_EQ(p[1].revents, POLLIN | POLLRDNORM);
	close_pair(fd);
}

TEST(errors)
{
	struct timespec bad = { 0, 1000000000 };
	struct rlimit rl;

	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &rl));
	EXPECT_ERRNO(syscall(SYS_poll, (void *)8, 1, 0), EFAULT);
	if (rl.rlim_cur < INT_MAX)
		EXPECT_ERRNO(syscall(SYS_poll, NULL, rl.rlim_cur + 1, 0), EINVAL);
	EXPECT_ERRNO(ppoll(NULL, 0, &bad, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ppoll, NULL, 0, (void *)8, NULL, 8), EFAULT);
}

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	(void)sig;
	caught++;
}

TEST(ppoll_mask)
{
	struct timespec t = { 10, 0 }, none = { 0, 0 };
	sigset_t usr1, open, now;
	int fd[2];

	EXPECT_OK(pipe(fd));
	signal(SIGUSR1, on_signal);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &open);
	caught = 0;
	raise(SIGUSR1);
	EXPECT_EQ(poll(NULL, 0, 10), 0);
	EXPECT_EQ(caught, 0);
	EXPECT_ERRNO(ppoll(&(struct pollfd){ fd[0], POLLIN, 0 }, 1, &t, &open), EINTR);
	EXPECT_EQ(caught, 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT(sigismember(&now, SIGUSR1));
	EXPECT_EQ(t.tv_sec, 10);	/* libc keeps the caller's timeout */
	/* Something ready wins; the mask is put back all the same. */
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	EXPECT_EQ(ppoll(&(struct pollfd){ fd[0], POLLIN, 0 }, 1, &none, &open), 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT(sigismember(&now, SIGUSR1));
	sigprocmask(SIG_SETMASK, &open, NULL);
	signal(SIGUSR1, SIG_DFL);
	close_pair(fd);
}
