/*
 * A program with a fixed address: counts the bytes of its input from argv[1] on and answers each by '+'; at the end prints its
 * count and the one that a forked child has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static long count;

int main(int argc, char **argv)
{
	int p[2];
	long theirs = -1;
	char c;

	count = argc > 1 ? atol(argv[1]) : 0;
	while (read(0, &c, 1) == 1) {
		count++;
		if (write(1, "+", 1) != 1)
			return 1;
	}
	if (pipe(p))
		return 2;
	if (!fork()) {
		count++;
		_exit(write(p[1], &count, sizeof(count)) != sizeof(count));
	}
	if (read(p[0], &theirs, sizeof(theirs)) != sizeof(theirs) || wait(NULL) < 0)
		return 3;
	printf("%ld %ld\n", count, theirs);
	return 0;
}
