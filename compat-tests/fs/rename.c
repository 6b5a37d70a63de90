/* rename(2): replacing, directories, links, and every refusal rename(2) lists for a local tree. */
#include "../test.h"

static ino_t ino_of(const char *name)
{
	struct stat st;

	EXPECT_OK(lstat(tmp_path(name), &st));
	return st.st_ino;
}

static int rename_in_tmp(const char *from, const char *to)
{
	return rename(tmp_path(from), tmp_path(to));
}

TEST(moves_and_replaces)
{
	char buf[4];
	ino_t ino;

	close(tmp_file("a", "aaa", 3));
	close(tmp_file("b", "b", 1));
	ino = ino_of("a");
	EXPECT_OK(rename_in_tmp("a", "b"));
	EXPECT_EQ(ino_of("b"), ino);
	EXPECT_ERRNO(access(tmp_path("a"), F_OK), ENOENT);
	EXPECT_EQ(read_file(tmp_path("b"), buf, sizeof(buf)), 3);
	EXPECT_STR(buf, "aaa");
}

TEST(replaced_file_lives_while_open)
{
	struct stat st;
	char c;
	int fd;

	close(tmp_file("a", "a", 1));
	fd = tmp_file("b", "b", 1);
	EXPECT_OK(rename_in_tmp("a", "b"));
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'b');
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	close(fd);
}

TEST(directories)
{
	struct stat st;

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(mkdir(tmp_path("e"), 0755));
	close(tmp_file("d/f", "", 0));
	EXPECT_ERRNO(rename_in_tmp("e", "d"), ENOTEMPTY);
	EXPECT_OK(rename_in_tmp("d", "e"));
	EXPECT_OK(stat(tmp_path("e/f"), &st));
	EXPECT_OK(mkdir(tmp_path("g"), 0755));
	EXPECT_OK(rename_in_tmp("e", "g/e"));
	EXPECT_OK(stat(tmp_path("g"), &st));
	EXPECT_EQ(st.st_nlink, 3);
	EXPECT_OK(stat(tmp_path("g/e/../e/f"), &st));
}

TEST(dotdot_follows_a_moved_directory)
{
	ino_t to;
	struct stat st;

	EXPECT_OK(mkdir(tmp_path("from"), 0755));
	EXPECT_OK(mkdir(tmp_path("to"), 0755));
	EXPECT_OK(mkdir(tmp_path("from/d"), 0755));
	to = ino_of("to");
	EXPECT_OK(chdir(tmp_path("from/d")));
	EXPECT_OK(rename_in_tmp("from/d", "to/d"));
	EXPECT_OK(stat("..", &st));
	EXPECT_EQ(st.st_ino, to);
}

TEST(type_refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_ERRNO(rename_in_tmp("f", "d"), EISDIR);
	EXPECT_ERRNO(rename_in_tmp("d", "f"), ENOTDIR);
	EXPECT_ERRNO(rename_in_tmp("f", "x/"), ENOTDIR);
	EXPECT_OK(rename_in_tmp("d", "d2/"));
}

TEST(loop_refusals)
{
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(mkdir(tmp_path("d/e"), 0755));
	EXPECT_ERRNO(rename_in_tmp("d", "d/x"), EINVAL);
	EXPECT_ERRNO(rename_in_tmp("d", "d/e/x"), EINVAL);
	EXPECT_ERRNO(rename_in_tmp("d/e", "d"), ENOTEMPTY);
	EXPECT_ERRNO(rename_in_tmp("d/.", "x"), EBUSY);
	EXPECT_ERRNO(rename_in_tmp("d/e", "d/.."), EBUSY);
}

TEST(missing)
{
	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(rename_in_tmp("none", "x"), ENOENT);
	EXPECT_ERRNO(rename_in_tmp("f", "none/x"), ENOENT);
	EXPECT_ERRNO(rename_in_tmp("f", "f/x"), ENOTDIR);
	EXPECT_ERRNO(rename("", tmp_path("x")), ENOENT);
	EXPECT_ERRNO(rename(tmp_path("f"), "/proc/self/x"), EXDEV);
}

TEST(same_file_is_left_alone)
{
	close(tmp_file("a", "", 0));
	EXPECT_OK(link(tmp_path("a"), tmp_path("b")));
	EXPECT_OK(rename_in_tmp("a", "b"));
	EXPECT_EQ(ino_of("a"), ino_of("b"));
	EXPECT_OK(rename_in_tmp("a", "a"));
}

TEST(links_are_renamed_not_followed)
{
	struct stat st;

	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_OK(rename_in_tmp("l", "m"));
	EXPECT_OK(lstat(tmp_path("m"), &st));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_OK(rename_in_tmp("f", "m"));
	EXPECT_OK(lstat(tmp_path("m"), &st));
	EXPECT(S_ISREG(st.st_mode));
}
