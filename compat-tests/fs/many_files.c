/* Many names in one directory, found, listed and removed; many open files at once. */
#include "../test.h"
#include <dirent.h>

enum { COUNT = 2000, OPEN = 500 };

static const char *name_of(int i)
{
	static char buf[64];

	snprintf(buf, sizeof(buf), "a-rather-long-file-name-%05d", i);
	return buf;
}

static int count_names(void)
{
	DIR *d = opendir(".");
	int n = -2;

	EXPECT(d != NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

TEST(names)
{
	struct stat st;

	EXPECT_OK(chdir(test_tmpdir()));
	for (int i = 0; i < COUNT; i++)
		close(EXPECT_OK(open(name_of(i), O_CREAT | O_EXCL | O_WRONLY, 0600)));
	EXPECT_EQ(count_names(), COUNT);
	for (int i = COUNT - 1; i >= 0; i -= 7)
		EXPECT_OK(stat(name_of(i), &st));
	EXPECT_ERRNO(stat(name_of(COUNT), &st), ENOENT);
	for (int i = 0; i < COUNT; i += 2)
		EXPECT_OK(unlink(name_of(i)));
	EXPECT_EQ(count_names(), COUNT / 2);
	for (int i = 0; i < COUNT; i++)
		EXPECT_EQ(access(name_of(i), F_OK), i % 2 ? 0 : -1);
}

TEST(open_at_once)
{
	int fd[OPEN], got;

	EXPECT_OK(chdir(test_tmpdir()));
	for (int i = 0; i < OPEN; i++) {
		fd[i] = EXPECT_OK(open(name_of(i), O_CREAT | O_EXCL | O_RDWR, 0600));
		EXPECT_EQ(write(fd[i], &i, sizeof(i)), sizeof(i));
	}
	for (int i = 0; i < OPEN; i++) {
		EXPECT_EQ(pread(fd[i], &got, sizeof(got), 0), sizeof(got));
		EXPECT_EQ(got, i);
		close(fd[i]);
	}
}
