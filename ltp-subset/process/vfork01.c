/* vfork: the parent waits for the child's end, memory is shared, exec lets it go. */
#include "../lst.h"
static volatile int value;

static void run(void)
{
	pid_t pid = vfork();

	if (!pid) {
		value = 7;
		_exit(3);
	}
	EXPECT_EQ(value, 7);
	EXPECT_EXIT(pid, 3);
	pid = vfork();
	if (!pid) {
		execl("/nonexistent", "x", NULL);
		value = errno;
		_exit(4);
	}
	EXPECT_EQ(value, ENOENT);
	EXPECT_EXIT(pid, 4);
	pid = vfork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	EXPECT_EXIT(pid, 0);
}
