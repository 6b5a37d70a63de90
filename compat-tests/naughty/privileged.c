/* Privileged and forbidden instructions end in the signal Linux gives and never reach the host. */
#include "naughty.h"

#define ATTACK(id, ...)			\
	ROLE(id)			\
	{				\
		__asm__ volatile(__VA_ARGS__);	\
		return 0;		\
	}

static char zeros[16];

ATTACK(hlt, "hlt")
ATTACK(cli, "cli")
ATTACK(in_port, "in $0x80, %%al" ::: "eax")
ATTACK(out_port, "out %%al, $0x80" ::: "eax")
ATTACK(rdmsr, "rdmsr" :: "c"(0x1b) : "eax", "edx")
ATTACK(wrmsr, "wrmsr" :: "c"(0x1b), "a"(0), "d"(0))
ATTACK(read_cr0, "mov %%cr0, %%rax" ::: "rax")
ATTACK(write_cr3, "mov %%rax, %%cr3" :: "a"(0))
ATTACK(read_dr7, "mov %%dr7, %%rax" ::: "rax")
ATTACK(invlpg, "invlpg (%0)" :: "r"(0x1000))
ATTACK(lgdt, "lgdt (%0)" :: "r"(zeros))
ATTACK(lidt, "lidt (%0)" :: "r"(zeros))
ATTACK(ltr, "ltr %w0" :: "r"(0x40))
ATTACK(clts, "clts")
ATTACK(wbinvd, "wbinvd")
ATTACK(swapgs, "swapgs")
ATTACK(sysret, "sysretq" ::: "rcx", "r11")
ATTACK(iretq_kernel, "push $0; push %%rsp; pushfq; push $0x10; push $0; iretq" ::: "memory")
ATTACK(load_ss, "mov %w0, %%ss" :: "r"(0x18))
ATTACK(load_ds, "mov %w0, %%ds" :: "r"(0xfff8))
ATTACK(int_3_hard, "int $0x90")

static const char *const general_protection[] = {
	"hlt", "cli", "in_port", "out_port", "rdmsr", "wrmsr", "read_cr0", "write_cr3", "read_dr7",
	"invlpg", "lgdt", "lidt", "ltr", "clts", "wbinvd", "load_ss", "load_ds", "int_3_hard",
};

TEST(general_protection_faults)
{
	for (size_t i = 0; i < ARRAY_SIZE(general_protection); i++)
		EXPECT_SIGNALED(spawn_self(general_protection[i]), SIGSEGV);
	expect_alive();
}

TEST(ways_into_the_kernel)
{
	EXPECT_SIGNALED(spawn_self("swapgs"), SIGSEGV);
	EXPECT_SIGNALED(spawn_self("sysret"), SIGSEGV);
	EXPECT_KILLED(SIGSEGV, "iretq_kernel");
}

static void *hlt_thread(void *arg)
{
	__asm__ volatile("hlt");
	return arg;
}

ROLE(hlt_in_thread)
{
	pthread_t t;

	pthread_create(&t, NULL, hlt_thread, NULL);
	pthread_join(t, NULL);
	return 0;
}

TEST(in_a_thread)
{
	EXPECT_KILLED(SIGSEGV, "hlt_in_thread");
}

static volatile sig_atomic_t hits;

static void skip_hlt(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig, (void)info;
	hits++;
	uc->uc_mcontext.gregs[REG_RIP]++;
}

TEST(handler_may_step_over)
{
	struct sigaction sa = { .sa_sigaction = skip_hlt, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	for (int i = 0; i < 100; i++)
		__asm__ volatile("hlt");
	signal(SIGSEGV, SIG_DFL);
	EXPECT_EQ(hits, 100);
}
