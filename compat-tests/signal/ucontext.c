/*
 * The context a handler gets is the interrupted program: all registers can be read there and
 * changed, the program goes on with what the handler left.
 */
#include "signals.h"

static gregset_t seen;

extern const char fault_site[], fault_next[], landing[];

static void read_registers(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	memcpy(seen, u->uc_mcontext.gregs, sizeof(seen));
	u->uc_mcontext.gregs[REG_RIP] = (uintptr_t)fault_next;
	for (int i = 0; i < 8; i++)
		u->uc_mcontext.gregs[REG_R8 + i] += 0x1000;
	u->uc_mcontext.gregs[REG_RBX] = 0x77;
	u->uc_mcontext.gregs[REG_RAX] = -5;
}

/* Loads all registers with known values, faults, and stores what is in them afterwards. */
__attribute__((noinline))
static void fault_with_registers(uint64_t *out)
{
	__asm__ volatile(
		"push %%rbp\n\t"
		"mov $0xb0, %%ebp\n\t"
		"mov $0xa1, %%eax\n\tmov $0xb1, %%ebx\n\tmov $0xc1, %%ecx\n\t"
		"mov $0xd1, %%edx\n\tmov $0x51, %%esi\n\t"
		"mov $8, %%r8d\n\tmov $9, %%r9d\n\tmov $10, %%r10d\n\tmov $11, %%r11d\n\t"
		"mov $12, %%r12d\n\t"
		"mov $13, %%r13d\n\tmov $14, %%r14d\n\tmov $15, %%r15d\n\t"
		"stc\n\t"
		".globl fault_site\nfault_site:\tmovl $1, 0x18\n\t"
		"ud2\n\t"
		".globl fault_next\nfault_next:\t"
		"mov %%rax, 0(%%rdi)\n\tmov %%rbx, 8(%%rdi)\n\tmov %%rcx, 16(%%rdi)\n\t"
		"mov %%rdx, 24(%%rdi)\n\t"
		"mov %%rsi, 32(%%rdi)\n\tmov %%rbp, 40(%%rdi)\n\tmov %%r8, 48(%%rdi)\n\t"
		"mov %%r9, 56(%%rdi)\n\t"
		"mov %%r10, 64(%%rdi)\n\tmov %%r11, 72(%%rdi)\n\tmov %%r12, 80(%%rdi)\n\t"
		"mov %%r13, 88(%%rdi)\n\t"
		"mov %%r14, 96(%%rdi)\n\tmov %%r15, 104(%%rdi)\n\t"
		"setc 112(%%rdi)\n\t"
		"pop %%rbp"
		: "+D"(out) : : "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11",
		  "r12", "r13", "r14", "r15",
		  "memory", "cc");
}

TEST(read_and_change)
{
	uint64_t out[15] = { 0 };

	set_handler(SIGSEGV, read_registers, 0);
	fault_with_registers(out);
	signal(SIGSEGV, SIG_DFL);
	EXPECT_EQ(seen[REG_RIP], (uintptr_t)fault_site);
	EXPECT_EQ(seen[REG_RAX], 0xa1);
	EXPECT_EQ(seen[REG_RBX], 0xb1);
	EXPECT_EQ(seen[REG_RCX], 0xc1);
	EXPECT_EQ(seen[REG_RDX], 0xd1);
	EXPECT_EQ(seen[REG_RSI], 0x51);
	EXPECT_EQ(seen[REG_RBP], 0xb0);
	EXPECT_EQ(seen[REG_RDI], (uintptr_t)out);
	EXPECT_EQ(seen[REG_CR2], 0x18);
	EXPECT_EQ(seen[REG_EFL] & 1, 1);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(seen[REG_R8 + i], 8 + i);
	EXPECT_EQ(out[0], -5UL);
	EXPECT_EQ(out[1], 0x77);
	EXPECT_EQ(out[2], 0xc1);
	EXPECT_EQ(out[3], 0xd1);
	EXPECT_EQ(out[4], 0x51);
	EXPECT_EQ(out[5], 0xb0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(out[6 + i], 0x1000 + 8 + i);
	EXPECT_EQ(out[14] & 1, 1);
}

static volatile int fixed_ups;

static void fix_divisor(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	fixed_ups++;
	u->uc_mcontext.gregs[REG_RCX] = 6;	/* the same instruction runs again */
}

TEST(retry_with_a_better_value)
{
	int q = 42, rem = 0;

	set_handler(SIGFPE, fix_divisor, 0);
	__asm__ volatile("idivl %%ecx" : "+a"(q), "+d"(rem) : "c"(0) : "cc");
	signal(SIGFPE, SIG_DFL);
	EXPECT_EQ(q, 7);
	EXPECT_EQ(rem, 0);
	EXPECT_EQ(fixed_ups, 1);
}

static void set_flags(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	u->uc_mcontext.gregs[REG_RIP] += 2;
	u->uc_mcontext.gregs[REG_EFL] |= 0x41;	/* carry and zero */
}

TEST(flags)
{
	unsigned char c = 0, z = 0;

	set_handler(SIGILL, set_flags, 0);
	__asm__ volatile("or $1, %%eax\n\tclc\n\tud2\n\tsetc %0\n\tsetz %1"
			 : "=&q"(c), "=&q"(z)
			 :
			 : "eax", "cc");
	signal(SIGILL, SIG_DFL);
	EXPECT_EQ(c, 1);
	EXPECT_EQ(z, 1);
}

static volatile uintptr_t handler_sp, context_sp;

static void note_stack(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	handler_sp = (uintptr_t)__builtin_frame_address(0);
	context_sp = u->uc_mcontext.gregs[REG_RSP];
}

/*
 * The frame lies below the red zone, and the handler's stack is aligned as at any function's entry.
 */
TEST(stack_layout)
{
	set_handler(SIGUSR1, note_stack, 0);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	EXPECT_LT(handler_sp, context_sp - 128);
	EXPECT_EQ(handler_sp % 16, 0);
}

static void fake_return(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	u->uc_mcontext.gregs[REG_RIP] = (uintptr_t)landing;
}

TEST(jump_by_changing_rip)
{
	long r = 1;

	set_handler(SIGILL, fake_return, 0);
	__asm__ volatile("ud2\n\tmov $2, %0\n\tjmp 1f\n\t.globl landing\nlanding:\tmov $3, %0\n1:"
			 : "+r"(r));
	signal(SIGILL, SIG_DFL);
	EXPECT_EQ(r, 3);
}

static volatile int64_t call_result;

static void note_result(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig, (void)si;
	call_result = u->uc_mcontext.gregs[REG_RAX];
}

/* After an interrupted call the context holds its result. */
TEST(result_of_the_call_that_sent_it)
{
	long r;

	set_handler(SIGUSR1, note_result, 0);
	call_result = 99;
	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(SYS_tgkill), "D"(getpid()), "S"(getpid()), "d"(SIGUSR1)
			 : "rcx", "r11", "memory");
	signal(SIGUSR1, SIG_DFL);
	EXPECT_EQ(r, 0);
	EXPECT_EQ(call_result, 0);
}

#define FLAGS_OF_ARITHMETIC	0x8d5L	/* OF, SF, ZF, AF, PF, CF */
#define FLAG_DF			0x400L

static long flags_wanted;

static void set_all_flags(int sig, siginfo_t *si, void *uc)
{
	greg_t *reg = ((ucontext_t *)uc)->uc_mcontext.gregs;

	(void)sig, (void)si;
	reg[REG_RIP] += 2;
	reg[REG_EFL] = (reg[REG_EFL] & ~(FLAGS_OF_ARITHMETIC | FLAG_DF)) | flags_wanted;
}

TEST(every_combination_of_flags)
{
	set_handler(SIGILL, set_all_flags, 0);
	for (long i = 0; i <= (FLAGS_OF_ARITHMETIC | FLAG_DF); i++) {
		long found;

		if (i & ~(FLAGS_OF_ARITHMETIC | FLAG_DF))
			continue;
		flags_wanted = i;
		__asm__ volatile("subq $128, %%rsp\n\tud2\n\tpushfq\n\tpopq %0\n\tcld\n\taddq $128, %%rsp"
				 : "=r"(found) : : "cc", "memory");
		EXPECT_EQ(found & (FLAGS_OF_ARITHMETIC | FLAG_DF), i);
	}
	signal(SIGILL, SIG_DFL);
}
