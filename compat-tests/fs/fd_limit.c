/* RLIMIT_NOFILE: EMFILE from every creating call, the highest number, raising it again. */
#include "../test.h"
#include <sys/eventfd.h>
#include <sys/resource.h>

static struct rlimit saved;

static void limit_to(rlim_t n)
{
	struct rlimit l;

	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &saved));
	l = saved;
	l.rlim_cur = n;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &l));
}

static void restore(void)
{
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &saved));
}

TEST(emfile)
{
	int fd, last = -1, p[2];

	test_tmpdir();
	limit_to(32);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	EXPECT_EQ(errno, EMFILE);
	EXPECT_EQ(last, 31);
	EXPECT_ERRNO(dup(0), EMFILE);
	EXPECT_ERRNO(pipe(p), EMFILE);
	EXPECT_ERRNO(eventfd(0, 0), EMFILE);
	EXPECT_ERRNO(fcntl(0, F_DUPFD, 0), EMFILE);
	EXPECT_ERRNO(open(tmp_path("new"), O_CREAT | O_RDWR, 0644), EMFILE);
	close(31);
	EXPECT_ERRNO(pipe(p), EMFILE);
	EXPECT_EQ(dup(0), 31);
	for (fd = 3; fd < 32; fd++)
		close(fd);
	restore();
	EXPECT_ERRNO(access(tmp_path("new"), F_OK), ENOENT);
}

TEST(numbers_above_the_limit)
{
	int fd = EXPECT_OK(open("/dev/null", O_RDONLY));

	EXPECT_EQ(dup2(fd, 60), 60);
	limit_to(50);
	EXPECT_ERRNO(dup2(fd, 50), EBADF);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD, 50), EINVAL);
	EXPECT_OK(fcntl(60, F_GETFD));
	EXPECT_EQ(dup2(fd, 49), 49);
	restore();
	close(49);
	close(60);
	close(fd);
}

ROLE(limit_is)
{
	struct rlimit l;

	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &l));
	return l.rlim_cur == 77 ? 0 : 1;
}

TEST(child_inherits_the_limit)
{
	limit_to(77);
	EXPECT_EXIT(spawn_self("limit_is"), 0);
	restore();
	EXPECT_EQ(sysconf(_SC_OPEN_MAX), saved.rlim_cur);
}
