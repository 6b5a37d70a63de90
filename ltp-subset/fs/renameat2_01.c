/* renameat2: RENAME_NOREPLACE and RENAME_EXCHANGE, and flags that exclude each other. */
#include "../lst.h"

static void run(void)
{
	struct stat a, b, now;

	close(new_file("a", "a", 1));
	close(new_file("b", "bb", 2));
	MUST(stat("a", &a));
	MUST(stat("b", &b));
	EXPECT_FAIL(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
	EXPECT_FAIL(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE | RENAME_EXCHANGE), EINVAL);
	EXPECT_FAIL(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT | RENAME_EXCHANGE), EINVAL);
	EXPECT_FAIL(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 8), EINVAL);
	EXPECT_FAIL(renameat2(AT_FDCWD, "a", AT_FDCWD, "none", RENAME_EXCHANGE), ENOENT);
	EXPECT_FAIL(renameat2(AT_FDCWD, "none", AT_FDCWD, "c", RENAME_NOREPLACE), ENOENT);
	EXPECT_OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE));
	MUST(stat("a", &now));
	EXPECT_EQ(now.st_ino, b.st_ino);
	MUST(stat("b", &now));
	EXPECT_EQ(now.st_ino, a.st_ino);
	EXPECT_OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
	EXPECT_FAIL(access("a", F_OK), ENOENT);
}
