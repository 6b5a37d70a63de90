/* execveat: flags, empty paths, links, descriptors. */
#include "../lst.h"

static void run(void)
{
	char *argv[] = { "true", NULL }, *envp[] = { NULL };
	int bin = MUST(open("/bin", O_RDONLY | O_DIRECTORY)), fd = MUST(open("/bin/true", O_RDONLY));
	pid_t pid;

	MUST(symlink("/bin/true", "l"));
	EXPECT_FAIL(syscall(SYS_execveat, bin, "true", argv, envp, 0x8000), EINVAL);
	EXPECT_FAIL(syscall(SYS_execveat, BAD_FD, "true", argv, envp, 0), EBADF);
	EXPECT_FAIL(syscall(SYS_execveat, fd, "true", argv, envp, 0), ENOTDIR);
	EXPECT_FAIL(syscall(SYS_execveat, fd, "", argv, envp, 0), ENOENT);
	EXPECT_FAIL(syscall(SYS_execveat, AT_FDCWD, "l", argv, envp, AT_SYMLINK_NOFOLLOW), ELOOP);
	pid = FORK();
	if (!pid) {
		syscall(SYS_execveat, bin, "true", argv, envp, 0);
		_exit(127);
	}
	EXPECT_EXIT(pid, 0);
	pid = FORK();
	if (!pid) {
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(127);
	}
	EXPECT_EXIT(pid, 0);
}
