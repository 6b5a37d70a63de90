/*
 * Guard pages: the first byte beyond a buffer faults at its exact address, thread stacks have a
 * guard below them, and a handler can open the guard and let the access go on.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(exact_address)
{
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_OK(mprotect(p, PAGE, PROT_NONE));
	EXPECT_OK(mprotect(p + 2 * PAGE, PAGE, PROT_NONE));
	for (size_t off = 1; off < PAGE; off = off * 3 + 1) {
		EXPECT_FAULT(write, p + PAGE - off, SIGSEGV, SEGV_ACCERR);
		EXPECT_FAULT(read, p + 2 * PAGE + off - 1, SIGSEGV, SEGV_ACCERR);
	}
	memset(p + PAGE, 1, PAGE);
	EXPECT_OK(munmap(p, 3 * PAGE));
}

static void read_word(void *p)
{
	(void)*(volatile uint64_t *)p;
}

TEST(access_across_the_border)
{
	char *p = map_anon(2 * PAGE, RW);
	struct fault f;

	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_NONE));
	f = fault_run(read_word, p + PAGE - 4);
	EXPECT_EQ(f.sig, SIGSEGV);
	EXPECT_EQ(f.code, SEGV_ACCERR);
	EXPECT_EQ((uintptr_t)f.addr, (uintptr_t)(p + PAGE));
	f = fault_run(read_word, p + PAGE - 8);
	EXPECT_EQ(f.sig, 0);
	EXPECT_OK(munmap(p, 2 * PAGE));
}

static volatile int opened;

static void open_page(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	opened++;
	mprotect((void *)((uintptr_t)si->si_addr & -PAGE), PAGE, RW);
}

TEST(handler_opens_the_page)
{
	struct sigaction sa = { .sa_sigaction = open_page, .sa_flags = SA_SIGINFO }, old;
	volatile char *p = map_anon(10 * PAGE, PROT_NONE);

	opened = 0;
	EXPECT_OK(sigaction(SIGSEGV, &sa, &old));
	for (int i = 0; i < 10; i++)
		p[i * PAGE + i] = i + 1;
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(p[i * PAGE + i], i + 1);
	EXPECT_OK(sigaction(SIGSEGV, &old, NULL));
	EXPECT_EQ(opened, 10);
	EXPECT_OK(munmap((void *)p, 10 * PAGE));
}

static void *thread_guard(void *result)
{
	size_t size, guard;
	pthread_attr_t at;
	void *low;

	pthread_getattr_np(pthread_self(), &at);
	pthread_attr_getstack(&at, &low, &size);
	pthread_attr_getguardsize(&at, &guard);
	pthread_attr_destroy(&at);
	((struct fault *)result)[0] = fault_read((char *)low - 1);
	((struct fault *)result)[1] = fault_read((char *)low + size - 1);
	return low;
}

TEST(below_a_thread_stack)
{
	struct fault f[2];
	pthread_attr_t at;
	pthread_t t;
	void *low;

	pthread_attr_init(&at);
	pthread_attr_setstacksize(&at, 256 << 10);
	pthread_attr_setguardsize(&at, 2 * PAGE);
	EXPECT_EQ(pthread_create(&t, &at, thread_guard, f), 0);
	EXPECT_EQ(pthread_join(t, &low), 0);
	pthread_attr_destroy(&at);
	EXPECT_EQ(f[0].sig, SIGSEGV);
	EXPECT_EQ(f[0].code, SEGV_ACCERR);
	EXPECT_EQ((uintptr_t)f[0].addr, (uintptr_t)low - 1);
	EXPECT_EQ(f[1].sig, 0);
}

ROLE(overrun)
{
	char *p = map_anon(2 * PAGE, RW);

	mprotect(p + PAGE, PAGE, PROT_NONE);
	memset(p, 1, atoi(argv[0]));
	return 5;
}

TEST(default_is_death)
{
	EXPECT_EXIT(spawn_self("overrun", "4096"), 5);
	EXPECT_SIGNALED(spawn_self("overrun", "4097"), SIGSEGV);
}

TEST(guard_advice)
{
	enum { INSTALL = 102, REMOVE = 103 };
	char *p = map_anon(4 * PAGE, PROT_READ | PROT_WRITE);
	int null = open("/dev/zero", O_RDONLY);

	memset(p, 1, 4 * PAGE);
	if (madvise(p + PAGE, 2 * PAGE, INSTALL))
		SKIP("no guard advice (%s)", strerror(errno));
	EXPECT_EQ(fault_read(p).sig, 0);
	EXPECT_EQ(fault_read(p + PAGE).sig, SIGSEGV);
	EXPECT_EQ(fault_write(p + 2 * PAGE).sig, SIGSEGV);
	EXPECT_EQ(fault_read(p + 3 * PAGE).sig, 0);
	EXPECT_ERRNO(read(null, p + PAGE, 1), EFAULT);
	EXPECT_OK(mprotect(p, 4 * PAGE, PROT_READ));
	EXPECT_OK(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(fault_read(p + PAGE).sig, SIGSEGV); /* rights do not matter */
	EXPECT_OK(madvise(p, 4 * PAGE, REMOVE));
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_EQ(p[3 * PAGE], 1);
	EXPECT_OK(munmap(p, 4 * PAGE));
	close(null);
}
