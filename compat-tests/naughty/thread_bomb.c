/* Threads without end: hundreds at once, sizes of stacks that cannot be, RLIMIT_NPROC. */
#include "naughty.h"
#include <grp.h>

enum { SOME_USER = 54322 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_gate(void *count)
{
	pthread_mutex_lock(&gate);
	++*(int *)count;
	pthread_mutex_unlock(&gate);
	return NULL;
}

ROLE(hundreds)
{
	enum { N = 400 };
	pthread_attr_t attr;
	pthread_t t[N];
	int count = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_mutex_lock(&gate);
	for (int i = 0; i < N; i++)
		EXPECT_EQ(pthread_create(&t[i], &attr, wait_for_gate, &count), 0);
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < N; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	EXPECT_EQ(count, N);
	return 0;
}

TEST(hundreds_at_once)
{
	EXPECT_EXIT(spawn_self("hundreds"), 0);
	expect_alive();
}

ROLE(limited)
{
	struct rlimit l = { 20, 20 };
	pthread_t t[64];
	int n = 0, count = 0, err = 0;

	if (!getuid()) {
		EXPECT_OK(setgroups(0, NULL));
		EXPECT_OK(setresgid(SOME_USER, SOME_USER, SOME_USER));
		EXPECT_OK(setresuid(SOME_USER, SOME_USER, SOME_USER));
	}
	EXPECT_OK(setrlimit(RLIMIT_NPROC, &l));
	pthread_mutex_lock(&gate);
	while (n < 64 && !(err = pthread_create(&t[n], NULL, wait_for_gate, &count)))
		n++;
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	EXPECT_EQ(err, EAGAIN);
	EXPECT_LT(n, 20);
	EXPECT_EQ(count, n);
	return 0;
}

TEST(stopped_by_the_limit)
{
	EXPECT_EXIT(spawn_self("limited"), 0);
}

TEST(impossible_stacks)
{
	pthread_attr_t attr;
	pthread_t t;
	int count = 0, err;

	pthread_attr_init(&attr);
	EXPECT_EQ(pthread_attr_setstacksize(&attr, 1ul << 46), 0);
	err = pthread_create(&t, &attr, wait_for_gate, &count);
	EXPECT(err == EAGAIN || err == ENOMEM);
}

static void *die(void *arg)
{
	(void)arg;
	_exit(21);
}

/* exit_group takes all the others away, whatever they do. */
ROLE(exit_among_many)
{
	pthread_t t;
	int count = 0;

	pthread_mutex_lock(&gate);
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(pthread_create(&t, NULL, i == 99 ? die : wait_for_gate, &count), 0);
	pause();
	return 0;
}

TEST(exit_takes_all)
{
	for (int i = 0; i < 5; i++)
		EXPECT_EXIT(spawn_self("exit_among_many"), 21);
	expect_alive();
}

ROLE(wild_clone)
{
	long r = syscall(SYS_clone, strtoul(argv[0], NULL, 0), wild[5], wild[5], wild[5], wild[5]);

	return r == -1 && errno == EINVAL ? 0 : 1;
}

TEST(impossible_clone_flags)
{
	/* CLONE_THREAD without SIGHAND, SIGHAND without VM, FS with NEWNS */
	EXPECT_EXIT(spawn_self("wild_clone", "0x10000"), 0);
	EXPECT_EXIT(spawn_self("wild_clone", "0x800"), 0);
	EXPECT_EXIT(spawn_self("wild_clone", "0x20200"), 0);
}
