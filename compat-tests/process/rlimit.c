/*
 * Resource limits: getrlimit, setrlimit and prlimit with their errors, inheritance, and the limits
 * that bite: open files, file size (SIGXFSZ, EFBIG), queued signals, message queues and CPU time (SIGXCPU).
 */
#include "child.h"
#include <mqueue.h>

TEST(read_all_of_them)
{
	struct rlimit a, b;

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		EXPECT_OK(getrlimit(i, &a));
		EXPECT_OK(prlimit(0, i, NULL, &b));
		EXPECT_MEM(&a, &b, sizeof(a));
		EXPECT(a.rlim_cur <= a.rlim_max);
	}
}

TEST(errors)
{
	struct rlimit rl = { 10, 5 };

	EXPECT_ERRNO(getrlimit(99, &rl), EINVAL);
	EXPECT_ERRNO(setrlimit(99, &rl), EINVAL);
	EXPECT_ERRNO(setrlimit(RLIMIT_NOFILE, &rl), EINVAL);
	EXPECT_ERRNO(syscall(SYS_prlimit64, 0, RLIMIT_CORE, (void *)8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, (void *)8), EFAULT);
	EXPECT_ERRNO(prlimit(0x3ffffff, RLIMIT_CORE, NULL, &rl), ESRCH);
}

ROLE(sets)
{
	struct rlimit rl, want = { 50, 100 };

	EXPECT_OK(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }));
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &want));
	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &rl));
	EXPECT_EQ(rl.rlim_cur, 50);
	EXPECT_EQ(rl.rlim_max, 100);
	want.rlim_cur = 100;
	EXPECT_OK(prlimit(0, RLIMIT_NOFILE, &want, &rl));
	EXPECT_EQ(rl.rlim_cur, 50);
	EXPECT_EXIT(spawn_self("inherits"), 0);
	return 0;
}

ROLE(inherits)
{
	struct rlimit rl;

	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &rl));
	EXPECT_EQ(rl.rlim_cur, 100);
	EXPECT_EQ(rl.rlim_max, 100);
	EXPECT_EQ(sysconf(_SC_OPEN_MAX), 100);
	EXPECT_OK(getrlimit(RLIMIT_CORE, &rl));
	EXPECT_EQ(rl.rlim_max, 0);
	return 0;
}

TEST(set_and_inherit)
{
	EXPECT_EXIT(spawn_self("sets"), 0);
}

ROLE(pause)
{
	pause();
	return 1;
}

TEST(limits_of_a_child)
{
	struct rlimit rl = { 33, 44 }, old, now;
	pid_t pid = spawn_self("pause");

	EXPECT_OK(prlimit(pid, RLIMIT_NOFILE, &rl, &old));
	EXPECT_OK(prlimit(pid, RLIMIT_NOFILE, NULL, &now));
	EXPECT_EQ(now.rlim_cur, 33);
	EXPECT_EQ(now.rlim_max, 44);
	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &now));
	EXPECT_MEM(&now, &old, sizeof(now));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}

ROLE(open_files)
{
	struct rlimit rl = { 20, 40 };
	int fd[2], n = 0;

	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &rl));
	while (dup(0) >= 0)
		EXPECT_LT(n++, 20);
	EXPECT_EQ(errno, EMFILE);
	EXPECT_ERRNO(open("/", O_RDONLY), EMFILE);
	EXPECT_ERRNO(pipe(fd), EMFILE);
	EXPECT_ERRNO(dup2(0, 20), EBADF);
	EXPECT_ERRNO(fcntl(0, F_DUPFD, 20), EINVAL);
	close(19);
	EXPECT_ERRNO(pipe(fd), EMFILE);		/* needs two */
	EXPECT_EQ(dup(0), 19);
	EXPECT_EQ(dup2(0, 19), 19);
	rl.rlim_cur = 30;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &rl));
	EXPECT_EQ(dup(0), 20);
	rl.rlim_cur = 10;			/* what is open stays open */
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &rl));
	EXPECT_OK(fcntl(20, F_GETFD));
	EXPECT_ERRNO(dup(0), EMFILE);
	return 0;
}

TEST(nofile)
{
	EXPECT_EXIT(spawn_self("open_files"), 0);
}

ROLE(file_size)
{
	struct rlimit rl = { 1000, RLIM_INFINITY };
	int fd = EXPECT_OK(open(argv[0], O_RDWR | O_CREAT | O_TRUNC, 0644));
	char buf[600] = "";

	EXPECT_OK(setrlimit(RLIMIT_FSIZE, &rl));
	if (argc == 1)
		signal(SIGXFSZ, SIG_IGN);
	EXPECT_EQ(write(fd, buf, 600), 600);
	EXPECT_EQ(write(fd, buf, 600), 400);
	EXPECT_ERRNO(write(fd, buf, 1), EFBIG);
	EXPECT_ERRNO(ftruncate(fd, 1001), EFBIG);
	EXPECT_OK(ftruncate(fd, 1000));
	return 0;
}

TEST(fsize)
{
	EXPECT_EXIT(spawn_self("file_size", tmp_path("f")), 0);
	EXPECT_SIGNALED(spawn_self("file_size", tmp_path("f"), "deadly"), SIGXFSZ);
}

static siginfo_t too_big;

static void on_too_big(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	too_big = *info;
}

ROLE(file_space)
{
	struct sigaction sa = { .sa_sigaction = on_too_big, .sa_flags = SA_SIGINFO };
	struct rlimit rl = { 1000, RLIM_INFINITY };
	int fd = EXPECT_OK(open(argv[0], O_RDWR | O_CREAT | O_TRUNC, 0644));

	sigaction(SIGXFSZ, &sa, NULL);
	EXPECT_OK(setrlimit(RLIMIT_FSIZE, &rl));
	if (fallocate(fd, 0, 0, 1000) && errno == EOPNOTSUPP)
		return 0;
	EXPECT_ERRNO(fallocate(fd, 0, 0, 2000), EFBIG);
	EXPECT_EQ(too_big.si_signo, SIGXFSZ);
	EXPECT_EQ(too_big.si_code, SI_USER);
	EXPECT_EQ(too_big.si_pid, getpid());
	return 0;
}

TEST(space_and_who_complains)
{
	EXPECT_EXIT(spawn_self("file_space", tmp_path("f")), 0);
}

/* Timers keep a place in the queue of signals; a message queue costs its messages and 96 bytes for each. */
ROLE(queues)
{
	struct mq_attr at = { .mq_maxmsg = 10, .mq_msgsize = 100 };
	struct rlimit rl = { 2, 2 };
	char name[32];
	timer_t t[3];
	int q;

	if (geteuid() == 0)
		EXPECT_OK(setuid(64321));
	snprintf(name, sizeof(name), "/limit-%d", getpid());
	EXPECT_OK(setrlimit(RLIMIT_SIGPENDING, &rl));
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, NULL, &t[0]));
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, NULL, &t[1]));
	EXPECT_ERRNO(timer_create(CLOCK_MONOTONIC, NULL, &t[2]), EAGAIN);
	EXPECT_ERRNO(sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }), EAGAIN);
	EXPECT_OK(timer_delete(t[0]));
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, NULL, &t[2]));
	rl.rlim_cur = 1959;
	rl.rlim_max = 1960;
	EXPECT_OK(setrlimit(RLIMIT_MSGQUEUE, &rl));
	EXPECT_ERRNO(mq_open(name, O_CREAT | O_RDWR, 0600, &at), EMFILE);
	rl.rlim_cur = 1960;
	EXPECT_OK(setrlimit(RLIMIT_MSGQUEUE, &rl));
	q = EXPECT_OK(mq_open(name, O_CREAT | O_RDWR, 0600, &at));
	EXPECT_OK(mq_unlink(name));
	close(q);
	return 0;
}

TEST(signals_and_messages)
{
	if (geteuid())
		SKIP("needs a user of its own");
	EXPECT_EXIT(spawn_self("queues"), 0);
}

ROLE(cpu_time)
{
	struct rlimit rl = { 1, 3 };

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	EXPECT_OK(setrlimit(RLIMIT_CPU, &rl));
	for (volatile unsigned long i = 1; i; i++)
		;
	return 1;
}

TEST(cpu)
{
	EXPECT_SIGNALED(spawn_self("cpu_time"), SIGXCPU);
}

ROLE(without_privilege)
{
	struct rlimit rl = { 5, 6 };

	if (geteuid() == 0)
		EXPECT_OK(setuid(65534));
	EXPECT_OK(setrlimit(RLIMIT_CORE, &rl));
	rl.rlim_max = 7;
	EXPECT_ERRNO(setrlimit(RLIMIT_CORE, &rl), EPERM);
	rl.rlim_cur = rl.rlim_max = 3;
	EXPECT_OK(setrlimit(RLIMIT_CORE, &rl));
	return 0;
}

TEST(hard_limit_only_falls)
{
	struct rlimit rl;

	EXPECT_OK(getrlimit(RLIMIT_CORE, &rl));
	if (rl.rlim_max < 6)
		SKIP("the hard limit is too low already");
	EXPECT_EXIT(spawn_self("without_privilege"), 0);
}
