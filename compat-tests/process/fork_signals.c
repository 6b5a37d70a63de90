/* Signals between relatives: to a child while the parent runs, handlers and masks that are inherited, stops, alarms. */
#include "fork.h"

static volatile int hits;

static void handler(int sig)
{
	(void)sig;
	hits++;
}

TEST(to_a_child_that_runs)
{
	volatile int *shared = shared_memory(4096);
	pid_t pid;

	signal(SIGUSR1, handler);
	hits = 0;
	pid = start_child();
	if (!pid) {
		shared[0] = 1;
		while (hits < 20)
			shared[1] = hits;
		_exit(hits == 20 ? 0 : 1);
	}
	while (!shared[0])
		;
	for (int i = 1; i <= 20; i++) {
		EXPECT_OK(kill(pid, SIGUSR1));
		while (shared[1] < i && i < 20)
			;
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(hits, 0);
}

TEST(to_a_child_that_sleeps)
{
	int ready[2];
	pid_t pid;

	EXPECT_OK(pipe(ready));
	signal(SIGUSR1, handler);
	hits = 0;
	pid = start_child();
	if (!pid) {
		sigset_t block, none;

		sigemptyset(&none);
		sigemptyset(&block);
		sigaddset(&block, SIGUSR1);
		sigprocmask(SIG_BLOCK, &block, NULL);
		put_byte(ready[1], 'r');
		for (int i = 0; i < 3; i++) {
			CHECK(sigsuspend(&none) == -1 && errno == EINTR);
			put_byte(ready[1], 'h'); /* signals that meet count once */
		}
		_exit(hits);
	}
	EXPECT_EQ(get_byte(ready[0]), 'r');
	for (int i = 0; i < 3; i++) {
		EXPECT_OK(kill(pid, SIGUSR1));
		EXPECT_EQ(get_byte(ready[0]), 'h');
	}
	EXPECT_EXIT(pid, 3);
}

TEST(from_child_to_parent_and_back)
{
	sigset_t set, old;
	siginfo_t si;
	pid_t pid, parent = getpid();

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	pid = start_child();
	for (int i = 0; i < 20; i++) {
		if (!pid) {
			CHECK(!kill(parent, SIGUSR1));
			CHECK(sigwaitinfo(&set, &si) == SIGUSR1 && si.si_pid == parent);
		} else {
			EXPECT_EQ(sigwaitinfo(&set, &si), SIGUSR1);
			EXPECT_EQ(si.si_pid, pid);
			EXPECT_OK(kill(pid, SIGUSR1));
		}
	}
	if (!pid)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

TEST(a_stopped_child_keeps_its_memory)
{
	volatile int *shared = shared_memory(4096);
	uint64_t words[1024];
	int status;
	pid_t pid = start_child();

	if (!pid) {
		for (int i = 0; !shared[1]; i++) {
			fill_pattern(words, 1024, i);
			shared[0] = i;
			CHECK(check_pattern(words, 1024, i));
		}
		_exit(0);
	}
	for (int i = 0; i < 5; i++) {
		int now;

		sleep_ms(5);
		EXPECT_OK(kill(pid, SIGSTOP));
		EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
		EXPECT(WIFSTOPPED(status));
		now = shared[0];
		fill_pattern(words, 1024, 99999);
		sleep_ms(5);
		EXPECT_EQ(shared[0], now);
		EXPECT(check_pattern(words, 1024, 99999));
		EXPECT_OK(kill(pid, SIGCONT));
	}
	shared[1] = 1;
	EXPECT_EXIT(pid, 0);
}

TEST(a_fault_in_the_child_is_the_childs)
{
	pid_t pid = start_child();

	if (!pid) {
		*(volatile char *)bad_ptr() = 1;
		_exit(0);
	}
	EXPECT_SIGNALED(pid, SIGSEGV);
	pid = start_child();
	if (!pid)
		abort();
	EXPECT_SIGNALED(pid, SIGABRT);
}
