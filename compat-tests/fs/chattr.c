/*
 * Immutable and append-only files (chattr): what may not be done to them any more, who may set the
 * flags, and that statx shows them.
 */
#include "../test.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

/* The others stay: some belong to the file system. */
static int set_flags(int fd, int flags)
{
	int old;

	if (ioctl(fd, FS_IOC_GETFLAGS, &old))
		return -1;
	flags |= old & ~(FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL);
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int flagged(int flags)
{
	int fd = tmp_file("f", "abc", 3);

	if (set_flags(fd, flags))
		SKIP("no chattr here (%s)", strerror(errno));
	return fd;
}

TEST(immutable)
{
	int fd = flagged(FS_IMMUTABLE_FL), got = 0;
	char *p = strdup(tmp_path("f"));

	EXPECT_OK(ioctl(fd, FS_IOC_GETFLAGS, &got));
	EXPECT_EQ(got & FS_IMMUTABLE_FL, FS_IMMUTABLE_FL);
	EXPECT_ERRNO(open(p, O_WRONLY), EPERM);
	EXPECT_ERRNO(unlink(p), EPERM);
	EXPECT_ERRNO(rename(p, tmp_path("g")), EPERM);
	EXPECT_ERRNO(link(p, tmp_path("g")), EPERM);
	EXPECT_ERRNO(chmod(p, 0600), EPERM);
	EXPECT_ERRNO(truncate(p, 0), EPERM);
	EXPECT_ERRNO(setxattr(p, "user.a", "1", 1, 0), EPERM);
	EXPECT_OK(set_flags(fd, 0));
	EXPECT_OK(unlink(p));
	close(fd);
	free(p);
}

TEST(append_only)
{
	int fd = flagged(FS_APPEND_FL), a;
	char *p = strdup(tmp_path("f"));

	EXPECT_ERRNO(open(p, O_WRONLY), EPERM);
	EXPECT_ERRNO(open(p, O_WRONLY | O_APPEND | O_TRUNC), EPERM);
	a = open(p, O_WRONLY | O_APPEND);
	EXPECT(a >= 0);
	EXPECT_EQ(write(a, "d", 1), 1);
	EXPECT_ERRNO(unlink(p), EPERM);
	EXPECT_ERRNO(truncate(p, 0), EPERM);
	EXPECT_OK(set_flags(fd, 0));
	close(a);
	close(fd);
	free(p);
}

TEST(statx_shows_them)
{
	int fd = flagged(FS_IMMUTABLE_FL | FS_NODUMP_FL);
	struct statx sx;

	EXPECT_OK(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &sx));
	EXPECT_EQ(sx.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP | STATX_ATTR_APPEND),
		  STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP);
	EXPECT_OK(set_flags(fd, 0));
	close(fd);
}
