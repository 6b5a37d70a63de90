/* ustat and sysfs: devices and indices they know or not. */
#include "../lst.h"

static void run(void)
{
	struct {
		int32_t tfree;
		uint64_t tinode;
		char fname[6], fpack[6];
	} u;
	struct stat st;
	char name[64];

	MUST(stat(".", &st));
	EXPECT_FAIL(syscall(SYS_ustat, 0xfffff, &u), EINVAL);
	EXPECT_FAIL(syscall(SYS_ustat, (unsigned int)st.st_dev, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_sysfs, 9), EINVAL);
	EXPECT_GT(syscall(SYS_sysfs, 3), 0);
	EXPECT_GE(syscall(SYS_sysfs, 1, "proc"), 0);
	EXPECT_FAIL(syscall(SYS_sysfs, 1, "nosuchfs"), EINVAL);
	EXPECT_FAIL(syscall(SYS_sysfs, 1, BAD_PTR), EFAULT);
	EXPECT_OK(syscall(SYS_sysfs, 2, syscall(SYS_sysfs, 1, "proc"), name));
	EXPECT_STR(name, "proc");
}
