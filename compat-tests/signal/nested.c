/*
 * Handlers that interrupt handlers: as deep as there are signals, in the right order, each with its
 * own context, and all of them come back.
 */
#include "signals.h"

static char trace[256];
static volatile int at;

static void mark(char c)
{
	if (at < (int)sizeof(trace) - 1)
		trace[at++] = c;
}

static void outer(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	mark('(');
	raise(SIGUSR2);
	mark(')');
}

static void inner(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	mark('[');
	raise(SIGUSR1);		/* blocked: waits until the outer one is done */
	mark(']');
}

static volatile int times;

static void outer_once(int sig, siginfo_t *si, void *uc)
{
	if (times++ == 0)
		outer(sig, si, uc);
	else
		mark('x');
}

TEST(order)
{
	at = times = 0;
	set_handler(SIGUSR1, outer_once, 0);
	set_handler(SIGUSR2, inner, 0);
	raise(SIGUSR1);
	trace[at] = 0;
	EXPECT_STR(trace, "([])x");
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static void chain(int sig, siginfo_t *si, void *uc)
{
	(void)si, (void)uc;
	mark('a' + sig - SIGRTMIN);
	if (sig < SIGRTMIN + 20)
		raise(sig + 1);
	mark('A' + sig - SIGRTMIN);
}

TEST(twenty_deep)
{
	at = 0;
	for (int i = 0; i <= 20; i++)
		set_handler(SIGRTMIN + i, chain, 0);
	raise(SIGRTMIN);
	trace[at] = 0;
	EXPECT_STR(trace, "abcdefghijklmnopqrstuUTSRQPONMLKJIHGFEDCBA");
	for (int i = 0; i <= 20; i++)
		signal(SIGRTMIN + i, SIG_DFL);
}

static volatile int depth;

static void again(int sig, siginfo_t *si, void *uc)
{
	volatile char pad[300];

	(void)si, (void)uc;
	pad[0] = depth;
	if (++depth < 200)
		raise(sig);
	pad[1] = pad[0];
}

TEST(nodefer_recursion)
{
	depth = 0;
	set_handler(SIGUSR1, again, SA_NODEFER);
	raise(SIGUSR1);
	EXPECT_EQ(depth, 200);
	signal(SIGUSR1, SIG_DFL);
}

static void fault_inside(int sig, siginfo_t *si, void *uc)
{
	static char *volatile wild = (char *)24;
	ucontext_t *u = uc;

	(void)si;
	mark(sig == SIGSEGV ? 's' : 'u');
	if (sig == SIGUSR1) {
		__asm__ volatile("movb $1, (%0)\n\tnop" : : "a"(wild) : "memory");
		mark('U');
	} else {
		u->uc_mcontext.gregs[REG_RIP] += 3;	/* movb $1, (%rax) */
	}
}

TEST(fault_in_a_handler)
{
	at = 0;
	set_handler(SIGUSR1, fault_inside, 0);
	set_handler(SIGSEGV, fault_inside, 0);
	raise(SIGUSR1);
	trace[at] = 0;
	EXPECT_STR(trace, "usU");
	signal(SIGUSR1, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
}

ROLE(fault_in_fault)
{
	set_handler(SIGSEGV, fault_inside, 0);
	/* The handler itself faults while its signal is blocked: death, not a loop. */
	struct sigaction sa = { .sa_handler = (void (*)(int))8 };

	EXPECT_OK(sigaction(SIGSEGV, &sa, NULL));
	*(volatile int *)strtoul("16", NULL, 10) = 1;
	return 0;
}

TEST(fault_in_its_own_handler_kills)
{
	EXPECT_SIGNALED(spawn_self("fault_in_fault"), SIGSEGV);
}
