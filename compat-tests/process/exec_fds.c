/*
 * Descriptors over exec: CLOEXEC ones close, the others keep number, offset and flags, and both
 * sides share the open file; a closed pipe end is seen at once by the other side.
 */
#include "child.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC	4
#endif

ROLE(is_open)
{
	for (int i = 0; i < argc; i++)
		printf("%d", fcntl(atoi(argv[i]), F_GETFD) >= 0);
	return 0;
}

static struct outcome o;

TEST(cloexec_from_every_source)
{
	int p[2], fd = EXPECT_OK(open("/dev/null", O_RDWR | O_CLOEXEC)), f[6];
	char num[6][16];

	EXPECT_OK(pipe2(p, O_CLOEXEC));
	f[0] = fd;
	f[1] = p[0];
	f[2] = EXPECT_OK(fcntl(fd, F_DUPFD_CLOEXEC, 20));
	f[3] = EXPECT_OK(dup3(fd, 41, O_CLOEXEC));
	f[4] = EXPECT_OK(fcntl(fd, F_DUPFD, 50));	/* a duplicate has no CLOEXEC of its own */
	f[5] = EXPECT_OK(dup(fd));
	EXPECT_OK(fcntl(f[5], F_SETFD, FD_CLOEXEC));
	for (int i = 0; i < 6; i++)
		snprintf(num[i], sizeof(num[i]), "%d", f[i]);
	EXPECT_EQ(run_self(&o, "is_open", num[0], num[1], num[2], num[3], num[4], num[5]), 0);
	EXPECT_STR(o.out, "000010");
	for (int i = 0; i < 6; i++)
		EXPECT_OK(fcntl(f[i], F_GETFD));
	for (int i = 0; i < 6; i++)
		close(f[i]);
	close(p[1]);
}

TEST(set_and_cleared)
{
	int fd = EXPECT_OK(open("/dev/null", O_RDWR | O_CLOEXEC));
	char num[16];

	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_OK(fcntl(fd, F_SETFD, 0));
	EXPECT_EQ(run_self(&o, "is_open", num), 0);
	EXPECT_STR(o.out, "1");
	EXPECT_OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
	EXPECT_EQ(run_self(&o, "is_open", num), 0);
	EXPECT_STR(o.out, "0");
	close(fd);
}

TEST(close_range_cloexec)
{
	int a = EXPECT_OK(fcntl(0, F_DUPFD, 60)), b = EXPECT_OK(fcntl(0, F_DUPFD, 70));
	char num[2][16];

	if (syscall(SYS_close_range, 65, 80, CLOSE_RANGE_CLOEXEC) && errno == ENOSYS)
		SKIP("no close_range");
	snprintf(num[0], 16, "%d", a);
	snprintf(num[1], 16, "%d", b);
	EXPECT_EQ(run_self(&o, "is_open", num[0], num[1]), 0);
	EXPECT_STR(o.out, "10");
	EXPECT_OK(syscall(SYS_close_range, 60, 70, 0));
	EXPECT_ERRNO(fcntl(a, F_GETFD), EBADF);
	EXPECT_ERRNO(fcntl(b, F_GETFD), EBADF);
	EXPECT_ERRNO(syscall(SYS_close_range, 70, 60, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_close_range, 60, 70, 0x80), EINVAL);
}

ROLE(read_three)
{
	char buf[4] = "";

	EXPECT_EQ(read(atoi(argv[0]), buf, 3), 3);
	printf("%s", buf);
	return 0;
}

TEST(offset_is_shared)
{
	int fd = tmp_file("f", "abcdefghi", 9);
	char num[16], c;

	EXPECT_OK(fcntl(fd, F_SETFD, 0));
	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_EQ(run_self(&o, "read_three", num), 0);
	EXPECT_STR(o.out, "abc");
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 'd');
	EXPECT_EQ(run_self(&o, "read_three", num), 0);
	EXPECT_STR(o.out, "efg");
	close(fd);
}

ROLE(append)
{
	int fd = atoi(argv[0]);

	EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, "END", 3), 3);
	EXPECT_OK(fcntl(fd, F_SETFL, 0));
	return 0;
}

TEST(status_flags_are_shared)
{
	int fd = tmp_file("f", "start", 5);
	char num[16], buf[16];

	EXPECT_OK(fcntl(fd, F_SETFD, 0));
	EXPECT_OK(fcntl(fd, F_SETFL, O_APPEND));
	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_EXIT(spawn_self("append", num), 0);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_APPEND, 0);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 8);
	EXPECT_STR(buf, "startEND");
	close(fd);
}

TEST(pipe_ends_close_with_the_child)
{
	int fd[2];
	pid_t pid;
	char c;

	EXPECT_OK(pipe(fd));
	EXPECT_OK(fcntl(fd[0], F_SETFD, FD_CLOEXEC));
	pid = spawn_self("wait_for_eof");
	close(fd[1]);
	EXPECT_EQ(read(fd[0], &c, 1), 0);	/* the child holds the last writer and exits */
	close(fd[0]);
	EXPECT_EXIT(pid, 0);
}

ROLE(wait_for_eof)
{
	sleep_ms(30);
	return 0;
}

ROLE(no_stdin)
{
	return fcntl(0, F_GETFD) == -1 && errno == EBADF ? open("/dev/null", O_RDONLY) : 99;
}

TEST(closed_standard_descriptor_stays_closed)
{
	posix_spawn_file_actions_t fa;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addclose(&fa, 0);
	EXPECT_EXIT(spawn_self_with(&fa, NULL, "no_stdin"), 0);
	posix_spawn_file_actions_destroy(&fa);
}

TEST(high_number)
{
	int fd = EXPECT_OK(fcntl(tmp_file("f", "high", 4), F_DUPFD, 900));
	char num[16];

	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_EQ(run_self(&o, "read_three", num), 0);
	EXPECT_STR(o.out, "hig");
	close(fd);
}
