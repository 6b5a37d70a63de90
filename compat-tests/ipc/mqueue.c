/*
 * POSIX message queues: priorities, waiting with and without time limits, notification, limits,
 * names, and queues as files that poll.
 */
#include "ipc.h"
#include <mqueue.h>
#include <semaphore.h>
#include <sys/time.h>

static const char *name(void)
{
	static char buf[64];

	snprintf(buf, sizeof(buf), "/compat-mq-%d", getpid());
	return buf;
}

static mqd_t make(int flags, long max, long size)
{
	struct mq_attr a = { .mq_maxmsg = max, .mq_msgsize = size };

	mq_unlink(name());
	return EXPECT_OK(mq_open(name(), O_CREAT | O_EXCL | O_RDWR | flags, 0600, &a));
}

static void drop(mqd_t q)
{
	EXPECT_OK(mq_close(q));
	EXPECT_OK(mq_unlink(name()));
}

static void want(mqd_t q, const char *text, unsigned prio)
{
	char buf[64];
	unsigned got = 99;

	EXPECT_EQ(EXPECT_OK(mq_receive(q, buf, sizeof(buf), &got)), strlen(text) + 1);
	EXPECT_STR(buf, text);
	EXPECT_EQ(got, prio);
}

TEST(priorities)
{
	mqd_t q = make(0, 5, 64);

	EXPECT_OK(mq_send(q, "low", 4, 1));
	EXPECT_OK(mq_send(q, "high", 5, 9));
	EXPECT_OK(mq_send(q, "low too", 8, 1));
	EXPECT_OK(mq_send(q, "zero", 5, 0));
	want(q, "high", 9);
	want(q, "low", 1);
	want(q, "low too", 1);
	want(q, "zero", 0);
	drop(q);
}

TEST(limits)
{
	mqd_t q = make(O_NONBLOCK, 2, 8);
	struct mq_attr a;
	char buf[8];

	EXPECT_ERRNO(mq_receive(q, buf, 8, NULL), EAGAIN);
	EXPECT_OK(mq_send(q, "", 0, 0));
	EXPECT_ERRNO(mq_send(q, "123456789", 9, 0), EMSGSIZE);
	EXPECT_ERRNO(mq_send(q, "a", 1, 32768), EINVAL);
	EXPECT_OK(mq_send(q, "a", 1, 32767));
	EXPECT_ERRNO(mq_send(q, "a", 1, 0), EAGAIN);
	EXPECT_ERRNO(mq_receive(q, buf, 7, NULL), EMSGSIZE);
	EXPECT_OK(mq_getattr(q, &a));
	EXPECT_EQ(a.mq_maxmsg, 2);
	EXPECT_EQ(a.mq_msgsize, 8);
	EXPECT_EQ(a.mq_curmsgs, 2);
	EXPECT_EQ(a.mq_flags, O_NONBLOCK);
	EXPECT_EQ(mq_receive(q, buf, 8, NULL), 1);
	EXPECT_EQ(mq_receive(q, buf, 8, NULL), 0);
	a.mq_flags = 0;
	EXPECT_OK(mq_setattr(q, &a, NULL));
	EXPECT_OK(mq_getattr(q, &a));
	EXPECT_EQ(a.mq_flags, 0);
	a.mq_flags = 1;
	EXPECT_ERRNO(mq_setattr(q, &a, NULL), EINVAL);
	drop(q);
}

TEST(names)
{
	struct mq_attr none = { .mq_maxmsg = 0, .mq_msgsize = 8 };
	mqd_t q;
	char longest[300];

	mq_unlink(name());
	EXPECT_ERRNO(mq_open(name(), O_RDWR), ENOENT);
	EXPECT_ERRNO(mq_unlink(name()), ENOENT);
	EXPECT_ERRNO(mq_open(name(), O_CREAT | O_RDWR, 0600, &none), EINVAL);
	q = make(0, 1, 8);
	EXPECT_ERRNO(mq_open(name(), O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
	EXPECT_OK(mq_unlink(name()));
	EXPECT_OK(mq_send(q, "x", 1, 0));	/* lives while it is open */
	EXPECT_OK(mq_close(q));
	EXPECT_ERRNO(mq_open("/a/b", O_CREAT | O_RDWR, 0600, NULL), EACCES);
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[299] = 0;
	EXPECT_ERRNO(mq_open(longest, O_CREAT | O_RDWR, 0600, NULL), ENAMETOOLONG);
}

TEST(access_mode)
{
	mqd_t q = make(0, 1, 8), r = EXPECT_OK(mq_open(name(), O_RDONLY)), w = EXPECT_OK(mq_open(name(), O_WRONLY));
	int file = tmp_file("f", "", 0);
	char buf[8];

	EXPECT_ERRNO(mq_send(r, "a", 1, 0), EBADF);
	EXPECT_ERRNO(mq_receive(w, buf, 8, NULL), EBADF);
	EXPECT_ERRNO(mq_send(file, "a", 1, 0), EBADF);
	EXPECT_ERRNO(mq_send(-1, "a", 1, 0), EBADF);
	EXPECT_OK(mq_send(w, "a", 1, 0));
	EXPECT_EQ(mq_receive(r, buf, 8, NULL), 1);
	EXPECT_EQ(fcntl(r, F_GETFD), FD_CLOEXEC);
	mq_close(r);
	mq_close(w);
	close(file);
	drop(q);
}

TEST(time_limits)
{
	mqd_t q = make(0, 1, 8);
	struct timespec ts, bad = { 0, -1 }, past = { 0, 0 };
	int64_t before = now_ns();
	char buf[8];

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	EXPECT_ERRNO(mq_timedreceive(q, buf, 8, NULL, &ts), ETIMEDOUT);
	EXPECT_GE(now_ns() - before, 10000000);
	EXPECT_ERRNO(mq_timedreceive(q, buf, 8, NULL, &bad), EINVAL);
	EXPECT_OK(mq_timedsend(q, "a", 1, 0, &past));	/* no need to wait */
	EXPECT_ERRNO(mq_timedsend(q, "a", 1, 0, &past), ETIMEDOUT);
	drop(q);
}

static void *receive_main(void *arg)
{
	char buf[8];

	return (void *)(long)mq_receive(*(mqd_t *)arg, buf, 8, NULL);
}

static void *send_main(void *arg)
{
	return (void *)(long)mq_send(*(mqd_t *)arg, "late", 5, 3);
}

TEST(waiting)
{
	mqd_t q = make(0, 1, 8);
	pthread_t t;
	void *ret;
	char buf[8];
	unsigned prio;

	EXPECT_EQ(pthread_create(&t, NULL, receive_main, &q), 0);
	sleep_ms(20);
	EXPECT_OK(mq_send(q, "abc", 3, 0));
	pthread_join(t, &ret);
	EXPECT_EQ((long)ret, 3);
	EXPECT_OK(mq_send(q, "first", 6, 0));
	EXPECT_EQ(pthread_create(&t, NULL, send_main, &q), 0);
	sleep_ms(20);
	EXPECT_EQ(mq_receive(q, buf, 8, &prio), 6);
	EXPECT_EQ(mq_receive(q, buf, 8, &prio), 5);
	EXPECT_EQ(prio, 3);
	pthread_join(t, &ret);
	EXPECT_EQ((long)ret, 0);
	drop(q);
}

static void nothing(int sig)
{
	(void)sig;
}

TEST(interrupted)
{
	struct sigaction sa = { .sa_handler = nothing };
	struct itimerval it = { .it_value = { 0, 20000 } };
	mqd_t q = make(0, 1, 8);
	char buf[8];

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_ERRNO(mq_receive(q, buf, 8, NULL), EINTR);
	drop(q);
}

TEST(polls)
{
	mqd_t q = make(0, 1, 8);
	char buf[8];

	EXPECT_EQ(poll_one(q, POLLIN | POLLOUT, 0), POLLOUT);
	EXPECT_OK(mq_send(q, "a", 1, 0));
	EXPECT_EQ(poll_one(q, POLLIN | POLLOUT, 0), POLLIN);
	EXPECT_EQ(mq_receive(q, buf, 8, NULL), 1);
	EXPECT_EQ(poll_one(q, POLLIN, 0), -1);
	drop(q);
}

TEST(notified)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77 };
	struct timespec ts = { 5, 0 }, now = { 0, 0 };
	mqd_t q = make(O_NONBLOCK, 2, 8);
	siginfo_t si;
	sigset_t set;
	char buf[8];

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	EXPECT_OK(mq_notify(q, &ev));
	EXPECT_ERRNO(mq_notify(q, &ev), EBUSY);
	EXPECT_OK(mq_send(q, "a", 1, 0));
	EXPECT_EQ(sigtimedwait(&set, &si, &ts), SIGUSR1);
	EXPECT_EQ(si.si_code, SI_MESGQ);
	EXPECT_EQ(si.si_pid, getpid());
	EXPECT_EQ(si.si_value.sival_int, 77);
	EXPECT_OK(mq_notify(q, &ev));		/* once only: free again */
	EXPECT_OK(mq_send(q, "b", 1, 0));	/* not empty: nothing is told */
	EXPECT_ERRNO(sigtimedwait(&set, &si, &now), EAGAIN);
	EXPECT_OK(mq_notify(q, NULL));
	EXPECT_EQ(mq_receive(q, buf, 8, NULL), 1);
	EXPECT_EQ(mq_receive(q, buf, 8, NULL), 1);
	EXPECT_OK(mq_send(q, "c", 1, 0));
	EXPECT_ERRNO(sigtimedwait(&set, &si, &now), EAGAIN);
	ev.sigev_signo = 100;
	EXPECT_ERRNO(mq_notify(q, &ev), EINVAL);
	drop(q);
}

ROLE(peer)
{
	mqd_t q = EXPECT_OK(mq_open(argv[0], O_WRONLY));

	EXPECT_OK(mq_send(q, "hello", 6, 4));
	return 0;
}

TEST(between_processes)
{
	mqd_t q = make(0, 1, 64);
	pid_t pid = spawn_self("peer", name());

	want(q, "hello", 4);
	EXPECT_EXIT(pid, 0);
	drop(q);
}

TEST(a_file)
{
	mqd_t q = make(0, 2, 8);
	char text[128] = "";
	struct stat st;

	EXPECT_OK(fstat(q, &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_mode & 0777, 0600);
	EXPECT_EQ(st.st_size, 80);
	EXPECT_OK(mq_send(q, "abc", 3, 0));
	EXPECT_OK(mq_send(q, "d", 1, 0));
	EXPECT_GT(read(q, text, sizeof(text) - 1), 0);
	EXPECT(!strncmp(text, "QSIZE:4 ", 8));
	drop(q);
	EXPECT_GT(read_file("/proc/sys/fs/mqueue/msg_max", text, sizeof(text)), 0);
	EXPECT_GE(atoi(text), 1);
}

static sem_t told;

static void note(union sigval v)
{
	if (v.sival_int == 7)
		sem_post(&told);
}

/* libc's thread hears of it over a netlink socket. */
TEST(a_thread_is_told)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = note, .sigev_value = { 7 } };
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	struct timespec end;
	mqd_t q = mq_open("/compat_thread", O_CREAT | O_RDWR, 0600, &attr);

	EXPECT(q >= 0);
	EXPECT_OK(mq_unlink("/compat_thread"));
	EXPECT_OK(sem_init(&told, 0, 0));
	EXPECT_OK(mq_notify(q, &ev));
	EXPECT_ERRNO(mq_notify(q, &ev), EBUSY);
	EXPECT_OK(mq_send(q, "x", 1, 0));
	EXPECT_OK(clock_gettime(CLOCK_REALTIME, &end));
	end.tv_sec += 10;
	EXPECT_OK(sem_timedwait(&told, &end));
	EXPECT_OK(mq_close(q));
}
