/* code that is written, made executable and run; data without PROT_EXEC is not run. */
#include "../lst.h"

static void run(void)
{
	/* mov $42, %eax; ret */
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	unsigned char *m = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	memcpy(m, code, sizeof(code));
	pid = FORK();
	if (!pid)
		_exit(((int (*)(void))m)());
	EXPECT_KILLED(pid, SIGSEGV);
	MUST(mprotect(m, 4096, PROT_READ | PROT_EXEC));
	EXPECT_EQ(((int (*)(void))m)(), 42);
	MUST(mprotect(m, 4096, PROT_READ | PROT_WRITE));
	m[1] = 43;
	MUST(mprotect(m, 4096, PROT_READ | PROT_EXEC));
	EXPECT_EQ(((int (*)(void))m)(), 43);
}
