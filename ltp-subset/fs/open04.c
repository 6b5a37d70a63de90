/* open: ENXIO of a FIFO without a reader, EMFILE at the limit, ETXTBSY of a running program. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	struct rlimit lim;
	int fd, low;

	MUST(mkfifo("fifo", 0600));
	EXPECT_FAIL(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
	fd = EXPECT_OK(open("fifo", O_RDONLY | O_NONBLOCK));
	EXPECT_OK(open("fifo", O_WRONLY | O_NONBLOCK));
	EXPECT_FAIL(open("/proc/self/exe", O_WRONLY), ETXTBSY);
	MUST(getrlimit(RLIMIT_NOFILE, &lim));
	low = MUST(dup(fd));
	lim.rlim_cur = low + 1;
	MUST(setrlimit(RLIMIT_NOFILE, &lim));
	EXPECT_FAIL(open(".", O_RDONLY), EMFILE);
	EXPECT_FAIL(dup(fd), EMFILE);
	EXPECT_FAIL(fcntl(fd, F_DUPFD, 0), EMFILE);
	EXPECT_FAIL(fcntl(fd, F_DUPFD, low + 1), EINVAL);
	EXPECT_FAIL(dup2(fd, low + 1), EBADF);
	close(low);
	EXPECT_EQ(open(".", O_RDONLY), low);
}
