/* /proc/config.gz: a gzip file of lines CONFIG_NAME=value, the same when read in pieces. */
#include "../test.h"

TEST(form)
{
	unsigned char all[65536], part[65536];
	FILE *f;
	char line[256];
	ssize_t n, m, got = 0;
	int fd = open("/proc/config.gz", O_RDONLY), lines = 0;

	if (fd < 0)
		SKIP("none");
	n = read(fd, all, sizeof(all));
	EXPECT(n > 18);
	EXPECT_EQ(all[0], 0x1f);
	EXPECT_EQ(all[1], 0x8b);
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	while (got < n && (m = read(fd, part + got, (size_t)(n - got < 7 ? n - got : 7))) > 0)
		got += m;
	EXPECT_EQ(got, n);
	EXPECT_MEM(all, part, (size_t)n);
	close(fd);
	f = popen("zcat /proc/config.gz", "r");
	EXPECT(f);
	while (fgets(line, sizeof(line), f)) {
		EXPECT(line[0] == '#' || line[0] == '\n' || !strncmp(line, "CONFIG_", 7));
		lines++;
	}
	EXPECT_EQ(pclose(f), 0);
	EXPECT(lines > 20);
}
