/* set_tid_address: gives the thread's id; the word of a child is cleared at its end only if others share its memory. */
#include "../lst.h"
#include <linux/futex.h>

static void run(void)
{
	volatile uint32_t *word = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	long pid;

	EXPECT_EQ(syscall(SYS_set_tid_address, word), gettid());
	*word = 5;
	pid = MUST(syscall(SYS_clone, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, NULL, word, NULL));
	if (!pid)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(*word, pid);
}
