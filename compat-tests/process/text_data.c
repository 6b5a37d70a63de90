/*
 * Assembly without unwind data, with a table in front of it in the text: whoever looks for instructions there must not
 * take the table's last bytes and the function's first for one of them.
 */
#include "../test.h"

/* 83 33 and the 49 of the mov read as "xorl $0x49, (%rbx)". Without a type and a size the symbol is no function's. */
__asm__(".text\n"
	"	.balign 16\n"
	"	.byte 0xea, 0x06, 0xee, 0x0f, 0xa2, 0x27, 0x41, 0x8b, 0xca, 0x2d, 0xbf, 0x07, 0xad, 0x5a, 0x83, 0x33\n"
	"keeps_rbx:\n"
	"	mov	%rbx, %r8\n"
	"	xor	%eax, %eax\n"
	"	cpuid\n"
	"	xor	%eax, %eax\n"
	"	cmp	$0x746e6543, %ebx\n"
	"	mov	%r8, %rbx\n"
	"	ret\n"
	"	.balign 16\n"
	"	.byte 0x83, 0x33\n"
	"pid_in_r8:\n"
	"	mov	%rax, %r8\n"
	"	mov	$39, %eax\n"
	"	syscall\n"
	"	xchg	%rax, %r8\n"
	"	ret\n"
	"	.balign 16\n");

TEST(cpuid)
{
	for (int i = 0; i < 3; i++) {
		unsigned long rbx = 0x1122334455667788ul + (unsigned)i;

		__asm__ volatile("sub $128, %%rsp; call keeps_rbx; add $128, %%rsp" : "+b"(rbx) : : "rax", "rcx", "rdx", "r8", "cc", "memory");
		EXPECT_EQ(rbx, 0x1122334455667788ul + (unsigned)i);
	}
}

TEST(system_call)
{
	unsigned long rax = 0x1122334455667788ul, pid;

	__asm__ volatile("sub $128, %%rsp; call pid_in_r8; mov %%r8, %1; add $128, %%rsp"
			 : "+a"(rax), "=r"(pid) : : "rcx", "r8", "r11", "cc", "memory");
	EXPECT_EQ(rax, 0x1122334455667788ul);
	EXPECT_EQ(pid, (unsigned long)getpid());
}
