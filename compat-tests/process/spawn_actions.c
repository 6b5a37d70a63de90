/*
 * File actions of posix_spawn: dup2, open, close, closefrom, chdir and fchdir, done in order in the
 * child only; a failing action fails the spawn with its errno and leaves no child.
 */
#include "child.h"
#include <dirent.h>

ROLE(say)
{
	printf("%s\n", argv[0]);
	return 0;
}

ROLE(cat_stdin)
{
	char buf[256];
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0)
		if (write(1, buf, n) != n)
			return 2;
	return n < 0 ? errno : 0;
}

/* Prints the numbers of the open descriptors. */
ROLE(list_fds)
{
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	return 0;
}

ROLE(cwd)
{
	char buf[PATH_MAX];

	puts(getcwd(buf, sizeof(buf)));
	return 0;
}

/*
 * Runs the role with these actions, its stdout in "out" of the scratch directory; gives that file's
 * content.
 */
static const char *output_of(posix_spawn_file_actions_t *fa, const char *role)
{
	static char buf[4096];

	EXPECT_EXIT(spawn_self_with(fa, NULL, role), 0);
	EXPECT_GE(read_file(tmp_path("out"), buf, sizeof(buf)), 0);
	return buf;
}

static void actions_init(posix_spawn_file_actions_t *fa)
{
	posix_spawn_file_actions_init(fa);
	EXPECT_EQ(posix_spawn_file_actions_addopen(fa, 1, tmp_path("out"),
						   O_WRONLY | O_CREAT | O_TRUNC, 0600),
		  0);
}

TEST(open_for_stdout)
{
	posix_spawn_file_actions_t fa;
	char buf[64];
	struct stat st;

	actions_init(&fa);
	EXPECT_EXIT(spawn_self_with(&fa, NULL, "say", "into the file"), 0);
	EXPECT_EQ(read_file(tmp_path("out"), buf, sizeof(buf)), 14);
	EXPECT_STR(buf, "into the file\n");
	EXPECT_OK(stat(tmp_path("out"), &st));
	EXPECT_EQ(st.st_mode & 0777, 0600);
	posix_spawn_file_actions_destroy(&fa);
}

TEST(open_for_stdin)
{
	posix_spawn_file_actions_t fa;

	close(tmp_file("in", "the input", 9));
	actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, tmp_path("in"), O_RDONLY, 0);
	EXPECT_STR(output_of(&fa, "cat_stdin"), "the input");
	posix_spawn_file_actions_destroy(&fa);
}

TEST(dup2_and_close)
{
	posix_spawn_file_actions_t fa;
	int fd[2];

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	EXPECT_EQ(write(fd[1], "piped", 5), 5);
	actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[0], 0);
	posix_spawn_file_actions_addclose(&fa, fd[1]);
	close(EXPECT_OK(dup(0)));
	EXPECT_OK(fcntl(fd[1], F_SETFD, 0));
	/* The child must see the end of the pipe although its parent inherits the writer too. */
	{
		pid_t pid = spawn_self_with(&fa, NULL, "cat_stdin");
		char buf[16];

		close(fd[1]);
		EXPECT_EXIT(pid, 0);
		EXPECT_EQ(read_file(tmp_path("out"), buf, sizeof(buf)), 5);
		EXPECT_STR(buf, "piped");
	}
	close(fd[0]);
	posix_spawn_file_actions_destroy(&fa);
}

/* dup2 onto itself clears CLOEXEC: the descriptor is inherited. */
TEST(dup2_onto_itself)
{
	posix_spawn_file_actions_t fa;
	int fd = EXPECT_OK(fcntl(tmp_file("in", "same", 4), F_DUPFD_CLOEXEC, 40));
	char want[16];

	actions_init(&fa);
	EXPECT(!strstr(output_of(&fa, "list_fds"), " 40 "));
	posix_spawn_file_actions_adddup2(&fa, fd, fd);
	snprintf(want, sizeof(want), " %d ", fd);
	EXPECT(strstr(output_of(&fa, "list_fds"), want) != NULL);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	posix_spawn_file_actions_destroy(&fa);
}

TEST(in_order)
{
	posix_spawn_file_actions_t fa;

	close(tmp_file("in", "A", 1));
	close(tmp_file("in2", "B", 1));
	actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 50, tmp_path("in"), O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, 50, 0);
	posix_spawn_file_actions_addopen(&fa, 50, tmp_path("in2"), O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, 50, 51);
	posix_spawn_file_actions_addclose(&fa, 50);
	EXPECT_STR(output_of(&fa, "cat_stdin"), "A");
	EXPECT(strstr(output_of(&fa, "list_fds"), " 51 ") != NULL);
	EXPECT(!strstr(output_of(&fa, "list_fds"), " 50 "));
	posix_spawn_file_actions_destroy(&fa);
	EXPECT_ERRNO(fcntl(51, F_GETFD), EBADF);
}

TEST(close_from)
{
	posix_spawn_file_actions_t fa;
	int fd = EXPECT_OK(fcntl(0, F_DUPFD, 30));

	actions_init(&fa);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	EXPECT_STR(output_of(&fa, "list_fds"), "0 1 2 ");
	EXPECT_GE(fcntl(fd, F_GETFD), 0);
	close(fd);
	posix_spawn_file_actions_destroy(&fa);
}

TEST(change_directory)
{
	posix_spawn_file_actions_t fa;
	char before[PATH_MAX], after[PATH_MAX], real[PATH_MAX];
	int dir;

	EXPECT(getcwd(before, sizeof(before)) != NULL);
	EXPECT(realpath(test_tmpdir(), real) != NULL);
	strcat(real, "\n");
	actions_init(&fa);
	posix_spawn_file_actions_addchdir_np(&fa, test_tmpdir());
	EXPECT_STR(output_of(&fa, "cwd"), real);
	posix_spawn_file_actions_addchdir_np(&fa, "/");
	EXPECT_STR(output_of(&fa, "cwd"), "/\n");
	dir = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	posix_spawn_file_actions_addfchdir_np(&fa, dir);
	EXPECT_STR(output_of(&fa, "cwd"), real);
	close(dir);
	EXPECT(getcwd(after, sizeof(after)) != NULL);
	EXPECT_STR(after, before);
	posix_spawn_file_actions_destroy(&fa);
}

static int failure_of(posix_spawn_file_actions_t *fa)
{
	char *argv[] = { "x", "--role", "say", "no", NULL };
	pid_t pid = -1;
	int err = posix_spawn(&pid, "/proc/self/exe", fa, NULL, argv, environ);

	posix_spawn_file_actions_destroy(fa);
	if (!err)
		wait_status(pid);
	return err;
}

TEST(failures)
{
	posix_spawn_file_actions_t fa;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, tmp_path("absent"), O_RDONLY, 0);
	EXPECT_EQ(failure_of(&fa), ENOENT);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, 60, 0);
	EXPECT_EQ(failure_of(&fa), EBADF);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addchdir_np(&fa, tmp_path("absent"));
	EXPECT_EQ(failure_of(&fa), ENOENT);
	posix_spawn_file_actions_init(&fa);
	EXPECT_EQ(posix_spawn_file_actions_addclose(&fa, -1), EBADF);
	posix_spawn_file_actions_destroy(&fa);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}
