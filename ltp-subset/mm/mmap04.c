/* a shared file mapping and the file are one; the tail of the last page is zero and stays out of the file. */
#include "../lst.h"

static void run(void)
{
	int fd = new_file("f", "0123456789", 10);
	struct stat st;
	char buf[16];
	char *m = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));

	EXPECT_EQ(m[10], 0);
	m[0] = 'M';
	m[12] = 'Z';
	EXPECT_EQ(pread(fd, buf, 16, 0), 10);
	EXPECT_MEM(buf, "M123456789", 10);
	MUST(pwrite(fd, "PP", 2, 4));
	EXPECT_MEM(m, "M123PP6789", 10);
	MUST(munmap(m, 4096));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 10);
	MUST(ftruncate(fd, 0));
	MUST(ftruncate(fd, 20));
	EXPECT_EQ(pread(fd, buf, 16, 0), 16);
	EXPECT(!buf[0] && !buf[12]);
}
