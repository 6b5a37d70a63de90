/* tee: errors, and that it copies without consuming. */
#include "../lst.h"

static void run(void)
{
	int a[2], b[2], file = new_file("f", "x", 1);
	char buf[16];

	MUST(pipe(a));
	MUST(pipe2(b, O_NONBLOCK));
	EXPECT_FAIL(tee(BAD_FD, b[1], 4, 0), EBADF);
	EXPECT_FAIL(tee(file, b[1], 4, 0), EINVAL);
	EXPECT_FAIL(tee(a[0], file, 4, 0), EINVAL);
	EXPECT_FAIL(tee(a[0], a[1], 4, 0), EINVAL);
	EXPECT_FAIL(tee(a[0], b[1], 4, 0x100), EINVAL);
	EXPECT_FAIL(tee(a[0], b[1], 4, SPLICE_F_NONBLOCK), EAGAIN);
	MUST(write(a[1], "hello", 5));
	EXPECT_EQ(tee(a[0], b[1], 3, 0), 3);
	EXPECT_EQ(tee(a[0], b[1], 100, 0), 5);
	EXPECT_EQ(read(b[0], buf, 16), 8);
	EXPECT_MEM(buf, "helhello", 8);
	EXPECT_EQ(read(a[0], buf, 16), 5);
	EXPECT_MEM(buf, "hello", 5);
}
