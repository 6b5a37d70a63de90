/* arch_prctl: FS is the thread's pointer, bad codes and addresses. */
#include "../lst.h"
#include <asm/prctl.h>

static void run(void)
{
	unsigned long fs = 0, self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	EXPECT_OK(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	EXPECT_EQ(fs, self);
	EXPECT_FAIL(syscall(SYS_arch_prctl, 0x999, &fs), EINVAL);
	EXPECT_FAIL(syscall(SYS_arch_prctl, ARCH_GET_FS, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_arch_prctl, ARCH_SET_FS, 1UL << 63), EPERM);
	EXPECT_FAIL(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 63), EPERM);
	EXPECT_OK(syscall(SYS_arch_prctl, ARCH_SET_FS, fs));
	EXPECT_EQ(syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0), 1);
}
