/* mmap: lengths, flags, offsets and descriptors it refuses. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "x", 1), ro = MUST(open("f", O_RDONLY)), wo = MUST(open("f", O_WRONLY)), p[2];
	int prot = PROT_READ | PROT_WRITE;

	MUST(pipe(p));
	EXPECT_FAIL(mmap(NULL, 0, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_FAIL(mmap(NULL, 4096, prot, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_FAIL(mmap(NULL, 4096, prot, MAP_PRIVATE, fd, 100), EINVAL);
	EXPECT_FAIL(mmap(NULL, 4096, prot, MAP_PRIVATE, BAD_FD, 0), EBADF);
	EXPECT_FAIL(mmap(NULL, 4096, prot, MAP_PRIVATE, -1, 0), EBADF);
	EXPECT_FAIL(mmap(NULL, 4096, prot, MAP_SHARED, ro, 0), EACCES);
	EXPECT_FAIL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
	EXPECT_FAIL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, p[0], 0), ENODEV);
	EXPECT_FAIL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, MUST(open(".", O_RDONLY)), 0), ENODEV);
	EXPECT_FAIL(mmap((void *)1, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
	EXPECT_FAIL(mmap(NULL, SIZE_MAX, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_FAIL(mmap(NULL, 1UL << 48, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_FAIL(mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE | 0x800000, fd, 0), EOPNOTSUPP);
	EXPECT_OK(mmap(NULL, 4096, prot, MAP_PRIVATE, ro, 0));
	EXPECT_OK(mmap(NULL, 1, prot, MAP_SHARED, fd, 4096));
}
