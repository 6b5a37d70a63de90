/* Files and directories that lose their names while they are used. */
#include "../test.h"

TEST(data_stays_until_close)
{
	char buf[8];
	struct stat st;
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(unlink(tmp_path("f")));
	EXPECT_ERRNO(access(tmp_path("f"), F_OK), ENOENT);
	EXPECT_EQ(pwrite(fd, "def", 3, 3), 3);
	EXPECT_EQ(pread(fd, buf, 8, 0), 6);
	EXPECT_MEM(buf, "abcdef", 6);
	EXPECT_OK(ftruncate(fd, 2));
	EXPECT_OK(fchmod(fd, 0600));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(st.st_size, 2);
	close(fd);
}

TEST(name_can_be_used_again)
{
	char c;
	struct stat a, b;
	int old = tmp_file("f", "o", 1), new;

	EXPECT_OK(unlink(tmp_path("f")));
	new = tmp_file("f", "n", 1);
	EXPECT_OK(fstat(old, &a));
	EXPECT_OK(fstat(new, &b));
	EXPECT_NE(a.st_ino, b.st_ino);
	EXPECT_EQ(pread(old, &c, 1, 0), 1);
	EXPECT_EQ(c, 'o');
	close(old);
	EXPECT_EQ(pread(new, &c, 1, 0), 1);
	EXPECT_EQ(c, 'n');
	close(new);
}

TEST(proc_shows_deleted)
{
	char path[64], link[PATH_MAX], want[PATH_MAX + 16], real[PATH_MAX];
	int fd = tmp_file("f", "", 0);
	ssize_t n;

	EXPECT(realpath(tmp_path("f"), real) != NULL);
	EXPECT_OK(unlink(tmp_path("f")));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = EXPECT_OK(readlink(path, link, sizeof(link) - 1));
	link[n] = 0;
	snprintf(want, sizeof(want), "%s (deleted)", real);
	EXPECT_STR(link, want);
	close(fd);
}

TEST(nameless_file_cannot_come_back)
{
	char path[64];
	int fd = tmp_file("f", "x", 1);

	EXPECT_OK(unlink(tmp_path("f")));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_ERRNO(linkat(AT_FDCWD, path, AT_FDCWD, tmp_path("g"), AT_SYMLINK_FOLLOW), ENOENT);
	close(fd);
}

static void *churn(void *arg)
{
	char name[16];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "c%d", (int)(intptr_t)arg);
		int fd = open(name, O_CREAT | O_RDWR | O_EXCL, 0600);

		EXPECT_GE(fd, 0);
		EXPECT_EQ(write(fd, "x", 1), 1);
		EXPECT_OK(unlink(name));
		close(fd);
	}
	return NULL;
}

TEST(create_and_unlink_in_threads)
{
	pthread_t t[4];

	EXPECT_OK(chdir(test_tmpdir()));
	for (intptr_t i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, churn, (void *)i), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	EXPECT_OK(chdir("/"));
	EXPECT_OK(rmdir(test_tmpdir()));
}
