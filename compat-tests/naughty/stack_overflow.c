/* Endless recursion in the first and in a second thread, handled on an alternate stack. */
#include "naughty.h"

static volatile int depth;

__attribute__((noinline)) static int recurse(int n)
{
	volatile char frame[1024];

	frame[n % 1024] = n;
	depth++;
	if (n < 0)
		return n;
	return recurse(n + 1) + frame[(n + 7) % 1024];
}

ROLE(overflow)
{
	return recurse(0);
}

static void *overflow_thread(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)recurse(0);
}

ROLE(overflow_in_thread)
{
	pthread_t t;

	pthread_create(&t, NULL, overflow_thread, NULL);
	pthread_join(t, NULL);
	return 0;
}

static void useless(int sig)
{
	_exit(sig ? 99 : 98);
}

/* Without an alternate stack there is no room for the handler's frame. */
ROLE(handler_without_stack)
{
	signal(SIGSEGV, useless);
	return recurse(0);
}

TEST(kills)
{
	EXPECT_KILLED(SIGSEGV, "overflow");
	EXPECT_KILLED(SIGSEGV, "overflow_in_thread");
	EXPECT_KILLED(SIGSEGV, "handler_without_stack");
}

static sigjmp_buf out;

static void on_overflow(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

TEST(alternate_stack_recovers)
{
	struct sigaction sa = { .sa_handler = on_overflow, .sa_flags = SA_ONSTACK };
	stack_t ss = { .ss_sp = malloc(65536), .ss_size = 65536 };

	EXPECT_OK(sigaltstack(&ss, NULL));
	sigaction(SIGSEGV, &sa, NULL);
	for (int i = 0; i < 3; i++) {
		depth = 0;
		if (!sigsetjmp(out, 1))
			recurse(0);
		EXPECT_GT(depth, 1000);
	}
	signal(SIGSEGV, SIG_DFL);
	ss.ss_flags = SS_DISABLE;
	EXPECT_OK(sigaltstack(&ss, NULL));
	free(ss.ss_sp);
}

ROLE(wild_stack_pointer)
{
	__asm__ volatile("mov %0, %%rsp; push %%rax" :: "r"(strtoull(argv[0], NULL, 0)) : "memory");
	return 0;
}

ROLE(wild_stack_and_signal)
{
	signal(SIGUSR1, useless);
	/* getpid(), then kill(that, SIGUSR1) with no stack to put the frame on */
	__asm__ volatile("mov %0, %%rsp; mov $39, %%eax; syscall; mov %%eax, %%edi; mov $10, %%esi;"
			 "mov $62, %%eax; syscall; 1: jmp 1b"
			 :: "r"(strtoull(argv[0], NULL, 0)) : "memory");
	return 0;
}

TEST(wild_stack_pointers)
{
	static const char *const sp[] = {
		"0", "0x10", "0x7ffffffff000", "0x8000000000000000", "0xffff800000000000",
		"0xfffffffffffffff8",
	};

	for (size_t i = 0; i < ARRAY_SIZE(sp); i++) {
		int status = wait_status(spawn_self("wild_stack_pointer", sp[i]));

		/* A stack address that is not canonical is #SS: SIGBUS on Linux. */
		EXPECT(WIFSIGNALED(status) &&
		       (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS));
		EXPECT_SIGNALED(spawn_self("wild_stack_and_signal", sp[i]), SIGSEGV);
	}
	expect_alive();
}
