/* openat2: the structure's size, unknown bits and modes without O_CREAT. */
#include "../lst.h"
#include <linux/openat2.h>

static void run(void)
{
	struct {
		struct open_how how;
		uint64_t more;
	} big = { .how.flags = O_RDONLY };
	struct open_how how = { .flags = O_RDONLY };

	close(new_file("f", "", 0));
	EXPECT_OK(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)));
	EXPECT_OK(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof(big)));
	big.more = 1;
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof(big)), E2BIG);
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, 16), EINVAL);
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, 8192), E2BIG);
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", BAD_PTR, sizeof(how)), EFAULT);
	how.mode = 0600;
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), EINVAL);
	how = (struct open_how){ .flags = O_CREAT | O_RDWR, .mode = 0170000 };
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), EINVAL);
	how = (struct open_how){ .flags = 1ULL << 40 };
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), EINVAL);
	how = (struct open_how){ .resolve = 1 << 20 };
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), EINVAL);
	how = (struct open_how){ .resolve = RESOLVE_BENEATH | RESOLVE_IN_ROOT };
	EXPECT_FAIL(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), EINVAL);
}
