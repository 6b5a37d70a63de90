/*
 * chmod(2) and chown(2): all bits, special bits, dropping set-id bits on chown and write, links,
 * refusals for root and for an ordinary user.
 */
#include "user.h"

static mode_t mode_of(const char *name)
{
	struct stat st;

	EXPECT_OK(lstat(tmp_path(name), &st));
	return st.st_mode & 07777;
}

TEST(all_bits)
{
	int fd = tmp_file("f", "", 0);

	for (mode_t m = 0; m <= 01777; m += 0111) {
		EXPECT_OK(chmod(tmp_path("f"), m & 01777));
		EXPECT_EQ(mode_of("f"), m & 01777);
	}
	EXPECT_OK(fchmod(fd, 04755));
	EXPECT_EQ(mode_of("f"), 04755);
	EXPECT_OK(fchmod(fd, 0100644));
	EXPECT_EQ(mode_of("f"), 0644);
	close(fd);
}

TEST(links_are_followed)
{
	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_OK(chmod(tmp_path("l"), 0600));
	EXPECT_EQ(mode_of("f"), 0600);
	EXPECT_EQ(mode_of("l"), 0777);
}

TEST(missing)
{
	EXPECT_ERRNO(chmod(tmp_path("none"), 0600), ENOENT);
	EXPECT_ERRNO(chown(tmp_path("none"), -1, -1), ENOENT);
	EXPECT_ERRNO(fchmod(-1, 0600), EBADF);
	EXPECT_ERRNO(fchown(-1, -1, -1), EBADF);
	EXPECT_ERRNO(chmod("", 0600), ENOENT);
}

TEST(chown_as_root)
{
	struct stat st;

	if (geteuid())
		SKIP("needs root");
	close(tmp_file("f", "", 0));
	EXPECT_OK(chown(tmp_path("f"), 1234, 4321));
	EXPECT_OK(stat(tmp_path("f"), &st));
	EXPECT_EQ(st.st_uid, 1234);
	EXPECT_EQ(st.st_gid, 4321);
	EXPECT_OK(chown(tmp_path("f"), -1, 5));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_OK(lchown(tmp_path("l"), 77, 78));
	EXPECT_OK(stat(tmp_path("f"), &st));
	EXPECT_EQ(st.st_uid, 1234);
	EXPECT_EQ(st.st_gid, 5);
	EXPECT_OK(lstat(tmp_path("l"), &st));
	EXPECT_EQ(st.st_uid, 77);
}

TEST(chown_drops_set_id_bits)
{
	if (geteuid())
		SKIP("needs root");
	close(tmp_file("f", "", 0));
	EXPECT_OK(chmod(tmp_path("f"), 06755));
	EXPECT_OK(chown(tmp_path("f"), 1234, 1234));
	EXPECT_EQ(mode_of("f"), 0755);
}

TEST(write_drops_set_id_bits)
{
	int fd;

	EXPECT_OK(chmod(user_dir(), 0755));
	become_user();
	fd = tmp_file("u/f", "", 0);
	EXPECT_OK(fchmod(fd, 06755));
	EXPECT_EQ(mode_of("u/f"), 06755);
	EXPECT_EQ(write(fd, "x", 1), 1);
	EXPECT_EQ(mode_of("u/f"), 0755);
	become_root();
	close(fd);
}

TEST(user_may_only_own)
{
	if (geteuid())
		SKIP("needs root");
	close(tmp_file("f", "", 0));
	EXPECT_OK(chmod(tmp_path("f"), 0666));
	user_dir();
	become_user();
	EXPECT_ERRNO(chmod(tmp_path("f"), 0600), EPERM);
	EXPECT_ERRNO(chown(tmp_path("f"), NOBODY, -1), EPERM);
	close(tmp_file("u/f", "", 0));
	EXPECT_OK(chmod(tmp_path("u/f"), 0600));
	EXPECT_OK(chown(tmp_path("u/f"), NOBODY, NOBODY));
	EXPECT_ERRNO(chown(tmp_path("u/f"), 0, -1), EPERM);
	EXPECT_ERRNO(chown(tmp_path("u/f"), -1, 0), EPERM);
	become_root();
}
