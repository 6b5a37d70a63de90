/* pipe2 O_DIRECT: every write is a packet; the rest of a packet is thrown away. */
#include "../lst.h"

static void run(void)
{
	int p[2];
	char buf[8192];

	MUST(pipe2(p, O_DIRECT | O_NONBLOCK));
	MUST(write(p[1], "abcdef", 6));
	MUST(write(p[1], "gh", 2));
	EXPECT_EQ(read(p[0], buf, 3), 3);
	EXPECT_EQ(read(p[0], buf, sizeof(buf)), 2);
	EXPECT_MEM(buf, "gh", 2);
	EXPECT_FAIL(read(p[0], buf, 1), EAGAIN);
	EXPECT_EQ(write(p[1], buf, 5000), 5000);
	EXPECT_EQ(read(p[0], buf, sizeof(buf)), 4096);
	EXPECT_EQ(read(p[0], buf, sizeof(buf)), 904);
	EXPECT_EQ(write(p[1], buf, 0), 0);
	EXPECT_FAIL(read(p[0], buf, 1), EAGAIN);
}
