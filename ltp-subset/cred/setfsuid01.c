/* setfsuid and setfsgid return the former id and never fail; files obey them. */
#include "../lst.h"
#include <sys/fsuid.h>

static void run(void)
{
	struct stat st;

	NEED_ROOT();
	close(new_file("f", "", 0));
	MUST(chmod("f", 0600));
	MUST(chmod(".", 0777));
	EXPECT_EQ(setfsuid(LST_NOBODY), 0);
	EXPECT_EQ(setfsuid(-1), LST_NOBODY);
	EXPECT_EQ(setfsgid(77), 0);
	EXPECT_EQ(setfsgid(-1), 77);
	EXPECT_FAIL(open("f", O_RDONLY), EACCES);
	close(new_file("mine", "", 0));
	MUST(stat("mine", &st));
	EXPECT_EQ(st.st_uid, LST_NOBODY);
	EXPECT_EQ(st.st_gid, 77);
	EXPECT_EQ(geteuid(), 0);
	EXPECT_EQ(setfsuid(0), LST_NOBODY);
	EXPECT_EQ(setfsgid(0), 77);
	EXPECT_OK(open("f", O_RDONLY));
	MUST(seteuid(LST_NOBODY));
	EXPECT_EQ(setfsuid(5), LST_NOBODY);
	EXPECT_EQ(setfsuid(-1), LST_NOBODY);
	MUST(seteuid(0));
}
