/* rename: two links of one file, open files and the sticky directory. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd = new_file("a", "a", 1);

	MUST(link("a", "b"));
	EXPECT_OK(rename("a", "b"));
	EXPECT_OK(access("a", F_OK));
	close(new_file("c", "c", 1));
	EXPECT_OK(rename("c", "b"));
	EXPECT_OK(rename("b", "a"));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(write(fd, "z", 1), 1);
	NEED_ROOT();
	MUST(mkdir("sticky", 0777));
	MUST(chmod("sticky", 01777));
	close(new_file("sticky/f", "", 0));
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(rename("sticky/f", "sticky/g"), EPERM);
	EXPECT_FAIL(unlink("sticky/f"), EPERM);
	MUST(seteuid(0));
}
