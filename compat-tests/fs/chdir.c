/* chdir(2) and fchdir(2): descriptors, refusals, shared by threads, and chroot(2) as root. */
#include "user.h"

TEST(fchdir)
{
	struct stat a, b;
	int d, fd = tmp_file("f", "", 0);

	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	d = EXPECT_OK(open(tmp_path("d"), O_RDONLY));
	EXPECT_OK(fchdir(d));
	EXPECT_OK(stat(".", &a));
	EXPECT_OK(fstat(d, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_OK(access("../f", F_OK));
	EXPECT_ERRNO(fchdir(fd), ENOTDIR);
	EXPECT_ERRNO(fchdir(-1), EBADF);
	close(d);
	d = EXPECT_OK(open(test_tmpdir(), O_PATH));
	EXPECT_OK(fchdir(d));
	EXPECT_OK(access("f", F_OK));
	close(d);
	close(fd);
}

TEST(refusals)
{
	close(tmp_file("f", "", 0));
	EXPECT_ERRNO(chdir(tmp_path("f")), ENOTDIR);
	EXPECT_ERRNO(chdir(tmp_path("none")), ENOENT);
	EXPECT_ERRNO(chdir(""), ENOENT);
	EXPECT_ERRNO(syscall(SYS_chdir, bad_ptr()), EFAULT);
}

static void *go(void *dir)
{
	EXPECT_OK(chdir(dir));
	return NULL;
}

TEST(threads_share_it)
{
	pthread_t t;

	close(tmp_file("f", "", 0));
	EXPECT_EQ(pthread_create(&t, NULL, go, (void *)test_tmpdir()), 0);
	pthread_join(t, NULL);
	EXPECT_OK(access("f", F_OK));
}

ROLE(in_chroot)
{
	char buf[64];

	EXPECT_OK(chroot(argv[0]));
	EXPECT_OK(chdir("/"));
	EXPECT_OK(access("/f", F_OK));
	EXPECT_OK(access("/../../f", F_OK));
	EXPECT_OK(access("/l", F_OK));
	EXPECT_ERRNO(access("/tmp", F_OK), ENOENT);
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/");
	return 0;
}

TEST(chroot_as_root)
{
	if (geteuid())
		SKIP("needs root");
	close(tmp_file("f", "", 0));
	EXPECT_OK(symlink("/f", tmp_path("l")));
	EXPECT_EXIT(spawn_self("in_chroot", test_tmpdir()), 0);
	EXPECT_ERRNO(chroot(tmp_path("f")), ENOTDIR);
	EXPECT_ERRNO(chroot(tmp_path("none")), ENOENT);
	EXPECT_OK(access("/tmp", F_OK));
}

TEST(chroot_as_user)
{
	test_tmpdir();
	become_user();
	EXPECT_ERRNO(chroot(test_tmpdir()), EPERM);
	become_root();
}
