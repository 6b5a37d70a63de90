/* realpath(3), canonical names through links and dots, and its refusals. */
#include "../test.h"

static char *real(const char *name, char *buf)
{
	return realpath(tmp_path(name), buf);
}

TEST(resolves)
{
	char top[PATH_MAX], got[PATH_MAX], want[PATH_MAX + 16];

	EXPECT(realpath(test_tmpdir(), top) != NULL);
	EXPECT_OK(mkdir(tmp_path("a"), 0755));
	EXPECT_OK(mkdir(tmp_path("a/b"), 0755));
	close(tmp_file("a/b/f", "", 0));
	EXPECT_OK(symlink("a/b", tmp_path("l")));
	EXPECT_OK(symlink("l/f", tmp_path("m")));
	snprintf(want, sizeof(want), "%s/a/b/f", top);
	EXPECT_STR(real("a/./b//f", got), want);
	EXPECT_STR(real("l/f", got), want);
	EXPECT_STR(real("m", got), want);
	EXPECT_STR(real("l/../b/f", got), want);
	EXPECT_STR(realpath("/", got), "/");
	EXPECT_STR(realpath("/..", got), "/");
	EXPECT_OK(chdir(tmp_path("l")));
	EXPECT_STR(realpath("f", got), want);
}

TEST(refusals)
{
	char got[PATH_MAX];

	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("loop", tmp_path("loop")));
	EXPECT(!real("none", got) && errno == ENOENT);
	EXPECT(!real("f/x", got) && errno == ENOTDIR);
	EXPECT(!real("loop", got) && errno == ELOOP);
	EXPECT(!realpath("", got) && errno == ENOENT);
	EXPECT(!realpath(NULL, got) && errno == EINVAL);
}

TEST(allocates)
{
	char *p = realpath("/tmp/..", NULL);

	EXPECT_STR(p, "/");
	free(p);
}
