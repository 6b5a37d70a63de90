/*
 * Calls that hardly anybody makes: ustat, setdomainname, io_cancel, io_pgetevents, mount_setattr, lsm_list_modules,
 * file_getattr: what they answer, and what they refuse.
 */
#include "child.h"
#include <linux/aio_abi.h>
#include <sys/utsname.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_lsm_list_modules
#define SYS_lsm_list_modules 461
#endif
#define SYS_FILE_GETATTR 468
#define SYS_FILE_SETATTR 469

TEST(ustat_of_a_device)
{
	struct { int32_t tfree; uint64_t tinode; char fname[6], fpack[6]; } u;
	struct stat st;

	EXPECT_OK(stat("/proc", &st));
	EXPECT_OK(syscall(SYS_ustat, (unsigned)st.st_dev, &u));
	EXPECT_EQ(u.fname[0], 0);
	EXPECT_ERRNO(syscall(SYS_ustat, 0xfffff, &u), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ustat, (unsigned)st.st_dev, 8), EFAULT);
}

ROLE(names_the_domain)
{
	struct utsname n, m;

	EXPECT_OK(uname(&n));
	if (unshare(0x04000000 /* CLONE_NEWUTS */))
		return 3;
	EXPECT_OK(setdomainname("here", 4));
	EXPECT_OK(uname(&m));
	EXPECT_EQ(strcmp(m.domainname, "here"), 0);
	EXPECT_EQ(strcmp(m.nodename, n.nodename), 0);
	EXPECT_ERRNO(syscall(SYS_setdomainname, "x", 65), EINVAL);
	EXPECT_ERRNO(syscall(SYS_setdomainname, 8, 4), EFAULT);
	EXPECT_OK(setuid(65534));
	EXPECT_ERRNO(setdomainname("x", 1), EPERM);
	return 0;
}

TEST(domain_name)
{
	int st;
	pid_t pid;

	if (geteuid())
		SKIP("needs root");
	pid = spawn_self("names_the_domain");
	EXPECT_EQ(waitpid(pid, &st, 0), pid);
	if (WIFEXITED(st) && WEXITSTATUS(st) == 3)
		SKIP("may not make a namespace");
	EXPECT_EQ(st, 0);
}

static void on_alarm(int sig)
{
	(void)sig;
}

TEST(aio_cancel_and_masked_wait)
{
	struct { const sigset_t *mask; size_t size; } sig;
	struct timespec soon = { 0, 20000000 };
	struct iocb cb = { 0 }, *list = &cb;
	aio_context_t ctx = 0;
	struct io_event ev;
	char buf[4] = "abc";
	sigset_t mask;
	int fd = tmp_file("f", "", 0);

	if (syscall(SYS_io_setup, 4, &ctx) && errno == ENOSYS)
		SKIP("no aio");
	EXPECT_ERRNO(syscall(SYS_io_cancel, 0, &cb, &ev), EINVAL);
	EXPECT_ERRNO(syscall(SYS_io_cancel, ctx, 8, &ev), EFAULT);
	EXPECT_ERRNO(syscall(SYS_io_cancel, ctx, &cb, &ev), EINVAL);
	signal(SIGUSR1, on_alarm);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &mask, NULL));
	raise(SIGUSR1);
	sig.mask = &mask;
	sig.size = 8;
	EXPECT_EQ(syscall(SYS_io_pgetevents, ctx, 1, 1, &ev, &soon, &sig), 0);
	sigemptyset(&mask);
	EXPECT_ERRNO(syscall(SYS_io_pgetevents, ctx, 1, 1, &ev, &soon, &sig), EINTR);
	sig.size = 4;
	EXPECT_ERRNO(syscall(SYS_io_pgetevents, ctx, 1, 1, &ev, &soon, &sig), EINVAL);
	EXPECT_ERRNO(syscall(SYS_io_pgetevents, ctx, 1, 1, &ev, &soon, 8), EFAULT);
	cb.aio_lio_opcode = IOCB_CMD_PWRITE;
	cb.aio_fildes = (uint32_t)fd;
	cb.aio_buf = (uintptr_t)buf;
	cb.aio_nbytes = 3;
	cb.aio_data = 77;
	EXPECT_EQ(syscall(SYS_io_submit, ctx, 1, &list), 1);
	EXPECT_EQ(syscall(SYS_io_pgetevents, ctx, 1, 1, &ev, NULL, NULL), 1);
	EXPECT_EQ(ev.data, 77);
	EXPECT_EQ(ev.res, 3);
	EXPECT_ERRNO(syscall(SYS_io_cancel, ctx, &cb, &ev), EINVAL); /* done by now */
	EXPECT_OK(syscall(SYS_io_destroy, ctx));
	EXPECT_ERRNO(syscall(SYS_io_cancel, ctx, &cb, &ev), EINVAL);
	close(fd);
}

TEST(mount_setattr_refusals)
{
	struct { uint64_t set, clr, propagation, userns; } a = { 0 };

	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &a, sizeof(a)) && (errno == ENOSYS || errno == EPERM))
		SKIP("may not");
	EXPECT_ERRNO(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0x40000, &a, sizeof(a)), EINVAL);
	EXPECT_ERRNO(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &a, 8), EINVAL);
	a.set = 1UL << 50;
	EXPECT_ERRNO(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &a, sizeof(a)), EINVAL);
	a.set = 1;
	EXPECT_ERRNO(syscall(SYS_mount_setattr, AT_FDCWD, tmp_path("none"), 0, &a, sizeof(a)), ENOENT);
	EXPECT_OK(mkdir(tmp_path("d"), 0700));
	EXPECT_ERRNO(syscall(SYS_mount_setattr, AT_FDCWD, tmp_path("d"), 0, &a, sizeof(a)), EINVAL); /* no mount */
}

TEST(security_modules)
{
	uint64_t ids[32];
	uint32_t size = sizeof(ids);
	long n = syscall(SYS_lsm_list_modules, ids, &size, 0);

	if (n < 0 && errno == ENOSYS)
		SKIP("not in this kernel");
	EXPECT_GE(n, 0);
	EXPECT_EQ(size, n * 8);
	EXPECT_ERRNO(syscall(SYS_lsm_list_modules, ids, &size, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_lsm_list_modules, ids, 8, 0), EFAULT);
	size = 0;
	if (n)
		EXPECT_ERRNO(syscall(SYS_lsm_list_modules, ids, &size, 0), E2BIG);
	EXPECT_EQ(size, n * 8);
}

TEST(attributes_of_files)
{
	struct { uint64_t xflags; uint32_t extsize, nextents, projid, cowextsize; } a;
	int fd = tmp_file("f", "", 0);

	close(fd);
	if (syscall(SYS_FILE_GETATTR, AT_FDCWD, tmp_path("f"), &a, sizeof(a), 0) && (errno == ENOSYS || errno == EOPNOTSUPP))
		SKIP("not in this kernel or file system");
	EXPECT_ERRNO(syscall(SYS_FILE_GETATTR, AT_FDCWD, tmp_path("none"), &a, sizeof(a), 0), ENOENT);
	EXPECT_ERRNO(syscall(SYS_FILE_GETATTR, AT_FDCWD, tmp_path("f"), &a, 8, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_FILE_GETATTR, AT_FDCWD, tmp_path("f"), &a, sizeof(a), 0x40000), EINVAL);
	EXPECT_OK(syscall(SYS_FILE_GETATTR, AT_FDCWD, tmp_path("f"), &a, sizeof(a), 0));
	EXPECT_OK(syscall(SYS_FILE_SETATTR, AT_FDCWD, tmp_path("f"), &a, sizeof(a), 0));
}
