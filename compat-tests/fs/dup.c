/* dup, dup2, dup3 and F_DUPFD: lowest numbers, closing the target, flags, refusals. */
#include "../test.h"

TEST(lowest_free_number)
{
	int a = tmp_file("f", "", 0), b = EXPECT_OK(dup(a)), c = EXPECT_OK(dup(a));

	EXPECT_EQ(b, a + 1);
	EXPECT_EQ(c, a + 2);
	close(b);
	EXPECT_EQ(dup(a), b);
	close(a);
	close(b);
	close(c);
}

TEST(dup2_closes_the_target)
{
	char ch;
	int p[2], fd = tmp_file("f", "", 0);

	EXPECT_OK(pipe(p));
	EXPECT_EQ(dup2(fd, p[1]), p[1]);
	EXPECT_EQ(read(p[0], &ch, 1), 0);
	EXPECT_EQ(dup2(fd, fd), fd);
	EXPECT_EQ(dup2(fd, 200), 200);
	EXPECT_EQ(write(200, "x", 1), 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 1);
	close(200);
	close(p[0]);
	close(p[1]);
	close(fd);
}

TEST(dup2_refusals)
{
	int fd = tmp_file("f", "", 0);

	EXPECT_ERRNO(dup2(-1, 5), EBADF);
	EXPECT_ERRNO(dup2(199, 199), EBADF);
	EXPECT_ERRNO(dup2(fd, -1), EBADF);
	EXPECT_ERRNO(dup2(fd, 1 << 30), EBADF);
	EXPECT_ERRNO(dup(-1), EBADF);
	EXPECT_OK(fcntl(fd, F_GETFD));
	close(fd);
}

TEST(dup3)
{
	int fd = tmp_file("f", "", 0);

	EXPECT_EQ(dup3(fd, 100, O_CLOEXEC), 100);
	EXPECT_EQ(fcntl(100, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(dup3(fd, 100, 0), 100);
	EXPECT_EQ(fcntl(100, F_GETFD), 0);
	EXPECT_ERRNO(dup3(fd, fd, 0), EINVAL);
	EXPECT_ERRNO(dup3(fd, 100, O_APPEND), EINVAL);
	EXPECT_ERRNO(dup3(199, 100, 0), EBADF);
	close(100);
	close(fd);
}

TEST(dupfd)
{
	int fd = tmp_file("f", "", 0);

	EXPECT_EQ(fcntl(fd, F_DUPFD, 150), 150);
	EXPECT_EQ(fcntl(fd, F_DUPFD, 150), 151);
	EXPECT_EQ(fcntl(150, F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 150), 152);
	EXPECT_EQ(fcntl(152, F_GETFD), FD_CLOEXEC);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD, -1), EINVAL);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD, 1 << 30), EINVAL);
	close(150);
	close(151);
	close(152);
	close(fd);
}

TEST(status_flags_are_shared_descriptor_flags_are_not)
{
	int fd = tmp_file("f", "", 0), d = EXPECT_OK(dup(fd));

	EXPECT_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT(fcntl(d, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(d, F_GETFD), 0);
	close(fd);
	EXPECT_EQ(write(d, "x", 1), 1);
	close(d);
}

TEST(close_range_call)
{
	int fd = tmp_file("f", "", 0);

	for (int i = 100; i < 110; i++)
		EXPECT_EQ(dup2(fd, i), i);
	EXPECT_OK(syscall(SYS_close_range, 102, 104, 0));
	EXPECT_OK(fcntl(101, F_GETFD));
	EXPECT_ERRNO(fcntl(102, F_GETFD), EBADF);
	EXPECT_ERRNO(fcntl(104, F_GETFD), EBADF);
	EXPECT_OK(syscall(SYS_close_range, 105, 1000, 4));
	EXPECT_EQ(fcntl(109, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(101, F_GETFD), 0);
	EXPECT_ERRNO(syscall(SYS_close_range, 5, 4, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_close_range, 4, 5, 0x80), EINVAL);
	EXPECT_OK(syscall(SYS_close_range, 100, ~0u, 0));
	EXPECT_ERRNO(fcntl(109, F_GETFD), EBADF);
	close(fd);
}
