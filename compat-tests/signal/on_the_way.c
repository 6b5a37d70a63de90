/*
 * Signals for a process that is just starting a program or just being made: what waited before arrives in the new program's
 * first moment, what is sent meanwhile arrives too, each one once, in order and with its value; also thread- and group-wide.
 */
#include "signals.h"
#include <sched.h>
#include <sys/resource.h>

#define RT	(SIGRTMIN + 2)
#define COUNT	200

enum how { TO_PROCESS, TO_THREAD, TO_GROUP };

/* A thread that sends RT COUNT times, from as soon as there is a process to send to. */
struct sender {
	volatile pid_t to;
	enum how how;
	volatile int failed;
	pthread_t thread;
};

static int send_one(const struct sender *s, int value)
{
	siginfo_t info = { .si_code = SI_QUEUE };

	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_int = value;
	if (s->how == TO_GROUP)
		return kill(-s->to, RT);
	return (int)(s->how == TO_THREAD ? syscall(SYS_rt_tgsigqueueinfo, s->to, s->to, RT, &info) :
					   syscall(SYS_rt_sigqueueinfo, s->to, RT, &info));
}

static void *send_all(void *arg)
{
	struct sender *s = arg;

	while (!s->to)
		sched_yield();
	for (int i = 0; i < COUNT; i++) {
		if (send_one(s, i))
			s->failed = errno;
		usleep(100);
	}
	return NULL;
}

static void sender_start(struct sender *s, enum how how)
{
	s->to = 0;
	s->how = how;
	s->failed = 0;
	EXPECT_EQ(pthread_create(&s->thread, NULL, send_all, s), 0);
}

static void sender_join(struct sender *s)
{
	EXPECT_EQ(pthread_join(s->thread, NULL), 0);
	EXPECT_EQ(s->failed, 0);
}

/* COUNT signals and no more: 0. */
static int take_all(bool values)
{
	struct timespec long_time = { 10, 0 }, none = { 0, 0 };
	sigset_t set = one_signal(RT);
	siginfo_t info;

	for (int i = 0; i < COUNT; i++) {
		if (sigtimedwait(&set, &info, &long_time) != RT)
			return 10;
		if (values && (info.si_value.sival_int != i || info.si_code != SI_QUEUE || info.si_pid != getppid()))
			return 11;
	}
	return sigtimedwait(&set, &info, &none) == -1 ? 0 : 12;
}

ROLE(take_values)
{
	return take_all(true);
}

ROLE(take_count)
{
	return take_all(false);
}

static pid_t vfork_exec(struct sender *s, const char *role)
{
	pid_t pid = vfork();

	if (pid)
		return pid;
	if (s->how == TO_GROUP)
		setpgid(0, 0);
	s->to = getpid();
	execl("/proc/self/exe", "self", "--role", role, NULL);
	_exit(127);
}

static void while_it_execs(enum how how, const char *role)
{
	static struct sender s;
	pid_t pid;

	block(RT);
	sender_start(&s, how);
	pid = vfork_exec(&s, role);
	sender_join(&s);
	EXPECT_EXIT(pid, 0);
	unblock(RT);
}

TEST(to_a_process_that_execs)
{
	while_it_execs(TO_PROCESS, "take_values");
}

TEST(to_a_thread_that_execs)
{
	while_it_execs(TO_THREAD, "take_values");
}

TEST(to_a_group_whose_leader_execs)
{
	while_it_execs(TO_GROUP, "take_count");
}

/* The number is in memory before the child is there. */
static pid_t fork_told(struct sender *s)
{
	return (pid_t)syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, NULL, &s->to, NULL, NULL);
}

static void while_it_is_made(enum how how)
{
	static struct sender s;
	pid_t pid;

	block(RT);
	sender_start(&s, how);
	pid = fork_told(&s);
	if (!pid)
		_exit(take_all(true));
	sender_join(&s);
	EXPECT_EXIT(pid, 0);
	unblock(RT);
}

TEST(to_a_process_that_is_being_made)
{
	while_it_is_made(TO_PROCESS);
}

TEST(to_a_thread_that_is_being_made)
{
	while_it_is_made(TO_THREAD);
}

/* What the vfork child sent itself: pending from the start, without waiting. */
ROLE(waited_before)
{
	struct timespec none = { 0, 0 };
	sigset_t rt = one_signal(RT), usr = one_signal(SIGUSR1);
	siginfo_t info;

	if (!is_pending(RT) || !is_pending(SIGUSR1) || is_pending(SIGUSR2) || is_pending(SIGTERM))
		return 20;
	for (int i = 0; i < 3; i++) {
		if (sigtimedwait(&rt, &info, &none) != RT || info.si_value.sival_int != 70 + i)
			return 21;
		if (info.si_code != SI_QUEUE || info.si_pid != getpid())
			return 22;
	}
	if (sigtimedwait(&usr, &info, &none) != SIGUSR1 || info.si_pid != getpid())
		return 23;
	return is_pending(RT) || is_pending(SIGUSR1) ? 24 : 0;
}

TEST(what_waited_before_exec)
{
	pid_t pid;

	block(RT);
	block(SIGUSR1);
	pid = vfork();
	if (!pid) {
		for (int i = 0; i < 3; i++)
			sigqueue(getpid(), RT, (union sigval){ .sival_int = 70 + i });
		syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
		execl("/proc/self/exe", "self", "--role", "waited_before", NULL);
		_exit(127);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(!is_pending(RT));
	EXPECT(!is_pending(SIGUSR1));
	unblock(RT);
	unblock(SIGUSR1);
}

/* A program that cannot be started leaves them where they were. */
TEST(exec_that_fails)
{
	volatile bool waits = false;
	pid_t pid;

	block(SIGUSR1);
	pid = vfork();
	if (!pid) {
		syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
		execl("/nowhere/at/all", "x", NULL);
		waits = is_pending(SIGUSR1);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(waits);
	unblock(SIGUSR1);
}

ROLE(sleeper)
{
	pause();
	return 30;
}

static void *send_term(void *arg)
{
	struct sender *s = arg;

	while (!s->to)
		sched_yield();
	usleep(1000);
	if (kill(s->to, s->how ? SIGQUIT : SIGTERM))
		s->failed = errno;
	return NULL;
}

/* What ends the process does so, wherever it is just then. */
TEST(deadly_ones)
{
	static struct sender s;
	struct rlimit no_core = { 0, 0 };

	EXPECT_OK(setrlimit(RLIMIT_CORE, &no_core));
	for (int i = 0; i < 2; i++) {
		pid_t pid;

		s.to = 0;
		s.how = i;
		EXPECT_EQ(pthread_create(&s.thread, NULL, send_term, &s), 0);
		pid = vfork_exec(&s, "sleeper");
		sender_join(&s);
		EXPECT_SIGNALED(pid, i ? SIGQUIT : SIGTERM);
	}
}
