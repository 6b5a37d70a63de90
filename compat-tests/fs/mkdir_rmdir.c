/* mkdir(2) and rmdir(2): every refusal, dots and slashes, a removed current directory. */
#include "../test.h"

TEST(mkdir_refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_ERRNO(mkdir(tmp_path("d"), 0755), EEXIST);
	EXPECT_ERRNO(mkdir(tmp_path("f"), 0755), EEXIST);
	EXPECT_ERRNO(mkdir(tmp_path("none/d"), 0755), ENOENT);
	EXPECT_ERRNO(mkdir(tmp_path("f/d"), 0755), ENOTDIR);
	EXPECT_ERRNO(mkdir("", 0755), ENOENT);
	EXPECT_ERRNO(mkdir("/", 0755), EEXIST);
	EXPECT_ERRNO(mkdir(tmp_path("d/."), 0755), EEXIST);
	EXPECT_ERRNO(mkdir(tmp_path("d/.."), 0755), EEXIST);
	EXPECT_OK(symlink("target", tmp_path("l")));
	EXPECT_ERRNO(mkdir(tmp_path("l"), 0755), EEXIST);
	EXPECT_OK(mkdir(tmp_path("slash/"), 0755));
	EXPECT_ERRNO(syscall(SYS_mkdir, bad_ptr(), 0755), EFAULT);
}

TEST(rmdir_refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(mkdir(tmp_path("d/e"), 0755));
	EXPECT_ERRNO(rmdir(tmp_path("d")), ENOTEMPTY);
	EXPECT_ERRNO(rmdir(tmp_path("f")), ENOTDIR);
	EXPECT_ERRNO(rmdir(tmp_path("none")), ENOENT);
	EXPECT_ERRNO(rmdir(tmp_path("d/.")), EINVAL);
	EXPECT_ERRNO(rmdir(tmp_path("d/e/..")), ENOTEMPTY);
	EXPECT_ERRNO(rmdir("/"), EBUSY);
	EXPECT_OK(rmdir(tmp_path("d/e/")));
	EXPECT_OK(rmdir(tmp_path("d")));
}

TEST(removed_current_directory)
{
	char buf[64];
	struct stat st;

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(chdir(tmp_path("d")));
	EXPECT_OK(rmdir(tmp_path("d")));
	EXPECT_ERRNO(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	EXPECT_ERRNO(open("f", O_CREAT | O_RDWR, 0644), ENOENT);
	EXPECT_ERRNO(mkdir("x", 0755), ENOENT);
	EXPECT_OK(stat(".", &st));
	EXPECT_OK(chdir(".."));
}

TEST(deep_tree)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s", test_tmpdir()), first = len;

	for (int i = 0; i < 100; i++) {
		len += snprintf(path + len, sizeof(path) - len, "/level%d", i);
		EXPECT_OK(mkdir(path, 0755));
	}
	while (len > first) {
		EXPECT_OK(rmdir(path));
		*strrchr(path, '/') = 0;
		len = strlen(path);
	}
}

TEST(modes)
{
	struct stat st;
	mode_t old;

	test_tmpdir();
	old = umask(022);
	EXPECT_OK(mkdir(tmp_path("d"), 01777));
	umask(old);
	EXPECT_OK(stat(tmp_path("d"), &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 01755);
}
