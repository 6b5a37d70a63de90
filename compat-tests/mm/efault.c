/*
 * System calls see the same memory rights as the program: EFAULT for unmapped, PROT_NONE and (when
 * they would write) read-only memory, short transfers when only a part is reachable, and no change
 * of what must not be written.
 */
#include "fault.h"
#include <sys/uio.h>
#include <sys/utsname.h>

#define RW	(PROT_READ | PROT_WRITE)

TEST(read_into_forbidden)
{
	int fd = tmp_file("f", "0123456789", 10);
	char *p = map_anon(PAGE, RW);

	p[0] = 'k';
	EXPECT_OK(mprotect(p, PAGE, PROT_READ));
	EXPECT_ERRNO(pread(fd, p, 10, 0), EFAULT);
	EXPECT_EQ(p[0], 'k');
	EXPECT_OK(mprotect(p, PAGE, PROT_NONE));
	EXPECT_ERRNO(pread(fd, p, 10, 0), EFAULT);
	EXPECT_OK(munmap(p, PAGE));
	EXPECT_ERRNO(pread(fd, p, 10, 0), EFAULT);
	EXPECT_ERRNO(pread(fd, wild(0), 10, 0), EFAULT);
	EXPECT_ERRNO(pread(fd, wild(-PAGE), 10, 0), EFAULT);
	EXPECT_EQ(pread(fd, wild(0), 0, 0), 0);
	close(fd);
}

TEST(write_from_forbidden)
{
	int fd = tmp_file("f", "", 0);
	char *p = map_anon(PAGE, PROT_NONE);
	struct stat st;

	EXPECT_ERRNO(write(fd, p, 5), EFAULT);
	EXPECT_ERRNO(write(fd, wild(0), 5), EFAULT);
	EXPECT_ERRNO(write(fd, wild(1UL << 63), 5), EFAULT);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 0);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(pipe_transfers)
{
	char *p = map_anon(2 * PAGE, RW), c;
	int fd[2];

	EXPECT_OK(pipe(fd));
	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_NONE));
	EXPECT_ERRNO(write(fd[1], p + PAGE, 1), EFAULT);
	EXPECT_EQ(write(fd[1], "z", 1), 1);
	EXPECT_ERRNO(read(fd[0], p + PAGE, 1), EFAULT);
	/* The failed read took nothing. */
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(c, 'z');
	close(fd[0]);
	close(fd[1]);
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(half_a_buffer)
{
	char *p = map_anon(2 * PAGE, RW), buf[64];
	int fd = tmp_file("f", "", 0);

	memset(p, 'h', PAGE);
	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT_EQ(write(fd, p + PAGE - 10, 20), 10);
	EXPECT_EQ(pread(fd, buf, sizeof(buf), 0), 10);
	EXPECT(all_bytes(buf, 'h', 10));
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(strings_and_structs)
{
	char *p = map_anon(2 * PAGE, RW);
	int fd[2];

	EXPECT_OK(munmap(p + PAGE, PAGE));
	memset(p, 'a', PAGE);
	EXPECT_ERRNO(open(p + PAGE - 5, O_RDONLY), EFAULT);	/* no NUL before the hole */
	EXPECT_ERRNO(open(wild(8), O_RDONLY), EFAULT);
	memcpy(p + PAGE - 5, "/tmp", 5);
	close(EXPECT_OK(open(p + PAGE - 5, O_RDONLY)));
	EXPECT_ERRNO(syscall(SYS_uname, p + PAGE - 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_pipe2, p + PAGE, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clock_gettime, CLOCK_REALTIME, (void *)16), EFAULT);
	EXPECT_ERRNO(syscall(SYS_newfstatat, AT_FDCWD, "/", p + PAGE - 1, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, (void *)64, NULL, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_getcwd, (void *)64, 4096), EFAULT);
	EXPECT_OK(pipe(fd));
	close(fd[0]);
	close(fd[1]);
	EXPECT_OK(munmap(p, PAGE));
}

TEST(failed_pipe_leaves_no_descriptors)
{
	int before = EXPECT_OK(dup(0)), after;

	close(before);
	for (int i = 0; i < 100; i++)
		EXPECT_ERRNO(syscall(SYS_pipe2, (void *)8, 0), EFAULT);
	after = EXPECT_OK(dup(0));
	close(after);
	EXPECT_EQ(before, after);
}

TEST(vectors)
{
	int fd = tmp_file("f", "", 0);
	char *p = map_anon(PAGE, PROT_NONE);
	struct iovec bad[2] = { { "good", 4 }, { p, 4 } }, neg = { p, (size_t)-1 };

	EXPECT_EQ(writev(fd, bad, 2), 4);
	EXPECT_ERRNO(writev(fd, bad + 1, 1), EFAULT);
	EXPECT_ERRNO(writev(fd, (void *)p, 1), EFAULT);
	EXPECT_ERRNO(writev(fd, &neg, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_writev, fd, bad, -1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_writev, fd, bad, 1025), EINVAL);
	EXPECT_EQ(writev(fd, bad, 0), 0);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

/* A page never touched is as good a source or target as one that was. */
TEST(untouched_pages)
{
	char *p = map_anon(64 * PAGE, RW), buf[16];
	int fd = tmp_file("f", "", 0);

	EXPECT_EQ(pwrite(fd, p, 32 * PAGE, 0), 32 * PAGE);
	EXPECT_EQ(pwrite(fd, "mark", 4, 20 * PAGE - 2), 4);
	EXPECT_EQ(pread(fd, p + 32 * PAGE, 32 * PAGE, 0), 32 * PAGE);
	EXPECT_MEM(p + 52 * PAGE - 2, "mark", 4);
	EXPECT_EQ(pread(fd, buf, 4, 0), 4);
	EXPECT(all_bytes(buf, 0, 4));
	EXPECT_OK(munmap(p, 64 * PAGE));
	close(fd);
}
