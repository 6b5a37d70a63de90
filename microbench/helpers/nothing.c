/*
 * The program that the spawn bench spawns: it does nothing. How it is linked and what
 * it is linked with (microbench.mk) is what differs from case to case.
 */
int main(void)
{
	return 0;
}
