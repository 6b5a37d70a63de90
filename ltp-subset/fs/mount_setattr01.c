/* mount_setattr: sizes, flags and attributes it refuses; a mount made read-only. */
#include "../lst.h"
#include <linux/mount.h>
#include <sys/mount.h>

static void run(void)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY };

	NEED_ROOT();
	MUST(mkdir("m", 0755));
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	if (syscall(SYS_mount_setattr, AT_FDCWD, "m", 0, &a, sizeof(a)) && errno == ENOSYS)
		CONF("no mount_setattr");
	EXPECT_FAIL(open("m/x", O_RDWR | O_CREAT, 0600), EROFS);
	EXPECT_FAIL(syscall(SYS_mount_setattr, AT_FDCWD, "m", 0, &a, 8), EINVAL);
	EXPECT_FAIL(syscall(SYS_mount_setattr, AT_FDCWD, "m", 0x100000, &a, sizeof(a)), EINVAL);
	EXPECT_FAIL(syscall(SYS_mount_setattr, AT_FDCWD, "none", 0, &a, sizeof(a)), ENOENT);
	EXPECT_FAIL(syscall(SYS_mount_setattr, BAD_FD, "m", 0, &a, sizeof(a)), EBADF);
	EXPECT_FAIL(syscall(SYS_mount_setattr, AT_FDCWD, ".", 0, &a, sizeof(a)), EINVAL);
	a.attr_set = 1ULL << 40;
	EXPECT_FAIL(syscall(SYS_mount_setattr, AT_FDCWD, "m", 0, &a, sizeof(a)), EINVAL);
	a = (struct mount_attr){ .attr_clr = MOUNT_ATTR_RDONLY };
	EXPECT_OK(syscall(SYS_mount_setattr, AT_FDCWD, "m", 0, &a, sizeof(a)));
	EXPECT_OK(open("m/x", O_RDWR | O_CREAT, 0600) < 0 ? -1 : 0);
	MUST(umount2("m", MNT_DETACH));
}
