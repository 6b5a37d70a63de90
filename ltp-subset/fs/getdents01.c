/* getdents and getdents64: errors, small buffers, every entry once. */
#include "../lst.h"
#include <dirent.h>

static void run(void)
{
	char buf[4096], name[16];
	int fd = new_file("file", "", 0), dir, seen = 0, pieces = 0;
	long n;

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "f%02d", i);
		close(new_file(name, "", 0));
	}
	dir = MUST(open(".", O_RDONLY | O_DIRECTORY));
	EXPECT_FAIL(syscall(SYS_getdents64, BAD_FD, buf, sizeof(buf)), EBADF);
	EXPECT_FAIL(syscall(SYS_getdents64, fd, buf, sizeof(buf)), ENOTDIR);
	EXPECT_FAIL(syscall(SYS_getdents64, dir, buf, 8), EINVAL);
	EXPECT_FAIL(syscall(SYS_getdents64, dir, BAD_PTR, sizeof(buf)), EFAULT);
	EXPECT_FAIL(syscall(SYS_getdents, dir, buf, 8), EINVAL);
	MUST(lseek(dir, 0, SEEK_SET));
	while ((n = syscall(SYS_getdents64, dir, buf, 256)) > 0) {
		pieces++;
		for (long at = 0; at < n; at += ((struct dirent64 *)(buf + at))->d_reclen)
			seen += ((struct dirent64 *)(buf + at))->d_name[0] == 'f';
	}
	EXPECT_EQ(n, 0);
	EXPECT_EQ(seen, 51);
	EXPECT_GT(pieces, 5);
	EXPECT_EQ(syscall(SYS_getdents64, dir, buf, sizeof(buf)), 0);
	MUST(mkdir("gone", 0755));
	dir = MUST(open("gone", O_RDONLY | O_DIRECTORY));
	MUST(rmdir("gone"));
	EXPECT_FAIL(syscall(SYS_getdents64, dir, buf, sizeof(buf)), ENOENT);
}
