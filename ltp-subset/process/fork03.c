/* fork: open files share their offset and flags, not the descriptor flags; closing is each one's own. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10);
	char c;
	pid_t pid;

	MUST(fcntl(fd, F_SETFD, FD_CLOEXEC));
	pid = FORK();
	if (!pid) {
		EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		MUST(fcntl(fd, F_SETFD, 0));
		MUST(lseek(fd, 6, SEEK_SET));
		MUST(fcntl(fd, F_SETFL, O_APPEND));
		close(fd);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, '6');
	EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
}
