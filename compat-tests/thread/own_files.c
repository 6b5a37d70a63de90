/* Threads with descriptors of their own: clone without CLONE_FILES is in clone_raw; here unshare and
 * close_range, what others see of it, and what exec, spawn and the end of the thread make of it. */
#include "threads.h"
#include <linux/close_range.h>
#include <sched.h>

static int shared_fd;

static void *detach_and_close(void *arg)
{
	char path[64];

	EXPECT_OK(unshare(CLONE_FILES));
	EXPECT_OK(close(shared_fd));
	snprintf(path, sizeof(path), "/proc/self/task/%ld/fd/%d", (long)syscall(SYS_gettid), shared_fd);
	EXPECT_ERRNO(access(path, F_OK), ENOENT);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shared_fd);
	EXPECT_OK(access(path, F_OK));
	EXPECT_OK(unshare(CLONE_FILES));
	EXPECT_ERRNO(fcntl(shared_fd, F_GETFD), EBADF);
	return arg;
}

TEST(unshare_in_a_thread)
{
	shared_fd = EXPECT_OK(dup(0));
	EXPECT_EQ(thread_join(thread_start(detach_and_close, NULL)), 0);
	EXPECT_GE(fcntl(shared_fd, F_GETFD), 0);
	close(shared_fd);
}

static void *close_all_own(void *arg)
{
	EXPECT_OK(close_range(shared_fd, ~0U, CLOSE_RANGE_UNSHARE));
	EXPECT_ERRNO(fcntl(shared_fd, F_GETFD), EBADF);
	return arg;
}

TEST(close_range_in_a_thread)
{
	shared_fd = EXPECT_OK(dup(0));
	EXPECT_EQ(thread_join(thread_start(close_all_own, NULL)), 0);
	EXPECT_GE(fcntl(shared_fd, F_GETFD), 0);
	close(shared_fd);
}

static int p[2];

static void *keep_only_own_end(void *arg)
{
	EXPECT_OK(unshare(CLONE_FILES));
	EXPECT_OK(dup(p[1]));
	return arg;
}

TEST(end_of_the_thread_closes_its_own)
{
	char c;

	EXPECT_OK(pipe(p));
	EXPECT_EQ(thread_join(thread_start(keep_only_own_end, NULL)), 0);
	EXPECT_OK(close(p[1]));
	EXPECT_EQ(read(p[0], &c, 1), 0);
	close(p[0]);
}

ROLE(has_fd)
{
	return fcntl(atoi(argv[0]), F_GETFD) >= 0 ? 1 : 0;
}

static void *spawn_from_own(void *arg)
{
	char num[16];

	snprintf(num, sizeof(num), "%d", shared_fd);
	EXPECT_OK(unshare(CLONE_FILES));
	EXPECT_OK(close(shared_fd));
	EXPECT_EXIT(spawn_self("has_fd", num), 0);
	return arg;
}

TEST(children_get_the_descriptors_of_the_thread)
{
	char num[16];

	shared_fd = EXPECT_OK(dup(0));
	snprintf(num, sizeof(num), "%d", shared_fd);
	EXPECT_EQ(thread_join(thread_start(spawn_from_own, NULL)), 0);
	EXPECT_EXIT(spawn_self("has_fd", num), 1);
	close(shared_fd);
}

static void *exec_from_own(void *arg)
{
	char num[16];

	snprintf(num, sizeof(num), "%d", shared_fd);
	EXPECT_OK(unshare(CLONE_FILES));
	EXPECT_OK(close(shared_fd));
	execl(arg, "self", "--role", "has_fd", num, NULL);
	_exit(9);
}

ROLE(exec_in_a_thread)
{
	shared_fd = dup(0);
	thread_join(thread_start(exec_from_own, argv[0]));
	return 8;
}

TEST(exec_keeps_the_descriptors_of_the_thread)
{
	char path[256];
	ssize_t n = EXPECT_OK(readlink("/proc/self/exe", path, sizeof(path) - 1));

	path[n] = 0;
	EXPECT_EXIT(spawn_self("exec_in_a_thread", path), 0);
}
