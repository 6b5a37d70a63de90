/* getcwd(2): its value after moves, sizes that are too small, the raw return value. */
#include "../test.h"

TEST(follows_chdir)
{
	char want[PATH_MAX], buf[PATH_MAX];

	EXPECT(realpath(test_tmpdir(), want) != NULL);
	EXPECT_OK(mkdir(tmp_path("a"), 0755));
	EXPECT_OK(chdir(test_tmpdir()));
	EXPECT_STR(getcwd(buf, sizeof(buf)), want);
	EXPECT_OK(chdir("a/../a//."));
	strcat(want, "/a");
	EXPECT_STR(getcwd(buf, sizeof(buf)), want);
	EXPECT_OK(chdir("/"));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/");
}

TEST(sees_through_links_and_renames)
{
	char want[PATH_MAX], buf[PATH_MAX];

	EXPECT(realpath(test_tmpdir(), want) != NULL);
	EXPECT_OK(mkdir(tmp_path("a"), 0755));
	EXPECT_OK(symlink("a", tmp_path("l")));
	EXPECT_OK(chdir(tmp_path("l")));
	EXPECT_OK(rename(tmp_path("a"), tmp_path("b")));
	strcat(want, "/b");
	EXPECT_STR(getcwd(buf, sizeof(buf)), want);
}

TEST(raw_call)
{
	char buf[PATH_MAX];

	EXPECT_OK(chdir("/tmp"));
	EXPECT_EQ(syscall(SYS_getcwd, buf, sizeof(buf)), strlen(buf) + 1);
	EXPECT_OK(chdir("/"));
	EXPECT_EQ(syscall(SYS_getcwd, buf, 2), 2);
	EXPECT_ERRNO(syscall(SYS_getcwd, buf, 1), ERANGE);
	EXPECT_ERRNO(syscall(SYS_getcwd, buf, 0), ERANGE);
	EXPECT_ERRNO(syscall(SYS_getcwd, bad_ptr(), 100), EFAULT);
}

ROLE(cwd_is)
{
	char buf[PATH_MAX];

	EXPECT_STR(getcwd(buf, sizeof(buf)), argv[0]);
	return 0;
}

TEST(child_inherits)
{
	char buf[PATH_MAX];

	EXPECT_OK(chdir(test_tmpdir()));
	EXPECT(getcwd(buf, sizeof(buf)) != NULL);
	EXPECT_EXIT(spawn_self("cwd_is", buf), 0);
}
