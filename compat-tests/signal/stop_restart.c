/*
 * Calls that a stop and a continue break into, without any handler: most go on with the time that was left, some end with
 * EINTR all the same (signal(7) lists them).
 */
#include "signals.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>

static int nobody_writes[2];
static unsigned word;

static long sleeping(void)
{
	struct timespec t = { 0, 600000000 };

	return syscall(SYS_nanosleep, &t, NULL);
}

static long polling(void)
{
	struct pollfd f = { nobody_writes[0], POLLIN, 0 };

	return poll(&f, 1, 600);
}

static long selecting(void)
{
	struct timeval t = { 0, 600000 };
	fd_set s;

	FD_ZERO(&s);
	FD_SET(nobody_writes[0], &s);
	return select(nobody_writes[0] + 1, &s, NULL, NULL, &t);
}

static long on_futex(void)
{
	struct timespec t = { 0, 600000000 };

	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &t, NULL, 0);
}

static long on_epoll(void)
{
	struct epoll_event e;

	return epoll_wait(epoll_create1(0), &e, 1, 2000);
}

static long on_semaphore(void)
{
	struct sembuf b = { 0, -1, 0 };
	struct timespec t = { 2, 0 };
	int id = semget(IPC_PRIVATE, 1, 0600);
	long r = semtimedop(id, &b, 1, &t);
	int e = errno;

	semctl(id, 0, IPC_RMID);
	errno = e;
	return r;
}

static long receiving(void)
{
	struct timeval t = { 2, 0 };
	int sp[2];
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sp) || setsockopt(sp[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)))
		return 99;
	return recv(sp[0], &c, 1, 0);
}

/* The error (0: none) with which the call ends that a stop broke into. */
static int stopped_in(long (*call)(void))
{
	struct timespec moment = { 0, 100000000 };
	int st;
	pid_t pid = EXPECT_OK(fork());

	if (!pid)
		_exit(call() < 0 ? errno : 0);
	nanosleep(&moment, NULL);
	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &st, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(st));
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_EQ(waitpid(pid, &st, 0), pid);
	EXPECT(WIFEXITED(st));
	return WEXITSTATUS(st);
}

TEST(go_on)
{
	EXPECT_OK(pipe(nobody_writes));
	EXPECT_EQ(stopped_in(sleeping), 0);
	EXPECT_EQ(stopped_in(polling), 0);
	EXPECT_EQ(stopped_in(selecting), 0);
	EXPECT_EQ(stopped_in(on_futex), ETIMEDOUT);
}

TEST(end)
{
	EXPECT_EQ(stopped_in(on_epoll), EINTR);
	EXPECT_EQ(stopped_in(on_semaphore), EINTR);
	EXPECT_EQ(stopped_in(receiving), EINTR);
}
