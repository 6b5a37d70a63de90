/*
 * Stacks: the main stack grows on demand for megabytes, a bottomless recursion kills with SIGSEGV
 * (or reaches a handler on an alternate stack), MAP_GROWSDOWN mappings grow, RLIMIT_STACK given
 * before exec sets the limit of the new program.
 */
#include "fault.h"
#include <sys/resource.h>

#define RW	(PROT_READ | PROT_WRITE)

__attribute__((noinline))
static unsigned long dig(unsigned long depth)
{
	volatile char frame[1024];

	frame[0] = depth;
	frame[1023] = 1;
	return depth ? dig(depth - 1) + frame[1023] : 0;
}

TEST(grows_by_six_mib)
{
	struct rlimit rl;

	EXPECT_OK(getrlimit(RLIMIT_STACK, &rl));
	if (rl.rlim_cur < 8UL << 20)
		SKIP("the stack limit is below 8 MiB");
	EXPECT_EQ(dig(5500), 5500);
}

TEST(big_jump_down)
{
	volatile char *p = __builtin_alloca(2UL << 20);

	p[0] = 1;	/* far below the stack pointer's last known place */
	EXPECT_EQ(p[0], 1);
}

ROLE(bottomless)
{
	struct rlimit rl = { 1UL << 20, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	getrlimit(RLIMIT_STACK, &rl);
	rl.rlim_cur = 1UL << 20;
	setrlimit(RLIMIT_STACK, &rl);
	return dig(100UL << 20) == 1;
}

TEST(overflow_kills)
{
	EXPECT_SIGNALED(spawn_self("bottomless"), SIGSEGV);
}

static volatile uintptr_t low_mark;

static void on_overflow(int sig, siginfo_t *si, void *uc)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	(void)sig, (void)uc;
	/* Not on the broken stack, and the fault is near the place it had reached. */
	if ((uintptr_t)si->si_addr > low_mark || low_mark - (uintptr_t)si->si_addr > 64 * PAGE)
		_exit(2);
	_exit(sp > low_mark && sp < low_mark + (1UL << 20) ? 3 : 42);
}

__attribute__((noinline))
static unsigned long dig_marking(unsigned long depth)
{
	volatile char frame[512];

	low_mark = (uintptr_t)frame;
	frame[0] = 1;
	return depth ? dig_marking(depth - 1) + frame[0] : 0;
}

ROLE(overflow_to_handler)
{
	struct sigaction sa = { .sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t ss = { .ss_sp = map_anon(1UL << 20, RW), .ss_size = 1UL << 20 };
	struct rlimit rl;

	getrlimit(RLIMIT_STACK, &rl);
	rl.rlim_cur = 1UL << 20;
	setrlimit(RLIMIT_STACK, &rl);
	EXPECT_OK(sigaltstack(&ss, NULL));
	EXPECT_OK(sigaction(SIGSEGV, &sa, NULL));
	return dig_marking(100UL << 20) == 1;
}

TEST(overflow_reaches_altstack_handler)
{
	EXPECT_EXIT(spawn_self("overflow_to_handler"), 42);
}

TEST(map_growsdown)
{
	char *area = map_anon(512 * PAGE, PROT_NONE), *p;

	EXPECT_OK(munmap(area, 512 * PAGE));
	p = mmap(area + 511 * PAGE, PAGE, RW,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	EXPECT(p != MAP_FAILED);
	for (int i = 1; i <= 32; i++) {
		p[-i * (long)PAGE] = i;
		EXPECT_EQ(p[-i * (long)PAGE], i);
	}
	EXPECT_EQ(p[0], 0);
	EXPECT_OK(munmap(p - 32 * PAGE, 33 * PAGE));
}

ROLE(stack_limit)
{
	struct rlimit rl;

	EXPECT_OK(getrlimit(RLIMIT_STACK, &rl));
	EXPECT_EQ(rl.rlim_cur, 16UL << 20);
	return dig(12000) == 12000 ? 0 : 1;
}

TEST(limit_applies_to_the_next_program)
{
	struct rlimit old, rl;
	pid_t pid;

	EXPECT_OK(getrlimit(RLIMIT_STACK, &old));
	if (old.rlim_max != RLIM_INFINITY && old.rlim_max < 16UL << 20)
		SKIP("the hard limit is below 16 MiB");
	rl = (struct rlimit){ 16UL << 20, old.rlim_max };
	EXPECT_OK(setrlimit(RLIMIT_STACK, &rl));
	pid = spawn_self("stack_limit");
	EXPECT_OK(setrlimit(RLIMIT_STACK, &old));
	EXPECT_EXIT(pid, 0);
}

TEST(not_executable)
{
	unsigned char code[16] = { 0xc3 };

	EXPECT_FAULT(call, code, SIGSEGV, SEGV_ACCERR);
}
