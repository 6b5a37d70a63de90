/*
 * How much a pipe holds: 64 KiB by default, more or less with F_SETPIPE_SZ (rounded up to a power
 * of two of pages), never less than what is in it; FIONREAD counts the bytes.
 */
#include "ipc.h"

static size_t fill(int fd)
{
	static char buf[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = write(fd, buf, sizeof(buf))) > 0)
		total += n;
	EXPECT_EQ(errno, EAGAIN);
	return total;
}

TEST(default_size)
{
	int fd[2];

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(fcntl(fd[0], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(fcntl(fd[1], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(fill(fd[1]), 65536);
	close_pair(fd);
}

TEST(resized)
{
	int fd[2];

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	EXPECT_EQ(fcntl(fd[0], F_GETPIPE_SZ), 1 << 20);
	EXPECT_EQ(fill(fd[1]), 1 << 20);
	close_pair(fd);
	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(fcntl(fd[0], F_SETPIPE_SZ, 4096), 4096);
	EXPECT_EQ(fill(fd[1]), 4096);
	close_pair(fd);
}

TEST(rounded_up)
{
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 1), 4096);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 4097), 8192);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 100000), 131072);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 0), 4096);
	close_pair(fd);
}

TEST(not_below_the_content)
{
	static char buf[40000];
	int fd[2];

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(write(fd[1], buf, sizeof(buf)), sizeof(buf));
	EXPECT_ERRNO(fcntl(fd[1], F_SETPIPE_SZ, 4096), EBUSY);
	EXPECT_EQ(fcntl(fd[1], F_GETPIPE_SZ), 65536);
	close_pair(fd);
}

TEST(content_survives)
{
	unsigned char buf[30000];
	int fd[2];

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = pattern_byte(i);
	EXPECT_EQ(write(fd[1], buf, sizeof(buf)), sizeof(buf));
	EXPECT_EQ(read(fd[0], buf, 5000), 5000);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 1 << 18), 1 << 18);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), sizeof(buf) - 5000);
	for (size_t i = 0; i < sizeof(buf) - 5000; i++)
		EXPECT_EQ(buf[i], pattern_byte(i + 5000));
	close_pair(fd);
}

TEST(fionread)
{
	char buf[100] = "";
	int fd[2], n = -1;

	EXPECT_OK(pipe(fd));
	EXPECT_OK(ioctl(fd[0], FIONREAD, &n));
	EXPECT_EQ(n, 0);
	EXPECT_EQ(write(fd[1], buf, 100), 100);
	EXPECT_EQ(write(fd[1], buf, 50), 50);
	EXPECT_OK(ioctl(fd[0], FIONREAD, &n));
	EXPECT_EQ(n, 150);
	EXPECT_EQ(read(fd[0], buf, 30), 30);
	EXPECT_OK(ioctl(fd[1], FIONREAD, &n));
	EXPECT_EQ(n, 120);
	close_pair(fd);
}

TEST(fionbio)
{
	int fd[2], on = 1;
	char c;

	EXPECT_OK(pipe(fd));
	EXPECT_OK(ioctl(fd[0], FIONBIO, &on));
	EXPECT_EQ(fcntl(fd[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	EXPECT_ERRNO(read(fd[0], &c, 1), EAGAIN);
	on = 0;
	EXPECT_OK(ioctl(fd[0], FIONBIO, &on));
	EXPECT_EQ(fcntl(fd[0], F_GETFL) & O_NONBLOCK, 0);
	EXPECT_ERRNO(ioctl(fd[0], 0x5401 /* TCGETS */, &on), ENOTTY);
	close_pair(fd);
}

TEST(no_pipe_size_for_files)
{
	int fd = tmp_file("f", "", 0);

	EXPECT_ERRNO(fcntl(fd, F_GETPIPE_SZ), EBADF);
	close(fd);
}
