/*
 * Signals and threads: pthread_kill and tgkill reach exactly one, each thread has its own mask and
 * pending set, a signal for the process goes to a thread that does not block it, faults stay with
 * the thread that made them.
 */
#include "threads.h"

static atomic_int hits[8], ready, stop;
static __thread int my_index = -1;

static void count_hit(int sig)
{
	(void)sig;
	if (my_index >= 0)
		atomic_fetch_add(&hits[my_index], 1);
}

static void catch(int sig)
{
	struct sigaction sa = { .sa_handler = count_hit, .sa_flags = SA_RESTART };

	EXPECT_OK(sigaction(sig, &sa, NULL));
	for (int i = 0; i < 8; i++)
		atomic_store(&hits[i], 0);
	atomic_store(&ready, 0);
	atomic_store(&stop, 0);
}

static void *spin(void *arg)
{
	my_index = (int)(long)arg;
	atomic_fetch_add(&ready, 1);
	WAIT_UNTIL(atomic_load(&stop));
	return NULL;
}

TEST(pthread_kill_reaches_one)
{
	pthread_t t[4];

	catch(SIGUSR1);
	for (long i = 0; i < 4; i++)
		t[i] = thread_start(spin, (void *)i);
	WAIT_UNTIL(atomic_load(&ready) == 4);
	for (int i = 0; i < 4; i++)
		for (int n = 1; n <= i + 1; n++) {
			EXPECT_EQ(pthread_kill(t[i], SIGUSR1), 0);
			WAIT_UNTIL(atomic_load(&hits[i]) == n);
		}
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(atomic_load(&hits[i]), i + 1);
	EXPECT_EQ(pthread_kill(t[0], 0), 0);
	EXPECT_EQ(pthread_kill(t[0], 99), EINVAL);
	atomic_store(&stop, 1);
	for (int i = 0; i < 4; i++)
		thread_join(t[i]);
	signal(SIGUSR1, SIG_DFL);
}

TEST(tgkill_errors)
{
	pid_t me = getpid();

	EXPECT_OK(syscall(SYS_tgkill, me, me, 0));
	EXPECT_ERRNO(syscall(SYS_tgkill, me, 0x3ffffff, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_tgkill, 0x3ffffff, me, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_tgkill, me, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, -1, me, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_tgkill, me, me, 99), EINVAL);
	EXPECT_OK(syscall(SYS_tkill, me, 0));
}

static void block(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(how, &set, NULL);
}

static void *blocked(void *arg)
{
	sigset_t set;

	my_index = (int)(long)arg;
	block(SIG_BLOCK, SIGUSR1);
	atomic_fetch_add(&ready, 1);
	WAIT_UNTIL(atomic_load(&stop));
	sigpending(&set);
	EXPECT(sigismember(&set, SIGUSR1));
	EXPECT_EQ(atomic_load(&hits[my_index]), 0);
	block(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(atomic_load(&hits[my_index]), 1);
	return NULL;
}

TEST(mask_and_pending_are_per_thread)
{
	sigset_t set;
	pthread_t t;

	catch(SIGUSR1);
	t = thread_start(blocked, (void *)1);
	WAIT_UNTIL(atomic_load(&ready));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(pthread_kill(t, SIGUSR1), 0);	/* three become one */
	sigpending(&set);
	EXPECT(!sigismember(&set, SIGUSR1));
	atomic_store(&stop, 1);
	thread_join(t);
	signal(SIGUSR1, SIG_DFL);
}

TEST(process_signal_finds_an_open_thread)
{
	pthread_t t;

	catch(SIGUSR2);
	t = thread_start(spin, (void *)3);
	WAIT_UNTIL(atomic_load(&ready));
	block(SIG_BLOCK, SIGUSR2);
	for (int i = 1; i <= 20; i++) {
		EXPECT_OK(kill(getpid(), SIGUSR2));
		WAIT_UNTIL(atomic_load(&hits[3]) == i);
	}
	atomic_store(&stop, 1);
	thread_join(t);
	block(SIG_UNBLOCK, SIGUSR2);
	signal(SIGUSR2, SIG_DFL);
}

static void *mask_of(void *arg)
{
	pthread_sigmask(SIG_BLOCK, NULL, arg);
	return NULL;
}

TEST(mask_is_inherited)
{
	sigset_t set;

	block(SIG_BLOCK, SIGUSR1);
	thread_join(thread_start(mask_of, &set));
	block(SIG_UNBLOCK, SIGUSR1);
	EXPECT(sigismember(&set, SIGUSR1));
	EXPECT(!sigismember(&set, SIGUSR2));
}

static void *wait_signal(void *arg)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	atomic_fetch_add(&ready, 1);
	EXPECT_EQ(sigwait(&set, &sig), 0);
	EXPECT_EQ(sig, SIGUSR1);
	return arg;
}

TEST(waiting_threads_share_process_signals)
{
	pthread_t t[4];

	catch(SIGUSR1);
	block(SIG_BLOCK, SIGUSR1);
	for (int i = 0; i < 4; i++)
		t[i] = thread_start(wait_signal, NULL);
	for (int i = 0; i < 4; i++) {
		sigset_t set;

		EXPECT_OK(kill(getpid(), SIGUSR1));
		do	/* the next only after this one was taken, or they would merge */
			sigpending(&set);
		while (sigismember(&set, SIGUSR1));
	}
	for (int i = 0; i < 4; i++)
		thread_join(t[i]);
	block(SIG_UNBLOCK, SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
}

static __thread sigjmp_buf fault_out;
static __thread void *fault_at;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	fault_at = si->si_addr;
	siglongjmp(fault_out, 1);
}

static void *fault_often(void *arg)
{
	for (long i = 0; i < 200; i++) {
		char *volatile p = (char *)(((long)arg + 1) * 256 + i);

		if (!sigsetjmp(fault_out, 1))
			*p = 1;
		EXPECT_EQ((uintptr_t)fault_at, (uintptr_t)p);
	}
	return NULL;
}

TEST(faults_stay_with_their_thread)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	EXPECT_OK(sigaction(SIGSEGV, &sa, NULL));
	threads_run(6, fault_often);
	signal(SIGSEGV, SIG_DFL);
}

static void *self_index(void *arg)
{
	my_index = 5;
	for (int i = 1; i <= 50; i++) {
		EXPECT_EQ(pthread_kill(pthread_self(), SIGUSR1), 0);
		EXPECT_EQ(atomic_load(&hits[5]), i);	/* synchronous to itself */
	}
	return arg;
}

TEST(to_itself_is_at_once)
{
	catch(SIGUSR1);
	thread_join(thread_start(self_index, NULL));
	signal(SIGUSR1, SIG_DFL);
}
