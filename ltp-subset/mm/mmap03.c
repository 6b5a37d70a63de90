/* a private file mapping: writes stay inside, later writes to the file are seen in untouched pages only. */
#include "../lst.h"

static void run(void)
{
	static char page[8192];
	int fd;
	char *m, c;

	memset(page, 'f', sizeof(page));
	fd = new_file("f", page, sizeof(page));
	m = MUST(mmap(NULL, sizeof(page), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	m[0] = 'm';
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'f');
	MUST(pwrite(fd, "wwww", 4, 0));
	EXPECT_EQ(m[0], 'm');
	EXPECT_EQ(m[1], 'f');
	EXPECT_OK(msync(m, sizeof(page), MS_SYNC));
	MUST(pread(fd, &c, 1, 0));
	EXPECT_EQ(c, 'w');
	EXPECT_OK(close(fd));
	EXPECT_EQ(m[8191], 'f');
}
