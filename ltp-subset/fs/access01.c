/* access: real ids count, not effective ones; errors. */
#include "../lst.h"

static void run(void)
{
	close(new_file("f", "", 0));
	MUST(chmod("f", 0600));
	EXPECT_FAIL(access("f", 8), EINVAL);
	EXPECT_FAIL(access("f", -1), EINVAL);
	EXPECT_FAIL(access("none", F_OK), ENOENT);
	EXPECT_FAIL(access("f/x", F_OK), ENOTDIR);
	EXPECT_FAIL(access(BAD_PTR, F_OK), EFAULT);
	EXPECT_FAIL(access("f", X_OK), EACCES);
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_OK(access("f", R_OK));
	EXPECT_FAIL(open("f", O_RDONLY), EACCES);
	MUST(seteuid(0));
	MUST(setreuid(LST_NOBODY, 0));
	EXPECT_FAIL(access("f", R_OK), EACCES);
	EXPECT_OK(open("f", O_RDONLY));
	MUST(setreuid(0, 0));
}
