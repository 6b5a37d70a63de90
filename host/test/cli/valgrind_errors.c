/* valgrind_errors.c: does what its argument names, and prints what came of it: "uninitialised" has an error for memcheck to find,
 * without libc's string functions, which memcheck takes for errors themselves where it cannot replace them; "short" makes a system
 * call that no jump can replace, as nothing around it may be moved. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

long tiny(void);
__asm__(".text\n"
	".p2align 4\n"
	".type tiny, @function\n"
	"tiny:	.cfi_startproc\n"
	"	syscall\n"
	"	ret\n"
	".cfi_endproc\n"
	".size tiny, . - tiny\n"
	".p2align 4\n");

static __attribute__((noinline)) void dirty(volatile int *place, int really)
{
	if (!really)
		*place = 42;
}

static int short_call(void)
{
	long ret;

	__asm__ volatile("call tiny" : "=a"(ret) : "a"(SYS_getpid) : "rcx", "r11", "memory");
	puts(ret == getpid() ? "ours" : "the host's");
	return 0;
}

int main(int argc, char **argv)
{
	volatile int value;
	int wrong = argc > 1 && argv[1][0] == 'u';

	if (argc > 1 && argv[1][0] == 's')
		return short_call();
	dirty(&value, wrong);
	if (wrong)
		puts(value == 42 ? "seen" : "not seen");
	else
		printf("%d\n", value);
	return 0;
}
