/* vmsplice: errors, gathering into a pipe and scattering out of it. */
#include "../lst.h"
#include <sys/uio.h>

static void run(void)
{
	char one[] = "one", two[] = "twotwo", back[16] = "";
	struct iovec iov[2] = { { one, 3 }, { two, 6 } }, bad = { BAD_PTR, 8 }, in = { back, 16 };
	int p[2], file = new_file("f", "x", 1);

	MUST(pipe2(p, O_NONBLOCK));
	EXPECT_FAIL(vmsplice(BAD_FD, iov, 2, 0), EBADF);
	EXPECT_FAIL(vmsplice(file, iov, 2, 0), EBADF);
	EXPECT_FAIL(vmsplice(p[1], iov, 2, 0x100), EINVAL);
	EXPECT_FAIL(vmsplice(p[1], iov, IOV_MAX + 1, 0), EINVAL);
	EXPECT_FAIL(vmsplice(p[1], &bad, 1, 0), EFAULT);
	EXPECT_EQ(vmsplice(p[1], iov, 0, 0), 0);
	EXPECT_EQ(vmsplice(p[1], iov, 2, 0), 9);
	EXPECT_EQ(vmsplice(p[0], &in, 1, 0), 9);
	EXPECT_STR(back, "onetwotwo");
}
