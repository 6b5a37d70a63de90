/* O_TMPFILE: nameless files, naming them later through /proc/self/fd, O_EXCL, refusals. */
#include "../test.h"
#include <dirent.h>

TEST(nameless)
{
	struct stat st;
	struct dirent *e;
	char buf[8];
	int fd = EXPECT_OK(open(test_tmpdir(), O_TMPFILE | O_RDWR, 0600));
	DIR *d = opendir(test_tmpdir());

	EXPECT_EQ(write(fd, "hello", 5), 5);
	EXPECT_EQ(pread(fd, buf, 8, 0), 5);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(st.st_mode, S_IFREG | 0600);
	EXPECT(d != NULL);
	while ((e = readdir(d)))
		EXPECT_EQ(e->d_name[0], '.');
	closedir(d);
	close(fd);
}

TEST(named_later)
{
	char proc[64], buf[8];
	struct stat st;
	int fd = EXPECT_OK(open(test_tmpdir(), O_TMPFILE | O_WRONLY, 0600));

	EXPECT_EQ(write(fd, "hello", 5), 5);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	EXPECT_OK(linkat(AT_FDCWD, proc, AT_FDCWD, tmp_path("f"), AT_SYMLINK_FOLLOW));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_ERRNO(linkat(AT_FDCWD, proc, AT_FDCWD, tmp_path("f"), AT_SYMLINK_FOLLOW), EEXIST);
	close(fd);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 5);
	EXPECT_STR(buf, "hello");
}

TEST(exclusive_never_gets_a_name)
{
	char proc[64];
	int fd = EXPECT_OK(open(test_tmpdir(), O_TMPFILE | O_EXCL | O_RDWR, 0600));

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	EXPECT_ERRNO(linkat(AT_FDCWD, proc, AT_FDCWD, tmp_path("f"), AT_SYMLINK_FOLLOW), ENOENT);
	close(fd);
}

TEST(refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(open(test_tmpdir(), O_TMPFILE | O_RDONLY, 0600), EINVAL);
	EXPECT_ERRNO(open(tmp_path("f"), O_TMPFILE | O_RDWR, 0600), ENOTDIR);
	EXPECT_ERRNO(open(tmp_path("none"), O_TMPFILE | O_RDWR, 0600), ENOENT);
	EXPECT_ERRNO(open(test_tmpdir(), O_TMPFILE | O_CREAT | O_RDWR, 0600), EINVAL);
}

TEST(tmpfile_stream)
{
	char buf[16] = "";
	FILE *f = tmpfile();

	EXPECT(f != NULL);
	EXPECT_EQ(fprintf(f, "line %d\n", 7), 7);
	rewind(f);
	EXPECT(fgets(buf, sizeof(buf), f) != NULL);
	EXPECT_STR(buf, "line 7\n");
	fclose(f);
}
