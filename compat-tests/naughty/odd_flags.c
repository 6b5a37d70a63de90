/* System calls and handler returns with flags that no compiler leaves set (TF, AC, DF, NT), and returns to
 * addresses and stacks that do not exist. */
#include "naughty.h"
#include <ucontext.h>

#define TF 0x100UL
#define DF 0x400UL
#define NT 0x4000UL
#define AC 0x40000UL

/* getppid with these flags set, then without them; by the plain instruction, not by libc. */
static long call_with_flags(unsigned long set)
{
	long r = SYS_getppid;

	__asm__ volatile("subq $128, %%rsp\n\tpushfq\n\torq %1, (%%rsp)\n\tpopfq\n\t"
			 "syscall\n\t"
			 "pushfq\n\tandq %2, (%%rsp)\n\tpopfq\n\taddq $128, %%rsp"
			 : "+a"(r) : "r"(set), "r"(~set) : "rcx", "r11", "memory", "cc");
	return r;
}

TEST(flags_at_a_system_call)
{
	EXPECT_EQ(call_with_flags(DF), getppid());
	EXPECT_EQ(call_with_flags(NT), getppid());
	EXPECT_EQ(call_with_flags(AC), getppid());
	EXPECT_EQ(call_with_flags(DF | NT | AC), getppid());
}

static volatile int traps;

static void on_trap(int sig)
{
	(void)sig;
	traps++;
}

TEST(single_steps_into_a_system_call)
{
	signal(SIGTRAP, on_trap);
	EXPECT_EQ(call_with_flags(TF), getppid());
	signal(SIGTRAP, SIG_DFL);
	EXPECT_GT(traps, 0);
}

ROLE(single_step)
{
	(void)call_with_flags(TF);
	return 0;
}

TEST(single_step_kills)
{
	EXPECT_KILLED(SIGTRAP, "single_step");
}

static int which;
static unsigned long value;

static void change_register(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[which] = (long long)value;
}

/* Returns from a handler with this register changed. */
ROLE(return_with)
{
	struct sigaction sa = { .sa_sigaction = change_register, .sa_flags = SA_SIGINFO };

	which = atoi(argv[0]);
	value = strtoul(argv[1], NULL, 0);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return 0;
}

static int status_of_return(int reg, unsigned long to)
{
	char num[2][32];

	snprintf(num[0], sizeof(num[0]), "%d", reg);
	snprintf(num[1], sizeof(num[1]), "%#lx", to);
	return wait_status(spawn_self("return_with", num[0], num[1]));
}

TEST(handler_returns_to_nowhere)
{
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		EXPECT_EQ(status_of_return(REG_RIP, wild[i]) & 0x7f, SIGSEGV);
	expect_alive();
}

TEST(handler_returns_without_a_stack)
{
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		int sig = status_of_return(REG_RSP, wild[i]) & 0x7f;

		EXPECT(sig == SIGSEGV || sig == SIGBUS);
	}
	expect_alive();
}

TEST(handler_returns_with_all_flags)
{
	int sig = status_of_return(REG_EFL, -1UL) & 0x7f;

	EXPECT(sig == 0 || sig == SIGTRAP || sig == SIGBUS);
	expect_alive();
}

ROLE(handler_nowhere)
{
	struct sigaction sa = { .sa_flags = SA_NODEFER };

	sa.sa_handler = (void (*)(int))strtoul(argv[0], NULL, 0);
	sigaction(SIGSEGV, &sa, NULL);
	*(volatile char *)hide_ptr(8) = 1;
	return 0;
}

TEST(handler_is_nowhere)
{
	char num[32];

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		snprintf(num, sizeof(num), "%#lx", wild[i]);
		EXPECT_SIGNALED(spawn_self("handler_nowhere", num), SIGSEGV);
	}
	expect_alive();
}
