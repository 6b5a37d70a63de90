/* open: what O_PATH descriptors can and cannot do. */
#include "../lst.h"

static void run(void)
{
	int fd, dir;
	char buf[4];
	struct stat st;

	close(new_file("f", "abc", 3));
	MUST(symlink("f", "l"));
	fd = EXPECT_OK(open("f", O_PATH));
	EXPECT_FAIL(read(fd, buf, 1), EBADF);
	EXPECT_FAIL(write(fd, "x", 1), EBADF);
	EXPECT_FAIL(lseek(fd, 0, SEEK_CUR), EBADF);
	EXPECT_FAIL(fchmod(fd, 0600), EBADF);
	EXPECT_FAIL(fchown(fd, -1, -1), EBADF);
	EXPECT_FAIL(ftruncate(fd, 0), EBADF);
	EXPECT_FAIL(fsync(fd), EBADF);
	EXPECT_FAIL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), EBADF);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(fcntl(fd, F_GETFL), O_PATH);
	EXPECT_OK(dup(fd));
	EXPECT_FAIL(openat(fd, "x", O_RDONLY), ENOTDIR);
	fd = EXPECT_OK(open("l", O_PATH | O_NOFOLLOW));
	MUST(fstat(fd, &st));
	EXPECT(S_ISLNK(st.st_mode));
	dir = EXPECT_OK(open(".", O_PATH));
	EXPECT_OK(openat(dir, "f", O_RDONLY));
	EXPECT_OK(fchdir(dir));
	EXPECT_OK(open("f", O_PATH | O_CREAT | O_EXCL | O_TRUNC, 0600));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_size, 3);
}
