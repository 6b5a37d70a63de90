/* execve: files it refuses. */
#include "../lst.h"

static void run(void)
{
	char *argv[] = { "x", NULL }, *envp[] = { NULL };
	int fd;

	close(new_file("plain", "text", 4));
	close(new_file("noformat", "\x7f" "ELFnot", 7));
	MUST(chmod("noformat", 0755));
	close(new_file("empty", "", 0));
	MUST(chmod("empty", 0755));
	close(new_file("badinterp", "#!/nonexistent/interpreter\n", 27));
	MUST(chmod("badinterp", 0755));
	MUST(mkdir("d", 0755));
	MUST(symlink("loop", "loop"));
	EXPECT_FAIL(execve("none", argv, envp), ENOENT);
	EXPECT_FAIL(execve("", argv, envp), ENOENT);
	EXPECT_FAIL(execve("plain", argv, envp), EACCES);
	EXPECT_FAIL(execve("d", argv, envp), EACCES);
	EXPECT_FAIL(execve("plain/x", argv, envp), ENOTDIR);
	EXPECT_FAIL(execve("noformat", argv, envp), ENOEXEC);
	EXPECT_FAIL(execve("empty", argv, envp), ENOEXEC);
	EXPECT_FAIL(execve("badinterp", argv, envp), ENOENT);
	EXPECT_FAIL(execve("loop", argv, envp), ELOOP);
	EXPECT_FAIL(execve(long_name(), argv, envp), ENAMETOOLONG);
	EXPECT_FAIL(execve(BAD_PTR, argv, envp), EFAULT);
	EXPECT_FAIL(execve("/bin/true", BAD_PTR, envp), EFAULT);
	EXPECT_FAIL(execve("/bin/true", argv, BAD_PTR), EFAULT);
	fd = MUST(open("noformat", O_WRONLY));
	EXPECT_FAIL(execve("noformat", argv, envp), ETXTBSY);
	close(fd);
}
