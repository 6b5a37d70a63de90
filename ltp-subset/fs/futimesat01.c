/* futimesat, utimes and utime: times that are set, errors. */
#include "../lst.h"
#include <sys/time.h>
#include <utime.h>

static void run(void)
{
	struct timeval tv[2] = { { 1000, 250000 }, { 2000, 750000 } }, bad[2] = { { 1, 1000000 }, { 1, 0 } };
	struct utimbuf u = { 3000, 4000 };
	struct stat st;
	int dir = MUST(open(".", O_RDONLY | O_DIRECTORY));

	close(new_file("f", "", 0));
	EXPECT_OK(syscall(SYS_futimesat, dir, "f", tv));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_EQ(st.st_atim.tv_nsec, 250000000);
	EXPECT_EQ(st.st_mtim.tv_sec, 2000);
	EXPECT_EQ(st.st_mtim.tv_nsec, 750000000);
	EXPECT_FAIL(syscall(SYS_futimesat, dir, "f", bad), EINVAL);
	EXPECT_FAIL(syscall(SYS_futimesat, dir, "none", tv), ENOENT);
	EXPECT_FAIL(syscall(SYS_futimesat, BAD_FD, "f", tv), EBADF);
	EXPECT_FAIL(syscall(SYS_futimesat, dir, "f", BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_utimes, "f", bad), EINVAL);
	EXPECT_FAIL(syscall(SYS_utimes, "none", tv), ENOENT);
	EXPECT_OK(syscall(SYS_utime, "f", &u));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_atim.tv_sec, 3000);
	EXPECT_EQ(st.st_mtim.tv_sec, 4000);
	EXPECT_EQ(st.st_mtim.tv_nsec, 0);
	EXPECT_FAIL(syscall(SYS_utime, "f", BAD_PTR), EFAULT);
	NEED_ROOT();
	MUST(seteuid(LST_NOBODY));
	EXPECT_FAIL(syscall(SYS_utime, "f", &u), EPERM);
	EXPECT_FAIL(syscall(SYS_utime, "f", NULL), EACCES);
	MUST(seteuid(0));
}
