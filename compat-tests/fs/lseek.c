/* lseek(2): the three origins, positions behind the end, refusals, files that cannot seek. */
#include "../test.h"
#include <dirent.h>

TEST(origins)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_EQ(lseek(fd, 3, SEEK_CUR), 7);
	EXPECT_EQ(lseek(fd, -7, SEEK_CUR), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 10);
	EXPECT_EQ(lseek(fd, -10, SEEK_END), 0);
	EXPECT_EQ(lseek(fd, 90, SEEK_END), 100);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 100);
	close(fd);
}

TEST(refusals_do_not_move)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(lseek(fd, -5, SEEK_CUR), EINVAL);
	EXPECT_ERRNO(lseek(fd, -11, SEEK_END), EINVAL);
	EXPECT_ERRNO(lseek(fd, 0, 77), EINVAL);
	EXPECT_ERRNO(lseek(fd, LLONG_MAX, SEEK_CUR), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	EXPECT_ERRNO(lseek(-1, 0, SEEK_SET), EBADF);
	close(fd);
}

TEST(behind_the_end_does_not_grow)
{
	struct stat st;
	char c;
	int fd = tmp_file("f", "abc", 3);

	EXPECT_EQ(lseek(fd, 1LL << 33, SEEK_SET), 1LL << 33);
	EXPECT_EQ(read(fd, &c, 1), 0);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 3);
	close(fd);
}

TEST(pipes_cannot)
{
	int p[2];

	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(lseek(p[0], 0, SEEK_SET), ESPIPE);
	EXPECT_ERRNO(lseek(p[1], 0, SEEK_CUR), ESPIPE);
	close(p[0]);
	close(p[1]);
}

TEST(duplicates_share_the_offset)
{
	int fd = tmp_file("f", "0123456789", 10), d = EXPECT_OK(dup(fd));

	EXPECT_EQ(lseek(fd, 6, SEEK_SET), 6);
	EXPECT_EQ(lseek(d, 0, SEEK_CUR), 6);
	close(fd);
	EXPECT_EQ(lseek(d, 1, SEEK_CUR), 7);
	close(d);
}

TEST(directory_rewinds)
{
	int seen = 0;
	DIR *d;

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	close(tmp_file("d/one", "", 0));
	EXPECT((d = opendir(tmp_path("d"))) != NULL);
	while (readdir(d))
		seen++;
	EXPECT_EQ(seen, 3);
	rewinddir(d);
	while (readdir(d))
		seen++;
	EXPECT_EQ(seen, 6);
	closedir(d);
}
