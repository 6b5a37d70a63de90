/*
 * File mappings: shared ones are coherent with read, write and each other, private ones are
 * copies; protection against open mode; behind the end; after close and unlink; between processes.
 */
#include "../test.h"
#include <sys/mman.h>

static char *map(int fd, size_t len, int prot, int flags, off_t off)
{
	return EXPECT_OK(mmap(NULL, len, prot, flags, fd, off));
}

TEST(shared_is_coherent)
{
	char buf[8];
	int fd = tmp_file("f", "hello world", 11);
	char *a = map(fd, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	char *b = map(fd, 4096, PROT_READ, MAP_SHARED, 0);

	EXPECT_MEM(a, "hello world", 11);
	a[0] = 'J';
	EXPECT_EQ(b[0], 'J');
	EXPECT_EQ(pread(fd, buf, 5, 0), 5);
	EXPECT_MEM(buf, "Jello", 5);
	EXPECT_EQ(pwrite(fd, "X", 1, 4), 1);
	EXPECT_EQ(a[4], 'X');
	EXPECT_EQ(b[4], 'X');
	munmap(a, 4096);
	munmap(b, 4096);
	close(fd);
}

TEST(private_is_a_copy)
{
	char c;
	int fd = tmp_file("f", "hello", 5);
	char *p = map(fd, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);

	p[0] = 'X';
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'h');
	EXPECT_EQ(pwrite(fd, "Z", 1, 1), 1);
	EXPECT_EQ(p[0], 'X');
	munmap(p, 4096);
	close(fd);
}

TEST(rest_of_the_last_page_is_zero)
{
	int fd = tmp_file("f", "abc", 3);
	char *p = map(fd, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0), zero[4093] = "";
	struct stat st;

	EXPECT_MEM(p + 3, zero, 4093);
	p[100] = 'x';
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 3);
	EXPECT_OK(msync(p, 4096, MS_SYNC));
	EXPECT_EQ(pread(fd, zero, 10, 0), 3);
	munmap(p, 4096);
	close(fd);
}

TEST(offset_and_survival)
{
	static char data[3 * 4096];
	int fd;
	char *p;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i >> 8;
	fd = tmp_file("f", data, sizeof(data));
	p = map(fd, 8192, PROT_READ, MAP_SHARED, 4096);
	close(fd);
	EXPECT_OK(unlink(tmp_path("f")));
	EXPECT_MEM(p, data + 4096, 8192);
	munmap(p, 8192);
}

TEST(open_mode_limits_protection)
{
	int r, w;
	char *p;

	close(tmp_file("f", "abc", 3));
	r = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	w = EXPECT_OK(open(tmp_path("f"), O_WRONLY));
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r, 0), EACCES);
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_SHARED, w, 0), EACCES);
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, w, 0), EACCES);
	p = map(r, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	p[0] = 'x';
	munmap(p, 4096);
	p = map(r, 4096, PROT_READ, MAP_SHARED, 0);
	EXPECT_ERRNO(mprotect(p, 4096, PROT_READ | PROT_WRITE), EACCES);
	munmap(p, 4096);
	close(r);
	close(w);
}

TEST(refusals)
{
	int p[2], d, fd = tmp_file("f", "abc", 3);

	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 100), EINVAL);
	EXPECT_ERRNO(mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, 0, fd, 0), EINVAL);
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_SHARED, -1, 0), EBADF);
	d = EXPECT_OK(open(test_tmpdir(), O_RDONLY));
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_SHARED, d, 0), ENODEV);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_SHARED, p[0], 0), ENODEV);
	close(p[0]);
	close(p[1]);
	close(d);
	close(fd);
}

static sigjmp_buf fault_out;
static volatile sig_atomic_t fault_signal;

static void on_fault(int sig)
{
	fault_signal = sig;
	siglongjmp(fault_out, 1);
}

TEST(behind_the_end_is_sigbus)
{
	int fd = tmp_file("f", "abc", 3);
	volatile char *p = map(fd, 8192, PROT_READ, MAP_SHARED, 0);

	signal(SIGBUS, on_fault);
	signal(SIGSEGV, on_fault);
	fault_signal = 0;
	if (!sigsetjmp(fault_out, 1))
		(void)p[4096];
	EXPECT_EQ(fault_signal, SIGBUS);
	EXPECT_OK(ftruncate(fd, 8192));
	EXPECT_EQ(p[4096], 0);
	EXPECT_OK(ftruncate(fd, 0));
	fault_signal = 0;
	if (!sigsetjmp(fault_out, 1))
		(void)p[0];
	EXPECT_EQ(fault_signal, SIGBUS);
	signal(SIGBUS, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	munmap((void *)p, 8192);
	close(fd);
}

ROLE(change_mapping)
{
	int fd = open(argv[0], O_RDWR);
	char *p = map(fd, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	EXPECT_EQ(p[0], 'a');
	p[1] = 'B';
	return 0;
}

TEST(between_processes)
{
	int fd = tmp_file("f", "abc", 3);
	char *p = map(fd, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	EXPECT_EXIT(spawn_self("change_mapping", tmp_path("f")), 0);
	EXPECT_EQ(p[1], 'B');
	munmap(p, 4096);
	close(fd);
}

TEST(read_into_own_mapping)
{
	int fd = tmp_file("f", "0123456789", 10);
	char *p = map(fd, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0);

	EXPECT_EQ(pread(fd, p + 5, 5, 0), 5);
	EXPECT_MEM(p, "0123401234", 10);
	EXPECT_EQ(pwrite(fd, p, 10, 10), 10);
	EXPECT_MEM(p + 10, "0123401234", 10);
	munmap(p, 4096);
	close(fd);
}
