/* Path resolution limits: NAME_MAX, PATH_MAX, unreadable pointers, slashes and dots. */
#include "../test.h"
#include <sys/mman.h>

TEST(name_max)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[255] = 0;
	close(tmp_file(name, "", 0));
	name[255] = 'n';
	name[256] = 0;
	EXPECT_ERRNO(open(tmp_path(name), O_CREAT | O_RDWR, 0644), ENAMETOOLONG);
	EXPECT_ERRNO(mkdir(tmp_path(name), 0755), ENAMETOOLONG);
	EXPECT_ERRNO(access(tmp_path(name), F_OK), ENAMETOOLONG);
	close(tmp_file("x", "", 0));
	EXPECT_ERRNO(rename(tmp_path("x"), tmp_path(name)), ENAMETOOLONG);
	EXPECT_ERRNO(unlink(tmp_path(name)), ENAMETOOLONG);
	EXPECT_EQ(pathconf(test_tmpdir(), _PC_NAME_MAX), 255);
}

TEST(path_max)
{
	char path[PATH_MAX + 2];
	struct stat st;

	memset(path, '/', sizeof(path));
	path[PATH_MAX - 1] = 0;
	EXPECT_OK(stat(path, &st));
	path[PATH_MAX - 1] = '/';
	path[PATH_MAX] = 0;
	EXPECT_ERRNO(stat(path, &st), ENAMETOOLONG);
	EXPECT_ERRNO(chdir(path), ENAMETOOLONG);
	EXPECT_ERRNO(open(path, O_RDONLY), ENAMETOOLONG);
}

TEST(slashes_and_dots)
{
	struct stat a, b;
	char path[512];

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	close(tmp_file("d/f", "", 0));
	EXPECT_OK(stat(tmp_path("d/f"), &a));
	snprintf(path, sizeof(path), "%s///.//./d//../d/./f", test_tmpdir());
	EXPECT_OK(stat(path, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_ERRNO(stat(tmp_path("d/f/."), &b), ENOTDIR);
	EXPECT_ERRNO(stat(tmp_path("d/f/.."), &b), ENOTDIR);
	EXPECT_ERRNO(stat(tmp_path("none/.."), &b), ENOENT);
	EXPECT_ERRNO(stat(tmp_path("d/..."), &b), ENOENT);
}

TEST(odd_names)
{
	static const char *const names[] = {
		"...", " ", "a b", "new\nline", "\xff\xfe", "-", "*", "\xc3\xa4", "\001", "%s",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		close(tmp_file(names[i], "", 0));
		EXPECT_OK(access(tmp_path(names[i]), F_OK));
		EXPECT_OK(unlink(tmp_path(names[i])));
	}
}

TEST(string_that_runs_into_unmapped_memory)
{
	char *p = EXPECT_OK(
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_OK(munmap(p + 4096, 4096));
	memset(p, 'a', 4096);
	EXPECT_ERRNO(open(p + 4090, O_RDONLY), EFAULT);
	memcpy(p + 4096 - 5, "/tmp", 5);
	close(EXPECT_OK(open(p + 4096 - 5, O_RDONLY)));
	munmap(p, 4096);
}

TEST(pointers)
{
	char buf[16];

	EXPECT_ERRNO(syscall(SYS_open, NULL, O_RDONLY), EFAULT);
	EXPECT_ERRNO(syscall(SYS_unlink, hide_ptr(-4096ul), 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_rename, "/tmp", bad_ptr()), EFAULT);
	EXPECT_ERRNO(syscall(SYS_readlink, bad_ptr(), buf, 16), EFAULT);
	EXPECT_ERRNO(syscall(SYS_mkdir, hide_ptr(0x8000000000000000ul), 0), EFAULT);
}
