/* umask(2): returned value, effect on files, directories, fifos; inherited by a spawned child. */
#include "../test.h"

static mode_t mode_of(const char *name)
{
	struct stat st;

	EXPECT_OK(lstat(tmp_path(name), &st));
	return st.st_mode & 07777;
}

TEST(returns_the_old_mask)
{
	mode_t old = umask(027);

	EXPECT_EQ(umask(01777), 027);
	EXPECT_EQ(umask(old), 0777);
}

TEST(masks_creations)
{
	mode_t old;

	test_tmpdir();
	old = umask(0137);
	close(EXPECT_OK(open(tmp_path("f"), O_CREAT | O_RDWR, 0777)));
	EXPECT_OK(mkdir(tmp_path("d"), 0777));
	EXPECT_OK(mkfifo(tmp_path("p"), 0666));
	umask(old);
	EXPECT_EQ(mode_of("f"), 0640);
	EXPECT_EQ(mode_of("d"), 0640);
	EXPECT_EQ(mode_of("p"), 0640);
}

TEST(chmod_is_not_masked)
{
	mode_t old;

	close(tmp_file("f", "", 0));
	old = umask(0777);
	EXPECT_OK(chmod(tmp_path("f"), 0666));
	umask(old);
	EXPECT_EQ(mode_of("f"), 0666);
}

ROLE(mask_is)
{
	return umask(0) == strtoul(argv[0], NULL, 8) ? 0 : 1;
}

TEST(child_inherits)
{
	mode_t old = umask(0351);
	pid_t pid = spawn_self("mask_is", "351");

	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(umask(old), 0351);
}
