/* memfd_create: names and flags; seals that are added and obeyed. */
#include "../lst.h"

static void run(void)
{
	static char name[260];
	int fd, sealed;
	char *p;

	memset(name, 'n', 249);
	EXPECT_OK(memfd_create(name, 0));
	memset(name, 'n', 250);
	EXPECT_FAIL(memfd_create(name, 0), EINVAL);
	EXPECT_FAIL(memfd_create("x", 0x100), EINVAL);
	EXPECT_FAIL(memfd_create(BAD_PTR, 0), EFAULT);
	fd = EXPECT_OK(memfd_create("x", MFD_CLOEXEC));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_FAIL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	sealed = EXPECT_OK(memfd_create("y", MFD_ALLOW_SEALING));
	MUST(ftruncate(sealed, 8192));
	EXPECT_FAIL(fcntl(sealed, F_ADD_SEALS, 0x1000), EINVAL);
	EXPECT_OK(fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK));
	EXPECT_FAIL(ftruncate(sealed, 4096), EPERM);
	EXPECT_OK(ftruncate(sealed, 16384));
	EXPECT_OK(fcntl(sealed, F_ADD_SEALS, F_SEAL_GROW));
	EXPECT_FAIL(ftruncate(sealed, 20000), EPERM);
	EXPECT_FAIL(pwrite(sealed, "x", 1, 16384), EPERM);
	p = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed, 0));
	EXPECT_FAIL(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	MUST(munmap(p, 4096));
	EXPECT_OK(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
	EXPECT_FAIL(pwrite(sealed, "x", 1, 0), EPERM);
	EXPECT_FAIL(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed, 0), EPERM);
	EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, sealed, 0));
	EXPECT_FAIL(fcntl(sealed, F_ADD_SEALS, F_SEAL_SEAL), EPERM);
	EXPECT_EQ(fcntl(sealed, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	EXPECT_FAIL(fcntl(new_file("f", "", 0), F_GET_SEALS), EINVAL);
}
