/* /proc/self and its links: exe, cwd, root, the number of the process, links of a child. */
#include "proc.h"

static char *link_of(const char *path, char *buf, size_t size)
{
	ssize_t n = EXPECT_OK(readlink(path, buf, size - 1));

	buf[n] = 0;
	return buf;
}

TEST(self_is_the_pid)
{
	char buf[64], want[64];
	struct stat a, b;

	snprintf(want, sizeof(want), "%d", getpid());
	EXPECT_STR(link_of("/proc/self", buf, sizeof(buf)), want);
	snprintf(want, sizeof(want), "/proc/%d", getpid());
	EXPECT_OK(stat("/proc/self", &a));
	EXPECT_OK(stat(want, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT(S_ISDIR(a.st_mode));
	EXPECT_OK(lstat("/proc/self", &a));
	EXPECT(S_ISLNK(a.st_mode));
}

TEST(exe)
{
	char buf[PATH_MAX], magic[4];
	struct stat st;
	int fd;

	EXPECT_EQ(link_of("/proc/self/exe", buf, sizeof(buf))[0], '/');
	EXPECT_OK(stat(buf, &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT(strstr(buf, "self_links") != NULL);
	fd = EXPECT_OK(open("/proc/self/exe", O_RDONLY));
	EXPECT_EQ(read(fd, magic, 4), 4);
	EXPECT_MEM(magic, "\177ELF", 4);
	close(fd);
}

TEST(cwd_and_root)
{
	char buf[PATH_MAX], cwd[PATH_MAX];
	struct stat a, b;

	EXPECT_OK(chdir(test_tmpdir()));
	EXPECT(getcwd(cwd, sizeof(cwd)) != NULL);
	EXPECT_STR(link_of("/proc/self/cwd", buf, sizeof(buf)), cwd);
	EXPECT_STR(link_of("/proc/self/root", buf, sizeof(buf)), "/");
	close(tmp_file("f", "", 0));
	EXPECT_OK(stat("/proc/self/cwd/f", &a));
	EXPECT_OK(stat("f", &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_OK(chdir("/"));
	EXPECT_STR(link_of("/proc/self/cwd", buf, sizeof(buf)), "/");
}

ROLE(wait_for_eof)
{
	char c;

	EXPECT_EQ(write(1, "R", 1), 1);
	return read(0, &c, 1) ? 1 : 0;
}

TEST(of_a_child)
{
	posix_spawn_file_actions_t fa;
	char path[64], buf[PATH_MAX], mine[PATH_MAX], c;
	int in[2], out[2];
	pid_t pid;

	EXPECT_OK(pipe2(in, O_CLOEXEC));
	EXPECT_OK(pipe2(out, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	EXPECT_OK(chdir(test_tmpdir()));
	pid = spawn_self_with(&fa, NULL, "wait_for_eof");
	EXPECT_OK(chdir("/"));
	EXPECT_EQ(read(out[0], &c, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	EXPECT_STR(link_of(path, buf, sizeof(buf)), link_of("/proc/self/exe", mine, sizeof(mine)));
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	EXPECT_STR(strrchr(link_of(path, buf, sizeof(buf)), '/'), strrchr(test_tmpdir(), '/'));
	close(in[1]);
	EXPECT_EXIT(pid, 0);
	EXPECT_ERRNO(readlink(path, buf, sizeof(buf)), ENOENT);
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

TEST(truncated)
{
	char buf[4] = "###";

	EXPECT_EQ(readlink("/proc/self/exe", buf, 2), 2);
	EXPECT_EQ(buf[0], '/');
	EXPECT_EQ(buf[2], '#');
	EXPECT_ERRNO(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW), ELOOP);
}
