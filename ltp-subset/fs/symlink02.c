/* paths through 40 symbolic links work, through 41 do not. */
#include "../lst.h"

static void run(void)
{
	char from[16], to[16];

	close(new_file("l0", "", 0));
	for (int i = 1; i <= 41; i++) {
		snprintf(from, sizeof(from), "l%d", i);
		snprintf(to, sizeof(to), "l%d", i - 1);
		MUST(symlink(to, from));
	}
	EXPECT_OK(access("l40", F_OK));
	EXPECT_FAIL(access("l41", F_OK), ELOOP);
	MUST(symlink("self", "self"));
	EXPECT_FAIL(open("self", O_RDONLY), ELOOP);
	EXPECT_FAIL(open("self/x", O_RDONLY), ELOOP);
	EXPECT_FAIL(open("l1", O_RDONLY | O_NOFOLLOW), ELOOP);
	MUST(symlink(".", "dot"));
	EXPECT_OK(open("dot/l1", O_RDONLY | O_NOFOLLOW | O_PATH));
	EXPECT_FAIL(open("dot", O_RDONLY | O_DIRECTORY | O_NOFOLLOW), ENOTDIR);
}
