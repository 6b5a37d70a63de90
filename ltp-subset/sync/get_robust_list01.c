/* set_robust_list and get_robust_list: sizes, threads, addresses. */
#include "../lst.h"
#include <linux/futex.h>

static void run(void)
{
	struct robust_list_head *head, mine = { { &mine.list }, 0, NULL }, *old;
	size_t len;

	EXPECT_FAIL(syscall(SYS_set_robust_list, &mine, 8), EINVAL);
	EXPECT_OK(syscall(SYS_get_robust_list, 0, &old, &len));
	EXPECT_EQ(len, sizeof(mine));
	EXPECT_OK(syscall(SYS_set_robust_list, &mine, sizeof(mine)));
	EXPECT_OK(syscall(SYS_get_robust_list, gettid(), &head, &len));
	EXPECT(head == &mine);
	EXPECT_FAIL(syscall(SYS_get_robust_list, 0x3fffffff, &head, &len), ESRCH);
	EXPECT_FAIL(syscall(SYS_get_robust_list, 0, BAD_PTR, &len), EFAULT);
	EXPECT_FAIL(syscall(SYS_get_robust_list, 0, &head, BAD_PTR), EFAULT);
	EXPECT_OK(syscall(SYS_set_robust_list, old, sizeof(mine)));
}
