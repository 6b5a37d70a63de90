/* RLIMIT_FSIZE: short write at the limit, SIGXFSZ and EFBIG behind it, truncate. */
#include "../test.h"
#include <sys/resource.h>

static void limit_to(rlim_t n)
{
	struct rlimit l;

	EXPECT_OK(getrlimit(RLIMIT_FSIZE, &l));
	l.rlim_cur = n;
	EXPECT_OK(setrlimit(RLIMIT_FSIZE, &l));
}

ROLE(ignoring)
{
	char buf[100] = "";
	int fd = open(argv[0], O_RDWR);

	signal(SIGXFSZ, SIG_IGN);
	limit_to(150);
	EXPECT_EQ(write(fd, buf, 100), 100);
	EXPECT_EQ(write(fd, buf, 100), 50);
	EXPECT_ERRNO(write(fd, buf, 1), EFBIG);
	EXPECT_ERRNO(pwrite(fd, buf, 1, 1000), EFBIG);
	EXPECT_ERRNO(ftruncate(fd, 151), EFBIG);
	EXPECT_OK(ftruncate(fd, 150));
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 150);
	EXPECT_EQ(pwrite(fd, buf, 10, 140), 10);
	return 0;
}

ROLE(dying)
{
	int fd = open(argv[0], O_RDWR);

	limit_to(0);
	return write(fd, "x", 1) == 1 ? 1 : 2;
}

TEST(signal_ignored)
{
	close(tmp_file("f", NULL, 0));
	EXPECT_EXIT(spawn_self("ignoring", tmp_path("f")), 0);
}

TEST(signal_kills)
{
	struct stat st;

	close(tmp_file("f", NULL, 0));
	EXPECT_SIGNALED(spawn_self("dying", tmp_path("f")), SIGXFSZ);
	EXPECT_OK(stat(tmp_path("f"), &st));
	EXPECT_EQ(st.st_size, 0);
}
