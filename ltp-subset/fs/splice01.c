/* splice: the descriptors, offsets and flags it refuses. */
#include "../lst.h"

static void run(void)
{
	int file = new_file("f", "0123456789", 10), ro = MUST(open("f", O_RDONLY)), app = MUST(open("f", O_WRONLY | O_APPEND));
	int a[2], b[2];
	loff_t off = 0;

	MUST(pipe(a));
	MUST(pipe2(b, O_NONBLOCK));
	EXPECT_FAIL(splice(BAD_FD, NULL, a[1], NULL, 4, 0), EBADF);
	EXPECT_FAIL(splice(file, NULL, BAD_FD, NULL, 4, 0), EBADF);
	EXPECT_FAIL(splice(file, NULL, file, NULL, 4, 0), EINVAL);
	EXPECT_FAIL(splice(file, NULL, a[0], NULL, 4, 0), EBADF);
	EXPECT_FAIL(splice(a[1], NULL, file, NULL, 4, 0), EBADF);
	EXPECT_FAIL(splice(file, NULL, a[1], &off, 4, 0), ESPIPE);
	EXPECT_FAIL(splice(a[0], &off, file, NULL, 4, 0), ESPIPE);
	EXPECT_FAIL(splice(file, NULL, a[1], NULL, 4, 0x100), EINVAL);
	EXPECT_FAIL(splice(a[0], NULL, a[1], NULL, 4, 0), EINVAL);
	EXPECT_FAIL(splice(b[0], NULL, file, NULL, 4, SPLICE_F_NONBLOCK), EAGAIN);
	MUST(write(a[1], "abcd", 4));
	EXPECT_FAIL(splice(a[0], NULL, ro, NULL, 4, 0), EBADF);
	EXPECT_FAIL(splice(a[0], NULL, app, NULL, 4, 0), EINVAL);
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 0, 0), 0);
}
