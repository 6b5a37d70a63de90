/*
 * Every pointer argument of the usual calls, one at a time, set to every kind of wild pointer: the
 * answer is EFAULT, the rest of the arguments being right.
 */
#include "naughty.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>

/* Stands in the table for the wild pointer. */
#define W	0x5157494c44ul

struct attack {
	const char *name;
	long nr;
	unsigned long arg[6];
};

static char buf[8192];
static struct iovec good_iov[1] = { { buf, 4 } };
static struct timespec soon;
static int file, dir, rpipe, wpipe;

static void expect_efault(const struct attack *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		unsigned long v[6];
		long r;

		for (int j = 0; j < 6; j++)
			v[j] = a->arg[j] == W ? wild[i] : a->arg[j];
		errno = 0;
		r = syscall(a->nr, v[0], v[1], v[2], v[3], v[4], v[5]);
		if (r != -1 || errno != EFAULT)
			FAIL("%s with %#lx gives %ld, errno %d", a->name, wild[i], r, errno);
	}
}

#define A(call, ...)	{ #call, SYS_##call, { __VA_ARGS__ } }
#define P(x)		(unsigned long)(x)
#define RUN(...)								\
	do {									\
		const struct attack list[] = { __VA_ARGS__ };			\
		for (size_t n = 0; n < ARRAY_SIZE(list); n++)			\
			expect_efault(&list[n]);				\
	} while (0)

static void set_up(void)
{
	int p[2];

	file = tmp_file("f", "0123456789abcdef", 16);
	dir = EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY));
	EXPECT_OK(pipe(p));
	rpipe = p[0];
	wpipe = p[1];
	EXPECT_EQ(write(wpipe, "data", 4), 4);
}

static void tear_down(void)
{
	close(file);
	close(dir);
	close(rpipe);
	close(wpipe);
}

TEST(paths)
{
	set_up();
	RUN(A(open, W, O_RDONLY), A(openat, AT_FDCWD, W, O_RDONLY), A(creat, W, 0600),
	    A(stat, W, P(buf)), A(lstat, W, P(buf)), A(newfstatat, AT_FDCWD, W, P(buf), 0),
	    A(access, W, F_OK), A(faccessat, AT_FDCWD, W, F_OK), A(chdir, W), A(mkdir, W, 0700),
	    A(rmdir, W), A(unlink, W), A(unlinkat, AT_FDCWD, W, 0), A(rename, W, P("/tmp")),
	    A(rename, P("/tmp"), W), A(link, W, P("/tmp/x")), A(link, P("/tmp"), W),
	    A(symlink, W, P("/tmp/x")), A(symlink, P("x"), W), A(readlink, W, P(buf), 10),
	    A(chmod, W, 0600), A(chown, W, 0, 0), A(lchown, W, 0, 0), A(truncate, W, 0),
	    A(statfs, W, P(buf)), A(utimensat, AT_FDCWD, W, 0, 0), A(mknod, W, S_IFREG, 0),
	    A(execve, W, 0, 0));
	tear_down();
}

TEST(file_data)
{
	set_up();
	RUN(A(read, file, W, 4), A(write, file, W, 4), A(pread64, file, W, 4, 0),
	    A(pwrite64, file, W, 4, 0), A(readv, file, W, 1), A(writev, file, W, 1),
	    A(preadv, file, W, 1, 0, 0), A(pwritev, file, W, 1, 0, 0), A(read, rpipe, W, 4),
	    A(write, wpipe, W, 4), A(getdents64, dir, W, 4096));
	tear_down();
}

TEST(file_structures)
{
	set_up();
	RUN(A(fstat, file, W), A(stat, P("/"), W), A(newfstatat, AT_FDCWD, P("/"), W, 0),
	    A(statx, AT_FDCWD, P("/"), 0, STATX_BASIC_STATS, W), A(fstatfs, file, W),
	    A(statfs, P("/"), W), A(getcwd, W, 4096), A(readlink, P("/proc/self/exe"), W, 100),
	    A(pipe, W), A(pipe2, W, O_CLOEXEC), A(fcntl, file, F_GETLK, W),
	    A(fcntl, file, F_SETLK, W), A(ioctl, rpipe, 0x541b, W),
	    A(utimensat, AT_FDCWD, P("/tmp"), W, 0));
	tear_down();
}

TEST(iovec_elements)
{
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		struct iovec v = { (void *)wild[i], 4 };

		EXPECT_ERRNO(syscall(SYS_writev, file, &v, 1), EFAULT);
		EXPECT_ERRNO(syscall(SYS_pwritev, file, &v, 1, 0, 0), EFAULT);
		EXPECT_ERRNO(syscall(SYS_readv, file, &v, 1), EFAULT);
		EXPECT_ERRNO(syscall(SYS_writev, wpipe, &v, 1), EFAULT);
	}
	tear_down();
}

TEST(waiting)
{
	struct pollfd p = { rpipe, POLLIN, 0 };
	struct epoll_event ev = { .events = EPOLLIN };
	int e = EXPECT_OK(epoll_create1(0));

	set_up();
	p.fd = rpipe;
	EXPECT_OK(epoll_ctl(e, EPOLL_CTL_ADD, rpipe, &ev));
	RUN(A(poll, W, 1, 0), A(ppoll, W, 1, P(&soon), 0, 8), A(ppoll, P(&p), 1, W, 0, 8),
	    A(ppoll, P(&p), 1, P(&soon), W, 8), A(select, 8, W, 0, 0, P(&soon)),
	    A(select, 0, 0, 0, 0, W), A(epoll_wait, e, W, 1, 0),
	    A(epoll_ctl, e, EPOLL_CTL_ADD, wpipe, W), A(nanosleep, W, 0),
	    A(clock_nanosleep, CLOCK_MONOTONIC, 0, W, 0));
	close(e);
	tear_down();
}

TEST(signals)
{
	RUN(A(rt_sigaction, SIGUSR1, W, 0, 8), A(rt_sigaction, SIGUSR1, 0, W, 8),
	    A(rt_sigprocmask, SIG_BLOCK, W, 0, 8), A(rt_sigprocmask, SIG_BLOCK, 0, W, 8),
	    A(rt_sigpending, W, 8), A(sigaltstack, W, 0), A(sigaltstack, 0, W),
	    A(rt_sigtimedwait, W, 0, P(&soon), 8), A(rt_sigsuspend, W, 8),
	    A(setitimer, ITIMER_REAL, W, 0), A(getitimer, ITIMER_REAL, W));
}

TEST(information)
{
	RUN(A(uname, W), A(sysinfo, W), A(times, W), A(getrusage, RUSAGE_SELF, W),
	    A(getrlimit, RLIMIT_STACK, W), A(setrlimit, RLIMIT_CORE, W),
	    A(prlimit64, 0, RLIMIT_CORE, W, 0), A(prlimit64, 0, RLIMIT_CORE, 0, W),
	    A(clock_gettime, CLOCK_MONOTONIC, W), A(clock_getres, CLOCK_MONOTONIC, W),
	    A(getrandom, W, 16, 0), A(sched_getaffinity, 0, 128, W),
	    A(getresuid, W, P(buf), P(buf)), A(getresuid, P(buf), P(buf), W),
	    A(getresgid, P(buf), W, P(buf)), A(prctl, 15 /* PR_SET_NAME */, W));
	EXPECT_EQ(good_iov[0].iov_len, 4);
}

ROLE(gettimeofday_wild)
{
	EXPECT_ERRNO(syscall(SYS_gettimeofday, strtoull(argv[0], NULL, 0), 0), EFAULT);
	return 0;
}

TEST(time_of_day)
{
	char num[32];

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		snprintf(num, sizeof(num), "%#lx", wild[i]);
		EXPECT_EXIT(spawn_self("gettimeofday_wild", num), 0);
	}
	expect_alive();
}
