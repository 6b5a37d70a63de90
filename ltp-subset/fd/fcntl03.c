/* record locks between parent and child: conflicts, F_GETLK tells the holder, closing any descriptor frees. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), other = MUST(open("f", O_RDWR));
	struct flock lk = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 4 };
	pid_t parent = getpid(), pid;

	MUST(fcntl(fd, F_SETLK, &lk));
	pid = FORK();
	if (!pid) {
		lk = (struct flock){ .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0 };
		EXPECT_OK(fcntl(fd, F_GETLK, &lk));
		EXPECT_EQ(lk.l_type, F_WRLCK);
		EXPECT_EQ(lk.l_pid, parent);
		EXPECT_EQ(lk.l_start, 2);
		EXPECT_EQ(lk.l_len, 4);
		EXPECT_FAIL(fcntl(fd, F_SETLK, &lk), EAGAIN);
		lk = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 6, .l_len = 2 };
		EXPECT_OK(fcntl(fd, F_SETLK, &lk));
		child_exit();
	}
	REAP(pid);
	close(other);
	pid = FORK();
	if (!pid) {
		lk = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
		EXPECT_OK(fcntl(fd, F_SETLK, &lk));
		child_exit();
	}
	REAP(pid);
}
