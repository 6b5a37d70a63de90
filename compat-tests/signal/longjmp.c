/*
 * Leaving a handler by siglongjmp: the mask is restored when it was saved, not otherwise; it works
 * thousands of times, from faults, from interrupted calls, out of nested handlers, and from the
 * alternate stack.
 */
#include "signals.h"

static sigjmp_buf out;
static volatile int rounds;

static void jump(int sig, siginfo_t *si, void *uc)
{
	(void)si, (void)uc;
	siglongjmp(out, sig);
}

TEST(saved_mask)
{
	set_handler(SIGUSR1, jump, 0);
	if (!sigsetjmp(out, 1))
		raise(SIGUSR1);
	EXPECT(!is_blocked(SIGUSR1));
	if (!sigsetjmp(out, 0))
		raise(SIGUSR1);
	EXPECT(is_blocked(SIGUSR1));	/* still as in the handler */
	unblock(SIGUSR1);
	block(SIGUSR2);
	if (!sigsetjmp(out, 1)) {
		unblock(SIGUSR2);
		raise(SIGUSR1);
	}
	EXPECT(is_blocked(SIGUSR2));
	unblock(SIGUSR2);
	signal(SIGUSR1, SIG_DFL);
}

TEST(value)
{
	volatile int got;

	set_handler(SIGUSR2, jump, 0);
	got = sigsetjmp(out, 1);
	if (!got)
		raise(SIGUSR2);
	EXPECT_EQ(got, SIGUSR2);
	signal(SIGUSR2, SIG_DFL);
}

TEST(from_faults_thousands_of_times)
{
	set_handler(SIGSEGV, jump, 0);
	for (rounds = 0; rounds < 3000; rounds++)
		if (!sigsetjmp(out, 1)) {
			*(volatile int *)strtoul("64", NULL, 10) = 1;
			rounds = 100000;
		}
	EXPECT_EQ(rounds, 3000);
	signal(SIGSEGV, SIG_DFL);
}

/* Registers that must survive a call keep their values over the jump, as sigsetjmp saved them. */
TEST(out_of_deep_calls)
{
	volatile int kept = 12345;

	set_handler(SIGFPE, jump, 0);
	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(out, 1)) {
			char text[64];

			snprintf(text, sizeof(text), "%d", i);
			/* A division by a zero that only run time knows. */
			kept = atoi(text) / (int)strtol("0", NULL, 10);
		}
		EXPECT_EQ(kept, 12345);
	}
	signal(SIGFPE, SIG_DFL);
}

static pthread_t self;

static void *send_later(void *arg)
{
	sleep_ms(20);
	pthread_kill(self, SIGUSR1);
	return arg;
}

/* Out of a blocking read; the pipe is as good as before. */
TEST(from_a_blocking_call)
{
	pthread_t t;
	char c = 0;
	int fd[2];

	EXPECT_OK(pipe(fd));
	set_handler(SIGUSR1, jump, SA_RESTART);
	self = pthread_self();
	for (volatile int i = 0; i < 5; i++) {
		if (!sigsetjmp(out, 1)) {
			EXPECT_EQ(pthread_create(&t, NULL, send_later, NULL), 0);
			(void)!read(fd[0], &c, 1);
			FAIL("read came back");
		}
		pthread_join(t, NULL);
	}
	EXPECT_EQ(write(fd[1], "k", 1), 1);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	EXPECT_EQ(c, 'k');
	close(fd[0]);
	close(fd[1]);
	signal(SIGUSR1, SIG_DFL);
}

static void raise_next(int sig, siginfo_t *si, void *uc)
{
	(void)si, (void)uc;
	if (sig < SIGRTMIN + 10)
		raise(sig + 1);
	siglongjmp(out, 7);
}

TEST(out_of_nested_handlers)
{
	for (int i = 0; i <= 10; i++)
		set_handler(SIGRTMIN + i, raise_next, 0);
	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(out, 1))
			raise(SIGRTMIN);
		for (int s = 0; s <= 10; s++)
			EXPECT(!is_blocked(SIGRTMIN + s));
	}
	for (int i = 0; i <= 10; i++)
		signal(SIGRTMIN + i, SIG_DFL);
}

TEST(plain_setjmp_keeps_the_mask)
{
	static jmp_buf plain;

	if (!setjmp(plain)) {
		block(SIGUSR2);
		longjmp(plain, 1);
	}
	EXPECT(is_blocked(SIGUSR2));
	unblock(SIGUSR2);
}
