/* openat2: RESOLVE_BENEATH, RESOLVE_IN_ROOT and RESOLVE_NO_SYMLINKS. */
#include "../lst.h"
#include <linux/openat2.h>

static int try_open(int dir, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = resolve };
	int fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static void run(void)
{
	int dir;

	MUST(mkdir("d", 0755));
	MUST(mkdir("d/sub", 0755));
	close(new_file("d/f", "", 0));
	close(new_file("out", "", 0));
	MUST(symlink("f", "d/in"));
	MUST(symlink("../out", "d/up"));
	MUST(symlink("/f", "d/abs"));
	dir = MUST(open("d", O_RDONLY | O_DIRECTORY));
	EXPECT_OK(try_open(dir, "f", RESOLVE_BENEATH));
	EXPECT_OK(try_open(dir, "sub/../f", RESOLVE_BENEATH));
	EXPECT_OK(try_open(dir, "in", RESOLVE_BENEATH));
	EXPECT_FAIL(try_open(dir, "up", RESOLVE_BENEATH), EXDEV);
	EXPECT_FAIL(try_open(dir, "..", RESOLVE_BENEATH), EXDEV);
	EXPECT_FAIL(try_open(dir, "/etc", RESOLVE_BENEATH), EXDEV);
	EXPECT_FAIL(try_open(dir, "abs", RESOLVE_BENEATH), EXDEV);
	EXPECT_OK(try_open(dir, "abs", RESOLVE_IN_ROOT));
	EXPECT_OK(try_open(dir, "/../../f", RESOLVE_IN_ROOT));
	EXPECT_FAIL(try_open(dir, "up", RESOLVE_IN_ROOT), ENOENT);
	EXPECT_FAIL(try_open(dir, "in", RESOLVE_NO_SYMLINKS), ELOOP);
	EXPECT_OK(try_open(dir, "f", RESOLVE_NO_SYMLINKS));
	EXPECT_FAIL(try_open(AT_FDCWD, "/proc/self/exe", RESOLVE_NO_MAGICLINKS), ELOOP);
	EXPECT_FAIL(try_open(dir, "/proc/self/stat", RESOLVE_NO_XDEV), EXDEV);
}
