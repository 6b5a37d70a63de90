/* write and pwrite64: descriptors and offsets they refuse, the file size limit. */
#include "../lst.h"
#include <sys/resource.h>

static void run(void)
{
	int fd = new_file("f", "", 0), ro = MUST(open("f", O_RDONLY)), p[2];
	struct rlimit lim, old;
	static char buf[200];
	struct stat st;

	MUST(pipe2(p, O_NONBLOCK));
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	EXPECT_FAIL(write(BAD_FD, "x", 1), EBADF);
	EXPECT_FAIL(write(ro, "x", 1), EBADF);
	EXPECT_FAIL(write(fd, BAD_PTR, 1), EFAULT);
	EXPECT_EQ(write(fd, "x", 0), 0);
	EXPECT_FAIL(pwrite(fd, "x", 1, -1), EINVAL);
	EXPECT_FAIL(pwrite(p[1], "x", 1, 0), ESPIPE);
	close(p[0]);
	EXPECT_FAIL(write(p[1], "x", 1), EPIPE);
	/* The output of this program may be a file: nothing is said below the limit. */
	MUST(getrlimit(RLIMIT_FSIZE, &old));
	lim = (struct rlimit){ 100, old.rlim_max };
	MUST(setrlimit(RLIMIT_FSIZE, &lim));
	long part = write(fd, buf, 200), beyond = write(fd, buf, 1), beyond_errno = errno;
	int grow = ftruncate(fd, 101), grow_errno = errno, shrink = ftruncate(fd, 50);
	MUST(setrlimit(RLIMIT_FSIZE, &old));
	EXPECT_EQ(part, 100);
	EXPECT(beyond == -1 && beyond_errno == EFBIG);
	EXPECT(grow == -1 && grow_errno == EFBIG);
	EXPECT_EQ(shrink, 0);
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 50);
}
