/* getcpu: null and bad addresses; the cpu is one that is allowed. */
#include "../lst.h"

static void run(void)
{
	unsigned int cpu = 9999, node = 9999;
	cpu_set_t set;

	EXPECT_OK(syscall(SYS_getcpu, &cpu, &node, NULL));
	MUST(sched_getaffinity(0, sizeof(set), &set));
	EXPECT(CPU_ISSET(cpu, &set));
	EXPECT_EQ(node, 0);
	EXPECT_OK(syscall(SYS_getcpu, NULL, NULL, NULL));
	EXPECT_FAIL(syscall(SYS_getcpu, BAD_PTR, NULL, NULL), EFAULT);
	EXPECT_FAIL(syscall(SYS_getcpu, NULL, BAD_PTR, NULL), EFAULT);
}
