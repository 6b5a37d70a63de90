/* sigaltstack: flags and sizes it refuses; not changed while in use. */
#include "../lst.h"
static char stack_area[65536];
static volatile int in_use = -1, change_errno, on_stack;

static void handler(int sig)
{
	stack_t now, ss = { .ss_flags = SS_DISABLE };
	char here;

	(void)sig;
	on_stack = &here >= stack_area && &here < stack_area + sizeof(stack_area);
	sigaltstack(NULL, &now);
	in_use = now.ss_flags;
	change_errno = sigaltstack(&ss, NULL) ? errno : 0;
}

static void run(void)
{
	stack_t ss = { .ss_sp = stack_area, .ss_size = sizeof(stack_area) }, old;
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	EXPECT_OK(sigaltstack(NULL, &old));
	EXPECT_EQ(old.ss_flags, SS_DISABLE);
	ss.ss_flags = 0x10;
	EXPECT_FAIL(sigaltstack(&ss, NULL), EINVAL);
	ss.ss_flags = 0;
	ss.ss_size = 100;
	EXPECT_FAIL(sigaltstack(&ss, NULL), ENOMEM);
	EXPECT_FAIL(syscall(SYS_sigaltstack, BAD_PTR, NULL), EFAULT);
	EXPECT_FAIL(syscall(SYS_sigaltstack, NULL, BAD_PTR), EFAULT);
	ss.ss_size = sizeof(stack_area);
	EXPECT_OK(sigaltstack(&ss, NULL));
	MUST(sigaction(SIGUSR1, &sa, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(on_stack, 1);
	EXPECT_EQ(in_use, SS_ONSTACK);
	EXPECT_EQ(change_errno, EPERM);
	ss.ss_flags = SS_DISABLE;
	EXPECT_OK(sigaltstack(&ss, &old));
	EXPECT(old.ss_sp == stack_area && old.ss_size == sizeof(stack_area) && !old.ss_flags);
}
