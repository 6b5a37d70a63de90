/*
 * msync: after it (and in fact before it) read() sees what a shared mapping holds; a private
 * mapping never reaches the file; wrong flags, addresses and holes are refused.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(shared_reaches_the_file)
{
	static const int flags[] = { MS_SYNC, MS_ASYNC, MS_SYNC | MS_INVALIDATE, 0 };
	char data[2 * PAGE] = "", buf[8], *p;
	int fd = tmp_file("f", data, sizeof(data));

	p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		snprintf(p + PAGE - 4, 8, "round%zu", i);
		EXPECT_OK(msync(p, 2 * PAGE, flags[i]));
		EXPECT_EQ(pread(fd, buf, 7, PAGE - 4), 7);
		EXPECT_STR(buf, p + PAGE - 4);
	}
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

TEST(private_does_not)
{
	char buf[9] = "", *p;
	int fd = tmp_file("f", "original", 8);

	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
	memcpy(p, "scribble", 8);
	EXPECT_OK(msync(p, PAGE, MS_SYNC));
	EXPECT_EQ(pread(fd, buf, 8, 0), 8);
	EXPECT_STR(buf, "original");
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(file_stays_its_size)
{
	struct stat st;
	int fd = tmp_file("f", "12345", 5);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0)), buf[16];

	p[4] = 'x';
	p[5] = 'y';	/* past the end: must not become part of the file */
	EXPECT_OK(msync(p, PAGE, MS_SYNC));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 5);
	EXPECT_EQ(pread(fd, buf, sizeof(buf), 0), 5);
	EXPECT_MEM(buf, "1234x", 5);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(unmap_writes_back)
{
	int fd = tmp_file("f", "aaaa", 4);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0)), buf[8];

	close(fd);
	memcpy(p, "bbbb", 4);
	EXPECT_OK(munmap(p, PAGE));
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 4);
	EXPECT_STR(buf, "bbbb");
}

TEST(errors)
{
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_OK(msync(p, 3 * PAGE, MS_SYNC));
	EXPECT_ERRNO(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERRNO(msync(p, PAGE, 0x80), EINVAL);
	EXPECT_ERRNO(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	EXPECT_OK(msync(p, 0, MS_SYNC));
	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT_ERRNO(msync(p, 3 * PAGE, MS_SYNC), ENOMEM);
	EXPECT_ERRNO(msync(p + PAGE, PAGE, MS_ASYNC), ENOMEM);
	EXPECT_OK(munmap(p, 3 * PAGE));
}
