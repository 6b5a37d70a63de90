/*
 * What the system call fuzzer found, each boiled down to one case: the LibOS stopped, or did what
 * Linux refuses.
 */
#include "naughty.h"
#include <sched.h>

static char stack[16384] __attribute__((aligned(16)));

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* A thread pointer that cannot be loaded. */
TEST(clone_with_wild_tls)
{
	static const uintptr_t tls[] = { 0x9b22b15e175da9f8, 1ul << 63, 0xffff800000000000, -1ul };

	for (size_t i = 0; i < ARRAY_SIZE(tls); i++)
		EXPECT_ERRNO(clone(nothing, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_SETTLS | SIGCHLD, NULL,
				   NULL, hide_ptr(tls[i]), NULL), EPERM);
	expect_alive();
}

/* O_TRUNC asks for the right to write by itself. */
TEST(truncate_running_program)
{
	struct stat st;

	EXPECT_ERRNO(open("/proc/self/exe", O_RDONLY | O_TRUNC), ETXTBSY);
	EXPECT_OK(stat("/proc/self/exe", &st));
	EXPECT_GT(st.st_size, 0);
	expect_alive();
}
