/*
 * Small helpers for descriptors: a delayed write or close from another thread, poll of one
 * descriptor, full transfers.
 */
#pragma once

#include "../test.h"
#include <poll.h>
#include <sys/ioctl.h>

/* What to do with a descriptor later, in another thread. */
struct later {
	int fd, ms;
	const void *data;	/* NULL: close it */
	size_t len;
	pthread_t thread;
};

static inline void *later_main(void *arg)
{
	struct later *l = arg;

	sleep_ms(l->ms);
	if (!l->data)
		close(l->fd);
	else if (write(l->fd, l->data, l->len) != (ssize_t)l->len)
		abort();
	return NULL;
}

static inline void later_start(struct later *l)
{
	EXPECT_EQ(pthread_create(&l->thread, NULL, later_main, l), 0);
}

static inline void later_join(struct later *l)
{
	EXPECT_EQ(pthread_join(l->thread, NULL), 0);
}

/* The revents of one descriptor, or -1 on a timeout. */
static inline int poll_one(int fd, int events, int ms)
{
	struct pollfd p = { fd, events, 0 };
	int n = poll(&p, 1, ms);

	return n == 1 ? p.revents : n == 0 ? -1 : -2;
}

static inline bool write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

static inline bool read_full(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

static inline void set_nonblock(int fd)
{
	EXPECT_OK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
}

static inline void close_pair(int *fd)
{
	close(fd[0]);
	close(fd[1]);
}

/* A sequence of bytes that shows loss, doubling and swapping. */
static inline unsigned char pattern_byte(size_t i)
{
	return (unsigned char)(i * 131 + (i >> 8) * 17 + (i >> 16) * 7);
}
