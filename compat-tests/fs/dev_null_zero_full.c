/* /dev/null, /dev/zero and /dev/full: reading, writing, seeking, mapping, odd calls. */
#include "../test.h"
#include <poll.h>
#include <sys/mman.h>
#include <sys/uio.h>

TEST(null)
{
	char buf[16];
	int fd = EXPECT_OK(open("/dev/null", O_RDWR));

	EXPECT_EQ(read(fd, buf, sizeof(buf)), 0);
	EXPECT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	EXPECT_EQ(lseek(fd, 100, SEEK_SET), 0);
	EXPECT_EQ(pread(fd, buf, 4, 10), 0);
	EXPECT_EQ(pwrite(fd, buf, 4, 10), 4);
	EXPECT_ERRNO(ftruncate(fd, 0), EINVAL);
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV);
	close(fd);
	close(EXPECT_OK(open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644)));
	EXPECT_ERRNO(open("/dev/null", O_RDONLY | O_DIRECTORY), ENOTDIR);
}

TEST(zero)
{
	char buf[5000], zero[5000] = "";
	struct iovec v[] = { { buf, 100 }, { buf + 200, 100 } };
	int fd = EXPECT_OK(open("/dev/zero", O_RDWR));

	memset(buf, 1, sizeof(buf));
	EXPECT_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	EXPECT_MEM(buf, zero, sizeof(buf));
	memset(buf, 1, sizeof(buf));
	EXPECT_EQ(readv(fd, v, 2), 200);
	EXPECT_EQ(buf[99], 0);
	EXPECT_EQ(buf[100], 1);
	EXPECT_EQ(buf[200], 0);
	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_ERRNO(read(fd, bad_ptr(), 8), EFAULT);
	close(fd);
}

TEST(zero_mapped)
{
	int fd = EXPECT_OK(open("/dev/zero", O_RDWR));
	char *p = EXPECT_OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));

	EXPECT_EQ(p[5000], 0);
	p[5000] = 7;
	EXPECT_EQ(p[5000], 7);
	munmap(p, 8192);
	p = EXPECT_OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(p[5000], 0);
	munmap(p, 8192);
	close(fd);
}

TEST(full)
{
	char c = 1;
	int fd = EXPECT_OK(open("/dev/full", O_RDWR));

	EXPECT_ERRNO(write(fd, "x", 1), ENOSPC);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 0);
	close(fd);
}

TEST(full_through_stdio)
{
	FILE *f = fopen("/dev/full", "w");

	EXPECT(f != NULL);
	EXPECT_EQ(fputs("x", f) >= 0, 1);
	EXPECT_ERRNO(fclose(f), ENOSPC);
}

TEST(always_ready)
{
	struct pollfd p = { EXPECT_OK(open("/dev/null", O_RDWR)), POLLIN | POLLOUT, 0 };

	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN | POLLOUT);
	close(p.fd);
}

TEST(missing_device)
{
	EXPECT_ERRNO(open("/dev/does-not-exist", O_RDWR), ENOENT);
	EXPECT_ERRNO(open("/dev/null/x", O_RDWR), ENOTDIR);
}
