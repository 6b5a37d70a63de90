/* MAP_SHARED anonymous memory is one for parent and child, MAP_PRIVATE is two. */
#include "../lst.h"

static void run(void)
{
	volatile int *shared = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	volatile int *private = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	*shared = *private = 1;
	pid = FORK();
	if (!pid) {
		EXPECT_EQ(*private, 1);
		*private = 2;
		*shared = 2;
		while (*shared == 2)
			sched_yield();
		EXPECT_EQ(*private, 2);
		*shared = 4;
		child_exit();
	}
	while (*shared == 1)
		sched_yield();
	EXPECT_EQ(*private, 1);
	*private = 3;
	*shared = 3;
	REAP(pid);
	EXPECT_EQ(*shared, 4);
	EXPECT_EQ(*private, 3);
}
