/* exit and exit_group: only eight bits of the status; atexit handlers run by exit alone. */
#include "../lst.h"
static void bye(void)
{
	_exit(9);
}

static void run(void)
{
	static const int codes[] = { 0, 1, 127, 128, 255, 256, 257, -1 };
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		pid = FORK();
		if (!pid)
			syscall(i % 2 ? SYS_exit : SYS_exit_group, codes[i]);
		EXPECT_EXIT(pid, codes[i] & 0xff);
	}
	pid = FORK();
	if (!pid) {
		atexit(bye);
		exit(3);
	}
	EXPECT_EXIT(pid, 9);
	pid = FORK();
	if (!pid) {
		atexit(bye);
		_exit(3);
	}
	EXPECT_EXIT(pid, 3);
}
