/* a memfd mapped by parent and child before and after the fork is one memory. */
#include "../lst.h"

static void run(void)
{
	int fd = MUST(memfd_create("m", 0));
	volatile char *m;
	pid_t pid;

	MUST(ftruncate(fd, 8192));
	m = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	m[0] = 1;
	pid = FORK();
	if (!pid) {
		volatile char *n = MUST(mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0));

		EXPECT_EQ(m[0], 1);
		m[4096] = 2;
		EXPECT_EQ(n[4096], 2);
		MUST(pwrite(fd, "p", 1, 1));
		EXPECT_EQ(m[1], 'p');
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(m[4096], 2);
	EXPECT_EQ(m[1], 'p');
}
