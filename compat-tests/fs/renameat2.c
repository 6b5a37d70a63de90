/* renameat2(2): RENAME_NOREPLACE and RENAME_EXCHANGE, flag checks, directory descriptors. */
#include "../test.h"

static int renameat2_in_tmp(const char *from, const char *to, unsigned int flags)
{
	return renameat2(AT_FDCWD, tmp_path(from), AT_FDCWD, tmp_path(to), flags);
}

static char first_byte(const char *name)
{
	char buf[4] = "";

	EXPECT_OK(read_file(tmp_path(name), buf, sizeof(buf)));
	return buf[0];
}

TEST(noreplace)
{
	close(tmp_file("a", "a", 1));
	close(tmp_file("b", "b", 1));
	EXPECT_ERRNO(renameat2_in_tmp("a", "b", RENAME_NOREPLACE), EEXIST);
	EXPECT_EQ(first_byte("b"), 'b');
	EXPECT_OK(renameat2_in_tmp("a", "c", RENAME_NOREPLACE));
	EXPECT_EQ(first_byte("c"), 'a');
	EXPECT_ERRNO(access(tmp_path("a"), F_OK), ENOENT);
}

TEST(exchange)
{
	struct stat st;

	close(tmp_file("a", "a", 1));
	close(tmp_file("b", "b", 1));
	EXPECT_OK(renameat2_in_tmp("a", "b", RENAME_EXCHANGE));
	EXPECT_EQ(first_byte("a"), 'b');
	EXPECT_EQ(first_byte("b"), 'a');
	EXPECT_ERRNO(renameat2_in_tmp("a", "none", RENAME_EXCHANGE), ENOENT);
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(mkdir(tmp_path("e"), 0755));
	EXPECT_OK(renameat2_in_tmp("a", "d", RENAME_EXCHANGE));
	EXPECT_OK(stat(tmp_path("a"), &st));
	EXPECT(S_ISDIR(st.st_mode));
	EXPECT_EQ(first_byte("d"), 'b');
}

TEST(exchange_across_directories)
{
	struct stat st;

	EXPECT_OK(mkdir(tmp_path("x"), 0755));
	EXPECT_OK(mkdir(tmp_path("x/sub"), 0755));
	close(tmp_file("f", "f", 1));
	EXPECT_OK(renameat2_in_tmp("f", "x/sub", RENAME_EXCHANGE));
	EXPECT_EQ(first_byte("x/sub"), 'f');
	EXPECT_OK(stat(tmp_path("x"), &st));
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_ERRNO(renameat2_in_tmp("x", "x/sub", RENAME_EXCHANGE), EINVAL);
}

TEST(flags)
{
	close(tmp_file("a", "a", 1));
	EXPECT_ERRNO(renameat2_in_tmp("a", "b", RENAME_NOREPLACE | RENAME_EXCHANGE), EINVAL);
	EXPECT_ERRNO(renameat2_in_tmp("a", "b", 1 << 20), EINVAL);
	EXPECT_OK(renameat2_in_tmp("a", "b", 0));
}

TEST(directory_descriptors)
{
	int x, y;

	EXPECT_OK(mkdir(tmp_path("x"), 0755));
	EXPECT_OK(mkdir(tmp_path("y"), 0755));
	close(tmp_file("x/a", "a", 1));
	x = EXPECT_OK(open(tmp_path("x"), O_RDONLY | O_DIRECTORY));
	y = EXPECT_OK(open(tmp_path("y"), O_PATH));
	EXPECT_OK(renameat(x, "a", y, "b"));
	EXPECT_EQ(first_byte("y/b"), 'a');
	EXPECT_ERRNO(renameat(-1, "a", y, "b"), EBADF);
	EXPECT_ERRNO(renameat(y, "b", 999, "c"), EBADF);
	close(x);
	close(y);
}
