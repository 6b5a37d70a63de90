/*
 * eventfd: a counter that adds up, is taken whole or (semaphore) one by one, blocks at its limits,
 * polls, and is shared with a child.
 */
#include "ipc.h"
#include <sys/eventfd.h>

static uint64_t take(int fd)
{
	uint64_t v = 0;

	EXPECT_EQ(read(fd, &v, sizeof(v)), sizeof(v));
	return v;
}

static void add(int fd, uint64_t v)
{
	EXPECT_EQ(write(fd, &v, sizeof(v)), sizeof(v));
}

TEST(counter)
{
	int fd = EXPECT_OK(eventfd(5, 0));

	add(fd, 3);
	add(fd, 10);
	EXPECT_EQ(take(fd), 18);
	add(fd, 0);
	add(fd, 7);
	EXPECT_EQ(take(fd), 7);
	close(fd);
}

TEST(semaphore)
{
	int fd = EXPECT_OK(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK));
	uint64_t v;

	add(fd, 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(take(fd), 1);
	EXPECT_ERRNO(read(fd, &v, 8), EAGAIN);
	close(fd);
}

TEST(limits)
{
	int fd = EXPECT_OK(eventfd(0, EFD_NONBLOCK));
	uint64_t max = UINT64_MAX - 1, v = UINT64_MAX;

	EXPECT_ERRNO(read(fd, &v, 8), EAGAIN);
	EXPECT_ERRNO(write(fd, &v, 8), EINVAL);
	add(fd, max);
	EXPECT_EQ(poll_one(fd, POLLIN | POLLOUT, 0), POLLIN);
	v = 1;
	EXPECT_ERRNO(write(fd, &v, 8), EAGAIN);
	v = 0;
	EXPECT_EQ(write(fd, &v, 8), 8);
	EXPECT_EQ(take(fd), (long long)max);
	EXPECT_ERRNO(read(fd, &v, 7), EINVAL);
	EXPECT_ERRNO(write(fd, &v, 4), EINVAL);
	close(fd);
}

TEST(larger_buffers)
{
	int fd = EXPECT_OK(eventfd(9, 0));
	uint64_t buf[4] = { 0, 77, 77, 77 };

	EXPECT_EQ(read(fd, buf, sizeof(buf)), 8);
	EXPECT_EQ(buf[0], 9);
	EXPECT_EQ(buf[1], 77);
	close(fd);
}

TEST(polls)
{
	int fd = EXPECT_OK(eventfd(0, 0));

	EXPECT_EQ(poll_one(fd, POLLIN | POLLOUT, 0), POLLOUT);
	add(fd, 1);
	EXPECT_EQ(poll_one(fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	take(fd);
	EXPECT_EQ(poll_one(fd, POLLIN, 0), -1);
	close(fd);
}

TEST(flags)
{
	int fd = EXPECT_OK(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR | O_NONBLOCK);
	EXPECT_ERRNO(eventfd(0, 0x40), EINVAL);
	close(fd);
}

TEST(blocking_read)
{
	uint64_t v = 42;
	struct later l = { .ms = 30, .data = &v, .len = 8 };

	l.fd = EXPECT_OK(eventfd(0, 0));
	later_start(&l);
	EXPECT_EQ(take(l.fd), 42);
	later_join(&l);
	close(l.fd);
}

static void *take_later(void *fd)
{
	sleep_ms(30);
	take(*(int *)fd);
	return NULL;
}

TEST(blocking_write)
{
	int fd = EXPECT_OK(eventfd(0, 0));
	pthread_t t;

	add(fd, UINT64_MAX - 1);
	EXPECT_EQ(pthread_create(&t, NULL, take_later, &fd), 0);
	add(fd, 5);		/* waits for room */
	pthread_join(t, NULL);
	EXPECT_EQ(take(fd), 5);
	close(fd);
}

ROLE(adder)
{
	int fd = atoi(argv[0]);

	for (int i = 0; i < 500; i++)
		add(fd, 2);
	return 0;
}

TEST(shared_with_children)
{
	int fd = EXPECT_OK(eventfd(0, 0));
	uint64_t total = 0;
	pid_t pid[3];
	char num[16];

	snprintf(num, sizeof(num), "%d", fd);
	for (int i = 0; i < 3; i++)
		pid[i] = spawn_self("adder", num);
	while (total < 3000)
		total += take(fd);
	EXPECT_EQ(total, 3000);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(pid[i], 0);
	close(fd);
}
