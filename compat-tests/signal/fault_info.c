/*
 * What a handler learns of a fault: signal, code and address for bad memory, divisions, floating
 * point, illegal and privileged instructions, breakpoints and single steps, with the instruction
 * pointer of the guilty instruction.
 */
#include "signals.h"
#include <sys/mman.h>

static sigjmp_buf out;
static siginfo_t info;
static uintptr_t pc;
static long trap_number, error_code;

static void note(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig;
	info = *si;
	pc = u->uc_mcontext.gregs[REG_RIP];
	trap_number = u->uc_mcontext.gregs[REG_TRAPNO];
	error_code = u->uc_mcontext.gregs[REG_ERR];
	siglongjmp(out, 1);
}

/* Runs code that must fault; false if it came back. */
__attribute__((noinline))
static bool faults(void (*code)(void))
{
	static const int sig[] = { SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP };
	bool jumped;

	memset(&info, 0, sizeof(info));
	for (size_t i = 0; i < ARRAY_SIZE(sig); i++)
		set_handler(sig[i], note, 0);
	jumped = sigsetjmp(out, 1);
	if (!jumped)
		code();
	for (size_t i = 0; i < ARRAY_SIZE(sig); i++)
		signal(sig[i], SIG_DFL);
	return jumped;
}

/* One faulting instruction at a known label. */
#define SNIPPET(name, before, insn)					\
	extern const char name##_at[];					\
	__attribute__((noinline)) static void name(void)	\
	{								\
		__asm__ volatile(before "\n\t.globl " #name "_at\n"	\
				 #name "_at:\t" insn			\
				 : : : "rax", "rbx", "rcx", "rdx", "memory", "cc");	\
	}

#define EXPECT_FAULT(code, signo, sicode, addr)			\
	do {							\
		EXPECT(faults(code));				\
		EXPECT_EQ(info.si_signo, signo);		\
		EXPECT_EQ(info.si_code, sicode);		\
		EXPECT_EQ((uintptr_t)info.si_addr, (uintptr_t)(addr));	\
		EXPECT_EQ(pc, (uintptr_t)code##_at);		\
	} while (0)

SNIPPET(read_null, "xor %%eax, %%eax", "mov (%%rax), %%eax")
SNIPPET(write_low, "mov $0x1230, %%eax", "movl $1, (%%rax)")
SNIPPET(read_noncanonical, "mov $1, %%eax\n\tshl $63, %%rax", "mov (%%rax), %%eax")
SNIPPET(write_code, "lea write_code_at(%%rip), %%rax", "movb $0, (%%rax)")

TEST(memory)
{
	EXPECT_FAULT(read_null, SIGSEGV, SEGV_MAPERR, 0);
	EXPECT_EQ(trap_number, 14);
	EXPECT_EQ(error_code & 7, 4);	/* user, read, not present */
	EXPECT_FAULT(write_low, SIGSEGV, SEGV_MAPERR, 0x1230);
	EXPECT_EQ(error_code & 7, 6);	/* user, write, not present */
	EXPECT_FAULT(write_code, SIGSEGV, SEGV_ACCERR, write_code_at);
	EXPECT_EQ(error_code & 2, 2);
	EXPECT_FAULT(read_noncanonical, SIGSEGV, SI_KERNEL, 0);
	EXPECT_EQ(trap_number, 13);
}

SNIPPET(divide_by_zero, "mov $1, %%eax\n\tcltd\n\txor %%ecx, %%ecx", "idivl %%ecx")
SNIPPET(divide_overflow, "mov $0x80000000, %%eax\n\tcltd\n\tmov $-1, %%ecx", "idivl %%ecx")

TEST(division)
{
	EXPECT_FAULT(divide_by_zero, SIGFPE, FPE_INTDIV, divide_by_zero_at);
	EXPECT_EQ(trap_number, 0);
	EXPECT_FAULT(divide_overflow, SIGFPE, FPE_INTDIV, divide_overflow_at);
}

SNIPPET(sse_divide,
	"subq $8, %%rsp\n\tmovl $0x1d80, (%%rsp)\n\tldmxcsr (%%rsp)\n\taddq $8, %%rsp\n\t"
	"xorps %%xmm1, %%xmm1\n\tmov $1, %%eax\n\tcvtsi2ss %%eax, %%xmm0",
	"divss %%xmm1, %%xmm0")
SNIPPET(sse_invalid,
	"subq $8, %%rsp\n\tmovl $0x1f00, (%%rsp)\n\tldmxcsr (%%rsp)\n\taddq $8, %%rsp\n\t"
	"xorps %%xmm0, %%xmm0\n\txorps %%xmm1, %%xmm1",
	"divss %%xmm1, %%xmm0")

static void mxcsr_default(void)
{
	unsigned int csr = 0x1f80;

	__asm__ volatile("ldmxcsr %0" : : "m"(csr));
}

TEST(floating_point)
{
	EXPECT_FAULT(sse_divide, SIGFPE, FPE_FLTDIV, sse_divide_at);
	EXPECT_EQ(trap_number, 19);
	mxcsr_default();
	EXPECT_FAULT(sse_invalid, SIGFPE, FPE_FLTINV, sse_invalid_at);
	mxcsr_default();
}

SNIPPET(undefined, "", "ud2")
SNIPPET(halt, "", "hlt")
SNIPPET(out_port, "mov $0x80, %%edx", "outb %%al, %%dx")
SNIPPET(clear_interrupts, "", "cli")

TEST(instructions)
{
	EXPECT_FAULT(undefined, SIGILL, ILL_ILLOPN, undefined_at);
	EXPECT_EQ(trap_number, 6);
	EXPECT_FAULT(halt, SIGSEGV, SI_KERNEL, 0);
	EXPECT_FAULT(out_port, SIGSEGV, SI_KERNEL, 0);
	EXPECT_FAULT(clear_interrupts, SIGSEGV, SI_KERNEL, 0);
}

extern const char breakpoint_at[], step_at[], step_end[];

static void breakpoint(void)
{
	__asm__ volatile(".globl breakpoint_at\nbreakpoint_at:\tint3");
}

static void step(void)
{
	__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t"
			 ".globl step_at\nstep_at:\tnop\n\t.globl step_end\nstep_end:\tnop"
			 :
			 :
			 : "memory", "cc");
}

/* Traps come after the instruction, so the context points behind it. */
TEST(traps)
{
	EXPECT(faults(breakpoint));
	EXPECT_EQ(info.si_signo, SIGTRAP);
	EXPECT_EQ(info.si_code, SI_KERNEL);
	EXPECT_EQ(pc, (uintptr_t)breakpoint_at + 1);
	EXPECT_EQ(trap_number, 3);
	EXPECT(faults(step));
	EXPECT_EQ(info.si_signo, SIGTRAP);
	EXPECT_EQ(info.si_code, TRAP_TRACE);
	EXPECT_EQ(pc, (uintptr_t)step_end);
	EXPECT_EQ((uintptr_t)info.si_addr, (uintptr_t)step_end);
}

static char *beyond;

static void read_beyond(void)
{
	(void)*(volatile char *)beyond;
}

TEST(bus_error)
{
	int fd = tmp_file("f", "x", 1);

	beyond = EXPECT_OK((char *)mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0)) + 4096 + 77;
	EXPECT(faults(read_beyond));
	EXPECT_EQ(info.si_signo, SIGBUS);
	EXPECT_EQ(info.si_code, BUS_ADRERR);
	EXPECT_EQ((uintptr_t)info.si_addr, (uintptr_t)beyond);
	EXPECT_OK(munmap(beyond - 77 - 4096, 8192));
	close(fd);
}

static void unaligned_sse(void)
{
	static char buf[64] __attribute__((aligned(64)));

	__asm__ volatile("movaps %%xmm0, 8(%0)" : : "r"(buf) : "memory");
}

static void jump_nowhere(void)
{
	((void (*)(void))strtoul("20480", NULL, 10))();
}

TEST(odd_ones)
{
	EXPECT(faults(unaligned_sse));
	EXPECT_EQ(info.si_signo, SIGSEGV);
	EXPECT_EQ(info.si_code, SI_KERNEL);
	EXPECT(faults(jump_nowhere));
	EXPECT_EQ(info.si_signo, SIGSEGV);
	EXPECT_EQ(info.si_code, SEGV_MAPERR);
	EXPECT_EQ((uintptr_t)info.si_addr, 20480);
	EXPECT_EQ(pc, 20480);
}
