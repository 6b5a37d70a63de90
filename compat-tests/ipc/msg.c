/*
 * System V messages: order by type, waiting for room and for messages, limits, removal, errno.
 */
#include "ipc.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/time.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

struct letter {
	long type;
	char text[64];
};

static int make(void)
{
	return EXPECT_OK(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
}

static void drop(int id)
{
	EXPECT_OK(msgctl(id, IPC_RMID, NULL));
}

static void put(int id, long type, const char *text)
{
	struct letter l = { .type = type };

	strcpy(l.text, text);
	EXPECT_OK(msgsnd(id, &l, strlen(text) + 1, 0));
}

static void want(int id, long type, int flags, const char *text)
{
	struct letter l;

	EXPECT_EQ(EXPECT_OK(msgrcv(id, &l, sizeof(l.text), type, flags | IPC_NOWAIT)), strlen(text) + 1);
	EXPECT_STR(l.text, text);
}

TEST(by_type)
{
	struct letter l;
	int id = make();

	put(id, 3, "three");
	put(id, 1, "one");
	put(id, 2, "two");
	put(id, 1, "one again");
	put(id, 5, "five");
	want(id, 2, 0, "two");
	want(id, -4, 0, "one");
	want(id, 3, MSG_EXCEPT, "one again");
	want(id, 0, 0, "three");
	EXPECT_ERRNO(msgrcv(id, &l, 10, 4, IPC_NOWAIT), ENOMSG);
	EXPECT_ERRNO(msgrcv(id, &l, 10, -4, IPC_NOWAIT), ENOMSG);
	want(id, LONG_MIN, 0, "five");
	drop(id);
}

TEST(sizes)
{
	struct letter l;
	int id = make();

	put(id, 1, "0123456789");
	EXPECT_ERRNO(msgrcv(id, &l, 4, 0, 0), E2BIG);
	EXPECT_EQ(msgrcv(id, &l, 4, 0, MSG_NOERROR), 4);
	EXPECT_MEM(l.text, "0123", 4);
	EXPECT_ERRNO(msgrcv(id, &l, 4, 0, IPC_NOWAIT), ENOMSG);	/* the rest is lost */
	l.type = 1;
	EXPECT_OK(msgsnd(id, &l, 0, 0));
	EXPECT_EQ(msgrcv(id, &l, 4, 0, 0), 0);
	drop(id);
}

TEST(full_queue)
{
	struct { long type; char data[4096]; } m = { .type = 1 };
	struct msqid_ds ds;
	int id = make(), n = 0;

	while (!msgsnd(id, &m, sizeof(m.data), IPC_NOWAIT))
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT_EQ(n, ds.msg_qbytes / sizeof(m.data));
	EXPECT_EQ(ds.msg_qnum, n);
	EXPECT_EQ(ds.__msg_cbytes, n * sizeof(m.data));
	EXPECT_EQ(ds.msg_lspid, getpid());
	EXPECT_OK(msgrcv(id, &m, sizeof(m.data), 0, 0));
	EXPECT_OK(msgsnd(id, &m, sizeof(m.data), IPC_NOWAIT));
	drop(id);
}

struct job {
	int id, err;
	long type;
	struct letter l;
	pthread_t thread;
};

static void *receive_main(void *arg)
{
	struct job *j = arg;

	j->err = msgrcv(j->id, &j->l, sizeof(j->l.text), j->type, 0) < 0 ? errno : 0;
	return NULL;
}

TEST(waiting_receivers)
{
	struct job a = { .id = make(), .type = 7 }, b = { .id = a.id, .type = 8 };

	EXPECT_EQ(pthread_create(&a.thread, NULL, receive_main, &a), 0);
	EXPECT_EQ(pthread_create(&b.thread, NULL, receive_main, &b), 0);
	sleep_ms(20);
	put(a.id, 8, "for b");
	pthread_join(b.thread, NULL);
	EXPECT_EQ(b.err, 0);
	EXPECT_STR(b.l.text, "for b");
	drop(a.id);
	pthread_join(a.thread, NULL);
	EXPECT_EQ(a.err, EIDRM);
}

static void *fill_main(void *arg)
{
	struct { long type; char data[8000]; } m = { .type = 1 };
	struct job *j = arg;

	for (int i = 0; i < 5 && !j->err; i++)
		j->err = msgsnd(j->id, &m, sizeof(m.data), 0) ? errno : 0;
	return NULL;
}

TEST(waiting_sender)
{
	struct { long type; char data[8000]; } m;
	struct job j = { .id = make() };

	EXPECT_EQ(pthread_create(&j.thread, NULL, fill_main, &j), 0);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(msgrcv(j.id, &m, sizeof(m.data), 0, 0), 8000);
	pthread_join(j.thread, NULL);
	EXPECT_EQ(j.err, 0);
	drop(j.id);
}

ROLE(echo)
{
	struct letter l;
	int id = atoi(argv[0]);

	for (int i = 0; i < 200; i++) {
		ssize_t n = EXPECT_OK(msgrcv(id, &l, sizeof(l.text), 1, 0));

		l.type = 2;
		EXPECT_OK(msgsnd(id, &l, n, 0));
	}
	return 0;
}

TEST(between_processes)
{
	struct letter l = { .type = 1, .text = "ping" };
	int id = make();
	char num[16];
	pid_t pid;

	snprintf(num, sizeof(num), "%d", id);
	pid = spawn_self("echo", num);
	for (int i = 0; i < 200; i++) {
		l.type = 1;
		EXPECT_OK(msgsnd(id, &l, 5, 0));
		EXPECT_EQ(msgrcv(id, &l, sizeof(l.text), 2, 0), 5);
	}
	EXPECT_EXIT(pid, 0);
	drop(id);
}

TEST(copies)
{
	struct letter l;
	int id = make();

	put(id, 1, "first");
	put(id, 2, "second");
	if (msgrcv(id, &l, sizeof(l.text), 1, MSG_COPY | IPC_NOWAIT) < 0 && errno == ENOSYS) {
		drop(id);
		SKIP("no MSG_COPY");
	}
	EXPECT_STR(l.text, "second");
	EXPECT_EQ(l.type, 2);
	EXPECT_ERRNO(msgrcv(id, &l, sizeof(l.text), 2, MSG_COPY | IPC_NOWAIT), ENOMSG);
	EXPECT_ERRNO(msgrcv(id, &l, sizeof(l.text), 0, MSG_COPY), EINVAL);
	EXPECT_ERRNO(msgrcv(id, &l, sizeof(l.text), 0, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT), EINVAL);
	want(id, 0, 0, "first");
	want(id, 0, 0, "second");
	drop(id);
}

TEST(refusals)
{
	struct letter l = { .type = 1 };
	int id = make();

	EXPECT_ERRNO(msgsnd(-1, &l, 1, 0), EINVAL);
	EXPECT_ERRNO(msgsnd(id, &l, 8193, 0), EINVAL);
	EXPECT_ERRNO(msgsnd(id, &l, -1, 0), EINVAL);
	EXPECT_ERRNO(msgsnd(id, bad_ptr(), 1, 0), EFAULT);
	l.type = 0;
	EXPECT_ERRNO(msgsnd(id, &l, 1, 0), EINVAL);
	l.type = -1;
	EXPECT_ERRNO(msgsnd(id, &l, 1, 0), EINVAL);
	EXPECT_ERRNO(msgrcv(id, &l, -1, 0, 0), EINVAL);
	EXPECT_ERRNO(msgrcv(-1, &l, 1, 0, 0), EINVAL);
	put(id, 1, "lost");
	EXPECT_ERRNO(msgrcv(id, bad_ptr(), 10, 0, 0), EFAULT);
	EXPECT_ERRNO(msgctl(id, 44, NULL), EINVAL);
	drop(id);
	EXPECT_ERRNO(msgrcv(id, &l, 1, 0, 0), EINVAL);
}

static void nothing(int sig)
{
	(void)sig;
}

TEST(interrupted)
{
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	struct itimerval it = { .it_value = { 0, 20000 } };
	struct letter l;
	int id = make();

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_ERRNO(msgrcv(id, &l, 1, 0, 0), EINTR);
	drop(id);
}

TEST(set)
{
	struct msqid_ds ds;
	struct letter l = { .type = 1 };
	int id = make();

	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT_EQ(ds.msg_perm.mode, 0600);
	ds.msg_qbytes = 10;
	ds.msg_perm.mode = 0640;
	EXPECT_OK(msgctl(id, IPC_SET, &ds));
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT_EQ(ds.msg_qbytes, 10);
	EXPECT_EQ(ds.msg_perm.mode, 0640);
	EXPECT_ERRNO(msgsnd(id, &l, 11, IPC_NOWAIT), EAGAIN);
	EXPECT_OK(msgsnd(id, &l, 10, IPC_NOWAIT));
	drop(id);
}
