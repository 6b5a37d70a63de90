/* mount and umount2: errors, and a tmpfs that hides and shows. */
#include "../lst.h"
#include <sys/mount.h>

static void run(void)
{
	struct stat st;

	NEED_ROOT();
	MUST(mkdir("m", 0755));
	close(new_file("m/under", "", 0));
	close(new_file("f", "", 0));
	EXPECT_FAIL(mount("none", "absent", "tmpfs", 0, NULL), ENOENT);
	EXPECT_FAIL(mount("none", "m", "nosuchfs", 0, NULL), ENODEV);
	EXPECT_FAIL(mount("none", "f", "tmpfs", 0, NULL), ENOTDIR);
	EXPECT_FAIL(umount2("m", 0), EINVAL);
	EXPECT_FAIL(umount2("m", 0x100), EINVAL);
	EXPECT_FAIL(umount2("absent", 0), ENOENT);
	EXPECT_OK(mount("none", "m", "tmpfs", 0, "mode=0711"));
	MUST(stat("m", &st));
	EXPECT_EQ(st.st_mode & 07777, 0711);
	EXPECT_FAIL(access("m/under", F_OK), ENOENT);
	close(new_file("m/over", "", 0));
	EXPECT_FAIL(rmdir("m"), EBUSY);
	EXPECT_FAIL(link("f", "m/f"), EXDEV);
	int fd = MUST(open("m/over", O_RDONLY));
	EXPECT_FAIL(umount2("m", 0), EBUSY);
	close(fd);
	EXPECT_OK(umount2("m", 0));
	EXPECT_OK(access("m/under", F_OK));
	EXPECT_FAIL(access("m/over", F_OK), ENOENT);
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(mount("none", "m", "tmpfs", 0, NULL), EPERM);
	MUST(seteuid(0));
}
