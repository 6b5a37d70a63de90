/* pkey_alloc, pkey_mprotect and pkey_free: bad flags and keys that were never given. */
#include "../lst.h"

static void run(void)
{
	char *m = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_FAIL(syscall(SYS_pkey_alloc, 1, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_pkey_alloc, 0, 8), EINVAL);
	EXPECT_FAIL(syscall(SYS_pkey_free, 99), EINVAL);
	EXPECT_FAIL(syscall(SYS_pkey_free, -1), EINVAL);
	EXPECT_FAIL(syscall(SYS_pkey_mprotect, m, 4096, PROT_READ, 99), EINVAL);
	EXPECT_OK(syscall(SYS_pkey_mprotect, m, 4096, PROT_READ, -1));
	EXPECT_FAIL(read(new_file("f", "x", 1), m, 1), EFAULT);
}
