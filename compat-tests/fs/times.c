/*
 * File times: utimensat(2) in all its forms, nanoseconds, UTIME_NOW and UTIME_OMIT, and which
 * operations move which stamp.
 */
#include "../test.h"
#include <sys/time.h>
#include <utime.h>

static struct stat stat_of(const char *name)
{
	struct stat st;

	EXPECT_OK(lstat(tmp_path(name), &st));
	return st;
}

static void set_old(const char *name)
{
	struct timespec t[2] = { { 1000, 1 }, { 2000, 2 } };

	EXPECT_OK(utimensat(AT_FDCWD, tmp_path(name), t, AT_SYMLINK_NOFOLLOW));
}

TEST(nanoseconds)
{
	struct stat st;

	close(tmp_file("f", "", 0));
	set_old("f");
	st = stat_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_EQ(st.st_atim.tv_nsec, 1);
	EXPECT_EQ(st.st_mtim.tv_sec, 2000);
	EXPECT_EQ(st.st_mtim.tv_nsec, 2);
	EXPECT_GT(st.st_ctim.tv_sec, 2000);
}

TEST(now_and_omit)
{
	struct timespec t[2] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
	time_t before = time(NULL) - 1;
	struct stat st;

	close(tmp_file("f", "", 0));
	set_old("f");
	EXPECT_OK(utimensat(AT_FDCWD, tmp_path("f"), t, 0));
	st = stat_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_GE(st.st_mtim.tv_sec, before);
	set_old("f");
	EXPECT_OK(utimensat(AT_FDCWD, tmp_path("f"), NULL, 0));
	st = stat_of("f");
	EXPECT_GE(st.st_atim.tv_sec, before);
	EXPECT_GE(st.st_mtim.tv_sec, before);
}

TEST(old_interfaces)
{
	struct timeval tv[2] = { { 10, 500000 }, { 20, 250000 } };
	struct utimbuf ut = { 30, 40 };
	struct stat st;
	int fd = tmp_file("f", "", 0);

	EXPECT_OK(utimes(tmp_path("f"), tv));
	st = stat_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 10);
	EXPECT_EQ(st.st_atim.tv_nsec, 500000000);
	EXPECT_EQ(st.st_mtim.tv_nsec, 250000000);
	EXPECT_OK(utime(tmp_path("f"), &ut));
	st = stat_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 30);
	EXPECT_EQ(st.st_mtim.tv_sec, 40);
	tv[0].tv_usec = 1000000;
	EXPECT_ERRNO(futimes(fd, tv), EINVAL);
	close(fd);
}

TEST(links)
{
	struct stat st;

	close(tmp_file("f", "", 0));
	set_old("f");
	EXPECT_OK(symlink("f", tmp_path("l")));
	struct timespec t[2] = { { 7, 0 }, { 8, 0 } };
	EXPECT_OK(utimensat(AT_FDCWD, tmp_path("l"), t, AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(stat_of("l").st_mtim.tv_sec, 8);
	EXPECT_EQ(stat_of("f").st_mtim.tv_sec, 2000);
	EXPECT_OK(utimensat(AT_FDCWD, tmp_path("l"), t, 0));
	st = stat_of("f");
	EXPECT_EQ(st.st_mtim.tv_sec, 8);
}

TEST(refusals)
{
	struct timespec bad[2] = { { 0, 1000000000 }, { 0, 0 } };

	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("f"), bad, 0), EINVAL);
	bad[0].tv_nsec = -1;
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("f"), bad, 0), EINVAL);
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("none"), NULL, 0), ENOENT);
	EXPECT_ERRNO(utimensat(AT_FDCWD, tmp_path("f"), NULL, 0x4000000), EINVAL);
	EXPECT_ERRNO(syscall(SYS_utimensat, AT_FDCWD, tmp_path("f"), bad_ptr(), 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futimens(-1, NULL), EBADF);
}

TEST(write_moves_mtime_and_ctime)
{
	struct stat st;
	int fd = tmp_file("f", "", 0);

	set_old("f");
	EXPECT_EQ(write(fd, "x", 1), 1);
	st = stat_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_GT(st.st_mtim.tv_sec, 2000);
	EXPECT_GT(st.st_ctim.tv_sec, 2000);
	close(fd);
}

TEST(chmod_moves_ctime_only)
{
	struct stat a, b;

	close(tmp_file("f", "", 0));
	set_old("f");
	a = stat_of("f");
	sleep_ms(20);
	EXPECT_OK(chmod(tmp_path("f"), 0600));
	b = stat_of("f");
	EXPECT_EQ(b.st_mtim.tv_sec, 2000);
	EXPECT(b.st_ctim.tv_sec > a.st_ctim.tv_sec || b.st_ctim.tv_nsec > a.st_ctim.tv_nsec);
}

TEST(names_move_the_directory)
{
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	set_old("d");
	close(tmp_file("d/f", "", 0));
	EXPECT_GT(stat_of("d").st_mtim.tv_sec, 2000);
	set_old("d");
	EXPECT_OK(rename(tmp_path("d/f"), tmp_path("d/g")));
	EXPECT_GT(stat_of("d").st_mtim.tv_sec, 2000);
	set_old("d");
	EXPECT_OK(unlink(tmp_path("d/g")));
	EXPECT_GT(stat_of("d").st_mtim.tv_sec, 2000);
	set_old("d");
	EXPECT_OK(chmod(tmp_path("d"), 0700));
	EXPECT_EQ(stat_of("d").st_mtim.tv_sec, 2000);
}

TEST(new_files_have_the_time_of_now)
{
	time_t before = time(NULL) - 1;
	struct stat st;

	close(tmp_file("f", "", 0));
	st = stat_of("f");
	EXPECT_GE(st.st_atim.tv_sec, before);
	EXPECT_GE(st.st_mtim.tv_sec, before);
	EXPECT_LE(st.st_mtim.tv_sec, time(NULL));
}
