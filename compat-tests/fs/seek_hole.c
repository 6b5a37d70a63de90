/*
 * SEEK_DATA and SEEK_HOLE. Where holes begin may differ between file systems, so only what
 * lseek(2) promises for all is asked, on a file whose hole is far larger than any block.
 */
#include "../test.h"

enum { BIG = 8 << 20 };

TEST(dense_file)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 0);
	EXPECT_EQ(lseek(fd, 5, SEEK_DATA), 5);
	EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 10);
	EXPECT_EQ(lseek(fd, 9, SEEK_HOLE), 10);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 10);
	close(fd);
}

TEST(behind_the_end)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_ERRNO(lseek(fd, 10, SEEK_DATA), ENXIO);
	EXPECT_ERRNO(lseek(fd, 10, SEEK_HOLE), ENXIO);
	EXPECT_ERRNO(lseek(fd, 11, SEEK_HOLE), ENXIO);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_DATA), ENXIO);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_HOLE), ENXIO);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	close(fd);
}

TEST(empty_file)
{
	int fd = tmp_file("f", NULL, 0);

	EXPECT_ERRNO(lseek(fd, 0, SEEK_DATA), ENXIO);
	EXPECT_ERRNO(lseek(fd, 0, SEEK_HOLE), ENXIO);
	close(fd);
}

TEST(hole_in_the_middle)
{
	off_t hole, data;
	int fd = tmp_file("f", "head", 4);

	EXPECT_EQ(pwrite(fd, "tail", 4, BIG), 4);
	hole = EXPECT_OK(lseek(fd, 0, SEEK_HOLE));
	EXPECT_GE(hole, 4);
	EXPECT_LE(hole, BIG + 4);
	data = EXPECT_OK(lseek(fd, 65536, SEEK_DATA));
	EXPECT_LE(data, BIG);
	EXPECT_EQ(lseek(fd, BIG + 1, SEEK_DATA), BIG + 1);
	EXPECT_EQ(lseek(fd, BIG, SEEK_HOLE), BIG + 4);
	close(fd);
}

TEST(hole_at_the_end)
{
	off_t hole;
	int fd = tmp_file("f", "head", 4);

	EXPECT_OK(ftruncate(fd, BIG));
	hole = EXPECT_OK(lseek(fd, 0, SEEK_HOLE));
	EXPECT_GE(hole, 4);
	EXPECT_LE(hole, BIG);
	EXPECT_ERRNO(lseek(fd, BIG, SEEK_HOLE), ENXIO);
	close(fd);
}

TEST(walk_finds_all_data)
{
	off_t pos = 0, found = 0, end;
	char c;
	int fd = tmp_file("f", NULL, 0);

	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pwrite(fd, "d", 1, (off_t)i * BIG), 1);
	while ((pos = lseek(fd, pos, SEEK_DATA)) >= 0) {
		end = EXPECT_OK(lseek(fd, pos, SEEK_HOLE));
		EXPECT_GT(end, pos);
		for (int i = 0; i < 4; i++)
			found += (off_t)i * BIG >= pos && (off_t)i * BIG < end;
		pos = end;
	}
	EXPECT_EQ(errno, ENXIO);
	EXPECT_EQ(found, 4);
	EXPECT_EQ(pread(fd, &c, 1, BIG), 1);
	EXPECT_EQ(c, 'd');
	close(fd);
}
