/*
 * signalfd: blocked signals come out of a descriptor as records, one or many per read, with the
 * sender's data; it polls, changes its mask, and is not confused with handlers.
 */
#include "signals.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

static int open_fd(int sig, int flags)
{
	sigset_t set = one_signal(sig);
	int fd = signalfd(-1, &set, flags);

	if (fd < 0 && errno == ENOSYS)
		SKIP("no signalfd");
	return EXPECT_OK(fd);
}

TEST(record)
{
	struct signalfd_siginfo r;
	int fd;

	EXPECT_EQ(sizeof(r), 128);
	block(SIGUSR1);
	fd = open_fd(SIGUSR1, SFD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	kill(getpid(), SIGUSR1);
	EXPECT_EQ(read(fd, &r, sizeof(r)), sizeof(r));
	EXPECT_EQ(r.ssi_signo, SIGUSR1);
	EXPECT_EQ(r.ssi_code, SI_USER);
	EXPECT_EQ(r.ssi_pid, getpid());
	EXPECT_EQ(r.ssi_uid, getuid());
	EXPECT(!is_pending(SIGUSR1));
	close(fd);
	unblock(SIGUSR1);
}

TEST(several_per_read)
{
	struct signalfd_siginfo r[8];
	int fd;

	block(SIGRTMIN);
	fd = open_fd(SIGRTMIN, 0);
	for (int i = 0; i < 6; i++)
		EXPECT_OK(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 100 + i }));
	EXPECT_EQ(read(fd, r, 2 * sizeof(r[0])), 2 * sizeof(r[0]));
	EXPECT_EQ(read(fd, r + 2, 6 * sizeof(r[0])), 4 * sizeof(r[0]));
	for (int i = 0; i < 6; i++) {
		EXPECT_EQ(r[i].ssi_int, 100 + i);
		EXPECT_EQ(r[i].ssi_code, SI_QUEUE);
	}
	close(fd);
	unblock(SIGRTMIN);
}

TEST(nonblocking_and_poll)
{
	struct signalfd_siginfo r;
	struct pollfd p;
	int fd;

	block(SIGUSR1);
	fd = open_fd(SIGUSR1, SFD_NONBLOCK);
	p = (struct pollfd){ fd, POLLIN | POLLOUT, 0 };
	EXPECT_ERRNO(read(fd, &r, sizeof(r)), EAGAIN);
	EXPECT_EQ(poll(&p, 1, 0), 0);
	raise(SIGUSR1);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN);
	EXPECT_EQ(read(fd, &r, sizeof(r)), sizeof(r));
	EXPECT_EQ(poll(&p, 1, 0), 0);
	close(fd);
	unblock(SIGUSR1);
}

TEST(change_of_mask)
{
	sigset_t set = one_signal(SIGUSR2);
	struct signalfd_siginfo r;
	int fd;

	block(SIGUSR1);
	block(SIGUSR2);
	fd = open_fd(SIGUSR1, SFD_NONBLOCK);
	raise(SIGUSR2);
	EXPECT_ERRNO(read(fd, &r, sizeof(r)), EAGAIN);
	EXPECT_EQ(signalfd(fd, &set, 0), fd);
	EXPECT_EQ(read(fd, &r, sizeof(r)), sizeof(r));
	EXPECT_EQ(r.ssi_signo, SIGUSR2);
	raise(SIGUSR1);
	EXPECT_ERRNO(read(fd, &r, sizeof(r)), EAGAIN);
	EXPECT(is_pending(SIGUSR1));
	signal(SIGUSR1, SIG_IGN);
	close(fd);
	unblock(SIGUSR1);
	unblock(SIGUSR2);
	signal(SIGUSR1, SIG_DFL);
}

static pthread_t self;

static void *send_later(void *arg)
{
	sleep_ms(30);
	kill(getpid(), SIGUSR1);
	return arg;
}

TEST(blocking_read)
{
	struct signalfd_siginfo r;
	pthread_t t;
	int fd;

	block(SIGUSR1);
	fd = open_fd(SIGUSR1, 0);
	self = pthread_self();
	EXPECT_EQ(pthread_create(&t, NULL, send_later, NULL), 0);
	EXPECT_EQ(read(fd, &r, sizeof(r)), sizeof(r));
	EXPECT_EQ(r.ssi_signo, SIGUSR1);
	pthread_join(t, NULL);
	close(fd);
	unblock(SIGUSR1);
}

ROLE(code)
{
	return atoi(argv[0]);
}

TEST(children)
{
	struct signalfd_siginfo r;
	pid_t pid;
	int fd;

	block(SIGCHLD);
	fd = open_fd(SIGCHLD, 0);
	pid = spawn_self("code", "37");
	EXPECT_EQ(read(fd, &r, sizeof(r)), sizeof(r));
	EXPECT_EQ(r.ssi_signo, SIGCHLD);
	EXPECT_EQ(r.ssi_pid, pid);
	EXPECT_EQ(r.ssi_status, 37);
	EXPECT_EQ(r.ssi_code, CLD_EXITED);
	EXPECT_EXIT(pid, 37);
	close(fd);
	unblock(SIGCHLD);
}

TEST(in_epoll)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 77 };
	struct signalfd_siginfo r;
	int fd, ep = EXPECT_OK(epoll_create1(0));

	block(SIGUSR1);
	fd = open_fd(SIGUSR1, 0);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	raise(SIGUSR1);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	EXPECT_EQ(ev.data.u64, 77);
	EXPECT_EQ(read(fd, &r, sizeof(r)), sizeof(r));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close(fd);
	close(ep);
	unblock(SIGUSR1);
}

TEST(errors)
{
	sigset_t set = one_signal(SIGUSR1);
	char small[64];
	int fd = open_fd(SIGUSR1, SFD_NONBLOCK), p[2];

	EXPECT_ERRNO(read(fd, small, sizeof(small)), EINVAL);
	EXPECT_ERRNO(write(fd, small, sizeof(small)), EINVAL);
	EXPECT_ERRNO(signalfd(-1, &set, 0x40), EINVAL);
	EXPECT_ERRNO(signalfd(999, &set, 0), EBADF);
	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(signalfd(p[0], &set, 0), EINVAL);
	close(p[0]);
	close(p[1]);
	close(fd);
}
