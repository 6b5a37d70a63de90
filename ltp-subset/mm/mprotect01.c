/* mprotect: errors, partial success before a hole, and what each right allows. */
#include "../lst.h"

static void run(void)
{
	char *m = MUST(mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	int ro = MUST((close(new_file("f", "x", 1)), open("f", O_RDONLY)));
	char *f = MUST(mmap(NULL, 4096, PROT_READ, MAP_SHARED, ro, 0));
	int p[2];

	MUST(pipe(p));
	EXPECT_FAIL(mprotect(m + 1, 4096, PROT_READ), EINVAL);
	EXPECT_OK(mprotect(m, 0, PROT_READ));
	EXPECT_FAIL(mprotect(m, 4096, 0x40), EINVAL);
	EXPECT_FAIL(mprotect(f, 4096, PROT_READ | PROT_WRITE), EACCES);
	MUST(munmap(m + 4096, 4096));
	EXPECT_FAIL(mprotect(m, 3 * 4096, PROT_READ), ENOMEM);
	/* The system reads and writes memory with the program's rights. */
	EXPECT_FAIL(pread(ro, m, 1, 0), EFAULT);
	EXPECT_EQ(pread(ro, m + 2 * 4096, 1, 0), 1);
	EXPECT_OK(mprotect(m + 2 * 4096, 4096, PROT_NONE));
	EXPECT_FAIL(write(p[1], m + 2 * 4096, 1), EFAULT);
	EXPECT_OK(mprotect(m + 2 * 4096, 4096, PROT_READ));
	EXPECT_EQ(m[2 * 4096], 'x');
	EXPECT_OK(mprotect(m, 1, PROT_READ | PROT_WRITE));
	m[4095] = 'y';
	EXPECT_EQ(m[4095], 'y');
}
