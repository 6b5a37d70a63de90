/*
 * What execve keeps (pid, parent, groups, session, mask, pending and ignored signals, alarm,
 * interval timers, cwd, umask, limits) and what it resets (handlers, alternate stack, memory,
 * timers of timer_create, the name).
 */
#define TEST_NO_MAIN
#include "child.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>

/* Replaces this process by a role; comes back only on failure. */
static void become(const char *role, const char *arg)
{
	execl("/proc/self/exe", "self", "--role", role, arg, NULL);
	_exit(126);
}

ROLE(ids_before)
{
	char buf[128];

	snprintf(buf, sizeof(buf), "%d %d %d %d", getpid(), getppid(), getpgrp(), getsid(0));
	become("ids_after", buf);
	return 1;
}

ROLE(ids_after)
{
	char buf[128];

	snprintf(buf, sizeof(buf), "%d %d %d %d", getpid(), getppid(), getpgrp(), getsid(0));
	EXPECT_STR(buf, argv[0]);
	EXPECT_EQ(syscall(SYS_gettid), getpid());
	return 0;
}

TEST(ids)
{
	EXPECT_EXIT(spawn_self("ids_before"), 0);
}

static void handler(int sig)
{
	(void)sig;
}

ROLE(signals_before)
{
	struct itimerval never = { { 0, 0 }, { 100, 0 } };
	stack_t ss = { .ss_sp = malloc(65536), .ss_size = 65536 };
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	kill(getpid(), SIGTERM);
	sigqueue(getpid(), SIGRTMIN + 3, (union sigval){ .sival_int = 77 });
	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigaltstack(&ss, NULL);
	setitimer(ITIMER_VIRTUAL, &never, NULL);
	become("signals_after", NULL);
	return 1;
}

ROLE(signals_after)
{
	struct sigaction usr1, usr2, chld;
	struct itimerval left;
	struct timespec now = { 0, 0 };
	siginfo_t si;
	sigset_t set;
	stack_t ss;

	sigprocmask(SIG_BLOCK, NULL, &set);
	EXPECT(sigismember(&set, SIGTERM) && sigismember(&set, SIGRTMIN + 3) &&
	       !sigismember(&set, SIGUSR1));
	sigpending(&set);
	EXPECT(sigismember(&set, SIGTERM) && sigismember(&set, SIGRTMIN + 3));
	EXPECT_EQ(sigtimedwait(&set, &si, &now), SIGTERM);
	EXPECT_EQ(sigtimedwait(&set, &si, &now), SIGRTMIN + 3);
	EXPECT_EQ(si.si_value.sival_int, 77);
	EXPECT_EQ(si.si_pid, getpid());
	sigaction(SIGUSR1, NULL, &usr1);
	sigaction(SIGUSR2, NULL, &usr2);
	sigaction(SIGCHLD, NULL, &chld);
	EXPECT(usr1.sa_handler == SIG_DFL);
	EXPECT(usr2.sa_handler == SIG_IGN);
	EXPECT(chld.sa_handler == SIG_IGN);
	EXPECT_OK(sigaltstack(NULL, &ss));
	EXPECT_EQ(ss.ss_flags, SS_DISABLE);
	EXPECT_OK(getitimer(ITIMER_VIRTUAL, &left));
	EXPECT(left.it_value.tv_sec >= 90 && left.it_value.tv_sec <= 100);
	return 0;
}

TEST(signals)
{
	EXPECT_EXIT(spawn_self("signals_before"), 0);
}

ROLE(timer_before)
{
	struct itimerspec soon = { { 0, 0 }, { 0, 300000000 } };
	timer_t t;

	signal(SIGUSR1, SIG_DFL);
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &(struct sigevent){ .sigev_notify = SIGEV_SIGNAL,
								    .sigev_signo = SIGUSR1 }, &t));
	EXPECT_OK(timer_settime(t, 0, &soon, NULL));
	become("timer_after", NULL);
	return 1;
}

ROLE(timer_after)
{
	sleep_ms(400);
	return 0;
}

TEST(posix_timers_are_gone)
{
	EXPECT_EXIT(spawn_self("timer_before"), 0);
}

ROLE(alarm_before)
{
	/*
	 * The harness arms its own alarm in every role, so a real interval timer stands for it
	 * here.
	 */
	struct itimerval t = { { 0, 0 }, { 15, 0 } };

	setitimer(ITIMER_REAL, &t, NULL);
	execl("/proc/self/exe", "self", "--alarm-left", NULL);
	return 1;
}

TEST(alarm_goes_on)
{
	EXPECT_EXIT(spawn_self("alarm_before"), 0);
}

static int alarm_left(void)
{
	unsigned int left = alarm(0);

	return left >= 10 && left <= 15 ? 0 : 1;
}

ROLE(memory_before)
{
	char addr[32],
		*p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	strcpy(p, "shared before exec");
	snprintf(addr, sizeof(addr), "%lx", (unsigned long)p);
	prctl(PR_SET_NAME, "renamed");
	become("memory_after", addr);
	return 1;
}

ROLE(memory_after)
{
	char *p = (char *)strtoul(argv[0], NULL, 16), name[17] = "";
	unsigned char vec;

	EXPECT_OK(prctl(PR_GET_NAME, name));
	EXPECT(strcmp(name, "renamed") != 0);
	EXPECT(mincore(p, 4096, &vec) == -1 || memcmp(p, "shared before exec", 18));
	return 0;
}

TEST(memory_and_name)
{
	EXPECT_EXIT(spawn_self("memory_before"), 0);
}

ROLE(files_before)
{
	struct rlimit rl = { 111, 222 };

	EXPECT_OK(chdir(argv[0]));
	umask(0137);
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &rl));
	become("files_after", argv[0]);
	return 1;
}

ROLE(files_after)
{
	char cwd[PATH_MAX], want[PATH_MAX];
	struct rlimit rl;

	EXPECT(getcwd(cwd, sizeof(cwd)) && realpath(argv[0], want));
	EXPECT_STR(cwd, want);
	EXPECT_EQ(umask(0), 0137);
	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &rl));
	EXPECT_EQ(rl.rlim_cur, 111);
	EXPECT_EQ(rl.rlim_max, 222);
	return 0;
}

TEST(directory_umask_limits)
{
	EXPECT_EXIT(spawn_self("files_before", test_tmpdir()), 0);
}

ROLE(children_before)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", spawn_self("seven"));
	become("children_after", pid);
	return 1;
}

ROLE(seven)
{
	return 7;
}

ROLE(children_after)
{
	EXPECT_EXIT(atoi(argv[0]), 7);
	return 0;
}

TEST(children_stay_children)
{
	EXPECT_EXIT(spawn_self("children_before"), 0);
}

ROLE(chain)
{
	char left[16];

	if (atoi(argv[0]) == 0)
		return getpid() == atoi(argv[1]) ? 0 : 1;
	snprintf(left, sizeof(left), "%d", atoi(argv[0]) - 1);
	execl("/proc/self/exe", "self", "--role", "chain", left, argv[1], NULL);
	return 2;
}

ROLE(chain_start)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	execl("/proc/self/exe", "self", "--role", "chain", "30", pid, NULL);
	return 2;
}

TEST(thirty_execs_in_one_process)
{
	EXPECT_EXIT(spawn_self("chain_start"), 0);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--alarm-left"))
		return alarm_left();
	return test_main(argc, argv);
}
