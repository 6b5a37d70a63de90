/* Close-on-exec: set by every creating call, cleared by dup, honoured by exec, posix_spawn dup2. */
#include "../test.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

ROLE(fd_is_open)
{
	return fcntl(atoi(argv[0]), F_GETFD) < 0 ? 0 : 1;
}

static int child_has(int fd)
{
	char num[12];

	snprintf(num, sizeof(num), "%d", fd);
	return WEXITSTATUS(wait_status(spawn_self("fd_is_open", num)));
}

TEST(flag_and_exec)
{
	int fd = EXPECT_OK(open("/dev/null", O_RDONLY | O_CLOEXEC));

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(child_has(fd), 0);
	EXPECT_OK(fcntl(fd, F_SETFD, 0));
	EXPECT_EQ(child_has(fd), 1);
	EXPECT_OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
	EXPECT_EQ(child_has(fd), 0);
	EXPECT_OK(fcntl(fd, F_GETFD));
	close(fd);
}

static void expect_cloexec_and_close(int fd)
{
	EXPECT_OK(fd);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

TEST(creating_calls)
{
	int p[2];

	EXPECT_OK(pipe2(p, O_CLOEXEC));
	expect_cloexec_and_close(p[0]);
	expect_cloexec_and_close(p[1]);
	expect_cloexec_and_close(eventfd(0, EFD_CLOEXEC));
	expect_cloexec_and_close(epoll_create1(EPOLL_CLOEXEC));
	expect_cloexec_and_close(memfd_create("m", MFD_CLOEXEC));
	expect_cloexec_and_close(fcntl(1, F_DUPFD_CLOEXEC, 0));
	EXPECT_OK(pipe(p));
	EXPECT_EQ(fcntl(p[0], F_GETFD), 0);
	close(p[0]);
	close(p[1]);
}

TEST(spawn_actions_clear_it)
{
	posix_spawn_file_actions_t fa;
	int fd = EXPECT_OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
	char num[12];

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd, fd);
	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_EXIT(spawn_self_with(&fa, NULL, "fd_is_open", num), 1);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	posix_spawn_file_actions_destroy(&fa);
	close(fd);
}
