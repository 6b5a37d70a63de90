/* copy_file_range: which offsets move, what is copied, and the end of the file. */
#include "../lst.h"

static void run(void)
{
	int in = new_file("in", "0123456789", 10), out = new_file("out", "", 0);
	loff_t from = 6, to = 3;
	char buf[16] = "";

	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 4, 0), 4);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 4);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 4);
	EXPECT_EQ(copy_file_range(in, &from, out, &to, 100, 0), 4);
	EXPECT_EQ(from, 10);
	EXPECT_EQ(to, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 4);
	EXPECT_EQ(pread(out, buf, 16, 0), 7);
	EXPECT_MEM(buf, "0126789", 7);
	EXPECT_EQ(copy_file_range(in, &from, out, &to, 5, 0), 0);
	EXPECT_EQ(copy_file_range(in, NULL, out, NULL, 0, 0), 0);
	from = 0, to = 5;
	EXPECT_EQ(copy_file_range(in, &from, in, &to, 3, 0), 3);
	EXPECT_EQ(pread(in, buf, 16, 0), 10);
	EXPECT_MEM(buf, "0123401289", 10);
}
