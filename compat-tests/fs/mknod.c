/* mknod(2): files and fifos for everybody, devices for root that really work, refusals. */
#include "user.h"
#include <sys/sysmacros.h>

TEST(files_and_fifos)
{
	struct stat st;

	EXPECT_OK(mknod(tmp_path("f"), S_IFREG | 0640, 0));
	EXPECT_OK(stat(tmp_path("f"), &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0640);
	EXPECT_OK(mknod(tmp_path("g"), 0600, 0));
	EXPECT_OK(stat(tmp_path("g"), &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_OK(mknod(tmp_path("p"), S_IFIFO | 0600, 0));
	EXPECT_OK(stat(tmp_path("p"), &st));
	EXPECT(S_ISFIFO(st.st_mode));
}

TEST(refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(mknod(tmp_path("f"), S_IFREG | 0600, 0), EEXIST);
	EXPECT_ERRNO(mknod(tmp_path("none/f"), S_IFREG | 0600, 0), ENOENT);
	EXPECT_ERRNO(mknod(tmp_path("f/x"), S_IFREG | 0600, 0), ENOTDIR);
	EXPECT_ERRNO(mknod(tmp_path("d"), S_IFDIR | 0600, 0), EPERM);
	EXPECT_ERRNO(mknod(tmp_path("l"), S_IFLNK | 0600, 0), EINVAL);
	EXPECT_ERRNO(mknod("", S_IFREG | 0600, 0), ENOENT);
}

TEST(user_makes_no_devices)
{
	user_dir();
	become_user();
	EXPECT_ERRNO(mknod(tmp_path("u/null"), S_IFCHR | 0666, makedev(1, 3)), EPERM);
	EXPECT_OK(mknod(tmp_path("u/f"), S_IFREG | 0600, 0));
	become_root();
}

TEST(root_makes_devices)
{
	struct stat st;

	if (geteuid())
		SKIP("needs root");
	EXPECT_OK(mknod(tmp_path("zero"), S_IFCHR | 0600, makedev(1, 5)));
	EXPECT_OK(stat(tmp_path("zero"), &st));
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_rdev, makedev(1, 5));
	EXPECT_EQ(st.st_size, 0);
}
