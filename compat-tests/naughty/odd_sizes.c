/* Sizes and counts no sane program gives: huge, negative, overflowing; unaligned structures. */
#include "naughty.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>

static char buf[65536];

TEST(lengths)
{
	int fd = tmp_file("f", "0123456789", 10), p[2];

	EXPECT_EQ(syscall(SYS_read, fd, buf, 0x7ffff000ul), 10);
	EXPECT_ERRNO(syscall(SYS_read, fd, buf, -1ul), EFAULT);
	EXPECT_ERRNO(syscall(SYS_write, fd, buf, -1ul), EFAULT);
	EXPECT_ERRNO(syscall(SYS_pread64, fd, buf, 1ul << 63, 0), EFAULT);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(syscall(SYS_write, p[1], buf, -4096ul), EFAULT);
	EXPECT_EQ(syscall(SYS_getrandom, buf, 0, 0), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 10);
	close(p[0]);
	close(p[1]);
	close(fd);
}

TEST(vector_sums)
{
	struct iovec v[3] = { { buf, 10 }, { buf, LONG_MAX - 5 }, { buf, 10 } };
	int fd = tmp_file("f", NULL, 0);

	v[1].iov_len = -1ul;
	EXPECT_ERRNO(syscall(SYS_writev, fd, v, 3), EINVAL);
	EXPECT_ERRNO(syscall(SYS_readv, fd, v, 3), EINVAL);
	EXPECT_ERRNO(syscall(SYS_writev, fd, v, -1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_writev, fd, v, 1 << 20), EINVAL);
	EXPECT_ERRNO(syscall(SYS_writev, fd, v, 1025), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 0);
	close(fd);
}

TEST(unaligned_structures)
{
	char raw[256];
	struct iovec v = { buf, 3 };
	struct timespec t = { 0, 1 };
	struct pollfd p = { 0, POLLIN, 0 };
	struct stat st;
	int pipes[2], fd = tmp_file("f", "abc", 3);

	memcpy(raw + 1, &v, sizeof(v));
	EXPECT_EQ(syscall(SYS_readv, fd, raw + 1, 1), 3);
	memcpy(raw + 3, &t, sizeof(t));
	EXPECT_EQ(syscall(SYS_nanosleep, raw + 3, NULL), 0);
	EXPECT_EQ(syscall(SYS_fstat, fd, raw + 5), 0);
	memcpy(&st, raw + 5, sizeof(st));
	EXPECT_EQ(st.st_size, 3);
	EXPECT_OK(pipe(pipes));
	p.fd = pipes[1];
	p.events = POLLOUT;
	memcpy(raw + 7, &p, sizeof(p));
	EXPECT_EQ(syscall(SYS_poll, raw + 7, 1, 0), 1);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
}

TEST(poll_counts)
{
	struct pollfd p[4] = {
		{ -1, POLLIN, 0 }, { -5, POLLIN, 0 }, { 9999, POLLIN, 0 }, { INT_MIN, 0, 0 }
	};

	EXPECT_EQ(poll(p, 4, 0), 1);
	EXPECT_EQ(p[2].revents, POLLNVAL);
	EXPECT_ERRNO(syscall(SYS_poll, p, -1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_poll, p, 1u << 31, 0), EINVAL);
	EXPECT_EQ(syscall(SYS_poll, NULL, 0, 0), 0);
	EXPECT_ERRNO(syscall(SYS_ppoll, p, 1, NULL, buf, 7), EINVAL);
}

TEST(select_counts)
{
	struct timeval zero = { 0, 0 }, bad = { 0, -1 };
	fd_set set;

	FD_ZERO(&set);
	EXPECT_ERRNO(select(-1, &set, NULL, NULL, &zero), EINVAL);
	EXPECT_ERRNO(select(1, &set, NULL, NULL, &bad), EINVAL);
	FD_SET(50, &set);
	EXPECT_ERRNO(select(51, &set, NULL, NULL, &zero), EBADF);
	FD_ZERO(&set);
	EXPECT_EQ(select(0, NULL, NULL, NULL, &zero), 0);
	EXPECT_EQ(select(1024, &set, NULL, NULL, &zero), 0);
}

TEST(epoll_counts)
{
	struct epoll_event ev;
	int e = EXPECT_OK(epoll_create1(0));

	EXPECT_ERRNO(epoll_wait(e, &ev, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_epoll_wait, e, &ev, -1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_epoll_wait, e, &ev, INT_MAX, 0), EINVAL);
	EXPECT_ERRNO(epoll_create(0), EINVAL);
	EXPECT_ERRNO(epoll_create1(-1), EINVAL);
	close(e);
}

TEST(memory_calls)
{
	EXPECT_ERRNO(mmap(NULL, -1ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(mmap(NULL, 1ul << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERRNO(mmap((void *)0x1001, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			  -1, 0),
		     EINVAL);
	EXPECT_ERRNO(mmap((void *)wild[5], 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			  -1, 0),
		     ENOMEM);
	EXPECT_ERRNO(munmap((void *)wild[5], 4096), EINVAL);
	EXPECT_ERRNO(munmap(buf, 0), EINVAL);
	EXPECT_ERRNO(munmap((void *)0x2000, -4096ul), EINVAL);
	EXPECT_ERRNO(mprotect((void *)wild[5], 4096, PROT_READ), ENOMEM);
	EXPECT_ERRNO(mprotect((void *)0x1000, -8192ul, PROT_READ), ENOMEM);
	EXPECT_ERRNO(mremap((void *)0x123, 4096, 8192, MREMAP_MAYMOVE), EINVAL);
	EXPECT_ERRNO(madvise((void *)0x1000, -4096ul, MADV_DONTNEED), EINVAL);
}

TEST(signal_set_sizes)
{
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, buf, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, buf, NULL, 128), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 16), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigaction, SIGKILL, buf, NULL, 8), EINVAL);
	EXPECT_ERRNO(kill(getpid(), 65), EINVAL);
	EXPECT_ERRNO(kill(getpid(), -1), EINVAL);
}
