/*
 * Interrupted calls: with SA_RESTART read, write, wait, futex and flock go on after the handler;
 * without it they give EINTR; sleeps, poll, select, epoll and sigsuspend give EINTR either way;
 * data already moved is reported, not lost.
 */
#include "signals.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>

static int fds[2];
static pthread_t victim;
static atomic_int returned;

/* What one call did: its result, errno, and whether the handler ran. */
struct result {
	long ret;
	int error;
	bool handled;
};

/*
 * Sends SIGUSR1 at 20 ms, and at 50 ms does what lets the call end. Without such an end it sends
 * until the call is over: on a busy machine the first may come before the call has begun.
 */
static void *helper(void *end)
{
	do {
		sleep_ms(20);
		pthread_kill(victim, SIGUSR1);
	} while (!end && !atomic_load(&returned));
	if (end) {
		sleep_ms(30);
		((void (*)(void))end)();
	}
	return NULL;
}

/* flags of the handler; -1: the signal is ignored */
static struct result interrupt(long (*call)(void), void (*end)(void), int flags)
{
	struct result r;
	pthread_t t;

	logged.count = 0;
	if (flags < 0)
		signal(SIGUSR1, SIG_IGN);
	else
		set_handler(SIGUSR1, log_signal, flags);
	victim = pthread_self();
	atomic_store(&returned, 0);
	EXPECT_EQ(pthread_create(&t, NULL, helper, end), 0);
	errno = 0;
	r.ret = call();
	r.error = errno;
	r.handled = logged.count > 0;
	atomic_store(&returned, 1);
	pthread_join(t, NULL);
	signal(SIGUSR1, SIG_DFL);
	return r;
}

#define EXPECT_EINTR(call, end, flags)				\
	do {							\
		struct result r_ = interrupt(call, end, flags);	\
		EXPECT_EQ(r_.ret, -1);				\
		EXPECT_EQ(r_.error, EINTR);			\
		EXPECT(r_.handled);				\
	} while (0)

#define EXPECT_RESTART(call, end, value)				\
	do {								\
		struct result r_ = interrupt(call, end, SA_RESTART);	\
		EXPECT_EQ(r_.ret, value);				\
		EXPECT(r_.handled);					\
	} while (0)

static long call_read(void)
{
	char buf[8];

	return read(fds[0], buf, sizeof(buf));
}

static void end_read(void)
{
	if (write(fds[1], "abc", 3) != 3)
		abort();
}

TEST(read_pipe)
{
	EXPECT_OK(pipe(fds));
	EXPECT_EINTR(call_read, NULL, 0);
	EXPECT_RESTART(call_read, end_read, 3);
	close(fds[0]);
	close(fds[1]);
}

static long call_write(void)
{
	static char big[4096];

	return write(fds[1], big, sizeof(big));
}

static void end_write(void)
{
	static char buf[65536];

	if (read(fds[0], buf, sizeof(buf)) <= 0)
		abort();
}

static void fill_pipe(void)
{
	static char buf[4096];

	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while (write(fds[1], buf, sizeof(buf)) > 0)
		;
	fcntl(fds[1], F_SETFL, 0);
}

TEST(write_full_pipe)
{
	EXPECT_OK(pipe(fds));
	fill_pipe();
	EXPECT_EINTR(call_write, NULL, 0);
	EXPECT_RESTART(call_write, end_write, 4096);
	close(fds[0]);
	close(fds[1]);
}

static long call_write_much(void)
{
	static char big[1 << 20];

	return write(fds[1], big, sizeof(big));
}

/* Some of it went before the signal: the call tells how much. */
TEST(partial_write)
{
	struct result r;

	EXPECT_OK(pipe(fds));
	r = interrupt(call_write_much, NULL, SA_RESTART);
	EXPECT_EQ(r.ret, fcntl(fds[1], F_GETPIPE_SZ));
	EXPECT(r.handled);
	close(fds[0]);
	close(fds[1]);
}

static pid_t child;

ROLE(until_eof)
{
	char c;

	return read(0, &c, 1) == 0 ? 17 : 1;
}

static void start_child(void)
{
	posix_spawn_file_actions_t fa;

	EXPECT_OK(pipe2(fds, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fds[0], 0);
	child = spawn_self_with(&fa, NULL, "until_eof");
	posix_spawn_file_actions_destroy(&fa);
}

static long call_wait(void)
{
	int status;
	pid_t pid = waitpid(child, &status, 0);

	return pid == child ? WEXITSTATUS(status) : -1;
}

static long call_waitid(void)
{
	siginfo_t si = { 0 };

	return waitid(P_PID, child, &si, WEXITED) ? -1 : si.si_status;
}

static void end_wait(void)
{
	close(fds[1]);
}

TEST(wait)
{
	start_child();
	EXPECT_EINTR(call_wait, NULL, 0);
	EXPECT_EINTR(call_waitid, NULL, 0);
	EXPECT_RESTART(call_wait, end_wait, 17);
	close(fds[0]);
	start_child();
	EXPECT_RESTART(call_waitid, end_wait, 17);
	close(fds[0]);
}

static uint32_t word;

static long call_futex(void)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static long call_futex_timeout(void)
{
	struct timespec t = { 15, 0 };

	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
}

static void end_futex(void)
{
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

TEST(futex)
{
	EXPECT_EINTR(call_futex, NULL, 0);
	EXPECT_RESTART(call_futex, end_futex, 0);
	EXPECT_EINTR(call_futex_timeout, NULL, SA_RESTART);	/* never with a timeout */
}

static struct timespec left;

static long call_nanosleep(void)
{
	struct timespec t = { 10, 0 };

	return nanosleep(&t, &left);
}

static long call_clock_nanosleep(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += 10;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	return errno ? -1 : 0;
}

TEST(sleeps)
{
	EXPECT_EINTR(call_nanosleep, NULL, 0);
	EXPECT_EQ(left.tv_sec, 9);
	left.tv_sec = 0;
	EXPECT_EINTR(call_nanosleep, NULL, SA_RESTART);
	EXPECT_EQ(left.tv_sec, 9);
	EXPECT_EINTR(call_clock_nanosleep, NULL, 0);
	EXPECT_EINTR(call_clock_nanosleep, NULL, SA_RESTART);
}

static long call_poll(void)
{
	struct pollfd p = { fds[0], POLLIN, 0 };

	return poll(&p, 1, 10000);
}

static long call_select(void)
{
	struct timeval t = { 10, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	return select(fds[0] + 1, &set, NULL, NULL, &t);
}

static long call_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);
	long r;

	epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev);
	r = epoll_wait(ep, &ev, 1, 10000);
	if (r < 0) {
		int e = errno;

		close(ep);
		errno = e;
		return -1;
	}
	close(ep);
	return r;
}

static long call_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long call_pause(void)
{
	return pause();
}

TEST(never_restarted)
{
	static long (*const call[])(void) = { call_poll, call_select, call_epoll, call_sigsuspend,
					      call_pause };

	EXPECT_OK(pipe(fds));
	for (size_t i = 0; i < ARRAY_SIZE(call); i++) {
		EXPECT_EINTR(call[i], NULL, 0);
		EXPECT_EINTR(call[i], NULL, SA_RESTART);
	}
	close(fds[0]);
	close(fds[1]);
}

static long call_open_fifo(void)
{
	int fd = open(tmp_path("fifo"), O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 1;
}

static void end_open_fifo(void)
{
	int fd = open(tmp_path("fifo"), O_WRONLY);

	if (fd >= 0)
		close(fd);
}

TEST(open_fifo)
{
	EXPECT_OK(mkfifo(tmp_path("fifo"), 0600));
	EXPECT_EINTR(call_open_fifo, NULL, 0);
	EXPECT_RESTART(call_open_fifo, end_open_fifo, 1);
}

/* An ignored signal, or one whose default is nothing, interrupts no call at all. */
TEST(ignored_signals_do_not_interrupt)
{
	struct result r;

	EXPECT_OK(pipe(fds));
	r = interrupt(call_read, end_read, -1);
	EXPECT_EQ(r.ret, 3);
	EXPECT(!r.handled);
	close(fds[0]);
	close(fds[1]);
}

static void write_in_handler(int sig, siginfo_t *si, void *uc)
{
	log_signal(sig, si, uc);
	if (write(fds[1], "xyz", 3) != 3)
		abort();
}

/* The handler itself brings the data: the restarted read finds it. */
TEST(handler_feeds_the_read)
{
	struct itimerval t = { { 0, 0 }, { 0, 40000 } };
	char buf[8];

	EXPECT_OK(pipe(fds));
	logged.count = 0;
	set_handler(SIGVTALRM, write_in_handler, SA_RESTART);
	set_handler(SIGALRM, write_in_handler, SA_RESTART);
	EXPECT_OK(setitimer(ITIMER_REAL, &t, NULL));
	EXPECT_EQ(read(fds[0], buf, sizeof(buf)), 3);
	EXPECT_MEM(buf, "xyz", 3);
	EXPECT_EQ(logged.count, 1);
	signal(SIGVTALRM, SIG_DFL);
	close(fds[0]);
	close(fds[1]);
}
