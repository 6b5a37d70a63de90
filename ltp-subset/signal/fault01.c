/* siginfo of faults: address and code of SIGSEGV, SIGFPE and SIGILL. */
#include "../lst.h"
#include <setjmp.h>

static sigjmp_buf back;
static volatile int signo, code;
static void *volatile addr;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	signo = sig;
	code = si->si_code;
	addr = si->si_addr;
	siglongjmp(back, 1);
}

static void run(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	volatile char *ro = MUST(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	volatile int zero = 0;

	MUST(sigaction(SIGSEGV, &sa, NULL));
	MUST(sigaction(SIGFPE, &sa, NULL));
	MUST(sigaction(SIGILL, &sa, NULL));
	if (!sigsetjmp(back, 1))
		ro[5] = 1;
	EXPECT_EQ(signo, SIGSEGV);
	EXPECT_EQ(code, SEGV_ACCERR);
	EXPECT(addr == ro + 5);
	if (!sigsetjmp(back, 1))
		*(volatile char *)BAD_PTR = 1;
	EXPECT_EQ(code, SEGV_MAPERR);
	EXPECT(addr == BAD_PTR);
	if (!sigsetjmp(back, 1))
		zero = 7 / zero;
	EXPECT_EQ(signo, SIGFPE);
	EXPECT_EQ(code, FPE_INTDIV);
	if (!sigsetjmp(back, 1))
		__asm__ volatile("ud2");
	EXPECT_EQ(signo, SIGILL);
	EXPECT_EQ(code, ILL_ILLOPN);
}
