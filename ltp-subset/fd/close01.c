/* close: twice is EBADF; the last close of a pipe's writer ends it; others keep their copy. */
#include "../lst.h"

static void run(void)
{
	int p[2], copy;
	char c;

	MUST(pipe(p));
	copy = MUST(dup(p[1]));
	EXPECT_OK(close(p[1]));
	EXPECT_FAIL(close(p[1]), EBADF);
	EXPECT_FAIL(close(-1), EBADF);
	EXPECT_FAIL(close(BAD_FD), EBADF);
	EXPECT_EQ(write(copy, "x", 1), 1);
	EXPECT_OK(close(copy));
	EXPECT_EQ(read(p[0], &c, 1), 1);
	EXPECT_EQ(read(p[0], &c, 1), 0);
}
