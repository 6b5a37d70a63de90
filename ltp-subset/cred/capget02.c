/* changing all ids away from root drops the capabilities; PR_SET_KEEPCAPS keeps the permitted ones. */
#include "../lst.h"
#include <linux/capability.h>
#include <sys/prctl.h>

static void run(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];
	pid_t pid;

	NEED_ROOT();
	for (int keep = 0; keep < 2; keep++) {
		pid = FORK();
		if (!pid) {
			MUST(prctl(PR_SET_KEEPCAPS, keep));
			EXPECT_EQ(prctl(PR_GET_KEEPCAPS), keep);
			MUST(setresuid(LST_NOBODY, LST_NOBODY, LST_NOBODY));
			MUST(syscall(SYS_capget, &h, d));
			EXPECT_EQ(d[0].effective, 0);
			EXPECT_EQ(!!d[0].permitted, keep);
			child_exit();
		}
		REAP(pid);
	}
	EXPECT_FAIL(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
	MUST(seteuid(LST_NOBODY));
	MUST(syscall(SYS_capget, &h, d));
	EXPECT_EQ(d[0].effective, 0);
	EXPECT_NE(d[0].permitted, 0);
	MUST(seteuid(0));
	MUST(syscall(SYS_capget, &h, d));
	EXPECT_NE(d[0].effective, 0);
}
