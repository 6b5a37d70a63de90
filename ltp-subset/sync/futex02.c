/* a shared futex between parent and child: wait, wake, and the value that was changed meanwhile. */
#include "../lst.h"
#include <linux/futex.h>

static void run(void)
{
	volatile uint32_t *word = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	long woken = 0;
	pid_t pid = FORK();

	if (!pid) {
		EXPECT_OK(syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL));
		EXPECT_EQ(*word, 1);
		word[1] = 1;
		syscall(SYS_futex, word + 1, FUTEX_WAKE, 1);
		child_exit();
	}
	EXPECT(wait_state(pid, 'S'));
	EXPECT_EQ(syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1), 0);
	*word = 1;
	while (!woken)
		woken = syscall(SYS_futex, word, FUTEX_WAKE, 5);
	EXPECT_EQ(woken, 1);
	while (!word[1])
		syscall(SYS_futex, word + 1, FUTEX_WAIT, 0, NULL);
	REAP(pid);
}
