/*
 * System V semaphores: operations happen all or none, wait in order, are given back at the end of
 * the process (SEM_UNDO), and every refusal has its errno.
 */
#include "ipc.h"
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/time.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	struct seminfo *info;
};

static int make(int count)
{
	return EXPECT_OK(semget(IPC_PRIVATE, count, IPC_CREAT | 0600));
}

static int value(int id, int num)
{
	return EXPECT_OK(semctl(id, num, GETVAL));
}

static void set(int id, int num, int val)
{
	EXPECT_OK(semctl(id, num, SETVAL, (union semun){ .val = val }));
}

static int op(int id, int num, int delta, int flags)
{
	struct sembuf b = { num, delta, flags };

	return semop(id, &b, 1);
}

static void drop(int id)
{
	EXPECT_OK(semctl(id, 0, IPC_RMID));
}

static void wait_for_sleepers(int id, int num, int cmd, int n)
{
	while (semctl(id, num, cmd) != n)
		sleep_ms(1);
}

TEST(values)
{
	unsigned short all[3] = { 1, 2, 3 };
	int id = make(3);

	EXPECT_EQ(value(id, 0), 0);
	EXPECT_OK(semctl(id, 0, SETALL, (union semun){ .array = all }));
	memset(all, 0, sizeof(all));
	EXPECT_OK(semctl(id, 0, GETALL, (union semun){ .array = all }));
	EXPECT_EQ(all[0] * 100 + all[1] * 10 + all[2], 123);
	EXPECT_OK(op(id, 1, 5, 0));
	EXPECT_EQ(value(id, 1), 7);
	EXPECT_EQ(semctl(id, 1, GETPID), getpid());
	EXPECT_OK(op(id, 1, -7, 0));
	EXPECT_OK(op(id, 1, 0, IPC_NOWAIT));
	EXPECT_ERRNO(op(id, 1, -1, IPC_NOWAIT), EAGAIN);
	EXPECT_ERRNO(op(id, 0, 0, IPC_NOWAIT), EAGAIN);
	drop(id);
	EXPECT_ERRNO(semctl(id, 0, GETVAL), EINVAL);
}

TEST(all_or_none)
{
	struct sembuf ops[] = { { 0, 1, 0 }, { 1, -1, IPC_NOWAIT }, { 0, 1, 0 } };
	int id = make(2);

	EXPECT_ERRNO(semop(id, ops, 3), EAGAIN);
	EXPECT_EQ(value(id, 0), 0);
	set(id, 1, 1);
	EXPECT_OK(semop(id, ops, 3));
	EXPECT_EQ(value(id, 0), 2);
	EXPECT_EQ(value(id, 1), 0);
	drop(id);
}

struct waiter {
	int id, num, delta, err;
	pthread_t thread;
};

static void *wait_main(void *arg)
{
	struct waiter *w = arg;

	w->err = op(w->id, w->num, w->delta, 0) ? errno : 0;
	return NULL;
}

static void wait_start(struct waiter *w)
{
	EXPECT_EQ(pthread_create(&w->thread, NULL, wait_main, w), 0);
}

TEST(waits_and_is_let_go)
{
	int id = make(1);
	struct waiter a = { .id = id, .delta = -2 }, b = { .id = id, .delta = -1 };

	wait_start(&a);
	wait_for_sleepers(id, 0, GETNCNT, 1);
	wait_start(&b);
	wait_for_sleepers(id, 0, GETNCNT, 2);
	EXPECT_OK(op(id, 0, 1, 0));	/* enough for the second only */
	pthread_join(b.thread, NULL);
	EXPECT_EQ(b.err, 0);
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 1);
	set(id, 0, 3);
	pthread_join(a.thread, NULL);
	EXPECT_EQ(a.err, 0);
	EXPECT_EQ(value(id, 0), 1);
	drop(id);
}

TEST(waits_for_zero)
{
	int id = make(1);
	struct waiter a = { .id = id, .delta = 0 };

	set(id, 0, 1);
	wait_start(&a);
	wait_for_sleepers(id, 0, GETZCNT, 1);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	EXPECT_OK(op(id, 0, -1, 0));
	pthread_join(a.thread, NULL);
	EXPECT_EQ(a.err, 0);
	drop(id);
}

TEST(removal_ends_waits)
{
	int id = make(1);
	struct waiter a = { .id = id, .delta = -1 };

	wait_start(&a);
	wait_for_sleepers(id, 0, GETNCNT, 1);
	drop(id);
	pthread_join(a.thread, NULL);
	EXPECT_EQ(a.err, EIDRM);
}

TEST(timeout)
{
	struct timespec ts = { 0, 20000000 }, bad = { 0, 1000000000 };
	struct sembuf b = { 0, -1, 0 };
	int id = make(1);
	int64_t before = now_ns();

	EXPECT_ERRNO(semtimedop(id, &b, 1, &ts), EAGAIN);
	EXPECT_GE(now_ns() - before, 20000000);
	EXPECT_ERRNO(semtimedop(id, &b, 1, &bad), EINVAL);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	drop(id);
}

static void nothing(int sig)
{
	(void)sig;
}

TEST(interrupted)
{
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	struct itimerval it = { .it_value = { 0, 20000 } };
	int id = make(1);

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_ERRNO(op(id, 0, -1, 0), EINTR);
	drop(id);
}

ROLE(taker)
{
	int id = atoi(argv[0]);

	EXPECT_OK(op(id, 0, -2, SEM_UNDO));
	EXPECT_OK(op(id, 1, 3, SEM_UNDO));
	EXPECT_OK(op(id, 2, -1, 0));
	EXPECT_EQ(value(id, 0), 3);
	return 0;
}

TEST(undo_at_exit)
{
	int id = make(3);
	char num[16];

	for (int i = 0; i < 3; i++)
		set(id, i, 5);
	snprintf(num, sizeof(num), "%d", id);
	EXPECT_EXIT(spawn_self("taker", num), 0);
	EXPECT_EQ(value(id, 0), 5);
	EXPECT_EQ(value(id, 1), 5);
	EXPECT_EQ(value(id, 2), 4);
	drop(id);
}

ROLE(killed)
{
	int id = atoi(argv[0]);

	EXPECT_OK(op(id, 0, -1, SEM_UNDO));
	EXPECT_OK(op(id, 1, 1, 0));
	pause();
	return 0;
}

TEST(undo_lets_waiters_go)
{
	int id = make(2);
	char num[16];
	pid_t pid;

	set(id, 0, 1);
	snprintf(num, sizeof(num), "%d", id);
	pid = spawn_self("killed", num);
	EXPECT_OK(op(id, 1, -1, 0));
	kill(pid, SIGKILL);
	EXPECT_OK(op(id, 0, -1, 0));	/* what the dead one held */
	EXPECT_SIGNALED(pid, SIGKILL);
	drop(id);
}

TEST(set_value_forgets_debts)
{
	int id = make(3);
	char num[16];
	pid_t pid;

	set(id, 0, 1);
	snprintf(num, sizeof(num), "%d", id);
	pid = spawn_self("killed", num);
	EXPECT_OK(op(id, 1, -1, 0));
	set(id, 0, 0);
	kill(pid, SIGKILL);
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

TEST(refusals)
{
	struct sembuf ops[501] = { 0 }, far = { 5, 1, 0 };
	int id = make(2);

	EXPECT_ERRNO(semop(id, ops, 0), EINVAL);
	EXPECT_ERRNO(semop(-1, ops, 1), EINVAL);
	EXPECT_ERRNO(semop(id, ops, 501), E2BIG);
	EXPECT_ERRNO(semop(id, &far, 1), EFBIG);
	EXPECT_ERRNO(semop(id, bad_ptr(), 1), EFAULT);
	set(id, 0, 32767);
	EXPECT_ERRNO(op(id, 0, 1, 0), ERANGE);
	EXPECT_ERRNO(semctl(id, 0, SETVAL, (union semun){ .val = 32768 }), ERANGE);
	EXPECT_ERRNO(semctl(id, 0, SETVAL, (union semun){ .val = -1 }), ERANGE);
	EXPECT_ERRNO(semctl(id, 2, GETVAL), EINVAL);
	EXPECT_ERRNO(semctl(id, -1, GETVAL), EINVAL);
	EXPECT_ERRNO(semctl(id, 0, 77), EINVAL);
	EXPECT_ERRNO(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	EXPECT_ERRNO(semget(IPC_PRIVATE, -1, 0600), EINVAL);
	EXPECT_ERRNO(semget(IPC_PRIVATE, 32001, 0600), EINVAL);
	EXPECT_ERRNO(semctl(id, 0, GETALL, (union semun){ .array = bad_ptr() }), EFAULT);
	drop(id);
}

TEST(keys)
{
	key_t key = 0x52000000 + (getpid() & 0xffffff);
	int id = EXPECT_OK(semget(key, 4, IPC_CREAT | IPC_EXCL | 0600));

	EXPECT_EQ(EXPECT_OK(semget(key, 4, 0)), id);
	EXPECT_EQ(EXPECT_OK(semget(key, 0, 0)), id);
	EXPECT_ERRNO(semget(key, 5, 0), EINVAL);
	EXPECT_ERRNO(semget(key, 4, IPC_CREAT | IPC_EXCL), EEXIST);
	drop(id);
	EXPECT_ERRNO(semget(key, 4, 0), ENOENT);
}

TEST(status)
{
	struct semid_ds ds, other;
	struct seminfo info;
	int id = make(7), max;
	bool seen = false;

	EXPECT_OK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT_EQ(ds.sem_nsems, 7);
	EXPECT_EQ(ds.sem_otime, 0);
	EXPECT_GT(ds.sem_ctime, 0);
	EXPECT_EQ(ds.sem_perm.mode, 0600);
	EXPECT_OK(op(id, 0, 1, 0));
	ds.sem_perm.mode = 0644;
	EXPECT_OK(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }));
	EXPECT_OK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT_EQ(ds.sem_perm.mode, 0644);
	EXPECT_GT(ds.sem_otime, 0);
	EXPECT_OK(semctl(0, 0, IPC_INFO, (union semun){ .info = &info }));
	EXPECT_EQ(info.semvmx, 32767);
	EXPECT_EQ(info.semopm, 500);
	max = EXPECT_OK(semctl(0, 0, SEM_INFO, (union semun){ .info = &info }));
	EXPECT_GE(info.semusz, 1);
	EXPECT_GE(info.semaem, 7);
	for (int i = 0; i <= max; i++)
		seen |= semctl(i, 0, SEM_STAT, (union semun){ .buf = &other }) == id;
	EXPECT(seen);
	drop(id);
}

TEST(permission)
{
	int id;

	if (geteuid())
		SKIP("needs root");
	id = EXPECT_OK(semget(IPC_PRIVATE, 1, 0644));
	EXPECT_OK(seteuid(65534));
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_OK(op(id, 0, 0, IPC_NOWAIT));
	EXPECT_ERRNO(op(id, 0, 1, 0), EACCES);
	EXPECT_ERRNO(semctl(id, 0, SETVAL, (union semun){ .val = 1 }), EACCES);
	EXPECT_ERRNO(semctl(id, 0, IPC_RMID), EPERM);
	EXPECT_OK(seteuid(0));
	drop(id);
}
