/* membarrier: query, commands that need registration, bad flags. */
#include "../lst.h"
#include <linux/membarrier.h>

static void run(void)
{
	long query = EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));

	EXPECT_FAIL(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 1, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_membarrier, 1 << 30, 0, 0), EINVAL);
	EXPECT(query & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	EXPECT_FAIL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
}
