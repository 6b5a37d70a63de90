/* /proc/self/statm and /proc/self/auxv: sizes in pages, the vector equal to getauxval. */
#include "proc.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/mman.h>

static void read_statm(long v[7])
{
	EXPECT_EQ(sscanf(proc_read("/proc/self/statm"), "%ld %ld %ld %ld %ld %ld %ld", &v[0], &v[1],
			 &v[2], &v[3], &v[4], &v[5], &v[6]),
		  7);
}

TEST(statm)
{
	long a[7], b[7];
	char *p;

	read_statm(a);
	p = EXPECT_OK(
		mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	read_statm(b);
	EXPECT_GE(b[0], a[0] + 1024);
	EXPECT_GE(b[0], b[1]);
	EXPECT_GT(b[1], 0);
	EXPECT_GT(b[3], 0);
	munmap(p, 4 << 20);
}

TEST(auxv)
{
	Elf64_auxv_t v[64];
	ssize_t n = read_file("/proc/self/auxv", (char *)v, sizeof(v));
	int seen = 0;

	EXPECT_GT(n, 0);
	EXPECT_EQ(n % sizeof(v[0]), 0);
	for (size_t i = 0; i < n / sizeof(v[0]) && v[i].a_type != AT_NULL; i++) {
		if (v[i].a_type != AT_HWCAP) /* glibc edits its copy */
			EXPECT_EQ(v[i].a_un.a_val, getauxval(v[i].a_type));
		seen++;
	}
	EXPECT_GT(seen, 10);
	EXPECT_EQ(getauxval(AT_PAGESZ), 4096);
	EXPECT_EQ(getauxval(AT_UID), getuid());
	EXPECT_EQ(getauxval(AT_CLKTCK), sysconf(_SC_CLK_TCK));
	EXPECT_NE(getauxval(AT_RANDOM), 0);
	EXPECT_NE(getauxval(AT_ENTRY), 0);
}
