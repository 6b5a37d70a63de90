/* Programs that refuse to end or to share: endless loops, blocked signals; SIGKILL ends them. */
#include "naughty.h"
#include <sched.h>

static void block_all(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void *spin_thread(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("");
	return NULL;
}

ROLE(spin)
{
	block_all();
	if (argc > 0) {
		pthread_t t;

		for (int i = 0; i < 8; i++)
			pthread_create(&t, NULL, spin_thread, NULL);
	}
	spin_thread(NULL);
	return 0;
}

ROLE(yield)
{
	block_all();
	for (;;)
		sched_yield();
	return 0;
}

ROLE(ignore)
{
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
	for (;;)
		sleep_ms(1000);
	return 0;
}

static void kill_after(pid_t pid, int ms)
{
	sleep_ms(ms);
	EXPECT_OK(kill(pid, SIGTERM));
	sleep_ms(10);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	expect_alive();
}

/* The role blocks its signals first thing, but SIGTERM must not come before that. */
TEST(endless_loops)
{
	kill_after(spawn_self("spin"), 100);
	kill_after(spawn_self("yield"), 100);
	kill_after(spawn_self("ignore"), 100);
}

TEST(more_spinners_than_processors)
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++)
		pid[i] = spawn_self("spin", "threads");
	expect_alive();
	for (int i = 0; i < 4; i++)
		EXPECT_OK(kill(pid[i], SIGKILL));
	for (int i = 0; i < 4; i++)
		EXPECT_SIGNALED(pid[i], SIGKILL);
}

static volatile sig_atomic_t bounces;

static void bounce(int sig)
{
	if (++bounces < 10000)
		raise(sig);
}

ROLE(signal_storm)
{
	struct sigaction sa = { .sa_handler = bounce };

	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	return bounces == 10000 ? 0 : 1;
}

TEST(storms_of_signals)
{
	EXPECT_EXIT(spawn_self("signal_storm"), 0);
	expect_alive();
}

TEST(stopped_process_can_be_killed)
{
	pid_t pid = spawn_self("spin");
	int status;

	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}
