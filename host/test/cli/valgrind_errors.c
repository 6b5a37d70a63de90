/* valgrind_errors.c: has the error that its argument names, for memcheck to find: what it printed is what it did. Without libc's
 * string functions, which memcheck takes for errors themselves where it cannot replace them. */
#include <stdio.h>
#include <stdlib.h>

static __attribute__((noinline)) void dirty(volatile int *place, int really)
{
	if (!really)
		*place = 42;
}

int main(int argc, char **argv)
{
	volatile int value;
	int wrong = argc > 1 && argv[1][0] == 'u';

	dirty(&value, wrong);
	if (wrong)
		puts(value == 42 ? "seen" : "not seen");
	else
		printf("%d\n", value);
	return 0;
}
