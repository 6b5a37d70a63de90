/* openat2(2): RESOLVE_* confinement and strict argument checks. */
#include "../test.h"
#include <linux/openat2.h>

static int openat2_in(int d, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	return syscall(SYS_openat2, d, path, &how, sizeof(how));
}

static int tree(void)
{
	int d;

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	close(tmp_file("d/f", "in", 2));
	close(tmp_file("f", "out", 3));
	EXPECT_OK(symlink("f", tmp_path("d/rel")));
	EXPECT_OK(symlink("/f", tmp_path("d/abs")));
	EXPECT_OK(symlink("../f", tmp_path("d/up")));
	d = EXPECT_OK(open(tmp_path("d"), O_RDONLY | O_DIRECTORY));
	return d;
}

TEST(beneath)
{
	int d = tree();

	close(EXPECT_OK(openat2_in(d, "f", O_RDONLY, RESOLVE_BENEATH)));
	close(EXPECT_OK(openat2_in(d, "rel", O_RDONLY, RESOLVE_BENEATH)));
	EXPECT_ERRNO(openat2_in(d, "../f", O_RDONLY, RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(openat2_in(d, "up", O_RDONLY, RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(openat2_in(d, "abs", O_RDONLY, RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(openat2_in(d, "/", O_RDONLY, RESOLVE_BENEATH), EXDEV);
	close(d);
}

static ssize_t size_through(int d, const char *path, uint64_t resolve)
{
	struct stat st;
	int fd = EXPECT_OK(openat2_in(d, path, O_RDONLY, resolve));

	EXPECT_OK(fstat(fd, &st));
	close(fd);
	return st.st_size;
}

TEST(in_root)
{
	int d = tree();

	EXPECT_EQ(size_through(d, "/f", RESOLVE_IN_ROOT), 2);
	EXPECT_EQ(size_through(d, "abs", RESOLVE_IN_ROOT), 2);
	EXPECT_EQ(size_through(d, "../../f", RESOLVE_IN_ROOT), 2);
	EXPECT_EQ(size_through(d, "up", RESOLVE_IN_ROOT), 2);
	EXPECT_EQ(size_through(d, "up", 0), 3);
	close(d);
}

TEST(no_symlinks)
{
	int d = tree();

	EXPECT_ERRNO(openat2_in(d, "rel", O_RDONLY, RESOLVE_NO_SYMLINKS), ELOOP);
	close(EXPECT_OK(openat2_in(d, "f", O_RDONLY, RESOLVE_NO_SYMLINKS)));
	EXPECT_ERRNO(openat2_in(AT_FDCWD, "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS),
		     ELOOP);
	close(d);
}

TEST(strict_arguments)
{
	struct open_how how = { .flags = O_RDONLY };
	char big[64] = "";
	int d = tree();

	EXPECT_ERRNO(openat2_in(d, "f", 1ull << 40, 0), EINVAL);
	EXPECT_ERRNO(openat2_in(d, "f", O_RDONLY, 1ull << 40), EINVAL);
	EXPECT_ERRNO(openat2_in(d, "f", O_RDONLY, RESOLVE_BENEATH | RESOLVE_IN_ROOT), EINVAL);
	how.mode = 0644;
	EXPECT_ERRNO(syscall(SYS_openat2, d, "f", &how, sizeof(how)), EINVAL);
	EXPECT_ERRNO(syscall(SYS_openat2, d, "f", &how, 4), EINVAL);
	close(EXPECT_OK(syscall(SYS_openat2, d, "f", big, sizeof(big))));
	big[40] = 1;
	EXPECT_ERRNO(syscall(SYS_openat2, d, "f", big, sizeof(big)), E2BIG);
	EXPECT_ERRNO(syscall(SYS_openat2, d, "f", bad_ptr(), sizeof(how)), EFAULT);
	close(d);
}
