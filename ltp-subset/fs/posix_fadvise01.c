/* fadvise64: every advice is taken, pipes and unknown advice are not. */
#include "../lst.h"

static void run(void)
{
	static const int advice[] = { POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
				      POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE };
	int fd = new_file("f", "0123", 4), p[2];
	char buf[4];

	MUST(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(advice); i++)
		EXPECT_EQ(posix_fadvise(fd, 0, 0, advice[i]), 0);
	EXPECT_EQ(posix_fadvise(fd, 0, 4, 77), EINVAL);
	EXPECT_EQ(posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL), EINVAL);
	EXPECT_EQ(posix_fadvise(p[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
	EXPECT_EQ(posix_fadvise(BAD_FD, 0, 0, POSIX_FADV_NORMAL), EBADF);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	EXPECT_EQ(pread(fd, buf, 4, 0), 4);
	EXPECT_MEM(buf, "0123", 4);
}
