/*
 * Sealed mappings: they cannot be unmapped, moved, replaced or protected otherwise; memory that may
 * not be written is not discarded. And /proc/self/pagemap tells which pages are there.
 */
#include "../test.h"
#include <sys/mman.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#define PAGE 4096L

static char *sealed(int prot)
{
	char *p = mmap(NULL, 4 * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(p != MAP_FAILED);
	if (syscall(SYS_mseal, p + PAGE, PAGE, 0) && errno == ENOSYS)
		SKIP("no mseal");
	return p;
}

TEST(what_is_refused)
{
	char *p = sealed(PROT_READ | PROT_WRITE), *q;

	EXPECT_ERRNO(munmap(p, 4 * PAGE), EPERM);
	EXPECT_ERRNO(mprotect(p + PAGE, PAGE, PROT_READ), EPERM);
	EXPECT(mmap(p, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	EXPECT_EQ(errno, EPERM);
	q = mremap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	EXPECT(q == MAP_FAILED);
	EXPECT_EQ(errno, EPERM);
	p[PAGE] = 1;
	EXPECT_OK(madvise(p + PAGE, PAGE, MADV_DONTNEED)); /* it could have been written as well */
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_OK(mprotect(p + 2 * PAGE, PAGE, PROT_READ)); /* the neighbours are free */
	EXPECT_OK(munmap(p + 2 * PAGE, 2 * PAGE));
}

TEST(read_only_memory_is_not_discarded)
{
	char *p = sealed(PROT_READ);

	EXPECT_ERRNO(madvise(p, 4 * PAGE, MADV_DONTNEED), EPERM);
}

TEST(arguments)
{
	char *p = sealed(PROT_READ);

	EXPECT_ERRNO(syscall(SYS_mseal, p, PAGE, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_mseal, p + 1, PAGE, 0), EINVAL);
	EXPECT_OK(munmap(p + 3 * PAGE, PAGE));
	EXPECT_ERRNO(syscall(SYS_mseal, p + 2 * PAGE, 2 * PAGE, 0), ENOMEM);
	EXPECT_OK(syscall(SYS_mseal, p + 2 * PAGE, 0, 0));
}

TEST(pagemap)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t e[2];

	if (fd < 0)
		SKIP("no pagemap");
	p[0] = 1;
	EXPECT_EQ(pread(fd, e, sizeof(e), (intptr_t)p / PAGE * 8), sizeof(e));
	EXPECT(e[0] >> 63);
	EXPECT_ERRNO(pread(fd, e, 7, 0), EINVAL);
	EXPECT_OK(munmap(p, 2 * PAGE));
	EXPECT_EQ(pread(fd, e, sizeof(e), (intptr_t)p / PAGE * 8), sizeof(e));
	EXPECT_EQ(e[0] >> 63, 0);
	close(fd);
}
