/* chown by a user: own group yes, foreign group and owner no. */
#include "../lst.h"
#include <grp.h>

static void run(void)
{
	gid_t groups[] = { 300 };
	struct stat st;

	NEED_ROOT();
	close(new_file("f", "", 0));
	MUST(chown("f", LST_NOBODY, 200));
	MUST(setgroups(1, groups));
	MUST(setegid(400));
	MUST(seteuid(LST_NOBODY));
	EXPECT_OK(chown("f", -1, 300));
	EXPECT_OK(chown("f", LST_NOBODY, 400));
	EXPECT_FAIL(chown("f", -1, 200), EPERM);
	EXPECT_FAIL(chown("f", 0, -1), EPERM);
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_gid, 400);
	MUST(seteuid(0));
	MUST(setegid(0));
	MUST(chown("f", 77, 400));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(chown("f", -1, 300), EPERM);
	MUST(seteuid(0));
}
