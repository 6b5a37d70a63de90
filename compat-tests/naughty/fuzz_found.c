/*
 * What the system call fuzzer found, each boiled down to one case: the LibOS stopped, or did what
 * Linux refuses.
 */
#include "naughty.h"
#include <sched.h>

static char stack[16384] __attribute__((aligned(16)));

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* A thread pointer that cannot be loaded. */
TEST(clone_with_wild_tls)
{
	static const uintptr_t tls[] = { 0x9b22b15e175da9f8, 1ul << 63, 0xffff800000000000, -1ul };

	for (size_t i = 0; i < ARRAY_SIZE(tls); i++)
		EXPECT_ERRNO(clone(nothing, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_SETTLS | SIGCHLD, NULL,
				   NULL, hide_ptr(tls[i]), NULL), EPERM);
	expect_alive();
}

/* Memory that is dropped right after a fork, when it is not writable yet. */
TEST(dontneed_after_fork)
{
	char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	memset(p, 1, 65536);
	pid = fork();
	if (pid == 0)
		_exit(madvise(p, 32768, MADV_DONTNEED) || p[0] || p[32768] != 1);
	EXPECT_GT(pid, 0);
	EXPECT_OK(madvise(p + 32768, 32768, MADV_DONTNEED));
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(p[32768], 0);
	EXPECT_EXIT(pid, 0);
	EXPECT_OK(madvise(p, 32768, MADV_DONTNEED));
	EXPECT_EQ(p[0], 0);
}

/* A hole in a file through a mapping that may not be written just now. */
TEST(remove_through_read_only_mapping)
{
	int fd = EXPECT_OK(memfd_create("m", 0));
	char *p;

	EXPECT_OK(ftruncate(fd, 8192));
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 1, 8192);
	EXPECT_OK(mprotect(p, 8192, PROT_READ));
	if (madvise(p, 4096, MADV_REMOVE))
		EXPECT_EQ(errno, EACCES);
	else
		EXPECT_EQ(p[0], 0);
	EXPECT_EQ(p[4096], 1);
	expect_alive();
}

/* O_TRUNC asks for the right to write by itself. */
TEST(truncate_running_program)
{
	struct stat st;

	EXPECT_ERRNO(open("/proc/self/exe", O_RDONLY | O_TRUNC), ETXTBSY);
	EXPECT_OK(stat("/proc/self/exe", &st));
	EXPECT_GT(st.st_size, 0);
	expect_alive();
}

/* Advice for executable memory that belongs to no file: one's own, and what a system may have put beside programs. */
TEST(advice_for_nameless_text)
{
	static const int advice[] = { MADV_DONTNEED, MADV_FREE, MADV_WIPEONFORK, MADV_DONTFORK, MADV_DOFORK,
				      102 /* MADV_GUARD_INSTALL */, 103 /* _REMOVE */ };
	unsigned char *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, inode;
	char line[512], prot[8];
	pid_t pid;

	memset(own, 0xc3, 4096);
	EXPECT_OK(mprotect(own, 4096, PROT_READ | PROT_EXEC));
	EXPECT(maps != NULL);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s %*s %*s %lu", &start, &end, prot, &inode) != 4 || prot[2] != 'x' || inode ||
		    strstr(line, "[vdso]") || strstr(line, "[vsyscall]") || start == (unsigned long)own)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(advice); i++)
			(void)madvise((void *)start, end - start, advice[i]); /* whatever it says */
	}
	fclose(maps);
	EXPECT_OK(madvise(own, 4096, MADV_WIPEONFORK));
	pid = fork();
	if (pid == 0)
		_exit(own[0] ? 1 : 7);
	EXPECT_GT(pid, 0);
	EXPECT_EXIT(pid, 7);
	EXPECT_EQ(own[0], 0xc3);
	expect_alive();
}
