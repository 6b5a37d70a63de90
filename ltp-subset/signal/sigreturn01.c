/* what a handler changes in its context is what the program goes on with. */
#include "../lst.h"
#include <ucontext.h>

static void handler(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	(void)sig, (void)si;
	uc->uc_mcontext.gregs[REG_RAX] = 4711;
	uc->uc_mcontext.gregs[REG_RIP] += 2;
	sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void run(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	sigset_t now;
	long rax;

	MUST(sigaction(SIGILL, &sa, NULL));
	__asm__ volatile("ud2" : "=a"(rax) : "0"(1) : "memory");
	EXPECT_EQ(rax, 4711);
	MUST(sigprocmask(SIG_BLOCK, NULL, &now));
	EXPECT(sigismember(&now, SIGUSR2));
	EXPECT(!sigismember(&now, SIGILL));
}
