/* Reads, writes and calls through NULL and wild pointers: SIGSEGV with the right address. */
#include "naughty.h"

ROLE(read_at)
{
	return *(volatile char *)hide_ptr(strtoull(argv[0], NULL, 0));
}

ROLE(write_at)
{
	*(volatile char *)hide_ptr(strtoull(argv[0], NULL, 0)) = 1;
	return 0;
}

ROLE(call_at)
{
	((void (*)(void))hide_ptr(strtoull(argv[0], NULL, 0)))();
	return 0;
}

static void attack_everywhere(const char *role)
{
	char num[32];

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		snprintf(num, sizeof(num), "%#lx", wild[i]);
		EXPECT_SIGNALED(spawn_self(role, num), SIGSEGV);
	}
	EXPECT_KILLED(SIGSEGV, role, "0");
}

TEST(reads)
{
	attack_everywhere("read_at");
}

TEST(writes)
{
	attack_everywhere("write_at");
}

TEST(calls)
{
	attack_everywhere("call_at");
}

static void *deref(void *arg)
{
	return (void *)(intptr_t)*(volatile char *)arg;
}

ROLE(in_a_thread)
{
	pthread_t t;

	pthread_create(&t, NULL, deref, hide_ptr(0));
	pthread_join(t, NULL);
	return 0;
}

TEST(one_thread_kills_all)
{
	EXPECT_KILLED(SIGSEGV, "in_a_thread");
}

static sigjmp_buf out;
static siginfo_t seen;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	seen = *info;
	siglongjmp(out, 1);
}

static void fault_at(uintptr_t addr, int code, uintptr_t want_addr)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	memset(&seen, 0, sizeof(seen));
	if (!sigsetjmp(out, 1))
		deref(hide_ptr(addr));
	signal(SIGSEGV, SIG_DFL);
	EXPECT_EQ(seen.si_signo, SIGSEGV);
	EXPECT_EQ(seen.si_code, code);
	EXPECT_EQ(seen.si_addr, want_addr);
}

TEST(handler_sees_the_address)
{
	char *p = EXPECT_OK(mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	fault_at(0, SEGV_MAPERR, 0);
	fault_at(0x123, SEGV_MAPERR, 0x123);
	fault_at((uintptr_t)p + 5, SEGV_ACCERR, (uintptr_t)p + 5);
	munmap(p, 4096);
	fault_at((uintptr_t)p + 5, SEGV_MAPERR, (uintptr_t)p + 5);
	fault_at(0x8000000000000000, SI_KERNEL, 0);
	for (int i = 0; i < 1000; i++)
		fault_at(8, SEGV_MAPERR, 8);
}
