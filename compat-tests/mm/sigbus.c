/*
 * A file mapping beyond the end of its file: the tail of the last page is zero, whole pages after
 * it give SIGBUS with BUS_ADRERR, and ftruncate moves that border both ways under a live mapping.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

static void past_end(int flags)
{
	int fd = tmp_file("f", "0123456789", 10);
	char *p = EXPECT_OK((char *)mmap(NULL, 3 * PAGE, PROT_READ, flags, fd, 0));

	EXPECT_MEM(p, "0123456789", 10);
	EXPECT(all_bytes(p + 10, 0, PAGE - 10));
	EXPECT_FAULT(read, p + PAGE, SIGBUS, BUS_ADRERR);
	EXPECT_FAULT(read, p + 3 * PAGE - 1, SIGBUS, BUS_ADRERR);
	EXPECT_OK(munmap(p, 3 * PAGE));
	close(fd);
}

TEST(past_end_shared)
{
	past_end(MAP_SHARED);
}

TEST(past_end_private)
{
	past_end(MAP_PRIVATE);
}

TEST(write_past_end_private)
{
	int fd = tmp_file("f", "0123456789", 10);
	char *p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));

	EXPECT_FAULT(write, p + PAGE + 5, SIGBUS, BUS_ADRERR);
	p[4000] = 1;
	EXPECT_EQ(p[4000], 1);
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

TEST(grow_opens)
{
	int fd = tmp_file("f", "x", 1);
	char *p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));

	EXPECT_FAULT(write, p + PAGE, SIGBUS, BUS_ADRERR);
	EXPECT_OK(ftruncate(fd, PAGE + 1));
	EXPECT_NO_FAULT(write, p + PAGE);
	EXPECT(all_bytes(p + PAGE, 0, PAGE));
	EXPECT_EQ(pwrite(fd, "tail", 4, PAGE + 100), 4);
	EXPECT_MEM(p + PAGE + 100, "tail", 4);
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

TEST(shrink_closes)
{
	char data[3 * PAGE];
	char *p;
	int fd;

	memset(data, 'd', sizeof(data));
	fd = tmp_file("f", data, sizeof(data));
	p = EXPECT_OK((char *)mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0));
	EXPECT(all_bytes(p, 'd', 3 * PAGE));
	EXPECT_OK(ftruncate(fd, PAGE + 10));
	EXPECT_FAULT(read, p + 2 * PAGE, SIGBUS, BUS_ADRERR);
	EXPECT(all_bytes(p, 'd', PAGE + 10));
	EXPECT(all_bytes(p + PAGE + 10, 0, PAGE - 10));
	EXPECT_OK(ftruncate(fd, 3 * PAGE));
	EXPECT(all_bytes(p + PAGE + 10, 0, 2 * PAGE - 10));
	EXPECT_OK(munmap(p, 3 * PAGE));
	close(fd);
}

TEST(shrink_takes_private_copies_too)
{
	char data[2 * PAGE];
	char *p;
	int fd;

	memset(data, 'd', sizeof(data));
	fd = tmp_file("f", data, sizeof(data));
	p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
	p[PAGE] = 'm';
	EXPECT_OK(ftruncate(fd, PAGE));
	EXPECT_FAULT(read, p + PAGE, SIGBUS, BUS_ADRERR);
	EXPECT_EQ(p[0], 'd');
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

TEST(empty_file)
{
	int fd = tmp_file("f", "", 0);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));

	EXPECT_FAULT(read, p, SIGBUS, BUS_ADRERR);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

ROLE(touch_past_end)
{
	int fd = EXPECT_OK(open(argv[0], O_RDONLY));
	volatile char *p = EXPECT_OK((char *)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));

	return p[0];
}

TEST(default_is_death)
{
	close(tmp_file("f", "", 0));
	EXPECT_SIGNALED(spawn_self("touch_past_end", tmp_path("f")), SIGBUS);
}

TEST(syscalls_give_efault)
{
	int fd = tmp_file("f", "abc", 3), out[2];
	char *p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0));

	EXPECT_OK(pipe(out));
	EXPECT_ERRNO(write(out[1], p + PAGE, 1), EFAULT);
	close(out[0]);
	close(out[1]);
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}
