/* Illegal opcodes, traps, divisions and alignment: the exact signal and code, then life goes on. */
#include "naughty.h"

static int zero;

ROLE(ud2)
{
	__asm__ volatile("ud2");
	return 0;
}

ROLE(int3)
{
	__asm__ volatile("int3");
	return 0;
}

ROLE(icebp)
{
	__asm__ volatile(".byte 0xf1");
	return 0;
}

ROLE(divide)
{
	__asm__ volatile("xor %%edx, %%edx; mov $1, %%eax; divl %0" :: "m"(zero) : "eax", "edx");
	return 0;
}

ROLE(divide_overflow)
{
	__asm__ volatile("mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idivl %%ecx"
			 ::: "eax", "ecx", "edx");
	return 0;
}

ROLE(misaligned_vector)
{
	static char buf[64] __attribute__((aligned(16)));

	__asm__ volatile("movaps %%xmm0, (%0)" :: "r"(buf + 1) : "memory");
	return 0;
}

ROLE(bad_prefix)
{
	__asm__ volatile(".byte 0xf0; nop");
	return 0;
}

ROLE(trap_flag)
{
	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; nop" ::: "cc", "memory");
	return 0;
}

ROLE(float_exception)
{
	uint32_t mxcsr = 0x1f80 & ~(1u << 9);	/* unmask division by zero */

	__asm__ volatile("ldmxcsr %0; pxor %%xmm1, %%xmm1; cvtsi2sd %1, %%xmm0;"
			 "divsd %%xmm1, %%xmm0"
			 :: "m"(mxcsr), "r"(1) : "xmm0", "xmm1");
	return 0;
}

TEST(signals)
{
	EXPECT_KILLED(SIGILL, "ud2");
	EXPECT_KILLED(SIGILL, "bad_prefix");
	EXPECT_KILLED(SIGTRAP, "int3");
	EXPECT_KILLED(SIGTRAP, "icebp");
	EXPECT_KILLED(SIGTRAP, "trap_flag");
	EXPECT_KILLED(SIGFPE, "divide");
	EXPECT_KILLED(SIGFPE, "divide_overflow");
	EXPECT_KILLED(SIGFPE, "float_exception");
	EXPECT_KILLED(SIGSEGV, "misaligned_vector");
}

static siginfo_t seen;
static uintptr_t seen_rip;

/* Steps over the two bytes of ud2 or divl (%rax); stays behind int3. */
static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	seen = *info;
	seen_rip = uc->uc_mcontext.gregs[REG_RIP];
	if (sig != SIGTRAP)
		uc->uc_mcontext.gregs[REG_RIP] += 2;
}

static void catch_signal(int sig)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	EXPECT_OK(sigaction(sig, &sa, NULL));
	memset(&seen, 0, sizeof(seen));
}

TEST(codes_and_addresses)
{
	uintptr_t at;

	catch_signal(SIGILL);
	__asm__ volatile("lea 1f(%%rip), %0; 1: ud2" : "=&r"(at));
	EXPECT_EQ(seen.si_code, ILL_ILLOPN);
	EXPECT_EQ(seen.si_addr, at);
	EXPECT_EQ(seen_rip, at);
	signal(SIGILL, SIG_DFL);
	catch_signal(SIGTRAP);
	__asm__ volatile("int3; 1: lea 1b(%%rip), %0" : "=&r"(at));
	EXPECT_EQ(seen.si_signo, SIGTRAP);
	EXPECT_EQ(seen.si_code, SI_KERNEL);
	EXPECT_EQ(seen_rip, at);
	signal(SIGTRAP, SIG_DFL);
}

TEST(division_code)
{
	uintptr_t at;

	catch_signal(SIGFPE);
	__asm__ volatile("xor %%edx, %%edx; mov $1, %%eax; lea 1f(%%rip), %0; 1: divl (%1)"
			 : "=&r"(at) : "r"(&zero) : "eax", "edx");
	EXPECT_EQ(seen.si_code, FPE_INTDIV);
	EXPECT_EQ(seen.si_addr, at);
	signal(SIGFPE, SIG_DFL);
}

ROLE(blocked_fault)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	__asm__ volatile("ud2");
	return 0;
}

ROLE(ignored_fault)
{
	signal(SIGILL, SIG_IGN);
	__asm__ volatile("ud2");
	return 0;
}

TEST(cannot_be_blocked_or_ignored)
{
	EXPECT_KILLED(SIGILL, "blocked_fault");
	EXPECT_KILLED(SIGILL, "ignored_fault");
}
