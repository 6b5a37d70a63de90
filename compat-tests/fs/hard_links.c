/* link(2), linkat(2) and unlink(2): link counts, shared content, refusals. */
#include "../test.h"

static int link_count(const char *name)
{
	struct stat st;

	EXPECT_OK(stat(tmp_path(name), &st));
	return st.st_nlink;
}

TEST(counts)
{
	struct stat a, b;

	close(tmp_file("a", "x", 1));
	EXPECT_EQ(link_count("a"), 1);
	EXPECT_OK(link(tmp_path("a"), tmp_path("b")));
	EXPECT_EQ(link_count("a"), 2);
	EXPECT_OK(stat(tmp_path("a"), &a));
	EXPECT_OK(stat(tmp_path("b"), &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(a.st_dev, b.st_dev);
	EXPECT_OK(unlink(tmp_path("a")));
	EXPECT_EQ(link_count("b"), 1);
	EXPECT_ERRNO(stat(tmp_path("a"), &a), ENOENT);
}

TEST(content_is_shared)
{
	char c;
	int a = tmp_file("a", "x", 1), b;

	EXPECT_OK(link(tmp_path("a"), tmp_path("b")));
	b = EXPECT_OK(open(tmp_path("b"), O_RDWR));
	EXPECT_EQ(pwrite(a, "y", 1, 0), 1);
	EXPECT_EQ(read(b, &c, 1), 1);
	EXPECT_EQ(c, 'y');
	EXPECT_OK(fchmod(b, 0640));
	close(a);
	close(b);
	struct stat st;
	EXPECT_OK(stat(tmp_path("a"), &st));
	EXPECT_EQ(st.st_mode & 07777, 0640);
}

TEST(refusals)
{
	close(tmp_file("a", "", 0));
	close(tmp_file("b", "", 0));
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_ERRNO(link(tmp_path("a"), tmp_path("b")), EEXIST);
	EXPECT_ERRNO(link(tmp_path("none"), tmp_path("c")), ENOENT);
	EXPECT_ERRNO(link(tmp_path("a"), tmp_path("none/c")), ENOENT);
	EXPECT_ERRNO(link(tmp_path("a"), tmp_path("b/c")), ENOTDIR);
	EXPECT_ERRNO(link(tmp_path("d"), tmp_path("e")), EPERM);
	EXPECT_ERRNO(unlink(tmp_path("d")), EISDIR);
	EXPECT_ERRNO(unlink(tmp_path("none")), ENOENT);
	EXPECT_ERRNO(unlink(tmp_path("a/")), ENOTDIR);
	EXPECT_ERRNO(unlink(""), ENOENT);
}

TEST(link_to_symlink)
{
	struct stat st;

	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("f", tmp_path("s")));
	EXPECT_OK(link(tmp_path("s"), tmp_path("hard")));
	EXPECT_OK(lstat(tmp_path("hard"), &st));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_OK(
		linkat(AT_FDCWD, tmp_path("s"), AT_FDCWD, tmp_path("followed"), AT_SYMLINK_FOLLOW));
	EXPECT_OK(lstat(tmp_path("followed"), &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(link_count("f"), 2);
}

TEST(directory_counts)
{
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_EQ(link_count("d"), 2);
	EXPECT_OK(mkdir(tmp_path("d/e"), 0755));
	EXPECT_EQ(link_count("d"), 3);
	close(tmp_file("d/f", "", 0));
	EXPECT_EQ(link_count("d"), 3);
	EXPECT_OK(rmdir(tmp_path("d/e")));
	EXPECT_EQ(link_count("d"), 2);
}

TEST(ctime_and_count_of_open_file)
{
	struct stat st;
	int fd = tmp_file("a", "x", 1);

	EXPECT_OK(link(tmp_path("a"), tmp_path("b")));
	EXPECT_OK(unlink(tmp_path("a")));
	EXPECT_OK(unlink(tmp_path("b")));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(st.st_size, 1);
	close(fd);
}
