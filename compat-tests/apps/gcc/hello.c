#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	printf("hello from %s, %d, %.6f\n", argv[argc - 1], argc, sqrt(2.0 * argc));
	return 3;
}
