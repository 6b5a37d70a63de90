/*
 * File handles: a handle leads back to the same file, also after a rename; too small a buffer tells
 * the size; refusals of bad handles; after the file is gone the handle is stale.
 */
#include "../test.h"

struct handle {
	struct file_handle h;
	unsigned char room[MAX_HANDLE_SZ];
};

static void handle_of(const char *path, struct handle *h)
{
	int mount_id;

	h->h.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, path, &h->h, &mount_id, 0) && errno == EOPNOTSUPP)
		SKIP("no handles on this file system");
	EXPECT_OK(name_to_handle_at(AT_FDCWD, path, &h->h, &mount_id, 0));
}

static int open_handle(struct handle *h, int dir)
{
	int fd = open_by_handle_at(dir, &h->h, O_RDONLY);

	if (fd < 0 && errno == EPERM)
		SKIP("needs CAP_DAC_READ_SEARCH");
	return fd;
}

TEST(leads_back_after_a_rename)
{
	struct handle h;
	struct stat a, b;
	char *old = strdup(tmp_path("old"));
	int dir, fd;

	close(tmp_file("old", "text", 4));
	dir = open(tmp_path("."), O_RDONLY | O_DIRECTORY);
	EXPECT(dir >= 0);
	handle_of(old, &h);
	EXPECT_OK(stat(old, &a));
	EXPECT_OK(rename(old, tmp_path("new")));
	fd = open_handle(&h, dir);
	EXPECT(fd >= 0);
	EXPECT_OK(fstat(fd, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	close(fd);
	close(dir);
	free(old);
}

TEST(size_is_told)
{
	struct file_handle h = { .handle_bytes = 0 };
	struct handle full;
	int mount_id;

	close(tmp_file("f", "", 0));
	handle_of(tmp_path("f"), &full);
	EXPECT_ERRNO(name_to_handle_at(AT_FDCWD, tmp_path("f"), &h, &mount_id, 0), EOVERFLOW);
	EXPECT_EQ(h.handle_bytes, full.h.handle_bytes);
	h.handle_bytes = MAX_HANDLE_SZ + 1;
	EXPECT_ERRNO(name_to_handle_at(AT_FDCWD, tmp_path("f"), &h, &mount_id, 0), EINVAL);
	EXPECT_ERRNO(name_to_handle_at(AT_FDCWD, tmp_path("none"), &h, &mount_id, 0), ENOENT);
	EXPECT_ERRNO(name_to_handle_at(AT_FDCWD, tmp_path("f"), &h, &mount_id, -1), EINVAL);
}

TEST(refusals)
{
	struct handle h;
	int null = open("/dev/null", O_RDONLY);

	close(tmp_file("f", "", 0));
	handle_of(tmp_path("f"), &h);
	close(open_handle(&h, AT_FDCWD));
	EXPECT_ERRNO(open_by_handle_at(-1, &h.h, O_RDONLY), EBADF);
	EXPECT_ERRNO(open_by_handle_at(null, &h.h, O_RDONLY), ESTALE); /* another file system */
	h.h.handle_bytes = 0;
	EXPECT_ERRNO(open_by_handle_at(AT_FDCWD, &h.h, O_RDONLY), EINVAL);
	close(null);
}

TEST(symlinks_are_not_opened)
{
	struct handle h;
	int fd;

	EXPECT_OK(symlink("f", tmp_path("link")));
	close(tmp_file("f", "", 0));
	handle_of(tmp_path("link"), &h);
	fd = open_handle(&h, AT_FDCWD);
	EXPECT_EQ(fd, -1);
	EXPECT_EQ(errno, ELOOP);
}
