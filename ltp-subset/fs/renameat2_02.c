/* renameat2 RENAME_EXCHANGE between a file and a full directory in different parents. */
#include "../lst.h"

static void run(void)
{
	struct stat st;

	MUST(mkdir("p", 0755));
	MUST(mkdir("p/d", 0755));
	close(new_file("p/d/inner", "i", 1));
	close(new_file("f", "f", 1));
	EXPECT_OK(renameat2(AT_FDCWD, "p/d", AT_FDCWD, "f", RENAME_EXCHANGE));
	EXPECT_OK(access("f/inner", F_OK));
	MUST(stat("p/d", &st));
	EXPECT(S_ISREG(st.st_mode));
	MUST(stat("p", &st));
	EXPECT_EQ(st.st_nlink, 2);
	MUST(stat("f/..", &st));
	EXPECT_EQ(st.st_nlink, 4);
	EXPECT_FAIL(renameat2(AT_FDCWD, "f", AT_FDCWD, "f/inner", RENAME_EXCHANGE), EINVAL);
	EXPECT_FAIL(renameat2(AT_FDCWD, "f/inner", AT_FDCWD, "f", RENAME_EXCHANGE), EINVAL);
}
