/* Broken signal state: sigreturn from nowhere, damaged frames, handlers that are no code. */
#include "naughty.h"

ROLE(sigreturn_from_nowhere)
{
	syscall(SYS_rt_sigreturn);
	return 0;
}

ROLE(sigreturn_wild_stack)
{
	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; hlt"
			 :: "r"(strtoull(argv[0], NULL, 0)) : "memory", "rax");
	return 0;
}

TEST(sigreturn_without_a_frame)
{
	static const char *const sp[] = { "0", "0x10", "0x7ffffffff000", "0x8000000000000000",
					  "0xffff800000000000" };

	for (size_t i = 0; i < ARRAY_SIZE(sp); i++)
		EXPECT_SIGNALED(spawn_self("sigreturn_wild_stack", sp[i]), SIGSEGV);
	EXPECT_KILLED(SIGSEGV, "sigreturn_from_nowhere");
}

static const char *what;

static void damage(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig, (void)info;
	if (!strcmp(what, "rip"))
		uc->uc_mcontext.gregs[REG_RIP] = 0xffff800000000000;
	if (!strcmp(what, "rip_hole"))
		uc->uc_mcontext.gregs[REG_RIP] = 0x8000000000000000;
	if (!strcmp(what, "rsp"))
		uc->uc_mcontext.gregs[REG_RSP] = 8;
	if (!strcmp(what, "fpregs"))
		uc->uc_mcontext.fpregs = hide_ptr(0xffff800000000000);
	if (!strcmp(what, "fpregs_low"))
		uc->uc_mcontext.fpregs = hide_ptr(64);
	if (!strcmp(what, "mxcsr"))
		uc->uc_mcontext.fpregs->mxcsr = 0xffffffff;
	if (!strcmp(what, "flags"))
		uc->uc_mcontext.gregs[REG_EFL] = -1 & ~0x100;
	if (!strcmp(what, "cs"))
		uc->uc_mcontext.gregs[REG_CSGSFS] = 0x10;
}

ROLE(damaged)
{
	struct sigaction sa = { .sa_sigaction = damage, .sa_flags = SA_SIGINFO };

	what = argv[0];
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return 9;
}

TEST(damaged_frames_kill)
{
	EXPECT_KILLED(SIGSEGV, "damaged", "rip");
	EXPECT_KILLED(SIGSEGV, "damaged", "rip_hole");
	EXPECT_KILLED(SIGSEGV, "damaged", "rsp");
	EXPECT_KILLED(SIGSEGV, "damaged", "fpregs");
	EXPECT_KILLED(SIGSEGV, "damaged", "fpregs_low");
}

/* Linux masks or refuses these; either way the process gets no rights by them. */
TEST(forged_flags_and_segments)
{
	static const char *const kind[] = { "flags", "mxcsr", "cs" };

	for (size_t i = 0; i < ARRAY_SIZE(kind); i++) {
		int s = wait_status(spawn_self("damaged", kind[i]));

		EXPECT((WIFEXITED(s) && WEXITSTATUS(s) == 9) ||
		       (WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV));
	}
	expect_alive();
}

ROLE(bad_handler)
{
	struct sigaction sa = { .sa_handler = hide_ptr(strtoull(argv[0], NULL, 0)) };

	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return 0;
}

ROLE(bad_segv_handler)
{
	struct sigaction sa = { .sa_handler = hide_ptr(0x1234), .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &sa, NULL);
	*(volatile char *)hide_ptr(8) = 1;
	return 0;
}

ROLE(bad_altstack)
{
	stack_t ss = { .ss_sp = hide_ptr(strtoull(argv[0], NULL, 0)), .ss_size = 65536 };
	struct sigaction sa = { .sa_sigaction = damage, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	what = "none";
	sigaltstack(&ss, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return 0;
}

TEST(bad_handlers_and_stacks)
{
	EXPECT_KILLED(SIGSEGV, "bad_handler", "0x1234");
	EXPECT_KILLED(SIGSEGV, "bad_handler", "0xffff800000000000");
	EXPECT_KILLED(SIGSEGV, "bad_handler", "0x8000000000000000");
	EXPECT_KILLED(SIGSEGV, "bad_segv_handler");
	EXPECT_KILLED(SIGSEGV, "bad_altstack", "0x10000");
	EXPECT_KILLED(SIGSEGV, "bad_altstack", "0xffff800000000000");
}

static void fault_again(int sig)
{
	(void)sig;
	*(volatile char *)hide_ptr(8) = 1;
}

ROLE(fault_in_handler)
{
	signal(SIGSEGV, fault_again);
	*(volatile char *)hide_ptr(8) = 1;
	return 0;
}

TEST(fault_in_the_handler)
{
	EXPECT_KILLED(SIGSEGV, "fault_in_handler");
}
