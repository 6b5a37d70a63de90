/* flock: operations it refuses; locks of two openings; conversion; inheritance. */
#include "../lst.h"
#include <sys/file.h>

static void run(void)
{
	int fd = new_file("f", "", 0), other = MUST(open("f", O_RDONLY)), copy = MUST(dup(fd));
	pid_t pid;

	EXPECT_FAIL(flock(BAD_FD, LOCK_SH), EBADF);
	EXPECT_FAIL(flock(fd, 0), EINVAL);
	EXPECT_FAIL(flock(fd, LOCK_SH | LOCK_EX), EINVAL);
	EXPECT_OK(flock(fd, LOCK_SH));
	EXPECT_OK(flock(other, LOCK_SH));
	EXPECT_FAIL(flock(fd, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_OK(flock(other, LOCK_UN));
	EXPECT_OK(flock(copy, LOCK_EX | LOCK_NB));
	EXPECT_FAIL(flock(other, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	pid = FORK();
	if (!pid) {
		EXPECT_OK(flock(fd, LOCK_EX | LOCK_NB));
		EXPECT_FAIL(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
		EXPECT_OK(flock(fd, LOCK_UN));
		child_exit();
	}
	REAP(pid);
	EXPECT_OK(flock(other, LOCK_EX | LOCK_NB));
}
