/*
 * MAP_PRIVATE of files: copy on write, any page-aligned offset, rights that follow the descriptor's
 * mode, and a mapping that outlives the descriptor and the name.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(copy_on_write)
{
	char buf[6] = "", *a, *b;
	int fd = tmp_file("f", "hello", 5);

	a = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
	b = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
	a[0] = 'J';
	EXPECT_MEM(a, "Jello", 5);
	EXPECT_MEM(b, "hello", 5);
	EXPECT_EQ(pread(fd, buf, 5, 0), 5);
	EXPECT_STR(buf, "hello");
	EXPECT_OK(munmap(a, PAGE));
	EXPECT_OK(munmap(b, PAGE));
	close(fd);
}

TEST(offsets)
{
	char data[4 * PAGE], *p;
	int fd;

	for (int i = 0; i < 4; i++)
		memset(data + i * PAGE, 'a' + i, PAGE);
	fd = tmp_file("f", data, sizeof(data));
	for (int i = 0; i < 4; i++) {
		p = EXPECT_OK((char *)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, i * PAGE));
		EXPECT(all_bytes(p, 'a' + i, PAGE));
		EXPECT_OK(munmap(p, PAGE));
	}
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, -PAGE), EOVERFLOW);
	close(fd);
}

TEST(modes)
{
	int ro, wo;
	char *p;

	close(tmp_file("f", "abc", 3));
	ro = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	wo = EXPECT_OK(open(tmp_path("f"), O_WRONLY));
	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0));
	p[0] = 'x';
	EXPECT_OK(munmap(p, PAGE));
	EXPECT_ERRNO(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES);
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, wo, 0), EACCES);
	close(ro);
	close(wo);
}

TEST(not_mappable)
{
	int fd[2], dir = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY));

	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
	close(dir);
	EXPECT_OK(pipe(fd));
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd[0], 0), ENODEV);
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd[1], 0), EACCES);
	close(fd[0]);
	close(fd[1]);
	EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd[0], 0), EBADF);
}

TEST(outlives_descriptor_and_name)
{
	int fd = tmp_file("f", "persistent", 10);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));

	close(fd);
	EXPECT_OK(unlink(tmp_path("f")));
	EXPECT_MEM(p, "persistent", 10);
	p[0] = 'P';
	EXPECT_MEM(p, "Persistent", 10);
	EXPECT_OK(munmap(p, PAGE));
}

TEST(replaced_file_is_another_file)
{
	int fd = tmp_file("f", "old", 3);
	char *p = EXPECT_OK((char *)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0)), buf[8];

	close(fd);
	close(tmp_file("g", "new", 3));
	EXPECT_OK(rename(tmp_path("g"), tmp_path("f")));
	EXPECT_MEM(p, "old", 3);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 3);
	EXPECT_STR(buf, "new");
	EXPECT_OK(munmap(p, PAGE));
}

TEST(read_into_own_mapping)
{
	char data[2 * PAGE], *p;
	int fd;

	memset(data, 'a', PAGE);
	memset(data + PAGE, 'b', PAGE);
	fd = tmp_file("f", data, sizeof(data));
	p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(pread(fd, p, PAGE, PAGE), PAGE);
	EXPECT(all_bytes(p, 'b', 2 * PAGE));
	EXPECT_EQ(pwrite(fd, p, PAGE, 0), PAGE);
	EXPECT_EQ(pread(fd, data, PAGE, 0), PAGE);
	EXPECT(all_bytes(data, 'b', PAGE));
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

TEST(dev_zero)
{
	int fd = EXPECT_OK(open("/dev/zero", O_RDWR));
	char *p = EXPECT_OK((char *)mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0));

	close(fd);
	EXPECT(all_bytes(p, 0, 4 * PAGE));
	memset(p, 1, 4 * PAGE);
	EXPECT(all_bytes(p, 1, 4 * PAGE));
	EXPECT_OK(munmap(p, 4 * PAGE));
}
