/* fcntl(2) and ioctl(2) on plain descriptors: status flags, FIONREAD, FIOCLEX, pipe size, poll. */
#include "../test.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>

TEST(status_flags)
{
	int fd = EXPECT_OK(open(tmp_path("f"),
				O_RDWR | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
	int fl = EXPECT_OK(fcntl(fd, F_GETFL));

	EXPECT_EQ(fl & (O_ACCMODE | O_APPEND | O_CREAT | O_EXCL | O_TRUNC), O_RDWR | O_APPEND);
	EXPECT_OK(fcntl(fd, F_SETFL, O_RDONLY | O_NONBLOCK | O_CREAT));
	fl = EXPECT_OK(fcntl(fd, F_GETFL));
	EXPECT_EQ(fl & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT), O_RDWR | O_NONBLOCK);
	EXPECT_ERRNO(fcntl(-1, F_GETFL), EBADF);
	EXPECT_ERRNO(fcntl(fd, 9999), EINVAL);
	close(fd);
}

TEST(fionread)
{
	int n = -1, p[2], fd = tmp_file("f", "0123456789", 10);

	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_OK(ioctl(fd, FIONREAD, &n));
	EXPECT_EQ(n, 6);
	EXPECT_OK(pipe(p));
	EXPECT_EQ(write(p[1], "abc", 3), 3);
	EXPECT_OK(ioctl(p[0], FIONREAD, &n));
	EXPECT_EQ(n, 3);
	EXPECT_ERRNO(ioctl(p[0], FIONREAD, bad_ptr()), EFAULT);
	EXPECT_ERRNO(ioctl(fd, 0x5499, 0), ENOTTY);
	EXPECT_ERRNO(ioctl(-1, FIONREAD, &n), EBADF);
	close(p[0]);
	close(p[1]);
	close(fd);
}

TEST(descriptor_ioctls)
{
	int on = 1, off = 0, p[2];

	EXPECT_OK(pipe(p));
	EXPECT_OK(ioctl(p[0], FIOCLEX));
	EXPECT_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	EXPECT_OK(ioctl(p[0], FIONCLEX));
	EXPECT_EQ(fcntl(p[0], F_GETFD), 0);
	EXPECT_OK(ioctl(p[0], FIONBIO, &on));
	EXPECT(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	EXPECT_OK(ioctl(p[0], FIONBIO, &off));
	EXPECT(!(fcntl(p[0], F_GETFL) & O_NONBLOCK));
	close(p[0]);
	close(p[1]);
}

TEST(pipe_size)
{
	int p[2], fd = tmp_file("f", "", 0);

	EXPECT_OK(pipe(p));
	EXPECT_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(fcntl(p[0], F_SETPIPE_SZ, 5000), 8192);
	EXPECT_EQ(fcntl(p[1], F_GETPIPE_SZ), 8192);
	EXPECT_ERRNO(fcntl(fd, F_GETPIPE_SZ), EBADF);
	close(p[0]);
	close(p[1]);
	close(fd);
}

TEST(files_are_always_ready)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int e = EXPECT_OK(epoll_create1(0)), fd = tmp_file("f", "", 0);
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI, 0 };
	struct timeval zero = { 0, 0 };
	fd_set r, w;

	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT_EQ(p.revents, POLLIN | POLLOUT);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fd, &r);
	FD_SET(fd, &w);
	EXPECT_EQ(select(fd + 1, &r, &w, NULL, &zero), 2);
	EXPECT_ERRNO(epoll_ctl(e, EPOLL_CTL_ADD, fd, &ev), EPERM);
	p.fd = 999;
	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT_EQ(p.revents, POLLNVAL);
	close(e);
	close(fd);
}
