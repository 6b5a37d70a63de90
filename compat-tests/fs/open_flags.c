/*
 * open(2): creation, exclusivity, truncation, access modes, O_DIRECTORY, O_NOFOLLOW and O_PATH,
 * with the errno of every refusal.
 */
#include "../test.h"

TEST(creat_and_exclusive)
{
	const char *p = tmp_path("f");
	int fd = EXPECT_OK(open(p, O_CREAT | O_EXCL | O_RDWR, 0600));

	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_ERRNO(open(p, O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	close(EXPECT_OK(open(p, O_CREAT | O_RDWR, 0600)));
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 3);
	close(fd);
	EXPECT_ERRNO(open(tmp_path("none"), O_RDONLY), ENOENT);
	EXPECT_ERRNO(open(tmp_path("none/f"), O_CREAT | O_RDWR, 0600), ENOENT);
	EXPECT_ERRNO(open(tmp_path("f/g"), O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(open("", O_RDONLY), ENOENT);
}

TEST(truncate)
{
	struct stat st;
	int fd = tmp_file("f", "0123456789", 10);
	int other = EXPECT_OK(open(tmp_path("f"), O_WRONLY | O_TRUNC));

	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 0);
	close(other);
	EXPECT_EQ(pwrite(fd, "xy", 2, 0), 2);
	other = EXPECT_OK(creat(tmp_path("f"), 0644));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 0);
	EXPECT_ERRNO(read(other, &st, 1), EBADF);
	close(other);
	close(fd);
}

TEST(access_modes)
{
	char c = 'x';
	int fd = tmp_file("f", "a", 1), r, w;

	r = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	w = EXPECT_OK(open(tmp_path("f"), O_WRONLY));
	EXPECT_ERRNO(write(r, &c, 1), EBADF);
	EXPECT_ERRNO(read(w, &c, 1), EBADF);
	EXPECT_ERRNO(ftruncate(r, 0), EINVAL);
	EXPECT_EQ(read(r, &c, 1), 1);
	EXPECT_EQ(c, 'a');
	EXPECT_EQ(fcntl(r, F_GETFL) & O_ACCMODE, O_RDONLY);
	EXPECT_EQ(fcntl(w, F_GETFL) & O_ACCMODE, O_WRONLY);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	close(r);
	close(w);
	close(fd);
}

TEST(new_file_mode_does_not_bind_its_creator)
{
	struct stat st;
	int fd = EXPECT_OK(open(tmp_path("f"), O_CREAT | O_RDWR, 0));

	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0);
	close(fd);
}

TEST(directories)
{
	char c;
	int fd = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY));

	EXPECT_ERRNO(read(fd, &c, 1), EISDIR);
	EXPECT_ERRNO(write(fd, &c, 1), EBADF);
	close(fd);
	EXPECT_ERRNO(open(test_tmpdir(), O_WRONLY), EISDIR);
	EXPECT_ERRNO(open(test_tmpdir(), O_RDWR), EISDIR);
	EXPECT_ERRNO(open(test_tmpdir(), O_RDONLY | O_CREAT, 0644), EISDIR);
	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(open(tmp_path("f"), O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_ERRNO(open(tmp_path("f/"), O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(open(tmp_path("new/"), O_RDWR | O_CREAT, 0644), EISDIR);
}

TEST(nofollow)
{
	int fd;

	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT_ERRNO(open(tmp_path("l"), O_RDONLY | O_NOFOLLOW), ELOOP);
	EXPECT_ERRNO(open(tmp_path("l"), O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
	EXPECT_ERRNO(open(tmp_path("l"), O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	fd = EXPECT_OK(open(tmp_path("f"), O_RDONLY | O_NOFOLLOW));
	close(fd);
}

TEST(create_through_dangling_link)
{
	struct stat st;

	EXPECT_OK(symlink("target", tmp_path("l")));
	EXPECT_ERRNO(open(tmp_path("l"), O_RDONLY), ENOENT);
	EXPECT_ERRNO(open(tmp_path("l"), O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	close(EXPECT_OK(open(tmp_path("l"), O_RDWR | O_CREAT, 0600)));
	EXPECT_OK(lstat(tmp_path("target"), &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_OK(lstat(tmp_path("l"), &st));
	EXPECT(S_ISLNK(st.st_mode));
}

TEST(path_descriptor)
{
	struct stat st;
	char c, link[64];
	int fd;

	close(tmp_file("f", "x", 1));
	fd = EXPECT_OK(open(tmp_path("f"), O_PATH));
	EXPECT_ERRNO(read(fd, &c, 1), EBADF);
	EXPECT_ERRNO(write(fd, "x", 1), EBADF);
	EXPECT_ERRNO(fchmod(fd, 0600), EBADF);
	EXPECT_ERRNO(lseek(fd, 0, SEEK_SET), EBADF);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 1);
	EXPECT(fcntl(fd, F_GETFL) & O_PATH);
	close(fd);
	EXPECT_OK(symlink("f", tmp_path("l")));
	fd = EXPECT_OK(open(tmp_path("l"), O_PATH | O_NOFOLLOW));
	EXPECT_OK(fstat(fd, &st));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(readlinkat(fd, "", link, sizeof(link)), 1);
	close(fd);
}

TEST(bad_pointer)
{
	EXPECT_ERRNO(syscall(SYS_open, (void *)8, O_RDONLY), EFAULT);
	EXPECT_ERRNO(syscall(SYS_open, NULL, O_RDONLY), EFAULT);
	EXPECT_ERRNO(syscall(SYS_open, (void *)0xffff800000000000, O_RDONLY), EFAULT);
}

TEST(lowest_descriptor)
{
	int a = EXPECT_OK(open("/dev/null", O_RDONLY));
	int b = EXPECT_OK(open("/dev/null", O_RDONLY));

	EXPECT_EQ(b, a + 1);
	close(a);
	EXPECT_EQ(open("/dev/null", O_RDONLY), a);
	close(a);
	close(b);
	EXPECT_ERRNO(close(b), EBADF);
}
