/*
 * access(2) and faccessat(2): existence, the three permissions, real against effective ids,
 * execution by root.
 */
#include "user.h"

TEST(existence)
{
	close(tmp_file("f", "", 0));
	EXPECT_OK(access(tmp_path("f"), F_OK));
	EXPECT_ERRNO(access(tmp_path("none"), F_OK), ENOENT);
	EXPECT_ERRNO(access(tmp_path("f/x"), F_OK), ENOTDIR);
	EXPECT_ERRNO(access(tmp_path("f"), 8), EINVAL);
	EXPECT_ERRNO(access("", F_OK), ENOENT);
	EXPECT_ERRNO(syscall(SYS_access, bad_ptr(), F_OK), EFAULT);
	EXPECT_OK(symlink("none", tmp_path("l")));
	EXPECT_ERRNO(access(tmp_path("l"), F_OK), ENOENT);
	EXPECT_OK(faccessat(AT_FDCWD, tmp_path("l"), F_OK, AT_SYMLINK_NOFOLLOW));
}

TEST(root_reads_all_but_executes_only_with_a_bit)
{
	if (geteuid())
		SKIP("needs root");
	close(tmp_file("f", "", 0));
	EXPECT_OK(chmod(tmp_path("f"), 0));
	EXPECT_OK(access(tmp_path("f"), R_OK | W_OK));
	EXPECT_ERRNO(access(tmp_path("f"), X_OK), EACCES);
	EXPECT_OK(chmod(tmp_path("f"), 0001));
	EXPECT_OK(access(tmp_path("f"), X_OK));
	EXPECT_OK(mkdir(tmp_path("d"), 0));
	EXPECT_OK(access(tmp_path("d"), X_OK));
}

TEST(owner_bits)
{
	EXPECT_OK(chmod(user_dir(), 0755));
	become_user();
	close(tmp_file("u/f", "", 0));
	for (int m = 0; m < 8; m++) {
		EXPECT_OK(chmod(tmp_path("u/f"), m << 6));
		for (int want = 1; want < 8; want++) {
			int r = faccessat(AT_FDCWD, tmp_path("u/f"), want, AT_EACCESS);

			EXPECT_EQ(r, (m & want) == want ? 0 : -1);
			EXPECT(!r || errno == EACCES);
		}
	}
	become_root();
}

TEST(real_ids_count)
{
	if (geteuid())
		SKIP("needs root");
	user_dir();
	close(tmp_file("f", "", 0));
	EXPECT_OK(chmod(tmp_path("f"), 0600));
	become_user();
	EXPECT_OK(access(tmp_path("f"), R_OK));
	EXPECT_ERRNO(faccessat(AT_FDCWD, tmp_path("f"), R_OK, AT_EACCESS), EACCES);
	become_root();
}

TEST(search_permission)
{
	EXPECT_OK(chmod(user_dir(), 0755));
	become_user();
	EXPECT_OK(mkdir(tmp_path("u/d"), 0755));
	close(tmp_file("u/d/f", "", 0));
	EXPECT_OK(chmod(tmp_path("u/d"), 0600));
	EXPECT_ERRNO(faccessat(AT_FDCWD, tmp_path("u/d/f"), F_OK, AT_EACCESS), EACCES);
	EXPECT_ERRNO(open(tmp_path("u/d/f"), O_RDONLY), EACCES);
	EXPECT_OK(chmod(tmp_path("u/d"), 0700));
	EXPECT_OK(faccessat(AT_FDCWD, tmp_path("u/d/f"), F_OK, AT_EACCESS));
	become_root();
}
