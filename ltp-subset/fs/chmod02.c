/* chmod by an owner who is not in the file's group loses the set-group-id bit; writing loses both set-id bits. */
#include "../lst.h"

static void run(void)
{
	struct stat st;
	int fd;

	NEED_ROOT();
	fd = new_file("f", "abc", 3);
	MUST(fchown(fd, LST_NOBODY, 0));
	MUST(setegid(LST_NOBODY));
	MUST(seteuid(LST_NOBODY));
	EXPECT_OK(fchmod(fd, 02777));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 0777);
	MUST(seteuid(0));
	MUST(setegid(0));
	MUST(fchmod(fd, 06777));
	MUST(seteuid(LST_NOBODY));
	EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 0777);
	MUST(seteuid(0));
	MUST(fchmod(fd, 06777));
	EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 06777);
}
