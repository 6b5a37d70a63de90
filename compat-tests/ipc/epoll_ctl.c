/*
 * epoll_ctl and its refusals, and what becomes of an entry when descriptors are closed, duplicated
 * or reused.
 */
#include "ipc.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static struct epoll_event in = { .events = EPOLLIN };

TEST(errors)
{
	int ep = EXPECT_OK(epoll_create1(0)), fd[2], file = tmp_file("f", "", 0);
	int dir = EXPECT_OK(open("/", O_RDONLY));

	EXPECT_OK(pipe(fd));
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &in));
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &in), EEXIST);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, fd[1], &in), ENOENT);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, fd[1], NULL), ENOENT);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, 700, &in), EBADF);
	EXPECT_ERRNO(epoll_ctl(700, EPOLL_CTL_ADD, fd[0], &in), EBADF);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &in), EINVAL);
	EXPECT_ERRNO(epoll_ctl(fd[0], EPOLL_CTL_ADD, fd[1], &in), EINVAL);
	EXPECT_ERRNO(epoll_ctl(ep, 99, fd[1], &in), EINVAL);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, file, &in), EPERM);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, dir, &in), EPERM);
	EXPECT_ERRNO(syscall(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd[1], (void *)8), EFAULT);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_DEL, fd[0], NULL));
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, fd[0], NULL), ENOENT);
	close(dir);
	close(file);
	close_pair(fd);
	close(ep);
}

TEST(create_and_wait_errors)
{
	struct epoll_event ev;
	int ep = EXPECT_OK(epoll_create1(EPOLL_CLOEXEC)), fd[2];

	EXPECT_EQ(fcntl(ep, F_GETFD), FD_CLOEXEC);
	EXPECT_ERRNO(epoll_create1(0x40), EINVAL);
	EXPECT_ERRNO(epoll_create(0), EINVAL);
	EXPECT_ERRNO(epoll_create(-1), EINVAL);
	close(EXPECT_OK(epoll_create(1)));
	EXPECT_ERRNO(epoll_wait(ep, &ev, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_epoll_wait, ep, &ev, -1, 0), EINVAL);
	EXPECT_ERRNO(epoll_wait(700, &ev, 1, 0), EBADF);
	EXPECT_OK(pipe(fd));
	EXPECT_ERRNO(epoll_wait(fd[0], &ev, 1, 0), EINVAL);
	EXPECT_ERRNO(read(ep, &ev, sizeof(ev)), EINVAL);
	close_pair(fd);
	close(ep);
}

TEST(close_removes)
{
	struct epoll_event ev;
	int ep = EXPECT_OK(epoll_create1(0)), fd = EXPECT_OK(eventfd(1, 0)), again;

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &in));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	close(fd);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	again = EXPECT_OK(eventfd(1, 0));
	EXPECT_EQ(again, fd);			/* the number is back, the entry is not */
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, again, &in));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	close(again);
	close(ep);
}

/* The entry belongs to the open file: it stays while a duplicate is open. */
TEST(duplicate_keeps)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 5 };
	int ep = EXPECT_OK(epoll_create1(0)), fd = EXPECT_OK(eventfd(1, 0)),
	    copy = EXPECT_OK(dup(fd));

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	ev.data.u64 = 6;
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, copy, &ev));	/* another entry */
	EXPECT_EQ(epoll_wait(ep, (struct epoll_event[4]){ 0 }, 4, 0), 2);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_DEL, copy, NULL));
	close(fd);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	EXPECT_EQ(ev.data.u64, 5);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL), EBADF);
	close(copy);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close(ep);
}

TEST(mod_changes_data_and_mask)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 1 };
	int ep = EXPECT_OK(epoll_create1(0)), fd = EXPECT_OK(eventfd(1, 0));

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	ev = (struct epoll_event){ .events = EPOLLOUT, .data.u64 = 2 };
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	EXPECT_EQ(ev.data.u64, 2);
	EXPECT_EQ(ev.events, EPOLLOUT);
	close(fd);
	close(ep);
}

TEST(exclusive)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int ep = EXPECT_OK(epoll_create1(0)), fd = EXPECT_OK(eventfd(1, 0));

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	ev.events = EPOLLIN | EPOLLEXCLUSIVE;
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev), EINVAL);
	ev.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), EINVAL);
	close(fd);
	close(ep);
}

static void *add_later(void *arg)
{
	int *p = arg;

	sleep_ms(30);
	EXPECT_EQ(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &in), 0);
	return NULL;
}

/* A descriptor that is ready when added wakes a thread that waits already. */
TEST(add_while_waiting)
{
	struct epoll_event ev;
	int p[2] = { EXPECT_OK(epoll_create1(0)), EXPECT_OK(eventfd(1, 0)) };
	pthread_t t;

	EXPECT_EQ(pthread_create(&t, NULL, add_later, p), 0);
	EXPECT_EQ(epoll_wait(p[0], &ev, 1, 10000), 1);
	pthread_join(t, NULL);
	close(p[0]);
	close(p[1]);
}

ROLE(wait_in_child)
{
	struct epoll_event ev;

	return epoll_wait(atoi(argv[0]), &ev, 1, 0) == 1 ? (int)ev.data.u64 : 99;
}

/* The set is shared with a child that inherits it, with what it watches. */
TEST(inherited)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 31 };
	int ep = EXPECT_OK(epoll_create1(0)), fd = EXPECT_OK(eventfd(1, EFD_CLOEXEC));
	char num[16];

	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	snprintf(num, sizeof(num), "%d", ep);
	EXPECT_EXIT(spawn_self("wait_in_child", num), 31);
	close(fd);
	close(ep);
}
