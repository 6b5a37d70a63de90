/*
 * memfd_create: an unnamed file that starts empty, maps shared, reaches another process by
 * inheriting the descriptor over spawn, and honours its seals.
 */
#include "fault.h"
#include <stdatomic.h>

#define RW	(PROT_READ | PROT_WRITE)

ROLE(add)
{
	int fd = atoi(argv[0]);
	atomic_int *p = EXPECT_OK((atomic_int *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));

	for (int i = 0; i < 1000; i++)
		atomic_fetch_add(p, 1);
	return 0;
}

TEST(inherited_by_children)
{
	int fd = EXPECT_OK(memfd_create("board", 0));
	pid_t pid[4];
	char num[16];
	atomic_int *p;

	EXPECT_OK(ftruncate(fd, PAGE));
	p = EXPECT_OK((atomic_int *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	snprintf(num, sizeof(num), "%d", fd);
	for (int i = 0; i < 4; i++)
		pid[i] = spawn_self("add", num);
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(pid[i], 0);
	EXPECT_EQ(atomic_load(p), 4000);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

ROLE(has_no_fd)
{
	return fcntl(atoi(argv[0]), F_GETFD) == -1 && errno == EBADF ? 0 : 1;
}

TEST(cloexec)
{
	int fd = EXPECT_OK(memfd_create("gone", MFD_CLOEXEC));
	char num[16];

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	snprintf(num, sizeof(num), "%d", fd);
	EXPECT_EXIT(spawn_self("has_no_fd", num), 0);
	close(fd);
}

TEST(starts_empty_and_grows)
{
	int fd = EXPECT_OK(memfd_create("m", MFD_CLOEXEC));
	struct stat st;
	char buf[4], *p;

	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 0);
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(write(fd, "abcd", 4), 4);
	p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	EXPECT_MEM(p, "abcd", 5);
	EXPECT_FAULT(read, p + PAGE, SIGBUS, BUS_ADRERR);
	EXPECT_OK(ftruncate(fd, 2 * PAGE));
	p[PAGE] = 'e';
	EXPECT_EQ(pread(fd, buf, 1, PAGE), 1);
	EXPECT_EQ(buf[0], 'e');
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

TEST(mapping_outlives_descriptor)
{
	int fd = EXPECT_OK(memfd_create("m", MFD_CLOEXEC));
	char *p;

	EXPECT_OK(ftruncate(fd, PAGE));
	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	close(fd);
	strcpy(p, "still here");
	EXPECT_STR(p, "still here");
	EXPECT_OK(munmap(p, PAGE));
}

TEST(seals)
{
	int fd = EXPECT_OK(memfd_create("m", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	char *p;

	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	EXPECT_OK(ftruncate(fd, PAGE));
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	EXPECT_ERRNO(ftruncate(fd, 0), EPERM);
	EXPECT_ERRNO(ftruncate(fd, 2 * PAGE), EPERM);
	EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	EXPECT_OK(munmap(p, PAGE));
	EXPECT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
	EXPECT_ERRNO(pwrite(fd, "y", 1, 0), EPERM);
	EXPECT_ERRNO(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), EPERM);
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	close(fd);
}

TEST(sealing_is_off_by_default)
{
	int fd = EXPECT_OK(memfd_create("m", MFD_CLOEXEC));

	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	close(fd);
}

TEST(errors)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[249] = 0;
	close(EXPECT_OK(memfd_create(name, 0)));
	name[249] = 'n';
	name[250] = 0;
	EXPECT_ERRNO(memfd_create(name, 0), EINVAL);
	EXPECT_ERRNO(memfd_create("x", 0x1000), EINVAL);
	EXPECT_ERRNO(syscall(SYS_memfd_create, (void *)8, 0), EFAULT);
}
