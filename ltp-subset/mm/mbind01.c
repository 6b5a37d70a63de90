/* mbind, set_mempolicy and get_mempolicy: modes they refuse, the policy one gets back. */
#include "../lst.h"
#include <linux/mempolicy.h>

static void run(void)
{
	char *m = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	unsigned long node0 = 1, none = 0, got[16];
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 0) && errno == ENOSYS)
		CONF("no memory policies");
	EXPECT_EQ(mode, MPOL_DEFAULT);
	EXPECT_FAIL(syscall(SYS_set_mempolicy, 99, NULL, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_set_mempolicy, MPOL_DEFAULT, &node0, 64), EINVAL);
	EXPECT_FAIL(syscall(SYS_set_mempolicy, MPOL_BIND, &none, 64), EINVAL);
	EXPECT_FAIL(syscall(SYS_set_mempolicy, MPOL_BIND, BAD_PTR, 64), EFAULT);
	EXPECT_OK(syscall(SYS_set_mempolicy, MPOL_BIND, &node0, 64));
	EXPECT_OK(syscall(SYS_get_mempolicy, &mode, got, 1024, NULL, 0));
	EXPECT_EQ(mode, MPOL_BIND);
	EXPECT_EQ(got[0], 1);
	EXPECT_OK(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
	EXPECT_OK(syscall(SYS_mbind, m, 4096, MPOL_BIND, &node0, 64, 0));
	EXPECT_FAIL(syscall(SYS_mbind, m + 1, 4096, MPOL_BIND, &node0, 64, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_mbind, m, 4096, 99, &node0, 64, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_mbind, m, 4096, MPOL_BIND, &node0, 64, 0x100), EINVAL);
	EXPECT_FAIL(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 99), EINVAL);
}
