/*
 * A system call keeps every register but rax, rcx and r11, keeps the 128 bytes under the stack
 * pointer (red zone), the direction flag and the arithmetic flags' consumers; from libc's call
 * sites and from odd ones; also when it blocks.
 */
#include "threads.h"

/*
 * rbx rbp rdi rsi rdx r8-r10 r12-r15 get a pattern, the call is made with the number in rax, and
 * what came back is stored. The arguments are part of the pattern, so only calls that tolerate any
 * arguments will do. All through rsp-relative slots: 16 words, and a red zone filled before.
 */
struct regs {
	uint64_t rbx, rbp, rdi, rsi, rdx, r8, r9, r10, r12, r13, r14, r15;
};

__attribute__((noinline, naked))
static long call_with(long nr __attribute__((unused)), struct regs *in __attribute__((unused)),
		      struct regs *out __attribute__((unused)))
{
	__asm__ volatile(
		"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
		"push %rdx\n\t"
		"mov %rdi, %rax\n\t"
		"mov %rsi, %r11\n\t"
		"mov 0(%r11), %rbx\n\tmov 8(%r11), %rbp\n\tmov 16(%r11), %rdi\n\t"
		"mov 24(%r11), %rsi\n\t"
		"mov 32(%r11), %rdx\n\tmov 40(%r11), %r8\n\tmov 48(%r11), %r9\n\t"
		"mov 56(%r11), %r10\n\t"
		"mov 64(%r11), %r12\n\tmov 72(%r11), %r13\n\tmov 80(%r11), %r14\n\t"
		"mov 88(%r11), %r15\n\t"
		"movq $0x1111, -8(%rsp)\n\tmovq $0x2222, -64(%rsp)\n\tmovq $0x3333, -128(%rsp)\n\t"
		"syscall\n\t"
		"cmpq $0x1111, -8(%rsp)\n\tjne 1f\n\tcmpq $0x2222, -64(%rsp)\n\tjne 1f\n\t"
		"cmpq $0x3333, -128(%rsp)\n\tjne 1f\n\t"
		"pop %r11\n\t"
		"mov %rbx, 0(%r11)\n\tmov %rbp, 8(%r11)\n\tmov %rdi, 16(%r11)\n\t"
		"mov %rsi, 24(%r11)\n\t"
		"mov %rdx, 32(%r11)\n\tmov %r8, 40(%r11)\n\tmov %r9, 48(%r11)\n\t"
		"mov %r10, 56(%r11)\n\t"
		"mov %r12, 64(%r11)\n\tmov %r13, 72(%r11)\n\tmov %r14, 80(%r11)\n\t"
		"mov %r15, 88(%r11)\n\t"
		"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
		"ret\n"
		"1:\tud2");
}

static void check_call(long nr, struct regs in, long expect)
{
	struct regs out = { 0 };

	EXPECT_EQ(call_with(nr, &in, &out), expect);
	EXPECT_MEM(&in, &out, sizeof(in));
}

static struct regs pattern(uint64_t seed)
{
	struct regs r;
	uint64_t *p = (uint64_t *)&r;

	for (int i = 0; i < 12; i++)
		p[i] = seed = seed * 6364136223846793005 + 1442695040888963407;
	return r;
}

static void *many_calls(void *arg)
{
	struct timespec ts = { 0, 100000 };

	for (uint64_t i = 0; i < 200; i++) {
		struct regs r = pattern(i + (uint64_t)arg * 1000);

		check_call(SYS_getpid, r, getpid());
		check_call(SYS_sched_yield, r, 0);
		check_call(SYS_gettid, r, syscall(SYS_gettid));
		check_call(4095, r, -ENOSYS);
		r.rdi = 12345;
		check_call(SYS_close, r, -EBADF);
		r.rdi = (uint64_t)&ts;
		r.rsi = 0;
		if (i % 20 == 0)
			check_call(SYS_nanosleep, r, 0);
	}
	return NULL;
}

TEST(all_registers)
{
	many_calls(NULL);
}

TEST(all_registers_in_threads)
{
	threads_run(6, many_calls);
}

TEST(blocking_read)
{
	struct regs r = pattern(5);
	int fd[2];
	char c;

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	r.rdi = fd[0];
	r.rsi = (uint64_t)&c;
	r.rdx = 1;
	check_call(SYS_read, r, 1);
	EXPECT_EQ(c, 'x');
	close(fd[0]);
	close(fd[1]);
}

/*
 * rcx gets the return address and r11 the flags, on Linux; programs may only count on both being
 * clobbered.
 */
TEST(flags)
{
	uint64_t before, after;
	long r = SYS_getpid;

	__asm__ volatile(
		"pushfq\n\tpop %1\n\t"
		"syscall\n\t"
		"pushfq\n\tpop %2"
		: "+a"(r), "=&r"(before), "=&r"(after) : : "rcx", "r11", "memory");
	EXPECT_EQ(r, getpid());
	/* Carry, parity, zero, sign, overflow, direction. */
	EXPECT_EQ(before & 0xcc5, after & 0xcc5);
}

/* A jump straight to the instruction, with the number set far away. */
TEST(jump_to_the_instruction)
{
	for (int i = 0; i < 100; i++) {
		long r, nr = i % 2 ? SYS_getpid : SYS_getppid;

		__asm__ volatile(
			"mov %[nr], %%rax\n\t"
			"jmp 2f\n\t"
			"1:\tmov $39, %%eax\n\t"
			"2:\tsyscall\n\t"
			"cmp $0, %[nr]\n\t"
			"jl 1b\n\t"
			: "=&a"(r) : [nr] "r"(nr) : "rcx", "r11", "memory");
		EXPECT_EQ(r, i % 2 ? getpid() : getppid());
	}
}

/* Two instructions in a row, and one followed at once by a jump target. */
TEST(tight_sites)
{
	long a, b;

	__asm__ volatile(
		"mov $39, %%eax\n\tsyscall\n\t"
		"mov %%rax, %0\n\t"
		"mov $39, %%eax\n\tsyscall\n1:\t"
		"cmp %%rax, %0\n\t"
		"jne 1b"
		: "=&r"(a), "=&a"(b) : : "rcx", "r11", "memory");
	EXPECT_EQ(a, getpid());
	EXPECT_EQ(b, getpid());
}

/* Upper bits of the number: the kernel looks at 32. */
TEST(wide_number)
{
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(39UL | 1UL << 40) : "rcx", "r11", "memory");
	EXPECT(r == getpid() || r == -ENOSYS);
	__asm__ volatile("syscall" : "=a"(r) : "a"(0xffffffffUL) : "rcx", "r11", "memory");
	EXPECT_EQ(r, -ENOSYS);
}
