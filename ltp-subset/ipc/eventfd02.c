/* an eventfd between parent and child: the reader sleeps until the child writes. */
#include "../lst.h"
#include <sys/eventfd.h>

static void run(void)
{
	int fd = MUST(eventfd(0, 0));
	uint64_t v;
	pid_t pid = FORK();

	if (!pid) {
		v = 7;
		sleep_ms(20);
		EXPECT_EQ(write(fd, &v, 8), 8);
		v = 5;
		EXPECT_EQ(write(fd, &v, 8), 8);
		child_exit();
	}
	EXPECT_EQ(read(fd, &v, 8), 8);
	EXPECT_GE(v, 7);
	REAP(pid);
}
