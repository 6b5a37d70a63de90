/* mkstemp and its kin: unique names, modes, flags, templates that are wrong. */
#include "../test.h"

TEST(unique_and_private)
{
	char name[64][PATH_MAX];
	struct stat st;
	int fd;

	for (int i = 0; i < 64; i++) {
		snprintf(name[i], PATH_MAX, "%s/t-XXXXXX", test_tmpdir());
		fd = EXPECT_OK(mkstemp(name[i]));
		EXPECT_OK(fstat(fd, &st));
		EXPECT_EQ(st.st_mode, S_IFREG | 0600);
		EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
		close(fd);
		for (int j = 0; j < i; j++)
			EXPECT(strcmp(name[i], name[j]));
	}
}

TEST(suffix_and_flags)
{
	char name[PATH_MAX];
	int fd;

	snprintf(name, sizeof(name), "%s/t-XXXXXX.txt", test_tmpdir());
	fd = EXPECT_OK(mkostemps(name, 4, O_CLOEXEC | O_APPEND));
	EXPECT_STR(name + strlen(name) - 4, ".txt");
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
	close(fd);
}

TEST(directories)
{
	char name[PATH_MAX];
	struct stat st;

	snprintf(name, sizeof(name), "%s/d-XXXXXX", test_tmpdir());
	EXPECT(mkdtemp(name) != NULL);
	EXPECT_OK(stat(name, &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 0700);
}

TEST(bad_templates)
{
	char short_x[] = "/tmp/x-XXX", none[PATH_MAX];

	EXPECT_ERRNO(mkstemp(short_x), EINVAL);
	snprintf(none, sizeof(none), "%s/none/t-XXXXXX", test_tmpdir());
	EXPECT_ERRNO(mkstemp(none), ENOENT);
}
