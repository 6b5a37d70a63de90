/*
 * execve that fails returns its errno and leaves the caller as it was: missing, forbidden, looping,
 * busy and wrong files; and execveat with a directory descriptor, AT_EMPTY_PATH and
 * AT_SYMLINK_NOFOLLOW.
 */
#include "child.h"

static char *argv_x[] = { "x", NULL };

#define EXEC(path)	execve(path, argv_x, environ)

TEST(paths)
{
	char name[PATH_MAX + 100];

	EXPECT_ERRNO(EXEC("/no/such/program"), ENOENT);
	EXPECT_ERRNO(EXEC(""), ENOENT);
	EXPECT_ERRNO(EXEC(test_tmpdir()), EACCES);
	close(tmp_file("plain", "x", 1));
	EXPECT_ERRNO(EXEC(tmp_path("plain/program")), ENOTDIR);
	EXPECT_OK(symlink(tmp_path("loop2"), tmp_path("loop")));
	EXPECT_OK(symlink(tmp_path("loop"), tmp_path("loop2")));
	EXPECT_ERRNO(EXEC(tmp_path("loop")), ELOOP);
	memset(name, 'n', sizeof(name));
	name[0] = '/';
	name[300] = 0;
	EXPECT_ERRNO(EXEC(name), ENAMETOOLONG);
	name[300] = 'n';
	name[PATH_MAX] = 0;
	EXPECT_ERRNO(EXEC(name), ENAMETOOLONG);
	EXPECT_OK(symlink("absent", tmp_path("dangling")));
	EXPECT_ERRNO(EXEC(tmp_path("dangling")), ENOENT);
}

TEST(no_execute_permission)
{
	close(tmp_file("plain", "x", 1));
	EXPECT_ERRNO(EXEC(tmp_path("plain")), EACCES);
	EXPECT_OK(mkfifo(tmp_path("fifo"), 0777));
	EXPECT_ERRNO(EXEC(tmp_path("fifo")), EACCES);
	EXPECT_ERRNO(EXEC("/dev/null"), EACCES);
}

TEST(no_format)
{
	EXPECT_ERRNO(EXEC(tmp_script("empty", "")), ENOEXEC);
	EXPECT_ERRNO(EXEC(tmp_script("text", "echo hello\n")), ENOEXEC);
	EXPECT_ERRNO(EXEC(tmp_program("zeros", (char[4096]){ 0 }, 4096)), ENOEXEC);
	EXPECT_ERRNO(EXEC(tmp_script("magic", "\177ELF")), ENOEXEC);
}

ROLE(busy)
{
	int fd = EXPECT_OK(open(argv[0], O_WRONLY | O_CLOEXEC));

	EXPECT_ERRNO(EXEC(argv[0]), ETXTBSY);
	close(fd);
	return 0;
}

TEST(open_for_writing)
{
	EXPECT_EXIT(spawn_self("busy", tmp_script("s", "#!/proc/self/exe\n")), 0);
}

TEST(running_program_cannot_be_written)
{
	if (access(self_path(), W_OK))
		SKIP("the file belongs to somebody else");
	EXPECT_ERRNO(open("/proc/self/exe", O_WRONLY), ETXTBSY);
}

/* execl from this process itself, so what was there must still be there after each failure. */
TEST(nothing_is_lost)
{
	char *heap = strdup("heap content");
	int fd = tmp_file("f", "abc", 3);
	sigset_t mask, now;
	char buf[16];

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (int i = 0; i < 20; i++)
		EXPECT_ERRNO(EXEC(tmp_script("text", "not a program")), ENOEXEC);
	sigprocmask(SIG_UNBLOCK, &mask, &now);
	EXPECT(sigismember(&now, SIGUSR1));
	EXPECT_STR(heap, "heap content");
	EXPECT_EQ(pread(fd, buf, 3, 0), 3);	/* CLOEXEC counts only for an exec that works */
	close(fd);
	free(heap);
}

ROLE(code)
{
	return atoi(argv[0]);
}

/* execveat in a vfork child; the exit code or, as 200 + errno, its failure. */
static int run_at(int dirfd, const char *path, int flags)
{
	char *argv[] = { "x", "--role", "code", "21", NULL };
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		execveat(dirfd, path, argv, environ, flags);
		_exit(200 + errno);
	}
	status = wait_status(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(execveat_paths)
{
	int dir = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int fd = EXPECT_OK(open(self_path(), O_RDONLY | O_CLOEXEC));

	EXPECT_OK(symlink(self_path(), tmp_path("link")));
	EXPECT_EQ(run_at(dir, "link", 0), 21);
	EXPECT_EQ(run_at(fd, self_path(), 0), 21);
	EXPECT_EQ(run_at(fd, "", AT_EMPTY_PATH), 21);
	EXPECT_EQ(run_at(fd, "", 0), 200 + ENOENT);
	EXPECT_EQ(run_at(dir, "link", AT_SYMLINK_NOFOLLOW), 200 + ELOOP);
	EXPECT_EQ(run_at(dir, "absent", 0), 200 + ENOENT);
	EXPECT_EQ(run_at(fd, "under", 0), 200 + ENOTDIR);
	EXPECT_EQ(run_at(99, "link", 0), 200 + EBADF);
	EXPECT_EQ(run_at(dir, "", AT_EMPTY_PATH), 200 + EACCES);
	EXPECT_EQ(run_at(dir, "link", 0x8), 200 + EINVAL);
	close(fd);
	close(dir);
}
