/* brk: where it is, growing, shrinking, and pages that come back as zeros. */
#include "../lst.h"

static void run(void)
{
	char *start = (char *)syscall(SYS_brk, 0), *now;

	EXPECT((char *)syscall(SYS_brk, start + 3 * 4096) == start + 3 * 4096);
	start[0] = start[3 * 4096 - 1] = 'b';
	EXPECT((char *)syscall(SYS_brk, start + 100) == start + 100);
	EXPECT_EQ(start[0], 'b');
	EXPECT((char *)syscall(SYS_brk, start + 3 * 4096) == start + 3 * 4096);
	EXPECT_EQ(start[3 * 4096 - 1], 0);
	now = (char *)syscall(SYS_brk, 4096);
	EXPECT(now == start + 3 * 4096);
	EXPECT((char *)syscall(SYS_brk, -1) == now);
	EXPECT((char *)syscall(SYS_brk, start) == start);
}
