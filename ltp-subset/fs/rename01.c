/* rename: what may replace what. */
#include "../lst.h"

static void run(void)
{
	MUST(mkdir("d", 0755));
	MUST(mkdir("e", 0755));
	MUST(mkdir("full", 0755));
	close(new_file("full/f", "", 0));
	close(new_file("f", "", 0));
	EXPECT_FAIL(rename("f", "d"), EISDIR);
	EXPECT_FAIL(rename("d", "f"), ENOTDIR);
	EXPECT_FAIL(rename("d", "full"), ENOTEMPTY);
	EXPECT_FAIL(rename("d", "d/sub"), EINVAL);
	EXPECT_FAIL(rename("d/.", "x"), EBUSY);
	EXPECT_FAIL(rename("d", "e/.."), EBUSY);
	EXPECT_FAIL(rename("none", "x"), ENOENT);
	EXPECT_FAIL(rename("f/x", "x"), ENOTDIR);
	EXPECT_FAIL(rename("", "x"), ENOENT);
	EXPECT_FAIL(rename("f", ""), ENOENT);
	EXPECT_FAIL(rename("f", long_name()), ENAMETOOLONG);
	EXPECT_FAIL(rename(BAD_PTR, "x"), EFAULT);
	EXPECT_FAIL(rename("f", BAD_PTR), EFAULT);
	EXPECT_FAIL(rename("f", "x/"), ENOTDIR);
	EXPECT_OK(rename("d", "e"));
	EXPECT_OK(rename("full", "e/"));
	EXPECT_OK(access("e/f", F_OK));
}
