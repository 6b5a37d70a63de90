/*
 * Pipes: bytes in order, end of file when the last writer closes, EPIPE when the last reader does,
 * wrong ends, flags of pipe2, what fstat, lseek and fcntl say.
 */
#include "ipc.h"

TEST(bytes_in_order)
{
	char buf[64];
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], "hello ", 6), 6);
	EXPECT_EQ(write(fd[1], "world", 5), 5);
	EXPECT_EQ(read(fd[0], buf, 3), 3);
	EXPECT_MEM(buf, "hel", 3);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), 8);
	EXPECT_MEM(buf, "lo world", 8);
	close_pair(fd);
}

TEST(end_of_file)
{
	int fd[2], extra;
	char buf[8];

	EXPECT_OK(pipe(fd));
	extra = EXPECT_OK(dup(fd[1]));
	EXPECT_EQ(write(fd[1], "xy", 2), 2);
	close(fd[1]);
	EXPECT_EQ(read(fd[0], buf, 8), 2);
	set_nonblock(fd[0]);
	EXPECT_ERRNO(read(fd[0], buf, 8), EAGAIN);	/* one writer is left */
	close(extra);
	EXPECT_EQ(read(fd[0], buf, 8), 0);
	EXPECT_EQ(read(fd[0], buf, 8), 0);
	close(fd[0]);
}

TEST(broken)
{
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], "lost", 4), 4);
	close(fd[0]);
	EXPECT_ERRNO(write(fd[1], "x", 1), EPIPE);
	close(fd[1]);
	signal(SIGPIPE, SIG_DFL);
}

TEST(wrong_ends)
{
	char c = 0;
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_ERRNO(read(fd[1], &c, 1), EBADF);
	EXPECT_ERRNO(write(fd[0], &c, 1), EBADF);
	EXPECT_ERRNO(lseek(fd[0], 0, SEEK_SET), ESPIPE);
	EXPECT_ERRNO(pread(fd[0], &c, 1, 0), ESPIPE);
	EXPECT_ERRNO(pwrite(fd[1], &c, 1, 0), ESPIPE);
	EXPECT_ERRNO(ftruncate(fd[1], 0), EINVAL);
	EXPECT_ERRNO(fsync(fd[1]), EINVAL);
	close_pair(fd);
}

TEST(flags)
{
	int fd[2];
	char c;

	EXPECT_OK(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
	EXPECT_EQ(fcntl(fd[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd[1], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(fcntl(fd[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_WRONLY | O_NONBLOCK);
	EXPECT_ERRNO(read(fd[0], &c, 1), EAGAIN);
	close_pair(fd);
	EXPECT_OK(pipe(fd));
	EXPECT_EQ(fcntl(fd[0], F_GETFD), 0);
	EXPECT_EQ(fcntl(fd[0], F_GETFL) & O_NONBLOCK, 0);
	close_pair(fd);
	EXPECT_ERRNO(pipe2(fd, O_APPEND), EINVAL);
}

TEST(lowest_descriptors)
{
	int a = EXPECT_OK(dup(0)), b = EXPECT_OK(dup(0)), fd[2];

	close(a);
	close(b);
	EXPECT_OK(pipe(fd));
	EXPECT_EQ(fd[0], a);
	EXPECT_EQ(fd[1], b);
	close_pair(fd);
}

TEST(status)
{
	struct stat r, w;
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_OK(fstat(fd[0], &r));
	EXPECT_OK(fstat(fd[1], &w));
	EXPECT(S_ISFIFO(r.st_mode) && S_ISFIFO(w.st_mode));
	EXPECT_EQ(r.st_ino, w.st_ino);
	EXPECT_EQ(r.st_mode & 0777, 0600);
	close_pair(fd);
}

TEST(zero_bytes)
{
	char c;
	int fd[2];

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(write(fd[1], "", 0), 0);
	EXPECT_ERRNO(read(fd[0], &c, 1), EAGAIN);
	EXPECT_EQ(read(fd[0], &c, 0), 0);
	close_pair(fd);
}

TEST(reopened_by_name)
{
	char path[64], c;
	int fd[2], again;

	EXPECT_OK(pipe(fd));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[0]);
	again = open(path, O_RDONLY | O_NONBLOCK);
	if (again < 0)
		SKIP("a pipe cannot be opened through /proc/self/fd");
	EXPECT_EQ(write(fd[1], "p", 1), 1);
	EXPECT_EQ(read(again, &c, 1), 1);
	EXPECT_EQ(c, 'p');
	close(again);
	close_pair(fd);
}

TEST(blocking_read_waits)
{
	struct later l = { .ms = 40, .data = "late", .len = 4 };
	int64_t start = now_ns();
	char buf[8];
	int fd[2];

	EXPECT_OK(pipe(fd));
	l.fd = fd[1];
	later_start(&l);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), 4);
	EXPECT_GE(now_ns() - start, 40000000);
	later_join(&l);
	l = (struct later){ .fd = fd[1], .ms = 30 };
	later_start(&l);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), 0);	/* woken by the close */
	later_join(&l);
	close(fd[0]);
}
