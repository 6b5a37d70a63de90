/*
 * What poll says of the two ends of a pipe in every state: empty, filled, full, other end closed,
 * and how waiting in poll ends.
 */
#include "ipc.h"

#define ALL	(POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM)

TEST(states)
{
	static char buf[65536];
	int fd[2];

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(poll_one(fd[0], ALL, 0), -1);
	EXPECT_EQ(poll_one(fd[1], ALL, 0), POLLOUT | POLLWRNORM);
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	EXPECT_EQ(poll_one(fd[0], ALL, 0), POLLIN | POLLRDNORM);
	EXPECT_EQ(poll_one(fd[0], POLLIN, 0), POLLIN);
	EXPECT_EQ(poll_one(fd[0], POLLOUT, 0), -1);
	while (write(fd[1], buf, 4096) > 0)
		;
	EXPECT_EQ(poll_one(fd[1], ALL, 0), -1);
	EXPECT_GT(read(fd[0], buf, sizeof(buf)), 0);
	EXPECT_EQ(poll_one(fd[1], POLLOUT, 0), POLLOUT);
	close_pair(fd);
}

TEST(hangup_of_the_writer)
{
	int fd[2];
	char c;

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	close(fd[1]);
	EXPECT_EQ(poll_one(fd[0], POLLIN, 0), POLLIN | POLLHUP);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(poll_one(fd[0], POLLIN, 0), POLLHUP);
	EXPECT_EQ(poll_one(fd[0], 0, 0), POLLHUP);	/* without being asked for */
	close(fd[0]);
}

TEST(error_when_the_reader_goes)
{
	int fd[2];

	EXPECT_OK(pipe(fd));
	close(fd[0]);
	EXPECT_EQ(poll_one(fd[1], POLLOUT, 0), POLLOUT | POLLERR);
	EXPECT_EQ(poll_one(fd[1], 0, 0), POLLERR);
	close(fd[1]);
	EXPECT_EQ(poll_one(fd[1], POLLOUT, 0), POLLNVAL);
}

TEST(waiting_for_data)
{
	struct later l = { .ms = 30, .data = "d", .len = 1 };
	int64_t start = now_ns();
	int fd[2];

	EXPECT_OK(pipe(fd));
	l.fd = fd[1];
	later_start(&l);
	EXPECT_EQ(poll_one(fd[0], POLLIN, 10000), POLLIN);
	EXPECT_GE(now_ns() - start, 30000000);
	later_join(&l);
	close_pair(fd);
}

TEST(waiting_for_the_end)
{
	struct later l = { .ms = 30 };
	int fd[2];

	EXPECT_OK(pipe(fd));
	l.fd = fd[1];
	later_start(&l);
	EXPECT_EQ(poll_one(fd[0], POLLIN, 10000), POLLHUP);
	later_join(&l);
	close(fd[0]);
}

static void *drain(void *fd)
{
	static char buf[65536];

	sleep_ms(30);
	EXPECT_GT(read(*(int *)fd, buf, sizeof(buf)), 0);
	return NULL;
}

TEST(waiting_for_room)
{
	static char buf[65536];
	pthread_t t;
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], buf, sizeof(buf)), sizeof(buf));
	EXPECT_EQ(pthread_create(&t, NULL, drain, &fd[0]), 0);
	EXPECT_EQ(poll_one(fd[1], POLLOUT, 10000), POLLOUT);
	pthread_join(t, NULL);
	close_pair(fd);
}

TEST(several_waiters)
{
	struct later l = { .ms = 20, .data = "x", .len = 1 };
	struct pollfd p[3];
	int a[2], b[2], c[2];

	EXPECT_OK(pipe(a));
	EXPECT_OK(pipe(b));
	EXPECT_OK(pipe(c));
	p[0] = (struct pollfd){ a[0], POLLIN, 0x7f };
	p[1] = (struct pollfd){ b[0], POLLIN, 0x7f };
	p[2] = (struct pollfd){ c[0], POLLIN, 0x7f };
	l.fd = b[1];
	later_start(&l);
	EXPECT_EQ(poll(p, 3, 10000), 1);
	EXPECT(p[0].revents == 0 && p[1].revents == POLLIN && p[2].revents == 0);
	later_join(&l);
	close_pair(a);
	close_pair(b);
	close_pair(c);
}
