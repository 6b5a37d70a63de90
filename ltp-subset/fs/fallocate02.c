/* fallocate: size and content after plain allocation, KEEP_SIZE and PUNCH_HOLE. */
#include "../lst.h"
#include <linux/falloc.h>

static void run(void)
{
	int fd = new_file("f", "abcdef", 6);
	char buf[16384];
	struct stat st;

	EXPECT_OK(fallocate(fd, 0, 0, 100));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 100);
	EXPECT_EQ(pread(fd, buf, 200, 0), 100);
	EXPECT_MEM(buf, "abcdef\0\0\0", 9);
	EXPECT_OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 100);
	memset(buf, 'x', sizeof(buf));
	MUST(pwrite(fd, buf, sizeof(buf), 0));
	EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4000, 200));
	EXPECT_EQ(pread(fd, buf, 300, 3950), 300);
	EXPECT(buf[0] == 'x' && buf[49] == 'x' && !buf[50] && !buf[249] && buf[250] == 'x');
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, sizeof(buf));
}
