/* memfd_create(2) and file seals. */
#include "../test.h"
#include <sys/mman.h>

TEST(is_a_file)
{
	char buf[8], link[64], path[32];
	struct stat st;
	int fd = EXPECT_OK(memfd_create("name", MFD_CLOEXEC));
	ssize_t n;

	EXPECT_EQ(write(fd, "hello", 5), 5);
	EXPECT_EQ(pread(fd, buf, 8, 0), 5);
	EXPECT_OK(fstat(fd, &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(st.st_size, 5);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = EXPECT_OK(readlink(path, link, sizeof(link) - 1));
	link[n] = 0;
	EXPECT_STR(link, "/memfd:name (deleted)");
	close(fd);
}

TEST(seals)
{
	int fd = EXPECT_OK(memfd_create("s", MFD_ALLOW_SEALING));

	EXPECT_OK(ftruncate(fd, 100));
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	EXPECT_ERRNO(ftruncate(fd, 50), EPERM);
	EXPECT_OK(ftruncate(fd, 200));
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	EXPECT_ERRNO(ftruncate(fd, 300), EPERM);
	EXPECT_ERRNO(pwrite(fd, "x", 1, 300), EPERM);
	EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	EXPECT_ERRNO(pwrite(fd, "x", 1, 0), EPERM);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	EXPECT_ERRNO(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	close(fd);
}

TEST(busy_while_mapped_writable)
{
	int fd = EXPECT_OK(memfd_create("s", MFD_ALLOW_SEALING));
	char *p;

	EXPECT_OK(ftruncate(fd, 4096));
	p = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	munmap(p, 4096);
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	close(fd);
}

TEST(refusals)
{
	char name[300];
	int fd = EXPECT_OK(memfd_create("plain", 0));

	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	EXPECT_ERRNO(memfd_create("x", 0x800), EINVAL);
	EXPECT_ERRNO(memfd_create(bad_ptr(), 0), EFAULT);
	memset(name, 'n', sizeof(name));
	name[250] = 0;
	EXPECT_ERRNO(memfd_create(name, 0), EINVAL);
	name[249] = 0;
	close(EXPECT_OK(memfd_create(name, 0)));
	close(fd);
}

ROLE(read_memfd)
{
	char buf[8];

	EXPECT_EQ(pread(atoi(argv[0]), buf, 8, 0), 6);
	EXPECT_MEM(buf, "shared", 6);
	return 0;
}

TEST(inherited)
{
	char num[12];
	int fd = EXPECT_OK(memfd_create("m", 0));

	EXPECT_EQ(write(fd, "shared", 6), 6);
	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_EXIT(spawn_self("read_memfd", num), 0);
	close(fd);
}
