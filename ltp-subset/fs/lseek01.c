/* lseek: whence, overflow, pipes, data and holes. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), p[2];

	MUST(pipe(p));
	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_EQ(lseek(fd, -2, SEEK_CUR), 2);
	EXPECT_EQ(lseek(fd, 5, SEEK_END), 15);
	EXPECT_FAIL(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_FAIL(lseek(fd, -16, SEEK_CUR), EINVAL);
	EXPECT_FAIL(lseek(fd, 0, 99), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 15);
	EXPECT_FAIL(lseek(fd, INT64_MAX, SEEK_CUR), EINVAL);
	EXPECT_FAIL(lseek(p[0], 0, SEEK_CUR), ESPIPE);
	EXPECT_FAIL(lseek(BAD_FD, 0, SEEK_CUR), EBADF);
	EXPECT_EQ(lseek(fd, 3, SEEK_DATA), 3);
	EXPECT_EQ(lseek(fd, 3, SEEK_HOLE), 10);
	EXPECT_FAIL(lseek(fd, 10, SEEK_DATA), ENXIO);
	EXPECT_FAIL(lseek(fd, 10, SEEK_HOLE), ENXIO);
	EXPECT_FAIL(lseek(fd, -1, SEEK_DATA), ENXIO);
}
