/*
 * Symbolic links: content, readlink(2) truncation, walks through relative, absolute, chained and
 * looping links, and which calls follow the last component.
 */
#include "../test.h"

TEST(readlink_content)
{
	char buf[64];
	struct stat st;

	EXPECT_OK(symlink("some/where", tmp_path("l")));
	memset(buf, '#', sizeof(buf));
	EXPECT_EQ(readlink(tmp_path("l"), buf, sizeof(buf)), 10);
	EXPECT_MEM(buf, "some/where#", 11);
	EXPECT_EQ(readlink(tmp_path("l"), buf, 4), 4);
	EXPECT_OK(lstat(tmp_path("l"), &st));
	EXPECT_EQ(st.st_size, 10);
	EXPECT_EQ(st.st_mode, S_IFLNK | 0777);
}

TEST(readlink_refusals)
{
	char buf[8];

	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_ERRNO(readlink(tmp_path("f"), buf, 8), EINVAL);
	EXPECT_ERRNO(readlink(test_tmpdir(), buf, 8), EINVAL);
	EXPECT_ERRNO(readlink(tmp_path("none"), buf, 8), ENOENT);
	EXPECT_ERRNO(readlink(tmp_path("f/x"), buf, 8), ENOTDIR);
	EXPECT_ERRNO(syscall(SYS_readlink, tmp_path("l"), buf, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_readlink, tmp_path("l"), buf, -1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_readlink, tmp_path("l"), 16, 8), EFAULT);
}

TEST(symlink_refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(symlink("x", tmp_path("f")), EEXIST);
	EXPECT_ERRNO(symlink("", tmp_path("l")), ENOENT);
	EXPECT_ERRNO(symlink("x", tmp_path("none/l")), ENOENT);
	EXPECT_ERRNO(symlink("x", tmp_path("f/l")), ENOTDIR);
	EXPECT_ERRNO(symlink("x", ""), ENOENT);
}

TEST(long_target)
{
	char target[PATH_MAX + 8], buf[PATH_MAX + 8];

	memset(target, 't', sizeof(target));
	target[4000] = 0;
	EXPECT_OK(symlink(target, tmp_path("l")));
	EXPECT_EQ(readlink(tmp_path("l"), buf, sizeof(buf)), 4000);
	EXPECT_MEM(buf, target, 4000);
	target[4000] = 't';
	target[PATH_MAX] = 0;
	EXPECT_ERRNO(symlink(target, tmp_path("m")), ENAMETOOLONG);
}

TEST(loops)
{
	struct stat st;

	EXPECT_OK(symlink("b", tmp_path("a")));
	EXPECT_OK(symlink("a", tmp_path("b")));
	EXPECT_OK(symlink("self/x", tmp_path("self")));
	EXPECT_ERRNO(open(tmp_path("a"), O_RDONLY), ELOOP);
	EXPECT_ERRNO(stat(tmp_path("a"), &st), ELOOP);
	EXPECT_OK(lstat(tmp_path("a"), &st));
	EXPECT_ERRNO(stat(tmp_path("self"), &st), ELOOP);
	EXPECT_ERRNO(lstat(tmp_path("a/x"), &st), ELOOP);
}

TEST(forty_links_and_not_one_more)
{
	char name[16], prev[16] = "f";
	struct stat st;

	close(tmp_file("f", "", 0));
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		EXPECT_OK(symlink(prev, tmp_path(name)));
		strcpy(prev, name);
	}
	EXPECT_OK(stat(tmp_path("l40"), &st));
	EXPECT_ERRNO(stat(tmp_path("l41"), &st), ELOOP);
}

TEST(dotdot_is_of_the_target)
{
	struct stat want, got;

	EXPECT_OK(mkdir(tmp_path("x"), 0755));
	EXPECT_OK(mkdir(tmp_path("x/y"), 0755));
	EXPECT_OK(symlink("x/y", tmp_path("l")));
	EXPECT_OK(stat(tmp_path("x"), &want));
	EXPECT_OK(stat(tmp_path("l/.."), &got));
	EXPECT_EQ(want.st_ino, got.st_ino);
	EXPECT_OK(stat(tmp_path("l/../y/../y"), &got));
	EXPECT_OK(stat(tmp_path("x/y"), &want));
	EXPECT_EQ(want.st_ino, got.st_ino);
}

TEST(trailing_slash_follows)
{
	struct stat st;

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(symlink("d", tmp_path("l")));
	EXPECT_OK(lstat(tmp_path("l"), &st));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_OK(lstat(tmp_path("l/"), &st));
	EXPECT(S_ISDIR(st.st_mode));
	EXPECT_ERRNO(rmdir(tmp_path("l")), ENOTDIR);
	EXPECT_ERRNO(rmdir(tmp_path("l/")), ENOTDIR);
	EXPECT_OK(unlink(tmp_path("l")));
	EXPECT_OK(stat(tmp_path("d"), &st));
}

TEST(absolute_link)
{
	struct stat a, b;

	close(tmp_file("f", "abc", 3));
	EXPECT_OK(symlink(tmp_path("f"), tmp_path("l")));
	EXPECT_OK(stat(tmp_path("f"), &a));
	EXPECT_OK(stat(tmp_path("l"), &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(b.st_size, 3);
}
