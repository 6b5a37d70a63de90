/* select and pselect6: errors, sets that are cleared, times. */
#include "../lst.h"
#include <sys/select.h>

static void run(void)
{
	int p[2];
	fd_set r, w;
	struct timeval neg = { -1, 0 }, zero = { 0, 0 }, late = { 0, 20000 };
	struct timespec bad = { 0, -1 };

	MUST(pipe(p));
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	EXPECT_EQ(select(p[1] + 1, &r, &w, NULL, &zero), 1);
	EXPECT(!FD_ISSET(p[0], &r) && FD_ISSET(p[1], &w));
	EXPECT_FAIL(select(-1, &r, NULL, NULL, &zero), EINVAL);
	EXPECT_FAIL(syscall(SYS_select, p[1] + 1, NULL, &w, NULL, &neg), EINVAL);
	EXPECT_FAIL(select(p[1] + 1, BAD_PTR, NULL, NULL, &zero), EFAULT);
	EXPECT_FAIL(syscall(SYS_select, p[1] + 1, NULL, &w, NULL, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &bad, NULL), EINVAL);
	FD_ZERO(&r);
	FD_SET(p[1] + 20, &r);
	EXPECT_FAIL(select(p[1] + 21, &r, NULL, NULL, &zero), EBADF);
	EXPECT_EQ(select(0, NULL, NULL, NULL, &late), 0);
	EXPECT_EQ(late.tv_usec, 0);
	close(p[1]);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	EXPECT_EQ(select(p[0] + 1, &r, NULL, NULL, NULL), 1);
}
