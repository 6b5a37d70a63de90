/* MADV_DONTNEED gives zeros or the file's content back, MADV_WIPEONFORK and MADV_DONTFORK show in the child. */
#include "../lst.h"

static void run(void)
{
	static char page[4096];
	int prot = PROT_READ | PROT_WRITE, fd;
	char *anon = MUST(mmap(NULL, 8192, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), *file;
	pid_t pid;

	memset(page, 'f', sizeof(page));
	fd = new_file("f", page, sizeof(page));
	file = MUST(mmap(NULL, 4096, prot, MAP_PRIVATE, fd, 0));
	anon[0] = anon[4096] = file[0] = 'x';
	EXPECT_OK(madvise(anon, 4096, MADV_DONTNEED));
	EXPECT_EQ(anon[0], 0);
	EXPECT_EQ(anon[4096], 'x');
	EXPECT_OK(madvise(file, 4096, MADV_DONTNEED));
	EXPECT_EQ(file[0], 'f');
	EXPECT_FAIL(madvise(file, 4096, MADV_WIPEONFORK), EINVAL);
	EXPECT_OK(madvise(anon + 4096, 4096, MADV_WIPEONFORK));
	EXPECT_OK(madvise(anon, 4096, MADV_DONTFORK));
	pid = FORK();
	if (!pid) {
		unsigned char vec;

		EXPECT_EQ(anon[4096], 0);
		EXPECT_FAIL(mincore(anon, 4096, &vec), ENOMEM);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(anon[4096], 'x');
}
