/* touching a mapping beyond the end of its file is SIGBUS, a mapping without rights SIGSEGV. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "x", 1);
	volatile char *m = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	volatile char *none = MUST(mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	volatile char *ro = MUST(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	pid = FORK();
	if (!pid)
		_exit(m[4096]);
	EXPECT_KILLED(pid, SIGBUS);
	pid = FORK();
	if (!pid)
		_exit(none[0]);
	EXPECT_KILLED(pid, SIGSEGV);
	pid = FORK();
	if (!pid) {
		ro[0] = 1;
		_exit(0);
	}
	EXPECT_KILLED(pid, SIGSEGV);
	EXPECT_EQ(m[0], 'x');
	EXPECT_EQ(ro[0], 0);
}
