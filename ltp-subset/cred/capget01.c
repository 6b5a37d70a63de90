/* capget and capset: versions, processes, sets that cannot grow; root without a capability. */
#include "../lst.h"
#include <linux/capability.h>

static void run(void)
{
	struct __user_cap_header_struct h = { 0x1234, 0 };
	struct __user_cap_data_struct d[2], less[2];
	pid_t pid;

	EXPECT_FAIL(syscall(SYS_capget, &h, d), EINVAL);
	EXPECT_EQ(h.version, _LINUX_CAPABILITY_VERSION_3);
	h.version = 0x1234;
	EXPECT_OK(syscall(SYS_capget, &h, NULL));
	EXPECT_FAIL(syscall(SYS_capget, BAD_PTR, d), EFAULT);
	EXPECT_FAIL(syscall(SYS_capget, &h, BAD_PTR), EFAULT);
	h.pid = -1;
	EXPECT_FAIL(syscall(SYS_capget, &h, d), EINVAL);
	h.pid = 0x3fffffff;
	EXPECT_FAIL(syscall(SYS_capget, &h, d), ESRCH);
	h.pid = 1;
	EXPECT_FAIL(syscall(SYS_capset, &h, d), EPERM);
	NEED_ROOT();
	h.pid = 0;
	pid = FORK();
	if (!pid) {
		MUST(syscall(SYS_capget, &h, d));
		memcpy(less, d, sizeof(d));
		less[0].effective &= ~(1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE);
		EXPECT_OK(syscall(SYS_capset, &h, less));
		close(new_file("f", "", 0));
		EXPECT_FAIL(chown("f", 5, 5), EPERM);
		EXPECT_OK(syscall(SYS_capset, &h, d));
		EXPECT_OK(chown("f", 5, 5));
		less[0].permitted = less[0].effective;
		less[0].inheritable = 0;
		EXPECT_OK(syscall(SYS_capset, &h, less));
		EXPECT_FAIL(syscall(SYS_capset, &h, d), EPERM);
		child_exit();
	}
	REAP(pid);
}
