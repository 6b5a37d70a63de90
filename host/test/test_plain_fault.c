/* test_plain_fault.c: which registers valgrind has changed too early, by the instruction. Without ASan: so is what it tests. */
#include <criterion/criterion.h>
#include <string.h>
#include <ucontext.h>

#include "sgxsim/plain.h"

#define RSP 0x7000UL
#define WRITE 6
#define READ 4

/* The registers after a fault at addr by the instruction: RSP 0x7000 and RCX 5 before it is undone. */
static void fault(const char *bytes, uint64_t addr, int error, long long g[NGREG])
{
	static uint8_t code[16];

	memset(code, 0x90, sizeof(code));
	memcpy(code, bytes, strlen(bytes));
	memset(g, 0, NGREG * sizeof(*g));
	g[REG_RIP] = (long long)code;
	g[REG_RSP] = RSP;
	g[REG_RCX] = 5;
	g[REG_CR2] = (long long)addr;
	g[REG_ERR] = error;
	plain_fault_undo(g);
}

static void is(const char *bytes, uint64_t addr, int error, uint64_t rsp, long long rcx)
{
	long long g[NGREG];

	fault(bytes, addr, error, g);
	cr_assert_eq((uint64_t)g[REG_RSP], rsp);
	cr_assert_eq(g[REG_RCX], rcx);
}

Test(plain_fault, pushes)
{
	is("\x53", RSP, WRITE, RSP + 8, 5);		     /* push %rbx */
	is("\x41\x54", RSP + 4, WRITE, RSP + 8, 5);	     /* push %r12, the second page of it */
	is("\x6a\x01", RSP, WRITE, RSP + 8, 5);	     /* push $1 */
	is("\x9c", RSP, WRITE, RSP + 8, 5);		     /* pushf */
	is("\xe8\x01\x02\x03\x04", RSP, WRITE, RSP + 8, 5); /* call */
	is("\xff\x15\x01\x02\x03\x04", RSP, WRITE, RSP + 8, 5); /* call *mem */
	is("\xff\x15\x01\x02\x03\x04", RSP, READ, RSP, 5); /* which reads first */
	is("\xff\x15\x01\x02\x03\x04", 0x9000, READ, RSP, 5);
}

Test(plain_fault, strings)
{
	is("\xf3\xa4", 0x9000, READ, RSP, 6);	  /* rep movsb */
	is("\xf3\x48\xab", RSP, WRITE, RSP, 6);  /* rep stosq, to where a push would */
	is("\x66\xf3\xa5", 0x9000, WRITE, RSP, 6); /* rep movsw */
	is("\xf2\xae", 0x9000, READ, RSP, 6);	  /* repne scasb */
	is("\xa4", 0x9000, READ, RSP, 5);	  /* movsb, once */
	is("\xf3\x0f\x6f\x06", 0x9000, READ, RSP, 5); /* movdqu: the prefix means something else */
}

Test(plain_fault, others)
{
	is("\x48\x89\x04\x24", RSP, WRITE, RSP, 5); /* mov %rax,(%rsp) */
	is("\xff\x04\x24", RSP, WRITE, RSP, 5);	   /* incl (%rsp) */
	is("\xc3", RSP, READ, RSP, 5);		   /* ret */
	is("\x5b", RSP, READ, RSP, 5);		   /* pop %rbx */
}
