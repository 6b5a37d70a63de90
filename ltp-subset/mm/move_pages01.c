/* move_pages and migrate_pages: bad flags, missing processes, the node of a page. */
#include "../lst.h"

static void run(void)
{
	char *m = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	void *pages[1] = { m };
	int status[1] = { -1 };
	unsigned long node0 = 1;

	m[0] = 1;
	if (syscall(SYS_move_pages, 0, 1, pages, NULL, status, 0) && errno == ENOSYS)
		CONF("no move_pages");
	EXPECT_EQ(status[0], 0);
	EXPECT_FAIL(syscall(SYS_move_pages, 0, 1, pages, NULL, status, 1), EINVAL);
	EXPECT_FAIL(syscall(SYS_move_pages, 0x3fffffff, 1, pages, NULL, status, 0), ESRCH);
	EXPECT_FAIL(syscall(SYS_move_pages, 0, 1, BAD_PTR, NULL, status, 0), EFAULT);
	EXPECT_EQ(syscall(SYS_migrate_pages, 0, 64, &node0, &node0), 0);
	EXPECT_FAIL(syscall(SYS_migrate_pages, 0x3fffffff, 64, &node0, &node0), ESRCH);
	EXPECT_FAIL(syscall(SYS_migrate_pages, 0, 64, BAD_PTR, &node0), EFAULT);
}
