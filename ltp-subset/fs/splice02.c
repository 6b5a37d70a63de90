/* splice: from a file through a pipe into another file, with and without offsets. */
#include "../lst.h"

static void run(void)
{
	int in = new_file("in", "0123456789", 10), out = new_file("out", "", 0), p[2], q[2];
	loff_t from = 3, to = 5;
	char buf[16];

	MUST(pipe(p));
	MUST(pipe(q));
	EXPECT_EQ(splice(in, &from, p[1], NULL, 4, 0), 4);
	EXPECT_EQ(from, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(splice(in, NULL, p[1], NULL, 2, SPLICE_F_MOVE), 2);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 2);
	EXPECT_EQ(splice(p[0], NULL, q[1], NULL, 5, 0), 5);
	EXPECT_EQ(splice(q[0], NULL, out, &to, 100, 0), 5);
	EXPECT_EQ(to, 10);
	EXPECT_EQ(pread(out, buf, 16, 0), 10);
	EXPECT_MEM(buf, "\0\0\0\0\0" "34560", 10);
	EXPECT_EQ(read(p[0], buf, 16), 1);
	EXPECT_EQ(buf[0], '1');
	from = 10;
	EXPECT_EQ(splice(in, &from, p[1], NULL, 4, 0), 0);
	close(p[1]);
	EXPECT_EQ(splice(p[0], NULL, out, NULL, 4, 0), 0);
}
