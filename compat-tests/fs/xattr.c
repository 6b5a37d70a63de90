/*
 * Extended attributes of the user namespace: set, get, list, remove, size queries, create and
 * replace flags, refusals.
 */
#include "../test.h"
#include <sys/xattr.h>

static int xattr_file(void)
{
	int fd = tmp_file("f", "x", 1);

	if (fsetxattr(fd, "user.probe", "", 0, 0) && errno == EOPNOTSUPP)
		SKIP("this file system has no user attributes");
	EXPECT_OK(fremovexattr(fd, "user.probe"));
	return fd;
}

TEST(set_get_remove)
{
	char buf[16];
	int fd = xattr_file();
	const char *p = tmp_path("f");

	EXPECT_OK(setxattr(p, "user.a", "hello", 5, 0));
	EXPECT_EQ(getxattr(p, "user.a", buf, sizeof(buf)), 5);
	EXPECT_MEM(buf, "hello", 5);
	EXPECT_EQ(fgetxattr(fd, "user.a", NULL, 0), 5);
	EXPECT_OK(setxattr(p, "user.a", "yo", 2, 0));
	EXPECT_EQ(fgetxattr(fd, "user.a", buf, sizeof(buf)), 2);
	EXPECT_OK(removexattr(p, "user.a"));
	EXPECT_ERRNO(getxattr(p, "user.a", buf, sizeof(buf)), ENODATA);
	EXPECT_ERRNO(removexattr(p, "user.a"), ENODATA);
	close(fd);
}

TEST(create_and_replace)
{
	int fd = xattr_file();

	EXPECT_ERRNO(fsetxattr(fd, "user.a", "1", 1, XATTR_REPLACE), ENODATA);
	EXPECT_OK(fsetxattr(fd, "user.a", "1", 1, XATTR_CREATE));
	EXPECT_ERRNO(fsetxattr(fd, "user.a", "2", 1, XATTR_CREATE), EEXIST);
	EXPECT_OK(fsetxattr(fd, "user.a", "2", 1, XATTR_REPLACE));
	EXPECT_ERRNO(fsetxattr(fd, "user.a", "2", 1, 77), EINVAL);
	close(fd);
}

static bool list_has(const char *list, ssize_t len, const char *name)
{
	for (ssize_t i = 0; i < len; i += strlen(list + i) + 1)
		if (!strcmp(list + i, name))
			return true;
	return false;
}

TEST(list)
{
	char buf[256];
	int fd = xattr_file();
	ssize_t n, before = EXPECT_OK(flistxattr(fd, NULL, 0));

	EXPECT_OK(fsetxattr(fd, "user.one", "1", 1, 0));
	EXPECT_OK(fsetxattr(fd, "user.two", "", 0, 0));
	n = EXPECT_OK(flistxattr(fd, buf, sizeof(buf)));
	EXPECT_EQ(n, before + 18);
	EXPECT(list_has(buf, n, "user.one"));
	EXPECT(list_has(buf, n, "user.two"));
	EXPECT_EQ(listxattr(tmp_path("f"), NULL, 0), n);
	EXPECT_ERRNO(flistxattr(fd, buf, 5), ERANGE);
	EXPECT_EQ(fgetxattr(fd, "user.two", buf, sizeof(buf)), 0);
	close(fd);
}

TEST(refusals)
{
	char buf[8], name[300];
	int fd = xattr_file();

	EXPECT_OK(fsetxattr(fd, "user.a", "0123456789", 10, 0));
	EXPECT_ERRNO(fgetxattr(fd, "user.a", buf, 8), ERANGE);
	EXPECT_ERRNO(fsetxattr(fd, "noclass", "1", 1, 0), EOPNOTSUPP);
	EXPECT_ERRNO(fsetxattr(fd, "user.", "1", 1, 0), EINVAL);
	EXPECT_ERRNO(fsetxattr(fd, "", "1", 1, 0), ERANGE);
	memset(name, 'n', sizeof(name));
	memcpy(name, "user.", 5);
	name[256] = 0;
	EXPECT_ERRNO(fsetxattr(fd, name, "1", 1, 0), ERANGE);
	EXPECT_ERRNO(fsetxattr(fd, "user.big", hide_ptr((uintptr_t)buf), 65537, 0), E2BIG);
	EXPECT_ERRNO(setxattr(tmp_path("none"), "user.a", "1", 1, 0), ENOENT);
	EXPECT_ERRNO(fgetxattr(-1, "user.a", buf, 8), EBADF);
	EXPECT_ERRNO(fsetxattr(fd, "user.b", bad_ptr(), 4, 0), EFAULT);
	close(fd);
}

TEST(directories_and_links)
{
	char buf[8];

	close(xattr_file());
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(setxattr(tmp_path("d"), "user.a", "dir", 3, 0));
	EXPECT_EQ(getxattr(tmp_path("d"), "user.a", buf, sizeof(buf)), 3);
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_OK(setxattr(tmp_path("l"), "user.a", "x", 1, 0));
	EXPECT_EQ(getxattr(tmp_path("f"), "user.a", buf, sizeof(buf)), 1);
	EXPECT_ERRNO(lsetxattr(tmp_path("l"), "user.a", "x", 1, 0), EPERM);
	EXPECT_ERRNO(lgetxattr(tmp_path("l"), "user.a", buf, sizeof(buf)), ENODATA);
}

TEST(survive_rename_and_die_with_the_file)
{
	char buf[8];

	close(xattr_file());
	EXPECT_OK(setxattr(tmp_path("f"), "user.a", "v", 1, 0));
	EXPECT_OK(rename(tmp_path("f"), tmp_path("g")));
	EXPECT_EQ(getxattr(tmp_path("g"), "user.a", buf, sizeof(buf)), 1);
	EXPECT_OK(unlink(tmp_path("g")));
	close(tmp_file("g", "", 0));
	EXPECT_ERRNO(getxattr(tmp_path("g"), "user.a", buf, sizeof(buf)), ENODATA);
}
