/* sync_file_range: flags and ranges. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), p[2];

	MUST(pipe(p));
	EXPECT_OK(sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
	EXPECT_OK(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
	EXPECT_OK(sync_file_range(fd, 4, 3, 0));
	EXPECT_FAIL(sync_file_range(fd, 0, 10, 8), EINVAL);
	EXPECT_FAIL(sync_file_range(fd, -1, 10, SYNC_FILE_RANGE_WRITE), EINVAL);
	EXPECT_FAIL(sync_file_range(fd, 0, -1, SYNC_FILE_RANGE_WRITE), EINVAL);
	EXPECT_FAIL(sync_file_range(p[0], 0, 10, SYNC_FILE_RANGE_WRITE), ESPIPE);
	EXPECT_FAIL(sync_file_range(BAD_FD, 0, 10, SYNC_FILE_RANGE_WRITE), EBADF);
}
