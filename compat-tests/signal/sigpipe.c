/*
 * SIGPIPE: writing where nobody reads kills by default; ignored or blocked it is EPIPE; it goes to
 * the writing thread.
 */
#include "signals.h"
#include <sys/uio.h>

static int broken_pipe(void)
{
	int fd[2];

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	close(fd[0]);
	return fd[1];
}

ROLE(write_broken)
{
	int fd = broken_pipe();

	if (argc)
		signal(SIGPIPE, SIG_IGN);
	return write(fd, "x", 1) == -1 && errno == EPIPE ? 12 : 13;
}

TEST(default_is_death)
{
	EXPECT_SIGNALED(spawn_self("write_broken"), SIGPIPE);
}

TEST(ignored)
{
	EXPECT_EXIT(spawn_self("write_broken", "ignore"), 12);
}

TEST(handler_and_errno)
{
	struct iovec v = { "abc", 3 };
	int fd = broken_pipe();

	log_start(SIGPIPE, 0);
	EXPECT_ERRNO(write(fd, "x", 1), EPIPE);
	EXPECT_EQ(logged.count, 1);
	EXPECT_ERRNO(writev(fd, &v, 1), EPIPE);
	EXPECT_EQ(logged.count, 2);
	EXPECT_EQ(write(fd, "", 0), 0);
	EXPECT_EQ(logged.count, 2);
	close(fd);
	signal(SIGPIPE, SIG_DFL);
}

static void *write_in_thread(void *fd)
{
	sigset_t set;

	block(SIGPIPE);
	EXPECT_EQ(write(*(int *)fd, "x", 1), -1);
	EXPECT_EQ(errno, EPIPE);
	sigpending(&set);
	EXPECT(sigismember(&set, SIGPIPE));	/* here and nowhere else */
	return NULL;
}

TEST(goes_to_the_writer)
{
	int fd = broken_pipe();
	pthread_t t;

	log_start(SIGPIPE, 0);
	EXPECT_EQ(pthread_create(&t, NULL, write_in_thread, &fd), 0);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EQ(logged.count, 0);
	EXPECT(!is_pending(SIGPIPE));
	close(fd);
	signal(SIGPIPE, SIG_DFL);
}

static void *close_later(void *fd)
{
	sleep_ms(30);
	close(*(int *)fd);
	return NULL;
}

/* The reader goes while the writer waits for room. */
TEST(blocked_writer_learns)
{
	static char big[1 << 17];
	pthread_t t;
	int fd[2];
	ssize_t n;

	EXPECT_OK(pipe(fd));
	log_start(SIGPIPE, 0);
	EXPECT_EQ(pthread_create(&t, NULL, close_later, &fd[0]), 0);
	n = write(fd[1], big, sizeof(big));
	pthread_join(t, NULL);
	EXPECT(n == 65536 || (n == -1 && errno == EPIPE));
	EXPECT_EQ(logged.count, 1);
	close(fd[1]);
	signal(SIGPIPE, SIG_DFL);
}
