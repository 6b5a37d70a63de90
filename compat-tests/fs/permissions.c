/*
 * Permission checks as an ordinary user: owner, group and other classes, directories that may be
 * read but not searched, sticky directories, set-group-id inheritance.
 */
#include "user.h"

static int try_open(const char *name, int flags)
{
	int fd = open(tmp_path(name), flags);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void make_owned(const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	close(tmp_file(name, "", 0));
	EXPECT_OK(chown(tmp_path(name), uid, gid));
	EXPECT_OK(chmod(tmp_path(name), mode));
}

TEST(classes_do_not_add_up)
{
	if (geteuid())
		SKIP("needs root");
	make_owned("owner", 0077, NOBODY, 0);
	make_owned("group", 0707, 0, NOBODY);
	make_owned("other", 0770, 0, 0);
	make_owned("readable", 0604, 0, 0);
	become_user();
	EXPECT_EQ(try_open("owner", O_RDONLY), -EACCES);
	EXPECT_EQ(try_open("group", O_RDONLY), -EACCES);
	EXPECT_EQ(try_open("other", O_RDONLY), -EACCES);
	EXPECT_EQ(try_open("readable", O_RDONLY), 0);
	EXPECT_EQ(try_open("readable", O_WRONLY), -EACCES);
	EXPECT_EQ(try_open("readable", O_RDONLY | O_TRUNC), -EACCES);
	EXPECT_ERRNO(truncate(tmp_path("readable"), 0), EACCES);
	become_root();
	EXPECT_EQ(try_open("owner", O_RDWR), 0);
}

TEST(supplementary_groups)
{
	gid_t g = 4242;

	if (geteuid())
		SKIP("needs root");
	make_owned("f", 0640, 0, 4242);
	EXPECT_OK(setgroups(1, &g));
	EXPECT_OK(setegid(NOBODY));
	EXPECT_OK(seteuid(NOBODY));
	EXPECT_EQ(try_open("f", O_RDONLY), 0);
	EXPECT_EQ(try_open("f", O_WRONLY), -EACCES);
	become_root();
	EXPECT_OK(setgroups(0, NULL));
}

TEST(directory_permissions)
{
	struct stat st;

	EXPECT_OK(chmod(user_dir(), 0755));
	become_user();
	EXPECT_OK(mkdir(tmp_path("u/d"), 0700));
	close(tmp_file("u/d/f", "", 0));
	EXPECT_OK(chmod(tmp_path("u/d"), 0400));
	EXPECT_EQ(try_open("u/d", O_RDONLY | O_DIRECTORY), 0);
	EXPECT_ERRNO(stat(tmp_path("u/d/f"), &st), EACCES);
	EXPECT_OK(chmod(tmp_path("u/d"), 0100));
	EXPECT_EQ(try_open("u/d", O_RDONLY | O_DIRECTORY), -EACCES);
	EXPECT_EQ(try_open("u/d/f", O_RDONLY), 0);
	EXPECT_OK(chmod(tmp_path("u/d"), 0500));
	EXPECT_ERRNO(unlink(tmp_path("u/d/f")), EACCES);
	EXPECT_ERRNO(mkdir(tmp_path("u/d/g"), 0755), EACCES);
	EXPECT_ERRNO(rename(tmp_path("u/d/f"), tmp_path("u/d/g")), EACCES);
	EXPECT_ERRNO(symlink("x", tmp_path("u/d/l")), EACCES);
	EXPECT_ERRNO(link(tmp_path("u/d/f"), tmp_path("u/d/l")), EACCES);
	EXPECT_OK(chmod(tmp_path("u/d"), 0000));
	EXPECT_ERRNO(chdir(tmp_path("u/d")), EACCES);
	EXPECT_OK(chmod(tmp_path("u/d"), 0700));
	become_root();
}

TEST(sticky_directory)
{
	if (geteuid())
		SKIP("needs root");
	EXPECT_OK(mkdir(tmp_path("t"), 0700));
	EXPECT_OK(chmod(tmp_path("t"), 01777));
	make_owned("t/root", 0666, 0, 0);
	become_user();
	close(tmp_file("t/mine", "", 0));
	EXPECT_ERRNO(unlink(tmp_path("t/root")), EPERM);
	EXPECT_ERRNO(rename(tmp_path("t/root"), tmp_path("t/x")), EPERM);
	EXPECT_ERRNO(rename(tmp_path("t/mine"), tmp_path("t/root")), EPERM);
	EXPECT_OK(rename(tmp_path("t/mine"), tmp_path("t/mine2")));
	EXPECT_OK(unlink(tmp_path("t/mine2")));
	become_root();
}

TEST(set_group_id_directory)
{
	struct stat st;

	if (geteuid())
		SKIP("needs root");
	EXPECT_OK(mkdir(tmp_path("g"), 0755));
	EXPECT_OK(chown(tmp_path("g"), 0, 4242));
	EXPECT_OK(chmod(tmp_path("g"), 02777));
	close(tmp_file("g/f", "", 0));
	EXPECT_OK(mkdir(tmp_path("g/d"), 0755));
	EXPECT_OK(stat(tmp_path("g/f"), &st));
	EXPECT_EQ(st.st_gid, 4242);
	EXPECT(!(st.st_mode & S_ISGID));
	EXPECT_OK(stat(tmp_path("g/d"), &st));
	EXPECT_EQ(st.st_gid, 4242);
	EXPECT(st.st_mode & S_ISGID);
}

TEST(times_need_ownership_or_write)
{
	struct timespec t[2] = { { 1, 0 }, { 2, 0 } };

	if (geteuid())
		SKIP("needs root");
	make_owned("ro", 0644, 0, 0);
	make_owned("rw", 0666, 0, 0);
	become_user();
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("ro"), NULL, 0), EACCES);
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("ro"), t, 0), EPERM);
	EXPECT_OK(utimensat(AT_FDCWD, tmp_path("rw"), NULL, 0));
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("rw"), t, 0), EPERM);
	become_root();
}

TEST(open_descriptor_keeps_its_rights)
{
	char c;
	int fd;

	EXPECT_OK(chmod(user_dir(), 0755));
	become_user();
	fd = tmp_file("u/f", "x", 1);
	EXPECT_OK(chmod(tmp_path("u/f"), 0));
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(pwrite(fd, "y", 1, 0), 1);
	EXPECT_EQ(try_open("u/f", O_RDONLY), -EACCES);
	become_root();
	close(fd);
}
