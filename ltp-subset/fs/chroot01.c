/* chroot: errors, what is seen inside, and that only root may. */
#include "../lst.h"

static void run(void)
{
	pid_t pid;

	NEED_ROOT();
	MUST(mkdir("jail", 0755));
	close(new_file("jail/in", "", 0));
	close(new_file("out", "", 0));
	EXPECT_FAIL(chroot("none"), ENOENT);
	EXPECT_FAIL(chroot("out"), ENOTDIR);
	EXPECT_FAIL(chroot(BAD_PTR), EFAULT);
	EXPECT_FAIL(chroot(long_name()), ENAMETOOLONG);
	pid = FORK();
	if (!pid) {
		char buf[PATH_MAX];

		EXPECT_OK(chroot("jail"));
		EXPECT_OK(access("/in", F_OK));
		EXPECT_OK(access("out", F_OK));
		EXPECT_GT(syscall(SYS_getcwd, buf, sizeof(buf)), 0);
		EXPECT(!strncmp(buf, "(unreachable)", 13));
		MUST(chdir("/"));
		EXPECT_OK(access("../in", F_OK));
		EXPECT_FAIL(access("../out", F_OK), ENOENT);
		MUST(setuid(LST_NOBODY));
		EXPECT_FAIL(chroot("/"), EPERM);
		child_exit();
	}
	REAP(pid);
	EXPECT_FAIL(access("/in", F_OK), ENOENT);
}
